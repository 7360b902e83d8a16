"""Customers and campaigns of 10DLC (voip-innovations.md 2.11).

Elements and records of a customer are [assumed]; what lists of choices look like is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from portal.providers.errors import off_contract
from portal.providers.voip_innovations import codes
from portal.providers.voip_innovations.client.core import Core, judge_result, require_digits
from portal.providers.voip_innovations.client.messaging_records import (
    Entry,
    entries,
    flat_record,
    named_records,
    told_records,
)
from portal.providers.xml import Record, find_text

TNS_BATCH: Final = 50  # no limit is published; section 1 advises small parts

_CUSTOMER: Final = ("SMSCustomer", "Customer")
_CAMPAIGN: Final = ("Campaign", "SMSCampaign")


@dataclass(frozen=True, kw_only=True, slots=True)
class SMSCustomer:
    """A customer as it is sent; empty fields are left out. Its status is not ours to say."""

    customer_id: str = ""
    legal_name: str = ""
    display_name: str = ""
    entity_type: str = ""
    vertical: str = ""
    ein: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    tag: str = ""

    def values(self) -> dict[str, str]:
        """Return the elements to send, by the names of section 4 [assumed]."""
        texts = {
            "CustomerId": self.customer_id,
            "LegalName": self.legal_name,
            "DisplayName": self.display_name,
            "EntityType": self.entity_type,
            "Vertical": self.vertical,
            "EIN": self.ein,
            "Address": self.address,
            "Phone": self.phone,
            "Email": self.email,
            "Website": self.website,
            "Tag": self.tag,
        }
        return {name: text for name, text in texts.items() if text}


@dataclass(frozen=True, kw_only=True, slots=True)
class SMSCampaign:
    """A campaign to be created (3.81); the nine flags are always sent."""

    customer_id: str
    description: str
    display_name: str = ""
    vertical: str = ""
    message_flow: str = ""
    sample_msg1: str = ""
    sample_msg2: str = ""
    sub_opt_in: bool = False
    sub_opt_out: bool = False
    sub_help: bool = False
    num_pooling: bool = False
    direct_lending: bool = False
    embedded_link: bool = False
    embedded_phone: bool = False
    aff_marketing: bool = False
    age_gated: bool = False
    usecase_id: str = ""
    sub_usecase_ids: tuple[str, ...] = ()

    def values(self) -> dict[str, Any]:
        """Return the parameters in the list's order; parts of a use case divided by commas."""
        return {
            "customerId": self.customer_id,
            "description": self.description,
            "displayName": self.display_name or None,
            "vertical": self.vertical or None,
            "messageFlow": self.message_flow or None,
            "sampleMsg1": self.sample_msg1 or None,
            "sampleMsg2": self.sample_msg2 or None,
            "subOptIn": self.sub_opt_in,
            "subOptOut": self.sub_opt_out,
            "subHelp": self.sub_help,
            "numPooling": self.num_pooling,
            "directLending": self.direct_lending,
            "embeddedLink": self.embedded_link,
            "embeddedPhone": self.embedded_phone,
            "affMarketing": self.aff_marketing,
            "ageGated": self.age_gated,
            "usecaseId": self.usecase_id or None,
            "subUsecaseIds": ",".join(self.sub_usecase_ids) or None,
        }


