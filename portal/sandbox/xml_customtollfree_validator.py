"""The record validator of the Custom Toll Free wire (custom-toll-free.md sections 4.2-4.4 and 8).

Pure functions over the record XML: nothing here knows the store. A problem names the path of the
element it is about, as the reply's `field` does (`cad/destinations/destination[2]`).
The rules are applied as written, so the abbreviated record printed in section 8 is refused: its
time-of-day branch has no OTHER row and its section SUB1 is not defined.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml.etree import _Element as Element

from portal.sandbox.xml_customtollfree_routing import check_cpr

LAD_TYPES = ("AC", "DT", "LT", "NX", "ST", "TI", "TE", "TD", "SD")
LABEL = re.compile(r"\*[A-Z0-9]{1,7}")
SERVICE_ORDER = re.compile(r"[A-Z][A-Z0-9]{3,11}[A-Z]?")
SUPPLEMENTAL_FORM = re.compile(r"[A-Z0-9]{1,6}")
CIC = re.compile(r"\d{4}")
TEN_DIGITS = re.compile(r"\d{10}")
TIME_RANGE = re.compile(r"(\d{2}):(\d{2})([AP])-(\d{2}):(\d{2})([AP])")
TEMPLATE_NAME = re.compile(r"\*[A-Z]{2}[A-Z0-9]{1,12}")
NOTES_LIMIT = 151
DATE_LABEL_LIMIT = 2


@dataclass(frozen=True, kw_only=True)
class RecordProblem:
    """One thing that is wrong with a record: `field` is the element's path, `message` a sentence."""

    field: str
    message: str


def check_record(record: Element, *, number: str, resporg: str) -> list[RecordProblem]:
    """List everything wrong with a customer record; an empty list means that it may be sent.

    `number` is the toll-free number it is meant for and `resporg` the RespOrg that sends it
    (section 8, validator).
    """
    problems: list[RecordProblem] = []
    if record.tag != "record":
        return [RecordProblem(field="record", message="The root element must be record")]
    if record.get("number", number) != number:
        problems.append(RecordProblem(field="@number", message="Belongs to another number"))
    if record.get("resporg", resporg) != resporg:
        problems.append(RecordProblem(field="@resporg", message="Is not the acting RespOrg"))
    pointer = record.find("pointer")
    problems += _check_cad(record.find("cad"), is_pointer=pointer is not None)
    if pointer is not None:
        problems += _check_pointer(record, pointer)
        return problems
    labels, label_problems = _check_lads(record.find("lads"))
    problems += label_problems
    for field, label in _labels_in_area(record.find("cad")):
        if label not in labels:
            problems.append(RecordProblem(field=field, message=f"Label {label} is not defined"))
    cpr = record.find("cpr")
    if cpr is not None:
        problems += [
            RecordProblem(field=field, message=message) for field, message in check_cpr(cpr, labels)
        ]
    return problems


def _check_pointer(record: Element, pointer: Element) -> Iterator[RecordProblem]:
    """Yield what is wrong with a pointer record: it names a template and routes nothing itself."""
    if not TEMPLATE_NAME.fullmatch(pointer.get("template", "")):
        yield RecordProblem(field="pointer/@template", message="Is not a template name")
    for part in ("lads", "cpr"):
        if record.find(part) is not None:
            yield RecordProblem(field=part, message="A pointer record has no routing of its own")


def _check_cad(cad: Element | None, *, is_pointer: bool) -> Iterator[RecordProblem]:
    if cad is None:
        yield RecordProblem(field="cad", message="The administrative part is missing")
        return
    yield from _check_order_numbers(cad)
    yield from _check_area(cad)
    if not is_pointer:
        yield from _check_carriers(cad)
        yield from _check_destinations(cad)
    if len(_text(cad, "notes")) > NOTES_LIMIT:
        yield RecordProblem(field="cad/notes", message=f"More than {NOTES_LIMIT} characters")
    contact = cad.find("contact")
    if contact is not None and not TEN_DIGITS.fullmatch(contact.get("phone", "")):
        yield RecordProblem(field="cad/contact/@phone", message="Must have 10 digits")


def _check_order_numbers(cad: Element) -> Iterator[RecordProblem]:
    """Yield what is wrong with service order and supplemental form: one of them must stand."""
    order, form = _text(cad, "serviceorder"), _text(cad, "supplementalform")
    if not order and not form:
        yield RecordProblem(
            field="cad/serviceorder", message="Service order or supplemental form is required"
        )
    if order and not SERVICE_ORDER.fullmatch(order):
        yield RecordProblem(
            field="cad/serviceorder",
            message="Must have 4 to 13 characters: a letter, alphanumerics, a 13th a letter",
        )
    if form and not SUPPLEMENTAL_FORM.fullmatch(form):
        yield RecordProblem(
            field="cad/supplementalform", message="Must have 1 to 6 alphanumeric characters"
        )


