"""Why losing carriers reject ports: each code, the fields it is about, what to do, who does it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

ADDRESS = (
    *("street_number", "street_prefix", "street", "street_type", "street_suffix"),
    *("building", "floor", "room", "unit", "city", "region", "zip"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejection:
    """One code: `fields` of the order that may be corrected, in the form's order.

    `advice` is for staff, `customer_words` for the customer; `customer` says that he can mend it.
    `patterns` are what carriers write, as regular expressions without case.
    """

    code: str
    title: str
    fields: tuple[str, ...] = ()
    advice: str
    customer_words: str = ""
    patterns: tuple[str, ...] = ()

    @property
    def is_for_customer(self) -> bool:
        """Whether the customer can correct it himself."""
        return bool(self.customer_words)


_ALL: Final = (
    Rejection(
        code="account_number_mismatch",
        title="Account number does not match",
        fields=("account_number",),
        advice="Take the account number from the latest bill, every character of it. Wireless and "
        "cable carriers often have another one for porting.",
        customer_words="Your present carrier has another account number. Copy it from the latest "
        "bill, or ask the carrier for the account number “for porting out”.",
        patterns=(r"account\s*(number|#|no\.?)?[^.]{0,30}(mismatch|invalid|incorrect|not match)",),
    ),
    Rejection(
        code="pin_invalid",
        title="PIN or passcode is wrong",
        fields=("pin",),
        advice="Ask the customer for the port-out PIN; a wireless carrier makes one that lasts a "
        "few days only.",
        customer_words="The PIN was refused. Ask your present carrier for a number transfer PIN "
        "and enter it here within the days for which it is good.",
        patterns=(r"\b(pin|passcode|password)\b",),
    ),
    Rejection(
        code="name_mismatch",
        title="Name does not match",
        fields=("name", "name_type"),
        advice="Write the name exactly as on the bill, with every comma and Inc.",
        customer_words="The name is not the one on the bill. Write it exactly as it stands there.",
        patterns=(
            r"(entity|end[\s-]?user|customer|business|subscriber)?\s*name[^.]{0,30}"
            r"(mismatch|invalid|incorrect|not match)",
        ),
    ),
    Rejection(
        code="authorized_person_mismatch",
        title="Authorized person does not match",
        fields=("authorized_person",),
        advice="Name the person whom the losing carrier has on file, and have the letter signed "
        "by that person.",
        customer_words="The person who signed is not on file with your present carrier. Name the "
        "person who is, and sign again.",
        patterns=(r"authori[sz]ed\s*(person|user|contact|signer)", r"auth\s*person"),
    ),
    Rejection(
        code="billing_number_mismatch",
        title="Billing number does not match",
        fields=("billing_tn",),
        advice="Take the BTN from the bill or the CSR; it is the main number of the account.",
        customer_words="The main number of the account is another one. It stands on the bill.",
        patterns=(
            r"\bb\.?t\.?n\.?\b[^.]{0,30}(mismatch|invalid|incorrect|not match)",
            r"billing\s*(telephone\s*)?number",
        ),
    ),
    Rejection(
        code="address_mismatch",
        title="Service address does not match",
        fields=ADDRESS,
        advice="Use the service address of the CSR: where the line ends, not where the bill goes.",
        customer_words="The service address is not the one that your present carrier has. Write "
        "it as it stands on the bill.",
        patterns=(
            r"(service\s*)?(address|location|street)[^.]{0,30}"
            r"(mismatch|invalid|incorrect|not match)",
        ),
    ),
    Rejection(
        code="zip_mismatch",
        title="ZIP code does not match",
        fields=("zip",),
        advice="Use the ZIP code of the service address.",
        customer_words="The ZIP code is not the one that your present carrier has.",
        patterns=(r"\b(zip|postal)\b",),
    ),
    Rejection(
        code="main_number_porting",
        title="Main number ports, others stay",
        fields=("new_billing_tn", "extent"),
        advice="The numbers that stay need a billing number: name the new one, or port them all.",
        customer_words="Some numbers stay with your present carrier. Say which of them is to be "
        "the main number there.",
        patterns=(r"new\s*(btn|billing)", r"main\s*(btn|number)"),
    ),
    Rejection(
        code="port_type_wrong",
        title="Full or partial is wrong",
        fields=("extent", "new_billing_tn"),
        advice="Compare with the CSR: partial where any number of the account stays.",
        patterns=(r"(full|partial)\s*port", r"port\s*type"),
    ),
    Rejection(
        code="letter_unreadable",
        title="Letter of authority cannot be read",
        advice="Have the letter signed anew, with the same names and numbers as the order.",
        customer_words="The signed letter could not be read or is too old. Please sign it again.",
        patterns=(r"\bloa\b", r"letter\s*of\s*auth"),
    ),
    Rejection(
        code="special_feature",
        title="A number has a special feature",
        advice="Have the customer take the feature (DSL, alarm, hunt group, ring-to) off at the "
        "losing carrier first, or take the number off the order.",
        customer_words="One of the numbers has a special service (such as DSL or an alarm line). "
        "Ask your present carrier to take it off, then tell us.",
        patterns=(r"special\s*feature", r"\b(dsl|hunt\s*group|distinctive\s*ring)\b"),
    ),
    Rejection(
        code="request_pending",
        title="Another request is open at the losing carrier",
        advice="Wait until that order is over, or have the customer cancel it there.",
        customer_words="Another change of your account is open at your present carrier. Ask them "
        "to finish or cancel it, then tell us.",
        patterns=(
            r"pending\s*(order|request)",
            r"order\s*(is\s*)?pending",
            r"already\s*in\s*progress",
        ),
    ),
    Rejection(
        code="number_not_portable",
        title="A number cannot be ported",
        advice="Take the number off the order, or order a new one and forward the old one to it.",
        patterns=(r"not\s*portable", r"non[\s-]?portable", r"not\s*(active|in\s*service)"),
    ),
    Rejection(
        code="rate_center_not_portable",
        title="Rate center is not covered",
        advice="Try another provider that covers the rate center.",
        patterns=(r"rate\s*cent(er|re)",),
    ),
    Rejection(
        code="must_be_split",
        title="Order must be split",
        advice="Numbers of another account, address or carrier go into an order of their own.",
        patterns=(r"\bsplit\b", r"multiple\s*accounts"),
    ),
    Rejection(
        code="foc_expired",
        title="Confirmed date has lapsed",
        fields=("desired_date",),
        advice="Ask for a new date; a confirmed one holds for about ten business days.",
        patterns=(r"foc[^.]{0,20}(expired|lapsed)", r"due\s*date[^.]{0,20}(expired|passed)"),
    ),
    Rejection(
        code="foc_rejected",
        title="Wished date is refused",
        fields=("desired_date",),
        advice="Ask for a later day, at least four business days ahead.",
        patterns=(r"(foc|due\s*date)[^.]{0,20}(reject|invalid|not available)",),
    ),
    Rejection(
        code="carrier_silent",
        title="Losing carrier does not answer",
        advice="Write to the provider and have it escalated.",
        patterns=(r"no\s*response", r"unresponsive"),
    ),
    Rejection(
        code="version_conflict",
        title="Another version of the order is there",
        advice="Look at the provider’s page, and send the correction once more.",
        patterns=(r"version",),
    ),
    Rejection(
        code="other",
        title="Other reason",
        fields=("name", "account_number", "pin", "billing_tn", "authorized_person", *ADDRESS),
        advice="Read the provider’s words, and ask the provider where they do not tell.",
    ),
)
REJECTIONS: Final[dict[str, Rejection]] = {one.code: one for one in _ALL}
OTHER: Final = REJECTIONS["other"]


def find(code: str) -> Rejection | None:
    """Return the entry of a code; None for an empty or unknown one."""
    return REJECTIONS.get(code)


def guess(words: str) -> Rejection:
    """Return the entry that a carrier's words mean; `OTHER` where they match none."""
    for rejection in _ALL:
        if any(re.search(pattern, words, re.IGNORECASE) for pattern in rejection.patterns):
            return rejection
    return OTHER
