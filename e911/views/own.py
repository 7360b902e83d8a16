"""A customer's own numbers with their 911 addresses, in plain words."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect

from e911.models import EmergencyRecord, Standing
from portal import htmx
from portal.access import Request, requires
from portal.listing import Sort, capped_count, paginate
from portal.tn import TN, InvalidTN

SORTS = [Sort(name="tn", label="Number", column="tn", is_unique=True)]
B = Standing.Bucket
# What a customer reads: the words, the tone, and whether he is to do something.
WORDS: Final = {
    B.NOT_REQUIRED: ("Not needed", "muted", False),
    B.LOST: ("911 may not work", "bad", True),
    B.INVALID: ("The address was refused", "bad", True),
    B.NONE: ("No address", "bad", True),
    B.UNCONFIRMED: ("Being confirmed", "info", False),
    B.CHANGED: ("Look at the address", "warn", True),
    B.NO_UNIT: ("Unit or floor missing", "warn", True),
    B.NO_ALERT: ("In order", "ok", False),
    B.NO_TEST: ("In order", "ok", False),
    B.VERIFIED: ("In order", "ok", False),
}
TO_DO: Final = [bucket.value for bucket, (_, _, is_to_do) in WORDS.items() if is_to_do]


@requires("e911.view_emergencyrecord")
def own_list(request: Request) -> HttpResponse:
    """Return every number of the customer with where help is sent; staff have the gap report."""
    if request.user.is_staff_role:
        return redirect("e911:gap-report")
    visible = Standing.objects.visible_to(request.user)
    standings = _searched(visible, request.GET.get("q", "").strip())
    if only_to_do := request.GET.get("only") == "todo":
        standings = standings.filter(bucket__in=TO_DO)
    page = paginate(request, standings.select_related("number"), SORTS, default="tn")
    count, is_exact = capped_count(standings)
    context = {
        "page": page,
        "rows": _rows(page.rows, request.user),
        "count": count,
        "count_is_exact": is_exact,
        "to_do": capped_count(visible.filter(bucket__in=TO_DO))[0],
        "only_to_do": only_to_do,
        "text": request.GET.get("q", ""),
        "can_set": request.user.has_perm("e911.check_address"),
    }
    whole, fragment = "e911/own_list.html", "e911/_own_table.html"
    return htmx.render_list(request, whole, fragment, context)


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


def _rows(standings: list[Standing], user: Any) -> list[dict[str, Any]]:
    tns = [standing.tn for standing in standings]
    records = EmergencyRecord.objects.visible_to(user).filter(tn__in=tns)
    known = {record.tn: record for record in records}
    return [
        {
            "standing": standing,
            "record": known.get(standing.tn),
            "word": WORDS[B(standing.bucket)][0],
            "tone": WORDS[B(standing.bucket)][1],
            "is_to_do": WORDS[B(standing.bucket)][2],
        }
        for standing in standings
    ]
