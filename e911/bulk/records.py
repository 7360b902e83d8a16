"""The kind “e911”: each address is checked at its provider inside the run, put on its number, and read back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from django.db import connection
from django.db.models import F

from e911.bulk import sending
from e911.bulk.columns import COLUMNS, address_of, key_of
from e911.models import EmergencyRecord, Location
from e911.operations import SetAlerts
from inventory.models import TelephoneNumber
from portal import providers
from portal.bulk.kinds import Kind, Plan, Query, Step, register
from portal.models import Job, ProviderAccount, Upload, UploadRow

CALLS_TO_SET, CALLS_TO_REMOVE = 4, 2  # check, look, set, read back; remove, read back
CALLS_TO_TELL = 3  # read, change, read
PIECE = 2000

# What a file says of an address is compared with what was accepted, whatever way it is spelled.
# “add” and “remove” ask whether it stands at the provider now.
_PRESENT = """
SELECT n.tn AS target, jsonb_build_object('address', CASE
        WHEN u.operation IN ('add', 'remove') AND NOT coalesce(e.state = ANY(%s), false) THEN ''
        WHEN e.is_location_lost THEN '' ELSE coalesce(e.accepted_key, '') END,
    'alert_emails', coalesce((
        SELECT string_agg(lower(a.email), ' ' ORDER BY lower(a.email) COLLATE "C")
        FROM e911_alertcontact a WHERE a.record_id = e.id AND a.state = 'active'), '')) AS now,
    CASE WHEN n.state = ANY(%s) THEN 'It is not in our hands (any more, or yet).'
        ELSE %s::jsonb->>n.account_id::text END AS refusal
FROM portal_uploadrow u JOIN inventory_telephonenumber n ON n.tn = u.target
LEFT JOIN e911_emergencyrecord e ON e.number_id = n.id AND e.account_id = n.account_id
WHERE u.upload_id = %s AND (%s::bigint IS NULL OR n.customer_id = %s::bigint)
"""
_LOCK = """
SELECT 1 FROM inventory_telephonenumber n JOIN portal_uploadrow r ON r.target = n.tn
WHERE r.id = ANY(%s::bigint[]) ORDER BY n.id FOR UPDATE OF n
"""
_ORDERS = """
UPDATE portal_uploadrow SET orders = ARRAY(
    SELECT name FROM unnest(ARRAY['address', 'alert_emails']) AS name WHERE changes ? name
)::varchar(32)[] WHERE upload_id = %s AND state = 'ready'
"""
# Nobody can be told there: the sentence stands beside the cell.
_NO_ALERTS = """
UPDATE portal_uploadrow r SET state = 'invalid', orders = '{}', errors = r.errors
    || jsonb_build_array(jsonb_build_array('alert_emails', 'not_offered', %s::jsonb->>n.account_id::text))
FROM inventory_telephonenumber n WHERE n.tn = r.target AND r.upload_id = %s AND r.state = 'ready'
    AND r.changes ? 'alert_emails' AND %s::jsonb ? n.account_id::text
"""
_COUNTS = """
SELECT n.account_id, CASE WHEN o.name = 'alert_emails' THEN o.name
    WHEN r.operation = 'remove' THEN 'remove' ELSE o.name END, count(*)
