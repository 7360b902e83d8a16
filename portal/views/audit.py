"""The audit log: who changed what, when, before and after."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse

from portal import kept, row_drawing
from portal.access import Request, requires
from portal.export import stream_csv
from portal.filtering import active_filters, asked, fitting, name_of
from portal.filters import AuditFilter
from portal.listing import Sort, paginate
from portal.models import AuditEntry, Customer

SORTS = [Sort(name="id", label="Newest", column="id", is_unique=True)]
LABELS = {
    "about": "About",
    "who": "Who",
    "verb": "What",
    "job": "Job",
    "customer": "Customer",
    "since": "From",
    "until": "To",
}
HEAD = ["at", "who", "what", "object", "before", "after", "reason", "job", "request"]
CHUNK = 2000


@requires("portal.view_auditentry")
def audit_list(request: Request) -> HttpResponse:
    """Return the entries that fit the filters, newest first."""
    found = asked(request, lambda: _filtered(request, drawn=()))
    page = paginate(
        request,
        found.rows,
        SORTS,
        default="-id",
        is_narrow=found.is_narrow,
        fetch=row_drawing.fetch_entries,
    )

    return kept.render_rows(
        request,
        ("portal/audit_list.html", "portal/_audit_table.html"),
        page,
        row_drawing.draw_entries(page.rows),
        lambda: {
            "filter": _filtered(request),
            "chips": _chips(request),
            "query": kept.slot("query"),
        },
        facts=() if found.is_valid else None,
        parts={"query": request.GET.urlencode()},
    )


@requires("portal.view_auditentry")
def audit_export(request: Request) -> StreamingHttpResponse:
    """Return exactly what the list shows, all of it, as CSV."""
    return stream_csv("audit.csv", HEAD, _rows(fitting(_filtered(request)).order_by("-id")))


def _filtered(request: Request, drawn: Collection[str] | None = None) -> AuditFilter:
    visible = AuditEntry.objects.visible_to(request.user)
    return AuditFilter(request.GET, queryset=visible, drawn=drawn)


def _chips(request: Request) -> list[dict[str, str]]:
    chips = active_filters(request, LABELS)
    for chip in chips:
        if chip["name"] == "customer":
            chip["value"] = name_of(Customer, request.user, chip["value"])
    return chips


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
