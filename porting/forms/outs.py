"""Numbers that leave: reporting one, deciding, what follows, and the PIN against it."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils import timezone

from inventory.models import TelephoneNumber
from portal.tn import TN, InvalidTN, parse_many
from porting.forms.fields import KeyForm, text
from porting.models import PortOut

# Why a request is rejected (47 CFR 52.35 allows few reasons).
REJECTIONS: Final = [
    ("wrong_pin", "Wrong PIN"),
    ("wrong_account_number", "Wrong account number"),
    ("wrong_zip", "Wrong ZIP code"),
    ("wrong_name", "Wrong name"),
    ("not_active", "The number is not active"),
]
_DAY = {"type": "date"}


class ReportForm(forms.Form):
    """A number that somebody asks for, or that seems to have left."""

    tn = text("Number", 40, required=True, attrs={"inputmode": "tel"})
    state = forms.ChoiceField(
        label="What is known",
        choices=[
            (PortOut.State.REQUESTED, "Another carrier asks for it"),
            (PortOut.State.SUSPECTED, "It seems to have left"),
        ],
    )
    gaining_carrier = text("Gaining carrier", 120)
    due_on = forms.DateField(
        required=False, label="Goes on", widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d")
    )
    words = text("How we know", 300, required=True, help_text="Who said so, and when.")

    def clean_tn(self) -> TN:
        """Return the number, which must be ours."""
        try:
            tn = TN.parse(self.cleaned_data["tn"])
        except InvalidTN as error:
            raise forms.ValidationError(str(error)) from error
        if not TelephoneNumber.objects.filter(tn=tn).exists():
            raise forms.ValidationError(f"{tn.pretty} is not in our inventory.")
        return tn


class DecideForm(forms.Form):
    """What becomes of a request, and why."""

    reason = text("Why", 300, required=True, help_text="Stands in the audit.")
    due_on = forms.DateField(
        required=False, label="Goes on", widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d")
    )
    reject_code = forms.ChoiceField(label="Rejected for", choices=REJECTIONS)
    left_on = forms.DateField(
        label="Billed until", widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, to: str, case: PortOut, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = {"approved": "due_on", "rejected": "reject_code", "completed": "left_on"}
        for state, name in asked.items():
            if state != to:
                del self.fields[name]
        if to == "approved":
            self.fields["due_on"].initial = case.due_on
        if to == "completed":
            self.fields["left_on"].initial = case.left_on or case.due_on or timezone.localdate()

    def changes(self) -> dict[str, Any]:
        """Return what is set along with the move; of a valid form."""
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}


class FollowForm(forms.Form):
    """What must be typed before everything that follows from a number's leaving is done."""

    left_on = forms.DateField(
        label="Billed until", widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d")
    )
    typed = text("Type to confirm", 10, required=True, attrs={"inputmode": "numeric"})

    def __init__(self, *args: Any, case: PortOut, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = case.tn[-4:]
        self.fields["typed"].label = f"Type {self.expected} to confirm"
        self.fields["typed"].help_text = "The last four digits of the number."
        self.fields["left_on"].initial = case.left_on or timezone.localdate()

    def clean_typed(self) -> str:
        """Return the digits; others are refused."""
        if self.cleaned_data["typed"].strip() != self.expected:
            raise forms.ValidationError(f"This is not {self.expected}. Nothing was done.")
        return self.expected


class PinForm(KeyForm):
    """Port-out PINs for many numbers: one for all, or one by chance for each."""

    numbers = forms.CharField(
        max_length=400_000,
        label="Numbers",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
        help_text="One in a line, or parted by commas.",
    )
    pin = text(
        "PIN",
        4,
        help_text="Four digits, the same for all. Empty: one by chance for each, which nobody is "
        "told: set another one when somebody has to know it.",
        attrs={"inputmode": "numeric"},
    )

    def clean_numbers(self) -> list[TN]:
        """Return the numbers; each must be one."""
        good, bad = parse_many(self.cleaned_data["numbers"])
        if bad:
            raise forms.ValidationError(" ".join(reason for _, _, reason in bad[:3]))
        return good

    def clean_pin(self) -> str:
        """Return four digits, or nothing."""
        pin = str(self.cleaned_data["pin"])
        if pin and not (len(pin) == 4 and pin.isascii() and pin.isdigit()):
            raise forms.ValidationError("A port-out PIN has four digits.")
        return pin
