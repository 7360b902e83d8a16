"""The sandbox's memory: one SQLite file, a movable clock, and named settings."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS number (
    provider TEXT NOT NULL, tn TEXT NOT NULL, npa TEXT NOT NULL, nxx TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT '', rate_center TEXT NOT NULL DEFAULT '',
    city TEXT NOT NULL DEFAULT '', lata INTEGER NOT NULL DEFAULT 0,
    tier TEXT NOT NULL DEFAULT '', network TEXT NOT NULL DEFAULT '',
    t38 INTEGER NOT NULL DEFAULT 0, cnam INTEGER NOT NULL DEFAULT 0,
    sms INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL DEFAULT 'available',
    account TEXT NOT NULL DEFAULT '', held_by TEXT NOT NULL DEFAULT '',
    held_until TEXT NOT NULL DEFAULT '', changed_at TEXT NOT NULL DEFAULT '',
    data TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (provider, tn)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS account (
    provider TEXT NOT NULL, login TEXT NOT NULL, secret TEXT NOT NULL,
    balance REAL NOT NULL DEFAULT 0, data TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (provider, login)
);
"""
INDEXES = """
CREATE INDEX IF NOT EXISTS number_area ON number (provider, npa, nxx);
CREATE INDEX IF NOT EXISTS number_place ON number (provider, state, rate_center);
CREATE INDEX IF NOT EXISTS number_rate_center ON number (provider, rate_center);
CREATE INDEX IF NOT EXISTS number_lata ON number (provider, lata);
CREATE INDEX IF NOT EXISTS number_tier ON number (provider, tier);
CREATE INDEX IF NOT EXISTS number_account ON number (provider, account) WHERE account <> '';
CREATE INDEX IF NOT EXISTS number_held ON number (provider, held_until) WHERE held_until <> '';
CREATE INDEX IF NOT EXISTS number_moved ON number (provider, status) WHERE status <> 'available';
"""
BUSY_MS = 30_000


class Store:
    """One SQLite file in WAL mode, with a connection per thread.

    Outside `transaction` each statement commits by itself. All times are aware and UTC.
    """

    synchronous = "NORMAL"  # how far a commit is on the disk when it returns

    def __init__(self, path: Path | str, pristine: Path | None = None) -> None:
        """Open or make the file; its folder must exist. `reset` goes back to `pristine`."""
        self.path = Path(path)
        self.pristine = pristine
        self._local = threading.local()
        self._hooks: list[Callable[[], None]] = []
        self._offset: timedelta | None = None
        self.connection.executescript(SCHEMA)

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection of the current thread, opened when first asked for."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(self.path, isolation_level=None, timeout=BUSY_MS / 1000)
            found.row_factory = sqlite3.Row
            found.execute("PRAGMA journal_mode = WAL")
            found.execute(f"PRAGMA synchronous = {self.synchronous}")
            self._local.connection = found
            self._local.depth = 0
        return found

    def close(self) -> None:
        """Close the connection of the current thread."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is not None:
            found.close()
            self._local.connection = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run a block as one write transaction, rolled back when it raises.

        A transaction inside another belongs to the outer one.
        """
        connection = self.connection
        if self._local.depth:
            yield connection
            return
        connection.execute("BEGIN IMMEDIATE")
        self._local.depth = 1
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        else:
            connection.execute("COMMIT")
        finally:
            self._local.depth = 0

    def query(self, sql: str, args: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Return all rows of a SELECT."""
        return self.connection.execute(sql, args).fetchall()

    def iterate(self, sql: str, args: Sequence[Any] = ()) -> Iterator[sqlite3.Row]:
        """Yield the rows of a SELECT without holding them all.

        On a connection of its own: an open SELECT keeps its snapshot, and a write on the same
        connection would be refused as soon as somebody else has written meanwhile.
        """
        reader = sqlite3.connect(self.path, timeout=BUSY_MS / 1000, check_same_thread=False)
        reader.row_factory = sqlite3.Row
        try:
            yield from reader.execute(sql, args)
        finally:
            reader.close()

    def execute(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Carry out a change and return how many rows it touched."""
        return self.connection.execute(sql, args).rowcount

    def execute_many(self, sql: str, rows: Iterator[Sequence[Any]]) -> None:
        """Carry out a change for each row."""
        self.connection.executemany(sql, rows)

    def setting(self, key: str, default: Any = "") -> Any:
        """Return a setting as the text that was set, or `default` as it is."""
        rows = self.query("SELECT value FROM setting WHERE key = ?", (key,))
        return rows[0]["value"] if rows else default

    def set_setting(self, key: str, value: object) -> None:
        """Keep a setting as text; it lasts until the next reset."""
        self.execute(
            "INSERT INTO setting (key, value) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, str(value)),
        )

    def now(self) -> datetime:
        """Return the sandbox's time: the machine's, moved by what `set_clock` and `advance` did."""
        if self._offset is None:
            self._offset = timedelta(seconds=float(self.setting("clock.offset_seconds", 0)))
        return datetime.now(UTC) + self._offset

    def set_clock(self, now: datetime) -> None:
        """Move the clock so that it reads `now` (aware) and runs on from there; then tick."""
        self._move(now - datetime.now(UTC))

    def advance(self, step: timedelta) -> None:
        """Move the clock by a step; then tick."""
        self._move(self.now() - datetime.now(UTC) + step)

    def _move(self, offset: timedelta) -> None:
        self.set_setting("clock.offset_seconds", offset.total_seconds())
        self._offset = offset
        self.tick()

    def on_tick(self, hook: Callable[[], None]) -> None:
        """Have `hook` called at each request and after the clock was moved.

        Hooks end holds, finish orders and the like; they must be cheap when nothing is due.
        """
        self._hooks.append(hook)

    def tick(self) -> None:
        """Run the hooks."""
        for hook in self._hooks:
            hook()

    def reset(self) -> None:
        """Go back to fresh stock and state; the clock is the machine's again."""
        if self.pristine is None:
            raise RuntimeError("this store has no pristine file to go back to")
        source = sqlite3.connect(self.pristine)
        try:
            source.backup(self.connection)
        finally:
            source.close()
        self._offset = None
