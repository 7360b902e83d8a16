"""What the filters of a list leave, and the chips that say which are in effect."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpRequest

from portal.keyset import Statements
from portal.listing import PAGING_PARAMETERS
from portal.recent import Recent


def fitting(found: Any) -> models.QuerySet[Any]:
    """Return the rows that fit a FilterSet; none where a filter's value makes no sense.

    A mistyped filter must narrow the list and never widen it: what is listed is exported and
    changed in bulk.
    """
    if not found.filters:
        return found.queryset
    return found.qs if found.is_valid() else found.queryset.none()


def is_valid(found: Any) -> bool:
    """Return whether every filter of a FilterSet makes sense."""
    return not found.filters or found.is_valid()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the filters of an address ask for."""

    rows: Statements
    is_narrow: bool  # some filter is in effect
    is_valid: bool  # each of them makes sense


_asked: Recent[Asked] = Recent(most=512, seconds=30)


def asked(
    request: Any,
    make: Callable[[], Any],
    *,
    shape: Callable[[Any], Any] = lambda rows: rows,
    facts: Hashable = (),
    is_kept: bool = True,
) -> Asked:
    """Return what the address asks of a list; `make` gives its FilterSet, `shape` adds columns.

    Making forms and SQL of filters takes longer than finding most lists. So what was made is kept
    for half a minute, for the user, the address but for the place in the list, and whatever else
    the filters depend on, `facts`; never the rows. Without `is_kept` it is made anew.
    """
    query = request.GET.copy()
    for name in (*PAGING_PARAMETERS, "sort", "size"):
        query.pop(name, None)
    user = request.user
    key = (request.path, user.pk, user.role, user.customer_id, query.urlencode(), facts)
    if is_kept and (known := _asked.get(key)):
        return known
    found = make()
    made = Asked(
        rows=Statements(shape(fitting(found))),
        is_narrow=bool(found.filters),
        is_valid=is_valid(found),
    )
    return _asked.keep(key, made) if is_kept else made


def forget() -> None:
    """Forget what was kept of the filters of any address in this process."""
    _asked.forget()


def active_filters(request: HttpRequest, labels: Mapping[str, str]) -> list[dict[str, str]]:
    """Return a chip for each active filter: label, value, and the query without it."""
    chips = []
    for name, label in labels.items():
        for value in request.GET.getlist(name):
            if value:
                query = request.GET.copy()
                query.setlist(name, [v for v in query.getlist(name) if v != value])
                for paging in PAGING_PARAMETERS:
                    query.pop(paging, None)
                chips.append(
                    {"name": name, "label": label, "value": value, "query": query.urlencode()}
                )
    return chips


def name_of(model: type[models.Model], user: Any, value: str) -> str:
    """Return the name of the row whose id stands in a filter, “unknown” if the user sees none."""
    if not (value.isascii() and value.isdigit()):
        return "unknown"
    rows: Any = model._default_manager.all()
    row = rows.visible_to(user).filter(pk=int(value)).first()
    return str(row) if row else "unknown"