FROM portal_uploadrow r CROSS JOIN LATERAL unnest(r.orders) AS o (name)
JOIN inventory_telephonenumber n ON n.tn = r.target
WHERE r.upload_id = %s AND r.state = 'ready' GROUP BY 1, 2 ORDER BY 1, 2
"""
_STEPS: Final = {
    "address": ("Check and set the address", CALLS_TO_SET),
    "remove": ("Take 911 off", CALLS_TO_REMOVE),
    "alert_emails": ("Who is told of calls", CALLS_TO_TELL),
}


@register
class Records(Kind):
    """Set, change and take off the emergency addresses of numbers."""

    slug, label = "e911", "E911 addresses"
    help = (
        "Where help is sent when somebody dials 911. Each address is checked at its provider in the "
        "run; one that the provider spells otherwise waits until you accept it."
    )
    permission = "e911.change_emergencyrecord"
    columns = COLUMNS
    operations = ("update", "add", "remove", "skip")
    export_url = "e911:record-export"
    no_undo = "The address from before is set again on each record’s own page."

    def check_line(self, values: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
        """Put the cells of an address together."""
        operation = values["operation"]
        if operation in ("remove", "skip"):
            for name in [name for name in values if name not in (self.key, "operation")]:
                del values[name]
            values["address"] = ""
            return
        parts, column, wrong = address_of(values)
        name = values.get("caller_name", "")
        if wrong:
            yield column, "missing", wrong
        if not name:
            yield "caller_name", "missing", "Nothing stands here, and it is needed."
        if parts is None and not wrong and "location_ref" not in values:
            yield "address1", "missing", "Write an address, or the number of a saved place."
        if parts is not None and name:
            values |= {"address": key_of(parts, name), "parts": asdict(parts)}

    def absent(self, upload: Upload) -> str:
        """Return the sentence for a number that we do not have, or that is somebody else's."""
        return (
            "It is not one of your numbers."
            if upload.customer_id
            else "It is not in the inventory."
        )

    def present(self, upload: Upload) -> Query:
        """Return which address each number has."""
        reasons = {
            pk: f"{why} Nothing would be sent." for pk, why in _without("e911_records").items()
        }
        away = [*TelephoneNumber.GONE, "purchasing", "port_in", "releasing"]
        owner = upload.customer_id
        live = [word for word in EmergencyRecord.LIVE if word != "removing"]
        return Query(
            sql=_PRESENT, params=[live, away, json.dumps(reasons), upload.pk, owner, owner]
        )

    def refine(self, upload: Upload) -> Plan:
        """Look up saved places, leave drafts alone that say the same, and count the requests."""
        _take_places(upload)
        _leave_drafts(upload)
        silent = json.dumps(_without("e911_alerts"))
        with connection.cursor() as cursor:
            cursor.execute(_NO_ALERTS, [silent, upload.pk, silent])
            cursor.execute(_ORDERS, [upload.pk])
            cursor.execute(_COUNTS, [upload.pk])
            found = cursor.fetchall()
        accounts = ProviderAccount.objects.in_bulk({pk for pk, _, _ in found})
        steps = []
        for pk, order, rows in found:
            what, calls_each = _STEPS[order]
            calls = rows * calls_each
            minutes = calls // max(accounts[pk].calls_per_minute, 1)
            steps.append(
                Step(what=f"{what}: {accounts[pk]}", rows=rows, calls=calls, minutes=minutes)
            )
        return Plan(steps=steps, note="What a provider charges for 911 is not known here.")

    def lock(self, ids: Sequence[int]) -> Query:
        """Return the query that locks the numbers of some lines."""
        return Query(sql=_LOCK, params=[list(ids)])

    def send(self, upload: Upload, group: Job) -> None:
        """Submit the next job of each account."""
        sending.send(upload, group)

    def column_of(self, part: Job) -> str:
        """Return what a job is about: who is told, or the address."""
        return "alert_emails" if part.kind == SetAlerts.kind else "address"

    def shown(self, column: str, value: Any) -> str:
        """Return an address, or mail addresses, as one line."""
        if column == "alert_emails":
            return str(value or "").replace(" ", ", ")
        return ", ".join(filter(None, str(value or "").split("|")))


def _without(capability: str) -> dict[str, str]:
    """Return why accounts lack something, by the account's id as text."""
    rows = ProviderAccount.objects.values_list("pk", "slug")
    return {str(pk): why for pk, slug in rows if (why := providers.why_not(slug, capability))}


def _take_places(upload: Upload) -> None:
    """Write the addresses of saved places into the lines that name one instead of an address."""
    lines = upload.rows.filter(state__in=["no_change", "ready"], values__has_key="location_ref")
    rows = list(lines.exclude(values__has_key="parts")[:100_000])
    live = _live(rows)
    places = Location.objects.filter(is_archived=False)
    if upload.customer_id:
        places = places.filter(customer_id=upload.customer_id)
    found = places.in_bulk({row.values["location_ref"] for row in rows})
    for row in rows:
        place = found.get(row.values["location_ref"])
        if place is None:
            words = "There is no such saved place. Its number stands on the page of places."
            row.errors, row.state = [["location_ref", "not_found", words]], "invalid"
            continue
        name = row.values["caller_name"]
        key, now = key_of(place.parts, name), live.get(row.target, "")
        row.values |= {"address": key, "parts": asdict(place.parts)}
        if key != now:
            row.changes, row.state = row.changes | {"address": [now, key]}, "ready"
    UploadRow.objects.bulk_update(rows, ["values", "changes", "errors", "state"], batch_size=PIECE)


def _live(rows: Sequence[UploadRow]) -> dict[str, str]:
    """Return the addresses that stand at the providers of some lines' numbers, as they are compared."""
    found = EmergencyRecord.objects.filter(
        tn__in=[row.target for row in rows], number__account_id=F("account_id")
    )
    return {record.tn: record.accepted_key for record in found if record.is_live}


def _leave_drafts(upload: Upload) -> None:
    """Leave lines alone that say what is wanted already and not set yet: an export is no order.

    “add” in the column `operation` sets them all the same.
    """
    ready = upload.rows.filter(state="ready", operation="update")
    drafts = EmergencyRecord.objects.filter(accepted_key="").exclude(street="")
    tns = ready.filter(target__in=drafts.values("tn")).values("pk", "target")
    by_tn = {row["target"]: row["pk"] for row in tns}
    same = []
    for record in drafts.filter(tn__in=list(by_tn)):
        row = ready.get(pk=by_tn[record.tn])
        if row.values.get("address") == record.typed_key[:400]:
            same.append(row.pk)
    ready.filter(pk__in=same).update(state="no_change", changes={})
