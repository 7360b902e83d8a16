"""The provider's codes as data, in our words (voip-innovations.md section 5).

Two verdicts exist: the outer responseCode of a reply, and the statusCode of each DID record.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SUCCESS: Final = "100"
NO_RECORDS: Final = "101"
NO_CRITERIA: Final = "302490"
DUMMIES: Final = frozenset({"101200", "102420", "206200"})  # quirk 4: an empty list in disguise


class Outer(StrEnum):
    """What an outer code means for the call as a whole."""

    REFUSED = "refused"
    AUTH = "auth"
    THEIR_FAULT = "their_fault"  # a read may be tried again, a write may have been carried out


class Verdict(StrEnum):
    """What the code of a record means for that number."""

    DONE = "done"
    REFUSED = "refused"
    ASK = "ask"  # the code alone does not tell: queryDID does
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Words:
    """What happened, and what to do now. What was not done is said by the operation."""

    happened: str
    advice: str


@dataclass(frozen=True, slots=True)
class OuterCode:
    """One outer code."""

    kind: Outer
    words: Words


_LOGIN = "Check login, secret and the addresses that the API user is bound to at the provider."
_LATER = "Try again in some minutes; if it stays, ask the provider's support and name the code."

OUTER: Final[dict[str, OuterCode]] = {
    NO_RECORDS: OuterCode(
        Outer.REFUSED, Words("The provider has no record of it.", "Check the number.")
    ),
    "900": OuterCode(Outer.THEIR_FAULT, Words("The provider met an error of its own.", _LATER)),
    "901": OuterCode(
        Outer.AUTH, Words("The provider does not know the address that we call from.", _LOGIN)
    ),
    "902": OuterCode(
        Outer.AUTH, Words("The provider does not accept login, secret or our address.", _LOGIN)
    ),
    "903": OuterCode(
        Outer.THEIR_FAULT, Words("The provider could not reach its 911 carrier.", _LATER)
    ),
    "904": OuterCode(
        Outer.THEIR_FAULT,
        Words("The provider's 911 carrier ended in an unexpected state.", _LATER),
    ),
    "905": OuterCode(
        Outer.REFUSED, Words("The 911 carrier has locked the record.", "Try again later.")
    ),
    "906": OuterCode(
        Outer.REFUSED,
        Words("The 911 carrier has no such record.", "Look at the number's 911 state first."),
    ),
    "907": OuterCode(
        Outer.REFUSED,
        Words("Another request is changing the 911 record.", "Try again in some minutes."),
    ),
    "908": OuterCode(
        Outer.THEIR_FAULT,
        Words("The provider could not read its 911 carrier's answer.", _LATER),
    ),
    "909": OuterCode(
        Outer.REFUSED,
        Words("The number does not belong to this account.", "Sync the account and look again."),
    ),
    "910": OuterCode(
        Outer.REFUSED,
        Words("There is no such 911 location.", "Look at the number's locations first."),
    ),
    "911": OuterCode(
        Outer.REFUSED,
        Words("The 911 location exists and is provisioned already.", "Nothing needs to be done."),
    ),
    "933": OuterCode(
        Outer.REFUSED,
        Words("Outbound CNAM is not possible for this number.", "Choose a number that allows it."),
    ),
    "934": OuterCode(
        Outer.REFUSED,
        Words(
            "The name has characters that CNAM does not allow.",
            "Use at most 15 letters, digits and spaces.",
        ),
    ),
    "940": OuterCode(
        Outer.REFUSED,
        Words("The alert address is longer than 150 characters.", "Use a shorter address."),
    ),
    "941": OuterCode(
        Outer.REFUSED,
        Words("911 is not enabled on the number.", "Provision 911 on it first."),
    ),
    "942": OuterCode(
        Outer.REFUSED,
        Words("The alert address is on the number already.", "Nothing needs to be done."),
    ),
    "943": OuterCode(
        Outer.REFUSED,
        Words("The number has ten alert addresses, the most it can have.", "Remove one first."),
    ),
    "944": OuterCode(
        Outer.REFUSED, Words("The provider does not take it for a number.", "Check the digits.")
    ),
    "948": OuterCode(
        Outer.REFUSED,
        Words(
            "The endpoint group does not belong to this account.",
            "Refresh the routes and choose another endpoint group.",
        ),
    ),
    NO_CRITERIA: OuterCode(
        Outer.REFUSED,
        Words("The search had no criteria.", "Give a state, an area code or a rate center."),
    ),
}

_NOTHING_SET = Words("Nothing of that kind is set on the number.", "Nothing needs to be done.")
_NO_BRAND = OuterCode(
    Outer.REFUSED,
    Words("The provider has no such brand.", "Refresh the brands and choose anew."),
)
_NO_CAMPAIGN = OuterCode(
    Outer.REFUSED,
    Words("The provider has no such campaign.", "Refresh the campaigns and choose anew."),
)

# What an outer code means for one operation, where that is more than it means for all.
FOR_OPERATION: Final[dict[tuple[str, str], OuterCode]] = {
    ("AssignIntlDID", "900"): OuterCode(
        Outer.REFUSED,
        Words("The provider has no number in that city.", "Choose another city."),
    ),
    ("ConfigFaxToEmailNotifications", NO_RECORDS): OuterCode(
        Outer.REFUSED,
        Words(
            "The number is not on the account, or takes no faxes.",
            "Set the address that faxes go to first.",
        ),
    ),
    ("ProgramDID", NO_RECORDS): OuterCode(
        Outer.REFUSED,
        Words("The provider has no such number or script.", "Refresh the scripts and choose anew."),
    ),
    ("insert911", "911"): OuterCode(
        Outer.REFUSED,
        Words(
            "911 is on the number already.",
            "Read its record: if the address is another than wanted, change it.",
        ),
    ),
    ("SetDIDGroup", NO_RECORDS): OuterCode(
        Outer.REFUSED,
        Words("The provider has no such number or group.", "Refresh the groups and choose anew."),
    ),
    ("RemoveFromSMSCampaign", NO_RECORDS): OuterCode(
        Outer.REFUSED,
        Words("The number is in no campaign.", "Refresh the campaigns; it may be out already."),
    ),
    ("CreateSMSCampaign", NO_RECORDS): _NO_BRAND,
    ("DeleteSMSCustomer", NO_RECORDS): _NO_BRAND,
    ("TriggerSMSOTP", NO_RECORDS): _NO_BRAND,
    ("UpdateSMSCustomer", NO_RECORDS): _NO_BRAND,
    ("AssignToSMSCampaign", NO_RECORDS): _NO_CAMPAIGN,
    ("DeleteSMSCampaign", NO_RECORDS): _NO_CAMPAIGN,
    ("RegisterExternalSMSCampaign", NO_RECORDS): _NO_CAMPAIGN,
    ("ResubmitExternalSMSCampaign", NO_RECORDS): _NO_CAMPAIGN,
    ("UpdateSMSCampaign", NO_RECORDS): _NO_CAMPAIGN,
} | {
    (operation, NO_RECORDS): OuterCode(Outer.REFUSED, _NOTHING_SET)
    for operation in (
        "Remove911Alert",
        "RemoveCNAM",
        "RemoveConferenceLine",
        "RemoveDIDForward",
        "RemoveDIDGroup",
        "RemoveEmailToFax",
        "RemoveFaxToEmail",
        "UnprogramDID",
    )
}

_OTHER_NUMBER = "Look for a similar number."
_ASK_PROVIDER = "Ask the provider to open this to the account."
_SYNC = "Sync the account to see what it holds."

# The whole code is a prefix for the operation (103 reserve, 104 assign, 106 release, …) and one of
# these reasons. The split is our reading; only whole codes are published.
_REASONS: Final[dict[str, Words]] = {
    "200": Words("The provider found no record.", "Check the number."),
    "220": Words("The number is held for this account.", _SYNC),
    "221": Words("The provider met an unknown error with this number.", _LATER),
    "225": Words("The number belongs to this account already.", _SYNC),
    "230": Words("Somebody else holds the number at the moment.", _OTHER_NUMBER),
    "231": Words("The number is available again.", _SYNC),
    "235": Words("The number belongs to another account.", _OTHER_NUMBER),
    "241": Words("The number was given back earlier and is not available.", _OTHER_NUMBER),
    "250": Words("The account may not use toll-free origination.", _ASK_PROVIDER),
    "251": Words("The account may not use standard origination.", _ASK_PROVIDER),
    "258": Words(
        "The endpoint group is not allowed for this number.", "Choose another endpoint group."
    ),
    "259": Words("The number's tier is not open to the account.", _ASK_PROVIDER),
    "420": Words("The provider does not know the number.", _OTHER_NUMBER),
}

# Codes whose reason means something else under their prefix.
_WHOLE: Final = {
    "105221": Words("The number is not assigned to this account.", _SYNC),
    "105225": Words("The number is only held for this account.", "Order it first."),
}
_PREFIXES: Final = {
    "reserveDID": "103",
    "assignDID": "104",
    "assignDIDExtended": "104",
    "configDID": "105",
    "releaseDID": "106",
}

# What is neither "100" nor a plain refusal, by whole code (quirks 2 and 3).
_SPECIAL: Final[dict[str, Verdict]] = {
    "103220": Verdict.DONE,  # a repeated hold: the number is held for us
    "103221": Verdict.ASK,
    "103225": Verdict.ASK,
    "104220": Verdict.ASK,
    "104221": Verdict.ASK,
    "104225": Verdict.ASK,
    "105221": Verdict.REFUSED,  # under configDID it says: not assigned to you
    "106221": Verdict.ASK,
    "106231": Verdict.ASK,
    "106241": Verdict.ASK,
}

_NOT_DONE: Final = {
    "reserveDID": "It was not held.",
    "assignDID": "It was not bought.",
    "assignDIDExtended": "It was not bought.",
    "configDID": "It was not changed.",
    "releaseDID": "It was not given back.",
    "ConfigSMSDestination": "Its messages go where they went before.",
    "UpdateSMSDLR": "Its delivery receipts stay as they were.",
    "AssignToSMSCampaign": "It was not put into the campaign.",
    "RemoveFromSMSCampaign": "It was not taken out of its campaign.",
}


def outer(code: str, operation: str = "") -> OuterCode:
    """Return the meaning of an outer code that is not a success; an unknown one is a refusal."""
    if (operation, code) in FOR_OPERATION:
        return FOR_OPERATION[operation, code]
    return OUTER.get(
        code,
        OuterCode(
            Outer.REFUSED,
            Words(
                f"The provider refused with a code that we do not know ({code}).",
                "Ask the provider's support and name the code.",
            ),
        ),
    )


def verdict(code: str) -> Verdict:
    """Return what a record's code means for its number; an unknown code is a refusal."""
    if code == SUCCESS:
        return Verdict.DONE
    if not code:
        return Verdict.UNKNOWN
    if code in _SPECIAL:
        return _SPECIAL[code]
    if code in OUTER:  # an outer code inside a record keeps its meaning
        return Verdict.UNKNOWN if OUTER[code].kind is Outer.THEIR_FAULT else Verdict.REFUSED
    return Verdict.REFUSED


def words(code: str) -> Words:
    """Return our words for a record's code, also for one that we do not know."""
    if code == SUCCESS:
        return Words("Done.", "")
    if not code:
        return Words("The provider's answer has no verdict on this number.", _SYNC)
    if code in OUTER:
        return OUTER[code].words
    if code in _WHOLE:
        return _WHOLE[code]
    prefix, reason = code[:3], code[3:]
    if reason in _REASONS and prefix in {"101", "102", *_PREFIXES.values()}:
        return _REASONS[reason]
    return outer(code).words


def not_done(operation: str) -> str:
    """Return the sentence that says what an operation did not do."""
    return _NOT_DONE.get(operation, "Nothing was changed.")
