"""What a provider told of one number, kept with the row of a job until it is applied.

A job that is taken up by another worker must still know what was read back: rows hold it as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from e911 import addresses
from e911.addresses import Lines
from e911.models.address import lines_of
from portal.providers.dto.e911 import EmergencyRecord, EmergencyState

LOST: Final = "lost"  # there was an active address before, and now there is none
_READ: Final = "read"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a provider has on a number: an address, its state, its references."""

    lines: Lines
    caller_name: str = ""
    state: str = EmergencyState.UNKNOWN.value
    word: str = ""
    message: str = ""
    location_ref: str = ""
    order_ref: str = ""

    @property
    def is_active(self) -> bool:
        """Whether help is sent to this address now."""
        return self.state == EmergencyState.PROVISIONED

    @property
    def key(self) -> str:
        """`addresses.key` of address and caller name."""
        return addresses.key(self.lines, self.caller_name)


def told_of(record: EmergencyRecord | None) -> Told | None:
    """Return an adapter's answer as ours."""
    if record is None:
        return None
    return Told(
        lines=lines_of(record.address),
        caller_name=record.caller_name.strip()[:64],
        state=record.state.value,
        word=record.word[:64],
        message=record.message[:200],
        location_ref=record.location_ref[:64],
        order_ref=record.order_ref[:64],
    )


def pack(told: Told | None, *, is_lost: bool = False) -> dict[str, str]:
    """Return what was read as text values; `unpack` gives it back."""
    packed = {_READ: "none" if told is None else "record"}
    if is_lost:
        packed[LOST] = "yes"
    if told is None:
        return packed
    for name in ("caller_name", "state", "word", "message", "location_ref", "order_ref"):
        packed[name] = getattr(told, name)
    return packed | {f"line_{name}": getattr(told.lines, name) for name in addresses.LINE_NAMES}


def was_read(values: Mapping[str, str]) -> bool:
    """Return whether the provider was asked at all."""
    return _READ in values


def is_lost(values: Mapping[str, str]) -> bool:
    """Return whether the reading showed that the old address is gone and no new one is there."""
    return LOST in values


def unpack(values: Mapping[str, str]) -> Told | None:
    """Return what was read; None for no record, or where nothing was read."""
    if values.get(_READ) != "record":
        return None
    names = ("caller_name", "state", "word", "message", "location_ref", "order_ref")
    return Told(
        lines=Lines(**{name: values.get(f"line_{name}", "") for name in addresses.LINE_NAMES}),
        **{name: values.get(name, "") for name in names},
    )
