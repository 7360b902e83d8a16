"""What the tests of this folder use to look at processes from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MARK = "NUMBERDESK_TEST_MARK"
# What the suite sets for itself; a program of these tests starts as if in a fresh terminal.
OF_THE_SUITE = ("DATABASE_", "CELERY_", "DJANGO_", "SECRET_KEY", "SALT_KEY", "SITE_URL", "SANDBOX_")


def wait_until(is_true: Callable[[], object], *, seconds: float = 120.0, what: str) -> None:
    """Return once `is_true()`; fails, naming `what`, after `seconds`."""
    limit = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < limit, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.05)


def marked_processes(mark: str) -> dict[int, str]:
    """Return the living processes whose environment carries `mark`: command by process id."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (place / "environ").read_bytes().split(b"\0"):
                found[int(place.name)] = (place / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue  # ended meanwhile, or somebody else's
    return found


class Program:
    """A program of ours in a process of its own, whose descendants can all be found."""

    def __init__(self, *arguments: str, directory: Path, **env: str) -> None:
        """Start Python with `arguments`, without the suite's own servers in its environment."""
        self.mark = uuid.uuid4().hex
        self.output = directory / f"output-{self.mark[:6]}.txt"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(OF_THE_SUITE)}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=kept | env | {MARK: self.mark, "PYTHONUNBUFFERED": "1"},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def text(self) -> str:
        """Return all that it printed so far."""
        return self.output.read_text()

    def wait_for(self, words: str, *, seconds: float = 120.0) -> None:
        """Wait until it has printed `words`."""
        wait_until(
            lambda: words in self.text() or self.process.poll() is not None,
            seconds=seconds,
            what=f"“{words}” in: {self.text()}",
        )
        assert words in self.text(), self.text()

    def processes(self) -> dict[int, str]:
        """Return it and all that descends from it, as long as they live."""
        return marked_processes(self.mark)

    def wait_gone(self) -> None:
        """Wait until nothing of it is left; fails with what is."""
        wait_until(lambda: not self.processes(), what=f"the end of {self.processes()}")

    def end(self) -> None:
        """Kill whatever is left of it."""
        for pid in self.processes():
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                continue
        self.process.wait()
