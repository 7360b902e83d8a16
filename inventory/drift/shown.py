"""What pages show of differences: both values in words, who set ours, what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.db.models import Count

from inventory import features
from inventory.drift.repair import REPAIRS, Repair
from inventory.features.base import choice_words
from inventory.models import Finding, Route, TelephoneNumber
from inventory.services.drift import ADOPTED
from inventory.services.features import CHANGED
from portal import prepared
from portal.fetch import RowsByKey, text_of
from portal.filters_difference import WAITING
from portal.models import ProviderAccount, User

GROUPS_SHOWN = 12
_KINDS: Final = {str(kind): str(label) for kind, label in Finding.Kind.choices}
_STATES: Final = {str(state): str(label) for state, label in TelephoneNumber.State.choices}
_SIDES: Final = ("ours", "theirs")


# What a row is made from: dicts by the differences' keys.
fetch: Final = RowsByKey(
    lambda: Finding.objects.values(
        *("id", "tn", "account_id", "number_id", "kind", "field", "ours", "theirs", "status"),
        *("ignored_until", "reason", "job_id", "first_seen_at", "last_seen_at"),
        account_name=text_of(ProviderAccount, "account_id"),
        slug=text_of(ProviderAccount, "account_id", "slug"),
        sync_state=text_of(TelephoneNumber, "number_id", "sync_state"),
    )
)
Facts = Mapping[str, Any]


class Row(NamedTuple):
    """One difference, ready for its table."""

    facts: Facts
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
        return int(self.facts["id"])


@dataclass(frozen=True, kw_only=True)
class Group:
    """Differences of one kind, feature and provider account."""

    kind: str
    what: str
    account: str
    count: int
    query: str  # the list's filters for it


def groups() -> list[Group]:
    """Return how many differences wait, of each kind, feature and account, most first."""
    return [
        Group(
            kind=_KINDS.get(kind, kind),
            what=features.registry.named(field) if field else "",
            account=account_name,
            count=count,
            query=urlencode(
                {
                    name: value
                    for name, value in (("kind", kind), ("field", field), ("account", account))
                    if value
                }
            ),
        )
        for kind, field, account, account_name, count in prepared.rows(_groups_sql())
    ]


@lru_cache(maxsize=1)
def _groups_sql() -> str:
    """Return the SQL of the groups; making it takes longer than running it."""
    waiting = Finding.objects.filter(status__in=WAITING).order_by()
    counted = waiting.values_list("kind", "field", "account", "account__name").annotate(
        n=Count("pk")
    )
    ordered = counted.order_by("-n", "kind", "field", "account")[:GROUPS_SHOWN]
    return prepared.text(ordered.query.sql_with_params())


def rows(found: Sequence[Facts], user: User) -> list[Row]:
    """Return differences, as `fetch` reads them, as rows. Few queries for all."""
    words = _Words(found)
    setters = _setters(found)
    may = user.has_perm("inventory.repair_finding")
    return [_row(facts, words, setters, may=may) for facts in found]


def _row(facts: Facts, words: _Words, setters: _Setters, *, may: bool) -> Row:
    field = facts["field"]
    why_not = _why_not_push(facts)
    main, others = _repairs(facts, why_not) if may else (None, ())
    set_by, set_at = setters.get((facts["number_id"], field), ("", None))
    return Row(
        facts=facts,
        what=features.registry.named(field) if field else _KINDS[facts["kind"]],
        ours=words.ours(facts),
        theirs=words.theirs(facts),
        set_by=set_by,
        set_at=set_at,
        main=main,
        others=others,
        why_not=why_not if may and facts["status"] == Finding.Status.OPEN else "",
    )


def _why_not_push(facts: Facts) -> str:
    """Return why our value cannot be sent to the provider, as a sentence; "" where it can."""
    feature = features.FEATURES.get(facts["field"])
    if feature is None:
        return ""
    why = feature.why_not(facts["slug"], facts["tn"])
    return why or ("" if facts["ours"] else feature.why_not_clear(facts["slug"]))


def _repairs(facts: Facts, why_not_push: str) -> tuple[Repair | None, tuple[Repair, ...]]:
    """Return the repair that is suggested, and the others."""
    if facts["status"] == Finding.Status.IGNORED:
        return REPAIRS["open"], ()
    if facts["status"] != Finding.Status.OPEN:
        return None, ()
    names = {
        "value": ["push", "adopt", "ignore"],
        "unknown_here": ["import", "ignore"],
        "missing": ["ported_out", "released", "lost", "ignore"],
        "also_listed": ["move", "ignore"],
    }[facts["kind"]]
    if why_not_push:
        names.remove("push")
    elif facts["sync_state"] == TelephoneNumber.Sync.PUSH_FAILED:
        names = ["adopt", "push", "ignore"]
    main, *others = [REPAIRS[name] for name in names]
    return main, tuple(others)


_Setters = dict[tuple[int | None, str], tuple[str, datetime]]


def _setters(found: Iterable[Facts]) -> _Setters:
    """Return who last set our value, and when: by number and feature."""
    numbers = {one["number_id"] for one in found if one["field"] and one["number_id"]}
    if not numbers:
        return {}
    kind = TelephoneNumber._meta.label_lower
    told = prepared.rows(_SETTERS, [kind, sorted(numbers), [CHANGED, ADOPTED]])
    return {(number, name): (who, at) for number, name, who, at in told}


_SETTERS: Final = """
    SELECT DISTINCT ON (object_id, name) object_id, name, actor_name, at
    FROM portal_auditentry, jsonb_object_keys(after) AS name
    WHERE object_type = %s AND object_id = ANY(%s) AND verb = ANY(%s)
    ORDER BY object_id, name, id DESC
"""


class _Words:
    """Values in words; names of routes are looked up once for all."""

    def __init__(self, found: Sequence[Facts]) -> None:
        refs = {one[side] for one in found if one["field"] == "route" for side in _SIDES} - {""}
        known = Route.objects.filter(provider_ref__in=refs) if refs else ()
        self.routes = {(route.account_id, route.provider_ref): str(route) for route in known}
        self.choices: dict[tuple[str, int], dict[str, str]] = {}

    def ours(self, facts: Facts) -> str:
        if facts["kind"] == Finding.Kind.MISSING:
            return _STATES.get(facts["ours"]) or str(facts["ours"])
        if facts["kind"] == Finding.Kind.UNKNOWN_HERE:
            return "not here"
        return self._value(facts, facts["ours"])

    def theirs(self, facts: Facts) -> str:
        if facts["kind"] == Finding.Kind.MISSING:
            return "not listed"
        if facts["kind"] == Finding.Kind.UNKNOWN_HERE:
            return str(facts["theirs"] or "listed")
        return self._value(facts, facts["theirs"])

    def _value(self, facts: Facts, value: str) -> str:
        name, account = facts["field"], facts["account_id"]
        feature = features.FEATURES.get(name)
        if feature is None:
            return value or "none"
        if name == "route":
            return self.routes.get((account, value), feature.shown(value))
        if feature.widget != "choice":
            return feature.shown(value)
        if (name, account) not in self.choices:
            at = ProviderAccount.objects.defer("credentials").get(pk=account)
            self.choices[name, account] = dict(feature.choices(at))
        return choice_words(value, self.choices[name, account])
