"""Finding numbers: the form, where there is stock, and the results as they arrive."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST

from inventory import regions, results, stock
from inventory.forms.search import SearchForm
from inventory.models import CartLine, NumberSearch
from inventory.operations.search import ask_again, start_search
from portal import htmx, jobs, posted
from portal.access import Request, get_visible_or_404, requires
from portal.export import stream_csv
from portal.jobs.submit import new_key
from portal.models import ProviderAccount

PERMISSION = "inventory.search_stock"


@requires(PERMISSION)
def find(request: Request) -> HttpResponse:
    """Draw the search form, filled from the address; take it and start the search."""
    if request.method != "POST":
        filled = SearchForm.initial_from(request.GET) | {"key": new_key()}
        form = SearchForm(user=request.user, initial=filled)
        return render(request, "inventory/find.html", _find_context(request, form))
    form = SearchForm(request.POST, user=request.user)
    if not form.is_valid():
        page, fragment = "inventory/find.html", "inventory/_search_form.html"
        return htmx.render(request, page, fragment, _find_context(request, form), status=422)
    search = start_search(
        form.criteria(),
        actor=request.user,
        accounts=list(form.cleaned_data["accounts"]),
        key=form.cleaned_data["key"],
        typed=form.typed(),
        is_extended=form.cleaned_data["is_extended"],
        needs=form.needs(),
    )
    return htmx.go(request, "inventory:search-detail", pk=search.pk)


@requires(PERMISSION)
def find_stock(request: Request) -> HttpResponse:
    """Return the panel of places where there is stock; a POST has the providers asked."""
    region = (request.POST.get("state") or request.GET.get("state") or "").upper()
    region = region if region in regions.NAMES else ""
    if request.method == "POST" and not stock.fetch(
        region, actor=request.user, key=posted.key_or_new(request)
    ):
        messages.warning(
            request, "No provider account can tell where it has numbers. Nobody was asked."
        )
    if not htmx.wants_fragment(request):
        return redirect(results.form_url({"state": region} if region else {}))
    context = stock.context(region, user=request.user)
    return render(request, "inventory/_find_stock.html", context)


@requires(PERMISSION)
def search_detail(request: Request, pk: int) -> HttpResponse:
    """Return a search with what the providers offered so far, sorted as the address asks."""
    search = _search(request, pk)
    context = results.page_context(request, search) | {
        "chips": results.chips(search),
        "change_url": results.form_url(results.typed(search)),
        "typed": _flat(results.typed(search)),
    }
    return htmx.render(
        request, "inventory/search_detail.html", "inventory/_search_results.html", context
    )


@requires(PERMISSION)
def search_results(request: Request, pk: int) -> HttpResponse:
    """Return the live part of a search; nothing (204) while it is what the page shows already."""
    search = _search(request, pk)
    if not htmx.wants_fragment(request):
        return redirect("inventory:search-detail", pk=pk)
    found = results.parts(search)
    if request.headers.get("Seen-Version") == results.version(found):
        response = HttpResponse(status=204)
    else:
        context = results.page_context(request, search)
        response = render(request, "inventory/_search_results.html", context)
        if not any(part.is_open for part in found):
            htmx.tell(response, job_finished={"id": search.job_id})
    patch_vary_headers(response, ["Seen-Version", "HX-Request"])
    return response


@requires(PERMISSION)
def search_export(request: Request, pk: int) -> HttpResponseBase:
    """Return what a search found, of one provider account where the address names it, as CSV."""
    search = _search(request, pk)
    names = ("tn", "account__name", "rate_center", "city", "region", "lata", "tier")
    rows = results.offers(search, request.GET.get("account", "")).order_by("tn")
    values = rows.values_list(*names, "features", "monthly_cost", "setup_cost", "seen_at")
    head = ["number", "provider", "rate_center", "city", "state", "lata", "tier"]
    lines = ((*row[:7], " ".join(row[7]), *row[8:]) for row in values.iterator(chunk_size=1000))
    return stream_csv(
        f"search-{search.pk}.csv", [*head, "features", "monthly", "one_off", "seen"], lines
    )


@requires(PERMISSION)
@require_POST
def search_ask(request: Request, pk: int) -> HttpResponse:
    """Ask one provider account again; what the others offered stays."""
    search = _search(request, pk)
    wanted = request.POST.get("account", "")
    account = get_visible_or_404(ProviderAccount, request.user, pk=wanted)
    try:
        ask_again(search, account, actor=request.user, key=posted.key_or_new(request))
    except jobs.NotAccepted as refusal:
        for problem in refusal.problems:
            messages.error(request, f"{problem.message} {problem.advice}".strip())
        return htmx.go(request, "inventory:search-detail", pk=pk)
    if htmx.wants_fragment(request):
        context = results.page_context(request, search)
        return render(request, "inventory/_search_results.html", context)
    return redirect("inventory:search-detail", pk=pk)


def _search(request: Request, pk: int) -> NumberSearch:
    return get_visible_or_404(NumberSearch.objects.select_related("job"), request.user, pk=pk)


def _find_context(request: Request, form: SearchForm) -> dict[str, Any]:
    region = str(form["state"].value() or "")
    return {
        "form": form,
        "recent": [
            {"search": search, "chips": results.chips(search)}
            for search in results.recent(request.user)
        ],
        "cart_count": CartLine.objects.visible_to(request.user).count(),
        "providers_url": reverse("portal:provider-list"),
        **stock.context(region, user=request.user),
    }


def _flat(values: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what was typed as the hidden fields of a form that searches once more."""
    return [
        (name, one)
        for name, value in values.items()
        for one in (value if isinstance(value, list) else [value])
    ]
