"""Support tickets over all provider accounts: the list, one thread, and what is written to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal import htmx, jobs, kept, panels, row_drawing, ticket_page, tickets
from portal.access import Request, get_visible_or_404, requires
from portal.export import stream_csv
from portal.filtering import active_filters, asked, fitting, name_of
from portal.filters_account import TicketFilter
from portal.forms_account import DeleteForm, LinkForm, ReplyForm, StatusForm, TicketForm
from portal.jobs.submit import new_key
from portal.listing import Sort, paginate, walk
from portal.models import Job, ProviderAccount, SupportTicket
from portal.operations import Item
from portal.templatetags.status_words import find

SORTS = [Sort(name="changed", label="Newest", column="changed_at")]
LABELS = {"q": "Text", "status": "State", "account": "Account", "number": "Number"}
COLUMNS = ("account__name", "shown_number", "subject", "status", "tn", "opened_at", "changed_at")
KNOWN = 200  # messages that a lost answer is not mistaken for
HEAD = ("account", "ticket", "subject", "status", "number", "opened_at", "changed_at")


@requires("portal.view_ticket")
def ticket_list(request: Request) -> HttpResponse:
    """Return the tickets that fit the filters, the one that changed last first."""
    found = asked(request, lambda: _filtered(request, drawn=()))
    page = paginate(
        request,
        found.rows,
        SORTS,
        default="-changed",
        is_narrow=found.is_narrow,
        fetch=row_drawing.fetch_tickets,
    )
    has_desk = _desks(request).exists()
    here = panels.numbers_here(request.user, (row["tn"] for row in page.rows))
    return kept.render_rows(
        request,
        ("portal/ticket_list.html", "portal/_ticket_table.html"),
        page,
        row_drawing.draw_tickets(page.rows, here),
        lambda: {
            "filter": _filtered(request),
            "chips": _chips(request),
            "query": kept.slot("query"),
            "has_desk": has_desk,
            "can_change": request.user.has_perm("portal.change_ticket"),
        },
        facts=(has_desk,) if found.is_valid else None,
        parts={"query": request.GET.urlencode()},
    )


@requires("portal.view_ticket")
def ticket_export(request: Request) -> StreamingHttpResponse:
    """Return exactly what the list shows, all of it, as CSV."""
    rows = walk(request, fitting(_filtered(request)), SORTS, COLUMNS, default="-changed")
    return stream_csv("tickets.csv", HEAD, _cells(rows))


@requires("portal.change_ticket")
@require_POST
def ticket_sync(request: Request) -> HttpResponse:
    """Ask every help desk for its tickets, a job for each account."""
    desks = list(_desks(request))
    asked = [account for account in desks if not account.why_closed]
    for account in asked:
        params = {"account": account.name}
        jobs.submit("portal.sync_tickets", actor=request.user, account=account, params=params)
    if asked:
        words = "help desk is" if len(asked) == 1 else "help desks are"
        messages.info(request, f"{len(asked)} {words} being asked. The list fills as they answer.")
    for account in desks:
        if account not in asked:
            messages.warning(request, f"{account.why_closed} Nothing was sent to it.")
    return redirect("portal:ticket-list")


@requires("portal.view_ticket")
def ticket_detail(request: Request, pk: int) -> HttpResponse:
    """Return one ticket with its thread."""
    return _page(request, _ticket(request, pk))


@requires("portal.change_ticket")
def ticket_new(request: Request) -> HttpResponse:
    """Draw and take the form for a new ticket; ``?tn=`` and ``?account=`` fill it in."""
    initial = {
        "key": new_key(),
        "tn": request.GET.get("tn", "")[:40],
        "account": request.GET.get("account", "")[:20],
    }
    form = TicketForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        params = {name: given[name] for name in ("subject", "message", "tn")}
        try:
            job = jobs.submit(
                "portal.open_ticket",
                actor=request.user,
                account=given["account"],
                params=params,
                items=[Item(target=f"new ticket {given['key'][:20]}")],
                key=given["key"],
            )
        except jobs.NotAccepted as refusal:
            form.add_error(None, str(refusal))
        else:
            return htmx.go(request, "portal:job-detail", pk=job.pk)
    context = {"form": form, "has_desk": _desks(request).exists()}
    status = 422 if form.is_bound else 200
    return render(request, "portal/ticket_form.html", context, status=status)


@requires("portal.change_ticket")
@require_POST
def ticket_reply(request: Request, pk: int) -> HttpResponse:
    """Send an answer."""
    ticket = _ticket(request, pk)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _page(request, ticket, status=422, reply_form=form)
    known = ticket.messages.order_by("-pk").values_list("message_ref", flat=True)
    params = {"message": form.cleaned_data["message"], "known": list(known[:KNOWN])}
    key = form.cleaned_data["key"]
    return _write(request, ticket, "portal.reply_ticket", params, key, reply_form=form)


@requires("portal.change_ticket")
@require_POST
def ticket_status(request: Request, pk: int) -> HttpResponse:
    """Change the status."""
    ticket = _ticket(request, pk)
    form = StatusForm(request.POST)
    if not form.is_valid():
        return _page(request, ticket, status=422, status_form=form)
    status, key = form.cleaned_data["status"], form.cleaned_data["key"]
    if status == ticket.status:
        word = find(status, "ticket").label
        messages.info(request, f"It is “{word}” already. Nothing was sent.")
        return htmx.go(request, "portal:ticket-detail", pk=ticket.pk)
    params = {"status": status, "before": ticket.status}
    return _write(request, ticket, "portal.set_ticket_status", params, key, status_form=form)


@requires("portal.change_ticket")
@require_POST
def ticket_link(request: Request, pk: int) -> HttpResponse:
    """Link the ticket to a number, or to none; the help desk is not told."""
    ticket = _ticket(request, pk)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _page(request, ticket, status=422, link_form=form)
    tickets.link(ticket, form.cleaned_data["tn"], actor=request.user)
    messages.success(request, "The link is saved.")
    return htmx.go(request, "portal:ticket-detail", pk=ticket.pk)


@requires("portal.change_ticket")
@require_POST
def ticket_refresh(request: Request, pk: int) -> HttpResponse:
    """Read the ticket and its thread again."""
    ticket = _ticket(request, pk)
    return _write(request, ticket, "portal.read_ticket", {}, "")


@requires("portal.delete_ticket")
def ticket_delete(request: Request, pk: int) -> HttpResponse:
    """Ask whether to delete the ticket for good and, with the word typed, do it."""
    ticket = _ticket(request, pk)
    form = DeleteForm(request.POST or None, initial={"key": new_key()})
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["key"]
        return _write(request, ticket, "portal.delete_ticket", {}, key)
    context = {"ticket": ticket, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "portal/ticket_delete.html", context, status=status)


def _write(
    request: Request,
    ticket: SupportTicket,
    kind: str,
    params: dict[str, Any],
    key: str,
    **forms: Any,
) -> HttpResponse:
    """Submit a job about a ticket and return to it; what stands against it is said there."""
    facts = {"ticket": ticket.pk, "ref": ticket.ticket_ref, "number": ticket.shown_number}
    is_read = kind == "portal.read_ticket"
    try:
        job: Job = jobs.submit(
            kind,
            actor=request.user,
            account=ticket.account,
            params=facts | params,
            items=[] if is_read else [Item(target=f"ticket:{ticket.pk}")],
            key=key or None,
        )
    except jobs.NotAccepted as refusal:
        messages.error(request, str(refusal))
        return _page(request, ticket, status=409, **forms)
    if kind == "portal.delete_ticket":
        return htmx.go(request, "portal:job-detail", pk=job.pk)
    return htmx.go(request, "portal:ticket-detail", pk=ticket.pk)


def _page(
    request: Request, ticket: SupportTicket, *, status: int = 200, **forms: Any
) -> HttpResponse:
    context = ticket_page.context(ticket, request.user, **forms)
    return render(request, "portal/ticket_detail.html", context, status=status)


def _ticket(request: Request, pk: int) -> SupportTicket:
    return get_visible_or_404(SupportTicket.objects.select_related("account"), request.user, pk=pk)


def _desks(request: Request) -> Any:
    visible = ProviderAccount.objects.visible_to(request.user).filter(is_enabled=True)
    return visible.offering("support_tickets")


def _filtered(request: Request, drawn: Collection[str] | None = None) -> TicketFilter:
    visible = SupportTicket.objects.visible_to(request.user).listed()
    return TicketFilter(request.GET, queryset=visible, user=request.user, drawn=drawn)


def _chips(request: Request) -> list[dict[str, str]]:
    chips = active_filters(request, LABELS)
    for chip in chips:
        if chip["name"] == "status":
            chip["value"] = dict(TicketFilter.STATUSES).get(chip["value"], chip["value"])
        elif chip["name"] == "account":
            chip["value"] = name_of(ProviderAccount, request.user, chip["value"])
    return chips


def _cells(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    for *texts, opened_at, changed_at in rows:
        moments = (at.isoformat(timespec="seconds") if at else "" for at in (opened_at, changed_at))
        yield (*texts, *moments)
