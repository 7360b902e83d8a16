"""Filters of the list of saved places."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from e911.models import Location
from portal.filtering import name_of
from portal.models import Customer
from portal.widgets import ListFilterSet, NameFilter, QuickSelect


class LocationFilter(ListFilterSet):
    """Places by text and customer; without a state those that can be chosen."""

    STATES = [("archived", "Archived"), ("all", "All")]
    LABELS = {"q": "Text", "customer": "Customer", "state": "State"}

    q = django_filters.CharFilter(
        method="search",
        label="Name or address",
        max_length=80,
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "type": "search",
                "placeholder": "Name or address",
                "autocomplete": "off",
            }
        ),
    )
    customer = NameFilter(
        queryset=Customer.objects.none(),
        label="Customer",
        empty_label="Any customer",
        widget=QuickSelect(attrs={"class": "form-select"}),
    )
    state = django_filters.ChoiceFilter(
        method="with_state",
        choices=STATES,
        label="State",
        empty_label="In use",
        widget=QuickSelect(attrs={"class": "form-select"}),
    )

    class Meta:
        model = Location
        fields: list[str] = []

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not user.is_staff_role:
            self.filters.pop("customer", None)
        if "customer" in self.filters:
            self.filters["customer"].queryset = Customer.objects.visible_to(user)

    def filter_queryset(self, queryset: Any) -> Any:
        """Return what fits; without a state only what can be chosen."""
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("state") else found.active()

    def search(self, queryset: Any, name: str, value: str) -> QuerySet[Location]:
        """Return places with this text in their name, street, city or caller name."""
        text = value.strip()
        return queryset.filter(
            Q(name__icontains=text)
            | Q(street__icontains=text)
            | Q(city__icontains=text)
            | Q(caller_name__icontains=text)
        )

    def with_state(self, queryset: Any, name: str, value: str) -> QuerySet[Location]:
        """Return the archived ones, or all."""
        return queryset.filter(is_archived=True) if value == "archived" else queryset

    def word(self, name: str, value: str) -> str:
        """Return the words of a filter's value."""
        if name == "customer":
            return name_of(Customer, self.user, value)
        return dict(self.STATES).get(value, value) if name == "state" else value
