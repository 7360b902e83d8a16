"""Emergency records (voicetel.md 5)."""

from __future__ import annotations

from collections.abc import Iterator

from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.e911 import AddressCheck, EmergencyAddress, EmergencyRecord
from portal.providers.errors import (
    ProviderProtocolError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from portal.providers.voicetel import codes
from portal.providers.voicetel.adapter.outcomes import refused
from portal.providers.voicetel.client import Client
from portal.providers.voicetel.mapping import e911 as mapping
from portal.providers.voicetel.methods import e911 as methods
from portal.tn import TN


class E911:
    """Mixed into the adapter."""

    client: Client

    def validate_address(self, address: EmergencyAddress, *, caller_name: str = "") -> AddressCheck:
        """Return the address as the validator spells it; `caller_name` has no place here."""
        fields = mapping.address_fields(address)
        try:
            content = self.client.post_e911_validations(fields)
        except ProviderRefused as error:
            if error.code != "409":
                raise
            advice = codes.status(error.code, error.operation).advice
            return AddressCheck(
                is_valid=False, code=error.code, message=error.message, advice=advice
            )
        return mapping.address_check(content)

    def e911_record(self, tn: TN) -> EmergencyRecord | None:
        """Return the number's record.

        409 reads as "none" where its text says so; any other is raised, for a number with 911 must
        not look like one without.
        """
        try:
            content = self.client.get_e911_record(tn.digits10)
        except ProviderRefused as error:
            if error.code == "409" and codes.says_no_e911(error.message):
                return None
            raise
        return mapping.record_of(content, tn, methods.GET_E911_RECORD)

    def set_e911(self, tn: TN, *, address: EmergencyAddress, caller_name: str) -> ItemOutcome:
        """Put 911 on a number; VoiceTel validates in the same step."""
        dn, fields = tn.digits10, mapping.address_fields(address)
        try:
            content = self.client.post_e911(dn, fields, callername=caller_name)
        except ProviderRefused as error:
            return refused(tn, error, codes.NOT_SET_911)
        return _set(mapping.record_of(content, tn, methods.POST_E911))

    def change_e911(self, tn: TN, *, address: EmergencyAddress, caller_name: str) -> ItemOutcome:
        """Validate, for the id of an address may not live long, then put that address on.

        Where validating fails nothing was sent: `ProviderUnavailable`, or refused for an address
        that is not valid. `values` has the validator's spelling.
        """
        dn = tn.digits10
        try:
            check = self.validate_address(address)
        except ProviderRefused as error:
            return refused(tn, error, codes.NOT_CHANGED)
        except (ProviderTimeout, ProviderProtocolError) as error:
            raise ProviderUnavailable(
                f"The address could not be checked, so it was not sent. ({error.message})",
                code=error.code,
                operation=error.operation,
            ) from error
        if not check.is_valid:
            return ItemOutcome(
                tn=tn,
                outcome=Outcome.REFUSED,
                code=check.code,
                message=check.message,
                advice=f"{codes.NOT_CHANGED} {check.advice}",
            )
        try:
            content = self.client.put_e911_record(
                dn, addressid=int(check.ref), callername=caller_name
            )
        except ProviderRefused as error:
            return refused(tn, error, codes.NOT_CHANGED)
        return _set(mapping.record_of(content, tn, methods.PUT_E911_RECORD))

    def remove_e911(self, tn: TN) -> ItemOutcome:
        """Take the record off; succeeds too where the refusal's text says that there was none."""
        try:
            self.client.delete_e911_record(tn.digits10)
        except ProviderRefused as error:
            if error.code != "409" or not codes.says_no_e911(error.message):
                return refused(tn, error, codes.NOT_REMOVED_911)
            return ItemOutcome(
                tn=tn, outcome=Outcome.SUCCEEDED, code=error.code, message=error.message
            )
        return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED)

    def list_e911(self) -> Iterator[EmergencyRecord]:
        """Yield every record of the account as it arrives."""
        return mapping.records(self.client.get_e911())


def _set(record: EmergencyRecord) -> ItemOutcome:
    return ItemOutcome(tn=record.tn, outcome=Outcome.SUCCEEDED, values=record.values)
