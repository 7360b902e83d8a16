"""The call-processing part of a toll-free record, checked (custom-toll-free.md sections 4.3, 8).

A CPR is a decision tree written as a table: condition columns first, result columns after them.
Consecutive rows with the same value in a column form one branch of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from lxml.etree import _Element as Element

CONDITIONS = ("ST", "AC", "LT", "NX", "SD", "TD", "DT", "DA", "TI", "PC")
RESULTS = ("CA", "AN", "TE", "GT")
SECTION_NAME_LIMIT = 8
OTHER = "OTHER"

Row = tuple[str, ...]
Problem = tuple[str, str]


def check_cpr(cpr: Element, labels: Mapping[str, str]) -> Iterator[Problem]:
    """Yield (path, sentence) for everything wrong with a CPR; `labels` are those the LAD defines."""
    sections = {section.get("name", ""): section for section in cpr.findall("section")}
    if len(sections) != len(cpr.findall("section")):
        yield "cpr", "Section names must differ"
    mains = [name for name in sections if name.startswith("M")]
    if len(mains) != 1:
        yield "cpr", "Exactly one main section, its name starting with M, is required"
    for index, (name, section) in enumerate(sections.items(), start=1):
        yield from _check_section(f"cpr/section[{index}]", name, section, labels)
    yield from _check_reach(sections, mains)


def _check_section(
    field: str, name: str, section: Element, labels: Mapping[str, str]
) -> Iterator[Problem]:
    if len(name) > SECTION_NAME_LIMIT or name[:1] not in ("M", "S"):
        yield field, "A section name has up to 8 characters and starts with M or S"
    columns = [(column.text or "").strip() for column in section.findall("columns/column")]
    unknown = [column for column in columns if column not in CONDITIONS + RESULTS]
    if unknown or not columns:
        yield f"{field}/columns", f"Unknown column {unknown[0]!r}" if unknown else "No columns"
        return
    kinds = [column in CONDITIONS for column in columns]
    if kinds != sorted(kinds, reverse=True) or all(kinds):
        yield f"{field}/columns", "Condition columns come first, and at least one result column"
        return
    rows = [
        tuple((cell.text or "").strip() for cell in row.findall("cell"))
        for row in section.findall("row")
    ]
    if not rows:
        yield field, "A section needs at least one row"
    for index, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            yield f"{field}/row[{index}]", f"Must have {len(columns)} cells"
            return
        yield from _check_cells(f"{field}/row[{index}]", columns, row, labels)
    yield from _check_branches(field, columns[: sum(kinds)], rows)


def _check_cells(
    field: str, columns: Sequence[str], row: Row, labels: Mapping[str, str]
) -> Iterator[Problem]:
    for index, (column, value) in enumerate(zip(columns, row, strict=True), start=1):
        cell = f"{field}/cell[{index}]"
        if value.startswith("*") and value not in labels:
            yield cell, f"Label {value} is not defined"
        if not value or value[0] in "*#":
            continue
        if column == "CA" and not re.fullmatch(r"\d{4}", value):
            yield cell, "A carrier code (CIC) has 4 digits"
        if column == "TE" and not re.fullmatch(r"\d{10}", value):
            yield cell, "A telephone number has 10 digits"


def _check_branches(
    field: str, conditions: Sequence[str], rows: Sequence[Row]
) -> Iterator[Problem]:
    """Yield a problem for each branch that has no OTHER, or whose percents are not 100."""
    if not conditions or not rows:
        return
    if conditions == ["PC"]:
        groups = [(row[0], [row]) for row in rows]
    else:
        groups = [(value, list(group)) for value, group in groupby(rows, key=lambda row: row[0])]
    values = [value for value, _ in groups]
    if conditions[0] == "PC" and any(values):
        if not _sums_to_hundred(values):
            yield field, "The percents of a branch must sum to 100"
    elif any(values) and values[-1].upper() != OTHER:
        yield field, f"A branch on {conditions[0]} does not end with {OTHER}"
    for _, group in groups:
        yield from _check_branches(field, conditions[1:], [row[1:] for row in group])


def _sums_to_hundred(values: Sequence[str]) -> bool:
    numbers = [value.removesuffix("%") for value in values]
    return all(number.isdecimal() for number in numbers) and sum(map(int, numbers)) == 100


def _check_reach(sections: Mapping[str, Element], mains: Sequence[str]) -> Iterator[Problem]:
    """Yield a problem for each section that is sent to but missing, or that no way leads to."""
    reached: set[str] = set()
    queue = list(mains)
    while queue:
        name = queue.pop()
        if name in reached or name not in sections:
            continue
        reached.add(name)
        queue += targets(sections[name])
    for section in sections.values():
        for target in targets(section):
            if target not in sections:
                yield "cpr", f"Section {target} is not defined"
    for index, name in enumerate(sections, start=1):
        if name not in reached:
            yield f"cpr/section[{index}]", "Cannot be reached from the main section"


def targets(section: Element) -> list[str]:
    """List the section names that the rows of one section send a call to (`#NAME` or column GT)."""
    columns = [(column.text or "").strip() for column in section.findall("columns/column")]
    found = []
    for row in section.findall("row"):
        cells = [(cell.text or "").strip() for cell in row.findall("cell")]
        for column, value in zip(columns, cells, strict=False):
            if value and (value.startswith("#") or column == "GT"):
                found.append(value.removeprefix("#"))
    return found
