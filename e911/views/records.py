"""Emergency records: the list, its export, and the page of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from e911 import operations, record_page
from e911.columns import EXPORT, SORTS, Column, allowed_columns, chosen_columns, fetch_rows
from e911.filters.records import RecordFilter
from e911.models import EmergencyRecord
from e911.rows import draw_rows
from e911.subjects import Subject, subject_or_404
from portal import brake, htmx, jobs, kept, posted
from portal.access import Request, requires
from portal.export import stream_csv
from portal.filtering import active_filters, asked, fitting
from portal.listing import PAGING_PARAMETERS, paginate, walk
from portal.models import ProviderAccount

VIEW = "e911.view_emergencyrecord"


@requires(VIEW)
def record_list(request: Request) -> HttpResponse:
    """Return the records that fit the filters of the address; a customer's numbers stand elsewhere."""
    if not request.user.is_staff_role:
        return redirect("e911:own-list")
    found = asked(request, lambda: _found(request))
    columns = chosen_columns(request)
    can_change = request.user.has_perm("e911.check_address")
    page = paginate(request, found.rows, SORTS, is_narrow=found.is_narrow, fetch=fetch_rows)
    response = kept.render_rows(
        request,
        ("e911/record_list.html", "e911/_record_table.html"),
        page,
        draw_rows(page.rows, columns, can_select=can_change),
        lambda: _list_context(request, columns, can_change=can_change),
        facts=columns if found.is_valid else None,
        left_out=["col", "more"],
    )
    if request.GET.getlist("col"):
        names = ".".join(column.name for column in columns)
        response.set_cookie("e911-columns", names, max_age=31_536_000, samesite="Lax")
    return response


def _list_context(
    request: Request, columns: Sequence[Column], *, can_change: bool
) -> dict[str, Any]:
    """Return what stands around the rows of the list."""
    found = _found(request, is_drawn=True)
    query = request.GET.copy()
    for name in (*PAGING_PARAMETERS, "size", "more"):
        query.pop(name, None)
    return {
        "filter": found,
        "more": "more" in request.GET,
        "columns": columns,
        "shown": {column.name for column in columns},
        "all_columns": allowed_columns(request.user),
        "chips": _chips(request, found),
        "query": query.urlencode(),
        "can_change": can_change,
        "can_sync": request.user.has_perm("e911.sync_records"),
    }


@requires(VIEW)
def record_export(request: Request) -> HttpResponseBase:
    """Return every record that fits the filters, in the columns of the E911 file."""
    names = {head: f"csv_{head}" for head in EXPORT}
    rows = fitting(_found(request)).annotate(
        **{names[head]: source for head, source in EXPORT.items()}
    )
    lines = walk(request, rows, SORTS, list(names.values()))
    return stream_csv("e911.csv", [*EXPORT, "operation"], ([*line, ""] for line in lines))


@requires("e911.sync_records")
@require_POST
def record_sync(request: Request) -> HttpResponse:
    """Ask every provider for its full list of records, a job for each account.

    With ``account`` that one alone, and then with ``force`` past the brake: for administrators.
    """
    chosen = posted.ids(request, "account")
    force = bool(chosen and request.POST.get("force"))
    if force and not request.user.has_perm(brake.OVERRULES):
        raise PermissionDenied("Only an administrator applies a list that the brake has stopped.")
    found = ProviderAccount.objects.usable().offering("e911_list")
    if "account" in request.POST:
        found = found.filter(pk__in=chosen)
    accounts = list(found.order_by("name"))
    refused = []
    for account in accounts:
        try:
            operations.sync_records(account, actor=request.user, force=force)
        except jobs.NotAccepted as refusal:
            refused.append(f"{account}: {refusal}")
    asked = len(accounts) - len(refused)
    if asked:
        messages.info(request, f"Lists are being read: {asked}. The records follow as they come.")
    for sentence in refused or ([] if asked else ["No provider account that has 911 is usable."]):
        messages.warning(request, sentence)
    return redirect("e911:record-list")


def _found(request: Request, *, is_drawn: bool = False) -> RecordFilter:
    visible = EmergencyRecord.objects.visible_to(request.user)
    return RecordFilter(
        request.GET, queryset=visible, user=request.user, drawn=None if is_drawn else ()
    )


def _chips(request: Request, found: RecordFilter) -> list[dict[str, str]]:
    chips = active_filters(request, found.LABELS)
    for chip in chips:
        chip["value"] = found.word(chip["name"], chip["value"])
    return chips


@requires(VIEW)
def record_detail(request: Request, tn: str) -> HttpResponse:
    """Return everything that is known of 911 on one number; other spellings lead to its address."""
    subject = subject_or_404(request.user, tn)
    if subject.tn != tn:
        return redirect("e911:record-detail", tn=subject.tn)
    return render(request, "e911/record_detail.html", _context(request, subject))


@requires(VIEW)
def record_live(request: Request, tn: str) -> HttpResponse:
    """Return the live part of a record's page while a job about it is open."""
    context = _context(request, subject_or_404(request.user, tn))
    if context["open_job"] is None:  # the last answer: it shows what was filed since the first read
        context = _context(request, subject_or_404(request.user, tn))
    return render(request, "e911/_record_live.html", context)


@requires("e911.refresh_emergencyrecord")
@require_POST
def record_refresh(request: Request, tn: str) -> HttpResponse:
    """Ask the provider what it has on the number, as a job."""
    subject = subject_or_404(request.user, tn)
    status = 200
    try:
        operations.read([record_page.record_for(subject)], actor=request.user)
    except jobs.NotAccepted as refusal:
        messages.error(request, str(refusal))
        status = 409
    if not htmx.wants_fragment(request):
        return redirect("e911:record-detail", tn=subject.tn)
    response = htmx.with_messages(request, "e911/_record_live.html", _context(request, subject))
    response.status_code = status
    return htmx.tell(response, job_changed={})


def _context(request: Request, subject: Subject) -> dict[str, Any]:
    return record_page.context(subject, request.user, all_events="all" in request.GET)
