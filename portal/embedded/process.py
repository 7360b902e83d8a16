"""One child process: started, asked whether it is ready, stopped, never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.errors import CannotStart

LAUNCHER = Path(__file__).with_name("launch.py")
POLL_SECONDS = 0.02
LOG_LIMIT = 10 * 1024 * 1024  # bytes; a bigger log is put aside (one generation) at the next start
TAIL_BYTES = 16 * 1024


@dataclass(frozen=True, kw_only=True)
class ProcessSpec:
    """What to run and how to know and end it; `argv[0]` is an absolute path."""

    name: str
    argv: tuple[str, ...]
    log: Path
    directory: Path = Path("/")
    env: Mapping[str, str] | None = None  # None: ours
    identity: str = "same"  # see launch.py
    is_ready: Callable[[], bool] | None = None  # None: ready at once
    ready_seconds: float = 30.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0  # after these, SIGKILL
    orphan_signal: signal.Signals = signal.SIGKILL  # when this process dies without stopping it
    is_server: bool = False  # others lean on it: stopped after them


class Child:
    """A process of ours, alive or not, that can be started again.

    It runs in a session of its own, so that a Ctrl-C in the terminal reaches only us, and the
    kernel ends it when the thread that started it ends.
    """

    def __init__(self, spec: ProcessSpec) -> None:
        self.spec = spec
        self.started_at = 0.0  # on the monotonic clock, seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self._is_swept = True  # nothing of its session can be left
        self._is_asked = False  # to end

    def start(self, *, stdout: int | None = None) -> None:
        """Start the process; its output goes to the log, or standard output to `stdout`."""
        spec = self.spec
        spec.log.parent.mkdir(parents=True, exist_ok=True)
        if spec.log.is_file() and spec.log.stat().st_size > LOG_LIMIT:
            spec.log.replace(spec.log.with_suffix(".log.1"))
        launcher = [sys.executable, "-I", "-S", str(LAUNCHER)]
        orders = [str(os.getpid()), str(int(spec.orphan_signal)), spec.identity]
        with spec.log.open("ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(
                [*launcher, *orders, *spec.argv],
                cwd=spec.directory,
                env=dict(spec.env) if spec.env is not None else None,
                stdin=subprocess.DEVNULL,
                stdout=log if stdout is None else stdout,
                stderr=log,
                start_new_session=True,
            )
        self._is_swept = self._is_asked = False
        self.started_at = time.monotonic()

    @property
    def pid(self) -> int | None:
        """Return the process id, also of one that ended; None before the first start."""
        return self._process.pid if self._process else None

    def exit_code(self) -> int | None:
        """Return how it ended (negative: by that signal), reaping it; None while it runs."""
        return self._process.poll() if self._process else None

    def is_running(self) -> bool:
        """Tell whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait for its end, at most `seconds`; return the exit code, None if it still runs."""
        if self._process is None:
            return None
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def wait_ready(self) -> None:
        """Wait until it is ready; raises CannotStart when it ends before or takes too long."""
        spec = self.spec
        limit = time.monotonic() + spec.ready_seconds
        while spec.is_ready is not None:
            # Asked first: another program that answers for it must not pass for it.
            if not self.is_running():
                raise CannotStart(
                    f"{spec.name} ended at its start: {self.reason()}. Its log is {spec.log}."
                )
            if spec.is_ready():
                return
            if time.monotonic() > limit:
                raise CannotStart(
                    f"{spec.name} does not answer after {spec.ready_seconds:.0f} seconds. "
                    f"See {spec.log}."
                )
            time.sleep(POLL_SECONDS)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; one that ended is left alone."""
        if self._process is not None:
            self._process.send_signal(number)

    def ask_to_stop(self, number: signal.Signals | None = None) -> None:
        """Send the signal that ends it, once; returns at once."""
        if not self._is_asked:
            self._is_asked = True
            self.send(number or self.spec.stop_signal)

    def stop(self, *, number: signal.Signals | None = None, seconds: float | None = None) -> None:
        """End it and all that it started: first politely, after `seconds` by SIGKILL."""
        if self._process is None:
            return
        self.ask_to_stop(number)
        self.wait(self.spec.stop_seconds if seconds is None else seconds)
        self.kill()

    def kill(self) -> None:
        """End it and all of its session at once (SIGKILL), and reap it."""
        if self._process is None or self._is_swept:
            return
        self._is_swept = True  # once only: the number may be somebody else's later
        try:
            # The group outlives its leader while one of its processes lives.
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            self._process.kill()
        self._process.wait()

    def log_lines(self, count: int = 10) -> list[str]:
        """Return the last lines that it wrote since its last start, without the empty ones."""
        try:
            with self.spec.log.open("rb") as log:
                end = log.seek(0, os.SEEK_END)
                log.seek(max(self._log_start, end - TAIL_BYTES))
                text = log.read().decode(errors="replace")
        except OSError:
            return []
        return [line.rstrip() for line in text.splitlines() if line.strip()][-count:]

    def reason(self) -> str:
        """Return in a few words why it ended: its last line, or its exit code."""
        lines = self.log_lines(1)
        if lines:
            return lines[0].strip().rstrip(".")
        code = self.exit_code()
        return f"exit code {code}" if code is None or code >= 0 else f"signal {-code}"
