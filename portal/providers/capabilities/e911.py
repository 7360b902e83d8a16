"""What a provider may do about emergency records.

Writes on one number return `ItemOutcome`: refused with the provider's code and words and our
advice, never raised for that. They raise ValueError before anything is sent for what the wire
cannot carry, and `ProviderTimeout` or `ProviderProtocolError` where nobody knows what was carried
out: then `e911_record` tells. Nothing is sent twice. Reads of one number raise `ProviderRefused`
for a number that is not ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol, runtime_checkable

from portal.providers.dto import ItemOutcome
from portal.providers.dto.e911 import AddressCheck, EmergencyAddress, EmergencyRecord
from portal.tn import TN


@runtime_checkable
class EmergencyRecords(Protocol):
    """Check addresses, put one on a number, read it back.

    The order that loses nobody: `validate_address`, a person accepts what comes back, `set_e911` or
    `change_e911` with the accepted text, then `e911_record` to see what is active now.
    """

    def validate_address(self, address: EmergencyAddress, *, caller_name: str = "") -> AddressCheck:
        """Return whether an address can be used; provisions nothing and costs nothing.

        An address that is not valid is an answer, not an error.
        """

    def e911_record(self, tn: TN) -> EmergencyRecord | None:
        """Return the active record, else the newest that the provider knows; None for none at all.

        Only `is_active` means that 911 works.
        """

    def set_e911(self, tn: TN, *, address: EmergencyAddress, caller_name: str) -> ItemOutcome:
        """Put 911 on a number that has none; a bad address changes nothing.

        `values` confirms the fields of the record where the reply repeats them.
        """

    def change_e911(self, tn: TN, *, address: EmergencyAddress, caller_name: str) -> ItemOutcome:
        """Give a number another address.

        At VoIP Innovations a change to a bad address leaves the number with NO active address: the
        old one is gone. So the address is checked once more right before, and one that fails is
        refused with nothing sent. Should the change itself be refused for the address, the advice
        says that 911 may be off: read back and set a good address at once.
        """

    def remove_e911(self, tn: TN) -> ItemOutcome:
        """Take 911 off a number; succeeds too where the provider says that there was nothing."""


@runtime_checkable
class EmergencyList(Protocol):
    """List every emergency record of the account."""

    def list_e911(self) -> Iterator[EmergencyRecord]:
        """Yield them as a stream, also those of numbers that are not, or no longer, ours.

        Raises a `ProviderError` when the list turns out incomplete, also after some rows.
        """


@runtime_checkable
class EmergencyHistory(Protocol):
    """Tell what was ever provisioned for a number."""

    def e911_history(self, tn: TN) -> list[EmergencyRecord]:
        """Return one record for each try, the newest first; [] for none."""


@runtime_checkable
class EmergencyLocations(Protocol):
    """Keep several addresses for a number, of which one is active.

    These operations are old and stand in no list of the provider any more; `EmergencyRecords` does
    without them.
    """

    def e911_locations(self, tn: TN) -> list[EmergencyRecord]:
        """Return the kept addresses, the active one among them; [] for none."""

    def add_e911_location(
        self, tn: TN, *, address: EmergencyAddress, caller_name: str
    ) -> EmergencyRecord:
        """Keep an address without making it active; return it with its state and reference.

        Raises `ProviderRefused` where it is active already.
        """

    def provision_e911_location(self, tn: TN, *, location_ref: str) -> ItemOutcome:
        """Make a kept address the active one."""

    def remove_e911_location(self, tn: TN, *, location_ref: str) -> ItemOutcome:
        """Forget a kept address; if it was the active one, 911 is off."""


@runtime_checkable
class EmergencyAlerts(Protocol):
    """Mail people when somebody dials 911 from a number."""

    def e911_alerts(self, tn: TN) -> list[str]:
        """Return the mail addresses; raises `ProviderRefused` for a number without 911."""

    def add_e911_alert(self, tn: TN, *, email: str) -> ItemOutcome:
        """Add an address: at most 150 characters, at most ten for a number."""

    def remove_e911_alert(self, tn: TN, *, email: str) -> ItemOutcome:
        """Remove one address."""

    def remove_e911_alerts(self, tn: TN) -> ItemOutcome:
        """Remove them all."""


CAPABILITIES: dict[str, type] = {
    "e911_records": EmergencyRecords,
    "e911_list": EmergencyList,
    "e911_history": EmergencyHistory,
    "e911_locations": EmergencyLocations,
    "e911_alerts": EmergencyAlerts,
}

LACKING_AT_VOICETEL: Final[dict[str, str]] = {
    "e911_history": "VoiceTel tells the present record of a number only; the timeline has the rest.",
    "e911_locations": "VoiceTel keeps one address for a number.",
    "e911_alerts": "VoiceTel sends no mail when somebody dials 911.",
}


def not_offered_by(name: str) -> dict[str, str]:
    """Return why a provider of toll-free numbers lacks each of these."""
    sentence = (
        f"{name} has toll-free numbers only; 911 belongs to the numbers that people call from."
    )
    return dict.fromkeys(CAPABILITIES, sentence)
