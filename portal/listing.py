"""Lists: sort, keyset paging and cheap counts, for tables of a million rows.

A page is found by comparing the row (sort value, id) with a cursor, so that page 20,000 costs what
page 1 costs. Counts are exact to `COUNT_CAP` and then read "10,000+".
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import F, Func, Value
from django.db.models.expressions import RawSQL
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

COUNT_CAP = 10_000
PAGE_SIZES = (25, 50, 100, 250)
DEFAULT_SIZE = 50
PAGING_PARAMETERS = ("after", "before", "last")


class RowCompare(Func):
    """``(a, b) > (x, y)`` as PostgreSQL's row comparison, which an index answers directly."""

    conditional = True
    output_field = models.BooleanField()

    def __init__(self, columns: Sequence[str], operator: str, values: Sequence[Any]) -> None:
        super().__init__(*[F(name) for name in columns], *[Value(value) for value in values])
        self.operator = operator

    def as_sql(self, compiler, connection, **extra):  # type: ignore[no-untyped-def,override]
        """Return ``(columns) operator (values)``."""
        parts, params = [], []
        for expression in self.source_expressions:
            sql, own = compiler.compile(expression)
            parts.append(sql)
            params.extend(own)
        half = len(parts) // 2
        left, right = ", ".join(parts[:half]), ", ".join(parts[half:])
        return f"({left}) {self.operator} ({right})", params


