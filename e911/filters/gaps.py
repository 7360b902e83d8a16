"""Filters of the gap report, and which numbers a deed is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from e911.models import Standing
from portal import posted
from portal.access import Request
from portal.filtering import fitting, name_of
from portal.listing import capped_count
from portal.models import Customer, ProviderAccount
from portal.tn import TN, InvalidTN
from portal.widgets import ListFilterSet, NameFilter, QuickSelect


class GapFilter(ListFilterSet):
    """Numbers in service by bucket, number, provider and customer."""

    LABELS = {"q": "Number", "account": "Provider", "customer": "Customer"}

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
    account = NameFilter(
        queryset=ProviderAccount.objects.none(),
        label="Provider",
        empty_label="Any provider",
        widget=QuickSelect(attrs={"class": "form-select"}),
    )
    customer = NameFilter(
        queryset=Customer.objects.none(),
        label="Customer",
        empty_label="Any customer",
        widget=QuickSelect(attrs={"class": "form-select"}),
    )
    bucket = django_filters.ChoiceFilter(
        choices=Standing.Bucket.choices, label="Gap", widget=forms.HiddenInput
    )

    class Meta:
        model = Standing
        fields: list[str] = []

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for name, model in (("account", ProviderAccount), ("customer", Customer)):
            if name in self.filters:
                self.filters[name].queryset = model.objects.visible_to(user)

    def search(self, queryset: Any, name: str, value: str) -> QuerySet[Standing]:
        """Return numbers in any spelling, or with these digits in them."""
        try:
            return queryset.filter(tn=TN.parse(value))
        except InvalidTN:
            digits = "".join(c for c in value if c.isascii() and c.isdigit())
            return queryset.filter(number__tn__contains=digits) if digits else queryset.none()

    def word(self, name: str, value: str) -> str:
        """Return the words of a filter's value."""
        names = {"account": ProviderAccount, "customer": Customer}
        return name_of(names[name], self.user, value) if name in names else value


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The numbers that a deed is about; nothing may be done while `problem` says why not."""

    standings: QuerySet[Standing]
    count: int
    limit: int
    is_all: bool
    query: str

    @property
    def problem(self) -> str:
        """Why nothing may be done with these, as a sentence; empty where it may."""
        if not self.count:
            return "No number was chosen, or it stands in another place by now."
        if self.count > self.limit:
            return f"These are more than {self.limit:,} numbers. Filter for fewer, do it in parts."
        return ""

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Return the hidden fields with which the next step finds the same numbers.

        They travel as numbers, so that what is confirmed is exactly what was shown.
        """
        tns = self.standings.order_by("tn").values_list("tn", flat=True)[: self.limit]
        return [("tns", " ".join(tns)), ("filters", self.query)]


def filtered(values: QueryDict, user: Any) -> tuple[Any, GapFilter]:
    """Return the standings that the user may see and the filters ask for, and the filter."""
    found = GapFilter(values, queryset=Standing.objects.visible_to(user), user=user, drawn=())
    return fitting(found), found


def read(request: Request, *, limit: int) -> Chosen:
    """Return what the request chose: ticked numbers, or with ``all=1`` all that fit ``filters``."""
    values = request.POST if request.method == "POST" else request.GET
    query = values.get("filters", "")
    is_all = values.get("all") == "1"
    if is_all:
        standings, _ = filtered(QueryDict(query), request.user)
        if "filters" not in values:
            standings = standings.none()  # a form that forgot them must not mean everything
    else:
        asked = posted.tns([*values.getlist("tn"), *values.get("tns", "").split()])
        standings = Standing.objects.visible_to(request.user).filter(tn__in=list(asked))
    count, _ = capped_count(standings, limit)
    return Chosen(standings=standings, count=count, limit=limit, is_all=is_all, query=query)
