"""Numbers: searched, held, asked about, given back, moved (custom-toll-free.md 5, 7.1 to 7.5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal

from portal.providers.custom_toll_free.client.core import (
    NOW,
    RESPORG,
    Core,
    Effective,
    check,
    is_line,
    moment_text,
    notes_field,
    number_text,
    numbers_field,
)
from portal.providers.custom_toll_free.envelope import Answer
from portal.tn import TN, TOLL_FREE_NPAS

MAX_QUANTITY: Final = 500
MAX_HOLD_DAYS: Final = 45
MAX_INTERCEPT_DAYS: Final = 120
SOURCES: Final = ("spare", "rugly")
_VANITY = re.compile(r"[A-Za-z0-9]{3,12}", re.ASCII)
_PHONE = re.compile(r"[0-9]{10}", re.ASCII)


class Numbers(Core):
    """The operations on numbers."""

    def search(
        self,
        *,
        vanity: str,
        prefixes: Sequence[str] = (),
        quantity: int = 50,
        trailing: int | None = None,
        sources: Sequence[str] = (),
        allows_adult: bool = False,
    ) -> Answer:
        """Return spare numbers that hold `vanity`: 3 to 12 letters or digits.

        `trailing` is how many digits may follow it, 0 to 5. Adult words are filtered by default.
        """
        check(_VANITY.fullmatch(vanity), "A search needs 3 to 12 letters or digits.")
        check(quantity >= 1, "At least one number must be asked for.")
        check(trailing is None or 0 <= trailing <= 5, "At most five trailing digits.")
        check(set(prefixes) <= TOLL_FREE_NPAS, "The prefixes are the seven toll-free codes.")
        check(set(sources) <= set(SOURCES), "Numbers are searched in spare or rugly.")
        fields = [("vanity", vanity), ("quantity", str(min(quantity, MAX_QUANTITY)))]
        if sources:
            fields.append(("source", ";".join(sources)))
        if prefixes and set(prefixes) != TOLL_FREE_NPAS:
            fields.append(("prefix", ";".join(prefixes)))
        if trailing is not None:
            fields.append(("trailing", str(trailing)))
        if allows_adult:
            fields.append(("adult", "0"))
        if vanity.isdigit():
            fields.append(("numeric", "1"))
        return self._read("search", fields)

    def reverselookup(self, tn: TN) -> Answer:
        """Return the vanity spellings of a number."""
        return self._read("reverselookup", [("number", number_text(tn))])

    def reserve(
        self,
        tns: Sequence[TN],
        *,
        reqref: str,
        contact_name: str,
        contact_phone: str,
        until: date | None = None,
        notes: str = "",
    ) -> Answer:
        """Hold spare numbers for a named subscriber; 45 days are the default and the longest."""
        is_name = 1 <= len(contact_name.strip()) <= 30 and is_line(contact_name)
        check(is_name, "A contact name of 1 to 30 characters is needed.")
        check(_PHONE.fullmatch(contact_phone), "The contact phone needs ten digits.")
        longest = datetime.now(UTC).date() + timedelta(days=MAX_HOLD_DAYS)
        if until is not None:
            check(not isinstance(until, datetime), "A hold ends with a day.")
            check(until <= longest, "A hold lasts for at most 45 days.")
        self._check_resporg()
        fields = [
            *numbers_field(tns),
            ("contactname", contact_name.strip()),
            ("contactphone", contact_phone),
        ]
        if until is not None:
            fields.append(("until", until.isoformat()))
        return self._write("reserve", fields + notes_field(notes), reqref=reqref)

    def query(self, tns: Sequence[TN]) -> Answer:
        """Return RespOrg, status and status date of up to ten numbers."""
        return self._read("query", [*self._acting(), *numbers_field(tns)])

    def spare(self, tn: TN, *, reqref: str) -> Answer:
        """Give a reserved number, or one disconnected 45 days ago, back to the pool."""
        return self._write("spare", [("number", number_text(tn))], reqref=reqref)

    def disconnect(
        self,
        tn: TN,
        *,
        reqref: str,
        effective: Effective = None,
        intercept_end: date | Literal["NOW"] | None = None,
        has_referral: bool = False,
        notes: str = "",
    ) -> Answer:
        """Take a working number out of service.

        The announcement ends after 120 days, the longest allowed, or on another day, or NOW.
        """
        if intercept_end is not None and intercept_end != NOW:
            is_day = isinstance(intercept_end, date) and not isinstance(intercept_end, datetime)
            check(is_day, "An announcement ends on a day.")
            longest = (effective or datetime.now(UTC)).date() + timedelta(days=MAX_INTERCEPT_DAYS)
            check(intercept_end <= longest, "An announcement plays for at most 120 days.")
        fields = [("number", number_text(tn)), ("effective", moment_text(effective))]
        if intercept_end is not None:
            fields.append(("interceptend", str(intercept_end)))
        fields.append(("referral", "1" if has_referral else "0"))
        return self._write("disconnect", fields + notes_field(notes), reqref=reqref)

    def changeresporg(
        self, tns: Sequence[TN], *, new_resporg: str, reqref: str, effective: date | None = None
    ) -> Answer:
        """Move up to ten numbers to another RespOrg id, or into ours."""
        check(RESPORG.fullmatch(new_resporg), "A RespOrg id has five letters or digits.")
        fields = [*numbers_field(tns), ("newresporg", new_resporg)]
        if effective is not None:
            check(not isinstance(effective, datetime), "A change of RespOrg is for a day.")
            fields.append(("effective", effective.isoformat()))
        return self._write("changeresporg", fields, reqref=reqref)
