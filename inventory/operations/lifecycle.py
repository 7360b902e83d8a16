"""What the calendar does with numbers: holds end, aging ends, what was set aside is given back."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from inventory import assignments, due
from inventory.lifecycle import AGING_DAYS, VERBS, Choice, today
from inventory.models import TelephoneNumber
from inventory.operations.release import ReleaseTNs
from inventory.services import lifecycle as services_lifecycle
from portal import jobs, providers
from portal.models import Job, ProviderAccount
from portal.operations import Item

log = structlog.get_logger(__name__)
RELEASE_JOB = 1000  # numbers; more are taken by further jobs


def end_holds() -> int:
    """Put numbers whose hold has ended back to stock; return how many."""
    ended = due.holds().filter(held_until__lt=today())
    choice = Choice(reason="The hold has ended.")
    return services_lifecycle.carry_out(VERBS["free"], ended, choice, actor=None)


def end_aging() -> int:
    """Put numbers that have aged long enough back to stock; return how many.

    What the law wants counts from the disconnect, whatever day was chosen. A number under legal
    hold, or in a job, stays; so does one that is to be given back.
    """
    long_enough = Q(disconnected_on=None) | Q(
        disconnected_on__lte=today() - timedelta(days=AGING_DAYS)
    )
    ended = due.aging("stock").filter(long_enough, release_on__lte=today())
    return services_lifecycle.end_aging(ended)


def release_due() -> list[Job]:
    """Submit the release of numbers whose day has come; return the jobs, one or more per account.

    A number is sent once: one that its provider would not take waits for a person. So does one that
    a rule stands against; Home names both.
    """
    submitted = []
    for account in ProviderAccount.objects.usable().offering(ReleaseTNs.capability):
        left_out: set[int] = set()
        while batch := list(_releasable(account).exclude(pk__in=left_out)[:RELEASE_JOB]):
            job, refused = _release(account, batch)
            left_out |= {number.pk for number in batch if number.tn in refused}
            submitted += [job] if job else []
    return submitted


def move_all() -> None:
    """Do everything that the day asks for, and complete the history of assignments."""
    end_holds()
    end_aging()
    release_due()
    assignments.complete()
    assignments.end_of_gone()


def _releasable(account: ProviderAccount) -> QuerySet[TelephoneNumber]:
    """Return what is to be given back at an account today and was not tried since its day."""
    zone = timezone.get_default_timezone()
    free = due.aging("release").filter(account=account, deletion_lock=False, legal_hold=False)
    untried = free.annotate(since=TruncDate("state_since", tzinfo=zone))
    ready = untried.filter(release_on__lte=today(), since__lte=F("release_on"))
    return services_lifecycle.unlocked(ready).order_by("pk")


def _release(
    account: ProviderAccount, numbers: list[TelephoneNumber]
) -> tuple[Job | None, set[str]]:
    """Submit the release of those numbers that nothing stands against; return it and the others."""
    targets = [number.tn for number in numbers]
    problems = ReleaseTNs().check(actor=None, account=account, params={}, targets=targets)
    refused = {problem.target for problem in problems}
    going = [number for number in numbers if number.tn not in refused]
    if not going:
        return None, refused
    size = providers.provider_class(account.slug).limits.release_batch
    items = [
        Item(target=number.tn, slice=position // size, before={"state": number.state})
        for position, number in enumerate(going)
    ]
    try:
        with transaction.atomic():
            job = jobs.submit(
                ReleaseTNs.kind,
                actor=None,
                account=account,
                params={"reason": "The time until it is given back is over."},
                items=items,
                source=Job.Source.SCHEDULE,
            )
    except jobs.NotAccepted as refusal:  # somebody was quicker: the next hour tries the others
        log.warning("release_not_accepted", account=account.pk, why=str(refusal)[:500])
        return None, set(targets)
    return job, refused
