"""The record of every call: what was asked, and whether it had its effect.

Tests prove "exactly once" by it, so it is written before the answer leaves.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from portal.sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS call_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, provider TEXT NOT NULL,
    operation TEXT NOT NULL, documented TEXT NOT NULL, tns TEXT NOT NULL, done TEXT NOT NULL,
    carried_out INTEGER NOT NULL, status INTEGER NOT NULL, fault TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS call_log_operation ON call_log (provider, operation);
"""
KEPT = 100_000
PRUNE_EVERY = 1_000
NO_ANSWER = 0


def write(
    store: Store,
    provider: str,
    operation: str,
    tns: Sequence[str],
    *,
    done: Sequence[str],
    carried_out: bool,
    status: int,
    fault: str = "",
    documented: str = "",
) -> None:
    """Add a call; `documented` names it by verb and path, `status` is the HTTP status sent, or
    `NO_ANSWER` when the line was cut.

    Only the last `KEPT` calls are remembered.
    """
    connection = store.connection
    cursor = connection.execute(
        "INSERT INTO call_log (at, provider, operation, documented, tns, done, carried_out, status,"
        " fault) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            store.now().isoformat(timespec="milliseconds"),
            provider,
            operation,
            documented,
            json.dumps(list(tns)),
            json.dumps(list(done)),
            int(carried_out),
            status,
            fault,
        ),
    )
    last = cursor.lastrowid or 0
    if last % PRUNE_EVERY == 0:
        connection.execute("DELETE FROM call_log WHERE id <= ?", (last - KEPT,))


def read(
    store: Store, *, provider: str = "", operation: str = "", tn: str = "", limit: int = 10_000
) -> list[dict[str, Any]]:
    """Return the calls that fit, the oldest first; of more than `limit` the latest.

    `operation` may be either name of an operation.
    """
    where, values = ["1"], list[Any]()
    if provider:
        where.append("provider = ?")
        values.append(provider)
    if operation:
        where.append("? IN (operation, documented)")
        values.append(operation)
    if tn:
        where.append("tns LIKE ?")
        values.append(f'%"{tn}"%')
    rows = store.query(
        f"SELECT * FROM call_log WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ?",  # noqa: S608
        (*values, limit),
    )
    return [_as_object(row) for row in reversed(rows)]


def _as_object(row: Any) -> dict[str, Any]:
    return {
        **dict(row),
        "tns": json.loads(row["tns"]),
        "done": json.loads(row["done"]),
        "carried_out": bool(row["carried_out"]),
    }
