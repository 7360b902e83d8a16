"""Filters of the list of uploads."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from portal.bulk import kinds
from portal.models import Upload, User
from portal.widgets import ListFilterSet


class UploadFilter(ListFilterSet):
    """Uploads by name or id, kind and state."""

    q = django_filters.CharFilter(
        method="search",
        label="Name",
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name or number"}),
    )
    kind = django_filters.ChoiceFilter(label="Kind", empty_label="Any kind")
    state = django_filters.ChoiceFilter(
        choices=[("unfinished", "Not finished"), *Upload.State.choices],
        method="in_state",
        label="State",
        empty_label="Any state",
    )
    mine = django_filters.BooleanFilter(
        method="only_mine", label="Mine only", widget=forms.CheckboxInput()
    )

    class Meta:
        model = Upload
        fields: list[str] = []

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.kinds = {kind.slug: kind.label for kind in kinds.all_for(user)}
        if "kind" in self.filters:
            self.filters["kind"].extra["choices"] = list(self.kinds.items())

    def search(self, queryset: QuerySet[Upload], name: str, value: str) -> QuerySet[Upload]:
        """Return uploads with words in the name, or this id."""
        text = value.strip()
        found = Q(name__icontains=text)
        if text.isascii() and text.isdigit() and len(text) < 10:
            found |= Q(pk=int(text))
        return queryset.filter(found)

    def in_state(self, queryset: QuerySet[Upload], name: str, value: str) -> QuerySet[Upload]:
        """Return uploads in one state, or all that are not finished."""
        if value == "unfinished":
            return queryset.filter(state__in=Upload.UNFINISHED)
        return queryset.filter(state=value)

    def only_mine(self, queryset: QuerySet[Upload], name: str, value: bool) -> QuerySet[Upload]:
        """Return one's own uploads."""
        return queryset.filter(actor=self.user) if value else queryset

    def chips(self, chips: list[dict[str, str]]) -> list[dict[str, str]]:
        """Return the chips of active filters with words instead of what stands in the address."""
        words = {
            "kind": self.kinds,
            "state": {"unfinished": "Not finished", **dict(Upload.State.choices)},
        }
        for chip in chips:
            chip["value"] = words.get(chip["name"], {}).get(chip["value"], chip["value"])
            if chip["name"] == "mine":
                chip["value"] = "only those that I uploaded"
        return chips
