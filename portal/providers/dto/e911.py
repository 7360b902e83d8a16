"""Emergency records: where help is sent when somebody dials 911 from a number.

An address has three faces: as a person typed it, as a provider would store it (`AddressCheck`),
and as it stands with the provider now (`EmergencyRecord`). Providers normalise what they store:
upper case, abbreviated, ZIP+4 filled. Compare with care.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from portal.tn import TN


class EmergencyState(StrEnum):
    """How far an address got at the provider."""

    INVALID = "invalid"  # could not be placed on a map: 911 does not work by it
    GEOCODED = "geocoded"  # known, not active
    PROVISIONED = "provisioned"  # active: help is sent there
    REMOVED = "removed"
    UNKNOWN = "unknown"  # the provider's word is not known; `word` has it


@dataclass(frozen=True, kw_only=True, slots=True)
class EmergencyAddress:
    """A street address. `state` has two letters, `zip` five digits, `plus4` four or none."""

    address1: str  # house number and street
    city: str
    state: str
    zip: str
    address2: str = ""  # suite, floor, room
    plus4: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressCheck:
    """The answer to "could 911 be provisioned with this address?". Nothing was provisioned.

    `address` is how the provider would store it, None where it does not tell. A person accepts it
    before it is used. `ref` is the provider's mark of the checked address, empty where it has none;
    nobody tells how long it lives. `code` and `message` are the provider's, `advice` is ours.
    """

    is_valid: bool
    address: EmergencyAddress | None = None
    ref: str = ""
    code: str = ""
    message: str = ""
    advice: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EmergencyRecord:
    """One address of one number as the provider holds it; the number need not be ours.

    `word` is the provider's own for the state, `message` its sentence. `location_ref` and
    `order_ref` are its references. Latitude and longitude are degrees.
    """

    tn: TN
    address: EmergencyAddress
    caller_name: str = ""
    state: EmergencyState = EmergencyState.UNKNOWN
    word: str = ""
    message: str = ""
    location_ref: str = ""
    order_ref: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    added_at: datetime | None = None
    activated_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Whether help is sent to this address now."""
        return self.state is EmergencyState.PROVISIONED

    @property
    def values(self) -> Mapping[str, str]:
        """What `ItemOutcome.values` confirms of a record, by our field names."""
        return {
            "e911_caller_name": self.caller_name,
            "e911_address1": self.address.address1,
            "e911_address2": self.address.address2,
            "e911_city": self.address.city,
            "e911_state": self.address.state,
            "e911_zip": self.address.zip,
            "e911_plus4": self.address.plus4,
        }
