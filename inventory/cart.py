"""What the cart's page shows: each line with its hold, its price and what can be done."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from inventory.models import CartLine
from inventory.operations.recheck import RecheckOffers
from inventory.results import similar_url
from portal import providers
from portal.access import Request
from portal.listing import Sort, paginate
from portal.models import JobItem, ProviderAccount, User

SORTS: Final = [Sort(name="account", label="Provider", column="account_id")]


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
    """Lines at one provider account, `count` on all pages; `no_holds` says why it holds nothing."""

    account: ProviderAccount
    rows: list[Row]
    no_holds: str
    count: int


def lines_of(user: User) -> QuerySet[CartLine]:
    """Return the lines of a user's cart."""
    return CartLine.objects.visible_to(user)


def rows(lines: Sequence[CartLine]) -> list[Row]:
    """Return lines as they are shown; they come with their accounts."""
    items = _asked().filter(target__in=[line.tn for line in lines]).select_related("job")
    open_items = {item.target: item for item in items} if lines else {}
    no_holds = {line.account.slug: _why_no_holds(line.account.slug) for line in lines}
    return [_row(line, open_items.get(line.tn), no_holds[line.account.slug]) for line in lines]


def holdable(user: User) -> QuerySet[CartLine]:
    """Return the lines that are not held and could be."""
    return lines_of(user).filter(_can_be_held())


def _can_be_held() -> Q:
    held, requested = Q(hold=CartLine.Hold.ACTIVE), Q(hold=CartLine.Hold.REQUESTED)
    is_held = held & (Q(expires_at=None) | Q(expires_at__gt=timezone.now()))
    able = Q(account__slug__in=providers.offering("number_reservation"))
    return able & ~is_held & ~(requested & _is_asked_about())


def _is_asked_about() -> Q:
    return Q(Exists(_asked().filter(target=OuterRef("tn"))))


def accounts(user: User) -> list[ProviderAccount]:
    """Return the accounts that the cart's lines belong to."""
    held = lines_of(user).order_by().values("account")
    return list(ProviderAccount.objects.filter(pk__in=held).order_by("pk"))


def _asked() -> QuerySet[JobItem]:
    """Return the rows of jobs that hold a number's lock, or ask about it, right now."""
    asked = Q(is_lock=True) | Q(job__kind=RecheckOffers.kind)
    return JobItem.objects.filter(asked, status__in=JobItem.OPEN)


def _why_no_holds(slug: str) -> str:
    return providers.why_not(slug, "number_reservation")


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


def context(request: Request) -> dict[str, Any]:
    """Return what the cart's live fragment shows: the page of its lines that the address asks for."""
    lines = lines_of(request.user)
    page = paginate(request, lines.select_related("account"), SORTS)
    shown = rows(page.rows)
    tallies = list(
        lines.order_by("account", "hold")
        .values("account", "hold")
        .annotate(
            n=Count("pk"),
            holdable=Count("pk", filter=_can_be_held()),
            asked=Count("pk", filter=_is_asked_about()),
        )
    )
    counts = Counter[int]()
    for tally in tallies:
        counts[tally["account"]] += tally["n"]
    mark = repr(([(row.line.pk, row.hold, row.until, row.note) for row in shown], tallies))
    return {
        "groups": _groups(shown, counts),
        "page": page,
        "query": request.GET.urlencode(),
        "count": counts.total(),
        "holdable": sum(tally["holdable"] for tally in tallies),
        "is_asking": any(tally["asked"] for tally in tallies),
        "version": f"{zlib.crc32(mark.encode()):x}",
    }


def _groups(shown: Sequence[Row], counts: Counter[int]) -> list[Group]:
    """Return the rows of a page, a group per provider account."""
    by_account: dict[ProviderAccount, list[Row]] = {}
    for row in shown:
        by_account.setdefault(row.line.account, []).append(row)
    return [
        Group(
            account=account,
            rows=members,
            no_holds=_why_no_holds(account.slug),
            count=max(counts[account.pk], len(members)),
        )
        for account, members in by_account.items()
    ]
