"""What the page of one number shows; what customers must not see is not even looked up."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import Http404
from django.urls import reverse

from inventory import feature_panels, features, lifecycle_page, lookup_page
from inventory.drift.drawn import of_number
from inventory.models import CarrierNumber, Lookup, TelephoneNumber
from inventory.operations.reading import ReadFeatures
from inventory.operations.release import against
from inventory.operations.sync import RefreshTN
from inventory.timeline import WAITING, job_items, timeline
from portal import panels, providers, ticket_page
from portal.access import get_visible_or_404
from portal.models import Exchange, JobItem, SupportTicket, User
from portal.tn import TN, InvalidTN

EVENTS_SHOWN = 30
EVENTS_KEPT = 500  # of "all": more would be no page any more
CALLS_SHOWN = 100
LOOKS = (ReadFeatures.kind, RefreshTN.kind)
YES_NO = {"true": "Yes", "false": "No", "True": "Yes", "False": "No"}


def find(text: str, user: User) -> TelephoneNumber:
    """Return the number that a text means in any spelling, and whether there is more to ask for.

    That is `has_lookups` and `has_tickets`: most have none, and are not asked. Raises Http404 where
    it means none, or none that the user may see.
    """
    try:
        value = TN.parse(text)
    except InvalidTN as error:
        raise Http404(str(error)) from error
    this = OuterRef("tn")
    known = TelephoneNumber.objects.select_related("account", "customer", "last_customer").annotate(
        has_lookups=Exists(Lookup.objects.filter(tn=this)),
        has_tickets=Exists(SupportTicket.objects.filter(tn=this, missing_since=None)),
    )
    return get_visible_or_404(known, user, tn=value)


def context(number: TelephoneNumber, user: User, *, all_events: bool = False) -> dict[str, Any]:
    """Return what the number's page shows to this user."""
    limit = EVENTS_KEPT if all_events else EVENTS_SHOWN
    items = job_items(number, user, limit=limit + 1)
    events = timeline(number, user, items, limit=limit + 1)
    mirror = mirror_of(number)
    # Staff see all jobs, and those that wait come first: else somebody else’s may hold it.
    found = _waiting_among(items) if user.is_staff_role else open_item(number)
    shown: dict[str, Any] = {
        "number": number,
        "timeline": events[:limit],
        "timeline_is_cut": len(events) > limit,
        "care": lifecycle_page.panel(number, user),
        "domain_panels": [
            drawn for panel in panels.number_panels if (drawn := panel(number, user))
        ],
        "can_refresh": user.has_perm("inventory.refresh_telephonenumber"),
        **waiting(number, found, user, all_events=all_events),
    }
    if user.is_staff_role:
        is_locked = found is not None and found.is_lock
        shown |= _for_staff(number, mirror, user) | {
            "failed_look": _failed_look(number, items),
            "features": feature_panels.shown(number, mirror, user, is_locked=is_locked),
        }
    else:
        shown["values"] = feature_panels.for_customer(mirror)
    return shown


def mirror_of(number: TelephoneNumber) -> CarrierNumber | None:
    """Return what the number's provider account says of it, None where it never said anything."""
    mirror = CarrierNumber.objects.filter(account=number.account_id, tn=number.tn).first()
    if mirror is not None:
        mirror.account = number.account
    return mirror


def _waiting_among(items: list[JobItem]) -> JobItem | None:
    """Return what `open_item` does, from all rows about the number, those that wait first."""
    first: Any = items[0] if items else None
    return first if first is not None and first.is_waiting else None


def _failed_look(number: TelephoneNumber, items: list[JobItem]) -> JobItem | None:
    """Return the last look at the provider, where it failed: what stands here is older."""
    newest = max(items, key=lambda item: item.pk, default=None)
    if newest is None or newest.job.kind not in LOOKS or newest.status != JobItem.Status.REFUSED:
        return None
    is_over = number.synced_at is not None and number.synced_at > newest.updated_at
    return None if is_over else newest


def waiting(
    number: TelephoneNumber, item: JobItem | None, user: User, *, all_events: bool = False
) -> dict[str, Any]:
    """Return what is shown of an open job about the number, None where there is none."""
    return {
        "number": number,
        "open_item": item,
        "version": version(number, item),
        "can_change": user.has_perm("inventory.change_telephonenumber"),
        "can_hurry": user.has_perm("portal.change_job"),
        "all_events": all_events,
    }


def version(number: TelephoneNumber, item: JobItem | None) -> str:
    """Return what changes with what the page shows while a job about the number is open."""
    if item is None:
        return ""
    job = item.job
    return f"{item.pk}-{item.status}-{job.status}-{number.updated_at.timestamp():.6f}"


def open_item(number: TelephoneNumber) -> JobItem | None:
    """Return the newest row of a job about this number that is not settled, or not filed yet."""
    items = JobItem.objects.filter(WAITING, target=number.tn)
    return items.select_related("job__account", "job__actor").order_by("-id").first()


def _for_staff(number: TelephoneNumber, mirror: CarrierNumber | None, user: User) -> dict[str, Any]:
    is_known: Any = number  # with what `find` tells of it
    # What differs is in another state than “in sync”: `inventory.drift.compare` sees to that.
    differs = number.sync_state != TelephoneNumber.Sync.IN_SYNC
    return {
        "mirror": mirror,
        "details": _details(mirror),
        "lookups": lookup_page.of_number(number, user, is_known=is_known.has_lookups),
        "tickets": ticket_page.of_number(number.tn, user) if is_known.has_tickets else [],
        "release": _giving_back(number),
        "can_release": user.has_perm("inventory.release_telephonenumber"),
        "can_write_ticket": user.has_perm("portal.change_ticket")
        and providers.offers(number.account.slug, "support_tickets"),
        **(of_number(number, user) if differs else {}),
    }


def _giving_back(number: TelephoneNumber) -> dict[str, str]:
    """Return where a number is given back, or why it cannot be; nothing for one abroad."""
    if found := against(number, is_running=False):
        return {"why": " ".join(("It", *found))}
    if not number.value.is_nanp:
        return {"why": "A number abroad is given back in its country."}
    return {"url": f"{reverse('inventory:tn-release')}?{urlencode({'tn': number.tn})}"}


def calls(number: TelephoneNumber) -> QuerySet[Exchange]:
    """Return the last calls on the wire about a number, newest first."""
    is_of_part = Q(slice=F("job__items__slice")) | Q(slice=None)
    found = Exchange.objects.filter(is_of_part, job__items__target=number.tn).distinct()
    return found.defer("request_body", "reply_body", "request_headers").order_by("-id")[
        :CALLS_SHOWN
    ]


def _details(mirror: CarrierNumber | None) -> list[tuple[str, str]]:
    """Return everything else that the provider told, by its own names."""
    if mirror is None:
        return []
    other = {name: value for name, value in mirror.values.items() if name not in features.FEATURES}
    found = sorted((other | mirror.details).items(), key=lambda pair: pair[0].lower())
    return [(name, YES_NO.get(str(value), str(value))) for name, value in found if value != ""]
