"""Lists: sort, keyset paging and cheap counts, for tables of a million rows.

A page is found by comparing the row (sort value, id) with a cursor, so that page 20,000 costs what
page 1 costs. Counts are exact to `COUNT_CAP` and then read "10,000+".
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import F, Func, Value
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from portal import jump
from portal.keyset import Range, Source, Statements

Fetch = Callable[[Sequence[Any], str], list[Any]]  # keys and their column → rows, in their order

COUNT_CAP = 10_000
PAGE_SIZES = (25, 50, 100, 250)
DEFAULT_SIZE = 50
SIZE_COOKIE = "rows"  # the size that somebody asked for last, on any list
_MOST_ID = 2**63 - 1
PAGING_PARAMETERS = ("after", "before", "last", "at")


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
    jump: jump.Kind = ""  # how a text leads to a place in it


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
    sizes: tuple[tuple[int, str], ...] = ()  # rows that a page can have, the query "" for this one
    jump_hint: str = ""  # what can be typed to jump; empty where nothing can
    jump_fields: tuple[tuple[str, str], ...] = ()  # what a form that jumps carries along
    count: int = 0  # of all pages, where they were fetched by key
    is_exact: bool = True  # else there are more than `COUNT_CAP`, which is what `count` says


def paginate(
    request: HttpRequest,
    queryset: models.QuerySet[Any] | Statements,
    sorts: Sequence[Sort],
    *,
    default: str = "",
    is_narrow: bool = False,
    fetch: Fetch | None = None,
    changed: str = "",
    total: int | None = None,
) -> Page:
    """Return the page of `queryset` that the address asks for.

    Reads ``sort``, ``size``, ``after``, ``before``, ``last`` and ``at`` from the query, the size else
    from a cookie; a value that makes no sense falls back to the first page in the default order, a
    place beyond the end to the last page. Runs one query. With `fetch` the rows are what it returns
    for their keys (of `pk`, or of a unique sort column), and the page is counted: two queries or
    three. `is_narrow` says that filters may have left few rows: at most `COUNT_CAP` are found before
    they are sorted, instead of going through the table in the order of the sort until enough were
    met. `changed` is that of `Source`; `total` is the exact count, where it is known already.
    """
    place = _place(request, sorts, default)
    size = _size(request)
    count, is_exact = total or 0, True
    statements = queryset if isinstance(queryset, Statements) else Statements(queryset)
    if fetch is None:
        rows = _rows(statements.queryset, place, size + 1)
    else:
        source = Source(statements, place.columns, COUNT_CAP, changed=changed)
        rows, count, is_exact = _counted(
            source, place, size + 1, fetch, is_narrow=is_narrow, total=total
        )
    if not rows and place.cursor is not None:
        edge = _at_edge(request, is_last=not place.is_backwards)
        return paginate(
            edge,
            statements,
            sorts,
            default=default,
            is_narrow=is_narrow,
            fetch=fetch,
            changed=changed,
            total=total,
        )
    has_more = len(rows) > size
    rows = rows[:size]
    if place.is_backwards:
        rows.reverse()
    is_inside = place.cursor is not None
    has_next = (is_inside if place.is_backwards else has_more) and bool(rows)
    has_previous = (has_more if place.is_backwards else is_inside) and bool(rows)
    before = encode_cursor(rows[0], place.columns) if has_previous else ""
    after = encode_cursor(rows[-1], place.columns) if has_next else ""
    kind = place.sort.jump if before or after else ""
    return Page(
        rows=rows,
        size=size,
        sort=f"-{place.sort.name}" if place.is_descending else place.sort.name,
        first_query=_query(request),
        previous_query=_query(request, before=before) if before else "",
        next_query=_query(request, after=after) if after else "",
        last_query=_query(request, last="1") if after else "",
        sizes=_sizes(request, size) if before or after or len(rows) > PAGE_SIZES[0] else (),
        jump_hint=jump.HINTS[kind] if kind else "",
        jump_fields=_fields(request) if kind else (),
        count=count,
        is_exact=is_exact,
    )


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where in a sorted list a page begins, and which way it goes from there."""

    sort: Sort
    is_descending: bool
    is_backwards: bool
    cursor: list[Any] | None
    operator: str  # of the row comparison with the cursor

    @property
    def columns(self) -> list[str]:
        return _key(self.sort)

    @property
    def order(self) -> list[str]:
        is_down = self.is_descending != self.is_backwards
        return [f"-{name}" if is_down else name for name in self.columns]


