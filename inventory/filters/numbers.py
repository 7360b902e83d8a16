"""Filters of the numbers list."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from inventory import regions
from inventory.forms.search import FEATURES
from inventory.models import CarrierNumber, Route, TelephoneNumber
from portal.filtering import name_of
from portal.models import Customer, ProviderAccount
from portal.templatetags import status_words
from portal.tn import TOLL_FREE_NPAS
from portal.widgets import ListFilterSet, NameFilter

_SPLIT = re.compile(r"[\s,;]+")


AGES = {
    "under_7": ("For less than 7 days", "gt", 7),
    "over_30": ("For more than 30 days", "lte", 30),
    "over_90": ("For more than 90 days", "lte", 90),
    "over_365": ("For more than a year", "lte", 365),
}


def _mirror(**conditions: Any) -> Exists:
    """Return whether the provider's own record of a number meets conditions."""
    own = CarrierNumber.objects.filter(account=OuterRef("account"), tn=OuterRef("tn"))
    return Exists(own.filter(**conditions))


def _told(name: str) -> Q:
    """Return whether the provider says that a feature is set; indexed for those listed in Meta."""
    return Q(_mirror(**{f"values__{name}__gt": ""}))


_HAS_E911 = ~Q(e911_state__in=["none", "removed"])
# name → (words, condition); each can be asked for, and for its opposite as `no_<name>`.
TRAITS: dict[str, tuple[str, Q]] = {
    "customer": ("a customer", Q(customer__isnull=False)),
    "label": ("a label", ~Q(label="")),
    "tags": ("tags", ~Q(tags=[])),
    "lock": ("a deletion lock", Q(deletion_lock=True)),
    "hold": ("a legal hold", Q(legal_hold=True)),
    "e911": ("an E911 record", _HAS_E911),
    "sms": ("messaging", ~Q(messaging_state="off")),
    "cnam": ("a caller name at the provider", _told("cnam_name")),
    "forward": ("a forward", _told("forward_to")),
    "failover": ("a failover", _told("failover_to")),
    "fax": ("fax to e-mail", _told("fax_email")),
}
TRAIT_CHOICES = [
    choice
    for name, (words, _) in TRAITS.items()
    for choice in (
        (name, f"Has {words}"),
        (f"no_{name}", f"Has no {words.removeprefix('an ').removeprefix('a ')}"),
    )
]


class TelephoneNumberFilter(ListFilterSet):
    """Numbers by text, state, holder, place, features and what the provider says."""

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
        method="in_rate_center",
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
    e911 = django_filters.ChoiceFilter(
        field_name="e911_state",
        choices=status_words.choices("e911"),
        label="E911",
        empty_label="Any",
    )
    messaging = django_filters.ChoiceFilter(
        field_name="messaging_state",
        choices=status_words.choices("messaging"),
        label="Messaging",
        empty_label="Any",
    )
    kind = django_filters.ChoiceFilter(
        method="of_kind",
        choices=[("local", "Local"), ("toll_free", "Toll-free")],
        label="Kind",
        empty_label="Any",
    )
    tag = django_filters.CharFilter(
        method="with_tags", label="Tags", widget=forms.TextInput(attrs={"placeholder": "vip, fax"})
    )
    feature = django_filters.MultipleChoiceFilter(
        method="able_to",
        choices=FEATURES,
        label="Able to do, by the provider",
        widget=forms.CheckboxSelectMultiple,
    )
    route = NameFilter(
        queryset=Route.objects.none(), method="on_route", label="Route", empty_label="Any route"
    )
    age = django_filters.ChoiceFilter(
        method="of_age",
        choices=[(name, words) for name, (words, _, _) in AGES.items()],
        label="In this state",
        empty_label="However long",
    )
    has = django_filters.MultipleChoiceFilter(
        method="has_or_lacks",
        choices=TRAIT_CHOICES,
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
        "e911": "E911",
        "messaging": "Messaging",
        "kind": "Kind",
        "tag": "Tag",
        "feature": "Able to do",
        "route": "Route",
        "age": "In this state",
        "has": "Has",
        "list": "List",
    }
    STAFF_ONLY = ("account", "customer", "sync", "tier", "tag", "feature", "route", "has")

    class Meta:
        model = TelephoneNumber
        fields: list[str] = []

    NAMED: dict[str, Any] = {"account": ProviderAccount, "customer": Customer, "route": Route}
    NEEDED = {
        "account": ["name"],
        "customer": ["name"],
        "route": ["name", "account", "provider_ref"],
    }

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not user.is_staff_role:
            for name in self.STAFF_ONLY:
                self.filters.pop(name, None)
        for name, model in self.NAMED.items():
            if name in self.filters:
                rows = model.objects.visible_to(user)
                self.filters[name].queryset = rows.only(*self.NEEDED[name])  # no secrets

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
        if name == "list":
            return "pasted numbers"
        if name in self.NAMED:
            return name_of(self.NAMED[name], user, value)
        choices = dict(self.filters[name].extra.get("choices", ()))
        return str(choices.get(value, value)).removeprefix("Has ")  # the chip's label says it

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

    def in_rate_center(self, queryset: Any, name: str, value: str) -> QuerySet[TelephoneNumber]:
        """Return numbers of a rate center, or of those whose names begin with the text.

        One that is named in full stands in the order of its numbers in the index; the numbers of a
        large city lie together, and far from the beginning of the list.
        """
        is_named = TelephoneNumber.objects.filter(rate_center__iexact=value).exists()
        lookup = "iexact" if is_named else "istartswith"
        return queryset.filter(**{f"rate_center__{lookup}": value})

    def of_kind(self, queryset: Any, name: str, value: str) -> QuerySet[TelephoneNumber]:
        """Return toll-free numbers, or all others; bounds as in `in_areas`."""
        codes = sorted(TOLL_FREE_NPAS)
        is_toll_free = Q(npa__in=codes, tn__gte=f"+1{codes[0]}", tn__lt=f"+1{codes[-1]}:")
        return queryset.filter(is_toll_free if value == "toll_free" else ~is_toll_free)

    def has_or_lacks(
        self, queryset: Any, name: str, values: list[str]
    ) -> QuerySet[TelephoneNumber]:
        """Return numbers that meet every chosen condition."""
        for value in values:
            _, condition = TRAITS[value.removeprefix("no_")]
            queryset = queryset.filter(~condition if value.startswith("no_") else condition)
        return queryset

    def with_tags(self, queryset: Any, name: str, value: str) -> QuerySet[TelephoneNumber]:
        """Return numbers that carry every one of the tags, parted by commas."""
        tags = [tag.strip() for tag in value.split(",") if tag.strip()]
        return queryset.filter(tags__contains=tags) if tags else queryset.none()

    def able_to(self, queryset: Any, name: str, values: list[str]) -> QuerySet[TelephoneNumber]:
        """Return numbers of which the provider says that they can do all of this."""
        return queryset.filter(_mirror(features__contains=values)) if values else queryset

    def on_route(self, queryset: Any, name: str, value: Route) -> QuerySet[TelephoneNumber]:
        """Return numbers whose calls the provider sends to a route."""
        there = _mirror(route_ref=value.provider_ref)
        return queryset.filter(there, account=value.account_id)

    def of_age(self, queryset: Any, name: str, value: str) -> QuerySet[TelephoneNumber]:
        """Return numbers that have been in their state for less or more than some days.

        To the minute: within it the same list is asked for, and its count is known.
        """
        _, operator, days = AGES[value]
        moment = timezone.now().replace(second=0, microsecond=0) - timedelta(days=days)
        return queryset.filter(**{f"state_since__{operator}": moment})
