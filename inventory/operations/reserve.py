"""Holding numbers at the provider while they stand in a cart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime

from inventory.models import CartLine
from inventory.operations.asking import ask_each
from inventory.operations.recheck import RecheckOffers
from portal import jobs, providers
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Answer, Item, Operation, register
from portal.providers.capabilities.inventory import NumberReservation
from portal.providers.dto import ItemOutcome, NumberStatus, Outcome, Ownership
from portal.tn import TN

MOST_CHECKED = 100  # numbers that are asked about one by one
UNTOLD_END = "The provider does not tell until when; this is reckoned from when it was asked."


@register
class ReserveTNs(Operation):
    """Ask a provider to hold numbers for us.

    A lost answer is settled by asking; a number that turns out not held is simply shown as such.
    """

    kind, permission = "inventory.reserve_tns", "inventory.reserve_telephonenumber"
    capability, is_write = "number_reservation", True
    also_uses = ("number_query",)
    queue = "interactive"
    max_attempts = 3

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return how many numbers are to be held."""
        return f"Hold {len(items)} number{'s' if len(items) != 1 else ''}"

    def begin(self, job: Job, items: Sequence[Item]) -> None:
        """Show in the cart that the provider is being asked."""
        lines = CartLine.objects.filter(tn__in=[item.target for item in items])
        lines.update(hold=CartLine.Hold.REQUESTED, hold_note="")

    def call(self, provider: NumberReservation, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Reserve one slice."""
        settings = run.account.settings
        yield from provider.reserve_tns(
            part.tns,
            reference=part.key,
            contact_name=settings.get("contact_name") or "",
            contact_phone=settings.get("contact_phone") or "",
        )

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Show in the cart what is held until when."""
        for item in items:
            lines = CartLine.objects.filter(tn=item.target, account=run.account)
            if item.status == JobItem.Status.SUCCEEDED:
                until = parse_datetime(item.after.get("expires_at") or "")
                lines.update(
                    hold=CartLine.Hold.ACTIVE,
                    hold_note="" if until else UNTOLD_END,
                    reservation_ref=item.after.get("reservation_ref", ""),
                    expires_at=until or _sure_end(run.job),
                )
            elif item.status != JobItem.Status.PENDING:  # refused, skipped or canceled
                lines.update(
                    hold=CartLine.Hold.FAILED,
                    hold_note=f"{item.message} {item.advice}".strip()[:300],
                    expires_at=None,
                )

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Look at each number: held by us, or not."""
        return ask_each(provider, items, _judge)


def _sure_end(job: Job) -> datetime | None:
    """Return until when a hold that this job asked for lasts at least; None where holds have no end.

    It began when it was asked for or later, however late the answer was heard.
    """
    hold = providers.provider_class(job.account.slug).limits.hold if job.account else None
    return (job.started_at or job.created_at) + hold if hold else None


def _judge(item: JobItem, status: NumberStatus) -> Answer:
    tn = TN(item.target)
    if status.ownership in {Ownership.RESERVED_BY_US, Ownership.OURS}:
        done = ItemOutcome(
            tn=tn, outcome=Outcome.SUCCEEDED, message="The provider holds it for us."
        )
        return Answer(item=item, verdict="done", outcome=done)
    if status.ownership in {Ownership.AVAILABLE, Ownership.FOREIGN, Ownership.NOT_FOUND}:
        refused = ItemOutcome(
            tn=tn,
            outcome=Outcome.REFUSED,
            code=status.code,
            message="The provider does not hold it for us.",
            advice="Ask for the hold again, or order it as it is.",
        )
        return Answer(item=item, verdict="refused", outcome=refused)
    # Out of the stock and not ours: held by us or taken by somebody else, the provider has no way to
    # tell (at VoIP Innovations a number held for us reads “Unavailable”). A hold costs nothing, so
    # it is not worth a person's decision.
    untold = ItemOutcome(
        tn=tn,
        outcome=Outcome.REFUSED,
        code=status.code,
        message="The provider does not tell whether it holds it for us.",
        advice="Order it as it is; the order will show.",
    )
    return Answer(item=item, verdict="refused", outcome=untold)


def reserve(lines: Sequence[CartLine], *, actor: User, key: str) -> list[Job]:
    """Submit holds for cart lines, one job per account; return the jobs.

    Lines at a provider without reservations stay soft, with the reason, and it is asked whether
    they are still for sale. The same key by the same actor gives the same jobs. Raises
    `portal.jobs.NotAccepted` when a number is part of another open job.
    """
    if known := list(Job.objects.filter(key__startswith=f"{key}:", actor=actor)):
        return known
    by_account: dict[ProviderAccount, list[CartLine]] = {}
    for line in lines:
        by_account.setdefault(line.account, []).append(line)
    with transaction.atomic():
        submitted = [
            _reserve_at(account, members, actor=actor, key=f"{key}:{account.pk}")
            for account, members in by_account.items()
        ]
    return [job for job in submitted if job is not None]


def _reserve_at(
    account: ProviderAccount, lines: Sequence[CartLine], *, actor: User, key: str
) -> Job | None:
    if reason := providers.why_not(account.slug, "number_reservation"):
        pks = [line.pk for line in lines]
        CartLine.objects.filter(pk__in=pks).update(hold="soft", hold_note=reason[:300])
        if not providers.offers(account.slug, RecheckOffers.capability):
            return None
        items = [Item(target=line.tn) for line in lines[:MOST_CHECKED]]
        return jobs.submit(RecheckOffers.kind, actor=actor, account=account, items=items, key=key)
    batch = providers.provider_class(account.slug).limits.reserve_batch
    items = [Item(target=line.tn, slice=position // batch) for position, line in enumerate(lines)]
    return jobs.submit(ReserveTNs.kind, actor=actor, account=account, items=items, key=key)
