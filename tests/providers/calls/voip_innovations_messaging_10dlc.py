"""VoIP Innovations: customers and campaigns of 10DLC, and their numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from portal.providers.dto.messaging import (
    Brand,
    Campaign,
    CampaignTrait,
    RegistrationState,
)
from portal.providers.errors import ProviderProtocolError
from portal.providers.voip_innovations.client import Client
from portal.providers.voip_innovations.mapping import messaging_10dlc as mapping
from tests.providers.calls import Example, Refusal, Stage

Call = Callable[[Client], Any]
_counter = itertools.count(1)


def _brand(name: str = "Example & Sons", **facts: str) -> Brand:
    """Return a brand that no other test registers."""
    wanted = {"entity_type": "PRIVATE_PROFIT", "vertical": "RETAIL", "tax_id": "00-0000017"}
    return Brand(
        legal_name=f"{name} {next(_counter)}",
        display_name=name,
        address="100 Example Street, Springfield, IL 62701",
        phone="2175550100",
        email="messages@example.net",
        website="https://www.example.net/?a=1&b=2",
        **{**wanted, **facts},
    )


def _campaign(brand_ref: str, name: str = "Order updates") -> Campaign:
    return Campaign(
        brand_ref=brand_ref,
        name=name,
        description=f"{name} for customers who asked for them",
        vertical="RETAIL",
        usecase="LOW_VOLUME",
        sub_usecases=("CUSTOMER_CARE", "DELIVERY_NOTIFICATION"),
        message_flow="Customers tick a box in their account.",
        samples=("Your order 17 is on its way.", "Your order 17 <has> arrived."),
        traits=frozenset({CampaignTrait.OPT_IN, CampaignTrait.OPT_OUT, CampaignTrait.AGE_GATED}),
    )


def _registered(stage: Stage, **facts: str) -> str:
    """Return the reference of a brand whose review has begun."""
    records = stage.helper.create_sms_customer(mapping.customer(_brand(**facts)))
    (brand,) = mapping.brands(records, "CreateSMSCustomer")
    return brand.ref


def _verified(stage: Stage) -> str:
    """Return the reference of a brand that was reviewed."""
    ref = _registered(stage)
    stage.sandbox.control("clock", advance="2h")
    return ref


def _created(stage: Stage, name: str = "Order updates") -> str:
    """Return the reference of a campaign whose review has begun."""
    wanted = mapping.new_campaign(_campaign(_verified(stage), name))
    (made,) = mapping.campaigns(stage.helper.create_sms_campaign(wanted), "CreateSMSCampaign")
    return made.ref


def _reviewed(stage: Stage, name: str = "Order updates") -> str:
    """Return the reference of a campaign that was reviewed: by its name approved or rejected."""
    ref = _created(stage, name)
    stage.sandbox.control("clock", advance="25h")
    return ref


def _external_id(prefix: str = "CX") -> str:
    return f"{prefix}{next(_counter):05d}"


def _external(stage: Stage, name: str) -> str:
    """Return the reference of a campaign from elsewhere that was reviewed."""
    ref = _external_id()
    stage.helper.register_external_sms_campaign(ref, name)
    stage.sandbox.control("clock", advance="25h")
    return ref


def _sending(stage: Stage) -> str:
    tn = stage.owned()
    stage.helper.config_sms_destination(tn, destination_type="SIP")
    return tn


def _with(make: Callable[[Stage], str], use: Callable[[Client, str], Any]) -> Any:
    """Return an arrangement: make something, then use it."""

    def arrange(stage: Stage) -> Call:
        ref = make(stage)
        return lambda client: use(client, ref)

    return arrange


def _brands(function: str, operation: str) -> Callable[[Client, str], list[Brand]]:
    return lambda client, ref: mapping.brands(getattr(client, function)(ref), operation)


def _new_brand(stage: Stage) -> Call:
    wanted = _brand(tag="retail")
    return lambda client: (
        wanted,
        mapping.brands(client.create_sms_customer(mapping.customer(wanted)), "CreateSMSCustomer"),
    )


def _is_new_brand(result: tuple[Brand, list[Brand]]) -> bool:
    wanted, (made,) = result
    told = (made.legal_name, made.address, made.website, made.tax_id, made.tag)
    sent = (wanted.legal_name, wanted.address, wanted.website, wanted.tax_id, wanted.tag)
    return bool(made.ref) and told == sent and made.state is RegistrationState.PENDING


def _changed_brand(client: Client, ref: str) -> list[Brand]:
    wanted = Brand(ref=ref, website="https://www.example.net/new")
    return mapping.brands(client.update_sms_customer(mapping.customer(wanted)), "UpdateSMSCustomer")


def _new_campaign(stage: Stage) -> Call:
    wanted = _campaign(_verified(stage))
    return lambda client: (
        wanted,
        mapping.campaigns(
            client.create_sms_campaign(mapping.new_campaign(wanted)), "CreateSMSCampaign"
        ),
    )


def _is_new_campaign(result: tuple[Campaign, list[Campaign]]) -> bool:
    wanted, (made,) = result
    told = (made.brand_ref, made.samples, made.traits, made.usecase, made.sub_usecases)
    sent = (wanted.brand_ref, wanted.samples, wanted.traits, wanted.usecase, wanted.sub_usecases)
    return bool(made.ref) and told == sent and made.state is RegistrationState.PENDING


def _changed_campaign(client: Client, ref: str) -> list[Campaign]:
    records = client.update_sms_campaign(ref, help_message="Call 217-555-0100 & ask.")
    return mapping.campaigns(records, "UpdateSMSCampaign")


def _assignment(stage: Stage) -> Call:
    ref, tns = _reviewed(stage), [_sending(stage), _sending(stage)]
    return lambda client: client.assign_to_sms_campaign(tns, ref)


def _removal(stage: Stage) -> Call:
    ref, tns = _reviewed(stage), [_sending(stage), _sending(stage)]
    stage.helper.assign_to_sms_campaign(tns, ref)
    return lambda client: client.remove_from_sms_campaign(tns)


def _tagged(stage: Stage) -> Call:
    tag = f"tag-{next(_counter)}"
    ref = _registered(stage, tag=tag)
    return lambda client: (
        ref,
        mapping.brands(client.get_sms_customers_by_tag(tag), "GetSMSCustomersByTag"),
    )


EXAMPLES = (
    Example(
        operation="GetSMSCustomers",
        arrange=lambda stage: (
            lambda client: mapping.brands(client.get_sms_customers(), "GetSMSCustomers")
        ),
        holds=lambda brands: {"active", "rejected"} <= {brand.state for brand in brands},
    ),
    Example(
        operation="GetSMSCustomersByTag",
        arrange=_tagged,
        holds=lambda result: [brand.ref for brand in result[1]] == [result[0]],
    ),
    Example(operation="CreateSMSCustomer", arrange=_new_brand, holds=_is_new_brand),
    Example(
        operation="UpdateSMSCustomer",
        arrange=_with(_registered, _changed_brand),
        holds=lambda brands: [b.website for b in brands] == ["https://www.example.net/new"],
    ),
    Example(
        operation="DeleteSMSCustomer",
        arrange=_with(_registered, Client.delete_sms_customer),
        holds=lambda done: done is None,
    ),
    Example(
        operation="CheckSMSCustomerStatus",
        arrange=_with(_verified, _brands("check_sms_customer_status", "CheckSMSCustomerStatus")),
        holds=lambda brands: [brand.state for brand in brands] == [RegistrationState.ACTIVE],
    ),
    Example(
        operation="TriggerSMSOTP",
        arrange=_with(
            lambda stage: _registered(stage, entity_type="SOLE_PROPRIETOR", tax_id=""),
            Client.trigger_sms_otp,
        ),
        holds=lambda done: done is None,
    ),
    Example(
        operation="GetSMSEnumerations",
        arrange=lambda stage: lambda client: mapping.choices(client.get_sms_enumerations()),
        holds=lambda choices: (
            {
                ("EntityTypes", "NON_PROFIT"),
                ("Verticals", "RETAIL"),
            }
            <= {(choice.group, choice.value) for choice in choices}
        ),
    ),
    Example(
        operation="GetSMSUsecaseOptions",
        arrange=_with(
            _registered,
            lambda client, ref: mapping.choices(client.get_sms_usecase_options(ref)),
        ),
        holds=lambda choices: (
            ("CUSTOMER_CARE", "Customer care")
            in {(choice.value, choice.label) for choice in choices}
        ),
    ),
    Example(
        operation="GetSMSCampaigns",
        arrange=lambda stage: (
            lambda client: mapping.campaigns(client.get_sms_campaigns(), "GetSMSCampaigns")
        ),
        holds=lambda campaigns: any(c.tns for c in campaigns if c.state == "active"),
    ),
    Example(operation="CreateSMSCampaign", arrange=_new_campaign, holds=_is_new_campaign),
    Example(
        operation="UpdateSMSCampaign",
        arrange=_with(_created, _changed_campaign),
        holds=lambda campaigns: [c.help_message for c in campaigns] == ["Call 217-555-0100 & ask."],
    ),
    Example(
        operation="DeleteSMSCampaign",
        arrange=_with(_created, Client.delete_sms_campaign),
        holds=lambda done: done is None,
    ),
    Example(
        operation="GetCampaignRejectionReason",
        arrange=_with(
            lambda stage: _reviewed(stage, "Rejected offers"),
            lambda client, ref: mapping.rejection_reason(client.get_campaign_rejection_reason(ref)),
        ),
        holds=lambda reason: "agree" in reason,
    ),
    Example(
        operation="GetCampaignRejectionReason",
        label="none",
        arrange=_with(
            _created,
            lambda client, ref: mapping.rejection_reason(client.get_campaign_rejection_reason(ref)),
        ),
        holds=lambda reason: reason == "",
    ),
    Example(
        operation="RegisterExternalSMSCampaign",
        arrange=_with(
            lambda stage: _external_id(),
            lambda client, ref: (
                ref,
                mapping.campaigns(
                    client.register_external_sms_campaign(ref, "Theirs & ours"),
                    "RegisterExternalSMSCampaign",
                ),
            ),
        ),
        holds=lambda result: [(c.ref, c.name) for c in result[1]] == [(result[0], "Theirs & ours")],
    ),
    Example(
        operation="ResubmitExternalSMSCampaign",
        arrange=_with(
            lambda stage: _external(stage, "Rejected elsewhere"),
            Client.resubmit_external_sms_campaign,
        ),
        holds=lambda done: done is None,
    ),
    Example(operation="AssignToSMSCampaign", arrange=_assignment, holds=lambda done: done is None),
    Example(operation="RemoveFromSMSCampaign", arrange=_removal, holds=lambda done: done is None),
)


def _unknown(operation: str, function: str, says: str) -> Refusal:
    """Return the refusal of a write on something that is not there: 101, no records."""
    return Refusal(
        operation=operation,
        why="there is no such thing",
        arrange=lambda stage: lambda client: getattr(client, function)("X999999"),
        code="101",
        says=says,
    )


REFUSALS = (
    _unknown("DeleteSMSCustomer", "delete_sms_customer", "no such brand"),
    _unknown("TriggerSMSOTP", "trigger_sms_otp", "no such brand"),
    _unknown("DeleteSMSCampaign", "delete_sms_campaign", "no such campaign"),
    _unknown("ResubmitExternalSMSCampaign", "resubmit_external_sms_campaign", "no such campaign"),
    Refusal(
        operation="UpdateSMSCustomer",
        why="there is no such brand",
        arrange=lambda stage: lambda client: _changed_brand(client, "X999999"),
        code="101",
        says="no such brand",
    ),
    Refusal(
        operation="UpdateSMSCampaign",
        why="there is no such campaign",
        arrange=lambda stage: lambda client: _changed_campaign(client, "X999999"),
        code="101",
        says="no such campaign",
    ),
    Refusal(
        operation="CreateSMSCampaign",
        why="there is no such brand",
        arrange=lambda stage: (
            lambda client: client.create_sms_campaign(mapping.new_campaign(_campaign("X999999")))
        ),
        code="101",
        says="no such brand",
    ),
    Refusal(
        operation="AssignToSMSCampaign",
        why="one number is another's",
        arrange=lambda stage: (
            lambda tns, ref: lambda client: client.assign_to_sms_campaign(tns, ref)
        )([_sending(stage), stage.foreign()], _reviewed(stage)),
        code="909",
        says="Nothing was carried out",
    ),
    Refusal(
        operation="RemoveFromSMSCampaign",
        why="the number is in no campaign",
        arrange=_with(_sending, lambda client, tn: client.remove_from_sms_campaign([tn])),
        code="101",
        says="in no campaign",
    ),
    Refusal(
        operation="CreateSMSCampaign",
        why="an error of the provider's own may have struck after the fact",
        arrange=_with(
            _registered,  # not verified yet; no code of its own is published
            lambda client, ref: client.create_sms_campaign(mapping.new_campaign(_campaign(ref))),
        ),
        code="900",
        says="may or may not",
        error=ProviderProtocolError,
    ),
)
