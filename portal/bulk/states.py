"""Moves of an upload from state to state: the only code that makes them, and counts its lines."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.utils import timezone

from portal.models import Upload, UploadRow

State = Upload.State


class Moved(Exception):
    """The upload is in another state than was thought; `str(error)` is a sentence. Nothing was done."""


def move(upload: Upload, to: str, **changes: Any) -> None:
    """Move an upload by the table in its model and set `changes` along; raises `Moved`.

    The row decides, not the copy in memory: of two who press a button one is told that he was late.
    """
    allowed = [old for old, new in Upload.MOVES.items() if to in new]
    if to in (*Upload.ENDED, State.UNDONE):
        changes.setdefault("finished_at", timezone.now())
    if not Upload.objects.filter(pk=upload.pk, state__in=allowed).update(state=to, **changes):
        upload.refresh_from_db()
        raise Moved(f"The upload is “{upload.get_state_display()}” by now. Nothing was changed.")
    upload.state = to
    for name, value in changes.items():
        setattr(upload, name, value)


def count(upload: Upload) -> dict[str, int]:
    """Count the lines by their state, keep that on the upload, and return it."""
    found = UploadRow.objects.filter(upload=upload).order_by().values("state")
    counts = {row["state"]: row["n"] for row in found.annotate(n=Count("pk"))}
    upload.counts, upload.row_count = counts, sum(counts.values())
    Upload.objects.filter(pk=upload.pk).update(counts=counts, row_count=upload.row_count)
    return counts
