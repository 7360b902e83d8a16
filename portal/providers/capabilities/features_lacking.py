"""Why a provider lacks a feature, in a sentence for the person who looks for it."""

from __future__ import annotations

from typing import Final

from portal.providers.capabilities.features import CAPABILITIES

_NOT_FOR_TOLL_FREE: Final[dict[str, str]] = {
    "route_read": "{name} has no routes of one's own to look at.",
    "route_switch": "{name} has no routes of one's own to switch.",
    "client_list": "{name} keeps no customers under an account.",
    "number_claim": "{name} has no stock of ours besides the account.",
    "number_transfer": "{name} does not move numbers between accounts by itself.",
    "number_removal": "{name} only gives numbers back for good.",
    "international_numbers": "{name} has toll-free numbers only.",
}
LACKING_AT_INTELEPEER: Final[dict[str, str]] = {
    name: _NOT_FOR_TOLL_FREE.get(
        name, "{name} manages toll-free numbers and does not offer this for them."
    ).format(name="IntelePeer")
    for name in CAPABILITIES
    if name not in {"route_assignment", "client_list"}
}
LACKING_AT_CUSTOM_TOLL_FREE: Final[dict[str, str]] = {
    name: _NOT_FOR_TOLL_FREE.get(
        name, "{name} manages toll-free records and does not offer this for them."
    ).format(name="Custom Toll Free")
    for name in CAPABILITIES
    if name != "route_assignment"
}

LACKING_AT_VOIP_INNOVATIONS: Final[dict[str, str]] = {
    "translation": (
        "VoIP Innovations decides in the endpoint group which digits arrive: change them there."
    ),
    "number_claim": "VoIP Innovations has no numbers of ours besides those on the account.",
    "number_transfer": (
        "VoIP Innovations moves numbers between accounts on request only: ask its support."
    ),
    "number_removal": (
        "VoIP Innovations takes a number off the account only by giving it back for good; "
        "it can be moved to the personal inventory instead."
    ),
}

LACKING_AT_VOICETEL: Final[dict[str, str]] = {
    "route_switch": "VoiceTel has no switch for a gateway: move its numbers, or delete it.",
    "forward_list": "VoiceTel tells forwards with its list of numbers: sync the account.",
    "failover": "VoiceTel has no failover for a number.",
    "failover_list": "VoiceTel has no failover for a number.",
    "caller_name_read": "VoiceTel stores a caller name and does not tell it again.",
    "caller_name_removal": "VoiceTel can replace a caller name, and not remove it.",
    "conferencing": "VoiceTel has no conference lines.",
    "conference_list": "VoiceTel has no conference lines.",
    "fax_list": "VoiceTel tells the fax address of one number at a time.",
    "fax_notifications": "VoiceTel has no setting for fax notifications.",
    "fax_sending": "VoiceTel does not send faxes from mails.",
    "number_groups": "VoiceTel has no groups of numbers.",
    "scripts": "VoiceTel has no programs that answer calls.",
    "personal_inventory": "VoiceTel always keeps a number on a route.",
    "extended_search": "VoiceTel has one stock only.",
    "extended_ordering": "VoiceTel has one stock only.",
    "international_numbers": "VoiceTel has no numbers outside North America.",
    "client_list": "VoiceTel keeps accounts of their own instead of customers under an account.",
}
