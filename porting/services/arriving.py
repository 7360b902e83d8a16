"""What a port order does to the inventory: numbers on their way, here, not come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from inventory.services import ports, summaries
from portal.models import Job, User
from portal.providers.dto import OwnedNumber
from portal.providers.dto.porting import PortNumber
from portal.tn import TN
from porting.models import PortLine, PortOrder

_ENDED_WITHOUT = ("cancelled", "expired", "failed")


def follow(order: PortOrder, *, actor: User | None, job: Job | None = None) -> None:
    """Let the inventory follow the state that an order has just entered."""
    if order.account is None:
        return
    if PortOrder.State.SNAPBACK_REQUESTED in (order.state, order.previous_state):
        _go_back(order, actor=actor)
    elif order.state == PortOrder.State.SUBMITTED and order.previous_state == PortOrder.State.READY:
        ports.start_port_in(
            _tns(order),
            account=order.account,
            customer=order.customer,
            actor=actor,
            reason=str(order),
            job=job,
        )
    elif order.state in _ENDED_WITHOUT:
        ports.end_port_in(_tns(order), actor=actor, reason=str(order), job=job)
    elif order.state == PortOrder.State.COMPLETED:
        waiting = order.lines.active().exclude(status__in=PortLine.ARRIVED)
        arrive(order, waiting.values_list("tn", flat=True), actor=actor, job=job)


def _go_back(order: PortOrder, *, actor: User | None) -> None:
    """Open, complete or close a port-out of each number that goes back, went back, or stays."""
    from porting.services import port_out

    words = f"{order} goes back to the losing carrier."
    to = {"cancelled": "completed", "completed": "cancelled"}.get(order.state)
    for tn in order.lines.filter(status__in=PortLine.ARRIVED).values_list("tn", flat=True):
        case = port_out.report(tn, way="person", words=words, actor=actor, state="requested")
        if case is not None and to is not None and not case.why_not(to):
            port_out.move(case, to, actor=actor, reason=words)


@transaction.atomic
def arrive(
    order: PortOrder,
    tns: Iterable[str],
    *,
    actor: User | None,
    job: Job | None = None,
    told: Iterable[PortNumber] = (),
) -> list[str]:
    """File numbers of an order as arrived; return those that the inventory took.

    They belong to the order's customer and are in service, or are stock without one. What was
    chosen for them is applied afterwards, by jobs.
    """
    if order.account is None:
        return []
    facts = {number.tn: number for number in told}
    lines = list(order.lines.select_for_update().active().filter(tn__in=list(tns)).order_by("tn"))
    owned = {line.tn: _owned(line, facts.get(TN(line.tn))) for line in lines}
    taken = ports.finish_port_in(
        owned,
        account=order.account,
        customer=order.customer,
        actor=actor,
        reason=str(order),
        job=job,
    )
    now = timezone.now()
    order.lines.filter(pk__in=[line.pk for line in lines]).update(
        status=PortLine.Status.ACTIVATED, status_since=now, is_open=False
    )
    summaries.note("port_state", dict.fromkeys(owned, PortOrder.State.COMPLETED))
    return taken


def _tns(order: PortOrder) -> list[str]:
    return list(order.lines.active().order_by("tn").values_list("tn", flat=True))


def _owned(line: PortLine, told: PortNumber | None) -> OwnedNumber:
    """Return what is known of a number at its provider until the next list tells more."""
    facts: dict[str, Any] = {"rate_center": line.rate_center, "tier": line.tier}
    if told is not None:
        facts = {
            "rate_center": told.rate_center or line.rate_center,
            "state": told.state,
            "lata": told.lata,
            "tier": told.tier or line.tier,
            "route_ref": told.route_ref,
        }
    return OwnedNumber(tn=TN(line.tn), **facts)
