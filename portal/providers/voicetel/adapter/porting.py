"""Portability, port orders, port-out PIN (voicetel.md 7.4, 10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from portal.providers.base import Account
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.porting import Portability, PortReceipt, PortRecord, PortRequest
from portal.providers.errors import ProviderRefused
from portal.providers.voicetel import codes
from portal.providers.voicetel.adapter.outcomes import refused
from portal.providers.voicetel.client import Client
from portal.providers.voicetel.mapping import porting as mapping
from portal.tn import TN


class Porting:
    """Mixed into the adapter."""

    account: Account
    client: Client
    portability_lifetime: timedelta = timedelta(hours=1)

    def check_portability(self, tn: TN) -> Portability:
        """Return whether a number can be ported; a yes unlocks its port for an hour."""
        return mapping.portability(self.client.get_ports_availability(tn.digits10), tn)

    def submit_port(self, request: PortRequest) -> PortReceipt:
        """Submit a port; 6 dollars for each number are taken at once."""
        date_form = str(self.account.setting("port_date_form", "date"))
        form = mapping.port_form(request, date_form=date_form)
        return mapping.receipt(self.client.post_ports(form))

    def list_ports(self) -> Iterator[PortRecord]:
        """Yield every port, the newest first, without its numbers; `port` tells these."""
        return mapping.ports(self.client.get_ports())

    def port(self, ref: str) -> PortRecord | None:
        """Return one port with its numbers."""
        content = self.client.get_port(ref)
        return None if content is None else mapping.port(content, ref)

    def set_port_out_pin(self, tn: TN, *, pin: str) -> ItemOutcome:
        """Set the PIN; the reply repeats it and is compared."""
        try:
            content = self.client.patch_number_port_out_pin(tn.digits10, pin=pin)
        except ProviderRefused as error:
            return refused(tn, error, codes.NOT_CHANGED)
        told = mapping.port_out_pin(content, tn)
        if told and told != pin:
            return ItemOutcome(
                tn=tn,
                outcome=Outcome.UNKNOWN,
                message="VoiceTel confirms another PIN than the one that was sent.",
                advice="Set the PIN again.",
            )
        return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED)
