"""What became of an order: its lines, the jobs that carry it out, and one word for the whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from inventory import welcome, wishes
from inventory.models import Order, OrderLine, TelephoneNumber
from inventory.operations.order import OrderTNs
from inventory.results import similar_url
from portal import panels
from portal.jobs.submit import new_key
from portal.models import Job, JobItem, User
from portal.panels import JobLink

# The jobs that serve an order.
KINDS = (OrderTNs.kind, wishes.KIND, wishes.CHANGE, welcome.KIND)
LOST = (Job.Status.UNKNOWN, Job.Status.NEEDS_REVIEW)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many lines of an order are where."""

    total: int = 0
    ok: int = 0
    failed: int = 0
    unknown: int = 0

    @property
    def waiting(self) -> int:
        """How many have no outcome yet, those of unknown outcome included."""
        return self.total - self.ok - self.failed


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line with the latest words about it."""

    line: OrderLine
    kind: str  # which table of states `state` is a word of: "line" or "item"
    state: str
    code: str
    message: str
    advice: str
    job_id: int | None
    has_number: bool
    similar: str = ""


@dataclass(kw_only=True)
class Part:
    """One job of an order: what it does where, and how many of its lines failed for good."""

    job: Job
    failed: int = 0
    key: str = field(default_factory=new_key)

    @property
    def can_retry(self) -> bool:
        """Whether failed lines can be sent again from this job."""
        return self.failed > 0 and not self.job.is_open


def word(tally: Tally, status: str | None) -> str:
    """Return an order's state in the words of an order, from its lines and its job's status."""
    if tally.unknown:
        return "unconfirmed"
    if tally.waiting:
        return "submitted" if status in {None, Job.Status.QUEUED} else "processing"
    if tally.ok == tally.total:
        return "completed"
    if tally.ok:
        return "partial"
    return "cancelled" if status == Job.Status.CANCELED else "failed"


def rows_and_parts(order: Order) -> tuple[list[Row], list[Part]]:
    """Return the lines of an order and its jobs, those that sent failed lines again included.

    The jobs are read first: one that is settled has filed its lines.
    """
    items = JobItem.objects.filter(
        target__in=order.lines.values("tn"),
        job__kind=OrderTNs.kind,
        job__params__order=order.pk,
    ).select_related("job__account")
    latest: dict[str, JobItem] = {}
    by_job: dict[int, Part] = {}
    for item in items.order_by("pk"):
        latest[item.target] = item
        by_job.setdefault(item.job_id, Part(job=item.job))
    rows = []
    for line in order.lines.select_related("account"):
        last = latest.get(line.tn)
        rows.append(_row(line, last))
        if line.status == OrderLine.Status.FAILED and last is not None:
            by_job[last.job_id].failed += 1
    return rows, list(by_job.values())


def _row(line: OrderLine, item: JobItem | None) -> Row:
    settled = line.status != OrderLine.Status.WAITING or item is None
    source: Any = line if settled else item
    return Row(
        line=line,
        kind="line" if settled else "item",
        state=source.status,
        code=source.code,
        message=source.message,
        advice=source.advice or ("" if settled else _advice(item)),
        job_id=item.job_id if item else None,
        has_number=line.status != OrderLine.Status.FAILED,
        similar=similar_url(line.tn, line.facts) if line.status == OrderLine.Status.FAILED else "",
    )


def _advice(item: JobItem | None) -> str:
    """Return what to do about a line without an outcome; empty where time alone will tell."""
    if item is None or item.status != JobItem.Status.UNKNOWN:
        return ""
    if item.job.status == Job.Status.NEEDS_REVIEW:
        return f"A person must settle job {item.job_id}; until then the number stays locked."
    return "Nothing: the provider is being asked what it has."


def context(order: Order) -> dict[str, Any]:
    """Return what the order's live fragment shows."""
    rows, found = rows_and_parts(order)
    statuses = [row.line.status for row in rows]
    tally = Tally(
        total=len(rows),
        ok=statuses.count(OrderLine.Status.OK),
        failed=statuses.count(OrderLine.Status.FAILED),
        unknown=sum(row.state == JobItem.Status.UNKNOWN for row in rows if row.kind == "item"),
    )
    state = word(tally, order.job.status if order.job else None)
    shown: list[Any] = [(row.state, row.message) for row in rows] + [
        (part.job.status, part.job.asked_count) for part in found
    ]
    lines = [row.line for row in rows]
    asked, going_on = wishes.follow(order, lines)
    lacking = wishes.without_record(order, lines)
    ours = welcome.bought(lines)
    waiting = not_in_use(ours)
    letters = welcome.letters(order) if ours and order.customer_id else []
    shown += [(wish.feature.name, wish.state, wish.done) for wish in asked] + [len(lacking)]
    shown += [(job.pk, job.status) for job in letters] + [len(waiting)]
    charged = [row.line.charged for row in rows if row.line.charged is not None]
    return {
        "order": order,
        "rows": rows,
        "parts": found,
        "attention": [p.job for p in found if p.job.status in {*LOST, Job.Status.WAITING}],
        "tally": tally,
        "state": state,
        "charged": sum(charged) if charged else None,
        "wishes": asked,
        "is_left": any(wish.can_try for wish in asked) and not going_on,
        "lacking": lacking,
        "e911_url": _e911_url(lacking),
        "ours": [line.tn for line in ours],
        "waiting": waiting,
        "letters": letters,
        "is_polled": going_on or any(job.is_polled for job in [*(p.job for p in found), *letters]),
        "version": f"{zlib.crc32(repr(shown).encode()):x}",
    }


def not_in_use(lines: Iterable[OrderLine]) -> list[str]:
    """Return the numbers of bought lines that nobody uses yet: in stock, or held for a customer."""
    states = [TelephoneNumber.State.STOCK, TelephoneNumber.State.HELD]
    found = TelephoneNumber.objects.filter(tn__in=[line.tn for line in lines], state__in=states)
    return list(found.order_by("tn").values_list("tn", flat=True))


def order_links(job: Job, user: User) -> Iterator[JobLink]:
    """Yield the link from a job of an order to the order, for staff."""
    pk = job.params.get(wishes.MARK) if job.kind in KINDS else None
    if pk and user.has_perm("inventory.view_order"):
        for order in Order.objects.visible_to(user).filter(pk=pk):
            url = reverse("inventory:order-detail", args=[order.pk])
            yield JobLink(label=str(order), url=url, icon="shopping-cart")


def _e911_url(tns: list[str]) -> str:
    """Return where E911 records are set for numbers, as far as a domain does that."""
    way = panels.number_ways.get("e911.set")
    return way(tns) if way and tns else ""


def tallies(orders: Mapping[int, int | None]) -> Mapping[int, Tally]:
    """Return the tally of each order by its id, in two queries; `orders` tells the job of each."""
    lines = OrderLine.objects.filter(order__in=list(orders)).order_by()
    counted = lines.values("order").annotate(
        total=Count("pk"),
        ok=Count("pk", filter=Q(status=OrderLine.Status.OK)),
        failed=Count("pk", filter=Q(status=OrderLine.Status.FAILED)),
    )
    parents = [job for job in orders.values() if job]
    jobs = Job.objects.filter(parent__in=parents, status__in=LOST).order_by()
    lost = set(jobs.values_list("parent", flat=True)) if parents else set()
    return {
        row["order"]: Tally(
            total=row["total"],
            ok=row["ok"],
            failed=row["failed"],
            unknown=int(orders[row["order"]] in lost),
        )
        for row in counted
    }
