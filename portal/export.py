"""CSV as a stream: flat memory, safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from django.http import StreamingHttpResponse

_ROWS_PER_PIECE = 1000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# What written lines hold where a cell may start like a formula. Looking for these in a piece as a
# whole costs a twentieth of looking at each cell.
_MARKS = (
    *[f"{before}{start}" for before in ',"\n' for start in "=@-\t"],
    *(",+", '"+', ',"\r', '\n"\r'),
)
_PLUS_WITHOUT_NUMBER = re.compile(r"\n\+(?![0-9]+[,\r\n])")


def safe_cell(value: Any) -> str:
    """Return a cell that a spreadsheet shows and does not run.

    Text that starts like a formula is quoted with an apostrophe; a telephone number in E.164 is
    left alone.
    """
    text = "" if value is None else str(value)
    if text.startswith(_FORMULA_STARTS) and not (text[0] == "+" and text[1:].isdigit()):
        return f"'{text}"
    return text


def stream_csv(
    filename: str, head: Sequence[str], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """Return a download of `rows` under `head`, written while it is read."""

    def pieces() -> Iterator[str]:
        source = iter(rows)
        while piece := list(islice(source, _ROWS_PER_PIECE)):
            text = _written(piece)
            if _may_run(text):
                text = _written([[safe_cell(value) for value in row] for row in piece])
            yield text

    return _download(filename, head, pieces())


def stream_lines(
    filename: str, head: Sequence[str], pieces: Iterable[str]
) -> StreamingHttpResponse:
    """Return a download of CSV that is written already, in pieces of whole lines."""

    def guarded() -> Iterator[str]:
        for text in pieces:
            if not _may_run(text):
                yield text
                continue
            rows = csv.reader(io.StringIO(text, newline=""))
            yield _written([[safe_cell(value) for value in row] for row in rows])

    return _download(filename, head, guarded())


def _download(filename: str, head: Sequence[str], pieces: Iterator[str]) -> StreamingHttpResponse:
    content = chain(["\ufeff" + _written([head])], pieces)
    response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _written(rows: Iterable[Sequence[Any]]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue()


def _may_run(text: str) -> bool:
    """Return whether a cell in written lines may start like a formula; never wrong about "no"."""
    lines = f"\n{text}"
    return any(mark in lines for mark in _MARKS) or bool(_PLUS_WITHOUT_NUMBER.search(lines))
