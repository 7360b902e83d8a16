"""Filters of the differences of E911."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from e911.models import Difference
from portal.listing import name_of
from portal.models import ProviderAccount
from portal.tn import TN, InvalidTN
from portal.widgets import ListFilterSet, NameFilter, QuickSelect

WAITING = (Difference.Status.OPEN, Difference.Status.REPAIRING)


class DifferenceFilter(ListFilterSet):
    """Differences by number, kind, provider and state; without a state those that wait."""

    STATES = [("ignored", "Ignored"), ("closed", "Gone"), ("all", "All")]
    LABELS = {"q": "Number", "kind": "Kind", "account": "Provider", "state": "State"}

    q = django_filters.CharFilter(
        method="search",
        label="Number",
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "type": "search",
                "placeholder": "Number",
                "autocomplete": "off",
            }
        ),
    )
    kind = django_filters.ChoiceFilter(
        choices=Difference.Kind.choices,
        label="Kind",
        empty_label="Any kind",
        widget=QuickSelect(attrs={"class": "form-select"}),
    )
    account = NameFilter(
        field_name="record__account",
        queryset=ProviderAccount.objects.none(),
        label="Provider",
        empty_label="Any provider",
        widget=QuickSelect(attrs={"class": "form-select"}),
    )
    state = django_filters.ChoiceFilter(
        choices=STATES,
        method="with_state",
        label="State",
        empty_label="To look at",
        widget=QuickSelect(attrs={"class": "form-select"}),
    )

    class Meta:
        model = Difference
        fields: list[str] = []

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if "account" in self.filters:
            self.filters["account"].queryset = ProviderAccount.objects.visible_to(user)

    def filter_queryset(self, queryset: Any) -> Any:
        """Return what fits; those that wait where no state was asked for."""
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("state") else found.filter(status__in=WAITING)

    def search(self, queryset: Any, name: str, value: str) -> QuerySet[Difference]:
        """Return differences about this number, in any spelling, or with these digits."""
        try:
            return queryset.filter(record__tn=TN.parse(value))
        except InvalidTN:
            digits = "".join(c for c in value if c.isascii() and c.isdigit())
            return queryset.filter(record__tn__contains=digits) if digits else queryset.none()

    def with_state(self, queryset: Any, name: str, value: str) -> QuerySet[Difference]:
        """Return the ignored ones, those that are gone, or all."""
        if value == "ignored":
            return queryset.filter(status=Difference.Status.IGNORED)
        return queryset if value == "all" else queryset.exclude(status__in=Difference.LIVE)

    def word(self, name: str, value: str) -> str:
        """Return the words of a filter's value."""
        if name == "account":
            return name_of(ProviderAccount, self.user, value)
        choices = {"kind": dict(Difference.Kind.choices), "state": dict(self.STATES)}
        return choices.get(name, {}).get(value, value)
