"""Writes on one number: its lifecycle moves, what people call it, giving it back, its mirror."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from inventory import assignments
from inventory.expressions import SHOWN, by_ids
from inventory.mirror import mirror_values
from inventory.models import (
    CarrierNumber,
    TelephoneNumber,
)
from portal import audit
from portal.models import Customer, Job, ProviderAccount, User
from portal.providers.dto import OwnedNumber
from portal.tn import TN


class IllegalMove(Exception):
    """A lifecycle move that the table does not know; `str(error)` is a sentence."""


def move(
    number: TelephoneNumber,
    to: str,
    *,
    actor: User | None,
    reason: str = "",
    job: Job | None = None,
    **changes: Any,
) -> None:
    """Move a number to another lifecycle state and audit it; `changes` are set along.

    Raises `IllegalMove` for a move that the table does not list or a lock forbids, and changes
    nothing then. Call inside a transaction with the row locked.
    """
    if refusal := number.why_not(to):
        raise IllegalMove(refusal)
    before = {"state": number.state} | {name: _plain(getattr(number, name)) for name in changes}
    number.previous_state, number.state, number.state_since = number.state, to, timezone.now()
    for name, value in changes.items():
        setattr(number, name, value)
    number.save()
    assignments.follow(number)
    audit.record(
        actor,
        f"inventory.tn.{to}",
        number,
        before=before,
        after={"state": to} | {name: _plain(value) for name, value in changes.items()},
        reason=reason,
        job=job,
    )


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Customer | ProviderAccount | Decimal) else value


def new_number(
    tn: TN, *, account: ProviderAccount, state: str, facts: Mapping[str, Any] | None = None
) -> TelephoneNumber:
    """Return an unsaved number with what is known of its place."""
    facts = facts or {}
    cost = facts.get("monthly_cost")
    return TelephoneNumber(
        tn=tn,
        npa=tn.npa,
        nxx=tn.nxx,
        state=state,
        state_since=timezone.now(),
        account=account,
        rate_center=facts.get("rate_center", "")[:40],
        region=facts.get("region", "")[:2],
        lata=facts.get("lata", "")[:5],
        tier=facts.get("tier", "")[:12],
        monthly_cost=Decimal(cost) if cost not in (None, "") else None,
    )


@transaction.atomic
def edit_number(form: Any, *, actor: User) -> None:
    """Save a bound, valid form of one number and audit what changed; nothing changed, no entry.

    Only what changed is written: a worker may move the number to another state at the same time.
    """
    changed = form.changed_data
    if not changed:
        return
    before = {name: _plain(form.initial.get(name)) for name in changed}
    number = form.save(commit=False)
    number.save(update_fields=[*changed, "updated_at"])
    after = {name: _plain(getattr(number, name)) for name in changed}
    audit.record(actor, "inventory.tn.edited", number, before=before, after=after)


def start_release(numbers: Sequence[TelephoneNumber], *, job: Job, reason: str) -> None:
    """Mark numbers, which the caller has locked, as being given back, each audited.

    Raises `IllegalMove` where one of them may not go; none is marked then.
    """
    to = TelephoneNumber.State.RELEASING
    if refusal := next(filter(None, (number.why_not(to) for number in numbers)), ""):
        raise IllegalMove(refusal)
    rows = by_ids([number.pk for number in numbers])
    audit.record_set(
        job.actor,
        f"inventory.tn.{to}",
        rows,
        text=SHOWN,
        before={"state": F("state")},
        after={"state": to},
        customer=F("customer_id"),
        reason=reason,
        job=job,
    )
    now = timezone.now()
    rows.update(previous_state=F("state"), state=to, state_since=now, updated_at=now)


def release_done(number: TelephoneNumber, *, job: Job) -> None:
    """File a number as given back; the mirror row goes with it."""
    move(
        number,
        TelephoneNumber.State.RELEASED,
        actor=job.actor,
        job=job,
        customer=None,
        sync_state=TelephoneNumber.Sync.IN_SYNC,
    )
    CarrierNumber.objects.filter(account=number.account, tn=number.tn).delete()


def release_refused(number: TelephoneNumber, *, job: Job, reason: str) -> None:
    """Put a number back where it was; the provider said no."""
    back = "aging" if number.previous_state == "aging" else "stock"
    move(number, back, actor=job.actor, job=job, reason=reason)


def upsert_mirror(account: ProviderAccount, owned: OwnedNumber) -> CarrierNumber:
    """Write what the provider says of one number; return the row.

    It has no fingerprint: an answer about one number tells less, or other things, than a full list
    does, and must not look like a change when the next list comes. Feature values that the answer
    does not tell stay.
    """
    values = mirror_values(owned)
    known = CarrierNumber.objects.filter(account=account, tn=owned.tn).first()
    if known is not None:
        values["values"] = known.values | values["values"]
    mirror, _ = CarrierNumber.objects.update_or_create(
        account=account,
        tn=owned.tn,
        defaults=values
        | {
            "fingerprint": "",
            "synced_at": timezone.now(),
            "missing_since": None,
            "missing_count": 0,
        },
    )
    return mirror


def mark_checked(number: TelephoneNumber, *, sync_state: str, note: str = "") -> None:
    """Note that the provider was asked about a number just now, and what that means."""
    number.sync_state, number.sync_note = sync_state, note[:200]
    number.synced_at = timezone.now()
    number.save(update_fields=["sync_state", "sync_note", "synced_at", "updated_at"])
