"""Routes: the list, one route, switching it, and gateways of one's own."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from inventory import route_changes, route_counts, route_rows, standing
from inventory.forms.routes import GatewayForm, RouteFilter, TypedForm, gateway_initial
from inventory.models import Finding, Route
from inventory.operations.accounts import SyncRoutes
from inventory.services import routes as services_routes
from portal import jobs, kept, providers, told_words
from portal.access import Request, get_visible_or_404, requires
from portal.export import stream_csv
from portal.filtering import active_filters, asked, fitting, name_of
from portal.jobs.submit import new_key
from portal.listing import Sort, paginate
from portal.models import Job, ProviderAccount
from portal.operations import Problem

CHANGES = "inventory.configure_route"
SORTS = [
    Sort(name="name", label="Name", column="name"),
    Sort(name="ref", label="Reference", column="provider_ref"),
]
NUMBERS_SHOWN = 12


@requires("portal.view_provideraccount")
def route_list(request: Request) -> HttpResponse:
    """Return the routes of all accounts that fit the filters, with how many numbers go there."""
    found = asked(request, lambda: _found(request, drawn=()))
    page = paginate(request, found.rows, SORTS, is_narrow=True, fetch=route_rows.fetch_routes)
    ids = [row["id"] for row in page.rows]
    counts = route_counts.remembered(services_routes.numbers_on, ids)
    stand = standing.of(SyncRoutes.kind)
    return kept.render_rows(
        request,
        ("inventory/route_list.html", "inventory/_route_table.html"),
        page,
        route_rows.draw_routes(page.rows, counts),
        lambda: _around(request, stand),
        facts=stand if found.is_valid else None,
        parts={"query": request.GET.urlencode()},
    )


def _around(request: Request, stand: standing.Standing) -> dict[str, Any]:
    return {
        "filter": _found(request),
        "chips": _chips(request),
        "query": kept.slot("query"),
        "tab": "routes",
        "asked": stand.asked,
        "accounts": [account for account in stand.accounts if account.offers("gateway_editing")],
        "can_change": request.user.has_perm(CHANGES),
        "can_sync": request.user.has_perm("inventory.sync_account"),
    }


def _found(request: Request, drawn: Collection[str] | None = None) -> RouteFilter:
    visible = Route.objects.visible_to(request.user)
    return RouteFilter(request.GET, queryset=visible, user=request.user, drawn=drawn)


def _chips(request: Request) -> list[dict[str, str]]:
    chips = active_filters(request, RouteFilter.LABELS)
    words = dict(RouteFilter.STATES + RouteFilter.KINDS)
    for chip in chips:
        if chip["name"] == "account":
            chip["value"] = name_of(ProviderAccount, request.user, chip["value"])
        elif chip["name"] in {"state", "kind"}:
            chip["value"] = words.get(chip["value"], chip["value"])
    return chips


@requires("portal.view_provideraccount")
def route_export(request: Request) -> HttpResponseBase:
    """Return the routes that fit the filters as CSV."""
    rows = fitting(_found(request))
    head = ["account", "reference", "name", "kind", "active", "missing_since", "checked"]
    names = ("account__name", "provider_ref", "name", "kind", "is_active", "missing_since")
    values = rows.order_by("account__name", "name").values_list(*names, "synced_at")
    return stream_csv("routes.csv", head, values.iterator(chunk_size=1000))


@requires("inventory.sync_account")
@require_POST
def route_refresh(request: Request) -> HttpResponse:
    """Ask every account (or the one that was named) for its routes."""
    accounts = ProviderAccount.objects.visible_to(request.user).usable()
    if wanted := request.POST.get("account"):
        accounts = accounts.filter(
            pk=get_visible_or_404(ProviderAccount, request.user, pk=wanted).pk
        )
    asked = 0
    for account in accounts.offering("route_list"):
        route_changes.read(SyncRoutes.kind, account, actor=request.user)
        asked += 1
    if asked:
        noun = "account is" if asked == 1 else "accounts are"
        messages.info(request, f"{asked} {noun} asked for routes.")
    else:
        messages.warning(request, "No account that can be asked is switched on.")
    return redirect("inventory:route-list")


@requires("portal.view_provideraccount")
def route_detail(request: Request, pk: int) -> HttpResponse:
    """Return one route: what the provider tells of it, its numbers, and what differs."""
    return render(request, "inventory/route_detail.html", _context(request, _route(request, pk)))


def _context(request: Request, route: Route) -> dict[str, Any]:
    slug, user = route.account.slug, request.user
    count = services_routes.numbers_on([route.pk]).get(route.pk, 0)
    can = user.has_perm(CHANGES)
    is_there = route.missing_since is None
    may_edit = can and is_there and not route.is_system
    differs = Finding.objects.live().filter(account=route.account, kind="value", field="route")
    return {
        "route": route,
        "details": told_words.told(route.details),
        "count": count,
        "count_words": services_routes.count_words(count),
        "numbers": services_routes.numbers_of(route.account, route.provider_ref)[:NUMBERS_SHOWN],
        "wanted_elsewhere": differs.filter(theirs=route.provider_ref)[:NUMBERS_SHOWN],
        "wanted_here": differs.filter(ours=route.provider_ref)[:NUMBERS_SHOWN],
        "open_jobs": _open_jobs(route),
        "can_read": user.has_perm("inventory.sync_account")
        and providers.offers(slug, "route_read"),
        "can_switch": can and is_there and providers.offers(slug, "route_switch"),
        "can_edit": may_edit and providers.offers(slug, "gateway_editing"),
        "why_no_switch": providers.why_not(slug, "route_switch"),
        "why_no_edit": providers.why_not(slug, "gateway_editing"),
        "is_default": _is_default(route),
    }


def _open_jobs(route: Route) -> Any:
    target = route_changes.target("route", route.account, route.provider_ref)
    return Job.objects.open().filter(items__target=target, account=route.account)


def _is_default(route: Route) -> bool:
    """Return whether the account's settings name it as where new numbers go."""
    names = ("endpoint_group", "route", "package_id", "template")
    return any(str(route.account.settings.get(n) or "") == route.provider_ref for n in names)


