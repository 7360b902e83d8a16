"""Buying numbers: the order, its jobs per provider account, and how a lost answer is settled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from inventory import services
from inventory.drift.compare import compare
from inventory.models import CartLine, Order, OrderLine, TelephoneNumber
from inventory.operations.asking import ask_each
from inventory.operations.search import EXTENDED, extended_tns
from inventory.wishes import NOTHING_ELSE, Wishes, finish_later
from portal import audit, jobs, providers
from portal.jobs.submit import Child
from portal.models import Customer, Job, JobItem, ProviderAccount, User
from portal.operations import Answer, Item, Operation, Problem, register
from portal.providers.dto import ItemOutcome, NumberStatus, OrderRequest, Outcome, Ownership
from portal.tn import TN

CART_CHANGED = "The cart has changed since this page was drawn. Nothing was ordered. Look at the preview again."


@register
class OrderTNs(Operation):
    """Buy telephone numbers from a provider and file them in the inventory.

    Not idempotent: a lost reply may hide a placed order, so whatever has no outcome yet ends as
    unknown and `ask` looks at the numbers themselves. Nothing is bought twice on a guess.
    """

    kind, permission = "inventory.order_tns", "inventory.order_telephonenumber"
    capability, is_write = "number_ordering", True
    also_uses = ("number_query", "extended_ordering")
    queue = "interactive"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return how many numbers are bought in which order."""
        count = len(items)
        return f"Order {params['order']}: buy {count} number{'s' if count != 1 else ''}"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return the numbers that we hold already, and an account that takes no orders now.

        Nothing is bought twice; a pause set after the submit makes the job wait instead.
        """
        if job is None and account is not None and (words := _takes_no_orders(account)):
            return [Problem(message=f"{words} Nothing was ordered there.")]
        held = TelephoneNumber.objects.filter(tn__in=targets).exclude(
            state__in=[*TelephoneNumber.GONE, TelephoneNumber.State.PURCHASING]
        )
        return [
            Problem(
                message=f"{number} is in the inventory already. It was not ordered again.",
                target=number.tn,
            )
            for number in held
        ]

    def begin(self, job: Job, items: Sequence[Item]) -> None:
        """File the numbers as “ordering”; their lines wait (again)."""
        lines = OrderLine.objects.filter(
            order_id=job.params["order"], tn__in=[item.target for item in items]
        ).select_related("order__actor", "account")
        try:
            before = services.start_purchase(list(lines), job=job)
        except services.IllegalMove as error:
            raise jobs.NotAccepted([Problem(message=f"{error} Nothing was ordered.")]) from error
        for tn, facts in before.items():
            job.items.filter(target=tn).update(before=facts)

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Order one slice; its key was fixed at submit and always carries the same numbers."""
        settings = run.account.settings
        is_extended = bool(run.job.params.get(EXTENDED))
        order = provider.order_extended if is_extended else provider.order_tns
        yield from order(
            OrderRequest(
                tns=part.tns,
                reference=part.key,
                route_ref=next((i.params.get("route_ref", "") for i in part.items), ""),
                reservation_refs={
                    TN(item.target): item.params["reservation_ref"]
                    for item in part.items
                    if _is_held(item)
                },
                contact_name=settings.get("contact_name") or "",
                contact_phone=settings.get("contact_phone") or "",
                note=f"Numberdesk order {run.job.params['order']}",
            )
        )

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """File what was bought, take back what was not."""
        lines = {
            line.tn: line
            for line in OrderLine.objects.filter(
                order_id=run.job.params["order"], tn__in=[item.target for item in items]
            ).select_related("order__customer", "account")
        }
        for item in items:
            line = lines[item.target]
            if item.status == JobItem.Status.SUCCEEDED:
                charged = item.after.get("charged")
                services.purchase_done(
                    line,
                    job=run.job,
                    owned=run.scratch.get("owned", {}).get(item.target),
                    charged=Decimal(charged) if charged else None,
                    words=item.message,
                )
            elif item.status != JobItem.Status.PENDING:  # refused, skipped or canceled
                services.purchase_refused(
                    line,
                    job=run.job,
                    code=item.code,
                    message=item.message,
                    advice=item.advice,
                    before=item.before,
                )
        bought = [item.target for item in items if item.status == JobItem.Status.SUCCEEDED]
        if bought:
            compare(run.account, job=run.job, tns=bought)
            finish_later(run.job)

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Look at each number itself: ours means bought."""
        return ask_each(provider, items, _judge)


def _is_held(item: JobItem) -> bool:
    """Whether the hold that the number had in the cart still runs; without one it is held anew."""
    until = parse_datetime(item.params.get("held_until") or "")
    return bool(item.params.get("reservation_ref")) and (until is None or until > timezone.now())


def _takes_no_orders(account: ProviderAccount) -> str:
    """Return why an account takes no orders at this moment; empty when it does."""
    if not account.is_enabled:
        return f"{account} is switched off."
    if account.paused_at:
        return f"Calls to {account} are paused: {account.pause_reason or 'by an administrator'}."
    return providers.why_not(account.slug, "number_ordering")


def _judge(item: JobItem, status: NumberStatus) -> Answer:
    tn = TN(item.target)
    if status.ownership == Ownership.OURS:
        done = ItemOutcome(
            tn=tn,
            outcome=Outcome.SUCCEEDED,
            message="Asked the provider: the number is ours.",
            owned=status.owned,
        )
        return Answer(item=item, verdict="done", outcome=done)
    if item.status == JobItem.Status.PENDING and status.ownership != Ownership.FOREIGN:
        return Answer(item=item, verdict="pending", words="The provider works on the order.")
    if status.ownership in {Ownership.AVAILABLE, Ownership.RESERVED_BY_US}:
        words = "Asked the provider: it was not bought."
        return Answer(item=item, verdict="not_done", words=words)
    if status.ownership == Ownership.FOREIGN:
        refused = ItemOutcome(
            tn=tn,
            outcome=Outcome.REFUSED,
            code=status.code,
            message="Asked the provider: somebody else has it now. It was not bought.",
            advice="Look for a similar number.",
        )
        return Answer(item=item, verdict="refused", outcome=refused)
    return Answer(
        item=item, verdict="unclear", words=f"The provider’s answer does not tell: {status.word}"
    )


def place_order(
    lines: Sequence[CartLine],
    *,
    actor: User,
    key: str,
    customer: Customer | None = None,
    label: str = "",
    billing_id: str = "",
    note: str = "",
    held_until: date | None = None,
    routes: Mapping[int, str] | None = None,
    wishes: Wishes = NOTHING_ELSE,
) -> Order:
    """Record an order and its jobs, empty the cart of its lines, and return the order.

    A customer's numbers are held for him until the end of a day, if it is given. `routes` maps
    account ids to the route reference wanted there, `wishes` is done to each number once it is
    bought. The same key by the same actor returns the same order. Raises `portal.jobs.NotAccepted`
    with every problem; nothing is recorded or sent then.
    """
    if known := _known_order(key, actor):
        return known
    if not lines:
        raise jobs.NotAccepted([Problem(message="The cart is empty. Nothing was ordered.")])
    with transaction.atomic():
        # A second form with this key waits here until the first is through.
        wanted = [line.pk for line in lines]
        locked = CartLine.objects.select_for_update().filter(pk__in=wanted, user=actor)
        if len(locked.order_by("pk")) != len(wanted):
            if known := _known_order(key, actor):
                return known
            raise jobs.NotAccepted([Problem(message=CART_CHANGED)])
        order = Order.objects.create(
            actor=actor,
            customer=customer,
            label=label,
            billing_id=billing_id,
            note=note,
            held_until=held_until if customer else None,
            **wishes.columns(),
        )
        order_lines = OrderLine.objects.bulk_create(
            [
                OrderLine(
                    order=order,
                    account=line.account,
                    tn=line.tn,
                    route_ref=(routes or {}).get(line.account_id, ""),
                    reservation_ref=line.reservation_ref if line.is_held else "",
                    facts=line.facts,
                )
                for line in lines
            ]
        )
        ends = {line.tn: line.expires_at for line in lines}
        children = _children(order, order_lines, ends, extended_tns(lines))
        _check_all(children, actor)
        order.job = jobs.submit_group(
            f"Order {order.pk}: {len(lines)} number{'s' if len(lines) != 1 else ''}",
            kind="inventory.order",
            actor=actor,
            children=children,
            key=key,
            params={"order": order.pk},
            customer_id=None,
        )
        order.save(update_fields=["job"])
        placed = {"count": len(lines)} | wishes.told()
        audit.record(actor, "inventory.order.placed", order, after=placed)
        CartLine.objects.filter(pk__in=[line.pk for line in lines]).delete()
    return order


def problems_with(lines: Sequence[CartLine], *, actor: User) -> list[Problem]:
    """Return everything that stands against ordering these cart lines now; nobody is asked."""
    by_account: dict[ProviderAccount, list[str]] = {}
    for line in lines:
        by_account.setdefault(line.account, []).append(line.tn)
    operation = OrderTNs()
    found = [
        problem
        for account, targets in by_account.items()
        for problem in operation.check(actor=actor, account=account, params={}, targets=targets)
    ]
    locked = JobItem.objects.filter(
        target__in=[line.tn for line in lines], is_lock=True, status__in=JobItem.OPEN
    ).select_related("job")
    return found + [
        Problem(
            message=f"{TN(item.target).pretty} is part of job {item.job_id} (“{item.job.title}”), "
            "which is not settled yet.",
            target=item.target,
            advice="Wait until it is, or take the number out of the cart.",
        )
        for item in locked
    ]


def _known_order(key: str, actor: User) -> Order | None:
    """Return the order that this key made already."""
    return Order.objects.filter(job__key=key, job__actor=actor).select_related("job").first()


def _children(
    order: Order,
    lines: Sequence[OrderLine],
    ends: Mapping[str, datetime | None],
    extended: set[str],
) -> list[Child]:
    """Return one child job per account and stock, cut into slices of what a request may carry."""
    by_stock: dict[tuple[ProviderAccount, bool], list[OrderLine]] = {}
    for line in lines:
        by_stock.setdefault((line.account, line.tn in extended), []).append(line)
    children: list[Child] = []
    for (account, is_extended), members in by_stock.items():
        batch = providers.provider_class(account.slug).limits.order_batch
        # Numbers that one hold covers go together, so that its id can be ordered as a whole.
        members.sort(key=lambda line: (line.route_ref, line.reservation_ref, line.tn))
        items = [
            Item(
                target=line.tn,
                slice=position // batch,
                params={
                    "route_ref": line.route_ref,
                    "reservation_ref": line.reservation_ref,
                    "held_until": end.isoformat() if (end := ends.get(line.tn)) else "",
                },
            )
            for position, line in enumerate(members)
        ]
        params = {"order": order.pk} | ({EXTENDED: True} if is_extended else {})
        children.append(Child(kind=OrderTNs.kind, account=account, params=params, items=items))
    return children


def _check_all(children: Sequence[Child], actor: User) -> None:
    """Raise `NotAccepted` with the problems of every account, not only the first."""
    operation = OrderTNs()
    problems = [
        problem
        for child in children
        for problem in operation.check(
            actor=actor,
            account=child.account,
            params=child.params,
            targets=[item.target for item in child.items],
        )
    ]
    if problems:
        raise jobs.NotAccepted(problems)
