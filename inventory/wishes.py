"""What is asked for with an order beside its numbers: a route, a caller name, a PIN, an E911 record.

Each wish of a feature is carried out by `inventory.change_feature` once a number is bought: one
after the other, since a number takes part in one open write at a time. Whatever becomes of them,
the number is ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from inventory import features
from inventory.features import Feature
from inventory.features.calls import RouteFeature
from inventory.models import CarrierNumber, Order, OrderLine, TelephoneNumber
from portal import jobs
from portal.models import Job, JobItem, ProviderAccount
from portal.sealed import seal
from portal.tn import TN

KIND = "inventory.finish_order"  # the job that sends what is due
PERMISSION = "inventory.order_telephonenumber"
CHANGE = "inventory.change_feature"  # the jobs that it starts
MARK = "order"  # among their parameters: the order's id
FEATURES: Final = ("route", "cnam_name", "port_out_pin")
NO_RECORD = ("none", "removed")


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What is asked for with an order. The PIN is in the clear here, and nowhere else."""

    cnam_name: str = ""
    port_out_pin: str = field(default="", repr=False)
    e911: str = ""
    e911_reason: str = ""

    def columns(self) -> dict[str, str]:
        """Return the order's columns; the PIN is sealed."""
        return {
            "cnam_name": self.cnam_name,
            "port_out_pin": seal(self.port_out_pin) if self.port_out_pin else "",
            "e911": self.e911,
            "e911_reason": self.e911_reason,
        }

    def told(self) -> dict[str, str]:
        """Return what the audit keeps: that there is a PIN, and not which."""
        told = self.columns() | {"port_out_pin": "set" if self.port_out_pin else ""}
        return {name: value for name, value in told.items() if value}


NOTHING_ELSE: Final = Wishes()


@dataclass(frozen=True, kw_only=True)
class Part:
    """One number and one feature that was asked for: where it stands, and why."""

    tn: str
    state: str  # "done", "open", "failed", "blocked" or "due"
    words: str = ""
    job_id: int | None = None
    is_filed: bool = True  # an outcome is known a moment before it is filed and the next one begun

    @property
    def pretty(self) -> str:
        """The number as people read it."""
        return TN(self.tn).pretty


@dataclass(kw_only=True)
class Wish:
    """One feature that was asked for, at all bought numbers of an order."""

    feature: Feature
    shown: str
    parts: list[Part] = field(default_factory=list)

    def count(self, *states: str) -> int:
        """Return how many numbers stand there."""
        return sum(part.state in states for part in self.parts)

    @property
    def done(self) -> int:
        """How many numbers have it."""
        return self.count("done")

    @property
    def open(self) -> int:
        """At how many numbers the change is under way."""
        return self.count("open")

    @property
    def is_moving(self) -> bool:
        """Whether more becomes of it by itself: a change is under way, or not filed yet."""
        return self.open > 0 or not all(part.is_filed for part in self.parts)

    @property
    def due(self) -> int:
        """How many wait for their turn, or for somebody to start it."""
        return self.count("due")

    @property
    def left(self) -> list[Part]:
        """The numbers that do not have it, each with its reason."""
        return [part for part in self.parts if part.state in {"failed", "blocked"}]

    @property
    def state(self) -> str:
        """The word for all of them, as of a job."""
        if self.open:
            return Job.Status.RUNNING
        if self.due:
            return Job.Status.QUEUED
        if not self.done:
            return Job.Status.FAILED
        return Job.Status.PARTIAL if self.count("failed") else Job.Status.SUCCEEDED

    @property
    def can_try(self) -> bool:
        """Whether something is left that could be sent, and nothing is under way."""
        return not self.open and self.count("failed", "due") > 0

    @property
    def job_ids(self) -> list[int]:
        """The jobs that the latest tries belong to."""
        return sorted({part.job_id for part in self.parts if part.job_id})


def values(order: Order, lines: Iterable[OrderLine]) -> dict[str, dict[str, str]]:
    """Return what is asked for: feature → number → value (a PIN as it is sealed); bought ones only."""
    bought = [line for line in lines if line.status == OrderLine.Status.OK]
    lasting: dict[tuple[int, str], bool] = {}
    for line in bought:
        key = (line.account_id, line.route_ref)
        if line.route_ref and key not in lasting:
            lasting[key] = RouteFeature().lasts(line.route_ref, line.account)
    found = {
        "route": {
            line.tn: line.route_ref
            for line in bought
            if lasting.get((line.account_id, line.route_ref))
        },
        "cnam_name": {line.tn: order.cnam_name for line in bought if order.cnam_name},
        "port_out_pin": {line.tn: order.port_out_pin for line in bought if order.port_out_pin},
    }
    return {name: wanted for name, wanted in found.items() if wanted}


