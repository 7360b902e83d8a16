"""What the inventory shows on Home: figures, what waits for somebody, and pictures of the whole.

Counting a million numbers takes longer than a page may; the figures are a minute old at most, the
pictures two.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, F
from django.urls import reverse
from django.utils import timezone

from inventory import pictures, thresholds
from inventory.figures import FIGURE_SECONDS, by_account, forget, kept
from inventory.models import CartLine, Finding, TelephoneNumber
from inventory.results import form_url
from portal.brake import TooMuchWouldChange
from portal.models import Job, ProviderAccount, User
from portal.panels import Plot, Task, Tile

PICTURE_SECONDS = 120
HOLD_WARNING = timedelta(minutes=10)
TILE_STATES = ("in_service", "stock", "held", "aging", "purchasing", "releasing")
TASK_CAP = 1000
LOW_NAMED = 5
_VALUE_NOTE = "Somebody changed it there. Put ours back, or take theirs over."
_MISSING_NOTE = "Two full lists in a row do not hold them."
_UNKNOWN_NOTE = "A sync found them. Take them into stock, or find out why they are there."
_TWICE_NOTE = "We hold them at one, and another lists them too. Move them here, or ask both."


def finding_counts() -> dict[str, int]:
    """Return how many differences are open, by kind."""

    def count() -> dict[str, int]:
        rows = Finding.objects.filter(status=Finding.Status.OPEN).order_by().values("kind")
        return {row["kind"]: row["n"] for row in rows.annotate(n=Count("pk"))}

    return kept("findings", FIGURE_SECONDS, count)


def unknown_count(account: ProviderAccount) -> int:
    """Return how many numbers an account lists that we do not, up to a little over the cap."""
    found = Finding.objects.filter(
        status=Finding.Status.OPEN, kind=Finding.Kind.UNKNOWN_HERE, account=account
    )
    return found[: TASK_CAP + 1].count()


def forget_findings() -> None:
    """Have the counts made afresh: differences were just repaired."""
    forget("findings")


def tiles(user: User) -> Iterator[Tile]:
    """Yield the figures of Home."""
    counts = _counts_by_state(user)
    labels = dict(TelephoneNumber.State.choices)
    base = reverse("inventory:tn-list")
    total = sum(n for state, n in counts.items() if state not in TelephoneNumber.GONE)
    yield Tile(label="Numbers", value=f"{total:,}", url=base)
    for state in TILE_STATES:
        if counts.get(state) or (user.is_staff_role and state in {"in_service", "stock"}):
            yield Tile(
                label=labels[state],
                value=f"{counts.get(state, 0):,}",
                url=f"{base}?state={state}",
            )


def tasks(user: User) -> Iterator[Task]:
    """Yield what waits: holds running out, and what differs between the providers and us."""
    if not user.is_staff_role:
        return
    soon = timezone.now() + HOLD_WARNING
    ending = CartLine.objects.visible_to(user).filter(hold="active", expires_at__lte=soon).count()
    if ending:
        yield Task(
            title=f"{ending} hold{_s(ending)} in your cart run{_s(ending, 's', '')} out soon",
            note="Order now, or the provider may sell to somebody else.",
            url=reverse("inventory:cart"),
            action="Open the cart",
            weight=5,
        )
    if user.has_perm("inventory.view_finding"):
        yield from _stopped_syncs()
        yield from _drift_tasks()
    yield from _low_stock(user)


def _low_stock(user: User) -> Iterator[Task]:
    """Yield the area codes that have fewer numbers in stock than their threshold."""
    low = thresholds.low()
    can_buy = user.has_perm("inventory.search_stock")
    for level in low[:LOW_NAMED]:
        listed = f"{reverse('inventory:tn-list')}?state=stock&npa={level.npa}"
        yield Task(
            title=f"{level.count:,} in stock in {level.npa}, below {level.minimum:,}",
            note=level.note,
            url=form_url({"kind": "local", "npa": level.npa}) if can_buy else listed,
            action="Find numbers" if can_buy else "Look",
            weight=35,
        )
    if len(low) > LOW_NAMED:
        is_admin = user.has_perm("inventory.change_threshold")
        page = "inventory:threshold-list" if is_admin else "inventory:tn-list"
        yield Task(
            title=f"{len(low) - LOW_NAMED} more area codes are below their threshold",
            url=reverse(page),
            action="All" if is_admin else "Numbers",
            weight=36,
        )


def _stopped_syncs() -> Iterator[Task]:
    """Yield the accounts whose last list the brake has stopped: nothing of them is up to date."""

    def look() -> list[tuple[int, str, str]]:
        stopped = Job.objects.filter(
            kind="inventory.sync_account",
            error_code=TooMuchWouldChange.code,
            finished_at__gt=F("account__last_sync_at"),
            account__is_enabled=True,
        )
        latest = stopped.order_by("account_id", "-id").distinct("account_id")
        return list(latest.values_list("pk", "account__name", "reason"))

    for pk, name, reason in kept("stopped_syncs", FIGURE_SECONDS, look):
        yield Task(
            title=f"The list of {name} was not applied: too much would change",
            note=reason,
            url=reverse("portal:job-detail", args=[pk]),
            action="Look",
            tone="bad",
            weight=12,
        )


def _drift_tasks() -> Iterator[Task]:
    """Yield a line for each kind of difference that is open."""
    counts = finding_counts()
    lines = (
        ("value", "value{s} that differ{one} at a provider", _VALUE_NOTE, 25),
        ("missing", "number{s} that the provider no longer lists", _MISSING_NOTE, 30),
        ("unknown_here", "number{s} at a provider that we do not list", _UNKNOWN_NOTE, 40),
        ("also_listed", "number{s} that two accounts list", _TWICE_NOTE, 35),
    )
    for kind, title, note, weight in lines:
        if count := counts.get(kind, 0):
            words = title.format(s=_s(count), one=_s(count, "s", ""))
            yield Task(
                title=f"{_capped(count)} {words}",
                note=note,
                url=f"{reverse('inventory:finding-list')}?kind={kind}",
                action="Look",
                tone="warn" if kind in {"unknown_here", "also_listed"} else "bad",
                weight=weight,
            )


def plots(user: User) -> list[Plot]:
    """Return the pictures of Home, for staff."""
    return kept("plots", PICTURE_SECONDS, pictures.all_of_them) if user.is_staff_role else []


def _counts_by_state(user: User) -> dict[str, int]:
    if user.is_staff_role:
        totals: dict[str, int] = {}
        for (_, state), n in by_account().items():
            totals[state] = totals.get(state, 0) + n
        return totals

    def count() -> dict[str, int]:
        rows = TelephoneNumber.objects.visible_to(user).order_by().values("state")
        return {row["state"]: row["n"] for row in rows.annotate(n=Count("id"))}

    return kept(f"states:{user.customer_id}", FIGURE_SECONDS, count)


def _s(count: int, one: str = "", many: str = "s") -> str:
    return one if count == 1 else many


def _capped(count: int) -> str:
    return f"{TASK_CAP:,}+" if count > TASK_CAP else f"{count:,}"
