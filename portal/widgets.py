"""Filters and choices that cost little: a list page carries some hundreds of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from html import escape
from typing import Any

import django_filters
from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


class QuickSelect(forms.Select):
    """A select without groups, drawn in one go; Django's own renders a template per option."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the element with its options."""
        chosen = set(self.format_value(value))
        options = "".join(
            [
                f'<option value="{"" if key is None else escape(str(key))}"'
                f"{' selected' if str(key) in chosen else ''}>{escape(str(label))}</option>"
                for key, label in self.choices
            ]
        )
        built = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        return format_html("<select{}>{}</select>", flatatt(built), mark_safe(options))  # noqa: S308


class _Names(django_filters.fields.ModelChoiceIterator):
    """The choices of a model by `name`, without making an object of each row."""

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        yield from self.queryset.values_list("pk", "name")


class _NameField(django_filters.fields.ModelChoiceField):
    iterator = _Names
    widget = QuickSelect


class ListFilterSet(django_filters.FilterSet):
    """The filters of a list: only those that the address names, and those that are `drawn`.

    Copying every filter and making its field costs more than the list's query. Without `drawn` all
    are there, as a form that shows them needs.
    """

    base_filters: dict[str, Any]  # made by the metaclass

    def __init__(self, data: Any, *args: Any, drawn: Collection[str] | None = None, **rest: Any):
        if drawn is not None:
            known = self.base_filters
            self.base_filters = {n: f for n, f in known.items() if n in drawn or n in data}
        super().__init__(data, *args, **rest)


class NameFilter(django_filters.ModelChoiceFilter):
    """A filter by a row of another table whose `name` is what people know it by."""

    field_class = _NameField
