"""Filters of the platform's lists."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from portal.models import AuditEntry, Job, ProviderAccount


class JobFilter(django_filters.FilterSet):
    """Jobs by status, provider account, text and person."""

    STATUSES = [("open", "All open"), *Job.Status.choices]

    q = django_filters.CharFilter(
        method="search",
        label="Title or number",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Title, job or number"}),
    )
    status = django_filters.ChoiceFilter(
        choices=STATUSES, method="with_status", label="Status", empty_label="Any status"
    )
    account = django_filters.ModelChoiceFilter(
        queryset=ProviderAccount.objects.none(), method="at_account", empty_label="Any provider"
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
        self.filters["account"].queryset = ProviderAccount.objects.visible_to(user)
        if not user.is_staff_role:
            del self.filters["account"]

    def search(self, queryset: QuerySet[Job], name: str, value: str) -> QuerySet[Job]:
        """Return jobs with this id, words in the title, or a number among their rows."""
        text = value.strip()
        found = Q(title__icontains=text)
        digits = "".join(c for c in text if c.isdigit())
        if digits and len(digits) < 10:
            found |= Q(pk=int(digits))
        if len(digits) in {10, 11}:
            tn = f"+1{digits[-10:]}"
            found |= Q(items__target=tn) | Q(children__items__target=tn)
        return queryset.filter(found).distinct()

    def with_status(self, queryset: QuerySet[Job], name: str, value: str) -> QuerySet[Job]:
        """Return jobs of one status, or all that are open."""
        if value == "open":
            return queryset.filter(status__in=Job.OPEN)
        return queryset.filter(status=value)

    def at_account(
        self, queryset: QuerySet[Job], name: str, value: ProviderAccount
    ) -> QuerySet[Job]:
        """Return jobs at an account, groups with a part there included."""
        return queryset.filter(Q(account=value) | Q(children__account=value)).distinct()

    def only_mine(self, queryset: QuerySet[Job], name: str, value: bool) -> QuerySet[Job]:
        """Return the jobs that the user submitted."""
        return queryset.filter(actor=self.request.user) if value else queryset


class AuditFilter(django_filters.FilterSet):
    """Audit entries by person, verb, object, job and day."""

    who = django_filters.CharFilter(field_name="actor_name", lookup_expr="icontains", label="Who")
    verb = django_filters.CharFilter(field_name="verb", lookup_expr="startswith", label="What")
    about = django_filters.CharFilter(method="about_object", label="Number or object")
    job = django_filters.NumberFilter(field_name="job_id", label="Job")
    since = django_filters.DateFilter(
        field_name="at",
        lookup_expr="date__gte",
        label="From",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = django_filters.DateFilter(
        field_name="at",
        lookup_expr="date__lte",
        label="To",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def about_object(
        self, queryset: QuerySet[AuditEntry], name: str, value: str
    ) -> QuerySet[AuditEntry]:
        """Return entries about a number in any spelling, or whose object's name starts so."""
        from portal.tn import TN, InvalidTN

        try:
            return queryset.filter(object_text=TN.parse(value).pretty)
        except InvalidTN:
            return queryset.filter(object_text__istartswith=value.strip())
