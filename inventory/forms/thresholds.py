"""The form of a stock threshold."""

from __future__ import annotations

import re

from django import forms

from inventory.models import StockThreshold

_NPA = re.compile(r"[2-9][0-8][0-9]", re.ASCII)
MOST = 1_000_000


class ThresholdForm(forms.ModelForm):
    """An area code and how many numbers it should have in stock; the code of one is fixed."""

    minimum = forms.IntegerField(
        label="Warn below",
        min_value=1,
        max_value=MOST,
        help_text="Home warns all staff as soon as fewer numbers are in stock.",
    )

    class Meta:
        model = StockThreshold
        fields = ["npa", "minimum", "note"]
        help_texts = {"npa": "Three digits, such as 212.", "note": "Why, or for whom."}
        error_messages = {"npa": {"unique": "This area code has a threshold already."}}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["npa"].widget.attrs |= {"inputmode": "numeric", "size": 3}
        if self.instance.pk:
            del self.fields["npa"]

    def clean_npa(self) -> str:
        """Return the code; what can be none is refused."""
        npa = self.cleaned_data["npa"].strip()
        if not _NPA.fullmatch(npa) or npa[1:] == "11":
            raise forms.ValidationError("Write the three digits of an area code.")
        return npa
