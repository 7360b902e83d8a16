"""Ports of the demo data set, made the way that people make them: in several states of the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal import jobs
from portal.models import Customer, ProviderAccount, User
from portal.tn import TN
from porting import operations, services
from porting.models import PortOrder

PORTS_IN = "voicetel"
FOLLOWS = "voip_innovations"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One order of the demo: at which provider, for whom, what, and how far it is brought."""

    slug: str
    customer: str
    tns: tuple[str, ...]
    carrier: str
    label: str
    until: str = "ready"


# Those at VoIP Innovations are ports that the sandbox holds from the start (docs/sandbox.md).
WISHES = (
    Wish(
        slug=FOLLOWS,
        customer="NORTH",
        tns=("+12125560111", "+12125560112"),
        carrier="Example Cable",
        label="New York office",
        until="matched",
    ),
    Wish(
        slug=FOLLOWS,
        customer="LAKE",
        tns=("+13125560111",),
        carrier="Example Wireless",
        label="Recall line",
        until="matched",
    ),
    Wish(
        slug=FOLLOWS,
        customer="HARBOR",
        tns=("+14155560111", "+14155560112", "+14155560113"),
        carrier="Example Bell",
        label="Studio B",
        until="matched",
    ),
    Wish(
        slug=FOLLOWS,
        customer="LAKE",
        tns=("+13035560111", "+13035569911"),
        carrier="Example Cable",
        label="Denver practice",
        until="matched",
    ),
    Wish(
        slug=PORTS_IN,
        customer="RED",
        tns=("+12175550121", "+12175550122"),
        carrier="Example Bell",
        label="Springfield office",
        until="submitted",
    ),
    Wish(
        slug=PORTS_IN,
        customer="LAKE",
        tns=("+12175550131",),
        carrier="Example Bell",
        label="Second fax",
        until="customer_input",
    ),
    Wish(
        slug=PORTS_IN,
        customer="NORTH",
        tns=("+12175550141", "+12175550142", "+12175550143"),
        carrier="Example Bell",
        label="Depot",
    ),
)
_BILL = {
    "account_number": "DEMO-555-0100",
    "authorized_person": "Demo Signer",
    "street_number": "100",
    "street": "Example",
    "street_type": "St",
    "city": "Springfield",
    "region": "IL",
    "zip": "62701",
}


def seed(accounts: Mapping[str, ProviderAccount], *, actor: User) -> int:
    """Make the demo's ports once, by ordinary jobs that run right here; return how many."""
    if PortOrder.objects.exists():
        return 0
    customers = Customer.objects.in_bulk([wish.customer for wish in WISHES], field_name="code")
    wished = [wish for wish in WISHES if wish.slug in accounts and wish.customer in customers]
    for wish in wished:
        _make(wish, accounts[wish.slug], customers[wish.customer], actor)
    return len(wished)


def _make(wish: Wish, account: ProviderAccount, customer: Customer, actor: User) -> None:
    bill = {} if wish.until == "customer_input" else _BILL
    order = services.create_order(
        wish.tns,
        actor=actor,
        customer=customer,
        account=account,
        facts={
            "label": wish.label,
            "losing_carrier": wish.carrier,
            "name": customer.name,
            "billing_tn": TN(wish.tns[0]),
            **bill,
        },
    )
    if wish.until == "customer_input":
        services.move(order, order.State.CUSTOMER_INPUT, actor=actor)
        return
    if wish.slug == PORTS_IN:
        jobs.execute(operations.check_again(order, actor=actor).pk)
    text = services.documents.letter_text(order, _BILL["authorized_person"])
    services.sign_letter(
        order, signer=_BILL["authorized_person"], text=text, actor=actor, address=None
    )
    services.move(order, order.State.READY, actor=actor)
    order.refresh_from_db()
    if wish.until == "matched":
        jobs.execute(operations.match(order, actor=actor).pk)
    elif wish.until == "submitted":
        job = operations.submit(
            order, actor=actor, key=f"demo-port-{order.pk}", price_total=order.price_total
        )
        jobs.execute(job.pk)
