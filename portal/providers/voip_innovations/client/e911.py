"""Emergency records and alerts (voip-innovations.md 2.8, 2.9); the old locations stand beside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from portal.providers.errors import off_contract
from portal.providers.voip_innovations.client.arguments import require_email
from portal.providers.voip_innovations.client.core import judge_result, require_digits
from portal.providers.voip_innovations.client.e911_locations import (
    Location911,
    Locations,
    require_caller_name,
)
from portal.providers.xml import Record, find_records, find_text, is_named, local_name

ALERT_LENGTH: Final = 150  # characters of an alert address, at most (code 940)

_ALERT_TEXTS = frozenset({"string", "alert", "email"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Found911:
    """What query911 tells: the active record, and the locations that the number has."""

    did911s: list[Record]
    locations: list[Record]


class E911(Locations):
    """The operations of this section."""

    def audit_911(self) -> Iterator[Record]:
        """Yield the DID911 records of the account, also of numbers not ours, as they arrive (3.9)."""
        return self._stream("audit911", {}, ("DID911",))

    def query_911(self, did: str) -> Found911:
        """Return what is known about one number (3.10); both lists empty for "no records"."""
        require_digits(did)
        with self._asked("query911", {"did": did}) as result:
            self._located(result, "query911", "DID911", "VILocation")
            return Found911(
                did911s=find_records(result, "DID911"),
                locations=find_records(result, "VILocation"),
            )

    def get_provisioning_history(self, did: str) -> list[Record]:
        """Return one VILocation for each try to provision the number (3.8); [] for none."""
        require_digits(did)
        with self._asked("getProvisioningHistory", {"did": did}) as result:
            return self._located(result, "getProvisioningHistory", "VILocation")

    def insert_911(self, did: str, location: Location911, *, caller_name: str) -> list[Record]:
        """Add a location and provision it (3.12); return the Status911 records."""
        return self._provision("insert911", did, location, caller_name)

    def update_911(self, did: str, location: Location911, *, caller_name: str) -> list[Record]:
        """Move a number to another location (3.13); return the Status911 records.

        A bad address leaves the number with no provisioned location: validate it first.
        """
        return self._provision("update911", did, location, caller_name)

    def remove_911(self, did: str) -> list[Record]:
        """Take 911 off a number (3.11); return the Status911 records."""
        return self._statuses("remove911", {"did": require_digits(did)})

    def validate_911(self, location: Location911, *, caller_name: str = "") -> Record:
        """Return code and text: 100 for an address that is valid, 101 for one that is not (3.26)."""
        values = location.values() | {"callerName": caller_name.strip() or None}
        with self._asked("validate911", values) as result:
            judge_result(result, "validate911")
            return {name: find_text(result, name) for name in ("responsecode", "responsemessage")}

    def add_911_alert(self, tn: str, email: str) -> None:
        """Mail an address of at most 150 characters when 911 is dialled (3.27)."""
        if len(email) > ALERT_LENGTH:
            raise ValueError(f"an alert address has at most {ALERT_LENGTH} characters")
        values = {"tn": require_digits(tn), "email": require_email(email)}
        self._carry_out("Add911Alert", values)

    def remove_911_alert(self, tn: str, email: str) -> None:
        """Mail an address no more (3.28); an empty one removes every address of the number."""
        values = {"tn": require_digits(tn), "email": require_email(email) if email else ""}
        self._carry_out("Remove911Alert", values)

    def query_911_alert(self, tn: str) -> list[str]:
        """Return the texts that hold alert addresses, several in one (3.29); [] for none."""
        require_digits(tn)
        with self._asked("Query911Alert", {"tn": tn}) as result:
            judge_result(result, "Query911Alert")
            found = _alert_texts(result)
            if not found and any(self._records(result, "Query911Alert", "Alert")):
                raise off_contract("Query911Alert", False, "an alert is no mail address")
            return [text for text in found if text]

    def _provision(
        self, operation: str, did: str, location: Location911, caller_name: str
    ) -> list[Record]:
        values: dict[str, Any] = {"did": require_digits(did), **location.values()}
        return self._statuses(operation, values | {"callerName": require_caller_name(caller_name)})


def _alert_texts(result: etree._Element) -> list[str]:
    """Return the texts in `Alerts`, empty ones too: one string with commas [doc], or several."""
    boxes = [element for element in result.iterdescendants() if is_named(element, "alerts")]
    bare = [text for box in boxes if (text := (box.text or "").strip())]
    leaves = [leaf for box in boxes for leaf in box.iterdescendants() if _is_text(leaf)]
    return bare + [(leaf.text or "").strip() for leaf in leaves]


def _is_text(element: etree._Element) -> bool:
    return len(element) == 0 and local_name(element) in _ALERT_TEXTS
