"""The monthly report of disconnected numbers to the Reassigned Numbers Database.

Reported are geographic numbers whose subscriber lost them for good in the period: neither restored
to him, nor moved with him, nor ported out. Toll-free numbers are reported by their administrator.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from inventory.models import Assignment
from portal.tn import TOLL_FREE_NPAS

HEAD = ("company_id", "number", "disconnect_date")
CLOSING_DAY = 10  # a report tells of everything through the tenth, and is due by the fifteenth


def usual_period(day: date) -> tuple[date, date]:
    """Return the newest whole period before a day: from the eleventh through the tenth."""
    end = day.replace(day=CLOSING_DAY)
    if day <= end:
        end = (day.replace(day=1) - timedelta(days=1)).replace(day=CLOSING_DAY)
    start = (end.replace(day=1) - timedelta(days=1)).replace(day=CLOSING_DAY + 1)
    return start, end


def disconnects(start: date, end: date) -> QuerySet[Assignment]:
    """Return the times with a number that ended for good from `start` through `end`, by number.

    Days are those of the site's time zone.
    """
    zone = timezone.get_default_timezone()
    first = datetime.combine(start, time.min, zone)
    beyond = datetime.combine(end + timedelta(days=1), time.min, zone)
    ended = Assignment.objects.filter(is_disconnect=True, until__gte=first, until__lt=beyond)
    geographic = ended.filter(number__npa__isnull=False).exclude(number__npa__in=TOLL_FREE_NPAS)
    return geographic.order_by("number__tn", "until")


def lines(rows: QuerySet[Assignment], company_id: str) -> Iterator[tuple[str, str, str]]:
    """Yield the lines of the file: our id, ten digits, the day."""
    zone = timezone.get_default_timezone()
    for tn, until in rows.values_list("number__tn", "until").iterator(chunk_size=5000):
        yield company_id, tn.removeprefix("+1"), timezone.localdate(until, zone).isoformat()