@dataclass(frozen=True, kw_only=True)
class Sort:
    """One way to sort: a non-null column that has an index together with the id."""

    name: str
    label: str
    column: str
    is_unique: bool = False  # the column alone is the key


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a list, ready for its template."""

    rows: list[Any]
    size: int
    sort: str  # as in the address: "tn" or "-tn"
    first_query: str
    previous_query: str  # empty on the first page
    next_query: str  # empty on the last page
    last_query: str


def paginate(
    request: HttpRequest,
    queryset: models.QuerySet[Any],
    sorts: Sequence[Sort],
    *,
    default: str = "",
    few: models.QuerySet[Any] | None = None,
) -> Page:
    """Return the page of `queryset` that the address asks for.

    Reads ``sort``, ``size``, ``after``, ``before`` and ``last`` from the query; a value that makes
    no sense falls back to the first page in the default order. Runs one query. `few` are the same
    rows where a count found at most `COUNT_CAP` of them: they are then found before they are
    sorted, instead of going through the table in the order of the sort until enough were met.
    """
    sort, descending = _sort(request, sorts, default)
    size = _size(request)
    columns = _key(sort)
    backwards = "before" in request.GET or "last" in request.GET
    forward_order = [f"-{name}" if descending else name for name in columns]
    reverse_order = [name if descending else f"-{name}" for name in columns]
    cursor = _decode(request.GET.get("before") or request.GET.get("after", ""), len(columns))
    if cursor is None and "before" in request.GET:
        backwards = False
    order = reverse_order if backwards else forward_order
    operator = ">" if descending == backwards else "<"
    rows_query = queryset.order_by(*order)
    if few is not None:
        keys = _first_keys(few, columns, operator, cursor, size + 1)
        rows_query = rows_query.filter(pk__in=keys)
    elif cursor is not None:
        rows_query = rows_query.filter(RowCompare(columns, operator, cursor))
    rows = list(rows_query[: size + 1])
    has_more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_next = (has_more if not backwards else cursor is not None) and bool(rows)
    has_previous = (has_more if backwards else cursor is not None) and bool(rows)
    return Page(
        rows=rows,
        size=size,
        sort=f"-{sort.name}" if descending else sort.name,
        first_query=_query(request),
        previous_query=_query(request, before=encode_cursor(rows[0], columns))
        if has_previous
        else "",
        next_query=_query(request, after=encode_cursor(rows[-1], columns)) if has_next else "",
        last_query=_query(request, last="1") if has_next else "",
    )


def _first_keys(
    few: models.QuerySet[Any],
    columns: Sequence[str],
    operator: str,
    cursor: Sequence[Any] | None,
    count: int,
) -> RawSQL | list[Any]:
    """Return the query for the first keys of few rows beyond a cursor.

    The limit inside keeps PostgreSQL from mixing finding and sorting; an ORM query cannot be the
    source of another one.
    """
    keys = few.order_by().values("pk", *columns)[: COUNT_CAP + 1]
    try:
        found, params = keys.query.sql_with_params()
    except EmptyResultSet:
        return []
    names = [f'"{name}"' for name in columns]
    beyond = ""
    if cursor is not None:
        beyond = f"WHERE ({', '.join(names)}) {operator} ({', '.join(['%s'] * len(names))})"
    direction = "ASC" if operator == ">" else "DESC"
    order = ", ".join(f"{name} {direction}" for name in names)
    sql = f"SELECT pk FROM ({found}) AS found {beyond} ORDER BY {order} LIMIT %s"  # noqa: S608
    return RawSQL(sql, [*params, *(cursor or ()), count])  # noqa: S611 (values are parameters)


def walk(
    request: HttpRequest,
    queryset: models.QuerySet[Any],
    sorts: Sequence[Sort],
    names: Sequence[str],
    *,
    default: str = "",
    piece: int = 5000,
) -> Iterator[tuple[Any, ...]]:
    """Yield the columns `names` of all rows in the list's order, read a piece at a time.

    Each piece is a query of its own that goes on from the last row: the first rows are there at
    once, and no transaction stays open however slowly they are taken. A row whose sort value
    changes meanwhile may be left out or come twice.
    """
    sort, descending = _sort(request, sorts, default)
    columns = _key(sort)
    wanted = list(dict.fromkeys([*names, *columns]))
    ordered = queryset.order_by(*[f"-{name}" if descending else name for name in columns])
    rows = ordered.values_list(*wanted)
    keys = [wanted.index(name) for name in columns]
    count = len(names)
    found = list(rows[:piece])
    while found:
        yield from found if count == len(wanted) else (row[:count] for row in found)
        last = [found[-1][key] for key in keys]
        is_end = len(found) < piece
        found = []
        if not is_end:
            found = list(rows.filter(RowCompare(columns, "<" if descending else ">", last))[:piece])


def capped_count(queryset: models.QuerySet[Any], cap: int = COUNT_CAP) -> tuple[int, bool]:
    """Return (count, is_exact); counting stops just beyond `cap`."""
    count = queryset.order_by().values("pk")[: cap + 1].count()
    return (cap, False) if count > cap else (count, True)


def fitting(found: Any) -> models.QuerySet[Any]:
    """Return the rows that fit a FilterSet; none where a filter's value makes no sense.

    A mistyped filter must narrow the list and never widen it: what is listed is exported and
    changed in bulk.
    """
    return found.qs if found.is_valid() else found.queryset.none()


def active_filters(request: HttpRequest, labels: Mapping[str, str]) -> list[dict[str, str]]:
    """Return a chip for each active filter: label, value, and the query without it."""
    chips = []
    for name, label in labels.items():
        for value in request.GET.getlist(name):
            if value:
                query = request.GET.copy()
                query.setlist(name, [v for v in query.getlist(name) if v != value])
                _drop_cursor(query)
                chips.append(
                    {"name": name, "label": label, "value": value, "query": query.urlencode()}
                )
    return chips


def encode_cursor(row: Any, columns: Sequence[str]) -> str:
    """Return the cursor that stands for a row in an address: what `after` and `before` hold.

    The row is an object, or a dict with these columns as its keys.
    """
    values = []
    for name in columns:
        value = row[name] if isinstance(row, dict) else getattr(row, name)
        values.append({"at": value.isoformat()} if isinstance(value, datetime) else value)
    text = json.dumps(values, separators=(",", ":"), default=str)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def name_of(model: type[models.Model], user: Any, value: str) -> str:
    """Return the name of the row whose id stands in a filter, “unknown” if the user sees none."""
    if not (value.isascii() and value.isdigit()):
        return "unknown"
    rows: Any = model._default_manager.all()
    row = rows.visible_to(user).filter(pk=int(value)).first()
    return str(row) if row else "unknown"


def _sort(request: HttpRequest, sorts: Sequence[Sort], default: str) -> tuple[Sort, bool]:
    by_name = {sort.name: sort for sort in sorts}
    for asked in (request.GET.get("sort", ""), default):
        if (name := asked.removeprefix("-")) in by_name:
            return by_name[name], asked.startswith("-")
    return sorts[0], False


def _key(sort: Sort) -> list[str]:
    return [sort.column] if sort.is_unique else [sort.column, "pk"]


def _size(request: HttpRequest) -> int:
    asked = request.GET.get("size", "")
    return int(asked) if asked in {str(size) for size in PAGE_SIZES} else DEFAULT_SIZE


def _drop_cursor(query: Any) -> None:
    for name in PAGING_PARAMETERS:
        query.pop(name, None)


def _query(request: HttpRequest, **cursor: str) -> str:
    query = request.GET.copy()
    _drop_cursor(query)
    for name, value in cursor.items():
        query[name] = value
    return query.urlencode() or "sort="


def _decode(text: str, length: int) -> list[Any] | None:
    if not text:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        values = [parse_datetime(v["at"]) if isinstance(v, dict) else v for v in values]
    except (ValueError, KeyError, TypeError, binascii.Error):
        return None
    ok = len(values) == length and all(isinstance(v, str | int | datetime) for v in values)
    return values if ok else None
