"""Forms of uploads: a file or a pasted text, the names of its columns, and when it runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from portal.bulk import mapping
from portal.bulk.kinds import Kind
from portal.models import Upload

MOST_PASTED = 10_000  # lines; more come as a file


class UploadForm(forms.Form):
    """A file, or a text that is pasted; one of the two."""

    file = forms.FileField(
        required=False,
        allow_empty_file=True,
        label="CSV file",
        help_text="Up to 20 MB and 100,000 lines. Drop it here, or choose it.",
        widget=forms.ClearableFileInput(
            attrs={"accept": ".csv,.txt,.tsv,text/csv", "class": "form-control"}
        ),
    )
    text = forms.CharField(
        required=False,
        strip=False,
        label="Or paste the lines",
        help_text=f"With the header line, up to {MOST_PASTED:,} lines.",
        widget=forms.Textarea(
            attrs={"rows": 6, "spellcheck": "false", "class": "form-control nd-mono"}
        ),
    )

    def clean_file(self) -> Any:
        """Refuse what is too large, and what is a spreadsheet and no CSV."""
        file = self.cleaned_data["file"]
        if not file:
            return file
        if file.size > settings.UPLOAD_MAX_BYTES:
            most = settings.UPLOAD_MAX_BYTES // 1_000_000
            raise forms.ValidationError(f"The file is larger than {most} MB. Divide it.")
        if file.name.lower().endswith((".xlsx", ".xls", ".ods", ".numbers")):
            raise forms.ValidationError(
                "This is a spreadsheet. Save it as “CSV UTF-8” in the spreadsheet program and "
                "upload that."
            )
        return file

    def clean_text(self) -> str:
        """Refuse a text that is too long to be pasted."""
        text: str = self.cleaned_data["text"]
        if text.count("\n") > MOST_PASTED:
            raise forms.ValidationError(
                f"More than {MOST_PASTED:,} lines were pasted. Upload them as a file."
            )
        return text

    def clean(self) -> dict[str, Any]:
        """Have exactly one of the two."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        has_text = bool(cleaned.get("text", "").strip())
        if cleaned.get("file") and has_text:
            raise forms.ValidationError("Choose a file or paste the lines, not both.")
        if not cleaned.get("file") and not has_text:
            raise forms.ValidationError("Choose a file, or paste the lines.")
        return cleaned

    @property
    def name(self) -> str:
        """What the upload of a valid form is called."""
        file = self.cleaned_data["file"]
        return str(file.name) if file else "pasted text"

    def pieces(self) -> Iterator[bytes]:
        """Yield the content of a valid form in pieces."""
        file = self.cleaned_data["file"]
        if file:
            yield from file.chunks()
        else:
            yield self.cleaned_data["text"].encode()


class MappingForm(forms.Form):
    """Which column of the kind each column of the file is; nothing chosen leaves it out."""

    def __init__(self, *args: Any, upload: Upload, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.upload, self.kind = upload, kind
        choices = [("", "Leave it out"), *((c.name, c.name) for c in kind.columns)]
        for place, cell in enumerate(upload.head):
            known = upload.mapping[place] if place < len(upload.mapping) else ""
            near = mapping.nearest(kind, cell) if upload.has_header and not known else ""
            taken = set(upload.mapping)
            self.fields[f"column_{place}"] = forms.ChoiceField(
                choices=choices,
                required=False,
                initial=known or (near if near not in taken else ""),
                label=cell or f"Column {place + 1}" if upload.has_header else f"Column {place + 1}",
            )

    def clean(self) -> dict[str, Any]:
        """Refuse a column that is named twice, and one that must be there and is not."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            for problem in mapping.wrong(self.kind, self.names):
                self.add_error(None, problem)
        return cleaned

    @property
    def names(self) -> list[str]:
        """The columns in the order of the file."""
        return [self.cleaned_data.get(f"column_{place}", "") for place in range(len(self.fields))]


class RunForm(forms.Form):
    """How and when an upload runs."""

    overwrite = forms.BooleanField(
        required=False,
        label="Also write what was changed since this preview",
        help_text="Without it such a line is left as it is, and told.",
    )
    run_at = forms.DateTimeField(
        required=False,
        label="Run later, at",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = timezone.get_current_timezone_name()
        self.fields["run_at"].help_text = f"Empty: now. Times are those of {zone}."

    def clean_run_at(self) -> Any:
        """Refuse a time that is over."""
        at = self.cleaned_data["run_at"]
        if at and at < timezone.now():
            raise forms.ValidationError("This time is over. Leave it empty to run it now.")
        return at
