"""From the header of a file to the columns of its kind: known, near, or to be named by a person."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Sequence

from portal.bulk.kinds import Kind
from portal.bulk.reading import normal
from portal.models import ColumnMapping, Upload

# What result files have beside the columns of the kind: read over when one comes back.
RESULT_COLUMNS = ("row_state", "error_code", "error_text", "before", "after", "provider_ref")
LINE_COLUMN = "line"
LEFT_OUT = ""


def guess(kind: Kind, head: Sequence[str]) -> tuple[list[str | None], list[str]]:
    """Return the column that each cell of a header names (None: no known one), and what is wrong.

    "" stands for a column that is read over.
    """
    known = kind.names()
    found: list[str | None] = []
    problems = []
    for place, cell in enumerate(head, start=1):
        name = normal(cell)
        if name in RESULT_COLUMNS or name == LINE_COLUMN or not name:
            found.append(LEFT_OUT)
        elif name in known:
            found.append(known[name])
        else:
            found.append(None)
            near = nearest(kind, cell)
            hint = f" Did you mean “{near}”?" if near else ""
            problems.append(f"Column {place}: there is no column “{cell[:40]}”.{hint}")
    problems += wrong(kind, found)
    return found, problems


def nearest(kind: Kind, cell: str) -> str:
    """Return the column whose name is most like a text, "" where none is."""
    names = kind.names()
    near = difflib.get_close_matches(normal(cell), names, n=1, cutoff=0.6)
    return names[near[0]] if near else ""


def wrong(kind: Kind, mapping: Sequence[str | None]) -> list[str]:
    """Return what is wrong with a mapping as a whole, as sentences."""
    named = [name for name in mapping if name]
    problems = [
        f"The column “{name}” is there {named.count(name)} times."
        for name in dict.fromkeys(named)
        if named.count(name) > 1
    ]
    problems += [
        f"The column “{column.name}” is missing."
        for column in kind.columns
        if column.is_required and column.name not in named
    ]
    return problems


def saved(upload: Upload, kind: Kind) -> list[str] | None:
    """Return how this header was mapped before, None where it was not, or no longer can be."""
    row = ColumnMapping.objects.filter(
        kind=kind.slug, customer=upload.customer, head_hash=_hash(upload)
    ).first()
    if row is None or len(row.mapping) != len(upload.head):
        return None
    is_known = set(row.mapping) - {LEFT_OUT} <= set(kind.by_name())
    return list(row.mapping) if is_known and not wrong(kind, row.mapping) else None


def save(upload: Upload) -> None:
    """Remember the mapping of an upload for the next file with its header."""
    ColumnMapping.objects.update_or_create(
        kind=upload.kind,
        customer=upload.customer,
        head_hash=_hash(upload),
        defaults={"mapping": upload.mapping},
    )


def _hash(upload: Upload) -> str:
    """Return what stands for a header; files without one are alike by their count of columns."""
    told = [normal(cell) for cell in upload.head] if upload.has_header else len(upload.head)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
