"""The statement of a provider account and its call records, read from what was kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from portal import account_facts, call_rows, htmx, jobs, providers, statement_page
from portal.access import Request, get_visible_or_404, requires
from portal.export import stream_csv
from portal.filtering import active_filters, fitting
from portal.filters_account import CallFilter
from portal.listing import COUNT_CAP, Sort, paginate, walk
from portal.models import CallRecord, ProviderAccount

CALL_SORTS = [Sort(name="started", label="Newest", column="started_at")]
CALL_LABELS = {"number": "Number", "since": "From", "until": "To"}
CALL_COLUMNS = {
    "started_at": "started_at",
    "seconds": "seconds",
    "from": "caller",
    "from_name": "caller_name",
    "to": "callee",
    "device": "address",
    "rate_per_minute": "rate",
    "amount": "amount",
    "reference": "call_ref",
}


@requires("portal.view_statement")
def statement(request: Request, pk: int) -> HttpResponse:
    """Return balance, charges, credits, payments and profile of an account, with their age."""
    account = _account(request, pk)
    return render(request, "portal/statement.html", statement_page.statement(account, request.user))


@requires("portal.refresh_statement")
@require_POST
def statement_refresh(request: Request, pk: int) -> HttpResponse:
    """Ask the provider for one answer, as a job, unless its budget is used up."""
    account = _account(request, pk)
    source = statement_page.SOURCES.get(request.POST.get("what", ""))
    if source is None:
        raise Http404("There is no such answer.")
    if words := _why_not_now(account, source):
        messages.warning(request, f"{words} Nothing was sent.")
        return _back(request, account)
    params = {"account": account.name}
    try:
        jobs.submit(source.kind, actor=request.user, account=account, params=params)
    except jobs.NotAccepted as refusal:
        messages.error(request, str(refusal))
    return _back(request, account)


def _why_not_now(account: ProviderAccount, source: statement_page.Source) -> str:
    """Return why nothing is asked at this moment; empty where it may be."""
    if account.why_closed:
        return account.why_closed
    spent = account_facts.spent_until(account)
    until = account_facts.budget_until(account.slug, source.capability, spent)
    if until is None:
        return ""
    at = timezone.localtime(until)
    return f"{account} may be asked for this again at {at:%H:%M} ({at.tzname()})."


@requires("portal.view_statement")
def call_list(request: Request, pk: int) -> HttpResponse:
    """Return the billed calls of an account that fit the filters, newest first."""
    account = _account(request, pk)
    found = _filtered(request, account)
    rows = fitting(found)
    counted = rows.order_by()[: COUNT_CAP + 1]
    totals = counted.aggregate(count=Count("pk"), seconds=Sum("seconds"), amount=Sum("amount"))
    is_exact = totals["count"] <= COUNT_CAP
    part = statement_page.parts(account, statement_page.CALLS)[statement_page.CALLS]
    page = paginate(request, rows, CALL_SORTS, default="-started")
    context: dict[str, Any] = {
        "account": account,
        "tabs": statement_page.tabs(account, request.user, "calls"),
        "rows": call_rows.draw(statement_page.calls(page.rows, request.user)),
        "totals": totals if is_exact else {},
        "part": part,
        "filter": found,
        "page": page,
        "count": min(totals["count"], COUNT_CAP),
        "count_is_exact": is_exact,
        "chips": active_filters(request, CALL_LABELS),
        "known": account_facts.windows(part.content)[-1:],
        "query": request.GET.urlencode(),
        "can_refresh": request.user.has_perm("portal.refresh_statement"),
    }
    return htmx.render_list(request, "portal/call_list.html", "portal/_call_table.html", context)


@requires("portal.view_statement")
def call_export(request: Request, pk: int) -> StreamingHttpResponse:
    """Return exactly the calls that the list shows, all of them, as CSV; times in UTC."""
    account = _account(request, pk)
    rows = fitting(_filtered(request, account))
    names = list(CALL_COLUMNS.values())
    found = walk(request, rows, CALL_SORTS, names, default="-started")
    return stream_csv(f"calls-{account.pk}.csv", list(CALL_COLUMNS), _cells(found))


def _cells(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    for started_at, *rest in rows:
        yield (started_at.isoformat(timespec="seconds"), *rest)


def _filtered(request: Request, account: ProviderAccount) -> CallFilter:
    if not providers.offers(account.slug, "call_records"):
        raise Http404(providers.why_not(account.slug, "call_records"))
    calls = CallRecord.objects.visible_to(request.user).filter(account=account)
    return CallFilter(request.GET, queryset=calls)


def _back(request: Request, account: ProviderAccount) -> HttpResponse:
    """Return the redirect to the page that the button stands on."""
    to = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(to, allowed_hosts=None):
        return redirect(to)
    return redirect("portal:statement", pk=account.pk)


def _account(request: Request, pk: int) -> ProviderAccount:
    return get_visible_or_404(ProviderAccount, request.user, pk=pk)