def _check_area(cad: Element) -> Iterator[RecordProblem]:
    area = cad.find("areaofservice")
    entries = [] if area is None else [entry for entry in area if (entry.text or "").strip()]
    if not entries:
        yield RecordProblem(
            field="cad/areaofservice", message="At least one entry of area of service is required"
        )


def _check_carriers(cad: Element) -> Iterator[RecordProblem]:
    carriers = [
        (f"cad/carriers/{kind}[{index}]", (carrier.text or "").strip())
        for kind in ("intra", "inter")
        for index, carrier in enumerate(cad.findall(f"carriers/{kind}"), start=1)
        if (carrier.text or "").strip()
    ]
    if not carriers:
        yield RecordProblem(field="cad/carriers", message="At least one carrier is required")
    for field, code in carriers:
        if not CIC.fullmatch(code):
            yield RecordProblem(field=field, message="A carrier code (CIC) has 4 digits")


def _check_destinations(cad: Element) -> Iterator[RecordProblem]:
    for index, destination in enumerate(cad.findall("destinations/destination"), start=1):
        field = f"cad/destinations/destination[{index}]"
        if not TEN_DIGITS.fullmatch(destination.get("number", "")):
            yield RecordProblem(field=field, message="The destination number must have 10 digits")
        lines = destination.get("lines", "")
        if not lines.isdecimal() or not 1 <= int(lines) <= 9999:
            yield RecordProblem(field=field, message="Lines must be 1 to 9999")
        lso = destination.get("lso", "")
        if lso and not re.fullmatch(r"\d{6}", lso):
            yield RecordProblem(field=field, message="The LSO must have 6 digits")


def _check_lads(lads: Element | None) -> tuple[dict[str, str], list[RecordProblem]]:
    """Return the labels that are defined (label: type) and what is wrong with them (4.4)."""
    labels: dict[str, str] = {}
    problems: list[RecordProblem] = []
    for index, lad in enumerate([] if lads is None else lads.findall("lad"), start=1):
        field = f"lads/lad[{index}]"
        label, kind = lad.get("label", ""), lad.get("type", "")
        if not LABEL.fullmatch(label):
            problems.append(
                RecordProblem(field=field, message="A label is * and up to 7 characters")
            )
        if kind not in LAD_TYPES:
            problems.append(RecordProblem(field=field, message=f"Unknown label type {kind!r}"))
        if label in labels:
            problems.append(RecordProblem(field=field, message=f"{label} is defined twice"))
        values = [(value.text or "").strip() for value in lad.findall("value")]
        if not any(values):
            problems.append(RecordProblem(field=field, message="The label has no value"))
        if kind == "TI":
            problems += _check_time_ranges(field, values)
        labels[label] = kind
    if list(labels.values()).count("DT") > DATE_LABEL_LIMIT:
        problems.append(
            RecordProblem(field="lads", message=f"At most {DATE_LABEL_LIMIT} date labels")
        )
    return labels, problems


def _check_time_ranges(field: str, values: Sequence[str]) -> Iterator[RecordProblem]:
    for index, value in enumerate(values, start=1):
        problem = time_range_problem(value)
        if problem:
            yield RecordProblem(field=f"{field}/value[{index}]", message=problem)


def time_range_problem(value: str) -> str:
    """Return what is wrong with a range such as `08:00A-05:00P`, or '' when it is good (4.4)."""
    match = TIME_RANGE.fullmatch(value)
    if match is None:
        return "A time range looks like 08:00A-05:00P"
    start_hour, start_minute, start_half, end_hour, end_minute, end_half = match.groups()
    for hour, minute in ((start_hour, start_minute), (end_hour, end_minute)):
        if not 1 <= int(hour) <= 12 or int(minute) not in (0, 15, 30, 45):
            return "Times stand on quarter-hours of a 12-hour clock"
    start = _minutes(start_hour, start_minute, start_half)
    end = _minutes(end_hour, end_minute, end_half) or 24 * 60
    return "" if start < end else "A time range may not run across midnight"


def _minutes(hour: str, minute: str, half: str) -> int:
    return (int(hour) % 12 + (12 if half == "P" else 0)) * 60 + int(minute)


def _labels_in_area(cad: Element | None) -> Iterator[tuple[str, str]]:
    labels = [] if cad is None else cad.findall("areaofservice/label")
    for index, element in enumerate(labels, start=1):
        label = (element.text or "").strip()
        if label:
            yield f"cad/areaofservice/label[{index}]", label


def _text(parent: Element, tag: str) -> str:
    return (parent.findtext(tag) or "").strip()
