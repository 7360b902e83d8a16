"""Keeps a handful of processes running, and ends with all of them.

Whatever way it ends, no process stays behind: Ctrl-C, SIGTERM and a closed terminal stop the
children in the reverse order of their start; after a SIGKILL the kernel does (see launch.py).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from portal.embedded.errors import CannotStart
from portal.embedded.launch import PR_SET_PDEATHSIG
from portal.embedded.process import LAUNCHER, Child, ProcessSpec

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOG_LINES_SHOWN = 8


class StopRequested(BaseException):
    """Somebody wants us to end; not an Exception, so that nothing on the way swallows it."""


@dataclass(frozen=True, kw_only=True)
class RestartRule:
    """How often a crashed process is started again; all times in seconds."""

    delays: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0)  # before the first, second, … restart
    healthy_after: float = 60.0  # having run so long, earlier crashes are forgotten


class _Kept:
    """A child that is to be kept running, and what it did so far."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.crashes = 0
        self.restart_at: float | None = None  # on the monotonic clock


class Supervisor:
    """Starts processes, restarts those that crash, and stops them all at the end.

    Use as a context manager in the main thread: signals that ask for the end raise StopRequested
    inside it, and leaving it stops every child.
    """

    def __init__(
        self, *, say: Callable[[str], None] | None = None, rule: RestartRule | None = None
    ) -> None:
        self._say = say or print_line
        self._rule = rule or RestartRule()
        self._kept: list[_Kept] = []
        self._step: Child | None = None
        self._is_stopping = False

    def __enter__(self) -> Supervisor:
        self._old_handlers = {number: signal.getsignal(number) for number in STOP_SIGNALS}
        for number in STOP_SIGNALS:
            if number == signal.SIGHUP and self._old_handlers[number] == signal.SIG_IGN:
                continue  # started by nohup: a closed terminal is no request to end
            signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        self._is_stopping = True
        self.stop()
        for number, handler in self._old_handlers.items():
            signal.signal(number, handler)

    def start(self, spec: ProcessSpec) -> Child:
        """Start a process and keep it running; it need not be ready when this returns."""
        child = Child(spec)
        child.start()
        self.keep(child)
        return child

    def keep(self, child: Child) -> None:
        """Take over a child that was started elsewhere."""
        self._kept.append(_Kept(child))

    def run_step(self, spec: ProcessSpec, *, fails_as: str) -> str:
        """Run a command to its end and return what it printed; its other words go to its log.

        Raises CannotStart, which begins with `fails_as`, when the command fails.
        """
        self._step = Child(spec)
        output = spec.log.with_suffix(".out")
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("w+b") as file:
            self._step.start(stdout=file.fileno())
            code = self._step.wait()
        text = output.read_text(errors="replace")
        output.unlink()
        if code != 0:
            raise CannotStart(f"{fails_as}: {self._step.reason()}. See {spec.log}.")
        self._step = None
        return text

    def run(self) -> None:
        """Watch over the children until somebody asks for the end.

        A child that crashes is started again, later each time; raises CannotStart when one has
        crashed too often.
        """
        while True:
            for kept in self._kept:
                self._look_after(kept)
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop every child: those that lean on others all at once, then the servers, last first."""
        children = self._children()[::-1]
        for child in children:
            if not child.spec.is_server:
                child.ask_to_stop()
        for child in sorted(children, key=lambda child: child.spec.is_server):
            child.stop()
        self._kept.clear()
        self._step = None

    def _children(self) -> list[Child]:
        """Return every child in the order of the start."""
        return [kept.child for kept in self._kept] + ([self._step] if self._step else [])

    def _look_after(self, kept: _Kept) -> None:
        """Notice a crash, or start again what crashed a while ago."""
        now = time.monotonic()
        if kept.restart_at is not None:
            if now >= kept.restart_at:
                kept.restart_at = None
                kept.child.start()
            return
        code = kept.child.exit_code()
        if code is None:
            return
        spec = kept.child.spec
        ended_how = f"exit code {code}" if code >= 0 else f"signal {-code}"
        kept.child.kill()  # what it started must not outlive it
        if now - kept.child.started_at > self._rule.healthy_after:
            kept.crashes = 0
        if kept.crashes >= len(self._rule.delays):
            raise CannotStart(
                f"{spec.name} ended {kept.crashes + 1} times in a row, the last time with "
                f"{ended_how}: {kept.child.reason()}. Its log is {spec.log}."
            )
        delay = self._rule.delays[kept.crashes]
        kept.crashes += 1
        kept.restart_at = now + delay
        self._say(f"{spec.name} ended with {ended_how}; starting it again in {delay:g} s.")
        for line in kept.child.log_lines(LOG_LINES_SHOWN):
            self._say(f"  | {line}")

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self._is_stopping:
            raise StopRequested(signal.Signals(number).name)
        for child in self._children():  # a second request: no more waiting for what can be killed
            if child.spec.orphan_signal == signal.SIGKILL:
                child.send(signal.SIGKILL)


def print_line(text: str) -> None:
    """Print a line at once; a terminal that is gone does not matter."""
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)


def end_with_parent() -> None:
    """Let the kernel send us SIGTERM when the process that started us ends.

    For a supervisor below make: killing make alone would otherwise leave it running.
    """
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))
    if os.getppid() != parent:
        raise StopRequested


def run_in_terminal(argv: Sequence[str], *, env: dict[str, str], directory: Path) -> int:
    """Run a command that keeps the terminal for itself, and return its exit code.

    Ctrl-C reaches it directly; a request to end that reaches only us is passed on. Inside a
    Supervisor only.
    """
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER)]
    orders = [str(os.getpid()), str(int(signal.SIGTERM)), "same"]
    program = shutil.which(argv[0], path=env.get("PATH")) or argv[0]
    command = [*launcher, *orders, program, *argv[1:]]
    with subprocess.Popen(command, env=env, cwd=directory) as process:
        while True:
            try:
                return process.wait()
            except StopRequested as request:
                if str(request) != signal.SIGINT.name or not sys.stdin.isatty():
                    process.terminate()
