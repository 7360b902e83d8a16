"""Filters of the list of lookups."""

from __future__ import annotations

import django_filters
from django import forms
from django.db.models import QuerySet

from inventory.models import Lookup
from portal.tn import TN, InvalidTN
from portal.widgets import ListFilterSet


class LookupFilter(ListFilterSet):
    """Kept answers by number and kind."""

    LABELS = {"q": "Number", "kind": "What"}

    q = django_filters.CharFilter(
        method="with_number",
        label="Number",
        max_length=40,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Number or its digits", "autocomplete": "off"}
        ),
    )
    kind = django_filters.ChoiceFilter(
        choices=Lookup.Kind.choices, label="What", empty_label="Anything"
    )

    class Meta:
        model = Lookup
        fields: list[str] = []

    def with_number(self, queryset: QuerySet[Lookup], name: str, value: str) -> QuerySet[Lookup]:
        """Return answers about a number in any spelling, or with these digits in it."""
        try:
            return queryset.filter(tn=TN.parse(value))
        except InvalidTN:
            digits = "".join(c for c in value if c.isascii() and c.isdigit())
            return queryset.filter(tn__contains=digits) if digits else queryset.none()
