"""Filters of the inventory's lists."""

from __future__ import annotations

import re
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from inventory import regions
from inventory.models import Order, OrderLine, TelephoneNumber
from portal.listing import name_of
from portal.models import Customer, ProviderAccount
from portal.tn import TN, TOLL_FREE_NPAS, InvalidTN
from portal.widgets import NameFilter, QuickSelect

_SPLIT = re.compile(r"[\s,;]+")


class TelephoneNumberFilter(django_filters.FilterSet):
    """Numbers by text, state, holder, place and what the provider says."""

    q = django_filters.CharFilter(
        method="search",
        label="Number or label",
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "type": "search",
                "placeholder": "Digits or label",
                "autocomplete": "off",
            }
        ),
    )
    state = django_filters.MultipleChoiceFilter(
        method="in_states",
        choices=TelephoneNumber.State.choices,
        label="State",
        widget=forms.CheckboxSelectMultiple,
    )
    account = NameFilter(
        queryset=ProviderAccount.objects.none(), label="Provider", empty_label="Any provider"
    )
    customer = NameFilter(
        queryset=Customer.objects.none(), label="Customer", empty_label="Any customer"
    )
    npa = django_filters.CharFilter(
        method="in_areas",
        label="Area codes",
        widget=forms.TextInput(attrs={"placeholder": "312, 201", "inputmode": "numeric"}),
    )
    nxx = django_filters.CharFilter(
        field_name="nxx", label="Exchange", widget=forms.TextInput(attrs={"placeholder": "555"})
    )
    region = django_filters.CharFilter(
        method="in_region", label="US state", widget=forms.TextInput(attrs={"placeholder": "IL"})
    )
    rate_center = django_filters.CharFilter(
        field_name="rate_center",
        lookup_expr="istartswith",
        label="Rate center",
        widget=forms.TextInput(attrs={"placeholder": "CHICAGO"}),
    )
    lata = django_filters.CharFilter(field_name="lata", label="LATA")
    tier = django_filters.CharFilter(field_name="tier", label="Tier")
    sync = django_filters.ChoiceFilter(
        field_name="sync_state",
        choices=TelephoneNumber.Sync.choices,
        label="Sync",
        empty_label="Any",
    )
    kind = django_filters.ChoiceFilter(
        method="of_kind",
        choices=[("local", "Local"), ("toll_free", "Toll-free")],
        label="Kind",
        empty_label="Any",
    )
    has = django_filters.MultipleChoiceFilter(
        method="has_or_lacks",
        choices=[
            ("customer", "Has a customer"),
            ("no_customer", "Has no customer"),
            ("label", "Has a label"),
            ("no_label", "Has no label"),
            ("lock", "Has a deletion lock"),
            ("e911", "Has an E911 record"),
            ("no_e911", "Has no E911 record"),
        ],
        label="Has or lacks",
        widget=forms.CheckboxSelectMultiple,
    )

    LABELS = {
        "q": "Text",
        "state": "State",
        "account": "Provider",
        "customer": "Customer",
        "npa": "Area",
        "nxx": "Exchange",
        "region": "US state",
        "rate_center": "Rate center",
        "lata": "LATA",
        "tier": "Tier",
        "sync": "Sync",
        "kind": "Kind",
        "has": "Has",
        "list": "List",
    }
    STAFF_ONLY = ("account", "customer", "sync", "tier", "has")

    class Meta:
        model = TelephoneNumber
        fields: list[str] = []

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if user.is_staff_role:
            self.filters["account"].queryset = ProviderAccount.objects.visible_to(user)
            self.filters["customer"].queryset = Customer.objects.visible_to(user)
        else:
            for name in self.STAFF_ONLY:
                del self.filters[name]

    def words(self, user: Any) -> list[tuple[str, str]]:
        """Return label and value of each filter in effect, with words instead of ids."""
        return [
            (label, self.word(user, name, value))
            for name, label in self.LABELS.items()
            if name in self.filters or name == "list"
            for value in self.data.getlist(name)
            if value
        ]

    def word(self, user: Any, name: str, value: str) -> str:
        """Return the value of a filter as people read it; “unknown” for what the user sees not."""
        models = {"account": ProviderAccount, "customer": Customer}
        if name == "list":
            return "pasted numbers"
        if name in models:
            return name_of(models[name], user, value)
        if name in {"state", "sync", "kind", "has"}:
            return str(dict(self.filters[name].extra["choices"]).get(value, value))
        return value

    def search(self, queryset: Any, name: str, value: str) -> QuerySet[TelephoneNumber]:
        """Return numbers that the text means; see `TelephoneNumberQuerySet.matching`."""
        return queryset.matching(value)

    def in_states(self, queryset: Any, name: str, values: list[str]) -> QuerySet[TelephoneNumber]:
        """Return numbers in any of the chosen states."""
        return queryset.filter(state__in=values) if values else queryset

    def in_areas(self, queryset: Any, name: str, value: str) -> QuerySet[TelephoneNumber]:
        """Return numbers of several area codes, split by comma or space.

        The bounds of the number say the same once more, for the index that the list is sorted by.
        """
        codes = sorted(code for code in _SPLIT.split(value) if code)
        if not codes:
            return queryset.none()
        return queryset.filter(
            npa__in=codes,
            tn__gte=f"+1{codes[0]}",
            tn__lt=f"+1{codes[-1]}:",  # ":" comes after "9"
        )

    def in_region(self, queryset: Any, name: str, value: str) -> QuerySet[TelephoneNumber]:
        """Return numbers of a US state, by its two letters or its name."""
        text = value.strip()
        codes = {name.lower(): code for code, name in regions.NAMES.items()}
        return queryset.filter(region=codes.get(text.lower(), text.upper()))

    def of_kind(self, queryset: Any, name: str, value: str) -> QuerySet[TelephoneNumber]:
        """Return toll-free numbers, or all others."""
        is_toll_free = Q(npa__in=sorted(TOLL_FREE_NPAS))
        return queryset.filter(is_toll_free if value == "toll_free" else ~is_toll_free)

    def has_or_lacks(
        self, queryset: Any, name: str, values: list[str]
    ) -> QuerySet[TelephoneNumber]:
        """Return numbers that meet every chosen condition."""
        conditions = {
            "customer": Q(customer__isnull=False),
            "no_customer": Q(customer=None),
            "label": ~Q(label=""),
            "no_label": Q(label=""),
            "lock": Q(deletion_lock=True),
            "e911": ~Q(e911_state__in=["none", "removed"]),
            "no_e911": Q(e911_state__in=["none", "removed"]),
        }
        for value in values:
            queryset = queryset.filter(conditions[value])
        return queryset


class OrderFilter(django_filters.FilterSet):
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
        widget=forms.Select(attrs={"class": "form-select"}),
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
