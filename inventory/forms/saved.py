"""The form of a saved view."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from inventory import saved_views
from inventory.models import SavedView


class SavedViewForm(forms.ModelForm):
    """A view's name, whether other staff see it, and whether the list opens with it."""

    class Meta:
        model = SavedView
        fields = ["name", "is_shared", "is_default"]
        labels = {"is_shared": "Share it with all staff", "is_default": "Open the list with it"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        if not self.instance.user.is_staff_role:
            del self.fields["is_shared"]  # sharing is among staff

    def clean_name(self) -> str:
        """Return the name; one's own views have different ones."""
        name: str = self.cleaned_data["name"]
        own = SavedView.objects.filter(user=self.instance.user).exclude(pk=self.instance.pk)
        if own.filter(name=name).exists():
            raise ValidationError("You have a view of this name. Choose another, or change that.")
        if self.instance.pk is None and own.count() >= saved_views.MOST:
            raise ValidationError(f"You have {saved_views.MOST} views. Delete one first.")
        return name

    def clean(self) -> dict[str, Any]:
        """Return the values; what is kept has to fit."""
        cleaned: dict[str, Any] = super().clean() or {}
        longest = SavedView._meta.get_field("query").max_length or 0
        if len(self.instance.query) > longest:
            raise ValidationError("These are too many filters to keep. Take some away.")
        return cleaned
