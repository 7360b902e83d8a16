"""What time does to orders: reminders of the customer, orders that lapse, drafts that nobody touches."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal import audit
from porting.models import PortOrder
from porting.models.moves import CUSTOMER
from porting.services import documents, mails
from porting.services.moving import move
from porting.services.notes import record_event

REMIND_AFTER_DAYS: Final = (2, 5, 10)
_SILENT: Final = ("pending_documents", "exception")


def remind(now: datetime | None = None) -> int:
    """Write the reminders that are due to customers who must act; return how many."""
    now = now or timezone.now()
    waiting = PortOrder.objects.filter(
        who_must_act=CUSTOMER,
        state__in=["customer_input", "exception"],
        reminder_count__lt=len(REMIND_AFTER_DAYS),
        customer__isnull=False,
    )
    count = 0
    for pk in waiting.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            order = PortOrder.objects.select_for_update(of=("self",)).get(pk=pk)
            due = order.state_since + timedelta(days=_days(order.reminder_count))
            if order.who_must_act != CUSTOMER or due > now:
                continue
            # After a pause of the schedule the customer gets one mail, not all that were missed.
            while due <= now and order.reminder_count < len(REMIND_AFTER_DAYS):
                order.reminder_count += 1
                due = order.state_since + timedelta(days=_days(order.reminder_count))
            order.save(update_fields=["reminder_count"])
            mails.tell(order, "reminder", actor=None)
            record_event(order, source="system", text="The customer was reminded.")
            count += 1
    return count


def _days(count: int) -> int:
    return REMIND_AFTER_DAYS[count] if count < len(REMIND_AFTER_DAYS) else 10_000


def expire(now: datetime | None = None) -> int:
    """Let orders lapse that waited too long for papers or a correction; return how many.

    Providers close them after about two weeks of silence.
    """
    limit = (now or timezone.now()) - timedelta(days=settings.PORT_SILENCE_DAYS)
    silent = PortOrder.objects.filter(state__in=_SILENT, state_since__lt=limit)
    pks = list(silent.order_by("pk").values_list("pk", flat=True))
    for pk in pks:
        order = PortOrder.objects.get(pk=pk)
        if order.state in _SILENT and order.state_since < limit:
            days = settings.PORT_SILENCE_DAYS
            move(order, "expired", actor=None, reason=f"Nobody acted for {days} days.")
    return len(pks)


def forget_drafts(now: datetime | None = None) -> int:
    """Delete drafts that nobody touched for long, with their documents; return how many."""
    limit = (now or timezone.now()) - timedelta(days=settings.PORT_DRAFT_KEEP_DAYS)
    stale = PortOrder.objects.filter(state="draft", updated_at__lt=limit)
    count = 0
    for pk in list(stale.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            order = PortOrder.objects.select_for_update().filter(pk=pk, state="draft").first()
            if order is None or order.updated_at >= limit:
                continue
            facts = {"numbers": order.number_count, "customer": str(order.customer or "")}
            audit.record(None, "porting.port.draft_forgotten", order, before=facts)
            stored = list(order.documents.values_list("stored_as", flat=True))
            order.delete()
            transaction.on_commit(partial(documents.forget_files, stored))
            count += 1
    return count
