"""What a provider's word means."""

from __future__ import annotations

from django import forms

from porting.forms.fields import text
from porting.models import ProviderWord


class WordForm(forms.Form):
    """One of our states, or that the word says nothing new."""

    meaning = forms.ChoiceField(
        label="This means…",
        choices=[("", "Choose what it means"), *ProviderWord.Meaning.choices[1:]],
        help_text="Orders that showed the word follow at once.",
    )
    note = text("Why", 200, help_text="Who at the provider said so, and when.")
