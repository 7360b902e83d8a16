"""An account's network: addresses that may send calls, devices, clients, scripts, numbers abroad."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from inventory import route_changes
from inventory.forms.routes import (
    MOST_RANGES,
    AccessForm,
    KeyForm,
    ModeForm,
    PasswordForm,
    TypedForm,
    spelled,
)
from inventory.operations.international import ABROAD
from inventory.operations.network import READS, offered
from inventory.services import routes as services_routes
from inventory.views.routes import submitted
from portal import jobs, providers, told_words
from portal.access import Request, get_visible_or_404, requires
from portal.jobs.submit import new_key
from portal.models import Job, ProviderAccount

CHANGES, OWNS = "inventory.configure_route", "portal.change_provideraccount"


@requires("portal.view_provideraccount")
def network_detail(request: Request, pk: int) -> HttpResponse:
    """Return what an account told of its network, and what can be changed of it."""
    account = _account(request, pk)
    return render(request, "inventory/network_detail.html", _context(request, account))


def _context(request: Request, account: ProviderAccount, **forms: Any) -> dict[str, Any]:
    facts = services_routes.facts_of(account)
    user, key = request.user, new_key()
    slug = account.slug
    return {
        "account": account,
        "facts": facts,
        "is_abroad": providers.offers(slug, "international_numbers"),
        "asked": {kind: kind in offered(slug) for kind in READS},
        "why": {kind: providers.why_not(slug, name) for kind, (name, _) in READS.items()},
        "mode_words": _mode_words(facts),
        "clients": _clients(account, facts),
        "access_form": forms.get("access_form") or AccessForm(initial={"key": key}),
        "key": key,
        "can_read": user.has_perm("inventory.sync_account") and bool(route_changes.tells(account)),
        "can_change": user.has_perm(CHANGES),
        "can_own": user.has_perm(OWNS),
        "can_release": user.has_perm("inventory.release_telephonenumber"),
        "open_jobs": Job.objects.open().filter(account=account, kind__in=_KINDS).order_by("pk"),
        "unanswered": route_changes.unanswered(account),
    }


_KINDS = [
    "inventory.read_network",
    "inventory.read_abroad",
    "inventory.sync_groups",
    "inventory.change_access_list",
    "inventory.change_sign_in_mode",
    "inventory.change_sign_in_password",
    "inventory.release_abroad",
]


def _clients(account: ProviderAccount, facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the clients that were told, each with the routes that the provider files under it."""
    rows = facts["clients"].content.get("rows", []) if "clients" in facts else []
    routes = services_routes.routes_by_client(account) if rows else {}
    return [
        {
            **row,
            "told": told_words.told(row["details"]),
            "routes": routes.get(row["name"], []) or routes.get(row["ref"], []),
        }
        for row in rows
    ]


def _mode_words(facts: dict[str, Any]) -> str:
    fact = facts.get("sign_in")
    if fact is None:
        return ""
    content = fact.content
    return route_changes.MODE_WORDS.get(content.get("mode", ""), content.get("word", ""))


@requires("inventory.sync_account")
@require_POST
def network_refresh(request: Request, pk: int) -> HttpResponse:
    """Ask an account for everything that this page shows."""
    account = _account(request, pk)
    try:
        asked = route_changes.refresh_around(account, actor=request.user)
    except jobs.NotAccepted as refusal:
        messages.error(request, str(refusal))
    else:
        words = "is asked." if asked else "tells nothing of its network."
        messages.info(request, f"{account} {words}")
    return redirect("inventory:network-detail", pk=account.pk)


@requires(CHANGES)
def access_add(request: Request, pk: int) -> HttpResponse:
    """Draw and take the form of ranges to allow; each has an outcome of its own in the job."""
    account = _account(request, pk)
    data = request.POST if request.method == "POST" else None
    form = AccessForm(data, initial={"key": new_key()})
    context = {"account": account, "form": form, "why_not": _why_not(account, "access_list")}

    def send() -> Job:
        given = form.cleaned_data
        return route_changes.change_access(
            account, given["ranges"], is_removal=False, actor=request.user, key=given["key"]
        )

    return submitted(request, form, send, "inventory/network_access.html", context)


