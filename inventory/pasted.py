"""Pasted lists of numbers: kept in the session under a short token, so that the address stays short."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import QueryDict

from inventory.models import TelephoneNumber
from portal.access import Request
from portal.tn import parse_many

LIST_CAP = 10_000  # numbers; a session is read with every request
_LISTS_KEPT = 3
_BAD_KEPT = 200


def keep_list(request: Request, text: str) -> str:
    """Keep a pasted list of numbers for this session; return its token for the address."""
    good, bad = parse_many(text)
    token = secrets.token_hex(4)
    lists = dict(request.session.get("tn-lists", {}))
    lists[token] = {
        "tns": list(good[:LIST_CAP]),
        "left_out": max(0, len(good) - LIST_CAP),
        "bad": [list(entry) for entry in bad[:_BAD_KEPT]],
        "bad_count": len(bad),
    }
    request.session["tn-lists"] = dict(list(lists.items())[-_LISTS_KEPT:])
    return token


def kept_list(request: Request, values: QueryDict | None = None) -> dict[str, Any] | None:
    """Return the pasted list that the address (or `values`) names, None where it names none.

    `tns` are its numbers, `left_out` how many were too many, `bad` what was no number, `is_gone`
    whether the list is no longer kept: nothing may be listed then, least of all everything.
    """
    token = (request.GET if values is None else values).get("list", "")
    if not token:
        return None
    found = request.session.get("tn-lists", {}).get(token)
    if found is None:
        return {"tns": [], "left_out": 0, "bad": [], "bad_count": 0, "is_gone": True}
    return {**found, "is_gone": False}


def shown_list(request: Request) -> dict[str, Any] | None:
    """Return the pasted list of the address as `kept_list` does, with `absent` and `here`.

    `absent` are its numbers that the user may not see or that we do not have, whatever other
    filters say, in the order in which they were pasted; `here` is how many the others are.
    """
    kept = kept_list(request)
    if kept is None:
        return None
    here = TelephoneNumber.objects.visible_to(request.user).among(kept["tns"])
    known = set(here.values_list("tn", flat=True)) if kept["tns"] else set()
    absent = [tn for tn in kept["tns"] if tn not in known]
    return {**kept, "absent": absent, "here": len(known)}
