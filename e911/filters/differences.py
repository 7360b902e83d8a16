"""Filters of the differences of E911."""

from __future__ import annotations

from typing import ClassVar

from e911.models import Difference
from portal.filters_difference import DifferenceFilterSet, kinds


class DifferenceFilter(DifferenceFilterSet):
    """Differences by number, kind, provider and state; without a state those that wait."""

    about: ClassVar = "record__"
    LABELS: ClassVar[dict[str, str]] = {"kind": "Kind"} | DifferenceFilterSet.LABELS

    kind = kinds(Difference.Kind.choices, "Kind", "Any kind")

    class Meta:
        model = Difference
        fields: list[str] = []
