"""Writing a provider's list of owned numbers into a staging table of this connection.

A list of 200,000 numbers is nearly always the one of an hour ago. What the mirror holds already, by
its fingerprint, is staged as number and fingerprint alone; only the rest as whole rows.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from inventory import mirror
from portal.models import ProviderAccount
from portal.providers.dto import OwnedNumber

CHUNK = 5000
COLUMNS = (
    "tn",
    "state_word",
    "route_ref",
    "route_name",
    "rate_center",
    "region",
    "lata",
    "tier",
    "network",
    "label",
    "features",
    "values",
    "details",
    "provider_ref",
    "fingerprint",
)
DATA = ", ".join(f'"{name}"' for name in COLUMNS)
WHOLE = "s.state_word IS NOT NULL"  # of a staged row that is not known already
_FEATURES = COLUMNS.index("features")  # the one column that is no text
_MARK = 8  # bytes of a fingerprint that tell one row from another; sixteen letters of it


def stage(account: ProviderAccount, rows: Iterable[OwnedNumber]) -> Iterator[int]:
    """Write a provider's list into this connection's staging table; yield the count as it grows.

    Reads the list in pieces, so that no transaction is open while the provider is waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS sync_stage")
        cursor.execute(
            "CREATE TEMP TABLE sync_stage (LIKE inventory_carriernumber); "
            "ALTER TABLE sync_stage ALTER id DROP NOT NULL, ALTER account_id DROP NOT NULL, "
            "ALTER missing_count DROP NOT NULL"
            + "".join(f', ALTER "{name}" DROP NOT NULL' for name in COLUMNS)
        )
    known = _Known(account)
    count = 0
    same: list[str] = []
    other: list[tuple[Any, ...]] = []
    # Each record is let go at once: thousands that wait would keep the garbage collector busy.
    for owned in rows:
        digest = mirror.digest(owned)
        fingerprint = mirror.as_fingerprint(digest)
        if digest in known:
            same.append(f"{owned.tn}\t{fingerprint}\n")  # a row of the mirror: nothing to escape
        else:
            other.append(_copy_row(owned, fingerprint))
        count += 1
        if count % CHUNK == 0:
            _write(same, other)
            yield count
    _write(same, other)
    if count % CHUNK:
        yield count
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE sync_stage (tn)")  # joined by hashing: an index costs more


def _write(same: list[str], other: list[tuple[Any, ...]]) -> None:
    """Copy rows into the staging table, and empty the lists."""
    with connection.cursor() as cursor:
        if same:
            with cursor.copy("COPY sync_stage (tn, fingerprint) FROM STDIN") as copy:
                copy.write("".join(same))
        if other:
            with cursor.copy(f"COPY sync_stage ({DATA}) FROM STDIN") as copy:
                for row in other:
                    copy.write_row(row)
    same.clear()
    other.clear()


class _Known:
    """Which fingerprints the mirror of an account holds: eight bytes a row, in order.

    Rows that were missing are left out: that they are listed again has to be written.
    """

    def __init__(self, account: ProviderAccount) -> None:
        start = len(mirror.VERSION_MARK) + 1
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT string_agg(decode(mark, 'hex'), '' ORDER BY mark COLLATE "C")
                FROM (SELECT substr(fingerprint, %s, %s) AS mark FROM inventory_carriernumber
                      WHERE account_id = %s AND missing_count = 0
                        AND starts_with(fingerprint, %s)) AS known
                """,
                [start, 2 * _MARK, account.pk, mirror.VERSION_MARK],
            )
            self._marks = array("Q", bytes(cursor.fetchone()[0] or b""))
        if sys.byteorder == "little":
            self._marks.byteswap()

    def __contains__(self, digest: bytes) -> bool:
        mark = int.from_bytes(digest[:_MARK], "big")
        at = bisect_left(self._marks, mark)
        return at < len(self._marks) and self._marks[at] == mark


def _copy_row(owned: OwnedNumber, fingerprint: str) -> tuple[Any, ...]:
    """Return the staging row; a NUL, which PostgreSQL's text cannot hold, is taken out."""
    row = _row(owned, fingerprint)
    text = "".join(row[:_FEATURES] + row[_FEATURES + 1 :])
    if "\x00" in text or "\\u0000" in text:
        return tuple(_without_nul(cell) for cell in row)
    return row


def _without_nul(cell: Any) -> Any:
    if isinstance(cell, list):
        return [_without_nul(entry) for entry in cell]
    return cell.replace("\\u0000", "").replace("\x00", "") if isinstance(cell, str) else cell


def _row(owned: OwnedNumber, fingerprint: str) -> tuple[Any, ...]:
    return (
        owned.tn,
        owned.state_word[:64],
        owned.route_ref[:64],
        owned.route_name[:120],
        owned.rate_center[:40],
        owned.state[:2],
        owned.lata[:5],
        owned.tier[:12],
        owned.network[:40],
        owned.label[:120],
        sorted(owned.features),
        mirror.dump(owned.values),
        mirror.dump(owned.details),
        owned.provider_ref[:64],
        fingerprint,
    )
