"""Letting records follow what becomes of their numbers: assigned, moved, out of service, gone.

The inventory knows nothing of this domain. It says on the number what was decided about E911, and
moves numbers as it must; here the records catch up, a set at a time, by rules that find only what
does not fit yet. Running them again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from e911 import addresses, gaps
from e911.services import sets
from e911.services.follow import IN_USE
from inventory.models import TelephoneNumber

RESTING: Final = ("none", "removed", "draft", "suggested", "invalid", "valid", "provision_failed")
LIVE: Final = ("provisioned", "verified")
NO_VOICE: Final = "No voice, as it was decided when the number was handed out."
LEFT: Final = "The number left service and its record remains."
BACK: Final = "The number is in service again."
OTHERS: Final = "The number has another customer; what was typed before is not his."

# Each rule as the condition that a record r does not fit its number n yet.
_WANTED: Final = """(n.account_id = r.account_id AND (n.state = ANY(%(in_use)s)
    OR (r.is_kept AND n.state <> ALL(%(gone)s))))"""
_NO_OTHER: Final = """NOT EXISTS (SELECT 1 FROM e911_emergencyrecord o
    WHERE o.account_id = n.account_id AND o.tn = r.tn)"""
# At the provider, and the number is not in use any more, or is at another account.
_LEFT: Final = f"(r.state = ANY(%(live)s) AND NOT {_WANTED})"
_BACK: Final = f"""(r.state = 'orphan' AND {_WANTED} AND NOT EXISTS (
    SELECT 1 FROM e911_emergencyrecord o WHERE o.number_id = n.id AND o.state <> 'orphan'))"""  # noqa: S608 (our own words)
_AS_IT_WAS: Final = """(r.previous_state = 'verified' AND r.verified_at IS NOT NULL
    AND r.customer_id IS NOT DISTINCT FROM n.customer_id)"""
_NEEDED: Final = "(r.state = 'not_required' AND n.e911_state = 'none')"
_OTHERS: Final = """(r.state = ANY(%(resting)s) AND r.customer_id IS NOT NULL
    AND r.customer_id IS DISTINCT FROM n.customer_id)"""
# Prepared for a number before a customer got it.
_PREPARED: Final = """(n.state = ANY(%(in_use)s) AND (r.is_kept OR (
    r.customer_id IS NULL AND n.customer_id IS NOT NULL AND r.state = ANY(%(resting)s))))"""
# Stands at no provider, and the number moved to another account.
_ELSEWHERE: Final = f"""(r.account_id <> n.account_id
    AND (r.state = ANY(%(resting)s) OR r.state = 'not_required') AND {_NO_OTHER})"""
# The decision that was taken when the number was handed out, with its reason.
_DECIDED: Final = """
    LEFT JOIN LATERAL (
        SELECT a.e911_reason, a.actor_id, a.since FROM inventory_assignment a
        WHERE a.number_id = n.id AND a.until IS NULL AND a.e911_decision = 'not_required'
        LIMIT 1) a ON true
"""
_UNDECIDED: Final = """
    SELECT n.id FROM inventory_telephonenumber n
    WHERE n.e911_state = 'not_required' AND NOT EXISTS (
        SELECT 1 FROM e911_emergencyrecord r
        WHERE r.number_id = n.id AND r.state = 'not_required'
          AND r.customer_id IS NOT DISTINCT FROM n.customer_id)
    UNION
    SELECT n.id FROM e911_emergencyrecord r JOIN inventory_telephonenumber n ON n.tn = r.tn
    WHERE r.number_id IS NULL AND r.state = 'orphan'
