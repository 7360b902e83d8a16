"""What a number does beside ringing; lookups (voicetel.md 8, 10)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from portal.providers.base import Account
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.features import FaxToEmail
from portal.providers.dto.lookups import NameLookup, RoutingLookup
from portal.providers.errors import ProviderRefused
from portal.providers.voicetel import codes
from portal.providers.voicetel.adapter.network import gateway_id
from portal.providers.voicetel.adapter.ordering import DEFAULT_ROUTE
from portal.providers.voicetel.adapter.outcomes import refused
from portal.providers.voicetel.client import Client
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.mapping import features as mapping
from portal.providers.voicetel.methods import features as methods
from portal.providers.voicetel.methods import inventory
from portal.providers.voicetel.methods.core import Method
from portal.tn import TN

_OTHER: Final = "VoiceTel confirms another value than the one that was sent: {}."
_LOOK: Final = "Sync the number to see what holds now."


class Features:
    """The capabilities of single numbers; mixed into the adapter."""

    account: Account
    client: Client

    def assign_route(
        self, tns: Sequence[TN], *, route_ref: str, reference: str = ""
    ) -> Iterator[ItemOutcome]:
        """Send the calls of numbers to a gateway, one request each; `reference` cannot be said.

        An error in the middle leaves the numbers after it unsent.
        """
        route = gateway_id(route_ref)
        numbers = [(tn, tn.digits10) for tn in dict.fromkeys(tns)]
        return (self._assign(tn, number, route) for tn, number in numbers)

    def forward(self, tn: TN) -> TN | None:
        """Return where all calls go, None where they go to the gateway."""
        record = self.client.get_number(tn.digits10)
        if record is None:
            words = codes.status("404")
            raise ProviderRefused(words.happened, code="404", operation=inventory.GET_NUMBER.name)
        return mapping.forward_of(record, tn)

    def set_forward(self, tn: TN, *, to: TN) -> ItemOutcome:
        """Forward all calls."""
        destination = to.digits10
        return self._change(
            methods.PUT_NUMBER_FORWARD,
            tn,
            lambda: self.client.put_number_forward(tn.digits10, destination=destination),
            confirms=("forwardTo", destination, "forward_to"),
        )

    def remove_forward(self, tn: TN, *, route_ref: str = "") -> ItemOutcome:
        """Send calls to the number's gateway again; ValueError where another route is wanted."""
        if route_ref:
            raise ValueError(
                "calls go to the gateway where they went before; route them afterwards"
            )
        return self._remove(tn, self.client.delete_number_forward, codes.NOT_CHANGED)

    def set_translation(self, tn: TN, *, digits: str) -> ItemOutcome:
        """Choose the digits that the gateway receives: digits and ``#``."""
        return self._change(
            methods.PUT_NUMBER_TRANSLATION,
            tn,
            lambda: self.client.put_number_translation(tn.digits10, translation=digits),
            confirms=("translation", digits, "translated_to"),
        )

    def set_caller_name_lookup(self, tn: TN, *, is_on: bool) -> ItemOutcome:
        """Switch the lookup of callers' names; each is charged."""
        return self._change(
            methods.PUT_NUMBER_CNAM,
            tn,
            lambda: self.client.put_number_cnam(tn.digits10, enabled=is_on),
            confirms=("cnam", "true" if is_on else "false", "inbound_cnam"),
        )

    def set_caller_name(self, tn: TN, *, name: str, reference: str = "") -> ItemOutcome:
        """Store the name that called people may see.

        VoiceTel keeps it even where the carriers' database does not take it; that is a refusal
        then, and unknown where the answer does not tell.
        """
        try:
            content = self.client.put_number_lidb(
                tn.digits10, cnam=name, customer_order_reference=reference
            )
        except ProviderRefused as error:
            return refused(tn, error, codes.NOT_CHANGED)
        stored = mapping.stored_name(content, tn)
        verdict = {True: Outcome.SUCCEEDED, False: Outcome.REFUSED, None: Outcome.UNKNOWN}
        words = codes.CALLER_NAME[stored.is_taken]
        said = f" It said: {stored.word}" if stored.is_taken is False else ""
        return ItemOutcome(
            tn=tn,
            outcome=verdict[stored.is_taken],
            code=stored.word,
            message=f"{words.happened}{said}",
            advice=words.advice,
            provider_ref=stored.reference,
            values={"cnam_name": stored.name} if stored.name else {},
        )

    def fax_to_email(self, tn: TN) -> FaxToEmail:
        """Return where faxes are mailed.

        VoiceTel answers alike for a number that takes no faxes and for one that is not ours.
        """
        return mapping.fax_to_email(self.client.get_number_fax(tn.digits10), tn)

    def set_fax_to_email(self, tn: TN, *, email: str) -> ItemOutcome:
        """Have the faxes mailed."""
        return self._change(
            methods.PUT_NUMBER_FAX,
            tn,
            lambda: self.client.put_number_fax(tn.digits10, email=email),
            confirms=("email", email, "fax_email"),
        )

    def remove_fax_to_email(self, tn: TN) -> ItemOutcome:
        """Take no more faxes; refused with 404 where nothing is set."""
        return self._remove(tn, self.client.delete_number_fax, codes.NOT_CHANGED)

    def claim_tn(self, tn: TN, *, route_ref: str = "") -> ItemOutcome:
        """Put a number on the account, onto a gateway or the account's default one."""
        route = gateway_id(route_ref or str(self.account.setting("route", DEFAULT_ROUTE)))
        return self._change(
            inventory.POST_NUMBERS,
            tn,
            lambda: self.client.post_numbers(tn.digits10, route=route),
            confirms=("route", str(route), "route_ref"),
            not_done=codes.NOT_CLAIMED,
        )

    def transfer_tn(self, tn: TN, *, account_ref: str, route_ref: str) -> ItemOutcome:
        """Move a number to the account with this id, onto a gateway that is there."""
        if not (account_ref.isascii() and account_ref.isdigit() and len(account_ref) <= 20):
            raise ValueError(f"an account is named by its number, not by {account_ref[:40]!r}")
        route = gateway_id(route_ref)
        return self._change(
            inventory.PATCH_NUMBER,
            tn,
            lambda: self.client.patch_number(tn.digits10, account_id=int(account_ref), route=route),
            confirms=("accountId", str(int(account_ref)), "account_ref"),
            not_done=codes.NOT_MOVED,
        )

    def remove_tn(self, tn: TN) -> ItemOutcome:
        """Take a number off the account without giving it back. Cannot be undone."""
        return self._remove(tn, self.client.delete_number, codes.NOT_REMOVED)

    def look_up_name(self, tn: TN) -> NameLookup:
        """Return the caller name of any number; charged."""
        return mapping.name_lookup(self.client.get_cnam(tn.digits10), tn)

    def look_up_routing(self, tn: TN, *, caller: TN) -> RoutingLookup:
        """Return where a call to any number goes; charged."""
        content = self.client.get_lrn(tn.digits10, ani=caller.digits10)
        return mapping.routing_lookup(content, tn, caller)

    def _assign(self, tn: TN, number: str, route: int) -> ItemOutcome:
        return self._change(
            methods.PUT_NUMBER_ROUTE,
            tn,
            lambda: self.client.put_number_route(number, route=route),
            confirms=("route", str(route), "route_ref"),
        )

    def _change(
        self,
        method: Method,
        tn: TN,
        send: Callable[[], Record],
        *,
        confirms: tuple[str, str, str],
        not_done: str = codes.NOT_CHANGED,
    ) -> ItemOutcome:
        """Send one change and compare what the reply confirms.

        `confirms` is the reply's field, the value that was sent, and our name for it.
        """
        field, wanted, ours = confirms
        try:
            content = send()
        except ProviderRefused as error:
            return refused(tn, error, not_done)
        told = mapping.confirmed(content, field, tn, method)
        values = {ours: told} if told else {}
        if told and not mapping.is_same(told, wanted):
            return ItemOutcome(
                tn=tn,
                outcome=Outcome.UNKNOWN,
                message=_OTHER.format(told[:60]),
                advice=_LOOK,
                values=values,
            )
        return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, values=values)

    def _remove(self, tn: TN, send: Callable[[str], None], not_done: str) -> ItemOutcome:
        try:
            send(tn.digits10)
        except ProviderRefused as error:
            return refused(tn, error, not_done)
        return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED)
