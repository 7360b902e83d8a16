"""The audit log: who changed what, when, before and after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse

from portal import htmx
from portal.access import Request, requires
from portal.export import stream_csv
from portal.filters import AuditFilter
from portal.listing import Sort, active_filters, capped_count, paginate
from portal.models import AuditEntry

SORTS = [Sort(name="id", label="Newest", column="id", is_unique=True)]
LABELS = {
    "who": "Who",
    "verb": "What",
    "about": "About",
    "job": "Job",
    "since": "From",
    "until": "To",
}
HEAD = ["at", "who", "what", "object", "before", "after", "reason", "job", "request"]


@requires("portal.view_auditentry")
def audit_list(request: Request) -> HttpResponse:
    """Return the entries that fit the filters, newest first."""
    found = AuditFilter(request.GET, queryset=AuditEntry.objects.visible_to(request.user))
    page = paginate(request, found.qs, SORTS, default="-id")
    for entry in page.rows:
        entry.changes = changes(entry)
    count, is_exact = capped_count(found.qs)
    context = {
        "filter": found,
        "page": page,
        "count": count,
        "count_is_exact": is_exact,
        "chips": active_filters(request, LABELS),
    }
    return htmx.render(request, "portal/audit_list.html", "portal/_audit_table.html", context)


@requires("portal.view_auditentry")
def audit_export(request: Request) -> StreamingHttpResponse:
    """Return exactly what the list shows, all of it, as CSV."""
    found = AuditFilter(request.GET, queryset=AuditEntry.objects.visible_to(request.user))
    return stream_csv("audit.csv", HEAD, _rows(found.qs.order_by("-id")))


def changes(entry: AuditEntry) -> list[tuple[str, Any, Any]]:
    """Return (field, before, after) for each field that an entry says something of."""
    names = list(dict.fromkeys([*entry.before, *entry.after]))
    pairs = [(name, entry.before.get(name), entry.after.get(name)) for name in names]
    return [(name, old, new) for name, old, new in pairs if old != new]


def _rows(entries: Any) -> Iterator[list[Any]]:
    for entry in entries.iterator(chunk_size=2000):
        yield [
            entry.at.isoformat(timespec="seconds"),
            entry.actor_name,
            entry.verb,
            entry.object_text,
            json.dumps(entry.before),
            json.dumps(entry.after),
            entry.reason,
            entry.job_id,
            entry.request_id,
        ]
