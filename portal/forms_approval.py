"""Forms of the second person: approve, and refuse with a reason."""

from __future__ import annotations

from typing import Any

from django import forms


class ApproveForm(forms.Form):
    """Approving; `expected` is how many must be typed where nobody can undo it."""

    reason = forms.CharField(
        max_length=300, required=False, label="Note", help_text="Kept with the approval."
    )

    def __init__(self, *args: Any, expected: int | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("prefix", "approve")
        super().__init__(*args, **kwargs)
        self.expected = expected
        if expected is not None:
            self.fields["typed"] = forms.CharField(
                max_length=20,
                label=f"Type {expected} to approve",
                help_text="How many numbers these are. Nobody can undo it.",
                widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
            )

    def clean_typed(self) -> str:
        """Return the text; anything but what was asked for is refused."""
        typed = str(self.cleaned_data["typed"]).replace(",", "").strip()
        if typed != str(self.expected):
            raise forms.ValidationError(f"This is not {self.expected}. Nothing was done.")
        return typed


class RefuseForm(forms.Form):
    """Refusing, with a reason that the asker reads."""

    reason = forms.CharField(
        max_length=300,
        label="Why not",
        help_text="Who asked reads it.",
        error_messages={"required": "Say why, so that who asked knows what to change."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("prefix", "refuse")
        super().__init__(*args, **kwargs)
