"""What differs between what was accepted and what providers have: the list and the repairs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from e911 import difference_rows, repairs
from e911.addresses import marked
from e911.filters.differences import DifferenceFilter
from e911.forms.repairs import RepairForm
from e911.models import Difference
from portal import kept
from portal.access import Request, requires
from portal.export import stream_csv
from portal.filtering import active_filters, asked, fitting
from portal.jobs.submit import new_key
from portal.listing import Sort, paginate, walk

VIEW = "e911.view_difference"
SORTS = [Sort(name="found", label="Found", column="id", is_unique=True)]
EXPORT = {
    "number": "record__tn",
    "kind": "kind",
    "here": "ours",
    "at_the_provider": "theirs",
    "provider": "record__account__name",
    "state": "status",
    "ignored_until": "ignored_until",
    "reason": "reason",
    "first_seen": "first_seen_at",
    "last_seen": "last_seen_at",
}


@requires(VIEW)
def difference_list(request: Request) -> HttpResponse:
    """Return the differences that fit the filters, each with its repairs."""
    found = asked(request, lambda: _found(request))
    page = paginate(
        request,
        found.rows,
        SORTS,
        default="-found",
        is_narrow=bool(request.GET),
        fetch=difference_rows.fetch,
    )
    offered = _offered(request)
    query = request.GET.urlencode()
    return kept.render_rows(
        request,
        ("e911/difference_list.html", "e911/_difference_table.html"),
        page,
        difference_rows.draw(page.rows, query=query, can_repair=bool(offered)),
        lambda: {
            "filter": _found(request, is_drawn=True),
            "chips": _chips(request),
            "query": kept.slot("query"),
            "repairs": offered,
        },
        facts=() if found.is_valid else None,
        parts={"query": query},
    )


def _chips(request: Request) -> list[dict[str, str]]:
    found = _found(request)
    chips = active_filters(request, found.LABELS)
    for chip in chips:
        chip["value"] = found.word(chip["name"], chip["value"])
    return chips


@requires(VIEW)
def difference_export(request: Request) -> HttpResponseBase:
    """Return every difference that fits the filters, as a streamed CSV."""
    rows = walk(request, fitting(_found(request)), SORTS, list(EXPORT.values()), default="-found")
    return stream_csv("e911-differences.csv", list(EXPORT), rows)


@requires("e911.repair_difference")
def difference_repair(request: Request, name: str) -> HttpResponse:
    """Preview a repair of the chosen differences and, confirmed, do it."""
    repair = repairs.REPAIRS.get(name)
    if repair is None:
        raise Http404("There is no such repair.")
    chosen = _chosen(request)
    going = repairs.fitting(repair, chosen)
    if not going:
        messages.warning(request, "No difference can be repaired like this. Nothing was changed.")
        return redirect(_back(request))
    form = RepairForm(
        request.POST if request.method == "POST" else None,
        needs_reason=repair.needs_reason,
        needs_day=repair.needs_day,
        initial={"key": new_key()},
    )
    if request.method == "POST" and form.is_valid():
        return _done(
            request,
            repair,
            repairs.carry_out(repair, going, actor=request.user, **form.cleaned_data),
        )
    context = {
        "repair": repair,
        "going": going,
        "rows": [_row(difference) for difference in going[:50]],
        "staying": len(chosen) - len(going),
        "form": form,
        "back_url": _back(request),
        "filters": _values(request).get("filters", ""),
    }
    status = 422 if form.is_bound else 200
    return render(request, "e911/difference_repair.html", context, status=status)


def _row(difference: Difference) -> dict[str, Any]:
    ours, theirs = marked(difference.ours, difference.theirs)
    return {
        "difference": difference,
        "ours": ours,
        "theirs": theirs,
        "repairs": repairs.of(difference.kind, difference.status),
    }


def _done(request: Request, repair: repairs.Repair, done: repairs.Done) -> HttpResponse:
    """Say what was done and what was not; one job is shown at once."""
    if done.count:
        words = "difference" if done.count == 1 else "differences"
        under_way = " under way" if done.jobs else ""
        messages.success(request, f"{repair.label}: {done.count:,} {words}{under_way}.")
    for sentence in dict.fromkeys(done.refused[:5]):
        messages.warning(request, sentence)
    if len(done.jobs) == 1:
        return redirect("portal:job-detail", pk=done.jobs[0].pk)
    return redirect(_back(request))


def _offered(request: Request) -> list[repairs.Repair]:
    """Return the repairs for several differences at once; none for who may not."""
    if not request.user.has_perm("e911.repair_difference"):
        return []
    state = request.GET.get("state", "")
    if state == "closed":
        return []
    names = ["open"] if state == "ignored" else ["push", "adopt", "ignore"]
    return [repairs.REPAIRS[name] for name in names]


def _chosen(request: Request) -> list[Difference]:
    ids = [
        int(text)
        for text in _values(request).getlist("difference")
        if text.isascii() and text.isdigit() and len(text) < 19
    ]
    rows = Difference.objects.visible_to(request.user).filter(pk__in=ids[: repairs.LIMIT])
    return list(
        rows.select_related("record__account", "record__number__customer", "record__location")
    )


def _found(request: Request, *, is_drawn: bool = False) -> DifferenceFilter:
    visible = Difference.objects.visible_to(request.user)
    # Without a state those that wait are asked for, so that this filter is always there.
    drawn = None if is_drawn else ("state",)
    return DifferenceFilter(request.GET, queryset=visible, user=request.user, drawn=drawn)


def _values(request: Request) -> Any:
    return request.POST if request.method == "POST" else request.GET


def _back(request: Request) -> str:
    query = _values(request).get("filters", "")
    address = reverse("e911:difference-list")
    return f"{address}?{query}" if query else address
