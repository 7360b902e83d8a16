"""Scheduled entries of porting."""

from __future__ import annotations

from celery import shared_task

from porting.operations import polling
from porting.services import mails


@shared_task(name="porting.tasks.poll_due")
def poll_due() -> None:
    """Ask about the orders whose time has come, within the budgets."""
    polling.poll_due()


@shared_task(name="porting.tasks.send_mails")
def send_mails() -> None:
    """Send the mails that wait."""
    mails.send_queued()
