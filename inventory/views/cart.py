"""The cart: what is about to be ordered, held at the providers where they hold."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from inventory import adding, results, services
from inventory import cart as cart_page
from inventory.forms.cart import AddAllForm
from inventory.forms.order import OrderForm
from inventory.models import CartLine, NumberSearch, OrderPreset, SearchOffer
from inventory.operations.accounts import SyncRoutes
from inventory.operations.reserve import reserve
from portal import htmx, jobs, posted, providers
from portal.access import Request, get_visible_or_404, requires
from portal.jobs.submit import new_key
from portal.tn import TN

PERMISSION = "inventory.order_telephonenumber"
REMOVED = "cart_removed"  # session key: what was taken out last, until it is put back
MOST_KEPT = 100  # lines there: a session is read with every request


@requires("inventory.reserve_telephonenumber")
@require_POST
def cart_add(request: Request, pk: int) -> HttpResponse:
    """Put chosen offers of a search into the cart and have them held where that is possible."""
    search = _search(request, pk)
    chosen = results.for_sale(search, request.GET.get("account", ""))
    if not request.POST.get("all"):
        picked = posted.ids(request, "offer")
        chosen = results.offers(search).filter(pk__in=picked)
    elif chosen.count() >= adding.ASK_FROM:
        return htmx.go(request, _with_query(request, "inventory:cart-add-all", pk))
    count = _add(request, search, list(chosen), posted.key_or_new(request))
    return _results(request, search, added=count)


@requires("inventory.reserve_telephonenumber")
def cart_add_all(request: Request, pk: int) -> HttpResponse:
    """Say what it means to put everything into the cart that a search found and, confirmed, do it."""
    search = _search(request, pk)
    chosen = adding.one_of_each(results.for_sale(search, request.GET.get("account", "")))
    free = chosen.count()
    form = AddAllForm(request.POST or None, free=free, initial={"most": free, "key": new_key()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        _add(request, search, list(chosen[: given["most"]]), given["key"])
        return redirect(_with_query(request, "inventory:search-detail", pk))
    context = {
        "search": search,
        "free": free,
        "shares": adding.shares(chosen),
        "form": form,
        "back_url": _with_query(request, "inventory:search-detail", pk),
    }
    status = 422 if form.is_bound else 200
    return render(request, "inventory/cart_add_all.html", context, status=status)


@requires("inventory.reserve_telephonenumber")
@require_POST
def cart_add_undo(request: Request, pk: int) -> HttpResponse:
    """Take out of the cart what was put into it last from a search."""
    search = _search(request, pk)
    lines = adding.added(request.session, request.user, search)
    request.session.pop(adding.ADDED, None)
    if lines is None:
        messages.warning(request, "What was added is no longer in your cart. Nothing was changed.")
    else:
        count = len(services.remove_from_cart(list(lines)))
        words = "1 number is" if count == 1 else f"{count:,} numbers are"
        messages.info(
            request, f"{words} out of the cart again. A hold at a provider runs out by itself."
        )
    return _results(request, search)


@requires(PERMISSION)
def cart(request: Request) -> HttpResponse:
    """Return the cart with what is to be decided before the preview."""
    accounts = cart_page.accounts(request.user)
    form = OrderForm(user=request.user, accounts=accounts, initial=request.GET.dict())
    context = page_context(request, form)
    return htmx.render(request, "inventory/cart.html", "inventory/_cart_lines.html", context)


@requires(PERMISSION)
def cart_lines(request: Request) -> HttpResponse:
    """Return the live part of the cart; nothing (204) while it is what the page shows already."""
    if not htmx.wants_fragment(request):
        return redirect("inventory:cart")
    context = cart_page.context(request)
    if request.headers.get("Seen-Version") == context["version"]:
        return HttpResponse(status=204)
    return render(request, "inventory/_cart_lines.html", context | _live_context(request))


@requires(PERMISSION)
@require_POST
def cart_remove(request: Request) -> HttpResponse:
    """Take lines out of the cart, those chosen or all of an account.

    Not too many can be put back, as long as nobody else took them.
    """
    lines = _chosen(request)
    if posted.is_id(account := request.POST.get("account", "")):
        everything = CartLine.objects.visible_to(request.user).filter(account=int(account))
        lines = list(everything.select_related("account"))
    kept = services.remove_from_cart(lines)
    request.session[REMOVED] = kept if len(kept) <= MOST_KEPT else []
    if len(kept) > MOST_KEPT:
        words = f"{len(kept):,} numbers are out of the cart; holds run out by themselves."
        messages.info(request, f"{words} Look for them again if this was a mistake.")
    return _answer(request)


@requires(PERMISSION)
@require_POST
def cart_restore(request: Request) -> HttpResponse:
    """Put back what was taken out last."""
    kept = request.session.pop(REMOVED, [])
    _, left_out = services.restore_to_cart(request.user, kept)
    for sentence in left_out:
        messages.warning(request, f"{sentence} It was not put back.")
    return _answer(request)


@requires("inventory.reserve_telephonenumber")
@require_POST
def cart_hold(request: Request) -> HttpResponse:
    """Ask the providers to hold lines (again): those chosen, or all that are not held.

    Where nothing is held, a chosen line is asked about: is it still for sale?
    """
    if chosen := _chosen(request):
        lines = [row.line for row in cart_page.rows(chosen) if row.can_hold or row.can_check]
    else:
        lines = list(cart_page.holdable(request.user).select_related("account"))
    _hold(request, lines, posted.key_or_new(request))
    return _answer(request)


@requires("inventory.sync_account")
@require_POST
def cart_routes(request: Request) -> HttpResponse:
    """Have the providers of the cart asked where calls can be sent."""
    key = posted.key_or_new(request)
    asked = [
        jobs.submit(
            SyncRoutes.kind,
            actor=request.user,
            account=account,
            params={"account": account.name},
            key=f"{key}:{account.pk}",
        )
        for account in cart_page.accounts(request.user)
        if providers.offers(account.slug, SyncRoutes.capability)
    ]
    if asked:
        messages.info(request, "The providers are asked for their routes. Look again in a moment.")
    else:
        messages.warning(request, "No provider of this cart has a list of routes to ask for.")
    return htmx.go(request, "inventory:cart")


def page_context(request: Request, form: OrderForm) -> dict[str, Any]:
    """Return what the cart's page shows, its live part and what is around it."""
    context = cart_page.context(request)
    presets = OrderPreset.objects.visible_to(request.user)
    return context | _live_context(request) | {"form": form, "presets": presets}


