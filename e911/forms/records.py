"""Forms of emergency records: an address for numbers, and what is said or logged about one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django import forms
from django.utils import timezone

from e911.forms.address import AddressForm
from e911.forms.locations import TYPED, check_unit
from e911.models import AddressCheck, AlertContact, CallTest, Location
from e911.models.alert import GATEWAYS, gateway_address
from portal.tn import TN, InvalidTN

OLDEST_TEST: Final = timedelta(days=3650)


class SetForm(AddressForm):
    """The address that some numbers are to have; a saved place fills it in."""

    place = forms.ModelChoiceField(
        label="Saved place",
        queryset=Location.objects.none(),
        required=False,
        empty_label="Type the address",
    )
    is_multi_unit = forms.BooleanField(
        label="Several businesses or homes share the building",
        required=False,
        help_text="A unit, floor or room is needed then, or nobody is found.",
    )
    keep_as = forms.CharField(
        label="Keep it as a place",
        max_length=80,
        required=False,
        help_text="A name, to use the address again. Left empty it is not kept.",
    )
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    field_order = ("place", "caller_name")

    def __init__(self, *args: Any, places: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["place"]
        choices.queryset = places
        self.has_places = places.exists()
        if not self.has_places:
            del self.fields["place"]

    def clean(self) -> dict[str, Any]:
        """Refuse a shared building without a unit, and a name that a place has already."""
        answers = super().clean()
        check_unit(self, answers)
        name = answers.get("keep_as", "")
        if name and "place" in self.fields and self._places().filter(name=name).exists():
            self.add_error("keep_as", "There is a place of this name already.")
        return answers

    @property
    def location(self) -> Location | None:
        """The saved place, where the address is still exactly its own; only for a valid form."""
        place = self.cleaned_data.get("place")
        if place is None or any(getattr(place, n) != self.cleaned_data[n] for n in TYPED):
            return None
        return place

    def _places(self) -> Any:
        field: Any = self.fields["place"]
        return field.queryset


def address_of(source: Any) -> dict[str, Any]:
    """Return the typed address of a record, check or place as the form's values."""
    return {name: getattr(source, name) for name in TYPED}


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(
        label="Reason",
        max_length=200,
        help_text="It stays in the record’s timeline.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class RemoveForm(ReasonForm):
    """Taking 911 off: a reason, and what must be typed."""

    typed = forms.CharField(max_length=20, label="Type to confirm")

    field_order = ("reason", "typed")

    def __init__(self, *args: Any, tns: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = tns[0][-4:] if len(tns) == 1 else str(len(tns))
        field = self.fields["typed"]
        field.label = f"Type {self.expected} to confirm"
        field.help_text = (
            "The last four digits of the number."
            if len(tns) == 1
            else "How many numbers these are."
        )
        field.widget.attrs |= {"autocomplete": "off", "inputmode": "numeric"}

    def clean_typed(self) -> str:
        """Return the text; anything but what was asked for is refused."""
        if self.cleaned_data["typed"].strip().replace(",", "") != self.expected:
            raise forms.ValidationError(f"This is not {self.expected}. Nothing was taken off.")
        return self.expected


class AlertForm(forms.Form):
    """Who hears of it when somebody dials 911: a mail address, or a telephone by its carrier."""

    kind = forms.ChoiceField(
        label="Tell by",
        choices=AlertContact.Kind.choices,
        initial=AlertContact.Kind.EMAIL,
        widget=forms.RadioSelect,
    )
    email = forms.EmailField(label="Mail address", max_length=150, required=False)
    phone = forms.CharField(
        label="Telephone",
        max_length=40,
        required=False,
        help_text="A mobile telephone; the text message goes through its carrier’s mail gateway.",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    gateway = forms.ChoiceField(
        label="Its carrier",
        required=False,
        choices=[("", "Choose"), *((name, title) for name, (title, _) in GATEWAYS.items())],
    )
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean_phone(self) -> str:
        """Return the telephone in E.164, "" for none."""
        text = self.cleaned_data["phone"].strip()
        if not text:
            return ""
        try:
            phone = TN.parse(text)
        except InvalidTN as error:
            raise forms.ValidationError(str(error)) from error
        if not phone.is_nanp:
            raise forms.ValidationError("Write a North American number.")
        return phone

    def clean(self) -> dict[str, Any]:
        """Ask for what the chosen way needs, and work out the address that is mailed."""
        answers = super().clean() or self.cleaned_data
        if answers.get("kind") == AlertContact.Kind.PHONE:
            for name, words in (("phone", "the telephone"), ("gateway", "its carrier")):
                if not answers.get(name) and name not in self.errors:
                    self.add_error(name, f"Say {words}.")
            if answers.get("phone") and answers.get("gateway"):
                answers["email"] = gateway_address(answers["phone"], answers["gateway"])
        elif not answers.get("email") and "email" not in self.errors:
            self.add_error("email", "Write a mail address.")
        return answers


class CallTestForm(forms.Form):
    """One call to 933: when, who, and what was heard."""

    tested_on = forms.DateField(
        label="Date of the call", widget=forms.DateInput(attrs={"type": "date"})
    )
    person = forms.CharField(label="Who called", max_length=80)
    result = forms.ChoiceField(label="What was heard", choices=CallTest.Result.choices)
    heard_number = forms.CharField(label="Number that was read back", max_length=20, required=False)
    heard_address = forms.CharField(
        label="Address that was read back", max_length=200, required=False
    )
    note = forms.CharField(label="Note", max_length=300, required=False)

    def clean_tested_on(self) -> Any:
        """Return the day; none that is still to come."""
        day = self.cleaned_data["tested_on"]
        today = timezone.localdate()
        if day > today:
            raise forms.ValidationError("This day is still to come.")
        if day < today - OLDEST_TEST:
            raise forms.ValidationError("This is more than ten years ago.")
        return day

    def clean(self) -> dict[str, Any]:
        """Ask what was heard instead, where it was wrong."""
        answers = super().clean() or self.cleaned_data
        wanted = {
            CallTest.Result.WRONG_NUMBER: "heard_number",
            CallTest.Result.WRONG_ADDRESS: "heard_address",
        }.get(answers.get("result", ""))
        if wanted and not answers.get(wanted):
            self.add_error(wanted, "Write what was read back.")
        return answers


class KeptForm(forms.Form):
    """Which checked address a provider is to keep for a number."""

    check = forms.ModelChoiceField(
        label="Checked address", queryset=AddressCheck.objects.none(), empty_label="Choose"
    )

    def __init__(self, *args: Any, checks: Sequence[AddressCheck], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["check"]
        field.queryset = AddressCheck.objects.filter(pk__in=[check.pk for check in checks])