"""


def unfitting() -> list[int]:
    """Return the ids of all numbers whose records do not fit them; normally very few."""
    rules = " OR ".join((_LEFT, _BACK, _NEEDED, _OTHERS, _PREPARED, _ELSEWHERE))
    values = _values([])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT n.id {_BOTH} WHERE {rules} UNION {_UNDECIDED}", values)
        return [row[0] for row in cursor.fetchall()]


_BOTH: Final = "FROM e911_emergencyrecord r JOIN inventory_telephonenumber n ON n.id = r.number_id"


def _values(ids: Sequence[int]) -> dict[str, Any]:
    return {
        "ids": list(ids),
        "in_use": list(IN_USE),
        "gone": list(TelephoneNumber.GONE),
        "resting": list(RESTING),
        "live": list(LIVE),
        "now": timezone.now(),
        "no_voice": NO_VOICE,
    }


@transaction.atomic
def follow(ids: Sequence[int]) -> int:
    """Let the records of some numbers follow them; return how many records moved.

    Standings are refreshed too.
    """
    if not ids:
        return 0
    values = _values(ids)
    with connection.cursor() as cursor:
        _link(cursor, values)
        moved = sets.move_all(_find(cursor, _LEFT, values), "orphan", reason=LEFT)
        _write(cursor, "account_id = n.account_id", _ELSEWHERE, values)
        own = "customer_id = coalesce(r.customer_id, n.customer_id), is_kept = false"
        _write(cursor, own, _PREPARED, values)
        moved += sets.move_all(_find(cursor, _NEEDED, values), "none", reason="It is needed now.")
        moved += _forget_others(_find(cursor, _OTHERS, values))
        moved += _not_required(cursor, values)
        for to, rule in (("verified", f"{_BACK} AND {_AS_IT_WAS}"), ("provisioned", _BACK)):
            moved += sets.move_all(_find(cursor, rule, values), to, reason=BACK)
    gaps.refresh(ids)
    return moved


def _find(cursor: Any, rule: str, values: dict[str, Any]) -> list[int]:
    cursor.execute(
        f"SELECT r.id {_BOTH} WHERE r.number_id = ANY(%(ids)s::bigint[]) AND {rule}",
        values,
    )
    return [row[0] for row in cursor.fetchall()]


def _write(cursor: Any, changes: str, rule: str, values: dict[str, Any]) -> None:
    cursor.execute(
        f"""
        UPDATE e911_emergencyrecord r SET {changes} FROM inventory_telephonenumber n
        WHERE r.number_id = ANY(%(ids)s::bigint[]) AND n.id = r.number_id AND {rule}
        """,  # noqa: S608 (our own words)
        values,
    )


def _link(cursor: Any, values: dict[str, Any]) -> None:
    """Let records of numbers that were not ours know the number that is ours now."""
    cursor.execute(
        """
        UPDATE e911_emergencyrecord r SET number_id = n.id
        FROM inventory_telephonenumber n
        WHERE n.id = ANY(%(ids)s::bigint[]) AND r.tn = n.tn AND r.number_id IS NULL AND r.state = 'orphan'
        """,
        values,
    )


def _forget_others(ids: Sequence[int]) -> int:
    """Blank what an earlier customer typed or had removed, with the alarm that concerned him."""
    parts: dict[str, Any] = dict.fromkeys(addresses.PART_NAMES, "")
    accepted: dict[str, Any] = {f"accepted_{name}": "" for name in addresses.LINE_NAMES}
    texts: dict[str, Any] = {
        "caller_name": "",
        "accepted_caller_name": "",
        "accepted_key": "",
        "legal_text": "",
    }
    return sets.move_all(
        ids,
        "none",
        reason=OTHERS,
        **parts,
        **accepted,
        **texts,
        accepted_by=None,
        accepted_at=None,
        tested_at=None,
        verified_at=None,
        verified_by="",
        is_multi_unit=False,
        location=None,
        last_valid={},
        is_location_lost=False,
        lost_at=None,
        customer_id=_customer(),
    )


def _customer() -> Any:
    from django.db.models import OuterRef, Subquery

    number = TelephoneNumber.objects.filter(pk=OuterRef("number_id"))
    return Subquery(number.values("customer_id")[:1])


def _not_required(cursor: Any, values: dict[str, Any]) -> int:
    """File the decision that no record is needed, which stands on the number, with its reason."""
    changed = _returned(
        cursor,
        f"""
        UPDATE e911_emergencyrecord r
        SET previous_state = r.state, state = 'not_required', state_since = %(now)s,
            not_required_reason = left(coalesce(nullif(d.e911_reason, ''), %(no_voice)s), 200),
            not_required_by_id = d.actor_id, not_required_at = coalesce(d.since, %(now)s),
            customer_id = d.customer_id, updated_at = %(now)s, reason = ''
        FROM (SELECT n.id, n.customer_id, a.* FROM inventory_telephonenumber n {_DECIDED}
              WHERE n.id = ANY(%(ids)s::bigint[]) AND n.e911_state = 'not_required') d
        WHERE r.number_id = ANY(%(ids)s::bigint[]) AND r.number_id = d.id
          AND (r.state = ANY(%(resting)s)
               OR (r.state = 'not_required' AND r.customer_id IS DISTINCT FROM d.customer_id))
        """,  # noqa: S608 (our own words)
        values,
    )
    added = _returned(
        cursor,
        f"""
        INSERT INTO e911_emergencyrecord ({_COLUMNS})
        SELECT {_VALUES}
        FROM inventory_telephonenumber n {_DECIDED}
        WHERE n.id = ANY(%(ids)s::bigint[]) AND n.e911_state = 'not_required'
          AND NOT EXISTS (SELECT 1 FROM e911_emergencyrecord r
                          WHERE r.number_id = n.id AND r.state <> 'orphan')
        ON CONFLICT (account_id, tn) DO NOTHING
        """,  # noqa: S608 (our own words)
        values,
    )
    return changed + added


def _returned(cursor: Any, sql: str, values: dict[str, Any]) -> int:
    cursor.execute(sql, values)
    return int(cursor.rowcount)


_TEXTS: Final = (
    *addresses.PART_NAMES,
    *(f"accepted_{name}" for name in addresses.LINE_NAMES),
    *("caller_name", "accepted_caller_name", "accepted_key", "legal_text", "verified_by"),
    *("previous_state", "word", "reason"),
)
_FLAGS: Final = ("is_multi_unit", "is_location_lost", "is_kept", "differs")
_COLUMNS: Final = ", ".join(
    (
        *("account_id", "tn", "number_id", "customer_id", "state", "state_since"),
        *("not_required_reason", "not_required_by_id", "not_required_at"),
        *("created_at", "updated_at", "last_valid"),
        *_FLAGS,
        *_TEXTS,
    )
)
_VALUES: Final = ", ".join(
    (
        *("n.account_id", "n.tn", "n.id", "n.customer_id", "'not_required'", "%(now)s"),
        "left(coalesce(nullif(a.e911_reason, ''), %(no_voice)s), 200)",
        *("a.actor_id", "coalesce(a.since, %(now)s)"),
        *("%(now)s", "%(now)s", "'{}'"),
        *["false"] * len(_FLAGS),
        *["''"] * len(_TEXTS),
    )
)
