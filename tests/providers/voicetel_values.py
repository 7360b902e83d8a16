"""Records as VoiceTel could send them on a bad day: its own names, any values, any nesting."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

WIRE = Path(__file__).parent / "wire" / "voicetel"
TEXTS = st.text(max_size=12) | st.sampled_from(
    ["2125550142", "12125550142", "2025-06-10T12:00:00Z", "1749990000", "Success", "0.020"]
)


def values() -> st.SearchStrategy[Any]:
    """Return a strategy for anything that JSON can hold, with the wire's names in objects."""
    scalars = st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | TEXTS
    return st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(names()), inner, max_size=4)
        ),
        max_leaves=8,
    )


def records() -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for objects with the wire's names."""
    return st.dictionaries(st.sampled_from(names()), values(), max_size=8)


@cache
def names() -> tuple[str, ...]:
    """Return every name of a member in the captured replies."""
    found: set[str] = set()

    def look(value: Any) -> None:
        if isinstance(value, dict):
            found.update(value)
        for inner in value.values() if isinstance(value, dict) else value:
            if isinstance(inner, dict | list):
                look(inner)

    for path in WIRE.glob("*.json"):
        look(json.loads(path.read_text()))
    return tuple(sorted(found))
