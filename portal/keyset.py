"""Finding a page of keys in a sorted list, and counting it on the way.

One statement is made of the list's query and used for everything: counting stops beyond a cap; few
rows are found before they are sorted; many are walked through in the order of the sort's index. How
many they are is remembered for some seconds, an exact count only until a row of the table changes.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import models

from portal import prepared

REMEMBERED_SECONDS = 30
COMMON_SHARE = 5  # from a fifth of the cap on, a walk soon meets a page's rows
SLOWER = 2  # than finding all: then the rows lie together somewhere, and it passes over all others


@dataclass(frozen=True, kw_only=True)
class Range:
    """Where a page begins: beyond a cursor, in an order that is that of the operator."""

    columns: Sequence[str]
    operator: str  # of the row comparison with the cursor; "<" and "<=" go down
    cursor: Sequence[Any] | None
    count: int


class Known(NamedTuple):
    """What the last count told."""

    rows: int
    is_exact: bool
    changed: Any  # when a row of the table was last changed; None where the list does not tell
    seconds: float  # that finding and sorting them took; 0 where they were only counted
    is_scattered: bool = True  # as far as a walk has told


class Statements:
    """A list's rows, and the SQL that is made of them: once for the columns of each sort."""

    def __init__(self, queryset: models.QuerySet[Any]) -> None:
        self.queryset = queryset
        self._made: dict[tuple[str, ...], str] = {}

    def of(self, columns: Sequence[str]) -> str:
        """Return the SQL of the rows' columns, values written into it; "" where no row can fit."""
        names = tuple(columns)
        if names not in self._made:
            try:
                rows = self.queryset.order_by().values(*names)
                statement = rows.query.sql_with_params()
                self._made[names] = prepared.text(statement, using=rows.db)
            except EmptyResultSet:
                self._made[names] = ""
        return self._made[names]


class Source:
    """A list's rows as SQL: its sort columns, and the key where they are not unique by themselves.

    `changed` names a column with an index that every change of a row renews: an exact count is
    remembered until its greatest value moves.
    """

    def __init__(
        self, rows: Statements, columns: Sequence[str], cap: int, *, changed: str = ""
    ) -> None:
        self.columns = list(columns)
        self.cap = cap
        self._using = rows.queryset.db
        self._changed_at: Any = None
        self._sql = rows.of(columns)
        table = rows.queryset.model._meta.db_table
        told = f'(SELECT max("{changed}") FROM "{table}")'  # noqa: S608 (our own names)
        self._changed = told if changed else "NULL"
        text = repr((self._sql, cap, changed)).encode()
        self._name = f"count:{sha256(text).hexdigest()}"
        self._known: Known | None = cache.get(self._name)

    def is_common(self) -> bool:
        """Return whether so many rows were found some seconds ago that a walk soon meets a page.

        People page through such a list; finding all of it for each page would be a waste.
        """
        known = self._known
        if known is None or not known.is_exact:
            return known is not None
        return known.is_scattered and known.rows * COMMON_SHARE >= self.cap

    def count(self) -> tuple[int, bool]:
        """Return (count, is_exact), counting to just beyond the cap."""
        if not self._sql:
            return 0, True
        known = self._known
        is_true = known is not None and (
            not known.is_exact or known.changed == self._changed_at is not None
        )
        if known is None or not is_true:
            sql = f"SELECT count(*) FROM ({self._sql} LIMIT {self.cap + 1}) AS found"  # noqa: S608
            known = self._judge(self._run(sql)[0][0])
        return known.rows, known.is_exact

    def few(self, wanted: Range) -> tuple[list[Any], int | None]:
        """Return the next keys and how many rows there are in all.

        None for the count where they are more than the cap, and the keys are then of no use, or
        where nothing lies beyond the cursor.
        """
        if not self._sql:
            return [], 0
        # The limit inside keeps PostgreSQL from mixing finding and sorting.
        few = f"({self._sql} LIMIT {self.cap + 1}) AS found"
        counted = f"(SELECT *, count(*) OVER () AS total_count FROM {few})"  # noqa: S608
        shown = f'"{self.columns[-1]}", {self._changed}, total_count'
        begun = time.perf_counter()
        found = self._page(shown, counted, wanted)
        if not found:
            return [], None if wanted.cursor else 0
        _, self._changed_at, count = found[0]
        known = self._judge(count, seconds=time.perf_counter() - begun)
        return [row[0] for row in found], known.rows if known.is_exact else None

    def walk(self, wanted: Range) -> list[Any]:
        """Return the next keys, found in the order of the sort."""
        if not self._sql:
            return []
        begun = time.perf_counter()
        shown = f'"{self.columns[-1]}", {self._changed}'
        found = self._page(shown, f"({self._sql})", wanted)
        if found:
            self._changed_at = found[0][1]
        known = self._known
        if known and known.seconds and time.perf_counter() - begun > SLOWER * known.seconds:
            self._remember(known._replace(is_scattered=False))
        return [row[0] for row in found]

    def _judge(self, count: int, *, seconds: float = 0.0) -> Known:
        is_exact = count <= self.cap
        known = Known(min(count, self.cap), is_exact, self._changed_at, seconds)
        if self._known is not None:
            known = known._replace(is_scattered=self._known.is_scattered)
        if not is_exact or known.changed is not None:
            self._remember(known)
        return known

    def _remember(self, known: Known) -> None:
        self._known = known
        cache.set(self._name, known, timeout=REMEMBERED_SECONDS)

    def _page(self, shown: str, source: str, wanted: Range) -> list[Any]:
        names = [f'"{name}"' for name in wanted.columns]
        beyond = ""
        if wanted.cursor is not None:
            source = source.replace("%", "%%")  # with values a percent sign stands doubled
            marks = ", ".join(["%s"] * len(names))
            beyond = f"WHERE ({', '.join(names)}) {wanted.operator} ({marks})"
        direction = "ASC" if wanted.operator.startswith(">") else "DESC"
        order = ", ".join(f"{name} {direction}" for name in names)
        sql = (
            f"SELECT {shown} FROM {source} AS rows {beyond}"  # noqa: S608
            f" ORDER BY {order} LIMIT {int(wanted.count)}"
        )
        return self._run(sql, wanted.cursor or ())

    def _run(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        return prepared.rows(sql, values, using=self._using, is_one_of_few=False)
