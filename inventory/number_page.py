"""What the page of one number shows; what customers must not see is not even looked up."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse

from inventory import feature_panels, features, lifecycle_page, lookup_page
from inventory.drift.shown import of_number
from inventory.models import CarrierNumber, TelephoneNumber
from inventory.operations.reading import ReadFeatures
from inventory.operations.sync import RefreshTN
from inventory.timeline import job_items, timeline
from portal import panels, ticket_page
from portal.models import Exchange, Job, JobItem, User

EVENTS_SHOWN = 30
EVENTS_KEPT = 500  # of "all": more would be no page any more
CALLS_SHOWN = 5
LOOKS = (ReadFeatures.kind, RefreshTN.kind)
YES_NO = {"true": "Yes", "false": "No", "True": "Yes", "False": "No"}


def context(number: TelephoneNumber, user: User, *, all_events: bool = False) -> dict[str, Any]:
    """Return what the number's page shows to this user."""
    limit = EVENTS_KEPT if all_events else EVENTS_SHOWN
    items = job_items(number, user, limit=limit + 1)
    events = timeline(number, user, items, limit=limit + 1)
    mirror = mirror_of(number)
    is_all = user.is_staff_role and len(items) <= limit
    open_item = _open_among(items) if is_all else _open_item(number)
    shown: dict[str, Any] = {
        "number": number,
        "open_item": open_item,
        "timeline": events[:limit],
        "timeline_is_cut": len(events) > limit,
        "care": lifecycle_page.panel(number, user),
        "domain_panels": [
            drawn for panel in panels.number_panels if (drawn := panel(number, user))
        ],
        "can_change": user.has_perm("inventory.change_telephonenumber"),
        "can_refresh": user.has_perm("inventory.refresh_telephonenumber"),
        "can_release": user.has_perm("inventory.release_telephonenumber"),
        "release_url": f"{reverse('inventory:tn-release')}?tn={number.tn.replace('+', '%2B')}",
    }
    if user.is_staff_role:
        shown |= _for_staff(number, mirror) | of_number(number, user)
        shown["failed_look"] = _failed_look(number, items)
        shown["lookups"] = lookup_page.of_number(number, user)
        is_locked = open_item is not None and open_item.is_lock
        shown["panels"], shown["lacking"] = feature_panels.panels(
            number, mirror, user, is_locked=is_locked
        )
        shown["tickets"] = ticket_page.of_number(number.tn, user)
        shown["can_write_ticket"] = user.has_perm("portal.change_ticket")
    else:
        shown["values"] = feature_panels.for_customer(mirror)
    return shown


def mirror_of(number: TelephoneNumber) -> CarrierNumber | None:
    """Return what the number's provider account says of it, None where it never said anything."""
    mirror = CarrierNumber.objects.filter(account=number.account_id, tn=number.tn).first()
    if mirror is not None:
        mirror.account = number.account
    return mirror


def _open_among(items: list[JobItem]) -> JobItem | None:
    """Return what `_open_item` does, where the newest rows are all that there are."""
    for item in items:
        if item.is_open or (not item.is_applied and item.job.is_open):
            return item
    return None


def _failed_look(number: TelephoneNumber, items: list[JobItem]) -> JobItem | None:
    """Return the last look at the provider, where it failed: what stands here is older."""
    newest = items[0] if items else None
    if newest is None or newest.job.kind not in LOOKS or newest.status != JobItem.Status.REFUSED:
        return None
    is_over = number.synced_at is not None and number.synced_at > newest.updated_at
    return None if is_over else newest


def _open_item(number: TelephoneNumber) -> JobItem | None:
    """Return the newest row of a job about this number that is not settled, or not filed yet."""
    is_unfiled = Q(is_applied=False, job__status__in=Job.OPEN)
    items = JobItem.objects.filter(Q(status__in=JobItem.OPEN) | is_unfiled, target=number.tn)
    return items.select_related("job__account", "job__actor").order_by("-id").first()


def _for_staff(number: TelephoneNumber, mirror: CarrierNumber | None) -> dict[str, Any]:
    exchanges = Exchange.objects.filter(job__items__target=number.tn)
    return {
        "mirror": mirror,
        "details": _details(mirror),
        "exchanges": exchanges.defer("request_body", "reply_body", "request_headers").order_by(
            "-id"
        )[:CALLS_SHOWN],
    }


def _details(mirror: CarrierNumber | None) -> list[tuple[str, str]]:
    """Return everything else that the provider told, by its own names."""
    if mirror is None:
        return []
    other = {name: value for name, value in mirror.values.items() if name not in features.FEATURES}
    found = sorted((other | mirror.details).items(), key=lambda pair: pair[0].lower())
    return [(name, YES_NO.get(str(value), str(value))) for name, value in found if value != ""]
