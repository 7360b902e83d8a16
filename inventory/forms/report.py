"""The period of a report."""

from __future__ import annotations

from typing import Any

from django import forms


class PeriodForm(forms.Form):
    """A first and a last day, at most a year apart."""

    start = forms.DateField(
        label="From", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    end = forms.DateField(
        label="Through", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins, or is longer than a year."""
        answers = super().clean() or self.cleaned_data
        start, end = answers.get("start"), answers.get("end")
        if start and end and end < start:
            self.add_error("end", "The period ends before it begins.")
        elif start and end and (end - start).days > 366:
            self.add_error("end", "Choose a year at most.")
        return answers
