"""The form of a repair: a reason, a day, and the key that keeps it from being done twice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone

LONGEST = timedelta(days=366)


class RepairForm(forms.Form):
    """What a repair asks for beside the differences themselves."""

    until = forms.DateField(
        label="Until",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="On this day it is shown again.",
    )
    reason = forms.CharField(
        max_length=200, label="Reason", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, needs_reason: bool, needs_day: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_day:
            del self.fields["until"]
        if not needs_reason:
            del self.fields["reason"]

    def clean_until(self) -> date:
        """Return the day; only one that is to come, within a year."""
        day: date = self.cleaned_data["until"]
        today = timezone.localdate()
        if day <= today:
            raise forms.ValidationError("Choose a day that is still to come.")
        if day > today + LONGEST:
            raise forms.ValidationError("Choose a day within a year.")
        return day
