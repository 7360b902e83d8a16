"""The form that asks before everything a search found is put into the cart."""

from __future__ import annotations

from typing import Any

from django import forms


class AddAllForm(forms.Form):
    """How many of what a search found go into the cart."""

    most = forms.IntegerField(label="How many", help_text="The lowest numbers come first.")
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, free: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.free = free
        self.fields["most"].widget.attrs |= {"min": 1, "max": free, "autocomplete": "off"}

    def clean_most(self) -> int:
        """Return the count; more than is for sale is none that was asked about."""
        most: int = self.cleaned_data["most"]
        if not 1 <= most <= self.free:
            raise forms.ValidationError(f"From 1 to {self.free:,}: so many are for sale.")
        return most
