"""A running sandbox for the tests of core and SOAP wire, fresh for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.sandbox.server import RunningSandbox
from tests.sandbox.soap_client import OTHER, SoapClient
from tests.sandbox.zeep_client import ZeepClient


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


@pytest.fixture(scope="module")
def wsdl_client(running: RunningSandbox) -> ZeepClient:
    """Return a client of the WSDL, read once for the tests of a file."""
    return ZeepClient(running.url)


@pytest.fixture
def vi(sandbox: RunningSandbox, wsdl_client: ZeepClient) -> ZeepClient:
    """Return a zeep client of the first VoIP Innovations account, on a fresh sandbox."""
    return wsdl_client


@pytest.fixture
def vi_other(vi: ZeepClient) -> ZeepClient:
    """Return a zeep client of the second account."""
    return vi.as_account(OTHER)
