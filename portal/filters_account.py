"""Filters of what a provider account tells of itself: calls and support tickets."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.forms_account import TICKET_STATUSES
from portal.models import CallRecord, ProviderAccount, SupportMessage, SupportTicket
from portal.tn import TN, InvalidTN
from portal.widgets import ListFilterSet, NameFilter

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


class TicketFilter(ListFilterSet):
    """Tickets by text, status, account and number."""

    STATUSES = [("open", "Open or answered"), *TICKET_STATUSES]

    q = django_filters.CharFilter(
        method="search",
        label="Text",
        max_length=100,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Subject, text, ticket number"}
        ),
    )
    status = django_filters.ChoiceFilter(
        choices=STATUSES, method="with_status", label="State", empty_label="Any state"
    )
    account = NameFilter(
        queryset=ProviderAccount.objects.none(), label="Account", empty_label="Any account"
    )
    number = django_filters.CharFilter(
        method="about_number",
        label="Number",
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": "Phone number", "size": 14}),
    )

    class Meta:
        model = SupportTicket
        fields: list[str] = []

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "account" in self.filters:
            accounts = ProviderAccount.objects.visible_to(user).offering("support_tickets")
            self.filters["account"].queryset = accounts

    def search(
        self, queryset: QuerySet[SupportTicket], name: str, value: str
    ) -> QuerySet[SupportTicket]:
        """Return tickets with this text in subject, preview or thread, or of this number."""
        text = value.strip()
        found = Q(subject__icontains=text) | Q(preview__icontains=text)
        found |= Q(shown_number=text.lstrip("#"))
        thread = SupportMessage.objects.filter(body__icontains=text).values("ticket")
        return queryset.filter(found | Q(pk__in=thread))

    def with_status(
        self, queryset: QuerySet[SupportTicket], name: str, value: str
    ) -> QuerySet[SupportTicket]:
        """Return tickets of one status, or those that are not over."""
        if value == "open":
            return queryset.filter(status__in=("active", "pending"))
        return queryset.filter(status=value)

    def about_number(
        self, queryset: QuerySet[SupportTicket], name: str, value: str
    ) -> QuerySet[SupportTicket]:
        """Return tickets that are linked to this number; none for what is no number."""
        try:
            return queryset.filter(tn=TN.parse(value))
        except InvalidTN:
            return queryset.none()


def _moment(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))
