"""The rules of a list of numbers to be ported: what is no number, what stands against one, groups."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from inventory.models import Lookup, TelephoneNumber
from portal.models import ProviderAccount
from portal.tn import TN, InvalidTN
from porting.models import PortLine, PortOrder, Preflight, PreflightLine

_SEPARATORS = re.compile(r"[,;\t]")
_WIRELESS = re.compile(r"wireless|mobile|cellular|pcs", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """Why an entry is set aside: its name, a title over all such entries, what to do."""

    name: str
    title: str
    advice: str


PROBLEMS: Final[dict[str, Trouble]] = {
    trouble.name: trouble
    for trouble in (
        Trouble(
            name="invalid",
            title="No telephone number",
            advice="Correct it and add it again.",
        ),
        Trouble(
            name="foreign",
            title="Not a North American number",
            advice="Only +1 numbers can be ported in here.",
        ),
        Trouble(
            name="duplicate",
            title="Twice in the list",
            advice="It is ported once; the repeated entry is left out.",
        ),
        Trouble(
            name="ours",
            title="Ours already",
            advice="It needs no port. Look at the number’s page.",
        ),
        Trouble(
            name="open_order",
            title="On another open order",
            advice="Wait for that order, or take the number off it.",
        ),
        Trouble(
            name="not_portable",
            title="Cannot be ported",
            advice="Order a new number, and forward the old one to it.",
        ),
        Trouble(
            name="not_answered",
            title="No provider answered",
            advice="Check it again when the provider answers.",
        ),
    )
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry of a list: the text, the number in it, what is wrong with it."""

    text: str
    tn: TN | None = None
    problem: str = ""
    words: str = ""


def read_entries(text: str) -> list[Entry]:
    """Return the entries of a pasted text or a file of text, in their order.

    Entries are split at line ends, commas, semicolons and tabs. A table with a column called
    “number” (also “tn”, “did”, “phone”) is read by that column. A repeated number keeps its first
    entry; the others say so.
    """
    seen: set[TN] = set()
    found = []
    for entry in _texts(text):
        try:
            tn = TN.parse(entry)
        except InvalidTN as error:
            found.append(Entry(text=entry[:60], problem="invalid", words=str(error)))
            continue
        if not tn.is_nanp:
            words = f"{tn} is outside the North American plan."
            found.append(Entry(text=entry[:60], tn=tn, problem="foreign", words=words))
        elif tn in seen:
            words = f"{tn.pretty} stands in the list already."
            found.append(Entry(text=entry[:60], tn=tn, problem="duplicate", words=words))
        else:
            seen.add(tn)
            found.append(Entry(text=entry[:60], tn=tn))
    return found


def _texts(text: str) -> Iterable[str]:
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    if not lines:
        return
    head = [cell.strip().strip('"').casefold() for cell in _SEPARATORS.split(lines[0])]
    column = next((i for i, name in enumerate(head) if name in _NAMES), None)
    if column is None:
        for line in lines:
            yield from (cell.strip().strip('"') for cell in _SEPARATORS.split(line) if cell.strip())
        return
    separator = _SEPARATORS.search(lines[0])
    for row in csv.reader(lines[1:], delimiter=separator[0] if separator else ","):
        if column < len(row) and row[column].strip():
            yield row[column].strip()


_NAMES: Final = frozenset({"number", "numbers", "tn", "did", "phone", "telephone number"})


