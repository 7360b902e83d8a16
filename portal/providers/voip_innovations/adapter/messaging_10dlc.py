"""Brands and campaigns of 10DLC: the provider's customers are our brands (section 2.11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Final, TypeVar

from portal.providers.dto import ItemOutcome
from portal.providers.dto.messaging import (
    Brand,
    Campaign,
    CampaignChange,
    CampaignImport,
    Choice,
)
from portal.providers.errors import ProviderRefused, off_contract
from portal.providers.voip_innovations import codes
from portal.providers.voip_innovations.adapter.messaging_outcomes import distinct, settled_together
from portal.providers.voip_innovations.client import Client
from portal.providers.voip_innovations.mapping import messaging_10dlc as mapping
from portal.tn import TN

Noun = TypeVar("Noun", Brand, Campaign)

# What the provider gives and nobody sends.
_THEIRS: Final = frozenset({"word", "state", "details"})


class Registration:
    """The capabilities around brands and campaigns."""

    client: Client

    def list_brands(self, *, tag: str = "") -> list[Brand]:
        """Return the account's customers, or those that carry a tag."""
        if tag:
            records = self.client.get_sms_customers_by_tag(tag)
            return mapping.brands(records, "GetSMSCustomersByTag")
        return mapping.brands(self.client.get_sms_customers(), "GetSMSCustomers")

    def create_brand(self, brand: Brand) -> Brand:
        """Register a customer; return it as the reply shows it.

        `ProviderProtocolError` where the reply shows none: its reference is then to be looked up by
        the legal name.
        """
        records = self.client.create_sms_customer(mapping.customer(brand))
        found = mapping.brands(records, "CreateSMSCustomer")
        return _made(found, "CreateSMSCustomer", lambda b: b.legal_name == brand.legal_name)

    def update_brand(self, brand: Brand) -> Brand:
        """Change a customer; return it as the reply shows it, else as it was sent.

        Whatever is not changed is read first and sent along, for nobody says whether a missing
        field stays or is emptied. Raises `ProviderRefused` where there is no such customer.
        """
        now = self.brand(brand.ref)
        if now is None:
            raise _none("UpdateSMSCustomer")
        names = [field.name for field in fields(Brand) if field.name not in _THEIRS]
        given = {name: text for name in names if (text := getattr(brand, name))}
        wanted = replace(now, **given)
        records = self.client.update_sms_customer(mapping.customer(wanted))
        found = mapping.brands(records, "UpdateSMSCustomer")
        return next((each for each in found if each.ref == brand.ref), wanted)

    def delete_brand(self, ref: str) -> None:
        """Forget a customer."""
        self.client.delete_sms_customer(ref)

    def brand(self, ref: str) -> Brand | None:
        """Return a customer with its present state."""
        operation = "CheckSMSCustomerStatus"
        found = mapping.brands(self.client.check_sms_customer_status(ref), operation)
        if not found:
            return None
        ours = [brand for brand in found if brand.ref == ref]
        if not ours:
            raise off_contract(operation, False, "it is about another customer")
        return ours[0]

    def send_brand_code(self, ref: str) -> None:
        """Have the one-time password sent."""
        self.client.trigger_sms_otp(ref)

    def registration_choices(self) -> list[Choice]:
        """Return the entries of every list of words."""
        return mapping.choices(self.client.get_sms_enumerations())

    def usecase_choices(self, brand_ref: str) -> list[Choice]:
        """Return the use cases that are open to a customer."""
        return mapping.choices(self.client.get_sms_usecase_options(brand_ref))

    def list_campaigns(self, refs: Sequence[str] = ()) -> list[Campaign]:
        """Return every campaign of the account, whatever `refs` holds."""
        return mapping.campaigns(self.client.get_sms_campaigns(), "GetSMSCampaigns")

    def create_campaign(self, campaign: Campaign) -> Campaign:
        """Register a campaign; return it as the reply shows it.

        `ProviderProtocolError` where the reply shows none, as for `create_brand`.
        """
        records = self.client.create_sms_campaign(mapping.new_campaign(campaign))
        found = mapping.campaigns(records, "CreateSMSCampaign")
        return _made(
            found,
            "CreateSMSCampaign",
            lambda c: (c.name, c.description) == (campaign.name, campaign.description),
        )

    def update_campaign(self, ref: str, *, change: CampaignChange) -> Campaign | None:
        """Change a campaign's texts; those that stay are read first and sent along, as for brands.

        Raises `ProviderRefused` where there is no such campaign.
        """
        if len(change.samples) > 2:
            raise ValueError("VoIP Innovations takes two sample messages")
        if change == CampaignChange():
            raise ValueError("nothing of the campaign is to be changed")
        now = next((each for each in self.list_campaigns() if each.ref == ref), None)
        if now is None:
            raise _none("UpdateSMSCampaign")
        first, second = (*(change.samples or now.samples), "", "")[:2]
        records = self.client.update_sms_campaign(
            ref,
            help_message=change.help_message or now.help_message,
            opt_out_message=change.opt_out_message or now.opt_out_message,
            message_flow=change.message_flow or now.message_flow,
            description=change.description or now.description,
            sample_msg1=first,
            sample_msg2=second,
        )
        found = mapping.campaigns(records, "UpdateSMSCampaign")
        return next((each for each in found if each.ref == ref), None)

    def delete_campaign(self, ref: str) -> None:
        """Forget a campaign."""
        self.client.delete_sms_campaign(ref)

    def rejection_reason(self, ref: str) -> str:
        """Return why a campaign was rejected, in the provider's words."""
        return mapping.rejection_reason(self.client.get_campaign_rejection_reason(ref))

    def why_not_importable(self, campaign: CampaignImport) -> str:
        """Return what is missing: the wire takes id and name only."""
        if not campaign.ref.strip():
            return "The campaign's id at the registry is needed."
        return "" if campaign.name.strip() else "VoIP Innovations wants a name for the campaign."

    def import_campaign(self, campaign: CampaignImport) -> Campaign | None:
        """Use a campaign of the registry; raises ValueError where something is missing."""
        if reason := self.why_not_importable(campaign):
            raise ValueError(reason)
        operation = "RegisterExternalSMSCampaign"
        records = self.client.register_external_sms_campaign(campaign.ref, campaign.name)
        found = mapping.campaigns(records, operation)
        return next((each for each in found if each.ref == campaign.ref), None)

    def resubmit_campaign(self, ref: str) -> None:
        """Have a campaign of the registry reviewed again."""
        self.client.resubmit_external_sms_campaign(ref)

    def assign_campaign(self, tns: Sequence[TN], *, campaign_ref: str) -> Iterator[ItemOutcome]:
        """Put numbers into a campaign, in parts."""
        return settled_together(
            "AssignToSMSCampaign",
            distinct(tns),
            lambda part: self.client.assign_to_sms_campaign(part, campaign_ref),
            shows=lambda record: None,
            values={"campaign_ref": campaign_ref},
        )

    def unassign_campaign(self, tns: Sequence[TN], *, campaign_ref: str) -> Iterator[ItemOutcome]:
        """Take numbers out of their campaign, in parts; the wire does not ask which one it is."""
        return settled_together(
            "RemoveFromSMSCampaign",
            distinct(tns),
            lambda part: self.client.remove_from_sms_campaign(part),
            shows=lambda record: None,
            values={"campaign_ref": ""},
        )


def _made(found: Sequence[Noun], operation: str, is_it: Callable[[Noun], bool]) -> Noun:
    """Return what was made: the only one shown, or the only one that fits."""
    fitting = [each for each in found if is_it(each)] if len(found) > 1 else list(found)
    if len(fitting) != 1:
        raise off_contract(operation, True, "it does not show what was made")
    return fitting[0]


def _none(operation: str) -> ProviderRefused:
    known = codes.outer(codes.NO_RECORDS, operation).words
    return ProviderRefused(
        f"{known.happened} Nothing was carried out.", code=codes.NO_RECORDS, operation=operation
    )
