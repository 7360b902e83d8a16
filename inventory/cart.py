"""What the cart's page shows: each line with its hold, its price and what can be done."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from inventory.models import CartLine
from inventory.operations.recheck import RecheckOffers
from inventory.results import similar_url
from portal import providers
from portal.models import JobItem, ProviderAccount, User


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the cart as it is shown; `until` is set while a hold with an end runs."""

    line: CartLine
    hold: str
    note: str = ""
    until: datetime | None = None
    job_id: int | None = None
    can_hold: bool = False
    can_check: bool = False  # whether it is still for sale, where nothing is held
    similar: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """The lines at one provider account; `no_holds` says why it holds nothing."""

    account: ProviderAccount
    rows: list[Row]
    no_holds: str


def groups(user: User) -> list[Group]:
    """Return a user's cart, a group per provider account."""
    lines = list(CartLine.objects.visible_to(user).select_related("account"))
    asked = Q(is_lock=True) | Q(job__kind=RecheckOffers.kind)
    items = JobItem.objects.filter(
        asked, target__in=[line.tn for line in lines], status__in=JobItem.OPEN
    ).select_related("job")
    open_items = {item.target: item for item in items} if lines else {}
    by_account: dict[ProviderAccount, list[CartLine]] = {}
    for line in lines:
        by_account.setdefault(line.account, []).append(line)
    return [
        Group(
            account=account,
            no_holds=(reason := providers.why_not(account.slug, "number_reservation")),
            rows=[_row(line, open_items.get(line.tn), reason) for line in members],
        )
        for account, members in by_account.items()
    ]


def _row(line: CartLine, item: JobItem | None, no_holds: str) -> Row:
    holds = CartLine.Hold
    if line.is_held:
        return Row(line=line, hold=holds.ACTIVE, until=line.expires_at, note=line.hold_note)
    if line.hold == holds.REQUESTED and item is not None:
        if item.status == JobItem.Status.UNKNOWN:
            note = (
                "It was asked for and no answer came. Nothing is sent again until the provider "
                "says what it has."
            )
            return Row(line=line, hold=holds.UNKNOWN, note=note, job_id=item.job_id)
        return Row(line=line, hold=holds.REQUESTED, job_id=item.job_id)
    can_check = bool(no_holds) and providers.offers(line.account.slug, RecheckOffers.capability)
    if item is not None and item.job.kind == RecheckOffers.kind:
        note = "The provider is asked whether it is still for sale."
        return Row(line=line, hold=holds.SOFT, note=note, job_id=item.job_id)
    if line.hold == holds.SOFT:
        note = line.hold_note or no_holds or "Nobody has asked the provider to hold it yet."
        return Row(
            line=line, hold=holds.SOFT, note=note, can_hold=not no_holds, can_check=can_check
        )
    hold = holds.EXPIRED if line.hold in {holds.ACTIVE, holds.EXPIRED} else holds.FAILED
    note = line.hold_note or (
        "The provider may sell it to somebody else now."
        if hold == holds.EXPIRED
        else "The provider was asked and does not hold it."
    )
    similar = similar_url(line.tn, line.facts)
    return Row(
        line=line,
        hold=hold,
        note=note,
        can_hold=not no_holds,
        can_check=can_check,
        similar=similar,
    )


def context(user: User) -> dict[str, Any]:
    """Return what the cart's live fragment shows."""
    found = groups(user)
    rows = [row for group in found for row in group.rows]
    shown = [(row.line.pk, row.hold, row.until, row.note) for row in rows]
    return {
        "groups": found,
        "count": len(rows),
        "holdable": sum(row.can_hold for row in rows),
        "is_asking": any(row.job_id for row in rows),
        "version": f"{zlib.crc32(repr(shown).encode()):x}",
    }


def accounts_of(found: Sequence[Group]) -> list[ProviderAccount]:
    """Return the accounts that the cart's lines belong to."""
    return [group.account for group in found]
