"""Statements that PostgreSQL plans once per connection, for what every list page asks.

Planning such a statement takes longer than running it. Django sends each with its values written
into it, so that PostgreSQL plans it anew; these send the values beside it and get theirs back in
binary form. Meant for statements whose plan does not depend on the values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connections
from django.db.backends.utils import CursorDebugWrapper

OFTEN = 2  # times that one of many statements is executed as it is, before its plan is kept
LONG = 10_000  # characters of a statement that is never kept


class _Cursor(psycopg.Cursor[Any]):
    is_prepared: bool | None = True

    def execute(self, query: Any, params: Any = None, **_: Any) -> _Cursor:
        """Execute a statement, prepared at its first use on a connection or when it comes often."""
        return super().execute(query, params, prepare=self.is_prepared, binary=True)


class _Logged(CursorDebugWrapper):
    def debug_sql(
        self,
        sql: str | None = None,
        params: Any = None,
        use_last_executed_query: bool = False,
        many: bool = False,
    ) -> Any:
        """Log a statement with its values written into it, as Django logs its own."""
        text = self.db.ops.compose_sql(sql, params)  # type: ignore[attr-defined]
        return super().debug_sql(text, params, many=many)


def text(statement: tuple[str, Sequence[Any]], *, using: str = DEFAULT_DB_ALIAS) -> str:
    """Return a statement with its values written into it, for `rows` without any or with others."""
    sql, params = statement
    return str(connections[using].ops.compose_sql(sql, params))  # type: ignore[attr-defined]


def rows(
    sql: str,
    params: Sequence[Any] = (),
    *,
    using: str = DEFAULT_DB_ALIAS,
    is_one_of_few: bool = True,
) -> list[tuple[Any, ...]]:
    """Return all rows of a statement; JSON comes as what it stands for, moments in UTC.

    Each text is kept with its plan for as long as the connection, at most a hundred of them; one
    that is not `is_one_of_few` from when it was executed `OFTEN` times lately, one that is `LONG`
    never. Without values the text is taken as it is; with some a percent sign in it stands doubled.
    """
    link: Any = connections[using]
    try:
        return _rows(link, sql, params or None, is_prepared=is_one_of_few or None)
    except (
        NotSupportedError
    ):  # a migration gave a column another type since the statement was planned
        if link.in_atomic_block:
            raise
        _rows(link, "DEALLOCATE ALL", None, is_prepared=None)
        return _rows(link, sql, params or None, is_prepared=is_one_of_few or None)


def _rows(link: Any, sql: str, params: Any, *, is_prepared: bool | None) -> list[tuple[Any, ...]]:
    link.close_if_health_check_failed()
    link.ensure_connection()
    raw: Any = _Cursor(link.connection)
    raw.is_prepared = is_prepared
    # Only for these statements: psycopg would keep the text of each that Django executes, too.
    link.connection.prepare_threshold = OFTEN if len(sql) < LONG else None
    try:
        with _Logged(raw, link) if link.queries_logged else link.make_cursor(raw) as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        link.connection.prepare_threshold = None
