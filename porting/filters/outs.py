"""Filters of the list of numbers that leave."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from portal.models import Customer
from portal.tn import TN, InvalidTN
from portal.widgets import ListFilterSet, NameFilter, QuickSelect
from porting.models import PortOut

SELECT = {"class": "form-select"}
STATES = [
    ("open", "All open"),
    ("undone", "Gone, not all done"),
    *PortOut.State.choices,
]
LABELS = {"q": "Text", "state": "State", "way": "Noticed by", "customer": "Customer"}


class PortOutFilter(ListFilterSet):
    """Numbers that leave, by number or carrier, state, how it was noticed, and customer."""

    q = django_filters.CharFilter(
        method="search",
        label="Number or carrier",
        max_length=100,
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "type": "search",
                "placeholder": "Number or carrier",
                "autocomplete": "off",
            }
        ),
    )
    state = django_filters.ChoiceFilter(
        choices=STATES,
        method="in_state",
        label="State",
        empty_label="Any state",
        widget=QuickSelect(attrs=SELECT),
    )
    way = django_filters.ChoiceFilter(
        field_name="detected_by",
        choices=PortOut.Way.choices,
        label="Noticed by",
        empty_label="However noticed",
        widget=QuickSelect(attrs=SELECT),
    )
    customer = NameFilter(
        queryset=Customer.objects.none(),
        label="Customer",
        empty_label="Any customer",
        widget=QuickSelect(attrs=SELECT),
    )

    class Meta:
        model = PortOut
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "customer" in self.filters:
            self.filters["customer"].queryset = Customer.objects.visible_to(self.request.user)

    def search(self, queryset: Any, name: str, value: str) -> QuerySet[PortOut]:
        """Return cases of a number in any spelling or part, or with this text in the carrier."""
        text = value.strip()
        try:
            return queryset.filter(tn=TN.parse(text))
        except InvalidTN:
            digits = "".join(c for c in text if c.isdigit())
        found = Q(gaining_carrier__icontains=text)
        if len(digits) >= 3 and not any(c.isalpha() for c in text):
            found |= Q(tn__contains=digits)
        return queryset.filter(found)

    def in_state(self, queryset: Any, name: str, value: str) -> QuerySet[PortOut]:
        """Return cases of one state, all that are open, or those whose consequences are not drawn."""
        if value == "open":
            return queryset.open()
        if value == "undone":
            return queryset.to_follow_up()
        return queryset.filter(state=value)