def look(order: Order, lines: Sequence[OrderLine]) -> list[Wish]:
    """Return where each wish stands; asks no provider."""
    wanted = values(order, lines)
    tns = [line.tn for line in lines]
    accounts = {line.tn: line.account for line in lines}
    tried = latest(order, tns) if wanted else {}
    told = CarrierNumber.objects.filter(tn__in=tns).select_related("account") if wanted else ()
    mirrors = {(row.account_id, row.tn): row for row in told}
    found = []
    for name, by_tn in wanted.items():
        feature = features.get(name)
        wish = Wish(feature=feature, shown=_shown(feature, by_tn, accounts))
        for tn, value in by_tn.items():
            mirror = mirrors.get((accounts[tn].pk, tn))
            item = tried.get((name, tn))
            wish.parts.append(_part(feature, tn, value, accounts[tn], mirror, item))
        found.append(wish)
    return found


def latest(order: Order, tns: Sequence[str]) -> dict[tuple[str, str], JobItem]:
    """Return the latest try by feature and number."""
    rows = JobItem.objects.filter(
        target__in=tns, job__kind=CHANGE, job__params__contains={MARK: order.pk}
    ).select_related("job")
    return {(row.job.params["feature"], row.target): row for row in rows.order_by("pk")}


def _part(
    feature: Feature,
    tn: str,
    value: str,
    account: ProviderAccount,
    mirror: CarrierNumber | None,
    item: JobItem | None,
) -> Part:
    if item is not None:
        is_done = item.status == JobItem.Status.SUCCEEDED
        state = "done" if is_done else "open" if item.is_open else "failed"
        is_filed = item.is_applied or not item.job.is_polled
        return Part(tn=tn, state=state, words=item.message, job_id=item.job_id, is_filed=is_filed)
    if not feature.is_secret and feature.present(mirror) == value:
        return Part(tn=tn, state="done")
    why = feature.why_not(account.slug, tn) or feature.why_not_at(account)
    if why := why or feature.why_not_told(mirror):
        return Part(tn=tn, state="blocked", words=why)
    return Part(tn=tn, state="due")


def _shown(
    feature: Feature, by_tn: Mapping[str, str], accounts: Mapping[str, ProviderAccount]
) -> str:
    if feature.is_secret:
        return "set"
    each = {(accounts[tn], value) for tn, value in by_tn.items()}
    return ", ".join(sorted({feature.shown(value, account) for account, value in each}))


def follow(order: Order, lines: Sequence[OrderLine]) -> tuple[list[Wish], bool]:
    """Return where each wish stands, and whether more becomes of them by itself.

    A change that ends has the next one begun by a job that may come and go between two questions:
    only what stands still from one look to the next is over.
    """
    starting = Job.objects.open().filter(kind=KIND, parent=order.job_id, params__order=order.pk)
    asked = look(order, lines)
    while asked:
        if any(wish.is_moving for wish in asked) or starting.exists():
            return asked, True
        before, asked = asked, look(order, lines)
        if asked == before:
            break
    return asked, False


def without_record(order: Order, lines: Sequence[OrderLine]) -> list[str]:
    """Return the bought numbers that need an E911 record and have none yet."""
    if order.e911 not in {Order.E911.NOW, Order.E911.LATER}:
        return []
    bought = [line.tn for line in lines if line.status == OrderLine.Status.OK]
    lacking = TelephoneNumber.objects.filter(tn__in=bought, e911_state__in=NO_RECORD)
    lacking = lacking.exclude(state__in=TelephoneNumber.GONE)
    tns = lacking.order_by("tn").values_list("tn", flat=True)
    return [tn for tn in tns if TN(tn).is_nanp and not TN(tn).is_toll_free]


def finish_later(job: Job) -> None:
    """Have what is due for the order of `job` sent, once nothing of that job waits to be sent.

    Call in the transaction that files its outcomes. A job of no order does nothing.
    """
    order = Order.objects.filter(pk=job.params.get(MARK, 0)).first()
    waiting = job.items.filter(status__in=[JobItem.Status.QUEUED, JobItem.Status.SENT])
    if order is None or waiting.exists() or not order.actor.has_perm(PERMISSION):
        return
    if not values(order, order.lines.select_related("account")):
        return
    jobs.submit(KIND, actor=order.actor, params={MARK: order.pk}, parent=order.job)
