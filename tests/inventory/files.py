"""Uploading files of numbers in tests: receive, confirm, run, and what became of each line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from portal.bulk import intake, kinds, results, running
from portal.models import Upload, User
from portal.tasks import run_job


def text_of(head: Sequence[str], *lines: Sequence[str]) -> str:
    """Return a CSV."""
    file = io.StringIO()
    csv.writer(file).writerows([head, *lines])
    return file.getvalue()


def upload(actor: User, text: str, *, kind: str = "numbers") -> Upload:
    """Return the upload of a text, as it is after it was received."""
    pieces = [text.encode()] if isinstance(text, str) else [text]
    return intake.receive(kinds.get(kind), actor=actor, name="numbers.csv", pieces=pieces)


def states(upload: Upload) -> dict[int, str]:
    """Return line → state."""
    return dict(upload.rows.values_list("line", "state"))


def errors(upload: Upload) -> dict[int, list[str]]:
    """Return line → codes of what is wrong with it; lines without errors are left out."""
    rows = upload.rows.exclude(errors=[]).order_by("line")
    return {row.line: [f"{error[0]}:{error[1]}" for error in row.errors] for row in rows}


def result(upload: Upload, *, only_failed: bool = False) -> list[dict[str, str]]:
    """Return the result file as dicts."""
    head, lines = results.table(upload, only_failed=only_failed)
    return [dict(zip(head, line, strict=True)) for line in lines]


@pytest.fixture
def run(run_jobs, monkeypatch) -> Callable[..., Upload]:
    """Return a function that confirms an upload and carries out all of its jobs."""
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)

    def do(one: Upload, **options: Any) -> Upload:
        running.confirm(one, actor=one.actor, **options)
        run_jobs()
        one.refresh_from_db()
        return one

    return do
