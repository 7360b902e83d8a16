"""Numbers that leave: the list with its evidence, deciding, what follows, and PINs against it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from inventory.models import TelephoneNumber
from portal import htmx, jobs, kept
from portal.access import Request, get_visible_or_404, requires
from portal.export import stream_csv
from portal.filtering import active_filters, fitting, is_valid, name_of
from portal.jobs.submit import new_key
from portal.listing import Sort, paginate, walk
from portal.models import Customer, ProviderAccount
from portal.tn import TN, InvalidTN
from porting import operations, out_rows, services
from porting.filters.outs import LABELS, STATES, PortOutFilter
from porting.forms.outs import DecideForm, FollowForm, PinForm, ReportForm
from porting.models import PortOut
from porting.services import port_out

VIEW, CHANGE = "porting.view_portout", "porting.change_portout"
SORTS = [
    Sort(name="id", label="Newest", column="id", is_unique=True),
    Sort(name="since", label="State since", column="state_since", jump="date"),
]
COLUMNS = {
    "number": "tn",
    "state": "state",
    "state_since": "state_since",
    "customer": "customer__name",
    "noticed_by": "detected_by",
    "noticed_at": "detected_at",
    "gaining_carrier": "gaining_carrier",
    "goes_on": "due_on",
    "billed_until": "left_on",
    "all_done": "is_followed_up",
}
# Each move by hand: title, button, what it means.
VERBS = {
    "requested": ("Somebody asks for it", "It is asked for", "The number is “porting out” then."),
    "approved": ("Approve", "Approve", "The number may go on its date."),
    "rejected": ("Reject", "Reject", "Tell the gaining carrier by the provider’s way."),
    "auto_approved": ("Approved by time", "It is approved by time", "Nobody answered in time."),
    "completed": ("It has left", "It has left", "Afterwards everything that follows is shown."),
    "cancelled": ("Canceled", "It was canceled", "The number is as before."),
    "closed": ("Close it", "Close it", "The rejection stands; the number is as before."),
    "dismissed": (
        "It is still ours",
        "It is ours",
        "Nothing changes. It is not noticed again for a month.",
    ),
}


@requires(VIEW)
def port_out_list(request: Request) -> HttpResponse:
    """Return the numbers that leave or seem to have left, the newest first."""
    found = _found(request, drawn=())
    page = paginate(
        request,
        fitting(found),
        SORTS,
        default="-id",
        is_narrow=bool(found.filters),
        fetch=out_rows.fetch,
    )
    return kept.render_rows(
        request,
        ("porting/port_out_list.html", "porting/_port_out_table.html"),
        page,
        out_rows.draw(page.rows),
        lambda: {
            "filter": _found(request),
            "chips": _chips(request),
            "query": kept.slot("query"),
            "can_change": request.user.has_perm(CHANGE),
        },
        facts=() if is_valid(found) else None,
        parts={"query": request.GET.urlencode()},
    )


@requires(VIEW)
def port_out_export(request: Request) -> HttpResponseBase:
    """Return exactly what the list shows, all of it, as CSV."""
    rows = walk(request, fitting(_found(request)), SORTS, list(COLUMNS.values()), default="-id")
    return stream_csv("port-outs.csv", list(COLUMNS), _cells(rows))


def _cells(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
            for value in row
        ]


@requires(CHANGE)
@require_POST
def port_out_look(request: Request) -> HttpResponse:
    """Look through the providers' last lists and the tickets for numbers that left; asks nobody."""
    new = port_out.detect()
    words = f"{new} new case{'' if new == 1 else 's'}." if new else "Nothing new was found."
    messages.info(request, words)
    return redirect("porting:port-out-list")


@requires(CHANGE)
def port_out_new(request: Request) -> HttpResponse:
    """Draw and take the report that a number leaves, or seems to have left."""
    form = ReportForm(request.POST or None, initial={"tn": request.GET.get("tn", "")[:40]})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            case = port_out.report(
                given["tn"],
                way=PortOut.Way.PERSON,
                words=given["words"],
                actor=request.user,  # type: ignore[arg-type]
                state=given["state"],
                gaining_carrier=given["gaining_carrier"],
                due_on=given["due_on"],
            )
        except services.IllegalMove as refusal:
            form.add_error(None, str(refusal))
        else:
            if case is not None:
                return redirect("porting:port-out-detail", pk=case.pk)
            form.add_error("tn", "It is not ours any more, so it cannot leave.")
    context = {"form": form}
    status = 422 if form.is_bound else 200
    return render(request, "porting/port_out_form.html", context, status=status)


@requires(VIEW)
def port_out_detail(request: Request, pk: int) -> HttpResponse:
    """Return one case: what speaks for it, what can be done, what follows."""
    case = _case(request, pk)
    return render(request, "porting/port_out_detail.html", _context(request, case))


