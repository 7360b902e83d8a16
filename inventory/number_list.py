"""What the page of the numbers list shows, and what it depends on."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from inventory import bulk_actions
from inventory.columns import Column, allowed_columns
from inventory.filters.numbers import TelephoneNumberFilter
from inventory.models import TelephoneNumber
from inventory.pasted import shown_list
from inventory.rows import draw_rows
from inventory.saved_views import TABS, View
from portal import kept
from portal.access import Request
from portal.filtering import active_filters
from portal.listing import PAGING_PARAMETERS, Page

_DRAWN = ("q", "state", "has")  # the other filters are drawn when their fold is opened


@dataclass(frozen=True, kw_only=True)
class TNList:
    """One page of the list."""

    request: Request
    page: Page
    columns: list[Column]
    views: tuple[View, ...]
    is_valid: bool

    @property
    def key(self) -> Hashable:
        """What the page depends on besides its rows; None where it is not worth keeping."""
        values = self.request.GET
        if not self.is_valid or "list" in values:
            return None
        names = tuple(column.name for column in self.columns)
        return kept.list_key(self.request, self.page, names, self.views)

    @property
    def parts(self) -> dict[str, str]:
        """What differs from visit to visit."""
        names, labels = zip(*[(c.name, c.label) for c in self.columns], strict=True)
        return kept.list_parts(self.page, draw_rows(self.page.rows, names, labels))

    @property
    def parts_filled(self) -> dict[str, Any]:
        """What takes the place of the slots where nothing is kept."""
        return {"rows": self.parts["rows"], "page": self.page}

    def context(self) -> dict[str, Any]:
        """Return what the templates are drawn from, slots for the parts."""
        request, user = self.request, self.request.user
        values = request.GET
        is_open = "more" in values
        found = TelephoneNumberFilter(
            values,
            queryset=TelephoneNumber.objects.none(),
            user=user,
            drawn=None if is_open else _DRAWN,
        )
        default = next((view for view in self.views if view.is_default), None)
        return {
            "filter": found,
            **kept.list_slots(self.page),
            "more": is_open,
            "folded": _folded(request),
            "columns": self.columns,
            "shown": {column.name for column in self.columns},
            "all_columns": allowed_columns(user),
            "chips": _chips(request, found),
            "pasted": shown_list(request),
            "query": _without(values, "col", "more", "size", "view", *PAGING_PARAMETERS),
            "view_query": self._view_query(),
            "views": self.views[:TABS],
            "view": values.get("view", ""),
            "has_default": default is not None,
            "bulk_bar": bulk_actions.bar(user),
            "list_url": reverse("inventory:tn-list"),
            "can_search": user.has_perm("inventory.search_stock"),
        }

    def _view_query(self) -> str:
        """Return what a view saved now would keep: filters, sort, and columns that are not usual."""
        query = self.request.GET.copy()
        query.setlist("col", [column.name for column in self.columns])
        if all(c.by_default == (c in self.columns) for c in allowed_columns(self.request.user)):
            del query["col"]
        return _without(query, "more", "size", "view", "list", *PAGING_PARAMETERS)


def _without(values: QueryDict, *names: str) -> str:
    """Return parameters as a query string, some of them and empty ones left out."""
    query = QueryDict(mutable=True)
    for name, found in values.lists():
        if name not in names and any(found):
            query.setlist(name, [value for value in found if value])
    return query.urlencode()


def _folded(request: Request) -> list[tuple[str, str]]:
    """Return the filters in effect whose fields the form draws only when the fold is opened."""
    names = [name for name in TelephoneNumberFilter.LABELS if name not in (*_DRAWN, "list")]
    return [(name, value) for name in names for value in request.GET.getlist(name) if value]


def _chips(request: Request, found: TelephoneNumberFilter) -> list[dict[str, str]]:
    """Return the chips of the filters in effect, with words instead of ids."""
    labels = {
        name: label
        for name, label in TelephoneNumberFilter.LABELS.items()
        if name in found.filters or name == "list"
    }
    chips = active_filters(request, labels)
    for chip in chips:
        chip["value"] = found.word(request.user, chip["name"], chip["value"])
    return chips
