"""Filters of the differences list, and which differences a repair is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Count, Max, QuerySet, Sum
from django.http import QueryDict

from inventory import features
from inventory.models import Finding
from portal.access import Request
from portal.filtering import fitting
from portal.filters_difference import DifferenceFilterSet, kinds


class FindingFilter(DifferenceFilterSet):
    """Differences by number, kind, feature, provider and state; without a state those that wait."""

    LABELS: ClassVar[dict[str, str]] = {
        "kind": "Kind",
        "field": "Feature",
    } | DifferenceFilterSet.LABELS

    kind = kinds(Finding.Kind.choices, "Kind", "Any kind")
    field = kinds(
        [(name, feature.label) for name, feature in features.FEATURES.items()],
        "Feature",
        "Any feature",
    )

    class Meta:
        model = Finding
        fields: list[str] = []


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The differences that a repair is about; nothing may be done while `problem` says why not."""

    findings: QuerySet[Finding]
    count: int
    limit: int
    is_all: bool
    query: str  # the list's filters
    mark: str  # changes when findings join or leave
    has_changed: bool = False

    @property
    def problem(self) -> str:
        """Why nothing may be done with these, as a sentence; empty where it may."""
        if self.count > self.limit:
            return f"These are more than {self.limit:,}. Filter for fewer, and do it in parts."
        if self.has_changed:
            return "Other differences fit than when you looked. Look again, then confirm."
        return ""

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Return the hidden fields with which the next step finds the same differences."""
        if self.is_all:
            return [("all", "1"), ("filters", self.query), ("mark", self.mark)]
        ids = self.findings.order_by("pk").values_list("pk", flat=True)[: self.limit]
        return [*(("finding", str(pk)) for pk in ids), ("filters", self.query)]


def filtered(values: QueryDict, user: Any) -> tuple[Any, FindingFilter]:
    """Return the differences that the user may see and the filters ask for, and the filter."""
    visible = Finding.objects.visible_to(user)
    # Without a state those that wait are asked for, so that this filter is always there.
    found = FindingFilter(values, queryset=visible, user=user, drawn=("state",))
    return fitting(found), found


def read(request: Request, *, limit: int) -> Chosen:
    """Return what the request chose: the ticked ones, or with ``all=1`` all that fit ``filters``.

    Filters that are missing with ``all`` choose nothing.
    """
    values = request.POST if request.method == "POST" else request.GET
    query = values.get("filters", "")
    is_all = values.get("all") == "1"
    if is_all:
        findings, _ = filtered(QueryDict(query), request.user)
        if "filters" not in values:
            findings = findings.none()
    else:
        ids = [text for text in values.getlist("finding") if _is_id(text)]
        findings = Finding.objects.visible_to(request.user).filter(pk__in=ids)
    few = findings.order_by().values("pk")[: limit + 1]
    sums = few.aggregate(n=Count("pk"), last=Max("pk"), total=Sum("pk"))
    mark = f"{sums['n']}.{sums['last'] or 0}.{sums['total'] or 0}"
    return Chosen(
        findings=findings,
        count=sums["n"],
        limit=limit,
        is_all=is_all,
        query=query,
        mark=mark,
        has_changed=is_all and bool(values.get("mark")) and values["mark"] != mark,
    )


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
