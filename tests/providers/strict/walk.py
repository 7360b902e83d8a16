"""Taking every function of a client through a strict mock, with all its kinds of arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.providers.strict.server import StrictMock

Calls = Mapping[str, Sequence[Callable[[Any], Any]]]


def public_functions(client: type) -> set[str]:
    """Return the names of the functions that a client offers, inherited ones included."""
    return {
        name
        for name, member in inspect.getmembers(client, inspect.isfunction)
        if not name.startswith("_")
    }


def walk(mock: StrictMock, client: Any, call: Callable[[Any], Any]) -> list[str]:
    """Make one call, read what it yields to the end, and return the operations it came to.

    Fails when the mock found anything off the reference.
    """
    before = len(mock.calls)
    try:
        result = call(client)
        if inspect.isgenerator(result):
            list(result)
    finally:
        assert not mock.violations, mock.violations
    return mock.calls[before:]
