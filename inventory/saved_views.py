"""Saved views of the numbers list: which ones a user has, and keeping them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from django.db import transaction
from django.http import QueryDict

from inventory.columns import allowed_columns
from inventory.filters.numbers import TelephoneNumberFilter
from inventory.models import SavedView
from portal import prepared
from portal.models import User

TABS = 8
MOST = 50  # views of one user
_KEPT = [name for name in TelephoneNumberFilter.LABELS if name != "list"] + ["sort", "col"]


class View(NamedTuple):
    """A view as the list's tabs show it."""

    pk: int
    name: str
    query: str
    is_own: bool
    is_default: bool

    @property
    def address_query(self) -> str:
        """The list's query string that opens it."""
        return f"{self.query}&view={self.pk}" if self.query else f"view={self.pk}"


def of(user: User) -> list[View]:
    """Return the views that a user has: his own first, then those that others share."""
    sql, params = _sql(user.is_staff_role, user.pk)
    found = [
        View(pk, name, query, owner == user.pk, is_default and owner == user.pk)
        for pk, name, query, owner, is_default in prepared.rows(sql, params)
    ]
    return sorted(found, key=lambda view: not view.is_own)


@lru_cache(maxsize=1024)
def _sql(is_staff: bool, user_id: int) -> tuple[str, Any]:
    """Return the query's SQL; every list page runs it, and making it takes longer."""
    user = User(pk=user_id, role=User.Role.VIEWER if is_staff else User.Role.MEMBER)
    views = SavedView.objects.visible_to(user).order_by("name", "pk")
    return views.values_list("pk", "name", "query", "user_id", "is_default").query.sql_with_params()


def kept_query(values: QueryDict, user: User) -> str:
    """Return what of a list's parameters a view keeps: filters, sort and columns, sorted by name.

    A pasted list ends with its session and is not kept.
    """
    query = QueryDict(mutable=True)
    columns = {column.name for column in allowed_columns(user)}
    for name in _KEPT:
        found = [value for value in values.getlist(name) if value and "\x00" not in value]
        if found:
            query.setlist(name, [v for v in found if name != "col" or v in columns])
    return query.urlencode()


@transaction.atomic
def save(view: SavedView) -> None:
    """Save a view of one's own; where it is the one shown first, no other is."""
    if view.is_default:
        others = SavedView.objects.filter(user=view.user, is_default=True).exclude(pk=view.pk)
        others.update(is_default=False)
    view.save()
