"""Doing what was asked for with an order, once its numbers are bought."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from inventory import feature_changes, features, wishes
from inventory.models import Order, OrderLine
from portal import jobs
from portal.jobs.submit import new_key
from portal.models import Job, JobItem, User
from portal.operations import Item, Operation, register
from portal.providers.dto import ItemOutcome
from portal.sealed import Unreadable, unseal


@register
class FinishOrder(Operation):
    """Send what is due for the bought numbers of an order: for each number the next feature.

    A change that ends submits this again, until nothing is due.
    """

    kind, permission = wishes.KIND, wishes.PERMISSION
    is_local, queue = True, "interactive"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which order is finished."""
        return f"Order {params[wishes.MARK]}: what was asked for with it"

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Reach nobody: the jobs that are started do."""
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Start the changes."""
        order = Order.objects.select_related("actor", "job").get(pk=run.job.params[wishes.MARK])
        begun, reasons = go_on(order, actor=run.job.actor)
        run.job.result = {"started": len(begun), "not_started": "; ".join(reasons)[:500]}


@transaction.atomic
def go_on(order: Order, *, actor: User, again: bool = False) -> tuple[list[Job], list[str]]:
    """Submit the next change for each bought number that has none under way.

    `again` sends once more what was refused or let go of. Returns the jobs, and why others were not
    started: nothing of that undoes the purchase.
    """
    Order.objects.select_for_update().get(pk=order.pk)  # one worker at a time looks what is due
    lines = list(OrderLine.objects.filter(order=order).select_related("account"))
    states = {"due", "failed"} if again else {"due"}
    asked = wishes.look(order, lines)
    busy = {part.tn for wish in asked for part in wish.parts if part.state == "open"}
    wanted = wishes.values(order, lines)
    begun: list[Job] = []
    reasons: list[str] = []
    for wish in asked:
        name = wish.feature.name
        due = [part.tn for part in wish.parts if part.state in states and part.tn not in busy]
        if not due:
            continue
        busy |= set(due)
        try:
            begun.append(_start(order, name, {tn: wanted[name][tn] for tn in due}, actor))
        except jobs.NotAccepted as refusal:
            reasons += [problem.message for problem in refusal.problems[:3]]
        except (PermissionDenied, Unreadable) as error:
            reasons.append(f"{wish.feature.label}: {error}")
    return begun, reasons


def _start(order: Order, name: str, by_tn: Mapping[str, str], actor: User) -> Job:
    feature = features.get(name)
    clear = {tn: unseal(value) if feature.is_secret else value for tn, value in by_tn.items()}
    plans = feature_changes.plan(feature, clear)
    return feature_changes.submit(
        feature,
        plans,
        actor=actor,
        key=new_key(),
        reason=f"Order {order.pk}",
        marks={wishes.MARK: order.pk},
    )
