"""Forms of one number: what is ours alone, and giving it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from inventory.forms.edit import TagsField
from inventory.models import TelephoneNumber
from portal.models import User

REASONS = (
    ("", "Choose a reason"),
    ("customer_canceled", "Customer canceled"),
    ("not_needed", "Not needed any more"),
    ("bought_by_mistake", "Bought by mistake"),
    ("moved", "Replaced by another number"),
    ("other", "Other"),
)


class NumberForm(forms.ModelForm):
    """What we decide without asking a provider."""

    class Meta:
        model = TelephoneNumber
        fields = [
            *("label", "tags", "billing_id", "monthly_cost"),
            *("deletion_lock", "legal_hold", "note"),
        ]
        help_texts = {
            "deletion_lock": "A locked number cannot be given back until the lock is taken off.",
            "legal_hold": "Nothing may change who has it, and it is not given back.",
            "monthly_cost": "In US dollars, where the provider does not tell it.",
        }
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}

    tags = TagsField(required=False, help_text="Parted by commas.")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not user.has_perm("inventory.set_legal_hold"):
            del self.fields["legal_hold"]


class ReleaseForm(forms.Form):
    """Giving numbers back: a reason, and what must be typed because it cannot be undone."""

    reason = forms.ChoiceField(choices=REASONS, label="Reason")
    typed = forms.CharField(max_length=20, label="Type to confirm", strip=True)
    key = forms.CharField(max_length=36, widget=forms.HiddenInput)

    def __init__(self, *args: Any, numbers: Sequence[TelephoneNumber], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        one = len(numbers) == 1
        self.expected = numbers[0].tn[-4:] if one else str(len(numbers))
        self.fields["typed"].label = f"Type {self.expected} to confirm"
        self.fields["typed"].help_text = (
            "The last four digits of the number." if one else "How many numbers these are."
        )
        self.fields["typed"].widget.attrs |= {"autocomplete": "off", "inputmode": "numeric"}

    @property
    def reason_words(self) -> str:
        """The chosen reason as people read it; of a valid form."""
        return dict(REASONS)[self.cleaned_data["reason"]]

    def clean_typed(self) -> str:
        """Return the text; anything but what was asked for is refused."""
        if self.cleaned_data["typed"].replace(",", "") != self.expected:
            raise forms.ValidationError(f"This is not {self.expected}. Nothing was given back.")
        return self.cleaned_data["typed"]
