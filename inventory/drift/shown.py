"""What pages show of differences: both values in words, who set ours, what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count

from inventory import features
from inventory.drift.repair import REPAIRS, Repair
from inventory.features.base import choice_words
from inventory.models import Finding, Route, TelephoneNumber
from inventory.services.drift import ADOPTED
from inventory.services.features import CHANGED
from portal.models import AuditEntry, User

GROUPS_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class Row:
    """One difference, ready for its table."""

    finding: Finding
    what: str
    ours: str
    theirs: str
    set_by: str = ""
    set_at: datetime | None = None
    main: Repair | None = None  # the one that is suggested
    others: tuple[Repair, ...] = ()
    why_not: str = ""  # why our value cannot be pushed

    @property
    def pk(self) -> int:
        """The key of the difference."""
        return self.finding.pk


@dataclass(frozen=True, kw_only=True)
class Group:
    """Differences of one kind, feature and provider account."""

    kind: str
    what: str
    account: str
    count: int
    query: str  # the list's filters for it


def groups(findings: Any) -> list[Group]:
    """Return how many differences there are of each kind, feature and account, most first."""
    counted = findings.order_by().values("kind", "field", "account", "account__name")
    ordered = counted.annotate(n=Count("pk")).order_by("-n", "kind", "field", "account")
    return [
        Group(
            kind=Finding.Kind(entry["kind"]).label,
            what=features.registry.named(entry["field"]) if entry["field"] else "",
            account=entry["account__name"],
            count=entry["n"],
            query=urlencode(
                {
                    name: value
                    for name, value in entry.items()
                    if value and name in {"kind", "field", "account"}
                }
            ),
        )
        for entry in ordered[:GROUPS_SHOWN]
    ]


def rows(findings: Sequence[Finding], user: User) -> list[Row]:
    """Return findings as rows; they come with `account` and `number`. Few queries for all."""
    words = _Words(findings)
    setters = _setters(findings)
    may = user.has_perm("inventory.repair_finding")
    drawn = []
    for finding in findings:
        why_not = _why_not_push(finding)
        main, others = _repairs(finding, why_not) if may else (None, ())
        entry = setters.get((finding.number_id, finding.field))
        drawn.append(
            Row(
                finding=finding,
                what=features.registry.named(finding.field)
                if finding.field
                else finding.get_kind_display(),
                ours=words.ours(finding),
                theirs=words.theirs(finding),
                set_by=entry.actor_name if entry else "",
                set_at=entry.at if entry else None,
                main=main,
                others=others,
                why_not=why_not if may and finding.status == Finding.Status.OPEN else "",
            )
        )
    return drawn


def _why_not_push(finding: Finding) -> str:
    """Return why our value cannot be sent to the provider, as a sentence; "" where it can."""
    feature = features.FEATURES.get(finding.field)
    if feature is None:
        return ""
    slug = finding.account.slug
    why = feature.why_not(slug, finding.tn)
    return why or ("" if finding.ours else feature.why_not_clear(slug))


def _repairs(finding: Finding, why_not_push: str) -> tuple[Repair | None, tuple[Repair, ...]]:
    """Return the repair that is suggested, and the others."""
    if finding.status == Finding.Status.IGNORED:
        return REPAIRS["open"], ()
    if finding.status != Finding.Status.OPEN:
        return None, ()
    names = {
        "value": ["push", "adopt", "ignore"],
        "unknown_here": ["import", "ignore"],
        "missing": ["ported_out", "released", "lost", "ignore"],
    }[finding.kind]
    if why_not_push:
        names.remove("push")
    elif finding.number and finding.number.sync_state == TelephoneNumber.Sync.PUSH_FAILED:
        names = ["adopt", "push", "ignore"]
    main, *others = [REPAIRS[name] for name in names]
    return main, tuple(others)


def _setters(findings: Iterable[Finding]) -> dict[tuple[int | None, str], AuditEntry]:
    """Return who last set our value: number and feature → entry."""
    numbers = {finding.number_id for finding in findings if finding.field and finding.number_id}
    if not numbers:
        return {}
    entries = AuditEntry.objects.filter(
        object_type=TelephoneNumber._meta.label_lower,
        object_id__in=numbers,
        verb__in=[CHANGED, ADOPTED],
    )
    return {
        (entry.object_id, name): entry for entry in entries.order_by("id") for name in entry.after
    }


class _Words:
    """Values in words; names of routes are looked up once for all."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        refs = {f.ours for f in findings if f.field == "route"} | {
            f.theirs for f in findings if f.field == "route"
        }
        known = Route.objects.filter(provider_ref__in=refs - {""}) if refs - {""} else ()
        self.routes = {(route.account_id, route.provider_ref): str(route) for route in known}
        self.choices: dict[tuple[str, int], dict[str, str]] = {}

    def ours(self, finding: Finding) -> str:
        if finding.kind == Finding.Kind.MISSING:
            return dict(TelephoneNumber.State.choices).get(finding.ours, finding.ours)
        if finding.kind == Finding.Kind.UNKNOWN_HERE:
            return "not here"
        return self._value(finding, finding.ours)

    def theirs(self, finding: Finding) -> str:
        if finding.kind == Finding.Kind.MISSING:
            return "not listed"
        if finding.kind == Finding.Kind.UNKNOWN_HERE:
            return finding.theirs or "listed"
        return self._value(finding, finding.theirs)

    def _value(self, finding: Finding, value: str) -> str:
        feature = features.FEATURES.get(finding.field)
        if feature is None:
            return value or "none"
        if finding.field == "route":
            return self.routes.get((finding.account_id, value), feature.shown(value))
        if feature.widget != "choice":
            return feature.shown(value)
        key = (finding.field, finding.account_id)
        if key not in self.choices:
            self.choices[key] = dict(feature.choices(finding.account))
        return choice_words(value, self.choices[key])
