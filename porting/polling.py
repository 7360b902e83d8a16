"""When an order is asked about next: often near its date, seldom otherwise, never all at once."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.utils import timezone

if TYPE_CHECKING:
    from porting.models import PortOrder

# Minutes between two looks, by state. Each is spread by a quarter, so that orders drift apart.
_MINUTES: Final[dict[str, int]] = {
    "submitted": 120,
    "pending_documents": 240,
    "with_losing_carrier": 240,
    "exception": 720,
    "supplement_sent": 240,
    "activating": 15,
    "partially_completed": 60,
    "cancel_requested": 120,
}
_FAR, _NEAR, _ON_THE_DAY = 1440, 240, 20
_SPREAD: Final = 0.25


def next_poll(order: PortOrder, now: datetime) -> datetime | None:
    """Return when an order is to be asked about next; None where nobody need ask."""
    minutes = _minutes(order, now)
    if minutes is None:
        return None
    spread = random.uniform(1 - _SPREAD, 1 + _SPREAD)  # noqa: S311
    return now + timedelta(minutes=minutes * spread)


def _minutes(order: PortOrder, now: datetime) -> int | None:
    if order.state == "ready" and order.is_manual:
        return 240  # entered by hand: it turns up in the provider's list some day
    if order.state != "foc_set":
        return _MINUTES.get(order.state)
    if order.foc_date is None:
        return _NEAR
    days = (order.foc_date - timezone.localdate(now)).days
    if days <= 0:
        return _ON_THE_DAY
    return _NEAR if days <= 2 else _FAR
