"""Giving numbers back. Cannot be undone at any provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from inventory import services
from inventory.lifecycle import E911_RECORD, ON_A_CAMPAIGN, PORT_OVER
from inventory.models import TelephoneNumber
from inventory.operations.asking import ask_each
from portal import approvals, jobs, providers
from portal.models import Approval, Job, JobItem, ProviderAccount, User
from portal.operations import Answer, Item, Operation, Problem, register
from portal.providers.capabilities.inventory import NumberRelease
from portal.providers.dto import ItemOutcome, NumberStatus, Outcome, Ownership
from portal.tn import TN

RELEASABLE = ("stock", "aging")


@register
class ReleaseTNs(Operation):
    """Give numbers back to the provider: release, disconnect or spare, as it is called there."""

    kind, permission = "inventory.release_tns", "inventory.release_telephonenumber"
    capability, is_write = "number_release", True
    also_uses = ("number_query",)

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which number is given back, or how many."""
        if len(items) == 1:
            return f"Give back {TN(items[0].target).pretty}"
        return f"Give back {len(items)} numbers"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return the numbers that may not go: not ours, locked, in use, with records at others.

        Many at once, asked for by a person, need the approval of another one as well.
        """
        problems: list[Problem] = []
        is_asked = actor is not None and job is None and not params.get("approval")
        if is_asked and needs_approval(len(targets)):
            problems.append(
                Problem(
                    message=f"Another person must approve giving back {len(targets):,} numbers. "
                    "Nothing was given back."
                )
            )
        rows = TelephoneNumber.objects.filter(tn__among=targets)
        known = {number.tn: number for number in rows}
        for target in targets:
            number = known.get(target)
            if number is None:
                problems.append(
                    Problem(message=f"{target} is not in the inventory.", target=target)
                )
            elif found := against(number, is_running=job is not None):
                words, advice = found
                problems.append(
                    Problem(
                        message=f"{number} {words} It was not given back.",
                        target=target,
                        advice=advice,
                    )
                )
        return problems

    def begin(self, job: Job, items: Sequence[Item]) -> None:
        """Mark the numbers as being given back."""
        rows = TelephoneNumber.objects.filter(tn__among=[item.target for item in items])
        numbers = list(rows.order_by("pk").select_for_update())
        try:
            services.start_release(numbers, job=job, reason=job.params.get("reason", ""))
        except services.IllegalMove as error:
            problem = Problem(message=f"{error} Nothing was given back.")
            raise jobs.NotAccepted([problem]) from error

    def call(self, provider: NumberRelease, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Release one slice."""
        yield from provider.release_tns(part.tns, reference=part.key)

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """File what is gone, put back what the provider would not take."""
        for item in items:
            number = TelephoneNumber.objects.select_for_update().get(tn=item.target)
            if number.state != TelephoneNumber.State.RELEASING:
                continue
            if item.status == JobItem.Status.SUCCEEDED:
                services.release_done(number, job=run.job)
            elif item.status != JobItem.Status.PENDING:  # refused, skipped or canceled
                services.release_refused(number, job=run.job, reason=item.message)

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Look at each number itself: no longer ours means given back."""
        return ask_each(provider, items, _judge)


def needs_approval(count: int) -> bool:
    """Return whether a second person must approve giving so many back: nobody can undo it."""
    return approvals.is_needed(count, always=True)


def against(number: TelephoneNumber, *, is_running: bool = False) -> tuple[str, str] | None:
    """Return what stands against giving a number back, and what to do; None where nothing does."""
    if number.deletion_lock:
        return "has a deletion lock.", "Take the lock off first, if it may really go."
    if number.legal_hold:
        return "is under legal hold.", "An administrator takes the hold off, once it may go."
    if number.state not in RELEASABLE and not (is_running and number.state == "releasing"):
        state = number.get_state_display()
        return (
            f"is “{state}”. Only stock and aging numbers can be given back.",
            "Take it out of service first.",
        )
    if number.port_state not in PORT_OVER:
        return "is on a port that is not over.", "Finish or cancel the port first."
    if number.e911_state in E911_RECORD:
        return (
            "has an E911 record.",
            "Remove the record first, or it points at a stranger’s number.",
        )
    if number.messaging_state in ON_A_CAMPAIGN:
        return "is on a messaging campaign.", "Take it off the campaign first."
    return None


def _judge(item: JobItem, status: NumberStatus) -> Answer:
    if status.ownership in {
        Ownership.AVAILABLE,
        Ownership.FOREIGN,
        Ownership.NOT_FOUND,
        Ownership.NOT_OURS,
    }:
        done = ItemOutcome(
            tn=TN(item.target),
            outcome=Outcome.SUCCEEDED,
            message="Asked the provider: the number is no longer ours.",
        )
        return Answer(item=item, verdict="done", outcome=done)
    if status.ownership == Ownership.OURS:
        if item.status == JobItem.Status.PENDING:
            return Answer(item=item, verdict="pending", words="The provider works on it.")
        return Answer(item=item, verdict="not_done", words="Asked the provider: it is still ours.")
    return Answer(item=item, verdict="unclear", words=status.word)


def release(
    numbers: Sequence[TelephoneNumber],
    *,
    actor: User,
    reason: str,
    key: str,
    approval: Approval | None = None,
) -> list[Job]:
    """Submit the release of numbers, one job per provider account; return the jobs.

    Raises `portal.jobs.NotAccepted` with a sentence for each number that may not go, and for many
    without the `approval` of a second person; nothing is recorded then.
    """
    known = list(Job.objects.filter(key__startswith=f"{key}:", actor=actor))
    if known:
        return known
    params = {"reason": reason} | ({"approval": approval.pk} if approval else {})
    targets = [number.tn for number in numbers]
    checked = ReleaseTNs().check(actor=actor, account=None, params=params, targets=targets)
    if checked:
        raise jobs.NotAccepted(checked)
    by_account: dict[ProviderAccount, list[TelephoneNumber]] = {}
    for number in numbers:
        by_account.setdefault(number.account, []).append(number)
    submitted: list[Job] = []
    with transaction.atomic():
        for account, members in by_account.items():
            batch = providers.provider_class(account.slug).limits.release_batch
            submitted.append(
                jobs.submit(
                    ReleaseTNs.kind,
                    actor=actor,
                    account=account,
                    params=params,
                    items=[
                        Item(
                            target=number.tn,
                            slice=position // batch,
                            before={"state": number.state},
                        )
                        for position, number in enumerate(members)
                    ],
                    key=f"{key}:{account.pk}",
                )
            )
    return submitted
