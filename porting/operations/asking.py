"""Writing to a provider about an order, where its wire has no call for it: a ticket, by its kind."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from portal import jobs, providers
from portal.models import Job, User
from portal.operations import Item, Problem
from porting import services
from porting.models import PortOrder

OPEN_TICKET: Final = "portal.open_ticket"
REPLY: Final = "portal.reply_ticket"


def why_not_write(order: PortOrder) -> str:
    """Return why its provider cannot be written to from here; empty where it can."""
    if order.account is None:
        return "The order has no provider yet."
    return providers.why_not(order.account.slug, "support_tickets")


@transaction.atomic
def write_to_provider(
    order: PortOrder, *, subject: str, message: str, actor: User, key: str
) -> Job:
    """Open a ticket about an order, which names the port and its first number; return the job.

    Raises `portal.jobs.NotAccepted` where the provider has no help desk in the portal, or nothing
    was written. The same key writes one ticket.
    """
    if known := Job.objects.filter(key=key, actor=actor).first():
        return known
    if why := why_not_write(order):
        raise jobs.NotAccepted([Problem(message=f"{why} Nothing was sent.")])
    if not subject.strip() or not message.strip():
        raise jobs.NotAccepted(
            [Problem(message="Write a subject and a message. Nothing was sent.")]
        )
    first = order.lines.active().order_by("tn").values_list("tn", flat=True).first() or ""
    named = f"{subject.strip()} ({order.provider_ref or order.pon})"
    job = jobs.submit(
        OPEN_TICKET,
        actor=actor,
        account=order.account,
        params={"subject": named[:200], "message": message.strip(), "tn": first, "port": order.pk},
        items=[Item(target=f"ticket:port-{order.pk}")],
        key=key,
    )
    services.record_event(
        order,
        source="us",
        text=f"Wrote to the provider: {named}",
        actor=actor,
        job=job,
        is_for_customer=False,
    )
    return job
