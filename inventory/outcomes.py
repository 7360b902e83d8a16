"""What became of an order: its lines, the jobs that carry it out, and one word for the whole."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse

from inventory import welcome, wishes
from inventory.models import Order, OrderLine, TelephoneNumber
from inventory.operations.order import OrderTNs
from inventory.results import similar_url
from portal import panels
from portal.jobs.submit import new_key
from portal.listing import Sort, paginate
from portal.models import Job, JobItem, User
from portal.panels import JobLink

# The jobs that serve an order.
KINDS = (OrderTNs.kind, wishes.KIND, wishes.CHANGE, welcome.KIND)
SORTS: Final = [Sort(name="line", label="Line", column="id", is_unique=True)]
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


@dataclass(frozen=True, kw_only=True)
class Course:
    """How an order went: its lines, the latest try of each number, and the jobs."""

    lines: list[OrderLine]
    latest: dict[str, JobItem]
    parts: list[Part]

    def row(self, line: OrderLine) -> Row:
        """Return a line with the latest words about it."""
        return _row(line, self.latest.get(line.tn))

    @property
    def states(self) -> list[tuple[str, str]]:
        """Where each line stands and what was said of it."""
        told = (_told(line, self.latest.get(line.tn)) for line in self.lines)
        return [(source.status, source.message) for source in told]


def course(order: Order) -> Course:
    """Return how an order went; jobs that sent failed lines again are among its jobs.

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
    lines = list(order.lines.select_related("account"))
    for line in lines:
        last = latest.get(line.tn)
        if line.status == OrderLine.Status.FAILED and last is not None:
            by_job[last.job_id].failed += 1
    return Course(lines=lines, latest=latest, parts=list(by_job.values()))


def _told(line: OrderLine, item: JobItem | None) -> Any:
    """Return what tells where a line stands: itself, or its job's row while it has no outcome."""
    return line if line.status != OrderLine.Status.WAITING or item is None else item


def _row(line: OrderLine, item: JobItem | None) -> Row:
    source = _told(line, item)
    settled = source is line
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


def context(order: Order, request: HttpRequest) -> dict[str, Any]:
    """Return what the order's live fragment shows: of its lines the page that the address asks for."""
    went = course(order)
    lines, found, states = went.lines, went.parts, went.states
    tally = _tally(lines, states)
    state = word(tally, order.job.status if order.job else None)
    shown: list[Any] = [*states, *((part.job.status, part.job.asked_count) for part in found)]
    asked, going_on = wishes.follow(order, lines)
    lacking = wishes.without_record(order, lines)
    ours = welcome.bought(lines)
    waiting = not_in_use(ours)
    letters = welcome.letters(order) if ours and order.customer_id else []
    shown += [(wish.feature.name, wish.state, wish.done) for wish in asked] + [len(lacking)]
    shown += [(job.pk, job.status) for job in letters] + [len(waiting)]
    charged = [line.charged for line in lines if line.charged is not None]
    return _page(went, request) | {
        "order": order,
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


def _tally(lines: Sequence[OrderLine], states: Sequence[tuple[str, str]]) -> Tally:
    statuses = [line.status for line in lines]
    return Tally(
        total=len(lines),
        ok=statuses.count(OrderLine.Status.OK),
        failed=statuses.count(OrderLine.Status.FAILED),
        unknown=sum(status == JobItem.Status.UNKNOWN for status, _ in states),
    )


def _page(went: Course, request: HttpRequest) -> dict[str, Any]:
    """Return a page of an order's lines, those of one outcome where the address names it."""
    asked = request.GET.get("line", "")
    counts = Counter(line.status for line in went.lines)
    outcome = asked if asked in counts else ""
    by_id = {line.pk: line for line in went.lines if not outcome or line.status == outcome}
    page = paginate(request, OrderLine.objects.filter(pk__in=list(by_id)), SORTS)
    return {
        "page": page,
        "rows": [went.row(by_id[line.pk]) for line in page.rows if line.pk in by_id],
        "line_counts": [(s, counts[s], s == outcome) for s in OrderLine.Status.values if counts[s]],
        "line_status": outcome,
        "query": request.GET.urlencode(),
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
