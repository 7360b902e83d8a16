"""Starting a port: the numbers, the pre-flight with its groups, the orders made of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal import htmx, jobs, kept
from portal.access import Request, get_visible_or_404, requires
from portal.export import stream_csv
from portal.jobs.submit import new_key
from portal.listing import Sort, paginate
from portal.tn import TN
from porting import operations, preflight_rows, start_page
from porting import preflight as rules
from porting.forms.start import PreflightForm
from porting.models import Preflight
from porting.services import preflights

CHECK, CHANGE = "porting.check_portability", "porting.change_portorder"
SORTS = [Sort(name="id", label="Newest", column="id", is_unique=True)]


@requires(CHECK)
def preflight_list(request: Request) -> HttpResponse:
    """Return the lists that were checked, the newest first; any of them can be gone back to."""
    visible = Preflight.objects.visible_to(request.user)
    page = paginate(request, visible, SORTS, default="-id", fetch=preflight_rows.fetch)
    names = ("porting/preflight_list.html", "porting/_preflight_table.html")
    return kept.render_rows(request, names, page, preflight_rows.draw(page.rows), dict)


@requires(CHECK)
def preflight_new(request: Request) -> HttpResponse:
    """Draw and take the numbers that should move to us; checking them charges nothing."""
    posted: Any = (request.POST, request.FILES) if request.method == "POST" else ()
    initial = {"key": new_key(), "numbers": request.GET.get("numbers", "")[:4000]}
    form = PreflightForm(*posted, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            preflight = operations.start_preflight(
                form.text,
                actor=request.user,  # type: ignore[arg-type]
                customer=form.cleaned_data["customer"],
                key=form.cleaned_data["key"],
                file_name=form.file_name,
            )
        except jobs.NotAccepted as refusal:
            form.add_error(None, str(refusal))
        else:
            return htmx.go(request, "porting:preflight-detail", pk=preflight.pk)
    context = {"form": form}
    status = 422 if form.is_bound else 200
    return render(request, "porting/preflight_form.html", context, status=status)


@requires(CHECK)
def preflight_detail(request: Request, pk: int) -> HttpResponse:
    """Return a list with what was found out so far; its live part alone for htmx."""
    preflight = _find(request, pk)
    context = start_page.context(preflight, request.user)
    if htmx.wants_fragment(request) and request.headers.get("Seen-Version") == context["version"]:
        return HttpResponse(status=204)
    name, fragment = "porting/preflight_detail.html", "porting/_preflight_live.html"
    return htmx.render(request, name, fragment, context)


@requires(CHANGE)
@require_POST
def preflight_orders(request: Request, pk: int) -> HttpResponse:
    """Make a draft of one group, or of all; one draft is opened at once."""
    preflight = _find(request, pk)
    picked = request.POST.getlist("group")
    orders = preflights.make_orders(preflight, actor=request.user, keys=picked or None)
    if not orders:
        messages.info(request, "These numbers are in orders already, so nothing was made.")
        return htmx.go(request, "porting:preflight-detail", pk=pk)
    if len(orders) == 1:
        messages.success(request, f"{orders[0]} is a draft. Fill in what the bill says.")
        return htmx.go(request, "porting:port-edit", pk=orders[0].pk)
    messages.success(request, f"{len(orders)} drafts are made. Fill in each of them.")
    return htmx.go(request, "porting:preflight-detail", pk=pk)


@requires(CHANGE)
@require_POST
def preflight_discard(request: Request, pk: int) -> HttpResponse:
    """Throw a list away; orders that were made of it stay."""
    preflight = _find(request, pk)
    preflights.discard(preflight, actor=request.user)
    messages.success(request, f"{preflight} is thrown away. Orders made of it stay.")
    return redirect("porting:preflight-list")


@requires(CHECK)
def preflight_aside(request: Request, pk: int) -> HttpResponseBase:
    """Return what is set aside as CSV, each entry with its reason."""
    preflight = _find(request, pk)
    head = ("number", "as_entered", "problem", "words", "advice")
    return stream_csv(f"set-aside-{preflight.pk}.csv", head, _rows(preflight))


def _rows(preflight: Preflight) -> Iterator[tuple[str, ...]]:
    for line in rules.aside(preflight):
        trouble = rules.PROBLEMS.get(line.problem)
        title, advice = (trouble.title, trouble.advice) if trouble else ("", "")
        yield (
            TN(line.tn).digits10 if line.tn.startswith("+1") else line.tn,
            line.text,
            title,
            line.words,
            advice,
        )


def _find(request: Request, pk: int) -> Preflight:
    rows = Preflight.objects.select_related("actor", "customer", "job")
    return get_visible_or_404(rows, request.user, pk=pk)
