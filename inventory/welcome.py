"""The mail that tells a customer which numbers are his now: written to be looked at before it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from inventory import wishes
from inventory.models import Order, OrderLine
from portal import jobs
from portal.models import Job, JobItem, User
from portal.operations import Item
from portal.tn import TN

KIND: Final = "inventory.welcome_customer"
MOST: Final = 10  # addresses


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail before anybody has sent it; `to` is empty where the customer has no address."""

    to: str
    subject: str
    body: str


def bought(lines: Sequence[OrderLine]) -> list[OrderLine]:
    """Return the lines whose numbers are ours."""
    return [line for line in lines if line.status == OrderLine.Status.OK]


def write(order: Order, lines: Sequence[OrderLine]) -> Letter:
    """Return the letter to the customer of an order; it names no provider and no price."""
    places = {line.tn: _place(line) for line in bought(lines)}
    facts = {
        "customer": order.customer,
        "numbers": [(TN(tn).pretty, place) for tn, place in places.items()],
        "lacking": wishes.without_record(order, lines),
        "url": f"{settings.SITE_URL}{reverse('inventory:tn-list')}",
    }
    text = render_to_string("inventory/mail/welcome.txt", facts)
    subject, _, body = text.strip().partition("\n")
    address = order.customer.email if order.customer else ""
    return Letter(to=address, subject=subject.removeprefix("Subject:").strip(), body=body.strip())


def _place(line: OrderLine) -> str:
    if TN(line.tn).is_toll_free:
        return "toll-free"
    place = str(line.facts.get("city") or line.facts.get("rate_center") or "").title()
    return ", ".join(filter(None, [place, line.facts.get("region", "")]))


def send(order: Order, letter: Letter, *, actor: User, key: str) -> Job:
    """Submit a letter, one mail for each of its addresses. Raises `portal.jobs.NotAccepted`."""
    addresses = [address.strip() for address in letter.to.split(",")]
    items = [
        Item(target=target, params={"to": address})
        for target, address in zip(_targets(order), addresses, strict=False)
    ]
    params = {wishes.MARK: order.pk, "subject": letter.subject, "body": letter.body}
    return jobs.submit(KIND, actor=actor, params=params, items=items, key=key)


def letters(order: Order) -> list[Job]:
    """Return the jobs that sent letters about an order, the newest first."""
    rows = JobItem.objects.filter(target__in=_targets(order), job__kind=KIND)
    found = Job.objects.filter(pk__in=rows.values("job"))
    return list(found.select_related("actor").order_by("-pk")[:5])


def _targets(order: Order) -> list[str]:
    """Return what the rows of letters about an order are about: an index finds them by it."""
    return [f"mail:{order.pk}:{n}" for n in range(1, MOST + 1)]
