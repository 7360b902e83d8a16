"""Rows of a list by their keys, with SQL that is made once.

Making the SQL of a wide row with its joins anew takes Django longer than PostgreSQL needs for the
whole page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import models
from django.db.models import OuterRef, Subquery

from portal import prepared


def text_of(model: type[models.Model], key: str, field: str = "name") -> Subquery:
    """Return a field of the row of `model` that a foreign key names, None where it names none.

    For fifty rows this is quicker than a join, which PostgreSQL plans with every index of both.
    """
    rows = model._default_manager.filter(pk=OuterRef(key)).order_by()
    return Subquery(rows.values(field))


class RowsByKey:
    """Reads rows as dicts, in the order of the keys that it is given.

    `make` returns all rows as ``values(…)`` with the key "id" among them, without a condition.
    """

    def __init__(self, make: Callable[[], models.QuerySet[Any, Any]]) -> None:
        self._make = make
        self._statements: dict[str, tuple[str, tuple[Any, ...], list[str], str]] = {}

    def _statement(self, key: str) -> tuple[str, tuple[Any, ...], list[str], str]:
        if key not in self._statements:
            rows = self._make().order_by()
            meta = rows.model._meta
            column = meta.pk.column if key == "pk" else meta.get_field(key).column
            sql, params = rows.query.sql_with_params()
            if rows.query.where:
                raise ValueError("Rows that are read by key have no condition of their own.")
            names = list(rows.query.selected or {})
            text = f'{sql} WHERE "{meta.db_table}"."{column}" = ANY(%s)'
            self._statements[key] = (text, params, names, rows.db)
        return self._statements[key]

    def __call__(self, keys: Sequence[Any], key: str = "pk") -> list[dict[str, Any]]:
        """Return a row for each key that there is, in one query; `key` names their column."""
        if not keys:
            return []
        sql, params, names, alias = self._statement(key)
        told = prepared.rows(sql, [*params, list(keys)], using=alias)
        found = [dict(zip(names, row, strict=True)) for row in told]
        for row in found:
            row["pk"] = row["id"]  # as cursors of a list name it
        rows = {row[key]: row for row in found}
        return [rows[value] for value in keys if value in rows]
