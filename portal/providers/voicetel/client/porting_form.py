"""The body of a port request, member by member (voicetel.md 7.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from portal.providers.voicetel.client.core import STATE, TN10, positive, require

LIDB_LENGTH: Final = 15

_DIRECTION = re.compile(r"N|NE|E|SE|S|SW|W|NW")
_NAME_TYPE = re.compile(r"business|residential")
_DUE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?", re.ASCII)
# Our name for a member, the document's, and how a person calls it.
_NEEDED: Final = (
    ("name", "name", "name on the bill"),
    ("name_type", "nameType", "kind of name"),
    ("auth_person", "authPerson", "person who signs"),
    ("lc_btn", "lcBtn", "billing number"),
    ("lc_account_number", "lcAccountNumber", "account number"),
    ("street_number", "streetNumber", "street number"),
    ("street", "street", "street"),
    ("street_type", "streetType", "street type"),
    ("city", "city", "city"),
    ("state", "state", "state"),
    ("zip", "zip", "ZIP code"),
    ("country", "country", "country"),
)
_OPTIONAL: Final = (
    ("pin", "pin"),
    ("desired_due_date", "desiredDueDate"),
    ("street_prefix", "streetPrefix"),
    ("street_suffix", "streetSuffix"),
    ("building", "building"),
    ("floor", "floor"),
    ("room", "room"),
    ("unit_value", "unitValue"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PortFeature:
    """What one number of a port gets when it arrives; what is empty is not sent."""

    number: str
    gateway_id: int | None = None
    lidb_name: str = ""
    campaign_id: str = ""

    def __post_init__(self) -> None:
        require(TN10, self.number, "a number has ten digits")
        if self.gateway_id is not None:
            positive(self.gateway_id, "a gateway id")
        if len(self.lidb_name) > LIDB_LENGTH:
            raise ValueError(f"a caller name has at most {LIDB_LENGTH} characters")

    def payload(self) -> dict[str, Any]:
        """Return the member of `features`."""
        found: dict[str, Any] = {"number": self.number}
        if self.gateway_id is not None:
            found["routing"] = {"gatewayId": self.gateway_id}
        if self.lidb_name:
            found["lidb"] = {"name": self.lidb_name}
        if self.campaign_id:
            found["sms"] = {"campaignId": self.campaign_id}
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class PortForm:
    """A port request as the wire has it; raises ValueError for what the document does not allow.

    `desired_due_date` is a day, or a day at a time in UTC: the document has both spellings.
    """

    did: tuple[str, ...]
    name: str
    name_type: Literal["business", "residential"]
    auth_person: str
    lc_btn: str
    lc_account_number: str
    street_number: str
    street: str
    street_type: str
    city: str
    state: str
    zip: str
    country: str
    pin: str = field(default="", repr=False)
    desired_due_date: str = ""
    street_prefix: str = ""
    street_suffix: str = ""
    building: str = ""
    floor: str = ""
    room: str = ""
    unit_value: str = ""
    features: tuple[PortFeature, ...] = ()

    def __post_init__(self) -> None:
        if not self.did:
            raise ValueError("no number was given")
        if len(set(self.did)) < len(self.did):
            raise ValueError("a number is named twice")
        for number in (*self.did, self.lc_btn):
            require(TN10, number, "a number has ten digits")
        for ours, _, called in _NEEDED:
            if not getattr(self, ours).strip():
                raise ValueError(f"the port request has no {called}")
        require(_NAME_TYPE, self.name_type, "a name is of a business or residential")
        require(STATE, self.state, "a state has two capital letters")
        for direction in (self.street_prefix, self.street_suffix):
            if direction:
                require(_DIRECTION, direction, "a direction is N, NE, E, SE, S, SW, W or NW")
        if self.desired_due_date:
            require(_DUE_DATE, self.desired_due_date, "a due date is written YYYY-MM-DD")
        if foreign := {feature.number for feature in self.features} - set(self.did):
            raise ValueError(f"{min(foreign)} is not among the numbers of the port")

    def payload(self) -> dict[str, Any]:
        """Return the body; optional members only where they say something."""
        found: dict[str, Any] = {"did": list(self.did)}
        found |= {wire: getattr(self, ours).strip() for ours, wire, _ in _NEEDED}
        optional = {wire: getattr(self, ours).strip() for ours, wire in _OPTIONAL}
        found |= {wire: text for wire, text in optional.items() if text}
        if self.features:
            found["features"] = [feature.payload() for feature in self.features]
        return found
