"""Asking providers how far orders are: the list of an account first, single ports where it must be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from portal import jobs, providers
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Item, Operation, register
from portal.providers.capabilities.porting import PortList, PortRead
from portal.providers.dto import ItemOutcome
from portal.providers.dto.porting import PortRecord
from porting import services
from porting.models import PortOrder
from porting.operations.base import done, order_of, refused, spend, target_of
from porting.polling import next_poll
from porting.services import matching

LIST_EVERY: Final = timedelta(minutes=5)
STRANGERS_READ: Final = 10  # ports that no order of ours has, read in one run
BATCH: Final = 500  # orders that one job asks about
KEPT: Final = 6  # questions a minute that a round leaves to lists, and to people
_FOLLOWED: Final = (
    *("account", "provider_ref", "state", "foc_date", "list_mark"),
    *("next_poll_at", "polled_at", "poll_count"),
)


@register
class PollLists(Operation):
    """Read the list of an account's ports: orders follow where it tells enough.

    One call, however many orders. An order whose word the list does not tell is asked about by
    itself (`PollPorts`) as soon as its line in the list changed, or its time has come. Orders that
    were entered by hand are found among the ports that no order of ours has.
    """

    kind, permission = "porting.poll_lists", "porting.change_portorder"
    capability = "port_list"
    also_uses = ("port_read",)

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return whose ports are listed."""
        return f"List the ports at {params.get('account', 'the provider')}"

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return the account: one list at a time."""
        return f"account:{account.pk}" if account else ""

    def call(self, provider: PortList, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """List the ports; read some of those that an order entered by hand may be."""
        spend(run)
        records = list(provider.list_ports())
        run.scratch["records"] = records
        run.scratch["strangers"] = strangers = []
        if isinstance(provider, PortRead):
            for ref in matching.worth_reading(run.account, records)[:STRANGERS_READ]:
                spend(run)
                if (port := provider.port(ref)) is not None:
                    strangers.append(port)
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Let orders follow, and set when each is asked about next."""
        told = {record.ref: record for record in run.scratch.get("records", ())}
        moved = _follow_list(run.account, told, job=run.job)
        matched = matching.match_strangers(run.account, run.scratch["strangers"], job=run.job)
        run.job.result = {"listed": len(told), "moved": moved, "matched": matched}


def _follow_list(account: ProviderAccount, told: Mapping[str, PortRecord], *, job: Job) -> int:
    now = timezone.now()
    orders = PortOrder.objects.at_provider().filter(account=account).exclude(provider_ref="")
    moved, followed = 0, []
    for order in orders.only(*_FOLLOWED).order_by("pk"):
        record = told.get(order.provider_ref)
        if record is None:
            continue
        mark = mark_of(record)
        is_due = order.next_poll_at is None or order.next_poll_at <= now
        if mark == order.list_mark and not (is_due and record.word):
            continue
        if record.word and mark != order.list_mark:
            moved += bool(services.follow(order, record, job=job))
        if record.word:
            note_polled(order, now)
        else:
            order.next_poll_at = now  # something changed that only the port itself tells
        order.list_mark = mark
        followed.append(order)
    fields = ["list_mark", "next_poll_at", "polled_at", "poll_count"]
    PortOrder.objects.bulk_update(followed, fields, batch_size=500)
    return moved


def mark_of(record: PortRecord) -> str:
    """Return what tells whether a port's line in the list changed."""
    facts = (record.word, record.message, record.foc_date, record.requested_date)
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def note_polled(order: PortOrder, now: datetime) -> None:
    """Set, unsaved, that an order was asked about, and when it is asked about next."""
    order.polled_at, order.poll_count = now, order.poll_count + 1
    order.next_poll_at = next_poll(order, now)


