"""What a decision about the drift writes in our database: wanted values, moves, the audit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.db.models import Case, F, Q, When
from django.utils import timezone

from inventory import assignments
from inventory.expressions import SHOWN, by_ids
from inventory.models import CarrierNumber, Finding, TelephoneNumber
from inventory.models.moves import by_state
from portal import audit
from portal.models import User

ADOPTED: Final = "inventory.tn.drift_adopted"
IGNORED: Final = "inventory.tn.drift_ignored"
OPENED: Final = "inventory.tn.drift_reopened"
PORTED_OUT: Final = "inventory.tn.ported_out"
_IN_USE = ("in_service", "suspended")


def adopt(taken: Sequence[tuple[Finding, str]], *, actor: User | None, reason: str) -> None:
    """Make the value that came with each finding the one that we want.

    Call inside a transaction with the numbers locked; the findings come with their numbers.
    """
    numbers: dict[int, TelephoneNumber] = {}
    entries = []
    for finding, value in taken:
        if finding.number is None:
            continue
        number = numbers.setdefault(finding.number.pk, finding.number)
        before = number.wanted.get(finding.field)
        number.wanted = {**number.wanted, finding.field: value}
        number.updated_at = timezone.now()
        entries.append(
            audit.entry(
                actor,
                ADOPTED,
                number,
                before={finding.field: before},
                after={finding.field: value},
                reason=reason,
            )
        )
    TelephoneNumber.objects.bulk_update(
        list(numbers.values()), ["wanted", "updated_at"], batch_size=1000
    )
    audit.record_many(entries)


def ignored(
    findings: Sequence[Finding], *, actor: User | None, reason: str, until: date | None
) -> None:
    """Audit that differences are accepted until a day."""
    audit.record_many(
        audit.entry(
            actor,
            IGNORED,
            finding.number or finding,
            after={"difference": _words(finding), "ignored_until": until},
            reason=reason,
        )
        for finding in findings
    )


def opened(findings: Sequence[Finding], *, actor: User | None) -> None:
    """Audit that differences are no longer accepted."""
    audit.record_many(
        audit.entry(actor, OPENED, finding.number or finding, after={"difference": _words(finding)})
        for finding in findings
    )


def _words(finding: Finding) -> str:
    return finding.field or finding.get_kind_display()


def why_not_ported_out(number: TelephoneNumber) -> str:
    """Return why a number cannot be filed as ported out, as a sentence; "" where it can.

    A number that the provider no longer lists is lost, and what is lost may have been ported out.
    """
    moves = by_state()
    ways = moves.get(number.state, set())
    if "ported_out" in ways or ("lost" in ways and "ported_out" in moves["lost"]):
        return ""
    return f"A number that is “{number.get_state_display()}” cannot be ported out."


def mark_ported_out(ids: Sequence[int], *, actor: User | None, reason: str) -> None:
    """File numbers as ported out: their customers lose them, their mirror rows go.

    Call inside a transaction with the rows locked, after `why_not_ported_out`.
    """
    now = timezone.now()
    rows = by_ids(ids)
    audit.record_set(
        actor,
        PORTED_OUT,
        rows,
        text=SHOWN,
        before={"state": F("state"), "customer": F("customer__name")},
        after={"state": "ported_out", "customer": None},
        customer=F("customer_id"),
        reason=reason,
    )
    assignments.end(ids, at=now, reason=reason[:200], is_disconnect=False)
    by_account: dict[int, list[str]] = {}
    for account_id, tn in rows.values_list("account_id", "tn"):
        by_account.setdefault(account_id, []).append(tn)
    for account_id, tns in by_account.items():
        mirror = CarrierNumber.objects.filter(account=account_id, tn__in=tns)
        mirror.filter(missing_since__isnull=False).delete()
    rows.update(
        previous_state=F("state"),
        state="ported_out",
        state_since=now,
        last_customer=Case(
            When(Q(state__in=_IN_USE), then="customer_id"), default="last_customer_id"
        ),
        customer=None,
        release_on=None,
        held_until=None,
        wanted={},
        sync_state="in_sync",
        sync_note="",
        updated_at=now,
    )
