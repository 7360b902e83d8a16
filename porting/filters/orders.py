"""Filters of the list of port orders."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.models import Customer, ProviderAccount
from portal.widgets import ListFilterSet, NameFilter, QuickSelect
from porting import board
from porting.models import PortOrder

SELECT = {"class": "form-select"}
STATES = [("open", "All open"), ("over", "All that ended"), *PortOrder.State.choices]
FLAGS = [
    ("late", "Late"),
    ("letter", "Letter not sent"),
    ("bill", "No bill"),
    ("word", "New provider word"),
    ("asked", "Started by the customer"),
]
LABELS = {
    "q": "Text",
    "lane": "Board",
    "state": "State",
    "customer": "Customer",
    "account": "Provider",
    "who": "Who must act",
    "flag": "With",
    "code": "Rejection",
    "carrier": "Losing carrier",
}
STAFF_ONLY = ("lane", "customer", "account", "flag", "who", "code", "carrier")


class PortFilter(ListFilterSet):
    """Port orders by text, lane, state, customer, account, who must act, and what is wrong."""

    q = django_filters.CharFilter(
        method="search",
        label="Number, port, name or ticket",
        max_length=100,
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "type": "search",
                "placeholder": "Number, port, name",
                "autocomplete": "off",
            }
        ),
    )
    lane = django_filters.ChoiceFilter(
        choices=[(lane.name, lane.title) for lane in board.LANES],
        method="in_lane",
        label="Board",
        empty_label="Whole board",
        widget=QuickSelect(attrs=SELECT),
    )
    state = django_filters.ChoiceFilter(
        choices=STATES,
        method="in_state",
        label="State",
        empty_label="Any state",
        widget=QuickSelect(attrs=SELECT),
    )
    customer = NameFilter(
        queryset=Customer.objects.none(),
        label="Customer",
        empty_label="Any customer",
        widget=QuickSelect(attrs=SELECT),
    )
    account = NameFilter(
        queryset=ProviderAccount.objects.none(),
        label="Provider",
        empty_label="Any provider",
        widget=QuickSelect(attrs=SELECT),
    )
    who = django_filters.ChoiceFilter(
        field_name="who_must_act",
        choices=PortOrder.Actor.choices,
        label="Who must act",
        empty_label="Whoever acts",
        widget=QuickSelect(attrs=SELECT),
    )
    flag = django_filters.ChoiceFilter(
        choices=FLAGS,
        method="with_flag",
        label="With",
        empty_label="With or without",
        widget=QuickSelect(attrs=SELECT),
    )
    code = django_filters.CharFilter(
        field_name="reject_code", max_length=40, widget=forms.HiddenInput
    )
    carrier = django_filters.CharFilter(
        field_name="losing_carrier", max_length=120, widget=forms.HiddenInput
    )

    class Meta:
        model = PortOrder
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.request.user
        if not user.is_staff_role:
            for name in STAFF_ONLY:
                self.filters.pop(name, None)
        if "customer" in self.filters:
            self.filters["customer"].queryset = Customer.objects.visible_to(user)
        if "account" in self.filters:
            self.filters["account"].queryset = ProviderAccount.objects.visible_to(user)

    def search(self, queryset: Any, name: str, value: str) -> QuerySet[PortOrder]:
        """Return the orders that a text means: a number, an order, a name, a ticket."""
        return queryset.matching(value)

    def in_lane(self, queryset: Any, name: str, value: str) -> QuerySet[PortOrder]:
        """Return the orders of one lane of the board."""
        return board.in_lane(queryset, value)

    def in_state(self, queryset: Any, name: str, value: str) -> QuerySet[PortOrder]:
        """Return the orders of one state, all that are open, or all that ended."""
        if value == "open":
            return queryset.open()
        if value == "over":
            return queryset.filter(state__in=PortOrder.OVER)
        return queryset.filter(state=value)

    def with_flag(self, queryset: Any, name: str, value: str) -> QuerySet[PortOrder]:
        """Return the orders that something is to be seen of."""
        going = queryset.exclude(state__in=board.FINISHED)
        if value == "late":
            return going.filter(sla_due_at__lt=timezone.now())
        if value == "letter":
            waits = Q(loa_sent_at=None, foc_date=None, state__in=PortOrder.AT_PROVIDER)
            return queryset.filter(waits)
        if value == "bill":
            return going.with_papers().filter(has_bill=False)
        if value == "word":
            return queryset.filter(is_word_known=False)
        return queryset.filter(is_requested_by_customer=True)
