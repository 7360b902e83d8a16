"""One at a time: the lock that keeps two sets of servers off the same data."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from portal.embedded.errors import CannotStart


class RunLock:
    """A lock on a run-time directory, held until released or until the process ends, however."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._file: IO[str] | None = None

    def try_acquire(self) -> int | None:
        """Take the lock and return None, or return the process id of the one who holds it."""
        self._directory.mkdir(parents=True, exist_ok=True)
        # Never removed: a lock on a removed file would guard nothing. Not inherited by children.
        file = (self._directory / "run.lock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            text = file.read().strip()
            file.close()
            return int(text) if text.isdecimal() else 0
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file
        return None

    def acquire(self) -> None:
        """Take the lock; raises CannotStart when another process holds it."""
        holder = self.try_acquire()
        if holder is not None:
            who = f" (process {holder})" if holder else ""
            raise CannotStart(
                f"Numberdesk is running from {self._directory} already{who}. Stop it first "
                "(Ctrl-C where it runs), or set VAR_DIR to another directory."
            )

    def release(self) -> None:
        """Give the lock back."""
        if self._file is not None:
            self._file.close()
            self._file = None
