"""The form of an emergency address, part by part: one that is saved, or one for some numbers."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms

from e911.addresses import CALLER_NAME_LENGTH, PART_NAMES, Lines, Parts
from e911.models.address import TypedAddress

STATES: Final = (
    *("AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN"),
    *("IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH"),
    *("NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT"),
    *("VT", "VA", "WA", "WV", "WI", "WY", "PR", "VI", "GU", "AS", "MP"),
)
_BOX = re.compile(r"\bP\.?\s*O\.?\s*BOX\b", re.IGNORECASE)
_HOUSE = re.compile(r"[0-9]+[0-9A-Za-z/-]*( 1/2)?")
# What providers spell addresses with; anything else is refused here instead of there.
_TEXT = re.compile(r"[0-9A-Za-zÀ-ɏ .,'’&()/#-]*")


# Each column in a word that anybody understands; the trade's words stand in docs/glossary.md.
GROUPS: Final = (
    ("house_number", "pre_direction", "street", "street_suffix", "post_direction"),
    ("unit_type", "unit", "building", "floor", "room"),
    ("city", "region", "zip", "plus4"),
)


def _directions() -> list[tuple[str, str]]:
    return [("", "None"), *TypedAddress.Direction.choices]


class AddressForm(forms.Form):
    """Where help is sent, part by part, and the name that the dispatcher sees."""

    caller_name = forms.CharField(
        label="Caller name",
        max_length=CALLER_NAME_LENGTH,
        help_text="Whom the dispatcher sees: the business or the person at this address.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    house_number = forms.CharField(label="House number", max_length=12)
    pre_direction = forms.ChoiceField(label="Direction before", choices=_directions, required=False)
    street = forms.CharField(label="Street", max_length=80)
    street_suffix = forms.CharField(
        label="Suffix",
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "St, Ave, Blvd"}),
    )
    post_direction = forms.ChoiceField(label="Direction after", choices=_directions, required=False)
    unit_type = forms.ChoiceField(
        label="Unit",
        required=False,
        choices=[("", "None"), *TypedAddress.UnitType.choices],
    )
    unit = forms.CharField(label="Unit number", max_length=60, required=False)
    building = forms.CharField(label="Building", max_length=40, required=False)
    floor = forms.CharField(label="Floor", max_length=10, required=False)
    room = forms.CharField(label="Room", max_length=20, required=False)
    city = forms.CharField(label="City", max_length=60)
    region = forms.ChoiceField(
        label="State", choices=[("", "Choose"), *((word, word) for word in STATES)]
    )
    zip = forms.CharField(
        label="ZIP code", max_length=10, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    plus4 = forms.CharField(
        label="ZIP+4",
        max_length=4,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in PART_NAMES:
            self.fields[name].widget.attrs.setdefault("autocomplete", "off")
        for name in ("pre_direction", "post_direction", "unit_type", "region"):
            self._keep_choice(name)

    def _keep_choice(self, name: str) -> None:
        """Offer what stands there already, however a provider or a file spelled it."""
        field: Any = self.fields[name]
        value = self.initial.get(name, "")
        if value and value not in dict(field.choices):
            field.choices = [*field.choices, (value, value)]

    @property
    def parts(self) -> Parts:
        """The address that was typed; only for a valid form."""
        return Parts(**{name: self.cleaned_data[name] for name in PART_NAMES})

    @property
    def lines(self) -> Lines:
        """The address as providers take it; only for a valid form."""
        return self.parts.lines

    def clean(self) -> dict[str, Any]:
        """Refuse what no provider can find, before it is asked."""
        answers = super().clean() or self.cleaned_data
        for name, value in list(answers.items()):
            if isinstance(value, str) and name in {*PART_NAMES, "caller_name"}:
                answers[name] = " ".join(value.split())
                if not _TEXT.fullmatch(value):
                    self.add_error(name, "Write it with letters, digits and - / . & # only.")
        if answers.get("unit_type") and not answers.get("unit"):
            self.add_error("unit", "Write its number, or choose no unit.")
        return answers

    def clean_house_number(self) -> str:
        """Return the number; it begins with a digit and is not 0."""
        value = " ".join(self.cleaned_data["house_number"].split())
        if not _HOUSE.fullmatch(value) or not value.lstrip("0"):
            raise forms.ValidationError("Write the number of the house, such as 550 or 12B.")
        return value

    def clean_street(self) -> str:
        """Return the name of the street; nobody can be sent to a post office box."""
        value: str = self.cleaned_data["street"]
        if _BOX.search(value):
            raise forms.ValidationError(
                "Help cannot be sent to a post office box. Write where people are."
            )
        return value

    def clean_zip(self) -> str:
        """Return five digits; four more, after a dash, go to the ZIP+4."""
        value = self.cleaned_data["zip"].strip()
        code, _, more = value.partition("-")
        is_code = code.isascii() and code.isdigit() and len(code) == 5
        if not is_code or (more and not _is_four(more)):
            raise forms.ValidationError("Write five digits, such as 60601.")
        self._more_digits = more
        return code

    def clean_plus4(self) -> str:
        """Return four digits, or none."""
        value = self.cleaned_data["plus4"].strip() or getattr(self, "_more_digits", "")
        if value and not _is_four(value):
            raise forms.ValidationError("Write four digits, or leave it empty.")
        return value


def _is_four(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) == 4
