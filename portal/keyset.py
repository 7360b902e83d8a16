"""Finding a page of keys in a sorted list, and counting it on the way.

One statement is made of the list's query and used for everything: counting stops beyond a cap; few
rows are found before they are sorted; many are walked through in the order of the sort's index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connections, models

OVER_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Range:
    """Where a page begins: beyond a cursor, in an order that is that of the operator."""

    columns: Sequence[str]
    operator: str  # of the row comparison with the cursor; "<" and "<=" go down
    cursor: Sequence[Any] | None
    count: int


class Source:
    """A list's rows as SQL: its sort columns, and the key where they are not unique by themselves."""

    def __init__(self, queryset: models.QuerySet[Any], columns: Sequence[str], cap: int) -> None:
        self.columns = list(columns)
        self.cap = cap
        self._link = connections[queryset.db]
        try:
            rows = queryset.order_by().values(*self.columns)
            self._sql, self._params = rows.query.sql_with_params()
        except EmptyResultSet:
            self._sql, self._params = "", ()
        text = repr((self._sql, self._params, cap)).encode()
        self._name = f"over:{sha256(text).hexdigest()}"

    def is_over(self) -> bool:
        """Return whether more rows than the cap were found some seconds ago.

        People page through such a list, and its count says nothing else.
        """
        return bool(cache.get(self._name))

    def count(self) -> tuple[int, bool]:
        """Return (count, is_exact), counting to just beyond the cap."""
        if not self._sql:
            return 0, True
        if self.is_over():
            return self.cap, False
        sql = f"SELECT count(*) FROM ({self._sql} LIMIT %s) AS found"  # noqa: S608
        return self._judge(self._run(sql, [self.cap + 1])[0][0])

    def few(self, wanted: Range) -> tuple[list[Any], int | None]:
        """Return the next keys and how many rows there are in all.

        None for the count where they are more than the cap, and the keys are then of no use, or
        where nothing lies beyond the cursor.
        """
        if not self._sql:
            return [], 0
        # The limit inside keeps PostgreSQL from mixing finding and sorting.
        counted = (
            f"(SELECT *, count(*) OVER () AS total_count FROM ({self._sql} LIMIT %s) AS found)"  # noqa: S608
        )
        found = self._page(f'"{self.columns[-1]}", total_count', counted, [self.cap + 1], wanted)
        if not found:
            return [], None if wanted.cursor else 0
        count, is_exact = self._judge(found[0][1])
        return [key for key, _ in found], count if is_exact else None

    def walk(self, wanted: Range) -> list[Any]:
        """Return the next keys, found in the order of the sort."""
        if not self._sql:
            return []
        found = self._page(f'"{self.columns[-1]}"', f"({self._sql})", [], wanted)
        return [key for (key,) in found]

    def _judge(self, count: int) -> tuple[int, bool]:
        if count <= self.cap:
            return count, True
        cache.set(self._name, value=True, timeout=OVER_SECONDS)
        return self.cap, False

    def _page(self, shown: str, source: str, more: list[Any], wanted: Range) -> list[Any]:
        names = [f'"{name}"' for name in wanted.columns]
        beyond = ""
        if wanted.cursor is not None:
            marks = ", ".join(["%s"] * len(names))
            beyond = f"WHERE ({', '.join(names)}) {wanted.operator} ({marks})"
        direction = "ASC" if wanted.operator.startswith(">") else "DESC"
        order = ", ".join(f"{name} {direction}" for name in names)
        sql = f"SELECT {shown} FROM {source} AS rows {beyond} ORDER BY {order} LIMIT %s"  # noqa: S608
        return self._run(sql, [*more, *(wanted.cursor or ()), wanted.count])

    def _run(self, sql: str, more: list[Any]) -> list[Any]:
        with self._link.cursor() as cursor:
            cursor.execute(sql, [*self._params, *more])
            return list(cursor.fetchall())
