"""The command line of the site: refusals are one sentence, and the whole of it runs."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal import demo, providers
from portal.embedded import ports, site
from portal.embedded.configured import is_configured
from portal.embedded.errors import CannotStart
from portal.embedded.lock import RunLock
from tests.embedded.watch import Program

Start = Callable[..., Program]


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Yield a port on which somebody listens."""
    with socket.create_server((ports.HOST, 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server((ports.HOST, 0)) as listener:
        return listener.getsockname()[1]


def refusal(program: Program) -> str:
    """Return the only line that a refused start prints."""
    assert program.process.wait(120) == 1
    [line] = program.text().splitlines()
    program.wait_gone()
    return line


def test_a_taken_port_is_one_sentence(
    start_program: Start, server_directory: Path, taken_port: int
) -> None:
    said = refusal(
        start_program(
            "-m", "portal.embedded", "--dir", str(server_directory), "run", PORT=str(taken_port)
        )
    )
    assert said.startswith(f"Port {taken_port} is taken by another program.")
    assert f"make run PORT={taken_port + 1}" in said


def test_a_second_run_in_one_place_is_refused(start_program: Start, server_directory: Path) -> None:
    lock = RunLock(server_directory)
    lock.acquire()
    said = refusal(start_program("-m", "portal.embedded", "--dir", str(server_directory), "run"))
    assert said.startswith(f"Numberdesk is running from {server_directory} already")
    assert f"(process {os.getpid()})" in said
    lock.release()


def test_a_broken_database_is_one_sentence(
    start_program: Start, server_directory: Path, free_port: int
) -> None:
    (server_directory / "postgres").mkdir()
    (server_directory / "postgres" / "something").touch()
    program = start_program(
        "-m", "portal.embedded", "--dir", str(server_directory), "run", PORT=str(free_port)
    )
    assert program.process.wait(120) == 1
    [_, said] = program.text().splitlines()
    assert said.startswith(f"{server_directory / 'postgres'} is not a whole database")
    program.wait_gone()


@pytest.mark.parametrize("value", ["http", "0", "70000", "-1"])
def test_what_is_no_port_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORT", value)
    with pytest.raises(CannotStart, match=f"PORT={value} is no port"):
        ports.web_port()


def test_the_sandbox_takes_the_next_free_port(
    monkeypatch: pytest.MonkeyPatch, taken_port: int
) -> None:
    taken = {8081, 8083}
    monkeypatch.delenv("SANDBOX_PORT", raising=False)
    monkeypatch.setattr(ports, "why_not", lambda port: "taken" if port in taken else None)
    assert ports.sandbox_port(but_not=8082) == 8084


def test_a_sandbox_port_that_was_asked_for_must_be_free(
    monkeypatch: pytest.MonkeyPatch, taken_port: int
) -> None:
    monkeypatch.setenv("SANDBOX_PORT", str(taken_port))
    with pytest.raises(CannotStart, match=f"Port {taken_port} is taken"):
        ports.sandbox_port(but_not=8000)


def test_every_provider_has_its_queue() -> None:
    assert set(site.PROVIDER_QUEUES) == set(providers.REGISTRY)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("DATABASE_URL=postgresql://desk@db/desk", True),
        ("export DATABASE_URL='postgresql://desk@db/desk'", True),
        ("DATABASE_URL_FILE=/run/secrets/database", True),
        ("# DATABASE_URL=postgresql://desk@db/desk", False),
        ("DATABASE_URL=", False),
        ("OTHER_DATABASE_URL=postgresql://desk@db/desk", False),
    ],
)
def test_an_env_file_names_servers_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, answer: bool
) -> None:
    (tmp_path / ".env").write_text(f"DEBUG=true\n{line}\n")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert is_configured("DATABASE_URL", env_file=tmp_path / ".env") is answer
    monkeypatch.setenv("DATABASE_URL", "postgresql://other@db/desk")
    assert is_configured("DATABASE_URL", env_file=tmp_path / ".env")
    monkeypatch.setenv("DATABASE_URL", "")
    assert not is_configured("DATABASE_URL", env_file=tmp_path / ".env")


def test_a_command_gets_servers_and_its_exit_code_counts(
    start_program: Start, server_directory: Path
) -> None:
    asks = "import sys, django; django.setup(); from django.db import connection as c;"
    asks += "c.ensure_connection(); print(c.settings_dict['OPTIONS']); sys.exit(7)"
    program = start_program(
        *("-m", "portal.embedded", "--dir", str(server_directory), "exec"),
        *("python3", "-c", asks),
        DJANGO_SETTINGS_MODULE="portal.settings",
        PATH=f"{Path(os.sys.executable).parent}:{os.environ['PATH']}",
    )
    assert program.process.wait(120) == 7, program.text()
    assert str(server_directory / "postgres") in program.text()
    program.wait_gone()


def status_of(port: int, path: str) -> int:
    """Return the status with which the running site answers."""
    with contextlib.closing(http.client.HTTPConnection(ports.HOST, port, timeout=30)) as connection:
        connection.request("GET", path)
        with connection.getresponse() as response:
            return response.status


@pytest.mark.processes
def test_the_whole_site_runs_is_killed_and_runs_again(
    start_program: Start, server_directory: Path, free_port: int
) -> None:
    def run() -> Program:
        program = start_program(
            *("-m", "portal.embedded", "--dir", str(server_directory), "run"), PORT=str(free_port)
        )
        program.wait_for("Stop it with Ctrl-C.", seconds=300)
        return program

    first = run()
    assert f"http://localhost:{free_port}\n" in first.text()
    for role, email, password in demo.LOGINS:
        assert re.search(rf"{role} +{re.escape(email)} +{password}\n", first.text())
    assert status_of(free_port, "/accounts/login/") == 200
    assert status_of(free_port, "/static/portal/portal.css") == 200
    secrets = (server_directory / "secrets.json").read_text()
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait()
    first.wait_gone()
    second = run()
    assert status_of(free_port, "/accounts/login/") == 200
    assert (server_directory / "secrets.json").read_text() == secrets
    second.process.send_signal(signal.SIGINT)
    assert second.process.wait(120) == 0
    assert second.text().endswith("Stopped.\n")
    second.wait_gone()


def test_collecting_static_files_gives_them_hashed_names(start_program: Start) -> None:
    program = start_program(
        *("-c", "from portal.settings import STORAGES as s; print(s['staticfiles']['BACKEND'])"),
        *("collectstatic", "--noinput"),
        DATABASE_URL="postgresql://desk@127.0.0.1/desk",
        SECRET_KEY="of this test",
        SALT_KEY="of this test",
    )
    assert program.process.wait(120) == 0
    assert "CompressedManifestStaticFilesStorage" in program.text()
