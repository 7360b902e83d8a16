"""What a job has staged on its connection, when others write or the connection is cut."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from inventory.models import TelephoneNumber
from inventory.operations.sync import sync_account
from portal import jobs
from portal.models import Job
from portal.providers.dto import OwnedNumber
from portal.tasks import run_job
from portal.tn import TN
from tests import factories
from tests.ledger.fake import fake
from tests.ledger.world import database_url, eventually

__all__ = ["fake"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job(fake, monkeypatch) -> Job:
    """Return a sync of three numbers that is due."""
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)
    fake.listed = [OwnedNumber(tn=TN(f"+1312555010{n}")) for n in range(3)]
    account = factories.make_account("fake", credentials={}, settings={})
    return sync_account(account, actor=factories.make_user())


def while_locked(job: Job, act) -> None:
    """Carry the job out while another one writes the mirror, and let `act` do something meanwhile.

    `act` gets the connection that holds the table, and ends its transaction.
    """
    with psycopg.connect(database_url()) as other:
        other.execute("LOCK TABLE inventory_carriernumber IN SHARE ROW EXCLUSIVE MODE")
        thread = threading.Thread(target=act, args=[other])
        thread.start()
        jobs.execute(job.pk)
        thread.join()
    job.refresh_from_db()


def waiting_backends(other: psycopg.Connection) -> list[int]:
    """Return the processes of the server that wait for a lock."""
    rows = other.execute(
        "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
        "datname = current_database()"
    )
    return [pid for (pid,) in rows]


def test_another_writer_is_waited_for_and_the_list_is_kept(job):
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")

    def let_go(other: psycopg.Connection) -> None:
        time.sleep(0.6)
        other.rollback()

    while_locked(job, let_go)
    assert (job.status, job.result["imported"]) == ("succeeded", 3)


def test_a_connection_that_is_cut_has_the_list_read_again(job):
    def cut(other: psycopg.Connection) -> None:
        eventually(lambda: waiting_backends(other), what="the sync waits")
        for pid in waiting_backends(other):
            other.execute("SELECT pg_terminate_backend(%s)", [pid])
        other.rollback()

    while_locked(job, cut)
    assert (job.status, TelephoneNumber.objects.count()) == ("running", 0)
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    jobs.sweep()
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert (job.status, job.result["imported"]) == ("succeeded", 3)
