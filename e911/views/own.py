"""A customer's own numbers with their 911 addresses, in plain words."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect

from e911 import own_page
from e911.models import Standing
from portal import kept
from portal.access import Request, requires
from portal.listing import Sort, capped_count, paginate
from portal.tn import TN, InvalidTN

SORTS = [Sort(name="tn", label="Number", column="tn", is_unique=True)]


@requires("e911.view_emergencyrecord")
def own_list(request: Request) -> HttpResponse:
    """Return every number of the customer with where help is sent; staff have the gap report."""
    if request.user.is_staff_role:
        return redirect("e911:gap-report")
    visible = Standing.objects.visible_to(request.user)
    standings = _searched(visible, request.GET.get("q", "").strip())
    is_to_do = own_page.is_to_do()
    if only_to_do := request.GET.get("only") == "todo":
        standings = standings.filter(is_to_do)
    page = paginate(
        request,
        standings,
        SORTS,
        default="tn",
        is_narrow=bool(only_to_do or request.GET.get("q")),
        fetch=own_page.fetch,
    )
    to_do = capped_count(visible.filter(is_to_do))[0]
    return kept.render_rows(
        request,
        ("e911/own_list.html", "e911/_own_table.html"),
        page,
        own_page.draw(page.rows, request.user),
        lambda: {
            "to_do": to_do,
            "only_to_do": only_to_do,
            "text": request.GET.get("q", ""),
            "can_set": request.user.has_perm("e911.check_address"),
        },
        facts=(to_do,),
    )


def _searched(standings: Any, text: str) -> Any:
    """Return the numbers that a text means: a number, some of its digits, or a label."""
    if not text:
        return standings
    try:
        return standings.filter(tn=TN.parse(text))
    except InvalidTN:
        digits = "".join(c for c in text if c.isascii() and c.isdigit())
        found = Q(number__label__icontains=text)
        return standings.filter(found | Q(tn__contains=digits) if digits else found)
