"""CSV as a stream: flat memory, safe in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse

_ROWS_PER_PIECE = 1000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# A written line with a cell that may start like a formula; a "+" before digits alone is a number.
_MAY_RUN = re.compile(r'(?:^|[,"\n])(?:[=@\t-]|\+(?![0-9]+[,\r]))|"\r')


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        """Return the text."""
        return text


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
        writer = csv.writer(_Echo())
        buffer: list[str] = ["\ufeff", writer.writerow(head)]
        for row in rows:
            line = writer.writerow(row)
            if _MAY_RUN.search(line):  # one look at the line instead of one at each cell
                line = writer.writerow([safe_cell(value) for value in row])
            buffer.append(line)
            if len(buffer) >= _ROWS_PER_PIECE:
                yield "".join(buffer)
                buffer.clear()
        yield "".join(buffer)

    response = StreamingHttpResponse(pieces(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