def _place(request: HttpRequest, sorts: Sequence[Sort], default: str) -> _Place:
    sort, descending = _sort(request, sorts, default)
    told = request.GET.get("before") or request.GET.get("after", "")
    cursor = _decode(told, len(_key(sort)))
    backwards = "last" in request.GET or ("before" in request.GET and cursor is not None)
    at = jump.bound(sort.jump, request.GET.get("at", ""), is_descending=descending)
    is_jump = at is not None and cursor is None and not backwards
    if is_jump:
        cursor = [at] if sort.is_unique else [at, _MOST_ID if descending else 0]
    operator = ">" if descending == backwards else "<"
    return _Place(
        sort=sort,
        is_descending=descending,
        is_backwards=backwards,
        cursor=cursor,
        operator=f"{operator}=" if is_jump else operator,
    )


def _rows(queryset: models.QuerySet[Any], place: _Place, count: int) -> list[Any]:
    rows = queryset.order_by(*place.order)
    if place.cursor is not None:
        rows = rows.filter(RowCompare(place.columns, place.operator, place.cursor))
    return list(rows[:count])


def _counted(
    source: Source,
    place: _Place,
    count: int,
    fetch: Fetch,
    *,
    is_narrow: bool,
    total: int | None,
) -> tuple[list[Any], int, bool]:
    """Return the rows beyond a place, how many there are in all, and whether that is exact."""
    wanted = Range(columns=place.columns, operator=place.operator, cursor=place.cursor, count=count)
    key = place.columns[-1]
    if is_narrow and not source.is_common():
        keys, told = source.few(wanted)
        if told is not None:
            return fetch(keys, key), told, True
    rows = fetch(source.walk(wanted), key)
    return (rows, *source.count()) if total is None else (rows, total, True)


def _at_edge(request: HttpRequest, *, is_last: bool) -> HttpRequest:
    """Return the request for the first or the last page of the same list."""
    query: Any = request.GET.copy()
    _drop_cursor(query)
    if is_last:
        query["last"] = "1"
    asked = copy(request)
    asked.GET = query
    return asked


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
    return Source(Statements(queryset), ["pk"], cap).count()


def capped_counts(*querysets: models.QuerySet[Any], cap: int = COUNT_CAP) -> list[int]:
    """Return how many rows each has, all in one query; `cap` + 1 stands for more than `cap`."""
    selected: list[str] = []
    params: list[Any] = []
    for queryset in querysets:
        try:
            sql, own = queryset.order_by().values("pk")[: cap + 1].query.sql_with_params()
        except EmptyResultSet:
            selected.append("0")
            continue
        selected.append(f"(SELECT count(*) FROM ({sql}) counted)")  # noqa: S608 (Django's own)
        params.extend(own)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(selected)}", params)
        return list(cursor.fetchone())


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


def sort_of(
    request: HttpRequest, sorts: Sequence[Sort], default: str = ""
) -> tuple[Sort, bool, list[str]]:
    """Return the sort that the address asks for, whether it goes down, and the columns it is by."""
    sort, is_descending = _sort(request, sorts, default)
    return sort, is_descending, _key(sort)


def _sort(request: HttpRequest, sorts: Sequence[Sort], default: str) -> tuple[Sort, bool]:
    by_name = {sort.name: sort for sort in sorts}
    for asked in (request.GET.get("sort", ""), default):
        if (name := asked.removeprefix("-")) in by_name:
            return by_name[name], asked.startswith("-")
    return sorts[0], False


def _key(sort: Sort) -> list[str]:
    return [sort.column] if sort.is_unique else [sort.column, "pk"]


def asked_size(request: HttpRequest) -> int:
    """Return how many rows the address asks for; 0 where it does not, or makes no sense."""
    return _SIZES.get(request.GET.get("size", ""), 0)


_SIZES = {str(size): size for size in PAGE_SIZES}


def _size(request: HttpRequest) -> int:
    remembered = _SIZES.get(request.COOKIES.get(SIZE_COOKIE, ""), DEFAULT_SIZE)
    return asked_size(request) or remembered


def _sizes(request: HttpRequest, size: int) -> tuple[tuple[int, str], ...]:
    return tuple((n, "" if n == size else _query(request, size=str(n))) for n in PAGE_SIZES)


def _drop_cursor(query: Any) -> None:
    for name in PAGING_PARAMETERS:
        query.pop(name, None)


def _query(request: HttpRequest, **cursor: str) -> str:
    query = request.GET.copy()
    _drop_cursor(query)
    for name, value in cursor.items():
        query[name] = value
    return query.urlencode() or "sort="


def _fields(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    query = request.GET.copy()
    _drop_cursor(query)
    return tuple((name, value) for name, values in query.lists() for value in values if value)


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
