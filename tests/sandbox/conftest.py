"""A running sandbox for the tests of core and SOAP wire, fresh for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.sandbox.server import RunningSandbox
from tests.sandbox.soap_client import SoapClient


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with RunningSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: RunningSandbox) -> RunningSandbox:
    """Return a sandbox with fresh stock and state."""
    running.control("reset")
    return running


@pytest.fixture
def soap(sandbox: RunningSandbox) -> SoapClient:
    """Return a client of the first VoIP Innovations account."""
    return SoapClient(sandbox.url)
