"""Numbers that move between carriers: filed as porting in, arrived, not come, and gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from inventory.models import CarrierNumber, TelephoneNumber
from inventory.services.numbers import move, new_number, upsert_mirror
from portal import audit
from portal.models import Customer, Job, ProviderAccount, User
from portal.providers.dto import OwnedNumber
from portal.tn import TN


def start_port_in(
    tns: Sequence[str],
    *,
    account: ProviderAccount,
    customer: Customer | None,
    actor: User | None,
    reason: str,
    job: Job | None = None,
) -> int:
    """File numbers as “porting in”; one that came back keeps its row. Returns how many are filed.

    A number that is ours already, or lost, stays as it is.
    """
    rows = TelephoneNumber.objects.select_for_update().among(tns).order_by("tn")
    known = {number.tn: number for number in rows}
    filed = 0
    for number in known.values():
        if not number.why_not(TelephoneNumber.State.PORT_IN):
            changes: dict[str, Any] = {"account": account, "customer": customer}
            move(number, "port_in", actor=actor, reason=reason, job=job, **changes)
            filed += 1
    fresh = [new_number(TN(tn), account=account, state="port_in") for tn in tns if tn not in known]
    for number in fresh:
        number.customer = customer
    TelephoneNumber.objects.bulk_create(fresh, batch_size=1000)
    after = {"state": "port_in", "account": str(account)}
    audit.record_many(
        audit.entry(actor, "inventory.tn.port_in", number, after=after, reason=reason, job=job)
        for number in fresh
    )
    return filed + len(fresh)


def end_port_in(
    tns: Sequence[str], *, actor: User | None, reason: str, job: Job | None = None
) -> None:
    """Take numbers that did not come out again; one that was here before is what it was then."""
    rows = TelephoneNumber.objects.select_for_update().among(tns).filter(state="port_in")
    for number in rows.order_by("tn"):
        before = {"state": "port_in"}
        audit.record(
            actor, "inventory.tn.port_in_ended", number, before=before, reason=reason, job=job
        )
        if number.previous_state:
            number.state, number.previous_state = number.previous_state, "port_in"
            number.state_since, number.customer = timezone.now(), None
            number.save()
        else:
            number.delete()


def finish_port_in(
    told: Mapping[str, OwnedNumber],
    *,
    account: ProviderAccount,
    customer: Customer | None,
    actor: User | None,
    reason: str,
    job: Job | None = None,
) -> list[str]:
    """File numbers that arrived: in service for the customer, or stock without one.

    `told` is what the provider says of each, as far as it does. Returns the numbers filed; one that
    is in the inventory under another state of ours already stays as it is.
    """
    start_port_in(
        list(told), account=account, customer=customer, actor=actor, reason=reason, job=job
    )
    to = TelephoneNumber.State.IN_SERVICE if customer else TelephoneNumber.State.STOCK
    rows = TelephoneNumber.objects.select_for_update().among(list(told)).order_by("tn")
    arrived = []
    for number in rows:
        if number.state != TelephoneNumber.State.PORT_IN:
            continue
        owned = told[number.tn]
        number.rate_center = number.rate_center or owned.rate_center[:40]
        number.region, number.lata = number.region or owned.state[:2], number.lata or owned.lata[:5]
        number.disconnected_on = number.last_customer = None
        billing = customer.billing_id if customer else ""
        changes: dict[str, Any] = {"account": account, "customer": customer}
        changes["billing_id"] = number.billing_id or billing
        move(number, to, actor=actor, reason=reason, job=job, **changes)
        if not CarrierNumber.objects.filter(account=account, tn=number.tn).exists():
            upsert_mirror(account, owned)
        arrived.append(number.tn)
    return arrived
