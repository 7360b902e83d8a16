"""What lines of a file would tell providers, and which cannot be told: nobody is asked."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from inventory import feature_changes, features
from inventory.bulk.columns import FEATURES
from inventory.feature_changes import AccountPlan
from inventory.features import Feature
from inventory.models import CarrierNumber, Route, TelephoneNumber
from portal.bulk.kinds import Plan, Step
from portal.models import ProviderAccount, Upload

PIECE = 2000  # lines that are looked at together

# What differs from what was last told, as text: the few spellings that mean the same are sorted out
# by the features themselves, which see these lines only.
_TOLD = {
    column: "m.route_ref" if name == "route" else f"m.\"values\"->>'{name}'"
    for column, name in FEATURES.items()
}
_DIFFERING = """
SELECT r.id, r.line, r.target, n.account_id, r."values"
FROM portal_uploadrow r JOIN inventory_telephonenumber n ON n.tn = r.target
LEFT JOIN inventory_carriernumber m ON m.account_id = n.account_id AND m.tn = n.tn
WHERE r.upload_id = %s AND r.line > %s AND r.state IN ('no_change', 'ready', 'invalid')
    AND (%s::bigint IS NULL OR n.customer_id = %s::bigint) AND ({differs})
ORDER BY r.line LIMIT %s
"""
_WRITE = """
UPDATE portal_uploadrow r SET
    changes = r.changes || x.changes, errors = r.errors || x.errors,
    orders = ARRAY(SELECT jsonb_object_keys(x.changes))::varchar(32)[],
    state = CASE WHEN r.errors || x.errors <> '[]' THEN 'invalid'
        WHEN r.changes || x.changes <> '{}' THEN 'ready' ELSE r.state END
