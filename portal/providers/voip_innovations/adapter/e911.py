"""Emergency records, locations and alerts (voip-innovations.md 2.8, 2.9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.e911 import AddressCheck, EmergencyAddress, EmergencyRecord
from portal.providers.errors import (
    ProviderProtocolError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from portal.providers.voip_innovations import codes, codes_e911
from portal.providers.voip_innovations.client import Client
from portal.providers.voip_innovations.mapping import e911 as mapping
from portal.providers.xml import Record
from portal.tn import TN


class E911:
    """Mixed into the adapter."""

    client: Client

    def validate_address(self, address: EmergencyAddress, *, caller_name: str = "") -> AddressCheck:
        """Return the verdict of validate911; it does not tell how the address would be stored."""
        location = mapping.location(address)
        return mapping.address_check(self.client.validate_911(location, caller_name=caller_name))

    def e911_record(self, tn: TN) -> EmergencyRecord | None:
        """Return what query911 tells."""
        return mapping.current_record(self.client.query_911(tn.digits10), tn)

    def set_e911(self, tn: TN, *, address: EmergencyAddress, caller_name: str) -> ItemOutcome:
        """Put 911 on a number by insert911."""
        did, location = tn.digits10, mapping.location(address)
        return _by_records(
            "insert911", tn, lambda: self.client.insert_911(did, location, caller_name=caller_name)
        )

    def change_e911(self, tn: TN, *, address: EmergencyAddress, caller_name: str) -> ItemOutcome:
        """Validate once more, then move the number by update911.

        A bad address would take the old one away, so it is never sent. Where validating fails,
        nothing was sent either: `ProviderUnavailable`.
        """
        did, location = tn.digits10, mapping.location(address)
        try:
            check = self.validate_address(address, caller_name=caller_name)
        except ProviderRefused as error:
            return _refused("update911", tn, error)
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
                advice=f"Nothing was sent; the number keeps its address. {check.advice}",
            )
        try:
            records = self.client.update_911(did, location, caller_name=caller_name)
        except ProviderRefused as error:
            told = _refused("update911", tn, error)
            is_verdict = error.code.isdecimal()  # a fault, which is none, blames the request
            may_be_gone = is_verdict and error.code not in codes_e911.UNTOUCHED
            return _unclear(told) if may_be_gone else told
        return mapping.outcome(records, "update911", tn)

    def remove_e911(self, tn: TN) -> ItemOutcome:
        """Take 911 off a number by remove911."""
        return _by_records("remove911", tn, lambda: self.client.remove_911(tn.digits10))

    def list_e911(self) -> Iterator[EmergencyRecord]:
        """Yield what audit911 lists, as it arrives."""
        return mapping.audited_records(self.client.audit_911())

    def e911_history(self, tn: TN) -> list[EmergencyRecord]:
        """Return what the 911 carrier tells of earlier tries."""
        return mapping.history(self.client.get_provisioning_history(tn.digits10), tn)

    def e911_alerts(self, tn: TN) -> list[str]:
        """Return who is mailed."""
        return mapping.alerts(self.client.query_911_alert(tn.digits10))

    def add_e911_alert(self, tn: TN, *, email: str) -> ItemOutcome:
        """Add one address."""
        return _by_verdict(
            "Add911Alert", tn, lambda: self.client.add_911_alert(tn.digits10, email.strip())
        )

    def remove_e911_alert(self, tn: TN, *, email: str) -> ItemOutcome:
        """Remove one address; raises ValueError for an empty one, which would remove them all."""
        if not email.strip():
            raise ValueError("no mail address was given")
        return _by_verdict(
            "Remove911Alert", tn, lambda: self.client.remove_911_alert(tn.digits10, email.strip())
        )

    def remove_e911_alerts(self, tn: TN) -> ItemOutcome:
        """Remove every address by an empty one, as the provider's list suggests."""
        return _by_verdict(
            "Remove911Alert", tn, lambda: self.client.remove_911_alert(tn.digits10, "")
        )

    def e911_locations(self, tn: TN) -> list[EmergencyRecord]:
        """Return the kept locations."""
        return mapping.located(self.client.get_locations(tn.digits10), tn, "getLocations")

    def add_e911_location(
        self, tn: TN, *, address: EmergencyAddress, caller_name: str
    ) -> EmergencyRecord:
        """Keep a location."""
        did, location = tn.digits10, mapping.location(address)
        records = self.client.add_location(did, location, caller_name=caller_name)
        return mapping.added_location(records, tn)

    def provision_e911_location(self, tn: TN, *, location_ref: str) -> ItemOutcome:
        """Make a kept location the active one."""
        return _by_records(
            "provisionLocation",
            tn,
            lambda: self.client.provision_location(tn.digits10, location_ref),
        )

    def remove_e911_location(self, tn: TN, *, location_ref: str) -> ItemOutcome:
        """Forget a kept location."""
        return _by_records(
            "removeLocation", tn, lambda: self.client.remove_location(location_ref, tn.digits10)
        )


def _by_records(operation: str, tn: TN, send: Callable[[], list[Record]]) -> ItemOutcome:
    """Send a write whose fate stands in Status911 records."""
    try:
        records = send()
    except ProviderRefused as error:
        return _refused(operation, tn, error)
    return mapping.outcome(records, operation, tn)


def _unclear(told: ItemOutcome) -> ItemOutcome:
    """Return a refused change as unknown: its code does not say that the old address is kept."""
    return replace(
        told,
        outcome=Outcome.UNKNOWN,
        message=told.message.replace(" Nothing was carried out.", ""),
        advice=codes_e911.NOW_WITHOUT,
    )


def _by_verdict(operation: str, tn: TN, send: Callable[[], None]) -> ItemOutcome:
    """Send a write whose reply holds nothing but the outer verdict."""
    try:
        send()
    except ProviderRefused as error:
        return _refused(operation, tn, error)
    return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, code=codes.SUCCESS)


def _refused(operation: str, tn: TN, error: ProviderRefused) -> ItemOutcome:
    advice = codes.outer(error.code, operation).words.advice
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.REFUSED,
        code=error.code,
        message=error.message,
        advice=f"{codes_e911.NOT_DONE[operation]} {advice}",
    )