class Registration(Core):
    """The operations of 10DLC."""

    def get_sms_customers(self) -> list[Record]:
        """Return the customers of the account (3.77)."""
        return self._listed("GetSMSCustomers", {}, _CUSTOMER, "Customers")

    def get_sms_customers_by_tag(self, tag: str) -> list[Record]:
        """Return the customers that carry a tag (3.88)."""
        _require(tag, "a tag")  # an empty one would be read as absent, and mean all
        return self._listed("GetSMSCustomersByTag", {"tag": tag}, _CUSTOMER, "Customers")

    def check_sms_customer_status(self, customer_id: str) -> list[Record]:
        """Return the customer as it is now (3.93); [] for "no records" and for nothing else."""
        operation = "CheckSMSCustomerStatus"
        values = {"customerId": _require(customer_id, "a customer")}
        with self._asked(operation, values) as result:
            found = named_records(result, operation, names=_CUSTOMER, container="Customers")
            if not found and find_text(result, "responsecode") != codes.NO_RECORDS:
                raise off_contract(operation, False, "it does not show the customer")
            return found

    def create_sms_customer(self, customer: SMSCustomer) -> list[Record]:
        """Register a customer; return the records of the reply (3.82)."""
        _require(customer.legal_name, "a legal name")
        if customer.customer_id:
            raise ValueError("the provider gives a new customer its id")
        return self._told("CreateSMSCustomer", {"customer": customer.values()}, _CUSTOMER)

    def update_sms_customer(self, customer: SMSCustomer) -> list[Record]:
        """Change a customer; return the records of the reply (3.92b)."""
        _require(customer.customer_id, "a customer")
        return self._told("UpdateSMSCustomer", {"customer": customer.values()}, _CUSTOMER)

    def delete_sms_customer(self, customer_id: str) -> None:
        """Forget a customer (3.83)."""
        values = {"customerId": _require(customer_id, "a customer")}
        self._carry_out("DeleteSMSCustomer", values)

    def trigger_sms_otp(self, customer_id: str) -> None:
        """Have a customer's one-time password sent (3.91)."""
        self._carry_out("TriggerSMSOTP", {"customerId": _require(customer_id, "a customer")})

    def get_sms_enumerations(self) -> list[Entry]:
        """Return every entry of the lists of entity types, verticals and so on (3.85)."""
        return self._entries_of("GetSMSEnumerations", {})

    def get_sms_usecase_options(self, customer_id: str) -> list[Entry]:
        """Return every entry of the list of use cases that a customer may have (3.86)."""
        values = {"customerId": _require(customer_id, "a customer")}
        return self._entries_of("GetSMSUsecaseOptions", values)

    def get_sms_campaigns(self) -> list[Record]:
        """Return the campaigns of the account (3.78)."""
        return self._listed("GetSMSCampaigns", {}, _CAMPAIGN, "Campaigns")

    def create_sms_campaign(self, campaign: SMSCampaign) -> list[Record]:
        """Register a campaign; return the records of the reply (3.81)."""
        _require(campaign.customer_id, "a customer")
        _require(campaign.description, "a description")
        return self._told("CreateSMSCampaign", campaign.values(), _CAMPAIGN)

    def update_sms_campaign(
        self,
        campaign_id: str,
        *,
        help_message: str = "",
        opt_out_message: str = "",
        message_flow: str = "",
        description: str = "",
        sample_msg1: str = "",
        sample_msg2: str = "",
    ) -> list[Record]:
        """Change a campaign's texts, empty ones stay; return the records of the reply (3.92a)."""
        texts = {
            "helpMessage": help_message,
            "optOutMessage": opt_out_message,
            "messageFlow": message_flow,
            "description": description,
            "sampleMsg1": sample_msg1,
            "sampleMsg2": sample_msg2,
        }
        given = {name: text for name, text in texts.items() if text}
        if not given:
            raise ValueError("nothing of the campaign is to be changed")
        values = {"campaignId": _require(campaign_id, "a campaign"), **given}
        return self._told("UpdateSMSCampaign", values, _CAMPAIGN)

    def delete_sms_campaign(self, campaign_id: str) -> None:
        """Forget a campaign (3.84)."""
        values = {"campaignId": _require(campaign_id, "a campaign")}
        self._carry_out("DeleteSMSCampaign", values)

    def get_campaign_rejection_reason(self, campaign_id: str) -> Record:
        """Return every text of the reply (3.87), the verdict too: any may be the reason."""
        values = {"campaignId": _require(campaign_id, "a campaign")}
        with self._asked("GetCampaignRejectionReason", values) as result:
            judge_result(result, "GetCampaignRejectionReason")
            return flat_record(result)

    def register_external_sms_campaign(self, campaign_id: str, display_name: str) -> list[Record]:
        """Use a campaign of the registry; return the records of the reply (3.89)."""
        values = {
            "campaignId": _require(campaign_id, "a campaign"),
            "displayName": _require(display_name, "a name"),
        }
        return self._told("RegisterExternalSMSCampaign", values, _CAMPAIGN)

    def resubmit_external_sms_campaign(self, campaign_id: str) -> None:
        """Have a campaign of the registry reviewed again (3.90)."""
        values = {"campaignId": _require(campaign_id, "a campaign")}
        self._carry_out("ResubmitExternalSMSCampaign", values)

    def assign_to_sms_campaign(self, tns: Sequence[str], campaign_id: str) -> None:
        """Put numbers into a campaign (3.79); the one verdict is about all of them."""
        values = {
            "tns": {"string": require_tns(tns)},
            "campaignId": _require(campaign_id, "a campaign"),
        }
        self._carry_out("AssignToSMSCampaign", values)

    def remove_from_sms_campaign(self, tns: Sequence[str]) -> None:
        """Take numbers out of their campaigns (3.80); the one verdict is about all of them."""
        self._carry_out("RemoveFromSMSCampaign", {"tns": {"string": require_tns(tns)}})

    def _listed(
        self, operation: str, values: dict[str, Any], names: tuple[str, ...], container: str
    ) -> list[Record]:
        with self._asked(operation, values) as result:
            return named_records(result, operation, names=names, container=container)

    def _told(self, operation: str, values: dict[str, Any], names: tuple[str, ...]) -> list[Record]:
        with self._asked(operation, values) as result:
            judge_result(result, operation)
            return told_records(result, *names)

    def _entries_of(self, operation: str, values: dict[str, Any]) -> list[Entry]:
        with self._asked(operation, values) as result:
            judge_result(result, operation)
            return entries(result)


def require_tns(tns: Sequence[str]) -> list[str]:
    """Return numbers of ten digits unchanged; raises ValueError for none, too many, a bad one."""
    if not tns:
        raise ValueError("no number was given")
    if len(tns) > TNS_BATCH:
        raise ValueError(f"at most {TNS_BATCH} numbers go into one request")
    return [require_digits(tn) for tn in tns]


def _require(text: str, what: str) -> str:
    """Return a text that may not be empty, for an absent one can mean all (section 7)."""
    if not text.strip():
        raise ValueError(f"{what} is needed")
    return text
