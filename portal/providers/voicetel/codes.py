"""The provider's statuses and reasons as data, in our words (voicetel.md sections 1.3, 3 and 7.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

NOT_BOUGHT: Final = "It was not bought."
NOT_RELEASED: Final = "It was not given back."
NOT_CHANGED: Final = "Nothing was changed."
NOT_CLAIMED: Final = "It was not put on the account."
NOT_MOVED: Final = "It was not moved."
NOT_REMOVED: Final = "It was not taken off the account."
NOT_SET_911: Final = "911 was not put on the number."
NOT_REMOVED_911: Final = "911 was not removed."
MESSAGES_UNCHANGED: Final = "Its messages go where they went before."
NOT_ASSIGNED: Final = "It was not put into the campaign."
NOT_UNASSIGNED: Final = "It was not taken out of the campaign."


@dataclass(frozen=True, slots=True)
class Words:
    """What happened, and what to do now."""

    happened: str
    advice: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in `failed[]`: free text, known by a pattern.

    `may_be_ours` marks reasons that a repeated order gives for numbers that it bought before: only
    asking about the number tells.
    """

    pattern: re.Pattern[str]
    advice: str
    may_be_ours: bool = False


_UNKNOWN: Final = Words(
    "VoiceTel refused.", "Ask the provider's support and name the code and the text."
)
SIGN_IN_REFUSED: Final = Words(
    "VoiceTel does not accept the account's username and password.",
    "Check both in the account's settings; six attempts an hour are allowed.",
)
STATUSES: Final[dict[str, Words]] = {
    "400": Words(
        "VoiceTel found a mistake in the request.",
        "Check the number and the gateway; if both are right, ask the provider's support.",
    ),
    # As a refusal it is about the item; about the key it is `SIGN_IN_REFUSED` (1.3).
    "401": Words(
        "VoiceTel does not find it on this account.",
        "Check that it belongs to this account; if it does, test the account's sign-in.",
    ),
    "402": Words(
        "The balance at VoiceTel is too low, or the service is not enabled.",
        "Top up the account at VoiceTel, then send it again.",
    ),
    "403": Words(
        "It belongs to another account at VoiceTel, or only an administrator there may do it.",
        "Check that it is a number of this account.",
    ),
    "404": Words(
        "VoiceTel does not know it on this account.",
        "Sync the account: it may have been given back already.",
    ),
    "409": Words(
        "It failed at VoiceTel or its carrier, or the number is being ported.",
        "Look at the text; if the number is being ported, wait until the port has ended.",
    ),
    "502": Words(
        "VoiceTel's network did not take the order. Nothing was written.",
        "It is sent again with the same key.",
    ),
}

