"""Filters of the orders list."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from inventory.models import Order, OrderLine
from portal.models import Customer
from portal.tn import TN, InvalidTN
from portal.widgets import ListFilterSet, NameFilter, QuickSelect


class OrderFilter(ListFilterSet):
    """Orders by number, label or id, by how far they are, by customer and by person."""

    STATES = [("open", "Open"), ("settled", "Settled")]
    LABELS = {"q": "Text", "state": "State", "customer": "Customer", "mine": "Mine"}

    q = django_filters.CharFilter(
        method="search",
        label="Number, label or order",
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "type": "search",
                "placeholder": "Number, label, order",
                "autocomplete": "off",
            }
        ),
    )
    state = django_filters.ChoiceFilter(
        choices=STATES,
        method="how_far",
        label="State",
        empty_label="Any state",
        widget=QuickSelect(attrs={"class": "form-select"}),
    )
    customer = NameFilter(
        queryset=Customer.objects.none(),
        label="Customer",
        empty_label="Any customer",
        widget=QuickSelect(attrs={"class": "form-select"}),
    )
    mine = django_filters.BooleanFilter(
        method="only_mine", label="Mine only", widget=forms.CheckboxInput()
    )

    class Meta:
        model = Order
        fields: list[str] = []

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if "customer" in self.filters:
            self.filters["customer"].queryset = Customer.objects.visible_to(user)

    def search(self, queryset: Any, name: str, value: str) -> QuerySet[Order]:
        """Return orders with this number in any spelling, this id, or these words in the label."""
        text = value.strip()
        try:
            return queryset.filter(lines__tn=TN.parse(text))
        except InvalidTN:
            pass
        found = Q(label__icontains=text)
        digits = text.lower().removeprefix("order").strip(" #")
        if digits.isascii() and digits.isdigit() and len(digits) < 10:
            found |= Q(pk=int(digits))
        return queryset.filter(found)

    def how_far(self, queryset: Any, name: str, value: str) -> QuerySet[Order]:
        """Return the orders with lines that have no outcome yet, or those without."""
        waiting = OrderLine.objects.filter(order=OuterRef("pk"), status=OrderLine.Status.WAITING)
        return queryset.filter(Exists(waiting) if value == "open" else ~Exists(waiting))

    def only_mine(self, queryset: Any, name: str, value: bool) -> QuerySet[Order]:
        """Return the orders that the user placed."""
        return queryset.filter(actor=self.user) if value else queryset