def _live_context(request: Request) -> dict[str, Any]:
    removed = request.session.get(REMOVED, [])
    return {
        "removed": [TN(entry["tn"]).pretty for entry in removed],
        "removed_held": any(entry["hold"] == CartLine.Hold.ACTIVE for entry in removed),
        "key": new_key(),
    }


def _search(request: Request, pk: int) -> NumberSearch:
    return get_visible_or_404(NumberSearch.objects.select_related("job"), request.user, pk=pk)


def _add(request: Request, search: NumberSearch, offers: list[SearchOffer], key: str) -> int:
    """Put offers into the cart, have them held, and say so; return how many were added."""
    lines, left_out = services.add_to_cart(request.user, offers)
    adding.remember(request, search, lines)
    _say_added(request, lines, left_out)
    _hold(request, lines, key)
    return len(lines)


def _results(request: Request, search: NumberSearch, *, added: int = 0) -> HttpResponse:
    """Return the results of a search as they are now: the live part for htmx, else the page."""
    if not htmx.wants_fragment(request):
        return redirect(_with_query(request, "inventory:search-detail", search.pk))
    context = results.page_context(request, search)
    response = htmx.with_messages(request, "inventory/_search_results.html", context)
    return htmx.tell(response, cart_changed={"added": added}, job_changed={})


def _with_query(request: Request, name: str, pk: int) -> str:
    address, query = reverse(name, args=[pk]), request.GET.urlencode()
    return f"{address}?{query}" if query else address


def _chosen(request: Request) -> list[CartLine]:
    picked = posted.ids(request, "line")
    lines = CartLine.objects.visible_to(request.user).select_related("account")
    return list(lines.filter(pk__in=picked))


def _hold(request: Request, lines: list[CartLine], key: str) -> None:
    """Submit holds and say what stands against them; the lines stay in the cart either way."""
    try:
        reserve(lines, actor=request.user, key=key)
    except jobs.NotAccepted as refusal:
        for problem in refusal.problems:
            messages.warning(request, f"{problem.message} {problem.advice}".strip())


def _say_added(request: Request, lines: list[CartLine], left_out: list[str]) -> None:
    if not lines and not left_out:
        messages.warning(request, "No number was chosen, so nothing was put into the cart.")
    if left_out:
        more = f" And {len(left_out) - 3:,} more like these." if len(left_out) > 5 else ""
        shown = left_out[:3] if more else left_out
        messages.warning(request, f"Not added: {' '.join(shown)}{more}")


def _answer(request: Request) -> HttpResponse:
    """Return the fresh cart: its live part for htmx, else the page by redirect."""
    if not htmx.wants_fragment(request):
        query = request.GET.urlencode()
        return redirect(f"{reverse('inventory:cart')}?{query}" if query else "inventory:cart")
    context = cart_page.context(request) | _live_context(request)
    response = htmx.with_messages(request, "inventory/_cart_lines.html", context)
    return htmx.tell(response, cart_changed={}, job_changed={})
