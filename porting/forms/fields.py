"""The fields of a port order as forms ask for them, each named once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.utils import timezone

from portal.forms_account import NumberField
from portal.tn import TN
from porting.models import PortOrder

_DIRECTIONS = "N NE E SE S SW W NW"
_STREET_TYPES = """
    ALY AVE BLVD CIR CT CV DR EXPY FWY HWY LN LOOP PARK PKWY PL PLZ PT RD RTE SQ ST TER TPKE TRL WAY
"""
DIRECTIONS: Final = [("", "–"), *[(word, word) for word in _DIRECTIONS.split()]]
# Postal abbreviations as losing carriers write them (USPS Publication 28, appendix C1).
STREET_TYPES: Final = tuple(_STREET_TYPES.split())
ADDRESS: Final = (
    *("street_number", "street_prefix", "street", "street_type", "street_suffix"),
    *("building", "floor", "room", "unit", "city", "region", "zip"),
)
NUMBERS: Final = ("billing_tn", "new_billing_tn")
SECRETS: Final = ("account_number", "pin")
CLEAR: Final = "-"
_STATE = re.compile(r"[A-Z]{2}", re.ASCII)
_ZIP = re.compile(r"\d{5}(-\d{4})?", re.ASCII)
# Letters, digits and blanks: what a LIDB holds.
_CALLER_NAME = re.compile(r"[A-Za-z0-9 &.,'-]*")


class DayField(forms.DateField):
    """A day that is not in the past, in the user's zone."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, **kwargs)

    def clean(self, value: Any) -> date | None:
        """Return the day, None where none was chosen."""
        day: date | None = super().clean(value)
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError("This day is over. Choose a later one.")
        return day


class StateField(forms.CharField):
    """The two letters of a state or territory."""

    def clean(self, value: Any) -> str:
        """Return the letters in capitals."""
        letters = str(super().clean(value)).upper()
        if letters and not _STATE.fullmatch(letters):
            raise forms.ValidationError("Write the two letters of the state, such as IL.")
        return letters


class ZipField(forms.CharField):
    """A ZIP code, with or without the four digits after it."""

    def clean(self, value: Any) -> str:
        """Return the code."""
        code = str(super().clean(value)).replace(" ", "")
        if code and not _ZIP.fullmatch(code):
            raise forms.ValidationError("A ZIP code has five digits, or five, a dash and four.")
        return code


class CallerNameField(forms.CharField):
    """An outbound caller name: at most 15 characters that a LIDB holds."""

    def clean(self, value: Any) -> str:
        """Return the name."""
        name = str(super().clean(value))
        if not _CALLER_NAME.fullmatch(name):
            raise forms.ValidationError("Use letters, digits, blanks, and & . , ' - only.")
        return name


def text(
    label: str, most: int, field: type[forms.CharField] = forms.CharField, **kwargs: Any
) -> forms.CharField:
    """Return a field of one line that browsers do not fill in by themselves."""
    attrs = {"autocomplete": "off", "spellcheck": "false", **kwargs.pop("attrs", {})}
    kwargs.setdefault("required", False)
    return field(label=label, max_length=most, widget=forms.TextInput(attrs=attrs), **kwargs)


def number(label: str, **kwargs: Any) -> NumberField:
    """Return a field for one telephone number in any spelling."""
    attrs = {"autocomplete": "off", "inputmode": "tel"}
    return NumberField(label=label, required=False, widget=forms.TextInput(attrs=attrs), **kwargs)


def choice(label: str, choices: Any, **kwargs: Any) -> forms.ChoiceField:
    """Return a field that is chosen from few."""
    return forms.ChoiceField(label=label, choices=choices, **kwargs)


FIELDS: Final[Mapping[str, Callable[[], forms.Field]]] = {
    "losing_carrier": lambda: text(
        "Losing carrier", 120, help_text="Who has the numbers now, as on the bill."
    ),
    "name": lambda: text(
        "Name on the bill", 120, help_text="Letter by letter, with every comma and Inc."
    ),
    "name_type": lambda: choice("The bill is of", PortOrder.NameType.choices),
    "authorized_person": lambda: text(
        "Authorized person", 120, help_text="Who signs the letter; on file at the losing carrier."
    ),
    "billing_tn": lambda: number(
        "Billing number (BTN)", help_text="The main number of the account, from the bill."
    ),
    "extent": lambda: choice("Which numbers move", PortOrder.Extent.choices),
    "new_billing_tn": lambda: number(
        "New billing number",
        help_text="For a partial port whose billing number moves: one of those that stay.",
    ),
    "account_number": lambda: text("Account number", 64),
    "pin": lambda: text("PIN or passcode", 32, help_text="Wireless numbers always need it."),
    "street_number": lambda: text("House number", 16, attrs={"size": 8}),
    "street_prefix": lambda: choice("Before", DIRECTIONS, required=False),
    "street": lambda: text("Street", 80),
    "street_type": lambda: text("Kind", 12, attrs={"list": "street-types", "placeholder": "ST"}),
    "street_suffix": lambda: choice("After", DIRECTIONS, required=False),
    "building": lambda: text("Building", 40),
    "floor": lambda: text("Floor", 16),
    "room": lambda: text("Room", 16),
    "unit": lambda: text("Unit or suite", 16),
    "city": lambda: text("City", 60),
    "region": lambda: text("State", 2, StateField, attrs={"placeholder": "IL"}),
    "zip": lambda: text("ZIP code", 10, ZipField, attrs={"inputmode": "numeric"}),
    "desired_date": lambda: DayField(label="Wished date"),
    "label": lambda: text("Label", 80, help_text="What we call this order."),
    "contact_emails": lambda: text(
        "Mails go to", 300, help_text="Parted by commas; empty: the address of the customer."
    ),
    "caller_name": lambda: text(
        "Caller name (LIDB)", 15, CallerNameField, help_text="15 characters."
    ),
    "campaign_ref": lambda: text(
        "Texting campaign", 16, help_text="Its id, such as CA1B2C3; for numbers that shall text."
    ),
}


def add_fields(form: forms.Form, names: tuple[str, ...], order: PortOrder | None) -> None:
    """Give a form the fields of these names, filled in from the order; secrets stay unseen."""
    for name in names:
        field = FIELDS[name]()
        if order is not None:
            if name in SECRETS:
                _say_stored(field, order, name)
            else:
                value = getattr(order, name)
                field.initial = TN(value).pretty if name in NUMBERS and value else value
        form.fields[name] = field


def _say_stored(field: forms.Field, order: PortOrder, name: str) -> None:
    """Tell that a secret is stored, and what leaving its field empty does."""
    if not getattr(order, name):
        return
    shown = order.masked_account_number if name == "account_number" else "A PIN"
    field.help_text = f"{shown} is stored. Leave this empty to keep it; {CLEAR} takes it off."


def values(form: forms.Form, names: tuple[str, ...]) -> dict[str, Any]:
    """Return what a valid form says of these fields; a secret that was left empty is left out."""
    found: dict[str, Any] = {}
    for name in names:
        value = form.cleaned_data[name]
        if name in SECRETS:
            if not value:
                continue
            value = "" if value == CLEAR else value
        found[name] = value
    return found


class KeyForm(forms.Form):
    """A form that can be sent twice and is carried out once."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