FROM jsonb_to_recordset(%s::jsonb) AS x (id bigint, changes jsonb, errors jsonb)
WHERE r.id = x.id
"""


@dataclass(kw_only=True)
class _Found:
    """What was found of one line."""

    id: int
    target: str
    account_id: int
    values: dict[str, Any]
    changes: dict[str, list[Any]] = field(default_factory=dict)
    errors: list[list[str]] = field(default_factory=list)


class _Tally:
    """Requests by account and feature, over all pieces."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0, 1])

    def add(self, column: str, entry: AccountPlan) -> None:
        """Add what one piece takes."""
        counts = self._counts[entry.account.pk, column]
        counts[0] += len(entry.changes)
        counts[1] += entry.read_count
        counts[2] = entry.batch

    def plan(self) -> Plan:
        """Return what the run takes, accounts by name."""
        accounts = ProviderAccount.objects.in_bulk({pk for pk, _ in self._counts})
        minutes: dict[int, int] = defaultdict(int)
        steps = []
        for (pk, column), (rows, reads, batch) in sorted(self._counts.items()):
            if not rows:
                continue
            calls = -(-rows // batch) + reads
            minutes[pk] += calls  # one after another at an account
            budget = max(accounts[pk].calls_per_minute, 1)
            what = f"{features.get(FEATURES[column]).label} at {accounts[pk]}"
            steps.append(Step(what=what, rows=rows, calls=calls, minutes=minutes[pk] // budget))
        return Plan(steps=steps, note="No charge of a provider is known for these changes.")


def judge(upload: Upload) -> Plan:
    """Find what the lines would tell providers, and which cannot be told; asks nobody.

    Writes changes, orders and errors to the lines.
    """
    columns = [column for column in FEATURES if column in upload.mapping]
    tally = _Tally()
    if columns:
        routes = _Routes()
        for piece in _pieces(upload, columns):
            _expect(upload, piece)
            for column in columns:
                _judge_column(column, piece, routes, tally)
            _write(piece)
    return tally.plan()


def _pieces(upload: Upload, columns: Sequence[str]) -> Iterator[list[_Found]]:
    differs = " OR ".join(
        f"(r.\"values\" ? '{column}' AND r.\"values\"->>'{column}' IS DISTINCT FROM {_TOLD[column]})"
        for column in columns
    )
    last, owner = 0, upload.customer_id
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                _DIFFERING.format(differs=differs), [upload.pk, last, owner, owner, PIECE]
            )
            rows = cursor.fetchall()
        if not rows:
            return
        last = rows[-1][1]
        yield [
            _Found(id=pk, target=tn, account_id=account, values=json.loads(values))
            for pk, _, tn, account, values in rows
        ]


def _expect(upload: Upload, piece: Sequence[_Found]) -> None:
    """Leave alone what was changed since, where an upload takes another one back."""
    if upload.undoes_id is None:
        return
    found = {line.target: line for line in piece}
    rows = upload.undoes.rows.filter(target__in=list(found), state="ok")  # type: ignore[union-attr]
    present = _present(found)
    for target, changes in rows.values_list("target", "changes"):
        line = found[target]
        for column in [name for name in changes if name in FEATURES and name in line.values]:
            feature = features.get(FEATURES[column])
            if not feature.is_secret and present[target](feature) != changes[column][1]:
                words = "It was changed since, so that it is left as it is."
                line.errors.append([column, "stale", words])
                del line.values[column]


def _present(tns: Collection[str]) -> dict[str, Callable[[Feature], str | None]]:
    """Return for each number a function from a feature to what its provider last told."""
    owners = dict(TelephoneNumber.objects.filter(tn__in=list(tns)).values_list("tn", "account_id"))
    rows = CarrierNumber.objects.filter(tn__in=list(tns)).select_related("account")
    mirrors = {row.tn: row for row in rows if owners.get(row.tn) == row.account_id}
    return {tn: _teller(mirrors.get(tn)) for tn in tns}


def _teller(mirror: CarrierNumber | None) -> Callable[[Feature], str | None]:
    return lambda feature: feature.present(mirror)


class _Routes:
    """The routes of each account, by what a file may call them."""

    def __init__(self) -> None:
        self._known: dict[int, dict[str, str]] = {}

    def find(self, account_id: int, text: str) -> str:
        """Return a route's reference; raises ValueError with a sentence."""
        if account_id not in self._known:
            known: dict[str, str] = {}
            twice = set()
            rows = Route.objects.filter(account_id=account_id).choosable()
            for ref, name in rows.values_list("provider_ref", "name"):
                if known.setdefault(name.lower(), ref) != ref:
                    twice.add(name.lower())
            known = {name: ref for name, ref in known.items() if name not in twice}
            known |= {ref.lower(): ref for ref in rows.values_list("provider_ref", flat=True)}
            self._known[account_id] = known
        known = self._known[account_id]
        if not text or text.lower() in known:
            return known.get(text.lower(), "")
        if not known:
            return text  # none is known here yet: the provider decides
        raise ValueError(f"“{text[:40]}” is no route, or more than one, of this provider account.")


def _judge_column(column: str, piece: Sequence[_Found], routes: _Routes, tally: _Tally) -> None:
    """Compare one column of some lines with what was told; note changes, and what stands against."""
    feature = features.get(FEATURES[column])
    lines, values = {}, {}
    for line in piece:
        if column not in line.values:
            continue
        value = line.values[column]
        try:
            values[line.target] = (
                routes.find(line.account_id, value) if feature.name == "route" else value
            )
        except ValueError as error:
            line.errors.append([column, "bad_value", str(error)])
            continue
        lines[line.target] = line
    for entry in feature_changes.plan(feature, values) if values else ():
        tally.add(column, entry)
        for change in entry.changes:
            line = lines[change.number.tn]
            if why := _not_there(feature, change.value, entry.account.slug):
                line.errors.append([column, "not_possible", why])
            else:
                after = "set" if feature.is_secret else change.value
                line.changes[column] = [None if feature.is_secret else change.before, after]
        for blocked in entry.blocked:
            lines[blocked.tn].errors.append([column, "not_possible", blocked.reason])


def _not_there(feature: Feature, value: str, slug: str) -> str:
    """Return why a provider does not take this value; "" where it does, or where it is secret."""
    if not value or feature.is_secret or feature.name == "route":
        return ""
    try:
        feature.clean(value, slug=slug)
    except ValueError as error:
        return str(error)
    return ""


def _write(piece: Sequence[_Found]) -> None:
    told = [
        {"id": line.id, "changes": line.changes, "errors": line.errors}
        for line in piece
        if line.changes or line.errors
    ]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [json.dumps(told)])
