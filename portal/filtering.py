"""What the filters of a list leave, and the chips that say which are in effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.http import HttpRequest

from portal.listing import PAGING_PARAMETERS


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
