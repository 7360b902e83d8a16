"""The supervisor: restarts what crashes, and leaves nothing behind however it ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.embedded.watch import Program, wait_until

Start = Callable[..., Program]


@pytest.fixture
def start_site(start_program: Start, server_directory: Path) -> Start:
    """Return a function that starts a supervisor over the named fake programs."""

    def start(*names: str) -> Program:
        site = start_program("-m", "tests.embedded.fake_site", str(server_directory), *names)
        site.wait_for("started")
        return site

    return start


def wait_up(directory: Path, name: str) -> None:
    """Wait until a fake program says that it is up."""
    log = directory / f"{name}.log"
    wait_until(lambda: log.is_file() and "up" in log.read_text(), what=f"{name} to be up")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end_stops_everything(
    start_site: Start, server_directory: Path, number: signal.Signals
) -> None:
    site = start_site("sleep", "parent")
    wait_up(server_directory, "sleep")
    wait_up(server_directory, "parent")
    assert len(site.processes()) == 4
    site.process.send_signal(number)
    assert site.process.wait(120) == 0
    assert f"stopped by {number.name}" in site.text()
    site.wait_gone()


def test_what_ignores_the_request_is_killed(start_site: Start, server_directory: Path) -> None:
    site = start_site("stubborn")
    wait_up(server_directory, "stubborn")
    site.process.terminate()
    assert site.process.wait(120) == 0
    site.wait_gone()


def test_killing_the_supervisor_leaves_no_child(start_site: Start, server_directory: Path) -> None:
    site = start_site("sleep", "stubborn")
    wait_up(server_directory, "stubborn")
    os.kill(site.process.pid, signal.SIGKILL)
    site.process.wait()
    site.wait_gone()


def test_a_crash_is_told_and_mended(start_site: Start, server_directory: Path) -> None:
    site = start_site("once")
    site.wait_for("once ended with exit code 1; starting it again")
    wait_up(server_directory, "once")
    assert "  | only once" in site.text()
    assert site.process.poll() is None


def test_a_child_that_is_killed_comes_back(start_site: Start, server_directory: Path) -> None:
    site = start_site("sleep")
    wait_up(server_directory, "sleep")
    [child] = set(site.processes()) - {site.process.pid}
    os.kill(child, signal.SIGKILL)
    site.wait_for("sleep ended with signal 9; starting it again")
    wait_until(
        lambda: set(site.processes()) - {site.process.pid, child}, what="the child to come back"
    )


def test_one_that_keeps_crashing_ends_the_site_with_a_sentence(start_site: Start) -> None:
    site = start_site("sleep", "crash")
    assert site.process.wait(120) == 1
    last = site.text().splitlines()[-1]
    assert last.startswith("crash ended 3 times in a row, the last time with exit code 3: ")
    assert "the reason. Its log is " in last
    assert "Traceback" not in site.text()
    site.wait_gone()
