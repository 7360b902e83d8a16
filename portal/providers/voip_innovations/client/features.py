"""Diversions, conference lines and caller names (voip-innovations.md 2.5, 2.7).

A write whose reply is a DIDResponse returns whatever DID records came: none is expected, but one
that comes has a verdict of its own (quirk 1).
"""

from __future__ import annotations

from collections.abc import Iterator

from portal.providers.voip_innovations.client.arguments import (
    require_id,
    require_name,
    require_pin,
)
from portal.providers.voip_innovations.client.core import judge_result, require_digits
from portal.providers.voip_innovations.client.features_fax import Fax
from portal.providers.voip_innovations.client.features_groups import Groups
from portal.providers.xml import Record, find_text


class Features(Fax, Groups):
    """The operations on what one number does beside ringing."""

    def get_did_forward(self, tn: str) -> list[Record]:
        """Return the number's DID record with `forward` filled (3.38)."""
        return self._dids("GetDIDForward", tn)

    def set_did_forward(self, tn: str, forward: str) -> list[Record]:
        """Send all calls to ten digits, past the endpoint group (3.39)."""
        require_digits(forward)
        return self._changed("SetDIDForward", {"tn": require_digits(tn), "forward": forward})

    def remove_did_forward(self, tn: str, *, epg_id: int) -> list[Record]:
        """End a forward; the endpoint group takes the number. The id travels as a string (3.40)."""
        group = str(require_id(epg_id, "an endpoint group"))
        return self._changed("RemoveDIDForward", {"tn": require_digits(tn), "epgId": group})

    def audit_did_forwards(self) -> Iterator[Record]:
        """Yield the DIDForward records of the account, as they arrive (3.62)."""
        return self._stream("AuditDIDForwards", {}, ("DIDForward",))

    def get_did_failover(self, tn: str) -> list[Record]:
        """Return the number's DID record with `failover` filled, empty for none (3.31)."""
        return self._dids("GetDIDFailover", tn)

    def update_did_failover(self, tn: str, failover: str) -> list[Record]:
        """Set where calls go when the endpoint fails: ten digits, or "" to remove it (3.30)."""
        if failover:
            require_digits(failover)
        return self._changed("UpdateDIDFailover", {"tn": require_digits(tn), "failover": failover})

    def audit_did_failovers(self) -> Iterator[Record]:
        """Yield the DIDFailover records of the account, as they arrive (3.61)."""
        return self._stream("AuditDIDFailovers", {}, ("DIDFailover",))

    def get_conference_line(self, tn: str) -> list[Record]:
        """Return the ConferenceLine record, one or none (3.42)."""
        return self._line("GetConferenceLine", {"tn": require_digits(tn)})

    def set_conference_line(self, tn: str, pin: str) -> list[Record]:
        """Make the number a conference line; return its ConferenceLine record (3.43)."""
        require_pin(pin)
        return self._line("SetConferenceLine", {"tn": require_digits(tn), "pin": pin})

    def remove_conference_line(self, tn: str) -> list[Record]:
        """End the conference line; return its ConferenceLine record (3.44)."""
        return self._line("RemoveConferenceLine", {"tn": require_digits(tn)})

    def audit_conference_lines(self) -> Iterator[Record]:
        """Yield the ConferenceLine records of the account, as they arrive (3.60)."""
        return self._stream("AuditConferenceLines", {}, ("ConferenceLine",))

    def get_cnam_display(self, tn: str) -> str:
        """Return the outbound caller name, "" for none (3.23)."""
        return self._display_name("GetCNAMDisplay", {"tn": require_digits(tn)})

    def update_cnam_display(self, tn: str, name: str) -> str:
        """Store an outbound caller name; return it where the reply repeats it, else "" (3.24)."""
        require_name(name)
        return self._display_name("UpdateCNAMDisplay", {"tn": require_digits(tn), "name": name})

    def remove_cnam(self, tn: str) -> None:
        """Remove the outbound caller name (3.25)."""
        self._carry_out("RemoveCNAM", {"tn": require_digits(tn)})

    def _line(self, operation: str, values: dict[str, str]) -> list[Record]:
        with self._asked(operation, values) as result:
            return self._records(result, operation, "ConferenceLine")

    def _display_name(self, operation: str, values: dict[str, str]) -> str:
        with self._asked(operation, values) as result:
            judge_result(result, operation)
            return find_text(result, "displayname")
