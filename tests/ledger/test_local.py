"""Work that reaches no provider: carried out, stopped, canceled, and begun again after a crash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal import jobs, operations
from portal.models import AuditEntry, Job
from portal.operations import Item, Operation, Stopped
from portal.providers.dto import ItemOutcome, Outcome
from portal.tasks import run_job


class Count(Operation):
    """Counts its rows; stops at one that is called “stop”."""

    kind, permission = "tests.count", "inventory.change_telephonenumber"
    is_local, queue = True, "bulk"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return a title."""
        return "Count"

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Count each row."""
        assert provider is None
        for tn in part.tns:
            if tn == "stop":
                raise Stopped("There is nothing to count. Nothing was changed.")
            yield ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED)

    def apply(self, run: Any, items: Sequence[Any]) -> None:
        """Note how many rows came."""
        run.job.result = {"counted": run.job.result.get("counted", 0) + len(items)}


@pytest.fixture
def submit(operator, monkeypatch):
    """Return a function that submits a local job about rows."""
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)
    monkeypatch.setitem(operations._registry, Count.kind, Count())

    def do(*rows: str) -> Job:
        items = [Item(target=row, slice=position) for position, row in enumerate(rows)]
        return jobs.submit(Count.kind, actor=operator, items=items)

    return do


def test_a_local_job_runs_in_its_queue_without_an_account(submit, run_jobs):
    job = submit("a", "b", "c")
    assert (job.queue, job.account, job.is_write) == ("bulk", None, False)
    run_jobs()
    job.refresh_from_db()
    assert (job.status, job.done_count, job.result) == ("succeeded", 3, {"counted": 3})
    assert AuditEntry.objects.filter(verb="tests.count.succeeded").count() == 1


def test_without_rows_it_is_applied_once(submit, run_jobs):
    job = submit()
    run_jobs()
    job.refresh_from_db()
    assert (job.status, job.result) == ("succeeded", {"counted": 0})


def test_it_stops_with_its_reason(submit, run_jobs):
    job = submit("a", "stop", "c")
    run_jobs()
    job.refresh_from_db()
    assert (job.status, job.done_count, job.failed_count) == ("partial", 1, 2)
    assert job.reason.startswith("There is nothing to count")


def test_it_is_canceled_between_two_parts(submit, run_jobs, monkeypatch, operator):
    job = submit("a", "b")
    monkeypatch.setattr(Count, "apply", lambda self, run, items: jobs.cancel(job, actor=operator))
    run_jobs()
    job.refresh_from_db()
    assert [item.status for item in job.items.all()] == ["succeeded", "canceled"]
    assert job.status == "partial"


def test_after_its_worker_went_away_it_is_begun_again(submit, run_jobs):
    job = submit("a")
    assert jobs.run.claim(job.pk)
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    jobs.sweep()
    job.refresh_from_db()
    assert job.status == "queued"
    run_jobs()
    job.refresh_from_db()
    assert job.status == "succeeded"


def test_it_does_not_run_for_somebody_who_may_not_any_more(submit, run_jobs, operator):
    job = submit("a")
    operator.is_active = False
    operator.save()
    run_jobs()
    job.refresh_from_db()
    assert (job.status, job.items.get().status) == ("failed", "skipped")
