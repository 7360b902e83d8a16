"""What the registry refuses in a record, found before it is sent (custom-toll-free.md 4.2 to 4.4, 8).

Pure. A problem names the path of its element as the provider does, from 1:
``cad/destinations/destination[2]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from portal.providers.dto.tollfree import CustomerRecord, FieldProblem, Label, Section

CONDITIONS: Final = ("ST", "AC", "LT", "NX", "SD", "TD", "DT", "DA", "TI", "PC")
RESULTS: Final = ("CA", "AN", "TE", "GT")
LABEL_KINDS: Final = ("AC", "DT", "LT", "NX", "ST", "TI", "TE", "TD", "SD")
OTHER: Final = "OTHER"
_LABEL = re.compile(r"\*[A-Z0-9]{1,7}", re.ASCII)
_TEMPLATE = re.compile(r"\*[A-Z]{2}[!-~]{0,12}", re.ASCII)
_SERVICE_ORDER = re.compile(r"[A-Za-z][A-Za-z0-9]{3,11}[A-Za-z]?", re.ASCII)
_FORM = re.compile(r"[A-Za-z0-9]{1,6}", re.ASCII)
_CIC = re.compile(r"[0-9]{4}", re.ASCII)
_TEN_DIGITS = re.compile(r"[0-9]{10}", re.ASCII)
_LSO = re.compile(r"[0-9]{6}", re.ASCII)
_RANGE = re.compile(r"(\d{2}):(00|15|30|45)([AP])-(\d{2}):(00|15|30|45)([AP])", re.ASCII)
_MOST_NOTES: Final = 151
_MOST_DATE_LABELS: Final = 2


def problems(record: CustomerRecord) -> tuple[FieldProblem, ...]:
    """Return everything that is wrong with a record; nothing means that it may be sent."""
    return tuple(FieldProblem(path=path, message=words) for path, words in _problems(record))


Found = Iterator[tuple[str, str]]


def _problems(record: CustomerRecord) -> Found:
    yield from _administration(record)
    if record.template:
        if not _TEMPLATE.fullmatch(record.template):
            yield (
                "pointer/@template",
                "A template’s name is *, two letters and up to 12 characters.",
            )
        if record.labels:
            yield "lads", "A record that points to a template has no labels of its own."
        if record.routing is not None:
            yield "cpr", "A record that points to a template has no routing of its own."
        return
    yield from _carriers(record)
    yield from _labels(record.labels)
    defined = {label.name for label in record.labels}
    for index, name in enumerate(record.area.labels, start=1):
        if name not in defined:
            yield f"cad/areaofservice/label[{index}]", f"Label {name} is not defined."
    if record.routing is not None:
        yield from _routing(record.routing.sections, {each.name: each for each in record.labels})


def _administration(record: CustomerRecord) -> Found:
    if not record.service_order and not record.supplemental_form:
        yield "cad/serviceorder", "A service order number or a supplemental form number is needed."
    if record.service_order and not _SERVICE_ORDER.fullmatch(record.service_order):
        yield (
            "cad/serviceorder",
            "4 to 13 letters and digits: a letter first, and a 13th must be a letter.",
        )
    if record.supplemental_form and not _FORM.fullmatch(record.supplemental_form):
        yield "cad/supplementalform", "1 to 6 letters and digits."
    area = record.area
    if not any((area.networks, area.states, area.npas, area.latas, area.labels)):
        yield "cad/areaofservice", "At least one network, state, area code, LATA or label."
    if len(record.notes) > _MOST_NOTES:
        yield "cad/notes", f"At most {_MOST_NOTES} characters."
    if len(record.contact_name) > 30:
        yield "cad/contact/@name", "At most 30 characters."
    if record.contact_phone and not _TEN_DIGITS.fullmatch(record.contact_phone):
        yield "cad/contact/@phone", "Ten digits."


def _carriers(record: CustomerRecord) -> Found:
    if not record.intra_carriers and not record.inter_carriers:
        yield "cad/carriers", "At least one carrier."
    for kind, carriers in (("intra", record.intra_carriers), ("inter", record.inter_carriers)):
        for index, code in enumerate(carriers, start=1):
            if not _CIC.fullmatch(code):
                yield f"cad/carriers/{kind}[{index}]", "A carrier’s code (CIC) has four digits."
    for index, each in enumerate(record.destinations, start=1):
        path = f"cad/destinations/destination[{index}]"
        if not _TEN_DIGITS.fullmatch(each.number):
            yield path, "A destination has ten digits."
        if not 1 <= each.lines <= 9999:
            yield path, "1 to 9999 lines."
        if each.lso and not _LSO.fullmatch(each.lso):
            yield path, "The LSO has six digits."


def _labels(labels: Sequence[Label]) -> Found:
    seen: set[str] = set()
    for index, label in enumerate(labels, start=1):
        path = f"lads/lad[{index}]"
        if not _LABEL.fullmatch(label.name):
            yield path, "A label is * and up to seven capitals or digits."
        if label.name in seen:
            yield path, f"{label.name} is defined twice."
        seen.add(label.name)
        if label.kind not in LABEL_KINDS:
            yield path, f"A label is one of {', '.join(LABEL_KINDS)}."
        if not label.values:
            yield path, "A label needs a value."
        if label.kind == "TI":
            for at, value in enumerate(label.values, start=1):
                if words := time_range_problem(value):
                    yield f"{path}/value[{at}]", words
    if sum(label.kind == "DT" for label in labels) > _MOST_DATE_LABELS:
        yield "lads", f"At most {_MOST_DATE_LABELS} date labels."


def time_range_problem(value: str) -> str:
    """Return what is wrong with a range such as ``08:00A-05:00P``, "" when it is good (4.4)."""
    match = _RANGE.fullmatch(value)
    if match is None or not all(1 <= int(hour) <= 12 for hour in match.group(1, 4)):
        return "A time range is on quarter-hours, as in 08:00A-05:00P."
    start = _minutes(*match.group(1, 2, 3))
    end = _minutes(*match.group(4, 5, 6)) or 24 * 60
    return "" if start < end else "A time range does not run across midnight."


def _minutes(hour: str, minute: str, half: str) -> int:
    return (int(hour) % 12 + (12 if half == "P" else 0)) * 60 + int(minute)


def _routing(sections: Sequence[Section], labels: Mapping[str, Label]) -> Found:
    names = [section.name for section in sections]
    if len(set(names)) != len(names):
        yield "cpr", "Each section has a name of its own."
    mains = [name for name in names if name.startswith("M")]
    if len(mains) != 1:
        yield "cpr", "One main section, its name starting with M, is needed."
    reached = _reached({section.name: section for section in sections}, mains)
    for index, section in enumerate(sections, start=1):
        path = f"cpr/section[{index}]"
        if not re.fullmatch(r"[MS].{0,7}", section.name):
            yield path, "A section’s name starts with M or S and has at most 8 characters."
        if mains and section.name not in reached:
            yield path, f"No way leads to section {section.name}."
        yield from _section(path, section, names, labels)


def _reached(sections: Mapping[str, Section], mains: Sequence[str]) -> set[str]:
    reached: set[str] = set()
    waiting = list(mains)
    while waiting:
        name = waiting.pop()
        if name not in reached and name in sections:
            reached.add(name)
            waiting += _targets(sections[name])
    return reached


def _targets(section: Section) -> Iterator[str]:
    """Yield the sections that a section's rows go to: ``#NAME``, or what stands under GT."""
    for row in section.rows:
        for column, cell in zip(section.columns, row, strict=False):
            if cell and (cell.startswith("#") or column == "GT"):
                yield cell.removeprefix("#")


