"""Scheduled entries of porting."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from porting.operations import leaving, polling, presets
from porting.services import mails, port_out, preflights, reminding


@shared_task(name="porting.tasks.poll_due")
def poll_due() -> None:
    """Ask about the orders whose time has come, within the budgets."""
    polling.poll_due()


@shared_task(name="porting.tasks.send_mails")
def send_mails() -> None:
    """Send the mails that wait."""
    mails.send_queued()


@shared_task(name="porting.tasks.follow_arrivals")
def follow_arrivals() -> None:
    """Give numbers that arrived what was chosen for them, and note what became of such jobs."""
    presets.follow_arrivals()
    leaving.settle_steps()


@shared_task(name="porting.tasks.keep_clocks")
def keep_clocks() -> None:
    """Remind customers, let silent orders lapse, forget old drafts, notice numbers that left."""
    reminding.remind()
    reminding.expire()
    reminding.forget_drafts()
    preflights.forget_old(settings.PORT_DRAFT_KEEP_DAYS)
    port_out.detect()
    port_out.approve_by_time()
