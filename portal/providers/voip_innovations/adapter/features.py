"""Diversions, caller names and conference lines; fax and groups stand in the neighbour modules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from portal.providers.dto import ItemOutcome, NumberStatus, Outcome, Ownership
from portal.providers.dto.features import ConferenceLine, Diversion
from portal.providers.errors import ProviderRefused
from portal.providers.voip_innovations.adapter.features_changes import refused
from portal.providers.voip_innovations.adapter.features_fax import FaxFeatures
from portal.providers.voip_innovations.adapter.features_groups import GroupFeatures
from portal.providers.voip_innovations.adapter.features_routes import RouteFeatures
from portal.providers.voip_innovations.client import DIDParam
from portal.providers.voip_innovations.mapping import features as mapping
from portal.providers.xml import Record
from portal.tn import TN


class Features(FaxFeatures, GroupFeatures, RouteFeatures):
    """What one number does beside ringing; mixed into the adapter."""

    query_tn: Callable[[TN], NumberStatus]

    # -- diversions ------------------------------------------------------------------------

    def forward(self, tn: TN) -> TN | None:
        """Return where all calls go, None where they go to the endpoint group."""
        return mapping.diverted_to(self.client.get_did_forward(tn.digits10), tn, "GetDIDForward")

    def set_forward(self, tn: TN, *, to: TN) -> ItemOutcome:
        """Send all calls to `to`, past the endpoint group."""
        return self._change(
            "SetDIDForward",
            tn,
            lambda: self.client.set_did_forward(tn.digits10, to.digits10),
            values={"forward_to": to},
        )

    def remove_forward(self, tn: TN, *, route_ref: str = "") -> ItemOutcome:
        """Give the calls back to an endpoint group; one must be chosen or be the default."""

        def send() -> list[Record]:
            group = self._group_for(route_ref, "RemoveDIDForward")
            return self.client.remove_did_forward(tn.digits10, epg_id=group)

        return self._change("RemoveDIDForward", tn, send, values={"forward_to": ""})

    def list_forwards(self) -> Iterator[Diversion]:
        """Yield every forward of the account, as it arrives."""
        return mapping.diversions(self.client.audit_did_forwards(), "AuditDIDForwards")

    def failover(self, tn: TN) -> TN | None:
        """Return where calls go when the endpoint does not answer."""
        return mapping.diverted_to(self.client.get_did_failover(tn.digits10), tn, "GetDIDFailover")

    def set_failover(self, tn: TN, *, to: TN) -> ItemOutcome:
        """Set or replace that target."""
        return self._change(
            "UpdateDIDFailover",
            tn,
            lambda: self.client.update_did_failover(tn.digits10, to.digits10),
            values={"failover_to": to},
        )

    def remove_failover(self, tn: TN) -> ItemOutcome:
        """Remove it: the same operation, with an empty target."""
        return self._change(
            "UpdateDIDFailover",
            tn,
            lambda: self.client.update_did_failover(tn.digits10, ""),
            values={"failover_to": ""},
        )

    def list_failovers(self) -> Iterator[Diversion]:
        """Yield every failover of the account, as it arrives."""
        return mapping.diversions(self.client.audit_did_failovers(), "AuditDIDFailovers")

    # -- names -----------------------------------------------------------------------------

    def set_caller_name_lookup(self, tn: TN, *, is_on: bool) -> ItemOutcome:
        """Switch the lookup of callers' names, by configDID.

        That operation wants an endpoint group too: the number is asked for its own one first, for
        what a group of 0 would do is not told.
        """
        status = self.query_tn(tn)
        if status.ownership is not Ownership.OURS or status.owned is None:
            return ItemOutcome(
                tn=tn,
                outcome=Outcome.REFUSED,
                code=status.code,
                message="The number does not belong to this account.",
                advice="It was not changed. Sync the account and look again.",
            )
        param = DIDParam(tn=tn.digits10, epg=int(status.owned.route_ref or 0), cnam=is_on)
        (outcome,) = self._carry_out("configDID", self.client.config_did, [param])
        if outcome.outcome is not Outcome.SUCCEEDED:
            return outcome
        return replace(outcome, values={"inbound_cnam": str(is_on).lower()})

    def caller_name(self, tn: TN) -> str:
        """Return the outbound caller name, "" for none."""
        return self.client.get_cnam_display(tn.digits10)

    def set_caller_name(self, tn: TN, *, name: str, reference: str = "") -> ItemOutcome:
        """Store an outbound caller name; the wire carries no reference.

        `values` holds the name as the reply repeats it, or as it was sent.
        """
        try:
            told = self.client.update_cnam_display(tn.digits10, name)
        except ProviderRefused as error:
            return refused("UpdateCNAMDisplay", tn, error)
        return self._done(tn, cnam_name=told or name.strip())

    def remove_caller_name(self, tn: TN) -> ItemOutcome:
        """Remove the outbound caller name."""
        return self._change(
            "RemoveCNAM",
            tn,
            lambda: self.client.remove_cnam(tn.digits10),
            values={"cnam_name": ""},
        )

    # -- conference ------------------------------------------------------------------------

    def conference_line(self, tn: TN) -> ConferenceLine:
        """Return the number's conference line; where the reply has none, it is off."""
        operation = "GetConferenceLine"
        found = mapping.conference_line(self.client.get_conference_line(tn.digits10), tn, operation)
        return found or ConferenceLine(tn=tn, is_on=False)

    def set_conference_line(self, tn: TN, *, pin: str) -> ItemOutcome:
        """Switch it on. Unknown where the reply says that it is off."""
        return self._switched(
            "SetConferenceLine",
            tn,
            lambda: self.client.set_conference_line(tn.digits10, pin),
            is_on=True,
        )

    def remove_conference_line(self, tn: TN) -> ItemOutcome:
        """Switch it off. Unknown where the reply says that it is on."""
        return self._switched(
            "RemoveConferenceLine",
            tn,
            lambda: self.client.remove_conference_line(tn.digits10),
            is_on=False,
        )

    def list_conference_lines(self) -> Iterator[ConferenceLine]:
        """Yield every conference line of the account, as it arrives."""
        return mapping.conference_lines(self.client.audit_conference_lines())

    def _switched(
        self, operation: str, tn: TN, send: Callable[[], list[Record]], *, is_on: bool
    ) -> ItemOutcome:
        try:
            records = send()
        except ProviderRefused as error:
            return refused(operation, tn, error)
        line = mapping.conference_line(records, tn, operation, is_write=True)
        if line is None or line.is_on is is_on:
            return self._done(tn)
        return ItemOutcome(
            tn=tn,
            outcome=Outcome.UNKNOWN,
            message=f"The provider's answer says that the line is {'on' if line.is_on else 'off'}.",
            advice="Look at the conference line before trying again.",
        )
