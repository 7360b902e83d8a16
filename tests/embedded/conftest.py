"""Fixtures of the tests of the embedded servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.embedded.watch import Program


@pytest.fixture
def start_program(server_directory: Path) -> Iterator[Callable[..., Program]]:
    """Return a function that starts a Program; what is left of it is killed afterwards."""
    programs: list[Program] = []

    def start(*arguments: str, **env: str) -> Program:
        programs.append(Program(*arguments, directory=server_directory, **env))
        return programs[-1]

    yield start
    for program in programs:
        program.end()
