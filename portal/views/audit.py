"""The audit log: who changed what, when, before and after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse

from portal import htmx
from portal.access import Request, requires
from portal.export import stream_csv
from portal.filters import AuditFilter
from portal.listing import Sort, active_filters, capped_count, fitting, paginate
from portal.models import AuditEntry

SORTS = [Sort(name="id", label="Newest", column="id", is_unique=True)]
LABELS = {
    "about": "About",
    "who": "Who",
    "verb": "What",
    "job": "Job",
    "since": "From",
    "until": "To",
}
HEAD = ["at", "who", "what", "object", "before", "after", "reason", "job", "request"]
CHUNK = 2000


@requires("portal.view_auditentry")
def audit_list(request: Request) -> HttpResponse:
    """Return the entries that fit the filters, newest first."""
    found = _filtered(request)
    rows = fitting(found)
    page = paginate(request, rows, SORTS, default="-id")
    for entry in page.rows:
        entry.changes = changes(entry)
        entry.url = address(entry)
    count, is_exact = capped_count(rows)
    context = {
        "filter": found,
        "page": page,
        "count": count,
        "count_is_exact": is_exact,
        "chips": active_filters(request, LABELS),
    }
    whole, fragment = "portal/audit_list.html", "portal/_audit_table.html"
    return htmx.render_list(request, whole, fragment, context)


@requires("portal.view_auditentry")
def audit_export(request: Request) -> StreamingHttpResponse:
    """Return exactly what the list shows, all of it, as CSV."""
    return stream_csv("audit.csv", HEAD, _rows(fitting(_filtered(request)).order_by("-id")))


def changes(entry: AuditEntry) -> list[tuple[str, Any, Any]]:
    """Return (field, before, after) for each field that an entry says something of."""
    names = list(dict.fromkeys([*entry.before, *entry.after]))
    pairs = [(name, entry.before.get(name), entry.after.get(name)) for name in names]
    return [(name, old, new) for name, old, new in pairs if old != new]


def address(entry: AuditEntry) -> str:
    """Return where the object of an entry can be looked at; empty where it has no page."""
    if entry.object_type == "inventory.telephonenumber":
        return reverse("inventory:tn-detail", args=[entry.object_text])
    if entry.object_type == "portal.provideraccount" and entry.object_id:
        return reverse("portal:provider-detail", args=[entry.object_id])
    if entry.object_type == "portal.job" and entry.object_id:
        return reverse("portal:job-detail", args=[entry.object_id])
    return ""


def _filtered(request: Request) -> AuditFilter:
    return AuditFilter(request.GET, queryset=AuditEntry.objects.visible_to(request.user))


def _rows(entries: Any) -> Iterator[list[Any]]:
    for entry in entries.iterator(chunk_size=CHUNK):
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