@requires(CHANGES)
@require_POST
def access_remove(request: Request, pk: int) -> HttpResponse:
    """Show what forbidding the ticked ranges does, and submit it once that is confirmed."""
    account = _account(request, pk)
    fact = services_routes.facts_of(account).get("access_list")
    known = fact.content.get("ranges", []) if fact else []
    ticked = [cidr for cidr in dict.fromkeys(request.POST.getlist("cidr")) if cidr in known]
    if not ticked or len(ticked) > MOST_RANGES:
        words = f"At most {MOST_RANGES} ranges go at once" if ticked else "No range was chosen"
        messages.warning(request, f"{words}, so nothing was changed.")
        return redirect("inventory:network-detail", pk=account.pk)
    form = KeyForm(
        request.POST if "confirmed" in request.POST else None, initial={"key": new_key()}
    )
    context = {"account": account, "form": form, "ticked": ticked, "left": len(known) - len(ticked)}

    def send() -> Job:
        ranges, key = [spelled(cidr) for cidr in ticked], form.cleaned_data["key"]
        return route_changes.change_access(
            account, ranges, is_removal=True, actor=request.user, key=key
        )

    return submitted(request, form, send, "inventory/network_forbid.html", context)


@requires(OWNS)
def sign_in_mode(request: Request, pk: int) -> HttpResponse:
    """Draw and take the form of how devices sign in."""
    account = _account(request, pk)
    fact = services_routes.facts_of(account).get("sign_in")
    initial = {"key": new_key(), "mode": fact.content.get("mode") if fact else ""}
    listed = services_routes.facts_of(account).get("access_list")
    form = ModeForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        has_addresses=listed is None or bool(listed.content.get("ranges")),
    )
    context = {"account": account, "form": form, "why_not": _why_not(account, "device_sign_in")}

    def send() -> Job:
        given = form.cleaned_data
        return route_changes.change_mode(
            account, given["mode"], actor=request.user, key=given["key"]
        )

    return submitted(request, form, send, "inventory/network_mode.html", context)


@requires(OWNS)
def sign_in_password(request: Request, pk: int) -> HttpResponse:
    """Draw and take the form of a new password of devices, which is ours too."""
    account = _account(request, pk)
    data = request.POST if request.method == "POST" else None
    form = PasswordForm(data, initial={"key": new_key()})
    context = {"account": account, "form": form, "why_not": _why_not(account, "device_sign_in")}

    def send() -> Job:
        given = form.cleaned_data
        return route_changes.change_password(
            account, given["password"], actor=request.user, key=given["key"]
        )

    return submitted(request, form, send, "inventory/network_password.html", context)


@requires("inventory.release_telephonenumber")
def abroad_release(request: Request, pk: int, digits: str) -> HttpResponse:
    """Confirm and submit giving a number abroad back."""
    account = _account(request, pk)
    fact = services_routes.facts_of(account).get(ABROAD)
    rows = fact.content.get("rows", []) if fact else []
    row = next((row for row in rows if row["tn"] == f"+{digits}"), None)
    if row is None:
        raise Http404("There is no such number, or it was given back.")
    data = request.POST if request.method == "POST" else None
    form = TypedForm(data, expected=digits[-4:], initial={"key": new_key()})

    def send() -> Job:
        given = form.cleaned_data
        return route_changes.release_abroad(
            account, row["tn"], actor=request.user, key=given["key"], reason=given["reason"]
        )

    context = {"account": account, "form": form, "row": row}
    return submitted(request, form, send, "inventory/network_release.html", context)


def _why_not(account: ProviderAccount, capability: str) -> str:
    return providers.why_not(account.slug, capability)


def _account(request: Request, pk: int) -> ProviderAccount:
    return get_visible_or_404(ProviderAccount, request.user, pk=pk)
