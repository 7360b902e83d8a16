"""The lines of a file into the database: each cell checked by its function, written by COPY."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection

from portal.bulk import files, reading
from portal.bulk.cells import BLANKS, CLEARS, unquoted
from portal.bulk.kinds import Column, Kind
from portal.bulk.reading import FileProblem
from portal.models import Upload, UploadRow
from portal.sealed import seal

PIECE = 5000  # lines of one COPY, and as many in memory
OPERATION = "operation"
_COLUMNS = (
    *("upload_id", "line", "target", "operation", "state", "cells", "values"),
    *("changes", "errors", "orders", "outcomes"),
)
_COPY = f"COPY {UploadRow._meta.db_table} ({', '.join(_COLUMNS)}) FROM STDIN"
_LONGEST_CELL = 5000

Line = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Where a column stands in a line of the file."""

    place: int
    column: Column


def stage(upload: Upload, kind: Kind, progress: Callable[[int], None]) -> int:
    """Replace the lines of an upload by those of its file; return how many these are.

    `progress` is told the count now and then. Raises `FileProblem`; lines that were written by then
    stay, for the next attempt to replace.
    """
    UploadRow.objects.filter(upload=upload)._raw_delete(using="default")
    reader = LineReader(upload, kind)
    done = 0
    lines = _limited(reader.lines())
    # A piece is read before it is copied: the file comes from the same database, whose connection
    # does nothing else during a COPY.
    while piece := list(islice(lines, PIECE)):
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for line in piece:
                copy.write_row(line)
        done += len(piece)
        progress(done)
    if not done:
        raise FileProblem("The file has a header and no line below it.")
    return done


def _limited(lines: Iterator[Line]) -> Iterator[Line]:
    most = settings.UPLOAD_MAX_ROWS
    for count, line in enumerate(lines, start=1):
        if count > most:
            raise FileProblem(
                f"The file has more than {most:,} lines. Divide it and upload the parts."
            )
        yield line


class LineReader:
    """Reads the lines of one upload as rows of its table."""

    def __init__(self, upload: Upload, kind: Kind) -> None:
        self.upload, self.kind = upload, kind
        columns = kind.by_name()
        self._cells = [
            Cell(place=place, column=columns[name])
            for place, name in enumerate(upload.mapping)
            if name
        ]
        self._write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

    def lines(self) -> Iterator[Line]:
        """Yield a row for each line of the file, in the order of the table's columns."""
        upload = self.upload
        source = files.opened(upload)
        found = reading.rows(source, delimiter=upload.delimiter, has_header=upload.has_header)
        for number, cells in found:
            yield self._line(number, cells)

    def _line(self, number: int, cells: Sequence[str]) -> Line:
        kept: dict[str, str] = {}
        values: dict[str, Any] = {}
        errors: list[tuple[str, str, str]] = []
        if len(cells) > len(self.upload.mapping) and any(cells[len(self.upload.mapping) :]):
            most = len(self.upload.mapping)
            words = f"This line has {len(cells)} cells, the first one {most}. Is a comma unquoted?"
            errors.append(("", "too_many_cells", words))
        for cell in self._cells:
            text = cells[cell.place] if cell.place < len(cells) else ""
            if meant := unquoted(text):
                self._cell(cell.column, text.strip(BLANKS), meant, kept, values, errors)
        target = values.pop(self.kind.key, "")
        if not target and not any(column == self.kind.key for column, _, _ in errors):
            errors.append((self.kind.key, "missing", "Nothing stands here."))
        operation = values.setdefault(OPERATION, self.kind.operations[0])
        told = {column for column, _, _ in errors if column}
        errors.extend(one for one in self.kind.check_line(values) if one[0] not in told)
        del values[OPERATION]
        errors.extend(self._missing(values, operation, errors))
        state = "skipped" if operation == "skip" else "new" if target else "invalid"
        write = self._write
        return (
            *(self.upload.pk, number, target, operation, state, write(kept), write(values)),
            *("{}", write([] if operation == "skip" else errors), "{}", "{}"),
        )

    def _cell(
        self,
        column: Column,
        text: str,
        meant: str,
        kept: dict[str, str],
        values: dict[str, Any],
        errors: list[tuple[str, str, str]],
    ) -> None:
        kept[column.name] = seal(text) if column.is_secret else text[:_LONGEST_CELL]
        if column.clean is None:
            return
        if text in CLEARS and column.name not in (self.kind.key, OPERATION):
            if column.can_clear:
                values[column.name] = column.cleared
            elif not column.is_fixed:
                words = "This cannot be cleared. Leave the cell empty to keep what is there."
                errors.append((column.name, "no_clear", words))
            return
        try:
            value = column.clean(meant)
        except ValueError as error:
            errors.append((column.name, "bad_value", str(error)))
            return
        values[column.name] = seal(value) if column.is_secret else value

    def _missing(
        self, values: dict[str, Any], operation: str, errors: Sequence[tuple[str, str, str]]
    ) -> Iterator[tuple[str, str, str]]:
        """Yield an error for each column that must hold something and holds nothing."""
        if operation not in ("add", "update"):
            return
        wrong = {column for column, _, _ in errors}
        for column in self.kind.columns:
            is_key = column.name == self.kind.key
            if not column.is_required or is_key or column.name in values or column.name in wrong:
                continue
            yield column.name, "missing", "Nothing stands here, and it is needed."
