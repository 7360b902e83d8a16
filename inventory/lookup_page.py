"""What pages show of lookups: a plan with its price, the rows of a job, what is known of a number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from inventory.forms.lookups import LookupForm, Source
from inventory.lookups import KINDS, LookupKind
from inventory.models import Lookup, TelephoneNumber
from inventory.services import lookups as services_lookups
from inventory.services.lookups import LOST
from portal.models import Job, JobItem, User

KINDS_BY_OPERATION = {kind.operation: kind for kind in KINDS.values()}
KNOWN_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What looking up would do: how many are asked at what price, and what is known already."""

    source: Source
    asked: int
    known: list[Lookup]
    is_again: bool
    problem: str  # why it may not go; "" where it may
    left: int | None  # of today's budget; None where nothing is charged

    @property
    def total(self) -> Decimal | None:
        """What it costs at most, in US dollars; None where the price was not told."""
        price = self.source.price
        return None if price is None else price * self.asked

    @property
    def shown(self) -> list[Row]:
        """Return the first answers that are known."""
        return [Row.of(lookup.tn, lookup) for lookup in self.known[:KNOWN_SHOWN]]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One number with what is known of it; `item` is its row in a job."""

    tn: str
    kind: LookupKind | None = None
    summary: str = ""
    details: tuple[tuple[str, str], ...] = ()
    lookup: Lookup | None = None
    item: JobItem | None = None

    @classmethod
    def of(cls, tn: str, lookup: Lookup | None, item: JobItem | None = None) -> Row:
        """Return the row of a number."""
        if lookup is None:
            return cls(tn=tn, item=item)
        kind = KINDS[lookup.kind]
        summary, details = told(kind, lookup.answer)
        return cls(tn=tn, kind=kind, summary=summary, details=details, lookup=lookup, item=item)

    @property
    def is_lost(self) -> bool:
        """Whether its answer was lost: it may have been charged."""
        return self.item is not None and self.item.code == LOST


def told(kind: LookupKind, answer: Mapping[str, Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return an answer in a few words, and the label and the words of everything else in it."""
    first = kind.columns[0][1]
    details = tuple(pair for pair in kind.shown(answer) if pair[0] != first)
    return kind.summary(answer), details


def plan(form: LookupForm) -> Plan:
    """Return what a valid form would do; nothing is sent."""
    source, tns = form.source, form.tns
    known = services_lookups.known(source.kind.name, tns)
    is_again = form.cleaned_data["again"]
    asked = len(tns) if is_again else len(tns) - len(known)
    return Plan(
        source=source,
        asked=asked,
        known=[known[tn] for tn in tns if tn in known],
        is_again=is_again,
        problem=services_lookups.over_budget(source.kind, asked),
        left=services_lookups.left_today() if source.kind.is_billed else None,
    )


def visible_jobs(user: User) -> QuerySet[Job]:
    """Return the lookup jobs that a user may see."""
    return Job.objects.visible_to(user).filter(kind__in=KINDS_BY_OPERATION)


def rows(job: Job, items: Iterable[JobItem]) -> list[Row]:
    """Return rows of a job with their answers."""
    listed = list(items)
    kind = KINDS_BY_OPERATION[job.kind]
    known = services_lookups.known(kind.name, [item.target for item in listed])
    return [
        Row.of(
            item.target,
            known.get(item.target) if item.status == JobItem.Status.SUCCEEDED else None,
            item,
        )
        for item in listed
    ]


def lost(job: Job) -> list[str]:
    """Return the numbers whose answers were lost."""
    return list(job.items.filter(code=LOST).order_by("position").values_list("target", flat=True))


def table(job: Job) -> Iterator[tuple[Any, ...]]:
    """Yield the CSV rows of a job."""
    kind = KINDS_BY_OPERATION[job.kind]
    items = list(job.items.order_by("position"))
    known = services_lookups.known(kind.name, [item.target for item in items])
    for item in items:
        is_done = item.status == JobItem.Status.SUCCEEDED
        row = Row.of(item.target, known.get(item.target) if is_done else None, item)
        word = "unknown" if row.is_lost else item.status
        yield (item.target, word, *_cells(kind, row.lookup), item.message)


def columns(kind: LookupKind) -> tuple[str, ...]:
    """Return the head of a job's CSV."""
    return ("number", "outcome", *(f for f, _ in kind.columns), "looked_up_at", "cost_usd", "words")


def _cells(kind: LookupKind, lookup: Lookup | None) -> Iterator[Any]:
    answer = lookup.answer if lookup else {}
    yield from (answer.get(field, "") for field, _ in kind.columns)
    yield lookup.looked_up_at.isoformat() if lookup else ""
    yield lookup.cost if lookup and lookup.cost is not None else ""


def kept_table(found: QuerySet[Lookup]) -> Iterator[tuple[Any, ...]]:
    """Yield the CSV rows of kept answers."""
    for lookup in found.select_related("account").iterator(chunk_size=2000):
        kind = KINDS[lookup.kind]
        told = "; ".join(f"{label}: {words}" for label, words in kind.shown(lookup.answer))
        yield (
            lookup.tn,
            kind.label,
            told,
            lookup.looked_up_at.isoformat(),
            lookup.cost if lookup.cost is not None else "",
            lookup.account.name,
        )


KEPT_HEAD = ("number", "what", "answer", "looked_up_at", "cost_usd", "account")


def of_number(number: TelephoneNumber, user: User, *, is_known: bool) -> list[dict[str, Any]]:
    """Return each kind of lookup with what is known of a number, and where more is asked.

    `is_known` where anything was looked up.
    """
    found = Lookup.objects.filter(tn=number.tn).select_related("job") if is_known else ()
    known = {one.kind: one for one in found}
    can_ask = user.has_perm("inventory.lookup_telephonenumber") and number.value.is_nanp
    return [
        {
            "kind": kind,
            "row": Row.of(number.tn, known.get(kind.name)),
            "url": f"{reverse('inventory:lookup-new')}?{_query(kind, number.tn)}"
            if can_ask
            else "",
        }
        for kind in KINDS.values()
    ]


def _query(kind: LookupKind, tn: str) -> str:
    return urlencode({"kind": kind.name, "numbers": tn})


def only(items: QuerySet[JobItem], word: str) -> QuerySet[JobItem]:
    """Return the rows of one outcome: "open", "done", "lost" or "refused"; else all."""
    picks = {
        "open": Q(status__in=JobItem.OPEN),
        "done": Q(status=JobItem.Status.SUCCEEDED),
        "lost": Q(code=LOST),
        "refused": Q(status__in=["refused", "skipped", "canceled"]) & ~Q(code=LOST),
    }
    return items.filter(picks[word]) if word in picks else items
