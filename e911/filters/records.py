"""Filters of the list of emergency records."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from e911.models import EmergencyRecord, Standing
from portal.filtering import name_of
from portal.models import Customer, ProviderAccount
from portal.widgets import ListFilterSet, NameFilter, QuickSelect

YEAR: Final = timedelta(days=365)
TESTS: Final = {
    "within_year": ("Within a year", Q(tested_at__isnull=False)),
    "over_year": ("Longer than a year ago", Q(tested_at__isnull=False)),
    "never": ("Never", Q(tested_at__isnull=True)),
}
# name → (words, condition)
MARKS: Final = {
    "lost": ("Location lost", Q(is_location_lost=True)),
    "differs": ("Differs at the provider", Q(differs=True)),
    "off_net": ("Number not in our inventory", Q(number__isnull=True)),
    "orphan": ("Record without number in service", Q(state="orphan")),
}
STAFF_ONLY: Final = ("account", "customer", "mark")


class RecordFilter(ListFilterSet):
    """Records by number, address or name, by how far they are, by place, holder and test."""

    LABELS = {
        "q": "Text",
        "state": "State",
        "bucket": "Gap",
        "mark": "Mark",
        "account": "Provider",
        "customer": "Customer",
        "region": "US state",
        "city": "City",
        "zip": "ZIP code",
        "tested": "Last 933 test",
    }

    q = django_filters.CharFilter(
        method="search",
        label="Number, address or caller name",
        max_length=80,
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "type": "search",
                "placeholder": "Number, address, name",
                "autocomplete": "off",
            }
        ),
    )
    state = django_filters.MultipleChoiceFilter(
        method="in_states",
        choices=EmergencyRecord.State.choices,
        label="State",
        widget=forms.CheckboxSelectMultiple,
    )
    bucket = django_filters.ChoiceFilter(
        field_name="number__e911_standing__bucket",
        choices=Standing.Bucket.choices,
        label="Gap",
        empty_label="Any",
        widget=QuickSelect,
    )
    mark = django_filters.ChoiceFilter(
        method="marked",
        choices=[(name, words) for name, (words, _) in MARKS.items()],
        label="Mark",
        empty_label="Any",
        widget=QuickSelect,
    )
    account = NameFilter(
        queryset=ProviderAccount.objects.none(), label="Provider", empty_label="Any provider"
    )
    customer = NameFilter(
        queryset=Customer.objects.none(), label="Customer", empty_label="Any customer"
    )
    region = django_filters.CharFilter(
        method="in_region",
        label="US state",
        max_length=2,
        widget=forms.TextInput(attrs={"placeholder": "IL"}),
    )
    city = django_filters.CharFilter(
        field_name="accepted_city",
        lookup_expr="istartswith",
        label="City",
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "Chicago"}),
    )
    zip = django_filters.CharFilter(
        field_name="accepted_zip",
        lookup_expr="startswith",
        label="ZIP code",
        max_length=5,
        widget=forms.TextInput(attrs={"placeholder": "60601", "inputmode": "numeric"}),
    )
    tested = django_filters.ChoiceFilter(
        method="tested_when",
        choices=[(name, words) for name, (words, _) in TESTS.items()],
        label="Last 933 test",
        empty_label="Any time",
        widget=QuickSelect,
    )

    class Meta:
        model = EmergencyRecord
        fields: list[str] = []

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not user.is_staff_role:
            for name in STAFF_ONLY:
                self.filters.pop(name, None)
        for name, model in (("account", ProviderAccount), ("customer", Customer)):
            if name in self.filters:
                self.filters[name].queryset = model.objects.visible_to(user)

    def search(self, queryset: Any, name: str, value: str) -> QuerySet[EmergencyRecord]:
        """Return the records that a search text means."""
        return queryset.matching(value)

    def in_states(self, queryset: Any, name: str, value: list[str]) -> QuerySet[EmergencyRecord]:
        """Return the records in any of these states."""
        return queryset.filter(state__in=value) if value else queryset

    def marked(self, queryset: Any, name: str, value: str) -> QuerySet[EmergencyRecord]:
        """Return the records with an alarm, a difference, or without a number of ours."""
        return queryset.filter(MARKS[value][1])

    def in_region(self, queryset: Any, name: str, value: str) -> QuerySet[EmergencyRecord]:
        """Return the records of a state, by its letters."""
        return queryset.filter(accepted_region=value.upper())

    def tested_when(self, queryset: Any, name: str, value: str) -> QuerySet[EmergencyRecord]:
        """Return the records whose last 933 test was then, or never was."""
        found = queryset.filter(TESTS[value][1])
        year_ago = timezone.now() - YEAR
        if value == "within_year":
            return found.filter(tested_at__gte=year_ago)
        return found.filter(tested_at__lt=year_ago) if value == "over_year" else found

    def word(self, name: str, value: str) -> str:
        """Return the words of a filter's value."""
        names = {"account": ProviderAccount, "customer": Customer}
        if name in names:
            return name_of(names[name], self.user, value)
        choices = {
            "state": dict(EmergencyRecord.State.choices),
            "bucket": {str(key): words for key, words in Standing.Bucket.choices},
            "mark": {key: words for key, (words, _) in MARKS.items()},
            "tested": {key: words for key, (words, _) in TESTS.items()},
        }
        return str(choices.get(name, {}).get(value, value))
