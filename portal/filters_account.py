"""Filters of what a provider account tells of itself: calls."""

from __future__ import annotations

from datetime import date, datetime, time

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.models import CallRecord
from portal.tn import TN, InvalidTN

LEAST_DIGITS = 3


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"})


def digits_of(text: str) -> str:
    """Return the digits to look for: ten of a North American number in any spelling."""
    try:
        return TN.parse(text).removeprefix("+1").removeprefix("+")
    except InvalidTN:
        return "".join(c for c in text if c.isascii() and c.isdigit())


class CallFilter(django_filters.FilterSet):
    """Calls by a number on either end and by day; days are those of the user's zone."""

    number = django_filters.CharFilter(
        method="with_number",
        label="Number",
        max_length=40,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Number or digits", "size": 18}
        ),
    )
    since = django_filters.DateFilter(method="from_day", label="From", widget=_day())
    until = django_filters.DateFilter(method="to_day", label="To", widget=_day())

    class Meta:
        model = CallRecord
        fields: list[str] = []

    def with_number(
        self, queryset: QuerySet[CallRecord], name: str, value: str
    ) -> QuerySet[CallRecord]:
        """Return calls from or to numbers with these digits; fewer than three fit none."""
        digits = digits_of(value)
        if len(digits) < LEAST_DIGITS:
            return queryset.none()
        return queryset.filter(Q(caller__contains=digits) | Q(callee__contains=digits))

    def from_day(
        self, queryset: QuerySet[CallRecord], name: str, value: date
    ) -> QuerySet[CallRecord]:
        """Return calls that began on this day or later."""
        return queryset.filter(started_at__gte=_moment(value, time.min))

    def to_day(
        self, queryset: QuerySet[CallRecord], name: str, value: date
    ) -> QuerySet[CallRecord]:
        """Return calls that began on this day or earlier."""
        return queryset.filter(started_at__lte=_moment(value, time.max))


def _moment(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))
