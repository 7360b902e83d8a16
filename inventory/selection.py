"""Which numbers a bulk action is about: those that were ticked, or all that match the filters.

Every bulk page asks `read` first and posts `Selection.fields` with its form. A list of "all that
match" travels as its filters, never as ids: they are evaluated again at each step against what the
user may see, and a mark of the rows tells whether they are still the ones that were previewed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from django.db.models import Count, F, Func, Max, QuerySet, Sum
from django.http import QueryDict
from django.urls import reverse

from inventory.columns import chosen_tns
from inventory.filters.numbers import TelephoneNumberFilter
from inventory.models import TelephoneNumber
from inventory.pasted import kept_list
from portal import filtering
from portal.access import Request
from portal.filtering import Asked, fitting
from portal.models import User
from portal.tn import TN

LIMIT = 100_000


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The numbers that a bulk action is about; nothing may be done while `problem` says why not."""

    numbers: QuerySet[TelephoneNumber]  # those the user may see, by number; no limit applied
    count: int  # exact up to the limit, else one more
    limit: int
    is_all: bool  # all that match `query`, not ticked ones
    query: str  # the filters, as in the list's address
    words: str  # "(312) 555-0142", "3 chosen numbers", "all 120 numbers with State: Stock"
    mark: str  # changes when rows join or leave
    left_out: int = 0  # ticked, but no longer there or not to be seen
    has_changed: bool = False  # since the mark that was posted

    @property
    def problem(self) -> str:
        """Why nothing may be done with these, as a sentence; empty where it may."""
        if not self.count:
            return "No number fits." if self.is_all else "No number was chosen."
        if self.count > self.limit:
            return f"These are more than {self.limit:,} numbers. Filter for fewer, do it in parts."
        if self.has_changed:
            return "Other numbers fit than when you looked. Look again, then confirm."
        return ""

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Return the hidden fields with which the next step of the page finds the same numbers."""
        if self.is_all:
            return [("all", "1"), ("filters", self.query), ("mark", self.mark)]
        return [("tns", " ".join(self.tns())), ("filters", self.query)]

    def kept(self) -> dict[str, Any]:
        """Return what `again` finds the same numbers by, later and for whoever looks then.

        Filters stay filters, so that numbers that join or leave are told by the mark; a pasted list
        belongs to a session and is kept as its numbers.
        """
        if self.is_all and "list" not in QueryDict(self.query):
            return {"all": True, "filters": self.query, "mark": self.mark}
        return {"tns": list(self.tns()), "filters": self.query, "mark": self.mark}

    @property
    def back_url(self) -> str:
        """Return the address of the list that this was chosen from."""
        address = reverse("inventory:tn-list")
        return f"{address}?{self.query}" if self.query else address

    def tns(self) -> Iterator[str]:
        """Yield the numbers in E.164, in order, at most one more than the limit, in one query."""
        yield from self.numbers.values_list("tn", flat=True)[: self.limit + 1]


def read(request: Request, *, limit: int = LIMIT) -> Selection:
    """Return what the request chose: from the list (GET) or from a bulk page's form (POST).

    ``all=1`` takes every number that fits ``filters`` (the list's query string, empty for all
    numbers; nothing where it is missing), else the ticked ones: ``tn``, once each, or ``tns``,
    parted by spaces or, short for an address, by dots and without their plus. Runs one query for
    them, and one for each filter by name. A ``mark`` that is no longer true sets `has_changed`.
    """
    values = request.POST if request.method == "POST" else request.GET
    if values.get("all") == "1":
        return _all_that_match(request, values, limit)
    ticked = dict.fromkeys([*chosen_tns(values), *_split(values.get("tns", ""))])
    return _ticked(request.user, list(ticked), values.get("filters", ""), limit)


def again(kept: Mapping[str, Any], user: User, *, limit: int = LIMIT) -> Selection:
    """Return what `Selection.kept` stands for, as `user` may see it now.

    `has_changed` tells that other numbers are found than were chosen.
    """
    query = kept.get("filters", "")
    if kept.get("all"):
        found = _fit(user, QueryDict(query))
        return _matching(user, fitting(found), found, query, kept["mark"], limit)
    chosen = _ticked(user, kept.get("tns", []), query, limit)
    return replace(chosen, has_changed=chosen.mark != kept["mark"])


def filtered(
    request: Request, values: QueryDict | None = None
) -> tuple[Any, TelephoneNumberFilter]:
    """Return the numbers that the user may see and the filters ask for, and the filters in use.

    The filters are those of the address, or `values`.
    """
    values = request.GET if values is None else values
    pasted = kept_list(request, values)
    found = _fit(request.user, values, None if pasted is None else pasted["tns"])
    return fitting(found), found


def asked(request: Request) -> Asked:
    """Return what the filters of the address ask for, for the list that only shows it."""
    return filtering.asked(request, lambda: filtered(request)[1], is_kept="list" not in request.GET)


def _fit(user: User, values: QueryDict, tns: list[str] | None = None) -> TelephoneNumberFilter:
    visible = TelephoneNumber.objects.visible_to(user)
    if tns is not None:
        visible = visible.among(tns)
    return TelephoneNumberFilter(values, queryset=visible, user=user, drawn=())


def _ticked(user: User, tns: list[str], query: str, limit: int) -> Selection:
    numbers = TelephoneNumber.objects.visible_to(user).among(tns).order_by("tn")
    count, mark, last = _count(numbers, limit)
    return Selection(
        numbers=numbers,
        count=count,
        limit=limit,
        is_all=False,
        query=query,
        words=TN(last).pretty if count == 1 else f"{count:,} chosen numbers",
        mark=mark,
        left_out=max(0, len(tns) - count),
    )


def _all_that_match(request: Request, values: QueryDict, limit: int) -> Selection:
    query = values.get("filters", "")
    numbers, found = filtered(request, QueryDict(query))
    if "filters" not in values:
        numbers = numbers.none()  # a form that forgot them must not mean everything
    return _matching(request.user, numbers, found, query, values.get("mark", ""), limit)


def _matching(
    user: User,
    numbers: QuerySet[TelephoneNumber],
    found: TelephoneNumberFilter,
    query: str,
    posted: str,
    limit: int,
) -> Selection:
    numbers = numbers.order_by("tn")
    count, mark, _ = _count(numbers, limit)
    shown = f"{limit:,}+" if count > limit else f"{count:,}"
    conditions = ", ".join(f"{label}: {value}" for label, value in found.words(user))
    named = "number" if count == 1 else "numbers"
    return Selection(
        numbers=numbers,
        count=count,
        limit=limit,
        is_all=True,
        query=query,
        words=f"all {shown} {named}" + (f" with {conditions}" if conditions else ""),
        mark=mark,
        has_changed=bool(posted) and posted != mark,
    )


def _count(numbers: QuerySet[TelephoneNumber], limit: int) -> tuple[int, str, str]:
    """Return how many numbers there are (to one beyond the limit), their mark, and the last."""
    hashed = Func(F("pk"), function="hashint8extended", template="%(function)s(%(expressions)s, 0)")
    few = numbers.order_by().annotate(h=hashed).values("tn", "h")[: limit + 1]
    found = few.aggregate(
        n=Count("tn"), mark=Sum("h", output_field=models.DecimalField()), last=Max("tn")
    )
    return found["n"], f"{found['n']}.{found['mark'] or 0}", found["last"] or ""


def _split(text: str) -> list[str]:
    words = (word.removeprefix("+") for word in re.split(r"[\s.]+", text))
    return [f"+{digits}" for digits in words if digits.isascii() and digits.isdecimal()]
