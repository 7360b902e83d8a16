"""Every kind of job that writes, at the sandbox over a real socket: refused, lost, not reached, twice.

A kind that is registered and has no line in `writes.py` fails here, so that none is forgotten.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal import jobs, operations
from portal.models import Exchange, Job, ProviderAccount
from portal.sandbox.server import RunningSandbox
from portal.tasks import run_job
from tests.ledger.writes import WRITES, Scene, Write

ALL = pytest.mark.parametrize("kind", sorted(WRITES))
NOBODY_ANSWERS = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def sandbox():
    with RunningSandbox(scale=0.05) as running:
        running.control("setting", key="voicetel.rate_limit", value="off")
        yield running


@pytest.fixture
def scene(sandbox, admin, lakeside, monkeypatch) -> Scene:
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)
    yield Scene(sandbox=sandbox, actor=admin, customer=lakeside)
    sandbox.control("fault/clear")


class Watched:
    """A submitted job and the requests that wrote for it."""

    def __init__(self, scene: Scene, write: Write, key: str = "once") -> None:
        self.scene, self.write = scene, write
        submit = write.stage(scene)
        self.before = len(self._log())
        self.job = submit(key)
        assert submit(key).pk == self.job.pk  # a second click is the same intent

    def _log(self) -> list[dict]:
        return self.scene.sandbox.log(provider=self.write.slug, operation=self.write.operation)

    @property
    def carried_out(self) -> list[bool]:
        """Whether each request that reached the provider was carried out, in order."""
        return [bool(row["carried_out"]) for row in self._log()[self.before :]]

    def fault(self, name: str, *, times: int = 1) -> None:
        self.scene.sandbox.control(
            "fault",
            provider=self.write.slug,
            operation=self.write.operation,
            fault=name,
            times=times,
        )

    def run(self) -> str:
        """Carry the job out once, as if it were due; return its status."""
        long_ago = timezone.now() - timedelta(minutes=20)
        Exchange.objects.filter(job=self.job).update(sent_at=long_ago)
        Job.objects.filter(pk=self.job.pk).update(run_after=long_ago)
        jobs.execute(self.job.pk)
        self.job.refresh_from_db()
        return str(self.job.status)

    def settle(self) -> str:
        """Carry it out until it is settled or waits for a person; return its status."""
        for _ in range(30):
            if self.run() in (*Job.SETTLED, "needs_review"):
                break
        return str(self.job.status)

    @property
    def told(self) -> str:
        """What is known of it, for a test that fails."""
        rows = [(i.status, i.code, i.message, i.advice) for i in self.job.items.all()]
        calls = self.job.exchanges.order_by("pk").values_list("operation", "outcome", "note")
        return f"{self.job.status} {self.job.reason} {rows} {list(calls)}"


def test_no_kind_that_writes_is_forgotten():
    writing = {kind for kind, operation in operations.kinds().items() if operation.is_write}
    assert writing == set(WRITES)


@ALL
def test_refused_it_says_why_and_nothing_is_done(kind, scene):
    watched = Watched(scene, WRITES[kind])
    watched.fault("refuse", times=-1)
    assert watched.settle() == "failed", watched.told
    assert not any(watched.carried_out)
    assert watched.carried_out, watched.told  # the request that is named writes indeed
    for item in watched.job.items.all():
        assert (item.status, bool(item.message)) == ("refused", True), watched.told


@ALL
def test_an_answer_lost_after_it_was_done_is_settled_by_asking(kind, scene):
    watched = Watched(scene, WRITES[kind])
    watched.fault("drop_after")
    assert watched.settle() == watched.write.lost, watched.told
    assert watched.carried_out == [True], watched.told


@ALL
def test_what_did_not_reach_the_provider_waits_and_is_tried_again(kind, scene):
    watched = Watched(scene, WRITES[kind])
    account = ProviderAccount.objects.filter(pk=watched.job.account_id)
    account.update(base_url=NOBODY_ANSWERS)
    assert watched.run() == "waiting", watched.told
    account.update(base_url=scene.sandbox.url)
    watched.fault("rate_limit")
    assert watched.run() == "waiting", watched.told
    assert watched.settle() == "succeeded", watched.told
    assert [done for done in watched.carried_out if done] == [True], watched.told
