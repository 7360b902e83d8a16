"""Lookups: what is known, asking for more with the price first, and what a job found."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render

from inventory import lookup_page, lookup_rows, selection
from inventory.filters.lookups import LookupFilter
from inventory.forms.lookups import LookupForm, sources
from inventory.models import Lookup
from inventory.operations.lookups import look_up
from portal import htmx, jobs, kept
from portal.access import Request, get_visible_or_404, requires
from portal.export import stream_csv
from portal.filtering import active_filters, asked, fitting
from portal.jobs.submit import new_key
from portal.listing import Sort, paginate
from portal.models import JobItem
from portal.operations import Problem
from portal.tn import TN

VIEW = "inventory.view_lookup"
KEPT_SORTS = [Sort(name="at", label="Newest", column="looked_up_at")]
ROW_SORTS = [Sort(name="row", label="Row", column="position", is_unique=True)]


@requires(VIEW)
def lookup_list(request: Request) -> HttpResponse:
    """Return the answers that are kept, newest first."""
    found = asked(request, lambda: _found(request, drawn=()))
    page = paginate(
        request,
        found.rows,
        KEPT_SORTS,
        default="-at",
        is_narrow=found.is_narrow,
        fetch=lookup_rows.fetch,
    )
    return kept.render_rows(
        request,
        ("inventory/lookup_list.html", "inventory/_lookup_table.html"),
        page,
        lookup_rows.draw(page.rows),
        lambda: {
            "filter": _found(request),
            "chips": active_filters(request, LookupFilter.LABELS),
            "can_look_up": request.user.has_perm("inventory.lookup_telephonenumber"),
        },
        facts=() if found.is_valid else None,
    )


@requires(VIEW)
def lookup_export(request: Request) -> HttpResponseBase:
    """Return the answers that fit the filters as CSV."""
    rows = fitting(_found(request)).order_by("-looked_up_at", "-id")
    return stream_csv("lookups.csv", lookup_page.KEPT_HEAD, lookup_page.kept_table(rows))


@requires("inventory.lookup_telephonenumber")
def lookup_new(request: Request) -> HttpResponse:
    """Draw the form; with numbers in it say what they would cost; once confirmed, ask."""
    found = sources(request.user)
    values = _posted(request) if request.method == "POST" else _from_link(request, found)
    chosen, problems = _chosen(request) if values is None else ("", [])
    form = LookupForm(values, found=found, initial={"key": new_key(), "numbers": chosen})
    context: dict[str, Any] = {"form": form, "sources": found, "problems": problems}
    if values is None:
        return render(request, "inventory/lookup_form.html", context)
    if not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "inventory/lookup_form.html", context, status=status)
    seen = lookup_page.plan(form)
    context |= {"plan": seen, "key": form.cleaned_data["key"] or new_key()}
    status = 409 if seen.problem else 200
    if request.method == "POST" and values.get("step") == "confirm" and not seen.problem:
        try:
            return htmx.go(request, "inventory:lookup-detail", pk=_submit(request, form))
        except jobs.NotAccepted as refusal:
            context["problems"], status = refusal.problems, 409
    return render(request, "inventory/lookup_form.html", context, status=status)


@requires(VIEW)
def lookup_detail(request: Request, pk: int) -> HttpResponse:
    """Return what a job found, row by row, while it runs and afterwards."""
    job = get_visible_or_404(lookup_page.visible_jobs(request.user), request.user, pk=pk)
    word = request.GET.get("only", "")
    items = lookup_page.only(JobItem.objects.filter(job=job), word)
    page = paginate(request, items, ROW_SORTS, default="row")
    context = {
        "job": job,
        "kind": lookup_page.KINDS_BY_OPERATION[job.kind],
        "page": page,
        "only": word,
        "rows": lookup_rows.draw_items(lookup_page.rows(job, page.rows)),
        "count": items.count(),
        "count_is_exact": True,
        "lost": lookup_page.lost(job),
        "can_look_up": request.user.has_perm("inventory.lookup_telephonenumber"),
    }
    return htmx.render(
        request, "inventory/lookup_detail.html", "inventory/_lookup_rows.html", context
    )


@requires(VIEW)
def lookup_rows_csv(request: Request, pk: int) -> HttpResponseBase:
    """Return every row of a job with its answer as CSV."""
    job = get_visible_or_404(lookup_page.visible_jobs(request.user), request.user, pk=pk)
    head = lookup_page.columns(lookup_page.KINDS_BY_OPERATION[job.kind])
    return stream_csv(f"lookups-job-{job.pk}.csv", head, lookup_page.table(job))


def _found(request: Request, drawn: Collection[str] | None = None) -> LookupFilter:
    visible = Lookup.objects.visible_to(request.user)
    return LookupFilter(request.GET, queryset=visible, request=request, drawn=drawn)


def _from_link(request: Request, found: list[Any]) -> dict[str, str] | None:
    """Return the form's values that a link carries: a kind and numbers; None without them."""
    numbers, kind = request.GET.get("numbers", ""), request.GET.get("kind", "")
    if not numbers:
        return None
    fitting_kind = [source.key for source in found if source.kind.name == kind]
    return {"numbers": numbers, "what": fitting_kind[0] if fitting_kind else ""}


def _chosen(request: Request) -> tuple[str, list[Problem]]:
    """Return the numbers that the list sends, a line each, and why they are too many."""
    if "tn" not in request.GET and request.GET.get("all") != "1":
        return "", []
    chosen = selection.read(request, limit=settings.LOOKUP_JOB_LIMIT)
    if chosen.problem:
        return "", [Problem(message=chosen.problem)]
    return "\n".join(TN(tn).pretty for tn in chosen.tns()), []


def _posted(request: Request) -> QueryDict:
    """Return the form's values; “look up again” ticks its box."""
    if request.POST.get("step") != "again":
        return request.POST
    values = request.POST.copy()
    values["again"] = "on"
    return values


def _submit(request: Request, form: LookupForm) -> int:
    answers = form.cleaned_data
    job = look_up(
        form.source.kind,
        form.tns,
        account=form.source.account,
        actor=request.user,
        key=answers["key"] or None,
        caller=answers["caller"],
        again=answers["again"],
    )
    return job.pk
