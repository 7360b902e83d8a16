"""Lookups in our database: what is known, what it costs, how much is left of today's budget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from inventory.lookups import KINDS, LookupKind
from inventory.models import Lookup, TelephoneNumber
from portal.models import AccountFact, Job, JobItem, ProviderAccount, User

FREE = Decimal(0)
LOST = "answer_lost"  # the code of a row that may have been charged, and has no answer
BILLED = tuple(kind.operation for kind in KINDS.values() if kind.is_billed)


def accounts(kind: LookupKind, user: User) -> Iterable[ProviderAccount]:
    """Return the accounts that may be asked."""
    return ProviderAccount.objects.visible_to(user).usable().offering(kind.capability)


def prices(found: Iterable[ProviderAccount]) -> dict[int, dict[str, Decimal]]:
    """Return, by account, what a lookup costs in US dollars, as its provider last told."""
    facts = AccountFact.objects.filter(account__in=list(found), kind="profile")
    return {fact.account_id: dict(_rates(fact)) for fact in facts}


def price(kind: LookupKind, account: ProviderAccount) -> Decimal | None:
    """Return what one lookup costs in US dollars; None where the provider has not told."""
    return FREE if not kind.is_billed else prices([account]).get(account.pk, {}).get(kind.rate)


def _rates(fact: AccountFact) -> Iterator[tuple[str, Decimal]]:
    for name, value in fact.content.get("rates", {}).items():
        try:
            yield name, Decimal(str(value))
        except InvalidOperation:
            continue


def known(kind: str, tns: Sequence[str]) -> dict[str, Lookup]:
    """Return the answers of a kind that are kept, by number."""
    return {one.tn: one for one in Lookup.objects.filter(kind=kind, tn__among=tns)}


def spent_today(*, before: Job | None = None) -> int:
    """Return how many charged lookups today's budget has lost; with `before` by older jobs only.

    What is still to be sent counts; what was refused or known does not.
    """
    day = timezone.localtime(before.created_at if before else None).date()
    midnight = timezone.make_aware(datetime.combine(day, time.min))
    jobs = Job.objects.filter(kind__in=BILLED, created_at__gte=midnight)
    if before is not None:
        jobs = jobs.filter(pk__lt=before.pk)
    is_paid = Q(status=JobItem.Status.SUCCEEDED, after__has_key="values")
    is_under_way = Q(status__in=JobItem.OPEN, params__known=False)
    items = JobItem.objects.filter(job__in=jobs)
    return items.filter(is_paid | is_under_way | Q(code=LOST)).count()


def left_today(*, before: Job | None = None) -> int:
    """Return how many charged lookups today's budget still has."""
    return max(0, settings.LOOKUP_DAY_LIMIT - spent_today(before=before))


def over_budget(kind: LookupKind, count: int, *, job: Job | None = None) -> str:
    """Return why so many lookups are too many, as a sentence; "" where they are not."""
    if count > settings.LOOKUP_JOB_LIMIT:
        return (
            f"{count:,} numbers are more than one job may look up "
            f"({settings.LOOKUP_JOB_LIMIT:,}). Look them up in parts."
        )
    if not kind.is_billed:
        return ""
    left = left_today(before=job)
    if count <= left:
        return ""
    return (
        f"{count:,} lookups are more than what is left of today's budget: {left:,} of "
        f"{settings.LOOKUP_DAY_LIMIT:,}."
    )


def usual_caller(account: ProviderAccount) -> str:
    """Return a number of ours at an account, to look from; "" where it has none."""
    ours = TelephoneNumber.objects.filter(account=account, tn__startswith="+1")
    return str(ours.ours().order_by("tn").values_list("tn", flat=True).first() or "")


def keep(
    kind: LookupKind,
    answers: Mapping[str, Mapping[str, Any]],
    *,
    job: Job,
    account: ProviderAccount,
    cost: Decimal | None,
) -> None:
    """Keep answers by number; each takes the place of the one before."""
    now = timezone.now()
    Lookup.objects.bulk_create(
        [
            Lookup(
                kind=kind.name,
                tn=tn,
                account=account,
                answer=dict(answer),
                cost=cost,
                looked_up_at=now,
                actor=job.actor,
                job=job,
            )
            for tn, answer in answers.items()
        ],
        update_conflicts=True,
        unique_fields=["kind", "tn"],
        update_fields=["account", "answer", "cost", "looked_up_at", "actor", "job"],
        batch_size=1000,
    )
