"""`manage.py check_provider ACCOUNT`: the first thing to run with real credentials."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from portal import jobs
from portal.models import Job, ProviderAccount

_MARKS: Final = {"works": "ok", "refused": "no", "failed": "FAILED", "put_off": "later"}
_PATIENCE: Final = 600.0  # seconds to wait for a worker that took the job first
_VERDICTS: Final = {"confirmed": "holds", "refuted": "DOES NOT HOLD", "not_told": "not told"}


class Command(BaseCommand):
    """Make the harmless reads at an account and print what they show.

    Nothing is bought or changed. The reads are a job on record like any other, with their
    exchanges; budgets and the account's pause hold.
    """

    help = "Look at a provider account: what works, what differs, what a person must decide."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account", help="name, number or provider of the account")

    def handle(self, *args: Any, **options: Any) -> None:
        account = _account(options["account"])
        job = jobs.submit(
            "inventory.probe_account",
            actor=None,
            account=account,
            params={"account": account.name},
            source=Job.Source.SYSTEM,
        )
        self._carry_out(job)
        for line in report(account, job):
            self.stdout.write(line)
        failed = [p for p in job.result.get("probed", []) if p["standing"] == "failed"]
        if failed or not job.result.get("probed"):
            raise CommandError(
                f"{len(failed)} of the reads failed. Job {job.pk} holds every request and reply."
            )

    def _carry_out(self, job: Job) -> None:
        """Carry the job out here, or wait for the worker that took it first."""
        jobs.execute(job.pk)
        job.refresh_from_db()
        started = time.monotonic()
        while job.status in Job.OPEN and time.monotonic() - started < _PATIENCE:
            time.sleep(0.5)
            jobs.execute(job.pk)
            job.refresh_from_db()
        if job.status in Job.OPEN:
            raise CommandError(
                f"Job {job.pk} is still {job.get_status_display()}. Look at it later."
            )


def _account(wanted: str) -> ProviderAccount:
    """Return the account that is meant; CommandError with the choices for none or several."""
    query = Q(name__iexact=wanted) | Q(slug=wanted)
    if wanted.isdigit():
        query |= Q(pk=int(wanted))
    found = list(ProviderAccount.objects.filter(query))
    if len(found) == 1:
        return found[0]
    choices = "\n".join(
        f"  {account.pk}  {account.slug}  {account.name}"
        for account in found or ProviderAccount.objects.all()
    )
    what = "several accounts fit" if found else "no such account"
    raise CommandError(f"“{wanted}”: {what}. Name one of these:\n{choices or '  (there are none)'}")


def report(account: ProviderAccount, job: Job) -> Iterator[str]:
    """Yield the lines of the report."""
    probed: Sequence[dict[str, Any]] = job.result.get("probed", [])
    yield f"{account.name} ({account.provider_name}) at {account.base_url}"
    yield f"Job {job.pk}: {job.get_status_display()}. {job.reason}".rstrip()
    yield "\nWhat works"
    width = max((len(one["operation"]) for one in probed), default=0)
    for one in probed:
        yield f"  {_MARKS[one['standing']]:<7}{one['operation']:<{width}}  {one['words']}"
    yield "\nWhat differs from what we expect"
    differing = [(one["operation"], what) for one in probed for what in one["differs"]]
    yield from (f"  {operation}: {what}" for operation, what in differing)
    if not differing:
        yield "  nothing"
    yield "\nWhat we assume"
    assumed = [(one["operation"], found) for one in probed for found in one["assumptions"]]
    for operation, found in sorted(assumed, key=lambda pair: -_weight(pair[1])):
        told = f" ({found['told']})" if found["told"] else ""
        yield f"  {_VERDICTS[found['verdict']]:<14}{operation}: {found['text']}{told}"
    if not assumed:
        yield "  nothing was asked that rests on an assumption"
    yield "\nWhat a person must decide"
    yield from (f"  - {sentence}" for sentence in job.result.get("decisions", []))


def _weight(assumption: dict[str, Any]) -> int:
    return {"refuted": 2, "confirmed": 1}.get(assumption["verdict"], 0)
