"""Filters of the platform's lists."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from portal.models import AuditEntry, Customer, Job, JobItem, ProviderAccount, User
from portal.tn import TN, InvalidTN
from portal.widgets import ListFilterSet, NameFilter

MAX_PEOPLE = 200


class JobFilter(ListFilterSet):
    """Jobs by status, provider account, text and who started them."""

    STATUSES = [("open", "All open"), *Job.Status.choices]
    STARTERS = [("people", "People"), ("numberdesk", "Numberdesk itself")]

    q = django_filters.CharFilter(
        method="search",
        label="Title or number",
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Title, job or number"}),
    )
    status = django_filters.ChoiceFilter(
        choices=STATUSES, method="with_status", label="State", empty_label="Any state"
    )
    account = NameFilter(
        queryset=ProviderAccount.objects.none(),
        method="at_account",
        label="Provider",
        empty_label="Any provider",
    )
    by = django_filters.ChoiceFilter(
        choices=STARTERS, method="started_by", label="Started by", empty_label="Anybody"
    )
    customer = NameFilter(
        queryset=Customer.objects.none(), label="Customer", widget=forms.HiddenInput
    )
    mine = django_filters.BooleanFilter(
        method="only_mine", label="Mine only", widget=forms.CheckboxInput()
    )

    class Meta:
        model = Job
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.request.user
        if not user.is_staff_role:
            self.filters.pop("account", None)
        for name, model in (("account", ProviderAccount), ("customer", Customer)):
            if name in self.filters:
                self.filters[name].queryset = model.objects.visible_to(user)

    def search(self, queryset: QuerySet[Job], name: str, value: str) -> QuerySet[Job]:
        """Return jobs with this id, words in the title, or a number among their rows."""
        text = value.strip()
        found = Q(title__icontains=text)
        digits = text.lower().removeprefix("job").strip(" #")
        if digits.isascii() and digits.isdigit() and len(digits) < 10:
            found |= Q(pk=int(digits))
        try:
            items = JobItem.objects.filter(target=TN.parse(text))
        except InvalidTN:
            return queryset.filter(found)
        found |= Q(pk__in=items.values("job")) | Q(pk__in=items.values("job__parent"))
        return queryset.filter(found)

    def with_status(self, queryset: QuerySet[Job], name: str, value: str) -> QuerySet[Job]:
        """Return jobs of one status, or all that are open."""
        if value == "open":
            return queryset.filter(status__in=Job.OPEN)
        return queryset.filter(status=value)

    def at_account(
        self, queryset: QuerySet[Job], name: str, value: ProviderAccount
    ) -> QuerySet[Job]:
        """Return jobs at an account, groups with a part there included."""
        parts = Job.objects.filter(parent=OuterRef("pk"), account=value)
        return queryset.filter(Q(account=value) | Q(is_group=True) & Exists(parts))

    def started_by(self, queryset: QuerySet[Job], name: str, value: str) -> QuerySet[Job]:
        """Return what people started, or what began by itself: on schedule, or after another job."""
        return queryset.filter(actor__isnull=value == "numberdesk")

    def only_mine(self, queryset: QuerySet[Job], name: str, value: bool) -> QuerySet[Job]:
        """Return the jobs that the user submitted."""
        return queryset.filter(actor=self.request.user) if value else queryset


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"})


def _moment(day: date, at: time) -> datetime:
    """Return a moment of a day in the user's zone."""
    return timezone.make_aware(datetime.combine(day, at))


def _name_start(text: str) -> str:
    """Return how the name of an object starts: the first digits of a number as it is written."""
    digits = text.replace(" ", "").replace("-", "").replace("(", "").replace(")", "")
    if not (digits.isascii() and digits.isdigit() and 3 <= len(digits) < 10):
        return text
    area, exchange, line = digits[:3], digits[3:6], digits[6:]
    return f"({area}) {exchange}-{line}" if line else f"({area}) {exchange}".rstrip()


class AuditFilter(ListFilterSet):
    """Audit entries by person, verb, object, job and day; days are those of the user's zone."""

    about = django_filters.CharFilter(
        method="about_object",
        label="Number or object",
        max_length=100,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Number or name", "size": 16}
        ),
    )
    who = django_filters.CharFilter(
        method="by_person",
        label="Who",
        max_length=80,
        widget=forms.TextInput(attrs={"placeholder": "Name", "size": 10}),
    )
    verb = django_filters.CharFilter(
        field_name="verb",
        lookup_expr="startswith",
        label="What",
        max_length=64,
        widget=forms.TextInput(
            attrs={"placeholder": "inventory.tn", "spellcheck": "false", "size": 14}
        ),
    )
    job = django_filters.NumberFilter(
        field_name="job_id",
        label="Job",
        min_value=1,
        max_value=2**53,
        widget=forms.NumberInput(attrs={"min": 1, "size": 6}),
    )
    since = django_filters.DateFilter(method="from_day", label="From", widget=_day())
    until = django_filters.DateFilter(method="to_day", label="To", widget=_day())
    customer = NameFilter(
        queryset=Customer.objects.all(), label="Customer", widget=forms.HiddenInput
    )

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def about_object(
        self, queryset: QuerySet[AuditEntry], name: str, value: str
    ) -> QuerySet[AuditEntry]:
        """Return entries about a number in any spelling, or whose object's name starts so."""
        try:
            return queryset.filter(object_text=TN.parse(value).pretty)
        except InvalidTN:
            return queryset.filter(object_text__startswith=_name_start(value.strip()))

    def by_person(
        self, queryset: QuerySet[AuditEntry], name: str, value: str
    ) -> QuerySet[AuditEntry]:
        """Return what people with this text in their name or address did; "Numberdesk" too."""
        text = value.strip()
        people = User.objects.filter(Q(name__icontains=text) | Q(email__istartswith=text))
        found = Q(actor__in=list(people.values_list("pk", flat=True)[:MAX_PEOPLE]))
        if text.lower() in "numberdesk":
            found |= Q(actor=None)
        return queryset.filter(found)

    def from_day(
        self, queryset: QuerySet[AuditEntry], name: str, value: date
    ) -> QuerySet[AuditEntry]:
        """Return what happened on this day or later."""
        return queryset.filter(at__gte=_moment(value, time.min))

    def to_day(
        self, queryset: QuerySet[AuditEntry], name: str, value: date
    ) -> QuerySet[AuditEntry]:
        """Return what happened on this day or earlier."""
        return queryset.filter(at__lte=_moment(value, time.max))


class CustomerFilter(ListFilterSet):
    """Customers by name, code or billing id."""

    q = django_filters.CharFilter(
        method="search",
        label="Name or code",
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name, code, billing id"}),
    )

    class Meta:
        model = Customer
        fields: list[str] = []

    def search(self, queryset: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        """Return customers with this text in the name, or this code or billing id."""
        text = value.strip()
        return queryset.filter(
            Q(name__icontains=text) | Q(code__iexact=text) | Q(billing_id__iexact=text)
        )