def _section(
    path: str, section: Section, names: Sequence[str], labels: Mapping[str, Label]
) -> Found:
    columns = section.columns
    conditions = [name for name in columns if name in CONDITIONS]
    if not columns or not section.rows:
        yield path, "A section needs columns and rows."
        return
    unknown = [name for name in columns if name not in CONDITIONS + RESULTS]
    if unknown:
        yield f"{path}/columns", f"Unknown column {unknown[0]}."
    if list(columns[: len(conditions)]) != conditions or len(conditions) == len(columns):
        yield f"{path}/columns", "Conditions come first, and at least one result after them."
    for index, row in enumerate(section.rows, start=1):
        if len(row) != len(columns):
            yield f"{path}/row[{index}]", f"{len(columns)} cells are needed."
            return
        for at, (column, cell) in enumerate(zip(columns, row, strict=True), start=1):
            if words := _cell_problem(column, cell, labels):
                yield f"{path}/row[{index}]/cell[{at}]", words
    for name in _targets(section):
        if name not in names:
            yield path, f"There is no section {name}."
    yield from _branches(path, section.rows, conditions, 0)


def _cell_problem(column: str, cell: str, labels: Mapping[str, Label]) -> str:
    if cell.startswith("*"):
        return "" if cell in labels else f"Label {cell} is not defined."
    if not cell or cell.startswith("#"):
        return ""
    if column == "CA" and not _CIC.fullmatch(cell):
        return "A carrier’s code (CIC) has four digits."
    if column == "TE" and not _TEN_DIGITS.fullmatch(cell):
        return "A telephone number has ten digits."
    return ""


def _branches(
    path: str, rows: Sequence[Sequence[str]], conditions: Sequence[str], depth: int
) -> Found:
    """Judge a branch of the tree: OTHER ends it, percents make 100, and so below."""
    if depth == len(conditions):
        return
    heads = [row[depth] for row in rows]
    if not any(heads):  # a branch that asks nothing further
        return
    if conditions[depth] == "PC":
        is_last = depth == len(conditions) - 1
        shares = [h.removesuffix("%") for h in (heads if is_last else dict(groupby(heads)))]
        is_whole = all(share.isascii() and share.isdigit() for share in shares)
        if not is_whole or sum(int(share[:4]) for share in shares) != 100:
            yield path, "The percents of a branch are whole numbers that make 100."
    elif heads[-1].upper() != OTHER:
        yield path, f"A branch by {conditions[depth]} ends with {OTHER}."
    for _, group in groupby(rows, key=lambda row: row[depth]):
        yield from _branches(path, list(group), conditions, depth + 1)
