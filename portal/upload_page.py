"""What the pages of uploads show: steps, counts, what a run takes, and the lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from portal.bulk import intake, kinds, results, undo
from portal.bulk.kinds import Kind
from portal.forms_upload import RunForm
from portal.listing import Sort, paginate
from portal.models import Upload, UploadRow, User

SORTS = [Sort(name="line", label="Line", column="line", is_unique=True)]
State = Upload.State
_STEPS = ("Upload", "Columns", "Check", "Confirm", "Run", "Result")
_AT = {
    State.UPLOADED: 0,
    State.MAPPING: 1,
    State.CHECKING: 2,
    State.INVALID: 2,
    State.READY: 3,
    State.SCHEDULED: 3,
    State.RUNNING: 4,
    State.CANCELLING: 4,
}
# What the lines can be narrowed to: word in the address → label, states.
SHOWN: dict[str, tuple[str, tuple[str, ...]]] = {
    "errors": ("Only errors", UploadRow.FAULTY),
    "changes": ("Only changes", ("ready", "running", "ok", "undone", "stale", "suggested")),
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of an upload's way."""

    label: str
    is_done: bool
    is_here: bool


@dataclass(frozen=True, kw_only=True)
class Change:
    """One cell: what holds, and what it becomes."""

    column: str
    now: str
    after: str
    is_unknown: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the file as the page shows it."""

    row: UploadRow
    changes: list[Change]
    texts: list[str]


def context(upload: Upload, user: User, *, run_form: RunForm | None = None) -> dict[str, Any]:
    """Return what the live part of an upload's page shows."""
    kind = kinds.get(upload.kind)
    counts = [
        {"word": state, "count": upload.counts[state]}
        for state in UploadRow.State.values
        if upload.counts.get(state)
    ]
    can_undo = upload.undoes_id is None and not undo.why_not(upload)
    return {
        "upload": upload,
        "kind": kind,
        "steps": _steps(upload),
        "outcomes": counts,
        "ready": upload.counts.get("ready", 0),
        "done": upload.counts.get("ok", 0) + upload.counts.get("undone", 0),
        "failed": sum(upload.counts.get(state, 0) for state in UploadRow.FAULTY),
        "to_run": sum(upload.counts.get(s, 0) for s in ("ready", "running", "ok", "failed")),
        "again": sum(upload.counts.get(state, 0) for state in UploadRow.AGAIN),
        "run_form": run_form or RunForm(),
        "can_change": kind.may(user),
        "can_cancel": upload.may(State.CANCELLED) or upload.may(State.CANCELLING),
        "can_recheck": upload.may(State.CHECKING) and upload.undoes_id is None and upload.is_kept,
        "can_map": upload.may(State.MAPPING) and upload.undoes_id is None and upload.is_kept,
        "can_undo": can_undo,
        "suggested": 0 if upload.is_polled else upload.counts.get("suggested", 0),
        "column_names": results.columns_of(upload),
    }


def _steps(upload: Upload) -> list[Step]:
    here = _AT.get(State(upload.state), len(_STEPS) - 1)
    return [
        Step(label=label, is_done=place < here, is_here=place == here)
        for place, label in enumerate(_STEPS)
    ]


def lines(request: HttpRequest, upload: Upload, user: User) -> dict[str, Any]:
    """Return the page of lines that the address asks for."""
    kind = kinds.get(upload.kind)
    shown = request.GET.get("show", "")
    found = UploadRow.objects.filter(upload=upload)
    if shown in SHOWN:
        found = found.filter(state__in=SHOWN[shown][1])
    elif shown in UploadRow.State.values:
        found = found.filter(state=shown)
    else:
        shown = ""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:40]
    if text:
        found = found.filter(_search(text))
    page = paginate(request, found, SORTS)
    counted = {"": upload.row_count, **upload.counts}
    count = (
        None
        if text
        else sum(upload.counts.get(s, 0) for s in SHOWN[shown][1])
        if shown in SHOWN
        else counted.get(shown, 0)
    )
    return {
        "upload": upload,
        "kind": kind,
        "page": page,
        "lines": [_line(kind, row, user) for row in page.rows],
        "shown": shown,
        "shows": [(word, label) for word, (label, _) in SHOWN.items()],
        "states": [s for s in UploadRow.State.values if upload.counts.get(s)],
        "q": text,
        "count": count,
    }


def _search(text: str) -> Q:
    digits = "".join(c for c in text if c.isdigit())
    by_line = Q(line=int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else Q()
    return by_line | Q(target__contains=digits or text)


def _line(kind: Kind, row: UploadRow, user: User) -> Line:
    columns = kind.by_name()
    changes = [
        Change(
            column=column,
            now=kind.shown(column, now),
            after=kind.shown(column, after),
            is_unknown=now is None and column in columns and columns[column].is_order,
        )
        for column, (now, after) in row.changes.items()
    ]
    facts = {"errors": row.errors, "outcomes": row.outcomes}
    return Line(row=row, changes=changes, texts=results.told(facts)[1])


def mapping_context(upload: Upload, form: Any) -> dict[str, Any]:
    """Return what the page shows on which columns are named: each with its first cells."""
    sample = intake.sample(upload)
    columns = [
        {"field": field, "cells": [row[place] for row in sample if place < len(row)]}
        for place, field in enumerate(form)
    ]
    return {"upload": upload, "kind": form.kind, "form": form, "columns": columns}