@requires(CHANGE)
def port_out_move(request: Request, pk: int, to: str) -> HttpResponse:
    """Ask before a case is moved by hand and, confirmed, move it."""
    case = _case(request, pk)
    if to not in VERBS:
        raise Http404("There is no such state.")
    title, button, words = VERBS[to]
    refusal = case.why_not(to)
    form = DecideForm(request.POST or None, to=to, case=case)
    status = 409 if refusal else (422 if form.is_bound else 200)
    if request.method == "POST" and form.is_valid() and not refusal:
        try:
            port_out.move(
                case,
                to,
                actor=request.user,  # type: ignore[arg-type]
                reason=form.cleaned_data["reason"],
                **form.changes(),
            )
        except services.IllegalMove as error:
            refusal, status = str(error), 409
        else:
            messages.success(request, f"{case} is “{case.get_state_display()}” now.")
            return redirect("porting:port-out-detail", pk=case.pk)
    context = {
        "case": case,
        "form": form,
        "title": title,
        "button": button,
        "explanation": words,
        "refusal": refusal,
    }
    return render(request, "porting/port_out_move.html", context, status=status)


@requires(CHANGE)
@require_POST
def port_out_follow(request: Request, pk: int) -> HttpResponse:
    """Do everything that follows from a number's leaving, as the page showed it."""
    case = _case(request, pk)
    form = FollowForm(request.POST, case=case)
    status = 422
    if form.is_valid():
        try:
            operations.follow_up(case, actor=request.user, left_on=form.cleaned_data["left_on"])  # type: ignore[arg-type]
        except services.IllegalMove as refusal:
            messages.error(request, str(refusal))
            status = 409
        else:
            messages.success(request, f"{case}: what follows is done, or on its way.")
            return redirect("porting:port-out-detail", pk=case.pk)
    context = _context(request, case) | {"form": form}
    return render(request, "porting/port_out_detail.html", context, status=status)


@requires(CHANGE)
def pin_new(request: Request) -> HttpResponse:
    """Draw and take port-out PINs for many numbers; they travel sealed and are not shown again."""
    initial = {"key": new_key(), "numbers": request.GET.get("numbers", "")[:4000]}
    form = PinForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            job = operations.set_pins(
                given["numbers"],
                actor=request.user,  # type: ignore[arg-type]
                key=given["key"],
                pin=given["pin"],
            )
        except jobs.NotAccepted as refusal:
            form.add_error(None, str(refusal))
        else:
            return htmx.go(request, "portal:job-detail", pk=job.pk)
    accounts = ProviderAccount.objects.visible_to(request.user).offering("port_out_pin")
    context = {"form": form, "accounts": accounts.order_by("name")}
    status = 422 if form.is_bound else 200
    return render(request, "porting/pin_form.html", context, status=status)


def _context(request: Request, case: PortOut) -> dict[str, Any]:
    can_change = request.user.has_perm(CHANGE)
    verbs = [(to, VERBS[to][0]) for to in sorted(case.MOVES[case.state])] if can_change else []
    is_gone = case.state == PortOut.State.COMPLETED
    ways = dict(PortOut.Way.choices)
    return {
        "case": case,
        "number": TelephoneNumber.objects.visible_to(request.user).filter(tn=case.tn).first(),
        "verbs": verbs,
        "steps": port_out.steps(case),
        "form": FollowForm(case=case),
        "can_follow": can_change and is_gone and not case.is_followed_up,
        "evidence": [
            {
                "at": parse_datetime(fact["at"]),
                "way": ways.get(fact["way"], fact["way"]),
                "words": fact["words"],
            }
            for fact in reversed(case.evidence)
        ],
    }


def _case(request: Request, pk: int) -> PortOut:
    rows = PortOut.objects.select_related("customer", "number__account", "actor")
    return get_visible_or_404(rows, request.user, pk=pk)


def _found(request: Request, drawn: Collection[str] | None = None) -> PortOutFilter:
    visible = PortOut.objects.visible_to(request.user)
    return PortOutFilter(request.GET, queryset=visible, request=request, drawn=drawn)


def _chips(request: Request) -> list[dict[str, str]]:
    chips = active_filters(request, LABELS)
    words = {"state": dict(STATES), "way": dict(PortOut.Way.choices)}
    for chip in chips:
        if chip["name"] in words:
            chip["value"] = str(words[chip["name"]].get(chip["value"], chip["value"]))
        elif chip["name"] == "customer":
            chip["value"] = name_of(Customer, request.user, chip["value"])
        elif chip["name"] == "q":
            chip["value"] = _spelled(chip["value"])
    return chips


def _spelled(text: str) -> str:
    try:
        return TN.parse(text).pretty
    except InvalidTN:
        return text
