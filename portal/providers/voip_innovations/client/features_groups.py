"""Groups of numbers, scripts, numbers abroad (voip-innovations.md 2.4, 2.13, 2.14)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from portal.providers.voip_innovations.client.arguments import require_id, require_international
from portal.providers.voip_innovations.client.core import Core, judge_result, require_digits
from portal.providers.xml import Record, find_records, is_named, read_record


@dataclass(frozen=True, kw_only=True, slots=True)
class CountryFound:
    """A Country record with the City records inside it."""

    country: Record
    cities: tuple[Record, ...]


class Groups(Core):
    """The operations on groups, scripts and numbers of other countries."""

    def create_did_group(self, name: str = "") -> list[Record]:
        """Make a group; return its DIDGroup record with the new id (3.33). The name may be empty."""
        with self._asked("CreateDIDGroup", {"name": name or None}) as result:
            judge_result(result, "CreateDIDGroup")
            return find_records(result, "DIDGroup")

    def get_did_groups(self) -> list[Record]:
        """Return the account's DIDGroup records (3.36)."""
        with self._asked("GetDIDGroups", {}) as result:
            return self._records(result, "GetDIDGroups", "DIDGroup")

    def get_did_group(self, tn: str) -> list[Record]:
        """Return the DIDGroup record of the group that a number is in, or none (3.35)."""
        with self._asked("GetDIDGroup", {"tn": require_digits(tn)}) as result:
            return self._records(result, "GetDIDGroup", "DIDGroup")

    def set_did_group(self, tn: str, *, group_id: int) -> list[Record]:
        """Put a number into a group (3.32); `groupId` is here that of a DID group, as an int."""
        group = require_id(group_id, "a group of numbers")
        return self._changed("SetDIDGroup", {"tn": require_digits(tn), "groupId": group})

    def remove_did_group(self, tn: str) -> list[Record]:
        """Take a number out of its group; the group stays (3.34)."""
        return self._changed("RemoveDIDGroup", {"tn": require_digits(tn)})

    def audit_did_group(self, *, group_id: int) -> Iterator[Record]:
        """Yield the DID records of a group, as they arrive (3.37)."""
        group = require_id(group_id, "a group of numbers")
        return self._stream("AuditDIDGroup", {"groupId": group}, ("DID",))

    def get_scripts(self) -> list[Record]:
        """Return the ProgrammableTelcoScript records (3.69)."""
        with self._asked("GetScripts", {}) as result:
            return self._records(result, "GetScripts", "ProgrammableTelcoScript")

    def program_did(self, did: str, *, script_id: str) -> None:
        """Let a script answer a number's calls (3.70)."""
        if not script_id.strip():
            raise ValueError("a script has an id")
        self._carry_out("ProgramDID", {"did": require_digits(did), "scriptId": script_id})

    def unprogram_did(self, did: str, *, endpoint_group_id: int) -> None:
        """Give a number back from its script to an endpoint group (3.71)."""
        group = str(require_id(endpoint_group_id, "an endpoint group"))
        self._carry_out("UnprogramDID", {"did": require_digits(did), "endpointGroupId": group})

    def get_countries(self) -> list[CountryFound]:
        """Return countries and their cities (3.17)."""
        with self._asked("GetCountries", {}) as result:
            self._records(result, "GetCountries", "Country")
            return [
                CountryFound(
                    country=read_record(element), cities=tuple(find_records(element, "City"))
                )
                for element in result.iterdescendants()
                if is_named(element, "country") and len(element)
            ]

    def assign_intl_did(self, *, city_id: int, epg_id: int) -> list[Record]:
        """Buy the next number of a city (3.18); return its IntlDID record.

        The endpoint group must not strip the country code. 900 says that the city has none.
        """
        city, group = require_id(city_id, "a city"), require_id(epg_id, "an endpoint group")
        with self._asked("AssignIntlDID", {"cityID": city, "epgID": group}) as result:
            judge_result(result, "AssignIntlDID")
            return find_records(result, "DID") or find_records(result, "IntlDID")

    def release_intl_did(self, tn: str) -> None:
        """Give a number of another country back (3.19): country code first, no plus."""
        self._carry_out("ReleaseIntlDID", {"tn": require_international(tn)})

    def audit_intl_dids(self) -> Iterator[Record]:
        """Yield the IntlDID records of the account, as they arrive (3.41)."""
        return self._stream("AuditIntlDIDs", {}, ("IntlDID",), container="DIDs")

    def _dids(self, operation: str, tn: str) -> list[Record]:
        with self._asked(operation, {"tn": require_digits(tn)}) as result:
            return self._records(result, operation, "DID")

    def _changed(self, operation: str, values: dict[str, Any]) -> list[Record]:
        """Send a change whose reply is a DIDResponse; return the DID records, if any came."""
        with self._asked(operation, values) as result:
            judge_result(result, operation)
            return find_records(result, "DID")
