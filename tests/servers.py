"""The servers of the suite: embedded ones, unless the environment names others.

Loaded by `-p tests.servers`, before Django reads its settings. The addresses are known before the
servers run, so they are set at once; the servers start with the session and end with it. With
xdist only the controlling process does so and its workers inherit the addresses; each takes a
numbered database of the broker for itself, so that no worker's messages are taken by another's.

For fault tests: `EmbeddedPostgres(directory)` and `EmbeddedValkey(directory)` with `start()`,
`stop(immediate=True)`, `kill()` and `url()`, best through the fixtures `own_postgres` and
`own_valkey`, which stop them.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from portal.embedded.errors import CannotStart
from portal.embedded.postgres import FAST_OPTIONS, EmbeddedPostgres
from portal.embedded.valkey import EmbeddedValkey

PREFIX = "numberdesk-test-"
PLACE = Path("/tmp")  # noqa: S108 - socket addresses are short; pytest's own directories are not

BROKER_DATABASES = 16  # of a Redis or Valkey that nobody configured

_directory: Path | None = None
_servers: list[EmbeddedPostgres | EmbeddedValkey] = []


def make_directory() -> Path:
    """Return a new short directory for servers; the process id in its name says whose it is."""
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=PLACE))


def remove_stale_directories() -> None:
    """Remove what earlier runs left behind that were killed before they could."""
    for place in PLACE.glob(f"{PREFIX}*"):
        pid = place.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(place, ignore_errors=True)


def broker_of_worker(url: str, worker: str) -> str:
    """Return the address of the numbered broker database of one xdist worker ("gw1").

    Neighbours have different ones; a broker without numbered databases is shared as it is.
    """
    number = int(worker.removeprefix("gw"))
    if url.startswith("redis+socket:"):
        return f"{url.partition('?')[0]}?virtual_host={number % BROKER_DATABASES}"
    if url.startswith(("redis:", "rediss:")):
        parts = urlsplit(url)
        first = int(parts.path.strip("/") or 0)
        return parts._replace(path=f"/{(first + number) % BROKER_DATABASES}").geturl()
    return url


def describe_servers() -> None:
    """Name a server for each address that the environment leaves open, and set the address."""
    global _directory
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        broker = os.environ.get("CELERY_BROKER_URL", "")
        os.environ["CELERY_BROKER_URL"] = broker_of_worker(broker, worker)
        return
    open_names = {"DATABASE_URL", "CELERY_BROKER_URL"} - {k for k, v in os.environ.items() if v}
    if not open_names:
        return
    remove_stale_directories()
    _directory = make_directory()
    atexit.register(stop_servers)
    if "DATABASE_URL" in open_names:
        postgres = EmbeddedPostgres(_directory / "postgres", options=FAST_OPTIONS)
        os.environ["DATABASE_URL"] = postgres.url()
        _servers.append(postgres)
    if "CELERY_BROKER_URL" in open_names:
        valkey = EmbeddedValkey(_directory / "valkey", options={"appendonly": "no"})
        os.environ["CELERY_BROKER_URL"] = valkey.url()
        _servers.append(valkey)


def stop_servers() -> None:
    """Stop the servers of the session and remove their data."""
    while _servers:
        _servers.pop().stop(immediate=True)
    if _directory is not None:
        shutil.rmtree(_directory, ignore_errors=True)


describe_servers()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the servers, unless tests are only listed; one that cannot start ends the session."""
    if not session.config.option.collectonly:
        try:
            for server in _servers:
                server.start()
        except CannotStart as error:
            raise pytest.UsageError(str(error)) from None


def pytest_report_header() -> str:
    """Return the line that says which servers the suite runs against."""
    is_embedded = {type(server).__name__.removeprefix("Embedded") for server in _servers}
    names = {"Postgres": "PostgreSQL", "Valkey": "broker"}
    return "servers: " + ", ".join(
        f"{name} {'embedded' if kind in is_embedded else 'from the environment'}"
        for kind, name in names.items()
    )


def pytest_unconfigure() -> None:
    """Stop the servers when the session ends."""
    stop_servers()


@pytest.fixture
def server_directory() -> Iterator[Path]:
    """Yield a directory whose path is short enough for sockets; it is removed afterwards."""
    directory = make_directory()
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def own_postgres(server_directory: Path) -> Iterator[EmbeddedPostgres]:
    """Yield a running PostgreSQL for one test alone, to be stopped or killed at will."""
    server = EmbeddedPostgres(server_directory / "postgres", options=FAST_OPTIONS)
    server.start()
    yield server
    server.stop(immediate=True)


@pytest.fixture
def own_valkey(server_directory: Path) -> Iterator[EmbeddedValkey]:
    """Yield a running Valkey for one test alone, to be stopped or killed at will."""
    server = EmbeddedValkey(server_directory / "valkey")
    server.start()
    yield server
    server.stop(immediate=True)
