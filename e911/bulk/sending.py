"""Telling providers the addresses of a running upload: one job at a time at each account."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from e911 import operations
from e911.addresses import Parts
from e911.models import AddressCheck, Location
from e911.services import IllegalMove, NotAcceptable, accept, new_check
from inventory.models import TelephoneNumber
from portal import jobs
from portal.bulk import running
from portal.models import Job, Upload, UploadRow
from portal.operations import Item

MOST = 500  # numbers of one job: each gets a check of its own

_ACCEPTED = """
UPDATE portal_uploadrow SET outcomes = outcomes - 'address' - 'alert_emails',
    orders = CASE WHEN changes ? 'alert_emails' THEN ARRAY['address', 'alert_emails']
        ELSE ARRAY['address'] END,
    "values" = "values" || '{"accepted": true}'
WHERE upload_id = %s AND state = 'running' AND outcomes->'address'->>0 = 'suggested'
    AND "values"->'accept_suggestions' = 'true' AND NOT "values" ? 'accepted'
"""
# Nobody is told of calls from a number whose address was not set.
_NOT_TOLD = """
UPDATE portal_uploadrow SET orders = array_remove(orders, 'alert_emails'), outcomes = outcomes
    || jsonb_build_object('alert_emails', jsonb_build_array('skipped', '', 'The address was not set.', ''))
WHERE upload_id = %s AND state = 'running' AND 'alert_emails' = ANY(orders)
    AND NOT 'address' = ANY(orders) AND outcomes->'address'->>0 <> 'ok'
"""
_OUTCOMES = """
UPDATE portal_uploadrow r SET orders = array_remove(r.orders, %s::varchar),
    outcomes = r.outcomes || jsonb_build_object(%s::text, x.outcome)
FROM jsonb_to_recordset(%s::jsonb) AS x (id bigint, outcome jsonb) WHERE r.id = x.id
"""


def send(upload: Upload, group: Job) -> None:
    """Submit the next job at each account that has none open."""
    with connection.cursor() as cursor:
        cursor.execute(_ACCEPTED, [upload.pk])
        cursor.execute(_NOT_TOLD, [upload.pk])
    parts = group.children.exclude(kind=running.WRITE).filter(status__in=Job.OPEN)
    busy = set(parts.values_list("account_id", flat=True))
    lines = UploadRow.objects.filter(upload=upload, state="running")
    addresses = lines.filter(orders__contains=["address"])
    alerts = lines.filter(orders=["alert_emails"])
    for due in (addresses, alerts):
        numbers = TelephoneNumber.objects.filter(tn__in=due.values("target"))
        for account_id in numbers.order_by().values_list("account_id", flat=True).distinct():
            if account_id not in busy and _submit_next(upload, group, due, account_id):
                busy.add(account_id)


def _submit_next(upload: Upload, group: Job, due: Any, account_id: int) -> bool:
    """Submit the next job at an account; return whether there is one."""
    while rows := _next(due, account_id):
        if _submit(upload, group, rows):
            return True
    return False


def _next(due: Any, account_id: int) -> list[tuple[UploadRow, TelephoneNumber]]:
    """Return the next lines at an account, all of one operation, with their numbers."""
    at_account = TelephoneNumber.objects.filter(account_id=account_id)
    rows = list(due.filter(target__in=at_account.values("tn")).order_by("line")[:MOST])
    if not rows:
        return []
    is_removal = rows[0].operation == "remove"
    rows = [row for row in rows if (row.operation == "remove") == is_removal]
    numbers = at_account.select_related("account", "customer").in_bulk(
        [row.target for row in rows], field_name="tn"
    )
    return [(row, numbers[row.target]) for row in rows if row.target in numbers]


def _submit(upload: Upload, group: Job, rows: Sequence[tuple[UploadRow, TelephoneNumber]]) -> bool:
    """Submit a job about some lines; return whether one is on its way. The others have an outcome."""
    left = {number.tn: (row, number) for row, number in rows}
    while left:
        try:
            with transaction.atomic():
                _order(upload, group, list(left.values()))
        except (jobs.NotAccepted, PermissionDenied, IllegalMove, NotAcceptable) as refusal:
            told = {p.target: p.message for p in getattr(refusal, "problems", ()) if p.target}
            if not told and len(left) > 1:  # it stands against one of them: find out which
                return any(_submit(upload, group, [pair]) for pair in left.values())
            told = told or dict.fromkeys(left, str(refusal))
            failed = {left[tn][0].pk: words for tn, words in told.items() if tn in left}
            _fail(failed, _column(rows[0][0]))
            left = {tn: pair for tn, pair in left.items() if tn not in told}
        else:
            return True
    return False


def _order(upload: Upload, group: Job, rows: Sequence[tuple[UploadRow, TelephoneNumber]]) -> Job:
    account = rows[0][1].account
    if _column(rows[0][0]) == "alert_emails":
        items = [
            Item(target=number.tn, slice=n, params={"emails": row.values["alert_emails"]})
            for n, (row, number) in enumerate(rows)
        ]
        kind = operations.SetAlerts.kind
        return jobs.submit(kind, actor=upload.actor, account=account, items=items, parent=group)
    if rows[0][0].operation == "remove":
        return jobs.submit(
            "e911.remove",
            actor=upload.actor,
            account=account,
            params={"reason": f"Upload {upload.pk}: {upload.name}"},
            items=[Item(target=number.tn, slice=n) for n, (_, number) in enumerate(rows)],
            parent=group,
        )
    places = Location.objects.in_bulk({row.values.get("location_ref") for row, _ in rows} - {None})
    pairs = [(number, _check(upload, row, number, places)) for row, number in rows]
    return operations.provision_many(
        pairs, account=account, actor=upload.actor, with_check=True, parent=group
    )


def _check(
    upload: Upload, row: UploadRow, number: TelephoneNumber, places: Mapping[int, Location]
) -> AddressCheck:
    """Return the check of a line: the one whose correction was accepted, else a new one."""
    if row.values.get("accepted"):
        asked = AddressCheck.objects.filter(
            account=number.account, tns__contains=[number.tn], verdict="suggested"
        )
        check = asked.filter(asked_by=upload.actor).order_by("-pk").first()
        if check is not None:
            return accept(check, actor=upload.actor)
    return new_check(
        account=number.account,
        parts=Parts(**row.values["parts"]),
        caller_name=row.values["caller_name"],
        customer=number.customer,
        location=places.get(row.values.get("location_ref", 0)),
        numbers=[number],
        actor=upload.actor,
    )


def _column(row: UploadRow) -> str:
    """Return what is due next of a line: the address first."""
    return str(row.orders[0])


def _fail(told: Mapping[int, str], column: str) -> None:
    outcomes = [
        {"id": pk, "outcome": ["failed", "not_accepted", words, ""]} for pk, words in told.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES, [column, column, json.dumps(outcomes)])
