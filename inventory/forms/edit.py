"""The form that changes what is ours alone on many numbers, and how tags are written."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django import forms

from inventory.models import TelephoneNumber
from inventory.models.number import MOST_TAGS
from inventory.services.edit import Edit
from portal.models import User

LONGEST_TAG = 32


def split_tags(text: str) -> list[str]:
    """Return the distinct tags of a text, in order; raises `ValidationError` for what is no tag."""
    tags = sorted({tag.strip() for tag in text.split(",") if tag.strip()})
    for tag in tags:
        if not tag.isprintable():
            raise forms.ValidationError("A tag has characters that cannot be shown.")
        if len(tag) > LONGEST_TAG:
            raise forms.ValidationError(f"“{tag}” is longer than {LONGEST_TAG} characters.")
    if len(tags) > MOST_TAGS:
        raise forms.ValidationError(f"More than {MOST_TAGS} tags say nothing any more.")
    return tags


class TagsField(forms.CharField):
    """Tags as a text with commas; a list of them when it is valid."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=700, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Return the text that the field shows."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Return the tags, each once and in order."""
        return split_tags(super().to_python(value) or "")

    def run_validators(self, value: Any) -> None:
        """Leave the length to `to_python`: a list has none in characters."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether other tags were typed than there are."""
        try:
            return self.to_python(data) != (initial or [])
        except forms.ValidationError:
            return True


class EditManyForm(forms.Form):
    """What is ours alone, for many numbers: an empty field leaves each number as it is."""

    CLEAR = "-"

    label = forms.CharField(max_length=80, required=False)
    billing_id = forms.CharField(max_length=64, required=False, label="Billing id")
    monthly_cost = forms.CharField(max_length=12, required=False, help_text="In US dollars.")
    add_tags = TagsField(required=False, help_text="Parted by commas.")
    remove_tags = TagsField(required=False, help_text="Parted by commas.")
    deletion_lock = forms.ChoiceField(
        choices=[("", "As it is"), ("on", "On"), ("off", "Off")], required=False
    )
    legal_hold = forms.ChoiceField(
        choices=[("", "As it is"), ("on", "On"), ("off", "Off")], required=False
    )
    note = forms.CharField(
        max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not user.has_perm("inventory.set_legal_hold"):
            del self.fields["legal_hold"]

    def clean_monthly_cost(self) -> str:
        """Return the text of an amount that the column holds, or the sign that clears it."""
        text: str = self.cleaned_data["monthly_cost"].strip().removeprefix("$")
        if text in {"", self.CLEAR}:
            return text
        column: Any = TelephoneNumber._meta.get_field("monthly_cost").formfield()  # type: ignore[union-attr]
        return str(column.clean(text))

    def clean(self) -> dict[str, Any]:
        """Refuse a form that says nothing."""
        answers = super().clean() or self.cleaned_data
        if not self.errors and not self.edit:
            raise forms.ValidationError("Nothing was filled in, so nothing would change.")
        return answers

    def refuse_tags(self, count: int) -> None:
        """Say that so many of the numbers would have too many tags with those that are added."""
        which = "One number" if count == 1 else f"{count:,} numbers"
        self.add_error(
            "add_tags",
            f"{which} would have more than {MOST_TAGS} tags. Take some off first, or add fewer.",
        )

    @property
    def edit(self) -> Edit:
        """What a valid form changes."""
        answers = self.cleaned_data
        values: dict[str, Any] = {}
        for name in ("label", "billing_id", "note", "monthly_cost"):
            if text := answers.get(name, ""):
                empty = None if name == "monthly_cost" else ""
                values[name] = empty if text == self.CLEAR else text
        for name in ("deletion_lock", "legal_hold"):
            if answers.get(name):
                values[name] = answers[name] == "on"
        return Edit(
            values=values,
            add_tags=answers.get("add_tags", ()),
            remove_tags=answers.get("remove_tags", ()),
        )

    def token(self, mark: str) -> str:
        """Return what stands for this edit of these rows: a preview of it was seen."""
        edit = self.edit
        said = [mark, edit.values, list(edit.add_tags), list(edit.remove_tags)]
        return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()[:16]
