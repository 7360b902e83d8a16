"""All rows of a list as CSV lines, written by PostgreSQL itself: COPY, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.http import HttpRequest
from psycopg import sql

from portal.listing import RowCompare, Sort, sort_of

PIECE = 5_000


def copied(
    request: HttpRequest,
    queryset: models.QuerySet[Any],
    sorts: Sequence[Sort],
    columns: Sequence[Any],
    *,
    default: str = "",
    piece: int = PIECE,
) -> Iterator[str]:
    """Yield all rows in the list's order as CSV text of whole lines; see `listing.walk`.

    `columns` are names or expressions, the first one a unique name whose text needs no quotes: from
    its value in the last line the next piece goes on. A piece is read before it is yielded, so that
    no transaction stays open however slowly it is taken.
    """
    _, is_down, keys = sort_of(request, sorts, default)
    rows = queryset.order_by(*[f"-{name}" if is_down else name for name in keys])
    rows = rows.values_list(*columns)
    lines = _copy(rows[:piece])
    while lines:
        yield b"".join(lines).decode()
        if len(lines) < piece:
            return
        cursor = _cursor(queryset, keys, str(columns[0]), bytes(lines[-1]))
        lines = _copy(rows.filter(RowCompare(keys, "<" if is_down else ">", cursor))[:piece])


def _copy(rows: models.QuerySet[Any, Any]) -> list[bytes]:
    """Return a line for each row: the server sends each in a message of its own."""
    try:
        text, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connections[rows.db].cursor() as cursor:
        bound = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(
            sql.SQL(cursor.mogrify(text, params))
        )
        with cursor.copy(bound) as copy:
            return list(copy)


def _cursor(
    queryset: models.QuerySet[Any], keys: Sequence[str], column: str, line: bytes
) -> list[Any]:
    """Return where the row of a line stands in the order."""
    value = line.partition(b",")[0].rstrip(b"\n").decode()
    if list(keys) == [column]:
        return [value]
    row: Any = queryset.model._default_manager.values_list(*keys).get(**{column: value})
    return list(row)
