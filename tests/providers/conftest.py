"""Fixtures of the adapter tests: one sandbox per session on a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.providers.contract import Sandbox


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Start the pretend carriers once for all adapter tests and stop them at the end."""
    from portal.sandbox.server import RunningSandbox

    with RunningSandbox(directory=tmp_path_factory.mktemp("sandbox")) as running:
        yield Sandbox(running.url)


@pytest.fixture
def wire_file() -> Path:
    """Return the folder of the captured-style replies."""
    return Path(__file__).parent / "wire"