@requires("inventory.sync_account")
@require_POST
def route_read(request: Request, pk: int) -> HttpResponse:
    """Ask the provider about one route."""
    route = _route(request, pk)
    try:
        job = route_changes.read_route(route, actor=request.user)
    except jobs.NotAccepted as refusal:
        messages.error(request, str(refusal))
        return redirect("inventory:route-detail", pk=route.pk)
    return redirect("portal:job-detail", pk=job.pk)


@requires(CHANGES)
def route_switch(request: Request, pk: int) -> HttpResponse:
    """Confirm and submit switching a route off (typed) or on.

    The form says which of the two was confirmed: a colleague may have switched it meanwhile.
    """
    route = _route(request, pk)
    data = request.POST if request.method == "POST" else None
    turns_on = data.get("to") == "on" if data else not route.is_active
    expected = "" if turns_on else route.provider_ref
    form = TypedForm(data, expected=expected, initial={"key": new_key()})
    context = _context(request, route) | {"form": form, "turns_on": turns_on}

    def send() -> Job:
        given = form.cleaned_data
        return route_changes.switch(
            route,
            is_active=turns_on,
            actor=request.user,
            key=given["key"],
            reason=given["reason"],
        )

    return submitted(request, form, send, "inventory/route_switch.html", context)


@requires(CHANGES)
def gateway_new(request: Request, pk: int) -> HttpResponse:
    """Draw and take the form of a new gateway at an account."""
    account = get_visible_or_404(ProviderAccount, request.user, pk=pk)
    return _gateway_form(request, account, None)


@requires(CHANGES)
def gateway_edit(request: Request, pk: int) -> HttpResponse:
    """Draw and take the form of a gateway."""
    route = _route(request, pk)
    return _gateway_form(request, route.account, route)


def _gateway_form(request: Request, account: ProviderAccount, route: Route | None) -> HttpResponse:
    initial = (gateway_initial(route) if route else {}) | {"key": new_key()}
    data = request.POST if request.method == "POST" else None
    form = GatewayForm(data, route=route, initial=initial)
    context = {
        "account": account,
        "route": route,
        "form": form,
        "why_not": providers.why_not(account.slug, "gateway_editing"),
    }

    def send() -> Job:
        values = form.values(before=route)
        if not values:
            raise jobs.NotAccepted([Problem(message="Nothing differs, so nothing was sent.")])
        return route_changes.save_gateway(
            account, values, route=route, actor=request.user, key=form.cleaned_data["key"]
        )

    return submitted(request, form, send, "inventory/route_form.html", context)


@requires(CHANGES)
def gateway_remove(request: Request, pk: int) -> HttpResponse:
    """Confirm and submit removing a gateway; refused while numbers are on it."""
    route = _route(request, pk)
    data = request.POST if request.method == "POST" else None
    form = TypedForm(data, expected=route.provider_ref, initial={"key": new_key()})
    context = _context(request, route) | {"form": form}

    def send() -> Job:
        key = form.cleaned_data["key"]
        return route_changes.remove_gateway(route, actor=request.user, key=key)

    return submitted(request, form, send, "inventory/route_remove.html", context)


def submitted(
    request: Request,
    form: Any,
    send: Callable[[], Job],
    template: str,
    context: dict[str, Any],
) -> HttpResponse:
    """Send a valid form and lead to its job; else draw the page with what stands against it."""
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            return redirect("portal:job-detail", pk=send().pk)
        except jobs.NotAccepted as refusal:
            context["problems"] = refusal.problems
            status = 409
    return render(request, template, context, status=status)


def _route(request: Request, pk: int) -> Route:
    return get_visible_or_404(Route.objects.select_related("account"), request.user, pk=pk)