@register
class PollPorts(Operation):
    """Ask about single ports, one after the other, within the budget of questions."""

    kind, permission = "porting.poll", "porting.change_portorder"
    capability = "port_read"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which orders are asked about."""
        if len(items) == 1:
            return f"Ask how far port {order_of(items[0].target)} is"
        return f"Ask how far {len(items):,} ports are"

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return the order, or the account for a round of its orders."""
        if "order" in params:
            return f"port:{params['order']}"
        return f"account:{account.pk}" if account else ""

    def queue_for(self, items: Sequence[Item]) -> str:
        """Return the fast lane for one order: somebody looks on."""
        return "interactive" if len(items) == 1 else "provider"

    def call(self, provider: PortRead, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Read the ports of one part."""
        for item in part.items:
            order = PortOrder.objects.filter(pk=order_of(item.target)).first()
            if order is None or not order.provider_ref:
                yield refused(item.target, "The order has no port at the provider.")
                continue
            spend(run, keeps=0 if len(part.items) == run.job.total_count else KEPT)
            try:
                record = provider.port(order.provider_ref)
            except ValueError as error:
                yield refused(item.target, f"The provider’s port id cannot be right: {error}.")
                continue
            if record is None:
                yield refused(item.target, "The provider does not know this port.", code="404")
                continue
            run.scratch.setdefault("told", {})[order.pk] = record
            yield done(item.target, record.word[:300])

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Let each order follow what was told of it."""
        now = timezone.now()
        told = run.scratch.get("told", {})
        for item in items:
            order = PortOrder.objects.filter(pk=order_of(item.target)).first()
            if order is None:
                continue
            if (record := told.get(order.pk)) is not None and order.is_at_provider:
                services.follow(order, record, job=run.job)
                order.refresh_from_db()
            elif item.status == JobItem.Status.REFUSED:
                order.word_note = item.message[:300]
            note_polled(order, now)
            order.save(update_fields=["polled_at", "poll_count", "next_poll_at", "word_note"])


def poll(order: PortOrder, *, actor: User | None) -> Job:
    """Ask about one order now; returns the open job if there is one already.

    Raises `portal.jobs.NotAccepted` where its provider cannot be asked about a port.
    """
    return jobs.submit(
        PollPorts.kind,
        actor=actor,
        account=order.account,
        params={"order": order.pk},
        items=[Item(target=target_of(order.pk))],
    )


def poll_due(now: datetime | None = None) -> list[Job]:
    """Submit what is due: for each account its list first, then single ports; return the jobs."""
    now = now or timezone.now()
    submitted = []
    for account in ProviderAccount.objects.usable().order_by("pk"):
        due = PortOrder.objects.due_for_poll(now).filter(account=account)
        if not due.exists():
            continue
        if _is_list_wanted(account, now):
            submitted.append(_submit_list(account))
            _push_hand_made(account, now)
            continue
        if _is_busy(account) or not providers.offers(account.slug, PollPorts.capability):
            continue
        ids = due.exclude(provider_ref="").values_list("pk", flat=True)[:BATCH]
        items = [Item(target=target_of(pk), slice=place) for place, pk in enumerate(ids)]
        if items:
            submitted.append(
                jobs.submit(
                    PollPorts.kind,
                    actor=None,
                    account=account,
                    params={"account": account.name},
                    items=items,
                    source=Job.Source.SCHEDULE,
                )
            )
    return submitted


def _is_list_wanted(account: ProviderAccount, now: datetime) -> bool:
    if not providers.offers(account.slug, PollLists.capability):
        return False
    lately = Q(created_at__gt=now - LIST_EVERY) | Q(status__in=Job.OPEN)
    return not Job.objects.filter(lately, kind=PollLists.kind, account=account).exists()


def _is_busy(account: ProviderAccount) -> bool:
    kinds = (PollLists.kind, PollPorts.kind)
    return Job.objects.open().filter(kind__in=kinds, subject=f"account:{account.pk}").exists()


def _submit_list(account: ProviderAccount) -> Job:
    return jobs.submit(
        PollLists.kind,
        actor=None,
        account=account,
        params={"account": account.name},
        source=Job.Source.SCHEDULE,
    )


def _push_hand_made(account: ProviderAccount, now: datetime) -> None:
    """Set the next look for orders that wait to be found: the list that was just asked for is it."""
    waiting = PortOrder.objects.due_for_poll(now).filter(account=account, state="ready")
    orders = list(waiting.defer("account_number", "pin"))
    for order in orders:
        note_polled(order, now)
    PortOrder.objects.bulk_update(orders, ["next_poll_at", "polled_at", "poll_count"])