# Where a status means something narrower on one route.
ON_ROUTE: Final[dict[tuple[str, str], Words]] = {
    ("POST /v2.2/account", "403"): Words(
        "Only an administrator at VoiceTel may open accounts.",
        "Use a provider account with an administrator's sign-in.",
    ),
    ("POST /v2.2/account", "409"): Words(
        "VoiceTel did not open the account.",
        "Look at the text: the username may be taken, or the billing account unknown.",
    ),
    ("POST /v2.2/accounts", "409"): Words(
        "VoiceTel did not open the account.",
        "Look at the text: the mail address may have an account already.",
    ),
    ("POST /v2.2/account/recovery", "400"): Words(
        "VoiceTel does not take this for a mail address.", "Check how it is spelled."
    ),
    ("POST /v2.2/account/recovery", "404"): Words(
        "No account at VoiceTel has this mail address.",
        "Try the address that was given when the account was opened.",
    ),
    ("POST /v2.2/gateways", "409"): Words(
        "VoiceTel did not add the gateway.",
        "Look at the text: it may be there already.",
    ),
    ("DELETE /v2.2/gateways/{id}", "409"): Words(
        "Numbers are still routed to the gateway, or it is one of the system's own.",
        "Give its numbers another route, then remove it.",
    ),
    ("POST /v2.2/numbers", "409"): Words(
        "VoiceTel could not put the number on the account.",
        "Ask about the number: somebody else may have it, or this account already.",
    ),
    ("DELETE /v2.2/numbers/{number}/fax", "404"): Words(
        "No fax address is set for the number, or it is not on this account.",
        "Nothing needs to be done where the number takes no faxes.",
    ),
    ("POST /v2.2/messages", "400"): Words(
        "VoiceTel found a mistake in the message.",
        "Check recipient, text and the addresses of pictures.",
    ),
    ("POST /v2.2/messages", "403"): Words(
        "The sender is no number of this account.", "Choose a number of this account."
    ),
    ("POST /v2.2/messages", "409"): Words(
        "Messages are off for the sender, or the recipient does not want any.",
        "Look at the text: switch messages on, or leave the recipient alone.",
    ),
    ("GET /v2.2/messages", "403"): Words(
        "It is no number of this account.", "Sync the account: it may have been given back."
    ),
    ("POST /v2.2/messaging/brands", "400"): Words(
        "VoiceTel's carrier did not take the brand.",
        "Look at the text: it may be there already, or the registry may not know it.",
    ),
    ("POST /v2.2/messaging/campaigns", "400"): Words(
        "VoiceTel's carrier did not take the campaign.",
        "Look at the text: bring in its brand first; it may be there already.",
    ),
    ("PUT /v2.2/numbers/{number}/sms", "400"): Words(
        "VoiceTel does not take this destination.",
        "Check it; an address of the web must answer by https with a valid certificate.",
    ),
    ("DELETE /v2.2/numbers/{number}/sms", "404"): Words(
        "Nothing is set for the number's messages, or it is not on this account.",
        "Nothing needs to be done where its messages go nowhere.",
    ),
    ("PATCH /v2.2/numbers/{number}/messaging", "400"): Words(
        "VoiceTel does not take this row or carrier.", "Look at the number's messages first."
    ),
    ("PATCH /v2.2/numbers/{number}/messaging", "403"): Words(
        "The row for incoming messages is not this account's.", "Choose a row of this account."
    ),
    ("PUT /v2.2/numbers/{number}/messaging-campaign", "400"): Words(
        "VoiceTel does not take this campaign for the number.",
        "Look at the campaign: it may have ended, or not be complete yet.",
    ),
    ("PUT /v2.2/numbers/{number}/messaging-campaign", "404"): Words(
        "VoiceTel does not know the number or the campaign on this account.",
        "Bring in the campaign first, or sync the account.",
    ),
    ("DELETE /v2.2/numbers/{number}/messaging-campaign", "404"): Words(
        "The number is not in this campaign, or not on this account.",
        "Nothing needs to be done where it is in no campaign.",
    ),
    ("DELETE /v2.2/numbers/messaging-campaign", "400"): Words(
        "VoiceTel does not take this campaign or these numbers.",
        "Check the campaign's id and the numbers.",
    ),
    ("DELETE /v2.2/numbers/messaging-campaign", "409"): Words(
        "VoiceTel cannot take many numbers at once out of this campaign.",
        "Its network is not known there: ask the provider's support.",
    ),
    ("POST /v2.2/e911/validations", "409"): Words(
        "VoiceTel’s validator does not take the address.", "Correct it and check it again."
    ),
    ("POST /v2.2/e911", "409"): Words(
        "VoiceTel did not take the address for the number.", "Check the address, then set it again."
    ),
    ("GET /v2.2/e911/{dn}", "409"): Words(
        "VoiceTel cannot show an emergency record of the number.",
        "Look at the text; the list of all records tells whether it has one.",
    ),
    ("PUT /v2.2/e911/{dn}", "409"): Words(
        "VoiceTel did not take the address for the number.",
        "Read the record back, check the address and send it again.",
    ),
    ("DELETE /v2.2/e911/{dn}", "409"): Words(
        "VoiceTel could not remove the emergency record.", "Read it back: there may be none."
    ),
    ("POST /v2.2/ports", "400"): Words(
        "VoiceTel found a mistake in the port request.",
        "Look at the text. Each number needs a portability check of the last hour.",
    ),
    ("POST /v2.2/ports", "402"): Words(
        "The balance at VoiceTel is too low: a port costs 6 dollars for each number.",
        "Top up the account at VoiceTel, check the numbers again, then submit.",
    ),
    ("DELETE /v2.2/support/tickets/{id}", "403"): Words(
        "Only an administrator at VoiceTel may delete tickets.", "Close the ticket instead."
    ),
}
# By whether the carriers' database took a caller name; None: the answer does not tell (10, notes).
CALLER_NAME: Final[dict[bool | None, Words]] = {
    True: Words("", ""),
    False: Words(
        "VoiceTel stored the name, and the carriers' database did not take it.",
        "Called people do not see it yet. Send it again later.",
    ),
    None: Words(
        "VoiceTel stored the name and does not tell whether the carriers' database took it.",
        "Call somebody to see what is shown, or send it again.",
    ),
}
# Why a range could not be added to, or taken off, the access list (3).
ACCESS_REASONS: Final[dict[str, Words]] = {
    "db insert failed": Words(
        "VoiceTel could not store the range.",
        "Read the list: it may hold the range already; otherwise send it again.",
    ),
    "db delete failed": Words(
        "VoiceTel could not remove the range.",
        "Read the list: it may not hold the range; otherwise send it again.",
    ),
    "invalid mask: must be /8, /16, /24, or /32": Words(
        "The range has a mask that VoiceTel does not take.",
        "Divide it into ranges with /8, /16, /24 or /32.",
    ),
    "cidr range must be routable": Words(
        "The range is not public.", "Give the public addresses that the calls come from."
    ),
}

REASONS: Final[tuple[Reason, ...]] = (
    Reason(
        re.compile(r"already|duplicate|exists|(your|this) account", re.IGNORECASE),
        "Sync the account: the number may be there since an earlier order.",
        may_be_ours=True,
    ),
    Reason(
        re.compile(r"no longer|not available|unavailable|taken|gone", re.IGNORECASE),
        "Somebody else was quicker. Look for a similar number.",
    ),
    Reason(
        re.compile(r"route|gateway", re.IGNORECASE),
        "Choose a gateway that this account has.",
    ),
    Reason(
        re.compile(r"balance|funds|credit", re.IGNORECASE),
        "Top up the account at VoiceTel, then order again.",
    ),
)
_NO_E911: Final = re.compile(
    r"\bno\b.*\b(record|e911|911)\b|\b(record|e911|911)\b.*\bnot (found|set|provisioned|exist)",
    re.IGNORECASE,
)
_ANY_REASON: Final = Reason(re.compile(""), "Look for a similar number.")


def status(code: str, operation: str = "") -> Words:
    """Return the words for an HTTP status of a route; one for all that we do not know."""
    return ON_ROUTE.get((operation, code)) or STATUSES.get(code, _UNKNOWN)


def says_no_e911(message: str) -> bool:
    """Return whether VoiceTel's text in an error says that a number has no emergency record.

    The document gives a 409 for it no meaning of its own (5), so only the text tells [assumed].
    """
    return _NO_E911.search(message.partition("It said: ")[2]) is not None


def access_reason(text: str) -> Words:
    """Return the words for a reason of the access list."""
    return ACCESS_REASONS.get(text.strip().casefold(), _UNKNOWN)


def reason(text: str) -> Reason:
    """Return what we know of a reason in `failed[]`."""
    return next((known for known in REASONS if known.pattern.search(text)), _ANY_REASON)
