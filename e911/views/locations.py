"""Saved places: the list, one place with its numbers, and what is done to it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from e911 import location_rows, services
from e911.filters.locations import LocationFilter
from e911.forms.locations import LocationForm
from e911.models import EmergencyRecord, Location
from portal import htmx, kept
from portal.access import Request, get_visible_or_404, requires
from portal.filtering import active_filters, asked
from portal.listing import Page, Sort, capped_count, paginate

VIEW = "e911.view_emergencyrecord"
CHANGE = "e911.change_location"
SORTS = [Sort(name="name", label="Name", column="name")]
NUMBER_SORTS = [Sort(name="tn", label="Number", column="tn")]


@requires(VIEW)
def location_list(request: Request) -> HttpResponse:
    """Return the places that the user may see, with how many numbers use each."""
    # Without a state those in use are asked for.
    found = asked(request, lambda: _found(request, drawn=("state",)))
    page = paginate(
        request,
        found.rows,
        SORTS,
        default="name",
        is_narrow=bool(request.GET),
        fetch=location_rows.fetch,
    )
    is_staff = request.user.is_staff_role
    return kept.render_rows(
        request,
        ("e911/location_list.html", "e911/_location_table.html"),
        page,
        location_rows.draw(page.rows, _use(request, page), is_staff=is_staff),
        lambda: {
            "filter": _found(request),
            "chips": _chips(request),
            "can_change": request.user.has_perm(CHANGE),
        },
        facts=() if found.is_valid else None,
    )


def _found(request: Request, drawn: Collection[str] | None = None) -> LocationFilter:
    visible = Location.objects.visible_to(request.user)
    return LocationFilter(request.GET, queryset=visible, user=request.user, drawn=drawn)


def _chips(request: Request) -> list[dict[str, str]]:
    found = _found(request, drawn=())
    chips = active_filters(request, found.LABELS)
    for chip in chips:
        chip["value"] = found.word(chip["name"], chip["value"])
    return chips


def _use(request: Request, page: Page) -> dict[int, int]:
    """Return how many numbers use each place of a page."""
    places = [place["id"] for place in page.rows]
    used = EmergencyRecord.objects.visible_to(request.user).filter(location__in=places)
    return dict(used.order_by().values_list("location").annotate(n=Count("pk")))


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
