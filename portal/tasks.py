"""Celery tasks of the platform: as thin as views."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from portal import approvals, jobs, scheduled_reads
from portal.bulk import upkeep


@shared_task(name="portal.tasks.run_job")
def run_job(job_id: int) -> None:
    """Carry out a job if it is due and no other worker has it."""
    jobs.execute(job_id)


@shared_task(name="portal.tasks.sweep_ledger")
def sweep_ledger() -> None:
    """Start again what the broker or a worker lost."""
    jobs.sweep()


@shared_task(name="portal.tasks.prune_ledger")
def prune_ledger() -> None:
    """Delete what the ledger need not keep any longer."""
    jobs.prune()


@shared_task(name="portal.tasks.expire_approvals")
def expire_approvals() -> None:
    """Close what waited for a second person for too long."""
    approvals.expire()


@shared_task(name="portal.tasks.keep_house")
def keep_house() -> None:
    """Drop sessions that have ended and sign-in records older than 90 days."""
    call_command("clearsessions")
    call_command("axes_reset_logs", age=90)


@shared_task(name="portal.tasks.keep_uploads")
def keep_uploads() -> None:
    """Run uploads whose time has come, go on with those that were left, forget old ones."""
    upkeep.start_due()
    upkeep.mend()
    upkeep.forget_old()


@shared_task(name="portal.tasks.read_accounts")
def read_accounts() -> None:
    """Ask provider accounts for what is old of charges, payments, calls and the like."""
    scheduled_reads.submit_due()
