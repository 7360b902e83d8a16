"""The first step of a port: the numbers, pasted or from a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from portal.models import Customer, User
from porting.forms.fields import KeyForm

MOST_TEXT = 400_000  # characters; some twenty thousand numbers
MOST_BYTES = 2 * 1024 * 1024


class PreflightForm(KeyForm):
    """Numbers in any spelling and whose they will be; `text` of a valid form holds both sources."""

    numbers = forms.CharField(
        required=False,
        max_length=MOST_TEXT,
        label="Numbers",
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        help_text="One in a line, or parted by commas. Any spelling will do.",
    )
    file = forms.FileField(
        required=False,
        label="Or a file",
        help_text="Text or CSV; every cell that is a number is taken.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )
    customer = forms.ModelChoiceField(
        queryset=Customer.objects.none(),
        required=False,
        empty_label="Our stock",
        help_text="Whose numbers they will be once they are here.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["customer"]
        owner.queryset = Customer.objects.visible_to(user).filter(is_active=True)
        owner.widget.attrs["data-picker"] = ""
        limit = settings.PORT_CHECK_LIMIT
        self.fields["numbers"].help_text += f" At most {limit:,} numbers at a time."

    def clean_file(self) -> str:
        """Return the text of the file, empty without one."""
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > MOST_BYTES:
            raise forms.ValidationError("This file is larger than 2 MB. Send it in parts.")
        content = file.read()
        if content.startswith(b"PK") or b"\0" in content[:4096]:
            raise forms.ValidationError(
                "This is no text file. Save the sheet as CSV and send that, or paste the numbers."
            )
        try:
            return str(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            return str(content.decode("latin-1"))

    def clean(self) -> dict[str, Any]:
        """Refuse a form without any number in it."""
        found = super().clean() or self.cleaned_data
        pasted, filed = found.get("numbers", ""), found.get("file", "")
        self.text = "\n".join(filter(str.strip, (pasted, filed)))
        if not self.errors and not any(c.isdigit() for c in self.text):
            self.add_error("numbers", "Paste at least one number, or choose a file with numbers.")
        return found

    @property
    def file_name(self) -> str:
        """What the uploaded file is called; empty without one."""
        file = self.files.get("file")
        return str(file.name)[:120] if file else ""
