"""Fixtures of the adapter tests: a sandbox on a real socket, a runtime, and a faked wire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from tests.providers.contract import Sandbox
from tests.providers.runtime import RecordingRuntime


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Start the pretend carriers once for all adapter tests and stop them at the end."""
    from portal.sandbox.server import RunningSandbox

    with RunningSandbox(directory=tmp_path_factory.mktemp("sandbox")) as running:
        yield Sandbox(running.url)


@pytest.fixture
def runtime() -> RecordingRuntime:
    """Return a runtime that has seen nothing yet."""
    return RecordingRuntime()


@pytest.fixture
def faked() -> Iterator[responses.RequestsMock]:
    """Play the carrier by the answers that the test prepares; not each has to be asked for."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as faked:
        yield faked
