"""Wire ⇄ DTO: diversions, conference lines, verdicts on one number (voip-innovations.md 2.5, 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from portal.providers.dto.features import ConferenceLine, Diversion
from portal.providers.errors import ProviderProtocolError, ProviderRefused, off_contract
from portal.providers.voip_innovations import codes
from portal.providers.voip_innovations.mapping.fields import (
    is_dummy,
    is_true,
    tn_of,
    unless_zero,
)
from portal.providers.xml import Record
from portal.tn import TN

# The field of a DID record and that of an audit's record, by operation.
_TARGETS: Final = {
    "GetDIDForward": ("forward",),
    "GetDIDFailover": ("failover",),
    "AuditDIDForwards": ("forwardtn", "forward"),
    "AuditDIDFailovers": ("failovertn", "failover"),
}


def inner_verdict(records: Sequence[Record], tn: TN) -> tuple[str, str]:
    """Return code and text of a DID record that says no about `tn`, ("", "") where none does.

    No record is promised in a change's reply. One without a number speaks of the number asked
    about; one that cannot be read, or is about another number, proves nothing.
    """
    for record in records:
        try:
            is_about_it = not record.get("tn") or tn_of(record, "") == tn
        except ProviderProtocolError:
            continue
        code = record.get("statuscode", "")
        if is_about_it and not _is_good(code):
            return code, record.get("status", "")
    return "", ""


def _is_good(code: str) -> bool:
    """Return whether a record's code says that the number is ours, or says nothing."""
    return code in {"", codes.SUCCESS, "101225", "102225"}


def diverted_to(records: Sequence[Record], tn: TN, operation: str) -> TN | None:
    """Return where the calls of `tn` are sent by its DID record, None for nowhere.

    Raises `ProviderRefused` where the record says that the number is not ours.
    """
    code, text = inner_verdict(records, tn)
    if code:
        words = codes.words(code)
        raise ProviderRefused(f"{words.happened} {text}".strip(), code=code, operation=operation)
    ours = [r for r in records if not is_dummy(r, operation) and tn_of(r, operation) == tn]
    if not ours:
        if any(record.get(name) for record in records for name in ("tn", *_TARGETS[operation])):
            raise off_contract(operation, False, "it is about another number")
        return None
    targets = {target for record in ours if (target := _target(record, operation)) is not None}
    if len(targets) > 1:
        raise off_contract(operation, False, "it names two targets")
    return targets.pop() if targets else None


def _target(record: Record, operation: str) -> TN | None:
    found = next((record[name] for name in _TARGETS[operation] if record.get(name)), "")
    return tn_of({"tn": found}, operation) if unless_zero(found) else None


def diversions(records: Iterable[Record], operation: str) -> Iterator[Diversion]:
    """Yield the forwards or failovers of an audit; entries without a target are left out."""
    for record in records:
        if is_dummy(record, operation):
            continue
        if not set(_TARGETS[operation]) & set(record):
            if len(record) > 1:
                raise off_contract(operation, False, "an entry does not tell where calls go")
            continue
        target = _target(record, operation)
        if target is not None:
            yield Diversion(tn=tn_of(record, operation), to=target)


def conference_line(
    records: Sequence[Record], tn: TN, operation: str, *, is_write: bool = False
) -> ConferenceLine | None:
    """Return the line that a reply tells of, None where it holds no ConferenceLine."""
    told = [record for record in records if any(record.values())]
    if not told:
        return None
    (record, *others) = told
    if others:
        raise off_contract(operation, is_write, "it holds two conference lines")
    if record.get("tn") and tn_of(record, operation) != tn:
        raise off_contract(operation, is_write, "it is about another number")
    return _line(record, tn, operation, is_write=is_write)


def conference_lines(records: Iterable[Record]) -> Iterator[ConferenceLine]:
    """Yield the lines of an audit; the empty shell that other replies carry too is left out."""
    operation = "AuditConferenceLines"
    for record in records:
        if record.get("tn"):
            yield _line(record, tn_of(record, operation), operation)
        elif any(
            text and (key, text.lower()) != ("enabled", "false") for key, text in record.items()
        ):
            raise off_contract(operation, False, "a line has no number")


def _line(record: Record, tn: TN, operation: str, *, is_write: bool = False) -> ConferenceLine:
    if not record.get("enabled"):
        raise off_contract(operation, is_write, "it does not tell whether the line is on")
    return ConferenceLine(tn=tn, is_on=is_true(record["enabled"]), pin=record.get("pin", ""))
