"""What becomes of each number where messages are set up: one verdict, or one for many (section 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import ProviderRefused
from portal.providers.voip_innovations import codes
from portal.providers.voip_innovations.client.messaging import TNS_BATCH
from portal.providers.voip_innovations.mapping.inventory import by_number
from portal.providers.xml import Record
from portal.tn import TN

Shows = Callable[[Record], bool | None]  # whether a record shows what was asked for; None: not told

_LATER: Final = "Look again later: a change may take an hour to act."
_LOOK: Final = "Look at the number's messages to see what holds."
_ONE_BY_ONE: Final = "It was judged together with others: send them one by one to find the cause."


def settled(
    operation: str,
    tn: TN,
    send: Callable[[], Sequence[Record]],
    *,
    shows: Shows,
    values: Mapping[str, str],
) -> ItemOutcome:
    """Send a change of one number and return what became of it."""
    try:
        records = send()
    except ProviderRefused as error:
        return _refused(operation, tn, error)
    return _shown(operation, tn, records, shows, values)


def settled_together(
    operation: str,
    tns: Sequence[TN],
    send: Callable[[Sequence[str]], Sequence[Record] | None],
    *,
    shows: Shows,
    values: Mapping[str, str],
) -> Iterator[ItemOutcome]:
    """Send a change of many numbers in parts; yield what became of each.

    A refused part is everybody's refusal: nothing tells which number was the cause. `send` returns
    no records where the outer verdict is all that the reply tells.
    """
    for start in range(0, len(tns), TNS_BATCH):
        part = tns[start : start + TNS_BATCH]
        try:
            records = send([tn.digits10 for tn in part]) or ()
        except ProviderRefused as error:
            for tn in part:
                yield _refused(operation, tn, error, is_alone=len(part) == 1)
            continue
        for tn in part:
            yield _shown(operation, tn, records, shows, values)


def distinct(tns: Sequence[TN]) -> list[TN]:
    """Return the numbers once each; raises ValueError for none or a foreign one."""
    found = list(dict.fromkeys(tns))
    if not found:
        raise ValueError("no number was given")
    for tn in found:
        _ = tn.digits10
    return found


def _refused(
    operation: str, tn: TN, error: ProviderRefused, *, is_alone: bool = True
) -> ItemOutcome:
    known = codes.outer(error.code, operation).words.advice
    advice = f"{codes.not_done(operation)} {known}"
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.REFUSED,
        code=error.code,
        message=error.message,
        advice=advice if is_alone else f"{advice} {_ONE_BY_ONE}",
    )


def _shown(
    operation: str, tn: TN, records: Sequence[Record], shows: Shows, values: Mapping[str, str]
) -> ItemOutcome:
    """Return the outcome after a good outer verdict: records about the number have the last word."""
    told = by_number(records, operation)
    if told and tn not in told:
        what = "The provider's answer is about other numbers."
        return ItemOutcome(tn=tn, outcome=Outcome.UNKNOWN, message=what, advice=_LOOK)
    if any(shows(record) is False for record in told.get(tn, [])):
        what = "The provider took it and does not show it yet."
        return ItemOutcome(tn=tn, outcome=Outcome.PENDING, message=what, advice=_LATER)
    return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, code=codes.SUCCESS, values=values)
