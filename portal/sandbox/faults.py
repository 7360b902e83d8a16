"""Misbehaviour on demand: faults that were set, and numbers whose endings stand for one.

`docs/sandbox.md` lists what each kind does. The core acts out what happens to the transport
(`TRANSPORT`); whatever needs the provider's own words is left to the wire (`request.fault`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY AUTOINCREMENT, provider TEXT NOT NULL, operation TEXT NOT NULL,
    kind TEXT NOT NULL, times INTEGER NOT NULL, seconds REAL NOT NULL, match_tn TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS magic_used (
    provider TEXT, operation TEXT, tn TEXT, PRIMARY KEY (provider, operation, tn));
"""
STALL_SECONDS = 20.0
ANY = "*"

TRANSPORT = frozenset(
    {"stall", "drop_before", "drop_after", "garbage", "truncated", "rate_limit", "http_500"}
    | {"slow", "extra", "sparse"}
)
WIRE = frozenset({"refuse", "partial", "auth", "empty"})
# Words of one wire only (custom-toll-free.md 9).
SPECIAL = frozenset({"pending", "pending_then_error", "unclosed_errors", "locked"})
KINDS = TRANSPORT | WIRE | SPECIAL
ALIASES: Mapping[str, str] = {
    "timeout": "stall",
    "bad_xml": "garbage",
    "rate_limited": "rate_limit",
}

MAGIC: Mapping[str, str] = {
    "9901": "refuse",
    "9902": "stall",
    "9903": "drop_after",
    "9904": "garbage",
    "9905": "partial",
    "9906": "rate_limit",
    "9907": "drop_before",
}
# These strike once for each operation and number: a second attempt must be able to succeed.
STRIKES_ONCE = frozenset({"stall", "drop_after", "garbage", "rate_limit", "drop_before"})


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong with one request: `tns` are the numbers of the request it is about."""

    kind: str
    tns: tuple[str, ...] = ()
    seconds: float = STALL_SECONDS


def add(
    store: Store,
    provider: str,
    operation: str,
    kind: str,
    *,
    times: int = 1,
    seconds: float = STALL_SECONDS,
    match_tn: str = "",
) -> None:
    """Set a fault for the next `times` calls (-1: until cleared) of an operation (`*`: of any).

    `match_tn` confines it to requests that name a number ending in these digits. Raises ValueError
    for an unknown kind.
    """
    kind = ALIASES.get(kind, kind)
    if kind not in KINDS:
        raise ValueError(f"unknown fault {kind!r}: use one of {', '.join(sorted(KINDS))}")
    store.execute(
        "INSERT INTO fault (provider, operation, kind, times, seconds, match_tn)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (provider, operation, kind, times, seconds, match_tn),
    )


def clear(store: Store) -> None:
    """Forget every fault that was set; the magic numbers keep their meaning."""
    store.execute("DELETE FROM fault")


def check(
    store: Store,
    provider: str,
    operation: str,
    tns: Sequence[str],
    *,
    is_write: bool,
    documented: str = "",
) -> Fault | None:
    """Return what goes wrong with a request, and count it; None when nothing does.

    `documented` is the other name of the operation, by verb and path (`Route.documented`). Faults
    that were set come before magic numbers, the oldest first. Magic numbers work on writes only, so
    that the truth can always be asked for.
    """
    for row in store.query(
        "SELECT * FROM fault WHERE provider IN (?, ?) AND operation IN (?, ?, ?) ORDER BY id",
        (provider, ANY, operation, documented or operation, ANY),
    ):
        matched = tuple(tn for tn in tns if tn.endswith(row["match_tn"]))
        if (row["match_tn"] and not matched) or not _use(store, row["id"]):
            continue
        if row["kind"] == "partial" and not row["match_tn"]:
            matched = tuple(tns[len(tns) // 2 :])
        return Fault(kind=row["kind"], tns=matched, seconds=row["seconds"])
    return _magic(store, provider, operation, tns) if is_write else None


def _use(store: Store, fault_id: int) -> bool:
    """Count one use of a fault; False when another request had the last one."""
    used = store.execute(
        "UPDATE fault SET times = times - (times > 0) WHERE id = ? AND times <> 0", (fault_id,)
    )
    store.execute("DELETE FROM fault WHERE id = ? AND times = 0", (fault_id,))
    return used == 1


def _magic(store: Store, provider: str, operation: str, tns: Sequence[str]) -> Fault | None:
    kinds = {tn: MAGIC[tn[-4:]] for tn in tns if len(tn) >= 10 and tn[-4:] in MAGIC}
    for kind in dict.fromkeys(kinds.values()):
        struck = tuple(tn for tn in kinds if kinds[tn] == kind)
        if kind in STRIKES_ONCE:
            struck = tuple(tn for tn in struck if _strike(store, provider, operation, tn))
        if struck:
            return Fault(kind=kind, tns=struck)
    return None


def _strike(store: Store, provider: str, operation: str, tn: str) -> bool:
    """Remember that a magic number struck an operation; False when it had done so before."""
    return bool(
        store.execute(
            "INSERT OR IGNORE INTO magic_used (provider, operation, tn) VALUES (?, ?, ?)",
            (provider, operation, tn),
        )
    )
