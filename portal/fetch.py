"""Rows of a list by their keys, with SQL that is made once.

Making the SQL of a wide row with its joins anew takes Django longer than PostgreSQL needs for the
whole page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import Any

from django.db import connections, models


class RowsByKey:
    """Reads rows as dicts, in the order of the keys that it is given.

    `make` returns all rows as ``values(…)`` with the key "id" among them, without a condition;
    `parsed` names the columns that hold JSON.
    """

    def __init__(
        self, make: Callable[[], models.QuerySet[Any, Any]], *, parsed: Collection[str] = ()
    ) -> None:
        self._make = make
        self._parsed = parsed

    @cached_property
    def _statement(self) -> tuple[str, list[str], str]:
        rows = self._make().order_by()
        meta = rows.model._meta
        sql, params = rows.query.sql_with_params()
        if params or rows.query.where:
            raise ValueError("Rows that are read by key have no condition of their own.")
        key = f'"{meta.db_table}"."{meta.pk.column}"'
        names = [*rows.query.values_select, *rows.query.annotation_select]
        return f"{sql} WHERE {key} = ANY(%s)", names, rows.db

    def __call__(self, keys: Sequence[int]) -> list[dict[str, Any]]:
        """Return a row for each key that there is, in one query."""
        if not keys:
            return []
        sql, names, alias = self._statement
        with connections[alias].cursor() as cursor:
            cursor.execute(sql, [list(keys)])
            found = [dict(zip(names, row, strict=True)) for row in cursor]
        rows = {row["id"]: row for row in found}
        for row in found:
            row["pk"] = row["id"]  # as cursors of a list name it
            for name in self._parsed:
                row[name] = json.loads(row[name])
        return [rows[key] for key in keys if key in rows]
