"""Comparing a JSON reply that was seen with the fields that a reference documents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from portal.providers.probing import Look, types_of

_DECODER: Final = json.JSONDecoder()


@dataclass(frozen=True, kw_only=True, slots=True)
class JSONShape:
    """A record's fields with their types ("number", "text", "boolean", "list", "object").

    A type ending in "?" may be null, and a field may be missing. `path` leads from the document to
    the record or to the list of records.
    """

    path: Sequence[str]
    fields: Mapping[str, str] = field(default_factory=dict)


def first_record(body: str, path: Sequence[str]) -> dict[str, Any] | None:
    """Return the first record at `path` of a JSON text, also of one that was cut off; None: none."""
    try:
        value: Any = json.loads(body)
        for name in path:
            value = value[name]
    except (ValueError, KeyError, TypeError):
        value = _from_a_piece(body, path[-1] if path else "")
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, dict) else None


def _from_a_piece(body: str, name: str) -> Any:
    """Return the first element of the list `name` in a text that was cut off."""
    _, found, rest = body.partition(f'"{name}"')
    start = rest.find("{")
    if not found or start < 0:
        return None
    try:
        return _DECODER.raw_decode(rest, start)[0]
    except ValueError:
        return None


def compare(look: Look, what: str, shape: JSONShape, *, section: str) -> dict[str, Any] | None:
    """Note how the first record differs from the documented one; return it, None where there is none."""
    record = first_record(look.body, shape.path)
    if record is None:
        look.assume(section, f"{what} has the documented fields", None)
        return None
    wrong = []
    for name, kind in shape.fields.items():
        if name not in record:
            continue
        found = types_of(record[name])
        if found != kind.removesuffix("?") and not (found == "null" and kind.endswith("?")):
            wrong.append(f"{name} is {found}, not {kind.removesuffix('?')}")
    if new := sorted(set(record) - set(shape.fields)):
        look.differ(f"{what} has fields that we do not read: {', '.join(new)}")
    required = {name for name, kind in shape.fields.items() if not kind.endswith("?")}
    if gone := sorted(required - set(record)):
        look.differ(f"{what} lacks {', '.join(gone)}")
    for one in wrong:
        look.differ(f"{what}: {one}")
    look.assume(section, f"{what} has the documented types", not wrong, "; ".join(wrong))
    return record
