"""What differs between the providers and us: the list, its export, and the repairs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from inventory import home
from inventory.drift import drawn, shown
from inventory.drift import repair as drift
from inventory.filters import drift as filters_drift
from inventory.filters.drift import FindingFilter
from inventory.forms.drift import RepairForm
from inventory.models import Finding
from portal import jobs, kept
from portal.access import Request, requires
from portal.export import stream_csv
from portal.filtering import active_filters, asked
from portal.jobs.submit import new_key
from portal.listing import PAGING_PARAMETERS, Sort, paginate, walk
from portal.operations import Problem
from portal.tn import TN, InvalidTN

SORTS = [
    Sort(name="found", label="Found", column="id", is_unique=True),
    Sort(name="number", label="Number", column="tn"),
]
SHOWN = 20  # of a preview
EXPORT = {
    "number": "tn",
    "kind": "kind",
    "feature": "field",
    "value_here": "ours",
    "value_there": "theirs",
    "provider": "account__name",
    "state": "status",
    "ignored_until": "ignored_until",
    "reason": "reason",
    "first_seen": "first_seen_at",
    "last_seen": "last_seen_at",
}


@requires("inventory.view_finding")
def finding_list(request: Request) -> HttpResponse:
    """Return the differences that fit the filters of the address, and how many there are of each."""
    found = asked(request, lambda: filters_drift.filtered(request.GET, request.user)[1])
    page = paginate(
        request,
        found.rows,
        SORTS,
        default="-found",
        is_narrow=bool(request.GET),
        fetch=shown.fetch,
    )
    visible = Finding.objects.visible_to(request.user)
    groups = tuple(shown.groups())
    repairs = _offered(request)
    query = request.GET.copy()
    for name in (*PAGING_PARAMETERS, "size"):
        query.pop(name, None)
    rows = shown.rows(page.rows, request.user)

    return kept.render_rows(
        request,
        ("inventory/finding_list.html", "inventory/_finding_table.html"),
        page,
        drawn.draw_list(rows, query=query.urlencode(), can_repair=bool(repairs)),
        lambda: {
            "filter": FindingFilter(request.GET, queryset=visible, user=request.user),
            "groups": groups,
            "chips": _chips(request),
            "query": query.urlencode(),
            "repairs": repairs,
            "key": kept.slot("key"),
        },
        facts=groups if found.is_valid else None,
        parts={"key": new_key()},
    )


def _chips(request: Request) -> list[dict[str, str]]:
    visible = Finding.objects.none()
    found = FindingFilter(request.GET, queryset=visible, user=request.user, drawn=())
    chips = active_filters(request, found.LABELS)
    for chip in chips:
        chip["value"] = found.word(chip["name"], chip["value"])
    return chips


@requires("inventory.view_finding")
def finding_export(request: Request) -> HttpResponseBase:
    """Return every difference that fits the filters, as a streamed CSV."""
    findings, _ = filters_drift.filtered(request.GET, request.user)
    rows = walk(request, findings, SORTS, list(EXPORT.values()), default="-found")
    return stream_csv("differences.csv", list(EXPORT), rows)


@requires("inventory.view_finding")
def unknown_list(request: Request) -> HttpResponse:
    """Lead to the numbers that providers list and we lack: they are differences like others."""
    query = request.GET.copy()
    query["kind"] = Finding.Kind.UNKNOWN_HERE
    return redirect(f"{reverse('inventory:finding-list')}?{query.urlencode()}")


@requires("inventory.repair_finding")
def finding_repair(request: Request, name: str) -> HttpResponse:
    """Preview a repair of the chosen differences and, confirmed, do it.

    A POST with everything that the repair asks for is the confirmation: a row's own button is one.
    """
    repair = drift.REPAIRS.get(name)
    if repair is None:
        raise Http404("There is no such repair.")
    chosen = filters_drift.read(request, limit=drift.LIMIT)
    if not chosen.count:
        messages.warning(request, "No difference was chosen, or it is gone. Nothing was changed.")
        return redirect(_back(request, chosen))
    form = RepairForm(request.POST or None, repair=repair, initial={"key": new_key()})
    refused = [Problem(message=f"{chosen.problem} Nothing was changed.")] if chosen.problem else []
    if request.method == "POST" and form.is_valid() and not refused:
        try:
            done = _carry_out(request, repair, chosen, form.cleaned_data)
        except jobs.NotAccepted as refusal:
            refused = refusal.problems
        else:
            return _done(request, repair, done, _back(request, chosen))
    context = _preview(repair, chosen, form, request) | {"refused": refused}
    status = 409 if refused else 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "inventory/finding_repair.html", context, status=status)


def _carry_out(
    request: Request, repair: drift.Repair, chosen: filters_drift.Chosen, values: dict[str, Any]
) -> drift.Done:
    done = drift.carry_out(
        repair,
        list(chosen.findings.values_list("pk", flat=True)[: drift.LIMIT]),
        actor=request.user,
        key=values["key"],
        reason=values.get("reason", ""),
        until=values.get("until"),
    )
    home.forget_findings()
    return done


def _preview(
    repair: drift.Repair, chosen: filters_drift.Chosen, form: RepairForm, request: Request
) -> dict[str, Any]:
    known = chosen.findings.select_related("account", "number", "job").order_by("pk")
    found = drift.plan(repair, [] if chosen.count > drift.LIMIT else list(known))
    first = found.going[:SHOWN]
    return {
        "repair": repair,
        "chosen": chosen,
        "plan": found,
        "rows": drawn.draw_preview(
            shown.rows(shown.fetch([one.pk for one in first]), request.user)
        ),
        "shown_count": len(first),
        "form": form,
        "back_url": _back(request, chosen),
        "number": _number(request),
    }


def _done(request: Request, repair: drift.Repair, done: drift.Done, back: str) -> HttpResponse:
    """Say what was done; one job is shown at once."""
    words = f"{done.count:,} {repair.noun}s {repair.deed}."
    if done.count == 1:
        deed = repair.deed.replace("are ", "is ", 1).replace(" them", " it")
        words = f"1 {repair.noun} {deed}."
    if done.stayed:
        words += f" {done.stayed:,} stayed as they are."
    messages.success(request, words)
    if len(done.jobs) == 1:
        return redirect("portal:job-detail", pk=done.jobs[0].pk)
    return redirect(back)


def _offered(request: Request) -> list[drift.Repair]:
    """Return the repairs that can be done to what is listed; none for who may not."""
    if not request.user.has_perm("inventory.repair_finding"):
        return []
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    if state == "closed":
        return []
    names = ["open"] if state == "ignored" else [n for n in drift.REPAIRS if n != "open"]
    return [drift.REPAIRS[n] for n in names if not kind or kind in drift.REPAIRS[n].kinds]


def _number(request: Request) -> str:
    """Return the number whose page the request came from; empty for none."""
    values = request.POST if request.method == "POST" else request.GET
    try:
        return TN.parse(values.get("back", ""))
    except InvalidTN:
        return ""


def _back(request: Request, chosen: filters_drift.Chosen) -> str:
    if number := _number(request):
        return reverse("inventory:tn-detail", args=[number])
    address = reverse("inventory:finding-list")
    return f"{address}?{chosen.query}" if chosen.query else address
