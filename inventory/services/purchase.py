"""Numbers that are ordered: filed as ordering, bought, refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone

from inventory.features.calls import RouteFeature
from inventory.models import OrderLine, TelephoneNumber
from inventory.services.numbers import move, new_number, upsert_mirror
from portal import audit
from portal.models import Job
from portal.providers.dto import OwnedNumber
from portal.tn import TN


def start_purchase(lines: Sequence[OrderLine], *, job: Job) -> dict[str, dict[str, Any]]:
    """File the numbers of order lines as “ordering”; a number that came back keeps its row.

    Returns what those rows were before, by number, for `purchase_refused`. Raises `IllegalMove` for
    a number that cannot be ordered (any more).
    """
    tns = [line.tn for line in lines]
    rows = TelephoneNumber.objects.select_for_update().filter(tn__in=tns).order_by("tn")
    known = {number.tn: number for number in rows}
    before: dict[str, dict[str, Any]] = {}
    fresh: list[tuple[TelephoneNumber, OrderLine]] = []
    for line in lines:
        order = line.order
        number = known.get(line.tn)
        if number is not None:
            before[line.tn] = {"account": number.account_id, "customer": number.customer_id}
            new: dict[str, Any] = {"account": line.account, "customer": None}
            new["reason"] = f"Order {order.pk}"
            move(number, TelephoneNumber.State.PURCHASING, actor=job.actor, job=job, **new)
            continue
        number = new_number(TN(line.tn), account=line.account, state="purchasing", facts=line.facts)
        number.label, number.billing_id = order.label, order.billing_id
        fresh.append((number, line))
    TelephoneNumber.objects.bulk_create([number for number, _ in fresh], batch_size=1000)
    audit.record_many(
        audit.entry(
            job.actor,
            "inventory.tn.purchasing",
            number,
            after={"state": "purchasing", "account": str(line.account), "order": line.order_id},
            job=job,
        )
        for number, line in fresh
    )
    OrderLine.objects.filter(pk__in=[line.pk for line in lines]).update(
        status=OrderLine.Status.WAITING, code="", message="", advice=""
    )
    return before


def purchase_done(
    line: OrderLine, *, job: Job, owned: OwnedNumber | None, charged: Decimal | None, words: str
) -> None:
    """File a bought number: stock, or held for the order's customer."""
    order = line.order
    line.status, line.charged, line.message = OrderLine.Status.OK, charged, words[:500]
    line.code = line.advice = ""
    line.save()
    number = TelephoneNumber.objects.select_for_update().get(tn=line.tn)
    if number.state != TelephoneNumber.State.PURCHASING:
        return
    if number.previous_state:  # it came back: what its former user called it is not the new one's
        number.label, number.billing_id = order.label, order.billing_id
        number.note, number.wanted = "", {}
    if line.route_ref and RouteFeature().lasts(line.route_ref, line.account):
        number.wanted = {**number.wanted, RouteFeature.name: line.route_ref}
    to = TelephoneNumber.State.HELD if order.customer_id else TelephoneNumber.State.STOCK
    number.held_until = order.held_until if order.customer_id else None
    changes: dict[str, Any] = {
        "customer": order.customer,
        "sync_state": TelephoneNumber.Sync.IN_SYNC,
        "synced_at": timezone.now(),
    }
    reason = f"Order {order.pk}"
    if order.e911 == order.E911.NOT_REQUIRED:
        changes["e911_state"] = order.e911
        reason = f"{reason}; no E911 record: {order.e911_reason}"
    move(number, to, actor=job.actor, reason=reason, job=job, **changes)
    mirror = owned or OwnedNumber(
        tn=TN(line.tn),
        route_ref=line.route_ref,
        rate_center=number.rate_center,
        state=number.region,
        lata=number.lata,
        tier=number.tier,
        features=frozenset(line.facts.get("features", ())),
    )
    upsert_mirror(line.account, mirror)


def purchase_refused(
    line: OrderLine,
    *,
    job: Job,
    code: str,
    message: str,
    advice: str,
    before: Mapping[str, Any],
) -> None:
    """Record that a number was not bought; a row that only the order made is taken out again.

    `before` is what `start_purchase` returned of a row that was there already.
    """
    line.status, line.code = OrderLine.Status.FAILED, code[:64]
    line.message, line.advice = message[:500], advice[:300]
    line.save()
    number = TelephoneNumber.objects.select_for_update().filter(tn=line.tn).first()
    if number is None or number.state != TelephoneNumber.State.PURCHASING:
        return
    audit.record(
        job.actor, "inventory.tn.purchase_refused", number, after={"reason": message}, job=job
    )
    if number.previous_state:
        number.state, number.previous_state = number.previous_state, "purchasing"
        number.state_since = timezone.now()
        number.account_id = before.get("account", number.account_id)
        number.customer_id = before.get("customer", number.customer_id)
        number.save()
    else:
        number.delete()