def local_problems(tns: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return what our own database says against numbers: number → (problem, words); asks nobody."""
    found: dict[str, tuple[str, str]] = {}
    ours = TelephoneNumber.objects.ours().among(tns).exclude(state="port_in")
    for tn, state in ours.values_list("tn", "state"):
        label = TelephoneNumber.State(state).label
        found[tn] = ("ours", f"{TN(tn).pretty} is ours already: “{label}”.")
    busy = PortLine.objects.among(tns).filter(is_open=True)
    for line in busy.select_related("order"):
        words = f"{line} is on {line.order}, which is not over."
        found.setdefault(line.tn, ("open_order", words))
    return found


@dataclass(kw_only=True)
class Group:
    """Numbers of a list that can go together: one provider, one losing carrier, one kind."""

    account: ProviderAccount
    losing_carrier: str
    kind: str
    lines: list[PreflightLine] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What a form calls it."""
        return f"{self.account.pk}:{self.kind}:{self.losing_carrier.casefold()}"

    @property
    def is_wireless(self) -> bool:
        """Whether a number of it is a wireless carrier's, as far as that is known."""
        return any(line.is_wireless for line in self.lines)

    @property
    def hints(self) -> list[str]:
        """What the order of this group will need beside the usual, as sentences."""
        found = []
        if self.is_wireless:
            found.append("A wireless carrier wants a PIN, which it makes for each transfer.")
        if not self.losing_carrier:
            found.append("No carrier was told: make sure that one bill has all of these numbers.")
        if not self.is_submitted_here:
            found.append("This provider takes orders in its back office; the portal follows them.")
        return found

    @property
    def is_submitted_here(self) -> bool:
        """Whether the provider takes the order over the wire."""
        from portal import providers

        return providers.offers(self.account.slug, "port_submission")


def groups(preflight: Preflight) -> list[Group]:
    """Return the numbers that can be ported and are in no order yet, as orders would have them."""
    found: dict[str, Group] = {}
    ready = preflight.lines.filter(verdict="portable", order=None).select_related("account")
    lines = list(ready.order_by("position"))
    told = carriers([line.tn for line in lines if not line.losing_carrier])
    for line in lines:
        if line.account is None:
            continue
        if line.tn in told:  # a paid lookup came after the check
            line.losing_carrier, line.routing_number, line.is_wireless = told[line.tn]
        kind = PortOrder.Kind.TOLL_FREE if TN(line.tn).is_toll_free else PortOrder.Kind.LOCAL
        group = Group(account=line.account, losing_carrier=line.losing_carrier, kind=kind)
        found.setdefault(group.key, group).lines.append(line)
    return sorted(found.values(), key=lambda group: -len(group.lines))


def aside(preflight: Preflight) -> list[PreflightLine]:
    """Return the entries that are in no order, each with its problem; bad entries first."""
    return list(
        preflight.lines.filter(verdict__in=["set_aside", "not_portable", "not_checked"]).order_by(
            "problem", "position"
        )
    )


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the questions about a list are."""

    total: int
    checked: int
    portable: int
    is_over: bool

    @property
    def percent(self) -> int:
        """The share that is checked, 0 to 100."""
        return 100 * self.checked // self.total if self.total else 100


def progress(preflight: Preflight) -> Progress:
    """Return how far the questions about a list are."""
    verdicts = list(preflight.lines.values_list("verdict", flat=True))
    waiting = verdicts.count("waiting")
    is_over = preflight.state != Preflight.State.CHECKING or not waiting
    return Progress(
        total=len(verdicts),
        checked=len(verdicts) - waiting,
        portable=verdicts.count("portable"),
        is_over=is_over,
    )


def carriers(tns: Sequence[str]) -> dict[str, tuple[str, str, bool | None]]:
    """Return what paid lookups told of numbers: number → (carrier, LRN, whether it is wireless)."""
    kept = Lookup.objects.filter(kind=Lookup.Kind.LRN, tn__among=list(tns))
    return {
        lookup.tn: (
            str(lookup.answer.get("carrier", ""))[:120],
            str(lookup.answer.get("lrn", ""))[:16],
            is_wireless(str(lookup.answer.get("carrier_kind", ""))),
        )
        for lookup in kept
    }


def is_wireless(kind: str) -> bool | None:
    """Return whether a kind of carrier is wireless; None where it is not told."""
    return bool(_WIRELESS.search(kind)) if kind.strip() else None
