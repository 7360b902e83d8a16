"""Reading a CSV as it comes: encoding, delimiter, header, then line by line in flat memory."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from portal.tn import TN, InvalidTN

DELIMITERS = (",", ";", "\t")
SAMPLE_LINES = 4
MOST_COLUMNS = 200
_UTF16 = (b"\xff\xfe", b"\xfe\xff")  # what a spreadsheet calls “Unicode text”
_SEPARATOR = re.compile(r"\s*\"?sep=.?\"?\s*", re.IGNORECASE)  # a first line for spreadsheets alone


class FileProblem(Exception):
    """A file that cannot be read as a CSV; `str(error)` is a sentence that says what to do."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the first lines of a file tell: `sample` are the lines after the header, if there is one."""

    delimiter: str
    has_header: bool
    head: list[str]
    sample: list[list[str]]


def look(source: BinaryIO, names: Iterable[str]) -> Look:
    """Return what the first lines tell; `names` are the columns that a header may have.

    Raises `FileProblem` for an empty file, one that is no text, or one that is no table.
    """
    text = _text(source)
    first = ""
    for line in text:
        first = line
        if line.strip():
            break
    if not first.strip():
        raise FileProblem("The file is empty.")
    delimiter = _delimiter(first, set(names))
    rows = list(islice(_rows(_again(first, text), delimiter), SAMPLE_LINES))
    if not rows:
        raise FileProblem("The file is empty.")
    head = [cell.strip() for cell in rows[0][1]]
    if len(head) > MOST_COLUMNS:
        raise FileProblem(f"The first line has {len(head):,} columns; that is no list of numbers.")
    has_header = not any(_is_number(cell) for cell in head)
    sample = [cells for _, cells in (rows[1:] if has_header else rows)]
    return Look(delimiter=delimiter, has_header=has_header, head=head, sample=sample)


def rows(source: BinaryIO, *, delimiter: str, has_header: bool) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number from 1, cells) of each line that is not blank, the header left out.

    A cell with a line end in it makes its row span lines; the number is that of its last one.
    """
    found = _rows(_text(source), delimiter)
    if has_header:
        next(found, None)
    yield from found


def _text(source: BinaryIO) -> Iterator[str]:
    """Yield the lines of a UTF-8 text, or of a UTF-16 one that says so, with their ends."""
    start = source.read(2)
    source.seek(0)
    encoding = "utf-16" if start in _UTF16 else "utf-8-sig"
    wrapped = io.TextIOWrapper(source, encoding=encoding, newline="")
    count = 0
    try:
        for line in wrapped:
            count += 1
            if "\x00" in line:
                raise FileProblem(
                    f"Line {count} has a character that no text has (NUL). Save it as “CSV UTF-8” "
                    "in the spreadsheet and upload that."
                )
            yield "\n" if count == 1 and _SEPARATOR.fullmatch(line) else line
    except UnicodeError as error:
        raise FileProblem(
            f"Near line {count + 1} the file is not UTF-8 text. Save it as “CSV UTF-8” in the "
            "spreadsheet and upload that."
        ) from error
    finally:
        wrapped.detach()


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if any(cells) and any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise FileProblem(
            f"Near line {reader.line_num} the file is no table: {error}. A quotation mark inside "
            "a cell is written twice, and a cell that has one stands in quotation marks."
        ) from error


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _delimiter(line: str, names: set[str]) -> str:
    """Return the delimiter that makes the most known names of a line, then the most cells."""

    def worth(delimiter: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([line], delimiter=delimiter))
        except csv.Error:
            return 0, 0
        return len({normal(cell) for cell in cells} & names), len(cells)

    return max(DELIMITERS, key=worth)


def _is_number(cell: str) -> bool:
    try:
        TN.parse(cell)
    except InvalidTN as error:
        return "spreadsheet" in str(error)
    return True


def normal(name: str) -> str:
    """Return the spelling by which names of columns are compared."""
    return "_".join(name.strip().lower().replace("-", " ").replace("_", " ").split())
