"""What the figures are taken in: a database that is ours alone, and processes as `make run` has."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from portal.embedded import ports
from portal.embedded.process import Child, ProcessSpec
from portal.embedded.site import BACKGROUND_QUEUES, READY_PATH, web_arguments, worker_arguments

ROOT = Path(__file__).resolve().parent.parent


def server() -> psycopg.Connection:
    """Return a connection to the server that is in no database of ours."""
    params = connection.get_connection_params()
    keep = ("user", "password", "host", "port")
    facts = {name: params[name] for name in keep if params.get(name)}
    return psycopg.connect(dbname=settings.SERVER_DATABASE, autocommit=True, **facts)


def make_database(*, is_kept: bool) -> None:
    """Make the benchmark's database afresh, or take up the one of the last run; migrate it."""
    name = settings.DATABASES["default"]["NAME"]
    with server() as link:
        known = link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known and not is_kept:
            drop_database()
        if not known or not is_kept:
            link.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING UTF8')
    call_command("migrate", verbosity=0)


def drop_database() -> None:
    """Drop the benchmark's database, whoever is still connected."""
    connection.close()
    with server() as link:
        name = settings.DATABASES["default"]["NAME"]
        link.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((ports.HOST, 0))
        return int(probe.getsockname()[1])


def log_dir() -> Path:
    """Return where the processes of the benchmark write their logs."""
    return Path(settings.VAR_DIR) / "bench-log"


def python(name: str, *arguments: str, **facts: object) -> Child:
    """Return a Python program of this project, not started yet, in the benchmark's settings."""
    spec = ProcessSpec(
        name=name,
        argv=(sys.executable, *arguments),
        log=log_dir() / f"{name}.log",
        directory=ROOT,
        env=dict(os.environ)
        | {"DJANGO_SETTINGS_MODULE": "bench.settings", "PYTHONUNBUFFERED": "1"},
        **facts,  # type: ignore[arg-type]
    )
    return Child(spec)


@contextlib.contextmanager
def running(*children: Child) -> Iterator[None]:
    """Have processes run and answer inside the block, and be gone after it."""
    try:
        for child in children:
            child.start()
        for child in children:
            child.wait_ready()
        yield
    finally:
        for child in reversed(children):
            child.stop()


def web(port: int) -> Child:
    """Return the web server, with the processes and threads of `make run`."""
    return python(
        "web",
        *web_arguments(port),
        is_ready=lambda: ports.answers(port, READY_PATH),
        ready_seconds=180.0,
    )


def workers() -> list[Child]:
    """Return the two workers of `make run`."""
    return [
        _worker("interactive", ("interactive",)),
        _worker("providers", BACKGROUND_QUEUES),
    ]


def _worker(name: str, queues: tuple[str, ...]) -> Child:
    child: Child

    def is_ready() -> bool:
        return any(" ready." in line for line in child.log_lines(50))

    arguments = worker_arguments(f"bench-{name}", queues)
    child = python(f"worker-{name}", *arguments, is_ready=is_ready, ready_seconds=180.0)
    return child


def sandbox(port: int, *, scale: float = 1.0) -> Child:
    """Return a sandbox of our own with a `scale`-th of its stock; the first start makes it."""
    return python(
        "sandbox",
        *("manage.py", "runsandbox", "--port", str(port), "--scale", str(scale)),
        *("--dir", str(Path(settings.VAR_DIR) / "bench-sandbox")),
        is_ready=lambda: ports.answers(port, "/_sandbox/state"),
        ready_seconds=180.0,
    )


def peak_mb(pid: int | str = "self") -> float:
    """Return the most memory that a process had in use so far, in megabytes (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def forget_peak(pid: int) -> None:
    """Let `peak_mb` begin anew for a process of ours (Linux)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def children_of(pid: int) -> list[int]:
    """Return the process ids of the children of a process (Linux)."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]
