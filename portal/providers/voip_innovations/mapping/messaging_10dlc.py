"""Wire ⇄ DTO of 10DLC: customers are our brands (voip-innovations.md 2.11, 4).

The names of a customer's and a campaign's fields are [assumed], so neighbours of them are read too
and whatever is left over is kept under its own name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from portal.providers.dto.messaging import (
    Brand,
    Campaign,
    CampaignTrait,
    Choice,
    RegistrationState,
)
from portal.providers.errors import off_contract
from portal.providers.voip_innovations import codes
from portal.providers.voip_innovations.client.messaging_10dlc import SMSCampaign, SMSCustomer
from portal.providers.voip_innovations.client.messaging_records import Entry
from portal.providers.voip_innovations.mapping.fields import is_true
from portal.providers.voip_innovations.methods import METHODS
from portal.providers.xml import Record
from portal.tn import TN

_STATUS: Final = ("status", "customerstatus", "campaignstatus", "state")
_BRAND: Final[Mapping[str, tuple[str, ...]]] = {
    "ref": ("customerid", "id", "brandid"),
    "legal_name": ("legalname", "companyname", "legalcompanyname"),
    "display_name": ("displayname", "name"),
    "entity_type": ("entitytype",),
    "vertical": ("vertical",),
    "tax_id": ("ein", "taxid"),
    "address": ("address", "street"),
    "phone": ("phone", "phonenumber"),
    "email": ("email", "emailaddress"),
    "website": ("website", "url"),
    "tag": ("tag",),
}
_CAMPAIGN: Final[Mapping[str, tuple[str, ...]]] = {
    "ref": ("campaignid", "id"),
    "brand_ref": ("customerid", "brandid"),
    "name": ("displayname", "name"),
    "description": ("description",),
    "vertical": ("vertical",),
    "usecase": ("usecaseid", "usecase"),
    "message_flow": ("messageflow",),
    "help_message": ("helpmessage",),
    "opt_out_message": ("optoutmessage",),
}
_SAMPLES: Final = ("samplemsg1", "samplemsg2")
_TRAITS: Final[Mapping[str, CampaignTrait]] = {
    "suboptin": CampaignTrait.OPT_IN,
    "suboptout": CampaignTrait.OPT_OUT,
    "subhelp": CampaignTrait.HELP,
    "numpooling": CampaignTrait.NUMBER_POOLING,
    "directlending": CampaignTrait.DIRECT_LENDING,
    "embeddedlink": CampaignTrait.EMBEDDED_LINK,
    "embeddedphone": CampaignTrait.EMBEDDED_PHONE,
    "affmarketing": CampaignTrait.AFFILIATE_MARKETING,
    "agegated": CampaignTrait.AGE_GATED,
}
_NOTHING: Final = frozenset({"", "false", "0"})
_VALUE_NAMES: Final = ("id", "key", "code", "usecaseid", "value")
_LABEL_NAMES: Final = ("name", "displayname", "label", "description", "text", "value")


def brands(records: Iterable[Record], operation: str) -> list[Brand]:
    """Return the customers of a reply; dummies are left out."""
    found: list[Brand] = []
    for record in records:
        told, rest = _read(record, _BRAND)
        if _is_dummy(record, told["ref"], operation, "a customer has no id"):
            continue
        word = _first(rest, _STATUS)
        details = {name: text for name, text in rest.items() if text and name not in _STATUS}
        state = RegistrationState.of(word)
        found.append(Brand(**told, word=word, state=state, details=details))
    return found


def customer(brand: Brand) -> SMSCustomer:
    """Return a brand as it is sent."""
    return SMSCustomer(
        customer_id=brand.ref,
        legal_name=brand.legal_name,
        display_name=brand.display_name,
        entity_type=brand.entity_type,
        vertical=brand.vertical,
        ein=brand.tax_id,
        address=brand.address,
        phone=brand.phone,
        email=brand.email,
        website=brand.website,
        tag=brand.tag,
    )


def campaigns(records: Iterable[Record], operation: str) -> list[Campaign]:
    """Return the campaigns of a reply; dummies are left out."""
    found: list[Campaign] = []
    for record in records:
        told, rest = _read(record, _CAMPAIGN)
        if _is_dummy(record, told["ref"], operation, "a campaign has no id"):
            continue
        word = _first(rest, _STATUS)
        subs = re.split(r"[,;|]", rest.pop("subusecaseids", ""))
        samples = [rest.pop(name, "") for name in _SAMPLES]
        traits = {trait for name, trait in _TRAITS.items() if is_true(rest.pop(name, ""))}
        tns = _tns(rest.pop("tns")) if "tns" in rest else None
        found.append(
            Campaign(
                **told,
                sub_usecases=tuple(sub.strip() for sub in subs if sub.strip()),
                samples=tuple(sample for sample in samples if sample),
                traits=frozenset(traits),
                tns=tns,
                word=word,
                state=RegistrationState.of(word),
                details={n: text for n, text in rest.items() if text and n not in _STATUS},
            )
        )
    return found


def new_campaign(campaign: Campaign) -> SMSCampaign:
    """Return a campaign as it is created; raises ValueError for more than two samples."""
    if len(campaign.samples) > len(_SAMPLES):
        raise ValueError("VoIP Innovations takes two sample messages")
    first, second = (*campaign.samples, "", "")[:2]
    has = campaign.traits.__contains__
    return SMSCampaign(
        customer_id=campaign.brand_ref,
        description=campaign.description,
        display_name=campaign.name,
        vertical=campaign.vertical,
        message_flow=campaign.message_flow,
        sample_msg1=first,
        sample_msg2=second,
        sub_opt_in=has(CampaignTrait.OPT_IN),
        sub_opt_out=has(CampaignTrait.OPT_OUT),
        sub_help=has(CampaignTrait.HELP),
        num_pooling=has(CampaignTrait.NUMBER_POOLING),
        direct_lending=has(CampaignTrait.DIRECT_LENDING),
        embedded_link=has(CampaignTrait.EMBEDDED_LINK),
        embedded_phone=has(CampaignTrait.EMBEDDED_PHONE),
        aff_marketing=has(CampaignTrait.AFFILIATE_MARKETING),
        age_gated=has(CampaignTrait.AGE_GATED),
        usecase_id=campaign.usecase,
        sub_usecase_ids=campaign.sub_usecases,
    )


def choices(entries: Iterable[Entry]) -> list[Choice]:
    """Return the entries of lists whose shape nobody has published, without loss.

    An entry of one text is a value. One of several has an id and a name where we know the words for
    them; where we know neither, each of its texts is a value of a list of that name.
    """
    found: list[Choice] = []
    for entry in entries:
        told = {name.lower(): text for name, text in entry.fields}
        if len(entry.fields) == 1:
            found.append(Choice(group=entry.group, value=entry.fields[0][1]))
            continue
        value_name = next((name for name in _VALUE_NAMES if name in told), "")
        label_names = [name for name in _LABEL_NAMES if name in told and name != value_name]
        label_name = label_names[0] if label_names else ""
        if not value_name and not label_name:
            found += [Choice(group=name, value=text) for name, text in entry.fields]
            continue
        used = {value_name, label_name}
        found.append(
            Choice(
                group=entry.group,
                value=told.get(value_name) or told[label_name],
                label=told.get(label_name, ""),
                details={name: text for name, text in entry.fields if name.lower() not in used},
            )
        )
    return found


def rejection_reason(record: Record) -> str:
    """Return why a campaign was rejected: a text that is called a reason, else the message (3.87).

    "" where the reply has no record of a reason.
    """
    if record.get("responsecode") == codes.NO_RECORDS:
        return ""
    named = [text for name, text in record.items() if "reason" in name and text]
    if named:
        return named[0]
    message = record.get("responsemessage", "")
    if message.lower() not in {"", "success"}:
        return message
    others = [t for n, t in record.items() if n not in {"responsecode", "responsemessage"} and t]
    return "; ".join(others)


def _read(
    record: Record, names: Mapping[str, tuple[str, ...]]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the fields that we have a name for, and the rest of the record."""
    rest = dict(record)
    told: dict[str, str] = {}
    for ours, theirs in names.items():
        found = next((name for name in theirs if rest.get(name)), "")
        told[ours] = rest.pop(found, "")
    return told, rest


def _is_dummy(record: Record, ref: str, operation: str, what: str) -> bool:
    """Return whether a record says nothing; raises where it does, but not of whom."""
    if ref:
        return False
    if any(text.lower() not in _NOTHING for text in record.values()):
        raise off_contract(operation, METHODS[operation].is_write, what)
    return True


def _first(record: Record, names: Sequence[str]) -> str:
    return next((record[name] for name in names if record.get(name)), "")


def _tns(text: str) -> tuple[TN, ...]:
    """Return the numbers of a nested list; what is no number is left out."""
    parts = [re.sub(r"\D", "", part)[-10:] for part in text.split(",")]
    return tuple(TN.from_digits10(part) for part in parts if len(part) == 10)
