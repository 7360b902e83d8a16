"""The gap report: where every number in service stands, and what closes the gaps."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from e911 import gap_deeds, gap_page, gap_rows, orphan_rows
from e911.filters import gaps as filters_gaps
from e911.filters.gaps import Chosen, GapFilter
from e911.gap_deeds import Deed, Done, Target
from e911.models import EmergencyRecord, Standing
from e911.services import standings
from inventory.models import TelephoneNumber
from portal import filtering, kept
from portal.access import Request, requires
from portal.export import stream_csv
from portal.filtering import active_filters
from portal.jobs.submit import new_key
from portal.listing import PAGING_PARAMETERS, Sort, paginate, walk

VIEW = "e911.view_standing"
SORTS = [Sort(name="tn", label="Number", column="tn", is_unique=True, jump="number")]
ORPHAN_SORTS = [Sort(name="tn", label="Number", column="tn")]
SHOWN = 20  # of a preview
EXPORT = {
    "number": "tn",
    "gap": "words",
    "since": "since",
    "provider": "account__name",
    "customer": "customer__code",
}


@requires(VIEW)
def gap_report(request: Request) -> HttpResponse:
    """Return the buckets with their counts, and the numbers of the chosen one."""
    found = _counts(request)
    chosen = _bucket(request.GET.get("bucket", ""), found)
    asked = filtering.asked(
        request,
        lambda: filters_gaps.filtered(_with_bucket(request.GET, chosen), request.user)[1],
        facts=chosen,
    )
    page = paginate(
        request,
        asked.rows,
        SORTS,
        is_narrow=bool(request.GET.get("q")),
        fetch=gap_rows.fetch,
        total=found[chosen],
    )
    facts = {
        "deeds": tuple(gap_deeds.offered(chosen, request.user)),
        "can_set": request.user.has_perm("e911.check_address"),
        "orphan_count": gap_page.orphan_count(),
        "is_behind": standings.is_behind(),
    }
    can_select = bool(facts["deeds"] or facts["can_set"])
    return kept.render_rows(
        request,
        ("e911/gap_report.html", "e911/_gap_table.html"),
        page,
        gap_rows.draw(page.rows, request.user, can_select=can_select),
        lambda: facts | _report_context(request, found, chosen),
        facts=(chosen, *found.values(), *facts.values()) if asked.is_valid else None,
    )


def _report_context(request: Request, found: dict[int, int], chosen: int) -> dict[str, Any]:
    """Return what stands around the numbers of the report: filters, and a bar for each bucket."""
    bars = gap_page.bars(found, request.GET, chosen)
    filters = GapFilter(request.GET, queryset=Standing.objects.none(), user=request.user)
    return {
        "filter": filters,
        "bars": bars,
        "total": sum(found.values()),
        "bucket": next(bar for bar in bars if bar.is_on),
        "chips": _chips(request, filters),
        "query": _with_bucket(request.GET, chosen).urlencode(),
    }


def _counts(request: Request) -> dict[int, int]:
    """Return how many of the numbers that fit the other filters are in each bucket."""
    everything = request.GET.copy()
    everything.pop("bucket", None)
    key = everything.urlencode() if _narrows(everything) else ""
    return gap_page.counts(lambda: filters_gaps.filtered(everything, request.user)[0], key)


@requires(VIEW)
def gap_export(request: Request) -> HttpResponseBase:
    """Return every number of the report that fits the filters, as a streamed CSV."""
    rows, _ = filters_gaps.filtered(request.GET, request.user)
    names = [name if head != "gap" else "bucket" for head, name in EXPORT.items()]
    words = dict(Standing.Bucket.choices)
    lines = walk(request, rows, SORTS, names)
    shown = ((tn, words.get(bucket, bucket), *rest) for tn, bucket, *rest in lines)
    return stream_csv("e911-gaps.csv", list(EXPORT), shown)


@requires("e911.change_emergencyrecord")
def gap_do(request: Request, name: str) -> HttpResponse:
    """Preview a deed for the chosen numbers and, confirmed, do it."""
    deed = gap_deeds.DEEDS.get(name)
    if deed is None:
        raise Http404("There is no such deed.")
    chosen = filters_gaps.read(request, limit=gap_deeds.LIMIT)
    back = _back(chosen)
    if chosen.problem:
        messages.warning(request, f"{chosen.problem} Nothing was done.")
        return redirect(back)
    is_sent = request.method == "POST" and request.POST.get("step") == "confirm"
    initial = {"key": new_key(), "tested_on": timezone.localdate(), "person": str(request.user)}
    form = deed.form(request.POST if is_sent else None, initial=initial)
    if is_sent and form.is_valid():
        done = deed.carry_out(_targets(chosen), form.cleaned_data, request.user)
        return _done(request, deed, done, back)
    shown = chosen.standings.order_by("tn").values_list("tn", flat=True)[:SHOWN]
    first = gap_rows.fetch(list(shown), "tn")
    context = {
        "deed": deed,
        "chosen": chosen,
        "rows": gap_rows.draw_preview(first),
        "shown_count": len(first),
        "form": form,
        "back_url": back,
    }
    return render(request, "e911/gap_do.html", context, status=422 if form.is_bound else 200)


@requires(VIEW)
def orphan_list(request: Request) -> HttpResponse:
    """Return the records at providers that no number in service of ours goes by."""
    rows = EmergencyRecord.objects.visible_to(request.user).orphans()
    page = paginate(request, rows, ORPHAN_SORTS, default="tn", fetch=orphan_rows.fetch)
    can_change = request.user.has_perm("e911.change_emergencyrecord")
    return kept.render_rows(
        request,
        ("e911/orphan_list.html", "e911/_orphan_table.html"),
        page,
        orphan_rows.draw(page.rows, can_change=can_change),
        lambda: {"can_change": can_change},
    )


def _targets(chosen: Chosen) -> list[Target]:
    tns = list(chosen.standings.order_by("tn").values_list("tn", flat=True)[: chosen.limit])
    numbers = TelephoneNumber.objects.among(tns).select_related("account", "customer")
    primary = EmergencyRecord.objects.primary().filter(tn__in=tns)
    records = {row.tn: row for row in primary.select_related("account", "number")}
    return [Target(number=n, record=records.get(n.tn)) for n in numbers.order_by(F("tn"))]


def _done(request: Request, deed: Deed, done: Done, back: str) -> HttpResponse:
    """Say what was done and what was not; one job is shown at once."""
    if done.count:
        under_way = " under way" if done.jobs else ""
        messages.success(request, f"{deed.label}: {done.count:,} numbers{under_way}.")
    for sentence, count in list(done.refused.items())[:5]:
        messages.warning(request, f"{count:,} stayed as they are: {sentence}")
    if len(done.jobs) == 1:
        return redirect("portal:job-detail", pk=done.jobs[0].pk)
    return redirect(back)


def _bucket(text: str, found: dict[int, int]) -> int:
    """Return the bucket that the address names, else the first one that is a gap and has numbers."""
    if text.isascii() and text.isdigit() and int(text) in found:
        return int(text)
    worst = (b.value for b in Standing.Bucket if b != Standing.Bucket.NOT_REQUIRED)
    return next((bucket for bucket in worst if found.get(bucket)), Standing.Bucket.VERIFIED)


def _with_bucket(values: QueryDict, bucket: int) -> QueryDict:
    query = values.copy()
    for name in (*PAGING_PARAMETERS, "size"):
        query.pop(name, None)
    query["bucket"] = str(bucket)
    return query


def _narrows(values: QueryDict) -> bool:
    return any(values.get(name) for name in GapFilter.LABELS)


def _chips(request: Request, found: Any) -> list[dict[str, str]]:
    chips = active_filters(request, GapFilter.LABELS)
    for chip in chips:
        chip["value"] = found.word(chip["name"], chip["value"])
    return chips


def _back(chosen: Chosen) -> str:
    address = reverse("e911:gap-report")
    return f"{address}?{chosen.query}" if chosen.query else address
