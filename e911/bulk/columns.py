"""The columns of a file of emergency addresses, and the address that the cells of a line make."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from e911 import addresses
from e911.addresses import CALLER_NAME_LENGTH, Lines, Parts
from e911.forms.address import STATES
from portal.bulk import cells
from portal.bulk.kinds import Column

# Column of the file → part of an address.
PARTS: Final[dict[str, str]] = {
    "house_number": "house_number",
    "pre_dir": "pre_direction",
    "street": "street",
    "street_suffix": "street_suffix",
    "post_dir": "post_direction",
    "unit_type": "unit_type",
    "unit": "unit",
    "building": "building",
    "floor": "floor",
    "room": "room",
    "city": "city",
    "state": "region",
    "zip": "zip",
    "plus4": "plus4",
}
LINES: Final = ("address1", "address2")
KEY_LENGTH: Final = 400  # as a record keeps it
MAIL_LENGTH, MOST_MAILS = 150, 10  # of alerts (voip-innovations.md 2.9)


def _state(text: str) -> str:
    word = text.upper()
    if word not in STATES:
        raise ValueError(f"“{text[:20]}” is no US state. Write two letters, such as IL.")
    return word


def _digits(count: int, words: str) -> cells.Clean:
    def clean(text: str) -> str:
        if not (text.isascii() and text.isdigit() and len(text) == count):
            raise ValueError(words)
        return text

    return clean


def _zip(text: str) -> str:
    """Return five digits; a spreadsheet takes a leading zero away, which is told."""
    code, _, more = text.partition("-")
    is_code = code.isascii() and code.isdigit() and len(code) == 5
    if not is_code or (more and not (more.isascii() and more.isdigit() and len(more) == 4)):
        raise ValueError(
            f"“{text[:20]}” is no ZIP code: it has five digits. A spreadsheet takes a leading zero "
            "away; format the column as text."
        )
    return text


def _reference(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError("A saved place is named by its number here.")
    return int(text)


def _emails(text: str) -> str:
    """Return mail addresses in small letters, sorted, with one blank between."""
    found = sorted({one.lower() for one in re.split(r"[\s,;]+", text) if one})
    for email in found:
        try:
            validate_email(email)
        except ValidationError as error:
            raise ValueError(f"“{email[:60]}” is no mail address.") from error
        if len(email) > MAIL_LENGTH:
            raise ValueError(f"A mail address has at most {MAIL_LENGTH} characters.")
    if len(found) > MOST_MAILS:
        raise ValueError(f"A number has at most {MOST_MAILS} such addresses.")
    return " ".join(found)


def _part(name: str, most: int, words: str, example: str = "") -> Column:
    return Column(name=name, help=words, clean=cells.line_of(most), example=example)


COLUMNS: Final = (
    Column(
        name="number",
        help="The number, in any usual spelling.",
        clean=cells.tn,
        example="+13125550142",
        is_required=True,
        aliases=("tn", "did", "phone number", "telephone number"),
    ),
    Column(
        name="operation",
        help=(
            "“update” sets or changes the address (empty: the same), “add” sets it again also where "
            "it was taken off, “remove” takes 911 off, “skip” leaves the line alone."
        ),
        clean=cells.one_of("add", "update", "remove", "skip"),
    ),
    _part("caller_name", CALLER_NAME_LENGTH, "Whom the dispatcher sees.", "Example LLC"),
    Column(
        name="location_ref",
        help="The number of a saved place, instead of an address.",
        clean=_reference,
    ),
    _part("address1", 120, "House number and street in one, or part by part below.", "12 Main St"),
    _part("house_number", 12, "The number of the house."),
    _part("pre_dir", 10, "The direction before the street: N, SW."),
    _part("street", 80, "The name of the street."),
    _part("street_suffix", 12, "St, Ave, Blvd."),
    _part("post_dir", 10, "The direction after the street."),
    _part("address2", 120, "Where inside the building, in one, or part by part below.", "STE 4"),
    _part("unit_type", 12, "APT, STE, UNIT."),
    _part("unit", 60, "The number of the unit."),
    _part("building", 40, "The building."),
    _part("floor", 10, "The floor."),
    _part("room", 20, "The room."),
    _part("city", 60, "The city.", "Chicago"),
    Column(name="state", help="The US state in two letters.", clean=_state, example="IL"),
    Column(name="zip", help="Five digits, or nine with a dash.", clean=_zip, example="60601"),
    Column(
        name="plus4",
        help="The four further digits of the ZIP code.",
        clean=_digits(4, "ZIP+4 has four digits."),
    ),
    Column(
        name="accept_suggestions",
        help="“yes” takes the provider’s spelling where it has another one; else you are asked.",
        clean=cells.yes_no,
    ),
    Column(
        name="alert_emails",
        help=(
            "Exactly those who are mailed of 911 calls, with blanks between; at most ten. A "
            "telephone is its carrier’s gateway, such as 3125550142@vtext.com. VoIP Innovations only."
        ),
        clean=_emails,
        example="desk@example.net",
        can_clear=True,
        is_order=True,
        aliases=("alerts", "alert email"),
    ),
)


def address_of(values: dict[str, Any]) -> tuple[Parts | None, str, str]:
    """Take the cells of an address out of a line; return it, or the column and what is wrong there.

    Without any such cell there is no address and nothing wrong.
    """
    lines = {name: values.pop(name) for name in LINES if name in values}
    parts = {part: values.pop(name) for name, part in PARTS.items() if name in values}
    if not lines and not parts:
        return None, "", ""
    code, _, more = parts.get("zip", "").partition("-")
    parts |= {"zip": code, "plus4": parts.get("plus4") or more}
    is_street = any(parts.get(name) for name in ("house_number", "street"))
    if "address1" in lines and is_street:
        return None, "address1", "Write address1, or the house number and the street, not both."
    if "address1" not in lines and not (parts.get("house_number") and parts.get("street")):
        return None, "address1", "Write address1, or the house number and the street."
    for name, part in (("city", "city"), ("state", "region"), ("zip", "zip")):
        if not parts.get(part):
            return None, name, "Nothing stands here, and it is needed."
    if "address1" not in lines:
        second = lines.get("address2", "")
        return (
            Parts(**({"unit": second} if second and not parts.get("unit") else {}) | parts),
            "",
            "",
        )
    place = {name: parts.pop(name, "") for name in ("city", "region", "zip", "plus4")}
    first = addresses.parts_of(Lines(**lines, **place))
    return Parts(**asdict(first) | {name: text for name, text in parts.items() if text}), "", ""


def key_of(parts: Parts, caller_name: str) -> str:
    """Return what an address and caller name have in common with other spellings, as records keep it."""
    return addresses.key(parts.lines, caller_name)[:KEY_LENGTH]
