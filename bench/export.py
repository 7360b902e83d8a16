"""The export of every number, beside PostgreSQL's own COPY of the same columns."""

from __future__ import annotations

import http.client
import time

from django.db import connection
from psycopg import sql

from bench import world
from bench.pages import Visitor
from bench.report import Row
from inventory.columns import export_columns
from inventory.models import TelephoneNumber
from portal.models import User

PART = "export"
PATH = "/numbers/export/"
MOST_TIMES = 4.0
SMALL = 10_000  # the export whose memory the big one's is held against


def copy_seconds(user: User) -> float:
    """Return the seconds that COPY TO takes for the export's query, its rows dropped on arrival."""
    columns = export_columns(user).values()
    query = TelephoneNumber.objects.order_by("tn", "pk").values_list(*columns).query
    text, params = query.sql_with_params()
    started = time.perf_counter()
    with connection.cursor() as cursor:
        bound = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(
            sql.SQL(cursor.mogrify(text, params))  # type: ignore[arg-type]
        )
        with cursor.copy(bound) as copy:
            for _ in copy:
                pass
    return time.perf_counter() - started


def measure(port: int, user: User, web_pid: int, *, repeat: int = 3) -> list[Row]:
    """Return the rows of the export: its time beside COPY, and the web server's memory."""
    visitor = Visitor(port, user)
    rows = TelephoneNumber.objects.count()
    servers = world.children_of(web_pid)
    before = _peak_of_export(visitor, servers, f"{PATH}?npa=312&npa=201")
    copies, exports = [], []
    for _ in range(repeat):
        copies.append(copy_seconds(user))
        seconds, answer, _ = visitor.get(PATH)
        assert answer.status == http.client.OK  # noqa: S101 - `get` has seen to it
        exports.append(seconds)
    after = max(world.peak_mb(pid) for pid in servers)
    best, bare = min(exports), min(copies)
    return [
        Row(
            part=PART,
            name="all numbers, beside COPY TO",
            rows=rows,
            ms=best * 1000,
            beside_ms=bare * 1000,
            ratio=best / bare,
            at_most=MOST_TIMES,
            peak_mb=after,
            note=f"a web process held {before:.0f} MB with a small export",
            more={"rows_per_second": rows / best},
        )
    ]


def _peak_of_export(visitor: Visitor, servers: list[int], path: str) -> float:
    """Return the most memory of a web process since an export began, in megabytes."""
    for pid in servers:
        world.forget_peak(pid)
    for _ in servers:
        visitor.get(path)
    return max(world.peak_mb(pid) for pid in servers)
