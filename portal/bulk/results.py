"""What became of an upload as a file: every line, or those that can be corrected and sent again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portal.bulk import kinds
from portal.bulk.kinds import Kind
from portal.bulk.mapping import RESULT_COLUMNS
from portal.models import Upload, UploadRow

_READ = ("line", "target", "state", "cells", "changes", "errors", "outcomes")


def table(upload: Upload, *, only_failed: bool) -> tuple[list[str], Iterator[list[str]]]:
    """Return head and lines of the result file, read as a stream.

    The columns are those of the upload, so that it can be uploaded again; secrets are left empty.
    """
    kind = kinds.get(upload.kind)
    names = columns_of(upload)
    rows = UploadRow.objects.filter(upload=upload).order_by("line")
    if only_failed:
        rows = rows.filter(state__in=UploadRow.AGAIN)
    found = rows.values(*_READ).iterator(chunk_size=2000)
    return [*names, *RESULT_COLUMNS], (_line(kind, names, row) for row in found)


def columns_of(upload: Upload) -> list[str]:
    """Return the columns that the lines of an upload have, in the order of its file."""
    return [name for name in upload.mapping if name]


def _line(kind: Kind, names: Sequence[str], row: Mapping[str, Any]) -> list[str]:
    columns = kind.by_name()
    cells = [
        "" if columns[name].is_secret else row["cells"].get(name, "")
        for name in names
        if name in columns
    ]
    codes, texts = told(row)
    before, after = (_side(kind, row["changes"], side) for side in (0, 1))
    refs = " ".join(dict.fromkeys(ref for *_, ref in row["outcomes"].values() if ref))
    return [*cells, row["state"], " ".join(codes), " ".join(texts), before, after, refs]


def told(row: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the codes and the sentences of what went wrong with a line."""
    codes, texts = [], []
    for column, code, text in row["errors"]:
        codes.append(code)
        texts.append(f"{column}: {text}" if column else text)
    for column, (state, code, words, _) in row["outcomes"].items():
        if state != "ok":
            codes.append(code or state)
            texts.append(f"{column}: {words or state}")
    return list(dict.fromkeys(codes)), texts


def _side(kind: Kind, changes: Mapping[str, Sequence[Any]], side: int) -> str:
    """Return the values of one side of a line's changes in words."""
    return "; ".join(
        f"{column}: {kind.shown(column, pair[side])}" for column, pair in changes.items()
    )
