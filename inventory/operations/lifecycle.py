"""What the calendar does with numbers: holds end, aging ends, what was set aside is given back."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from inventory import assignments, due, services_lifecycle
from inventory.lifecycle import AGING_DAYS, VERBS, Choice, today
from inventory.models import TelephoneNumber
from inventory.operations.release import ReleaseTNs
from portal import jobs, providers
from portal.models import Job, ProviderAccount
from portal.operations import Item

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

    A number is sent once: one that its provider would not take waits for a person. Locked numbers
    wait, too; Home names both.
    """
    submitted = []
    for account in ProviderAccount.objects.usable().offering(ReleaseTNs.capability):
        while batch := list(_releasable(account)[:RELEASE_JOB]):
            submitted.append(_release(account, batch))  # they are “releasing” from now on
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


def _release(account: ProviderAccount, numbers: list[TelephoneNumber]) -> Job:
    size = providers.provider_class(account.slug).limits.release_batch
    with transaction.atomic():
        return jobs.submit(
            ReleaseTNs.kind,
            actor=None,
            account=account,
            params={"reason": "The time until it is given back is over."},
            items=[
                Item(target=number.tn, slice=position // size, before={"state": number.state})
                for position, number in enumerate(numbers)
            ],
            source=Job.Source.SCHEDULE,
        )
