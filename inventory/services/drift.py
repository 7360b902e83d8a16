"""What a decision about the drift writes in our database: wanted values, moves, the audit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.db.models import Case, F, Q, QuerySet, Value, When
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
MOVED: Final = "inventory.tn.account_changed"
_IN_USE = ("in_service", "suspended")
_TOLD_AS = {"state": "state", "customer": "customer__name"}


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


def move_here(findings: Sequence[Finding], *, actor: User | None, reason: str) -> None:
    """File numbers at the accounts of their findings; what we wanted of the former ones is gone.

    Call inside a transaction with the numbers locked; the findings come with account and number.
    """
    now, entries, moved = timezone.now(), [], []
    for finding in findings:
        if (number := finding.number) is None:
            continue
        before, after = {"provider": str(number.account)}, {"provider": str(finding.account)}
        entries.append(audit.entry(actor, MOVED, number, before=before, after=after, reason=reason))
        CarrierNumber.objects.filter(account=number.account_id, tn=number.tn).delete()
        number.account, number.wanted, number.updated_at = finding.account, {}, now
        number.sync_state, number.sync_note = TelephoneNumber.Sync.IN_SYNC, ""
        moved.append(number)
    TelephoneNumber.objects.bulk_update(
        moved,
        ["account", "wanted", "updated_at", "sync_state", "sync_note"],
        batch_size=1000,
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


def opened(findings: Sequence[Finding], *, actor: User | None, reason: str = "") -> None:
    """Audit that differences are no longer accepted."""
    audit.record_many(
        audit.entry(
            actor,
            OPENED,
            finding.number or finding,
            after={"difference": _words(finding)},
            reason=reason,
        )
        for finding in findings
    )


def _words(finding: Finding) -> str:
    return finding.field or finding.get_kind_display()


def why_not_gone(number: TelephoneNumber, to: str) -> str:
    """Return why a missing number cannot be filed as gone, as a sentence; "" where it can.

    A number that the provider no longer lists is lost, and what is lost may have been ported out or
    given back.
    """
    moves = by_state()
    ways = moves.get(number.state, set())
    if to in ways or ("lost" in ways and to in moves["lost"]):
        return ""
    wanted = TelephoneNumber.State(to).label
    return f"A number that is “{number.get_state_display()}” cannot become “{wanted}”."


def mark_gone(ids: Sequence[int], to: str, *, actor: User | None, reason: str) -> None:
    """File numbers as ported out or given back: their customers lose them, their mirror rows go.

    A lost one keeps both, for the day on which it is found again. Call inside a transaction with the
    rows locked, after `why_not_gone`.
    """
    now = timezone.now()
    rows = by_ids(ids)
    is_lost = to == TelephoneNumber.State.LOST
    after: dict[str, Any] = {"state": to} if is_lost else {"state": to, "customer": None}
    audit.record_set(
        actor,
        f"inventory.tn.{to}",
        rows,
        text=SHOWN,
        before={name: F(_TOLD_AS[name]) for name in after},
        after=after,
        customer=F("customer_id"),
        reason=reason,
    )
    is_disconnect = to == TelephoneNumber.State.RELEASED
    assignments.end(ids, at=now, reason=reason[:200], is_disconnect=is_disconnect)
    written: dict[str, Any] = {} if is_lost else _forgotten(is_disconnect=is_disconnect)
    if not is_lost:
        _forget_mirrors(rows)
    rows.update(
        previous_state=F("state"),
        state=to,
        state_since=now,
        sync_state="in_sync",
        sync_note="",
        updated_at=now,
        **written,
    )


def _forgotten(*, is_disconnect: bool) -> dict[str, Any]:
    """Return what a number that is gone for good is no longer."""
    in_use = Q(state__in=_IN_USE)
    written: dict[str, Any] = {
        "last_customer": Case(When(in_use, then="customer_id"), default="last_customer_id"),
        "customer": None,
        "release_on": None,
        "held_until": None,
        "wanted": {},
    }
    if is_disconnect:
        today = Value(timezone.localdate(timezone=timezone.get_default_timezone()))
        written["disconnected_on"] = Case(When(in_use, then=today), default="disconnected_on")
    return written


def _forget_mirrors(rows: QuerySet[TelephoneNumber]) -> None:
    by_account: dict[int, list[str]] = {}
    for account_id, tn in rows.values_list("account_id", "tn"):
        by_account.setdefault(account_id, []).append(tn)
    for account_id, tns in by_account.items():
        mirror = CarrierNumber.objects.filter(account=account_id, tn__among=tns)
        mirror.filter(missing_since__isnull=False).delete()
