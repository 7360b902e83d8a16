"""Statements that PostgreSQL plans once per connection, for what every list page asks.

Planning such a statement takes longer than running it. Django sends each with its values written
into it, so that PostgreSQL plans it anew; these send the values beside it and get theirs back in
binary form. Meant for statements whose plan does not depend on the values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorDebugWrapper


class _Cursor(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **_: Any) -> _Cursor:
        """Execute a statement, prepared at its first use on the connection."""
        return super().execute(query, params, prepare=True, binary=True)


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


def rows(
    sql: str, params: Sequence[Any] = (), *, using: str = DEFAULT_DB_ALIAS
) -> list[tuple[Any, ...]]:
    """Return all rows of a statement; JSON comes as what it stands for, moments in UTC.

    The text must be one of few: each is kept with its plan for as long as the connection, at most a
    hundred of them.
    """
    link: Any = connections[using]
    link.close_if_health_check_failed()
    link.ensure_connection()
    raw: Any = _Cursor(link.connection)
    with _Logged(raw, link) if link.queries_logged else link.make_cursor(raw) as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
