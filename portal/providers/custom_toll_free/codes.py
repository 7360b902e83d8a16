"""The error codes of Custom Toll Free in our words (custom-toll-free.md section 7.12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["refused", "auth", "unavailable", "lost"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """What a code says happened and what to do now.

    `kind` decides the error class: "unavailable" was not carried out and may be tried again, "lost"
    leaves a write unknown (a read with it was simply not answered).
    """

    happened: str
    advice: str
    kind: Kind = "refused"


_OTHER_NUMBER = "Search again and choose another number."
_ASK_STAFF = "Check the key and the RespOrg of the account, or ask the provider."
_OUR_FAULT = "Correct the value and try again; if it looks right, tell your administrator."
_ASK_LATER = "Ask about the number before trying again: it may have been carried out."

MEANINGS: Final[dict[str, Meaning]] = {
    "invalid_key": Meaning(
        kind="auth",
        happened="The provider does not know our key.",
        advice="Enter the key again on the provider page.",
    ),
    "permission_denied": Meaning(
        happened="The key may not do this for this RespOrg.", advice=_ASK_STAFF
    ),
    "missing_parameter": Meaning(
        happened="The provider misses a value in our request.", advice=_OUR_FAULT
    ),
    "invalid_parameter": Meaning(
        happened="The provider does not accept a value in our request.", advice=_OUR_FAULT
    ),
    "invalid_number": Meaning(
        happened="This is not a toll-free number.",
        advice="Give a ten-digit number that starts with 800, 833, 844, 855, 866, 877 or 888.",
    ),
    "invalid_resporg": Meaning(
        happened="The RespOrg id is not known to the registry.", advice=_ASK_STAFF
    ),
    "number_unavailable": Meaning(
        happened="The number is not spare, or another search holds it right now.",
        advice=_OTHER_NUMBER + " If our own reservation got no answer, wait 15 minutes instead.",
    ),
    "not_controlling_resporg": Meaning(
        happened="Another RespOrg controls the number.",
        advice="If it should be yours, start a change of RespOrg.",
    ),
    "invalid_status": Meaning(
        happened="The number’s status does not allow this now.",
        advice="Refresh the number and look at its status.",
    ),
    "reservation_limit": Meaning(
        happened="The RespOrg holds as many reserved numbers as the rules allow.",
        advice="Put reserved numbers into service or give some back, then try again.",
    ),
    "reservation_expired": Meaning(
        happened="The reservation ran out before the record was made.",
        advice="Search again; if the number is still spare, order it afresh.",
    ),
    "too_early_to_spare": Meaning(
        happened="A disconnected number must rest for 45 days before it can be made spare.",
        advice="Try again after that date; the registry does it by itself at four months.",
    ),
    "record_not_found": Meaning(
        happened="The number has no such customer record.",
        advice="List the records of the number and choose another.",
    ),
    "template_not_found": Meaning(
        happened="The provider has no template of that name.",
        advice="Check the template names in the account’s settings.",
    ),
    "request_not_found": Meaning(
        happened="The provider does not know the request.",
        advice="Ask about the number itself.",
    ),
    "invalid_effective_date": Meaning(
        happened="The effective time is past, not on a quarter-hour, or over six months away.",
        advice="Choose another time.",
    ),
    "invalid_record": Meaning(
        happened="The customer record has mistakes.",
        advice="Correct the fields that are named and send it again.",
    ),
    "record_locked": Meaning(
        happened="Somebody else is editing the record.",
        advice="Wait a few minutes and try again.",
    ),
    "version_conflict": Meaning(
        happened="Somebody else changed the record in the meantime.",
        advice="Read the record again and repeat the change.",
    ),
    "duplicate_reqref": Meaning(
        happened="The same reference was used before for something else.",
        advice="Look at the earlier job with these numbers; submit a new one if needed.",
    ),
    "rate_limited": Meaning(
        kind="unavailable",
        happened="The provider says that we call too often.",
        advice="It is tried again by itself.",
    ),
    "sms800_unavailable": Meaning(
        kind="lost",
        happened="The toll-free registry is closed or could not be reached.",
        advice=_ASK_LATER,
    ),
    "sms800_timeout": Meaning(
        kind="lost",
        happened="The toll-free registry did not answer in time.",
        advice=_ASK_LATER,
    ),
    "internal_error": Meaning(
        kind="lost",
        happened="The provider met an error of its own.",
        advice=_ASK_LATER,
    ),
    # What the adapter itself says without a wire call, or of an answer.
    "already_ours": Meaning(
        happened="The number is already in service at this RespOrg.",
        advice="Run a sync: it belongs into the inventory.",
    ),
    "not_told": Meaning(
        happened="The provider did not tell the state of this number.",
        advice="Try again later.",
    ),
    "record_waits": Meaning(
        happened="The number’s first record is still waiting to become active.",
        advice="Try again when the number is working; that takes about 15 minutes.",
    ),
    "no_contact": Meaning(
        happened="A toll-free number may be held only for a named subscriber.",
        advice="Enter a contact name and a ten-digit contact telephone in the account’s settings.",
    ),
    "no_template": Meaning(
        happened="No template record is chosen to make the number work.",
        advice="Enter a template name (it starts with *) in the account’s settings.",
    ),
}

# States of a customer record (section 4.5): how it goes on, or what is the matter with it.
RECORD_PROGRESS: Final[dict[str, str]] = {
    "SAVED": "It is saved and waits to be sent.",
    "PENDING": "It waits for its effective time.",
    "SENDING": "Calls follow it in about 15 minutes.",
    "ACTIVE": "Calls follow it now.",
    "OLD": "A later record has replaced it already.",
}
RECORD_TROUBLE: Final[dict[str, Meaning]] = {
    "INVALID": Meaning(
        happened="The registry keeps the record as invalid: it lacks something or contradicts "
        "itself.",
        advice="Read the record, correct it and save it again.",
    ),
    "MUST CHECK": Meaning(
        happened="The registry wants the record checked, as after a change of RespOrg.",
        advice="Read the record and save it again if it is right.",
    ),
    "FAILED": Meaning(
        happened="The record could not be sent to the call-routing databases.",
        advice="Save it again; if it fails again, ask the provider.",
    ),
    "HOLD": Meaning(
        happened="The record is held back, usually because a carrier has to approve it.",
        advice="Wait for the carrier’s approval, or choose another carrier.",
    ),
    "DISCONNECT": Meaning(
        happened="The record ends the number’s service.",
        advice="Take the number back into service before you change its records.",
    ),
}

UNKNOWN_STATE: Final = Meaning(
    happened="The record is in a state that the provider’s documents do not list.",
    advice="List the records of the number, and ask the provider.",
)
UNKNOWN_CODE: Final = Meaning(
    happened="The provider refused with a code that its documents do not list.",
    advice="Look at the exchange of the job, and ask the provider.",
)


def meaning(code: str) -> Meaning:
    """Return what a code means; a general sentence for one that is not documented."""
    return MEANINGS.get(code, UNKNOWN_CODE)


def sentence(code: str, words: str = "") -> str:
    """Return what happened in our words, with the provider's own words behind."""
    happened = meaning(code).happened
    if not words:
        return happened
    return f"{happened} The provider says: {words}{'' if words[-1] in '.!?' else '.'}"


def record_progress(status: str) -> str:
    """Return how a record in a good state goes on."""
    return RECORD_PROGRESS.get(status, "")


def record_meaning(status: str) -> Meaning:
    """Return what is the matter with a record whose state is not a good one."""
    return RECORD_TROUBLE.get(status, UNKNOWN_STATE)
