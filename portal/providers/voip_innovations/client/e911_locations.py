"""911 locations one by one: operations that no list of the provider has any more (2.8).

What a location looks like on the wire stands here too, for the operations on records send it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from portal.providers.errors import off_contract
from portal.providers.voip_innovations.client.core import (
    Core,
    judge_result,
    outer_error,
    require_digits,
)
from portal.providers.voip_innovations.codes_e911 import NOTHING_TOLD
from portal.providers.xml import Record, find_records

_STATE = re.compile(r"[A-Z]{2}")
_ZIP = re.compile(r"[0-9]{5}")
_PLUS_FOUR = re.compile(r"[0-9]{4}")
_LOCATION_ID = re.compile(r"[A-Za-z0-9-]{1,36}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Location911:
    """The address elements of a request; empty ones are not sent. `zip` has five digits."""

    address1: str
    city: str
    state: str
    zip: str
    address2: str = ""
    plus_four: str = ""

    def __post_init__(self) -> None:
        for name, text in (("house number and street", self.address1), ("city", self.city)):
            if not text.strip():
                raise ValueError(f"the address has no {name}")
        if not _STATE.fullmatch(self.state):
            raise ValueError(f"a state has two capital letters, not {self.state[:20]!r}")
        if not _ZIP.fullmatch(self.zip):
            raise ValueError(f"a ZIP code has five digits, not {self.zip[:20]!r}")
        if self.plus_four and not _PLUS_FOUR.fullmatch(self.plus_four):
            raise ValueError(f"a ZIP code goes on with four digits, not {self.plus_four[:20]!r}")

    def values(self) -> dict[str, Any]:
        """Return the elements to send; those of None are left out."""
        return {
            "address1": self.address1.strip(),
            "address2": self.address2.strip() or None,
            "city": self.city.strip(),
            "state": self.state,
            "zip": self.zip,
            "plusFour": self.plus_four or None,
        }


class Locations(Core):
    """The operations on single locations of a number."""

    def add_location(self, did: str, location: Location911, *, caller_name: str) -> list[Record]:
        """Keep a location without provisioning it; return its VILocation record."""
        values: dict[str, Any] = {"did": require_digits(did), **location.values()}
        values["callerName"] = require_caller_name(caller_name)
        with self._asked("addLocation", values) as result:
            judge_result(result, "addLocation")
            records = find_records(result, "VILocation")
            if not records:
                raise off_contract("addLocation", True, "it has no location")
            return records

    def get_locations(self, did: str) -> list[Record]:
        """Return the VILocation records of a number; a dummy one, or [], for none."""
        require_digits(did)
        with self._asked("getLocations", {"did": did}) as result:
            return self._located(result, "getLocations", "VILocation")

    def provision_location(self, did: str, location_id: str) -> list[Record]:
        """Make a kept location the active one; return the Status911 records."""
        values = {"did": require_digits(did), "locationId": _require_location_id(location_id)}
        return self._statuses("provisionLocation", values)

    def remove_location(self, location_id: str, did: str) -> list[Record]:
        """Forget a kept location; return the Status911 records."""
        values = {"locationId": _require_location_id(location_id), "did": require_digits(did)}
        return self._statuses("removeLocation", values)

    def _located(self, result: etree._Element, operation: str, *names: str) -> list[Record]:
        """Return the records of these names of a read.

        Raises what a code stands for that stands among the statuses instead of records.
        """
        records = [record for name in names for record in self._records(result, operation, name)]
        for status in [] if records else find_records(result, "Status911"):
            code = status.get("code", "")
            if code.isdecimal() and code not in NOTHING_TOLD:
                raise outer_error(operation, code, status.get("description", "")[:300])
            if code not in NOTHING_TOLD:
                raise off_contract(operation, False, f"a status without a record ({code[:40]})")
        return records

    def _statuses(self, operation: str, values: dict[str, Any]) -> list[Record]:
        """Send a write whose fate stands in Status911 records, one or several."""
        with self._asked(operation, values) as result:
            judge_result(result, operation)
            records = find_records(result, "Status911")
            if not records:
                raise off_contract(operation, True, "it does not tell what was carried out")
            return records


def require_caller_name(caller_name: str) -> str:
    """Return the name that the emergency desk sees, trimmed; raises ValueError for none."""
    if not caller_name.strip():
        raise ValueError("the address has no caller name")
    return caller_name.strip()


def _require_location_id(location_id: str) -> str:
    if not _LOCATION_ID.fullmatch(location_id):
        raise ValueError(f"{location_id[:40]!r} is not the reference of a location")
    return location_id
