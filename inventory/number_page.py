"""What the page of one number shows; what customers must not see is not even looked up."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from inventory.models import CarrierNumber, Route, TelephoneNumber
from inventory.timeline import timeline
from portal.models import Exchange, JobItem, User

EVENTS_SHOWN = 30
EVENTS_KEPT = 500  # of "all": more would be no page any more
CALLS_SHOWN = 5
VALUE_LABELS = {
    "forward_to": "Forward",
    "failover_to": "Failover",
    "translated_to": "Translation",
    "cnam_name": "Caller name at carrier",
    "inbound_cnam": "Inbound caller-name lookup",
    "fax_email": "Fax to e-mail",
    "sms_enabled": "SMS",
}
YES_NO = {"true": "Yes", "false": "No", "True": "Yes", "False": "No"}


def context(number: TelephoneNumber, user: User, *, all_events: bool = False) -> dict[str, Any]:
    """Return what the number's page shows to this user."""
    limit = EVENTS_KEPT if all_events else EVENTS_SHOWN
    events = timeline(number, user, limit=limit + 1)
    mirror = CarrierNumber.objects.filter(account=number.account_id, tn=number.tn).first()
    shown: dict[str, Any] = {
        "number": number,
        "open_item": _open_item(number),
        "timeline": events[:limit],
        "timeline_is_cut": len(events) > limit,
        "values": _values(mirror),
        "can_change": user.has_perm("inventory.change_telephonenumber"),
        "can_refresh": user.has_perm("inventory.refresh_telephonenumber"),
        "can_release": user.has_perm("inventory.release_telephonenumber"),
        "release_url": f"{reverse('inventory:tn-release')}?tn={number.tn.replace('+', '%2B')}",
    }
    if user.is_staff_role:
        shown |= _for_staff(number, mirror)
    return shown


def _open_item(number: TelephoneNumber) -> JobItem | None:
    """Return the newest row of a job about this number that has no outcome yet."""
    items = JobItem.objects.filter(target=number.tn, status__in=JobItem.OPEN)
    return items.select_related("job__account", "job__actor").order_by("-id").first()


def _for_staff(number: TelephoneNumber, mirror: CarrierNumber | None) -> dict[str, Any]:
    routes = Route.objects.filter(account=number.account_id)
    exchanges = Exchange.objects.filter(job__items__target=number.tn)
    return {
        "mirror": mirror,
        "details": _details(mirror),
        "route": routes.filter(provider_ref=mirror.route_ref).first()
        if mirror and mirror.route_ref
        else None,
        "exchanges": exchanges.defer("request_body", "reply_body", "request_headers").order_by(
            "-id"
        )[:CALLS_SHOWN],
    }


def _details(mirror: CarrierNumber | None) -> list[tuple[str, str]]:
    """Return everything else that the provider told, by its own names."""
    if mirror is None:
        return []
    found = sorted(mirror.details.items(), key=lambda pair: pair[0].lower())
    return [(name, YES_NO.get(str(value), str(value))) for name, value in found if value != ""]


def _values(mirror: CarrierNumber | None) -> list[tuple[str, str]]:
    """Return the feature values that the provider told of, with their labels."""
    if mirror is None:
        return []
    return [
        (
            VALUE_LABELS.get(name, name.replace("_", " ").capitalize()),
            YES_NO.get(str(value), str(value)) or "None",
        )
        for name, value in sorted(mirror.values.items())
    ]
