"""What the lists of differences filter by, whatever it is that differs."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import django_filters
from django import forms

from portal.filtering import name_of
from portal.models import ProviderAccount
from portal.tn import TN, InvalidTN
from portal.widgets import ListFilterSet, NameFilter, QuickSelect

WAITING: Final = ("open", "repairing")
LIVE: Final = (*WAITING, "ignored")
STATES: Final = (("ignored", "Ignored"), ("closed", "Gone"), ("all", "All"))
_SELECT: Final = {"class": "form-select"}


class DifferenceFilterSet(ListFilterSet):
    """By number, provider and state; without a state those that wait.

    `about` leads from a difference to what has ``tn`` and ``account``, with its underscores.
    """

    about: ClassVar[str] = ""
    LABELS: ClassVar[dict[str, str]] = {"q": "Number", "account": "Provider", "state": "State"}

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
        method="at_account",
        queryset=ProviderAccount.objects.none(),
        label="Provider",
        empty_label="Any provider",
        widget=QuickSelect(attrs=_SELECT),
    )
    state = django_filters.ChoiceFilter(
        choices=STATES,
        method="with_state",
        label="State",
        empty_label="To look at",
        widget=QuickSelect(attrs=_SELECT),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if "account" in self.filters:
            self.filters["account"].queryset = ProviderAccount.objects.visible_to(user)

    def filter_queryset(self, queryset: Any) -> Any:
        """Return what fits; those that wait where no state was asked for."""
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("state") else found.filter(status__in=WAITING)

    def search(self, queryset: Any, name: str, value: str) -> Any:
        """Return differences about this number, in any spelling, or with these digits."""
        try:
            return queryset.filter(**{f"{self.about}tn": TN.parse(value)})
        except InvalidTN:
            digits = "".join(c for c in value if c.isascii() and c.isdigit())
            found = queryset.filter(**{f"{self.about}tn__contains": digits})
            return found if digits else queryset.none()

    def at_account(self, queryset: Any, name: str, value: ProviderAccount) -> Any:
        """Return the differences at one provider account."""
        return queryset.filter(**{f"{self.about}account": value})

    def with_state(self, queryset: Any, name: str, value: str) -> Any:
        """Return the ignored ones, those that are gone, or all."""
        if value == "ignored":
            return queryset.filter(status="ignored")
        return queryset if value == "all" else queryset.exclude(status__in=LIVE)

    def word(self, name: str, value: str) -> str:
        """Return the words of a filter's value."""
        if name == "account":
            return name_of(ProviderAccount, self.user, value)
        words = dict(self.filters[name].extra.get("choices", ()))
        return str(words.get(value, value))


def kinds(choices: Any, label: str, empty_label: str) -> django_filters.ChoiceFilter:
    """Return a filter by one of a model's words."""
    return django_filters.ChoiceFilter(
        choices=choices, label=label, empty_label=empty_label, widget=QuickSelect(attrs=_SELECT)
    )
