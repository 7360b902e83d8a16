"""Saved places: the list, one place with its numbers, and what is done to it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from e911 import services
from e911.filters.locations import LocationFilter
from e911.forms.locations import LocationForm
from e911.models import EmergencyRecord, Location
from portal import htmx
from portal.access import Request, get_visible_or_404, requires
from portal.listing import Sort, active_filters, capped_count, fitting, paginate

VIEW = "e911.view_emergencyrecord"
CHANGE = "e911.change_location"
SORTS = [Sort(name="name", label="Name", column="name")]
NUMBER_SORTS = [Sort(name="tn", label="Number", column="tn")]


@requires(VIEW)
def location_list(request: Request) -> HttpResponse:
    """Return the places that the user may see, with how many numbers use each."""
    visible = Location.objects.visible_to(request.user)
    found = LocationFilter(request.GET, queryset=visible, user=request.user)
    rows = fitting(found)
    count, is_exact = capped_count(rows)
    chips = active_filters(request, found.LABELS)
    for chip in chips:
        chip["value"] = found.word(chip["name"], chip["value"])
    page = paginate(request, rows.select_related("customer"), SORTS, default="name")
    context = {
        "filter": found,
        "page": page,
        "rows": _with_use(request, page.rows),
        "count": count,
        "count_is_exact": is_exact,
        "chips": chips,
        "can_change": request.user.has_perm(CHANGE),
    }
    whole, fragment = "e911/location_list.html", "e911/_location_table.html"
    return htmx.render_list(request, whole, fragment, context)


def _with_use(request: Request, places: list[Location]) -> list[tuple[Location, int]]:
    """Return places with how many numbers use each."""
    used = EmergencyRecord.objects.visible_to(request.user).filter(location__in=places)
    counts = dict(used.order_by().values_list("location").annotate(n=Count("pk")))
    return [(place, counts.get(place.pk, 0)) for place in places]


@requires(CHANGE)
def location_new(request: Request) -> HttpResponse:
    """Draw and take the form of a new place."""
    form = LocationForm(request.POST or None, user=request.user)
    return _form(request, form, None)


@requires(CHANGE)
def location_edit(request: Request, pk: int) -> HttpResponse:
    """Draw and take the form of a place; numbers that use it keep their address meanwhile."""
    place = _place(request, pk)
    form = LocationForm(request.POST or None, user=request.user, instance=place)
    return _form(request, form, place)


def _form(request: Request, form: LocationForm, place: Location | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        kept = services.save_location(form, actor=request.user)
        left = _using(request, kept).exclude(accepted_key=kept.typed_key).count()
        if left:
            messages.warning(
                request,
                f"{kept} is saved. {left:,} of its numbers still have another address: "
                "move them, or nothing changes for them.",
            )
        else:
            messages.success(request, f"{kept} is saved.")
        return redirect("e911:location-detail", pk=kept.pk)
    context = {"form": form, "place": place}
    status = 422 if form.is_bound else 200
    return render(request, "e911/location_form.html", context, status=status)


@requires(VIEW)
def location_detail(request: Request, pk: int) -> HttpResponse:
    """Return a place with the numbers that use it."""
    place = _place(request, pk)
    records = _using(request, place)
    count, is_exact = capped_count(records)
    known = records.select_related("number", "account", "customer")
    context: dict[str, Any] = {
        "place": place,
        "page": paginate(request, known, NUMBER_SORTS, default="tn"),
        "count": count,
        "count_is_exact": is_exact,
        "behind": records.exclude(accepted_key=place.typed_key).count(),
        "can_change": request.user.has_perm(CHANGE),
    }
    whole, fragment = "e911/location_detail.html", "e911/_location_numbers.html"
    return htmx.render_list(request, whole, fragment, context)


@requires(CHANGE)
@require_POST
def location_archive(request: Request, pk: int) -> HttpResponse:
    """Take a place out of the choices, or back into them."""
    place = _place(request, pk)
    is_archived = request.POST.get("back") != "1"
    services.archive_location(place, actor=request.user, is_archived=is_archived)
    words = "is archived: it can be chosen no more" if is_archived else "can be chosen again"
    messages.success(request, f"{place} {words}.")
    return redirect("e911:location-detail", pk=place.pk)


def _place(request: Request, pk: int) -> Location:
    return get_visible_or_404(Location, request.user, pk=pk)


def _using(request: Request, place: Location) -> Any:
    """Return the records whose address was given by a place, as far as the user may see them."""
    return EmergencyRecord.objects.visible_to(request.user).filter(location=place)
