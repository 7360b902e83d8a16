"""What putting an address on a number has in common, whether it is new, changed or the old one.

Checked immediately before, read back after; what a lost answer did is settled by the same question.
A number that had an active address and now has none is told as lost, whatever the reply said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from e911 import addresses, answers
from e911.addresses import Lines
from e911.answers import Told
from e911.models.address import wire
from portal.models import JobItem
from portal.operations import Answer
from portal.providers.capabilities.e911 import EmergencyRecords
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import ProviderError, ProviderRefused
from portal.tn import TN

ALREADY: Final = "The provider has exactly this address already. Nothing was sent."
LOST: Final = "The old address is gone and no new one is active: 911 may not work."
LOST_ADVICE: Final = "Set the old address again at once, or another one that was checked."
KEPT: Final = "The old address is still active."
NOT_READ: Final = "It was not read back yet."


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """The address that one number is to have."""

    tn: TN
    lines: Lines
    caller_name: str

    @property
    def key(self) -> str:
        """`addresses.key` of it."""
        return addresses.key(self.lines, self.caller_name)


def unsendable(tn: TN, error: ValueError) -> ItemOutcome:
    """Return the outcome of what the wire cannot carry; nothing was sent."""
    words = f"It cannot be sent: {error}. Nothing was changed."
    return ItemOutcome(tn=tn, outcome=Outcome.REFUSED, code="not_sent", message=words)


def remember(item: JobItem, told: Told | None) -> None:
    """Keep with the row what was active before: after a lost answer it tells what happened."""
    item.before = {**item.before, "active": told.key if told and told.is_active else ""}
    JobItem.objects.filter(pk=item.pk).update(before=item.before)


def send(provider: EmergencyRecords, wish: Wish, *, before: Told | None) -> ItemOutcome:
    """Set the address, or change it where another one is active, and read it back.

    Raises as the adapter does before anything is known to be carried out.
    """
    is_change = before is not None and before.is_active
    put = provider.change_e911 if is_change else provider.set_e911
    outcome = put(wish.tn, address=wire(wish.lines), caller_name=wish.caller_name)
    return read_back(provider, wish, outcome, before=before)


def read_back(
    provider: EmergencyRecords, wish: Wish, outcome: ItemOutcome, *, before: Told | None
) -> ItemOutcome:
    """Return an outcome with what is active now; what was read counts for more than the reply."""
    is_change = before is not None and before.is_active
    try:
        told = answers.told_of(provider.e911_record(wish.tn))
    except ProviderError:
        # Raising here would have the row sent once more. A refused change may have cost the old one.
        if outcome.outcome is Outcome.SUCCEEDED:
            return replace(outcome, message=f"{outcome.message} {NOT_READ}".strip(), values={})
        is_open = is_change and outcome.code != "not_sent"
        return replace(outcome, outcome=Outcome.UNKNOWN) if is_open else outcome
    values = answers.pack(told)
    if told is not None and told.is_active:
        was = before.key if before is not None and is_change else ""
        return _with_active(outcome, told, wish, was=was)
    if outcome.outcome is Outcome.SUCCEEDED:
        words = "The provider said that it is done, and shows no active address yet."
        return replace(outcome, outcome=Outcome.UNKNOWN, message=words, values={})
    if is_change:
        return lost(wish.tn, told, code=outcome.code, said=outcome.message)
    return replace(outcome, values=values)


def _with_active(outcome: ItemOutcome, told: Told, wish: Wish, *, was: str) -> ItemOutcome:
    """Return the outcome where an address is active; `was` is the key of the one before."""
    values = answers.pack(told)
    if told.key == wish.key:
        words = outcome.message if outcome.outcome is Outcome.SUCCEEDED else ""
        return replace(outcome, outcome=Outcome.SUCCEEDED, message=words, advice="", values=values)
    if outcome.outcome is Outcome.REFUSED:
        advice = outcome.advice if KEPT in outcome.advice else KEPT
        return replace(outcome, advice=advice, values=values)
    if told.key == was:
        words = "The provider said that it is done, and shows the old address still."
        return replace(outcome, outcome=Outcome.UNKNOWN, message=words, values={})
    return replace(outcome, values=values)


def lost(tn: TN, told: Told | None, *, code: str = "", said: str = "") -> ItemOutcome:
    """Return the outcome of a change after which nothing is active any more."""
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.REFUSED,
        code=code,
        message=f"{LOST} {said}".strip(),
        advice=LOST_ADVICE,
        values=answers.pack(told, is_lost=True),
    )


def already(tn: TN, told: Told) -> ItemOutcome:
    """Return the outcome where the provider has the address already."""
    return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, message=ALREADY, values=answers.pack(told))


def ask_each(provider: EmergencyRecords, items: Sequence[JobItem], wishes: Any) -> Iterator[Answer]:
    """Ask what is active for each row whose answer was lost; `wishes` maps targets to wishes."""
    for item in items:
        try:
            told = answers.told_of(provider.e911_record(TN(item.target)))
        except ProviderRefused as error:
            yield Answer(item=item, verdict="unclear", words=error.message)
            continue
        wish = wishes.get(item.target)
        yield judge(item, told, wish.key if wish else "")


def judge(item: JobItem, told: Told | None, wanted: str) -> Answer:
    """Return what the active address says about a row.

    Another address than before and than was asked for is the new one in the provider's spelling:
    nobody else writes while the number is locked.
    """
    tn, before = TN(item.target), item.before.get("active", "")
    if told is not None and told.is_active:
        if told.key != wanted and told.key == before:
            words = "Asked the provider: the old address is still active."
            return Answer(item=item, verdict="not_done", words=words)
        done = ItemOutcome(
            tn=tn,
            outcome=Outcome.SUCCEEDED,
            message="Asked the provider: an address is active.",
            values=answers.pack(told),
        )
        return Answer(item=item, verdict="done", outcome=done)
    if before:
        return Answer(item=item, verdict="refused", outcome=lost(tn, told))
    words = "Asked the provider: no address is active."
    return Answer(item=item, verdict="not_done", words=words)
