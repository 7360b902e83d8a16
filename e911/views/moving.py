"""Moving every number of a saved place to the place's present address."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from e911 import operations, services, set_page
from e911.models import EmergencyRecord, Location
from inventory.models import TelephoneNumber
from portal import htmx, jobs
from portal.access import Request, get_visible_or_404, requires
from portal.models import ProviderAccount
from portal.operations import Problem

LIMIT = 2000
SHOWN = 50


@requires("e911.change_location")
def location_move(request: Request, pk: int) -> HttpResponse:
    """Preview which numbers get the place's address, and have it checked for all of them."""
    place = get_visible_or_404(Location, request.user, pk=pk)
    by_account, staying = _numbers(place)
    count = sum(len(numbers) for numbers in by_account.values())
    problems: list[Problem] = []
    if count > LIMIT:
        problems = [Problem(message=f"These are more than {LIMIT:,} numbers. Move them by file.")]
    if request.method == "POST" and count and not problems:
        try:
            return htmx.go(request, f"{reverse('e911:check-list')}?{_ask(request, place)}")
        except jobs.NotAccepted as refusal:
            problems = refusal.problems
    context = {
        "place": place,
        "by_account": [
            (account, numbers[:SHOWN], len(numbers)) for account, numbers in by_account.items()
        ],
        "count": count,
        "staying": staying,
        "problems": problems,
    }
    status = 409 if problems else 200
    return render(request, "e911/location_move.html", context, status=status)


def _numbers(
    place: Location,
) -> tuple[dict[ProviderAccount, list[TelephoneNumber]], list[tuple[TelephoneNumber, str]]]:
    """Return the numbers that have another address than their place, by account, and the rest."""
    behind = EmergencyRecord.objects.primary().filter(location=place)
    behind = behind.exclude(accepted_key=place.typed_key)
    rows = TelephoneNumber.objects.filter(pk__in=behind.values("number"))
    going: dict[ProviderAccount, list[TelephoneNumber]] = {}
    staying = []
    for number in rows.select_related("account", "customer").order_by("account_id", "tn"):
        if why := _why_not(place, number):
            staying.append((number, why))
        else:
            going.setdefault(number.account, []).append(number)
    return going, staying


def _why_not(place: Location, number: TelephoneNumber) -> str:
    """Return why a number cannot have the address of its place any more, as a sentence."""
    if place.customer_id and number.customer_id != place.customer_id:
        return "It belongs to somebody else now."
    return set_page.why_not(number)


@transaction.atomic
def _ask(request: Request, place: Location) -> str:
    """Submit one check for each account; return the query of the page that follows them."""
    by_account, _ = _numbers(place)
    ids = []
    for account, numbers in by_account.items():
        check = services.new_check(
            account=account,
            parts=place.parts,
            caller_name=place.caller_name,
            is_multi_unit=place.is_multi_unit,
            customer=place.customer,
            location=place,
            numbers=numbers,
            actor=request.user,
        )
        operations.validate(check, actor=request.user)
        ids.append(check.pk)
    return "&".join(f"id={pk}" for pk in ids)
