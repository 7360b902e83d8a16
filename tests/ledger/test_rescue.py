"""What the ledger does when a run ends badly: nothing stays locked, lost or asked about for ever."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from inventory.models import TelephoneNumber
from inventory.operations.order import OrderTNs
from inventory.operations.sync import refresh_tn, sync_account
from portal import jobs, services
from portal.jobs import reconcile
from portal.jobs.run import Run, claim
from portal.jobs.settle import QUESTION_SECONDS
from portal.jobs.submit import new_key
from portal.models import AuditEntry, Exchange, Job, JobItem, ProviderAccount
from portal.operations import get
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import ProviderAuthError, ProviderTimeout, ProviderUnavailable
from portal.tn import TN
from tests.ledger.fake import fake
from tests.ledger.test_ledger import TNS, account, broker_without_worker, child, order, states

__all__ = ["account", "broker_without_worker", "fake", "order"]


def run_once(job: Job) -> Job:
    """Carry out a job as if it were due, once."""
    Job.objects.filter(pk=job.pk).update(run_after=timezone.now())
    jobs.execute(job.pk)
    job.refresh_from_db()
    return job


def raising(error: Exception) -> Callable[..., Any]:
    """Return a function that takes anything and raises `error`."""

    def fail(*args: Any, **kwargs: Any) -> Any:
        raise error

    return fail


def take_worker_away(job: Job) -> None:
    """Let a job look as if its worker had died in the middle."""
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(status="running", lease_token=new_key(), lease_until=past)


# --- Defects of our own


def test_a_defect_after_an_accepted_order_does_not_settle_the_job(
    order, fake, run_jobs, monkeypatch
):
    """The provider works on two numbers when the third breaks our code: they are still asked about."""
    original = fake.order_tns

    def breaks_at_the_second(self, request):
        if TNS[2] in request.tns:
            raise KeyError("a defect")
        for tn in request.tns:
            fake.orders.append(request)
            yield ItemOutcome(tn=tn, outcome=Outcome.PENDING)

    monkeypatch.setattr(fake, "order_tns", breaks_at_the_second)
    job = run_once(child(order()))
    assert job.is_open
    assert states()[TNS[0]] == "purchasing"
    monkeypatch.setattr(fake, "order_tns", original)
    fake.owned |= set(TNS[:2])
    run_jobs()
    job.refresh_from_db()
    assert (job.status, states()) == ("partial", dict.fromkeys(TNS[:2], "stock"))


def test_a_defect_in_filing_what_was_bought_ends_with_a_person(order, fake, admin, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(OrderTNs, "apply", raising(ArithmeticError("a defect")))
        job = run_once(child(order(TNS[0])))
    assert (job.status, len(fake.orders)) == ("needs_review", 1)
    assert job.items.get().status == "succeeded"
    assert states() == {TNS[0]: "purchasing"}
    jobs.settle_by_person(job, actor=admin, verdicts={}, reason="It was mended since")
    job.refresh_from_db()
    assert (job.status, states()) == ("succeeded", {TNS[0]: "stock"})


def test_a_defect_in_asking_is_not_repeated_for_ever(order, fake, monkeypatch):
    fake.script = [ProviderTimeout("lost")]
    monkeypatch.setattr(fake, "query_tn", raising(KeyError("a defect")))
    job = child(order(TNS[0]))
    for _ in range(len(QUESTION_SECONDS) + 1):
        run_once(job)
    assert (job.status, job.items.get().status) == ("needs_review", "unknown")


# --- Workers that go away


def test_a_worker_that_died_between_two_parts_leaves_the_first_one_unknown(
    order, operator, fake, run_jobs
):
    job = child(order())
    JobItem.objects.filter(job=job, target=TNS[0]).update(status="unknown")
    fake.owned.add(TNS[0])
    take_worker_away(job)
    jobs.sweep()
    job.refresh_from_db()
    assert (job.status, job.unknown_count) == ("unknown", 1)
    operator.is_active = False  # what stands against the rest must not settle the lost one
    operator.save()
    run_jobs()
    job.refresh_from_db()
    assert (job.status, states()) == ("partial", {TNS[0]: "stock"})
    assert not job.items.filter(status__in=JobItem.OPEN).exists()


def test_a_job_is_never_settled_over_an_open_number(order, operator, fake):
    """Even a job that got back to the queue with a lost number in it keeps the number open."""
    job = child(order())
    JobItem.objects.filter(job=job, target=TNS[0]).update(status="unknown")
    operator.is_active = False
    operator.save()
    assert run_once(job).status == "unknown"


# --- Asking


def test_questions_that_never_left_do_not_count(order, account, fake, run_jobs):
    fake.script = [ProviderTimeout("lost", code="done")]
    job = run_once(child(order(TNS[0])))
    ProviderAccount.objects.update(paused_at=timezone.now())
    for _ in range(len(QUESTION_SECONDS) + 3):
        run_once(job)
    assert (job.status, job.asked_count) == ("unknown", 0)
    assert "paused" in job.reason
    ProviderAccount.objects.update(paused_at=None)
    run_jobs()
    job.refresh_from_db()
    assert (job.status, states()) == ("succeeded", {TNS[0]: "stock"})


def test_a_pause_uses_up_no_attempt_and_its_end_wakes_what_waits(
    order, account, operator, fake, run_jobs
):
    job = child(order(TNS[0]))
    services.pause_account(account, actor=operator, reason="Works at the carrier")
    for _ in range(settings.JOB_MAX_ATTEMPTS + 3):
        run_once(job)
    assert (job.status, job.attempts) == ("waiting", 0)
    assert not Exchange.objects.exists()
    assert "Works at the carrier" in job.reason
    assert job.run_after > timezone.now()
    account.refresh_from_db()
    services.resume_account(account, actor=operator)
    job.refresh_from_db()
    assert job.run_after <= timezone.now()
    run_jobs()
    job.refresh_from_db()
    assert (job.status, states()) == ("succeeded", {TNS[0]: "stock"})


def test_only_what_waits_at_the_account_is_woken(order, account, operator, fake):
    later = timezone.now() + timedelta(hours=1)
    other = ProviderAccount.objects.create(slug="fake", name="Other", base_url=account.base_url)
    job = child(order(TNS[0]))
    Job.objects.filter(pk=job.pk).update(run_after=later, status="waiting")
    assert jobs.wake(other) == 0
    Job.objects.filter(pk=job.pk).update(lease_token=uuid.uuid4())
    assert jobs.wake(account) == 0  # a worker has it at this moment
    Job.objects.filter(pk=job.pk).update(lease_token=None)
    assert jobs.wake(account) == 1


def test_a_provider_that_cannot_be_asked_for_a_day_is_a_persons_matter(order, account, fake):
    fake.script = [ProviderTimeout("lost")]
    job = run_once(child(order(TNS[0])))
    ProviderAccount.objects.update(is_enabled=False)
    Job.objects.filter(pk=job.pk).update(started_at=timezone.now() - timedelta(hours=25))
    assert run_once(job).status == "needs_review"


def test_what_was_never_sent_is_not_asked_of_a_person(order, fake, admin, monkeypatch):
    """The first slice is lost for good; the second one never left, and that is a fact."""
    fake.script = [ProviderTimeout("lost")]
    monkeypatch.setattr(fake, "query_tn", raising(ProviderTimeout("no answer")))
    job = child(order())
    for _ in range(len(QUESTION_SECONDS) + 1):
        run_once(job)
    assert job.status == "needs_review"
    left = job.items.get(target=TNS[2])
    assert (left.status, TNS[2] in states()) == ("canceled", False)
    lost = job.items.filter(status="unknown")
    jobs.settle_by_person(
        job, actor=admin, verdicts={item.pk: False for item in lost}, reason="They looked"
    )
    job.refresh_from_db()
    assert (job.status, states()) == ("failed", {})


def test_numbers_behind_an_accepted_part_are_sent_and_not_kept_waiting(order, fake):
    fake.script = ["pending", ProviderUnavailable("busy")]
    job = run_once(child(order()))
    assert (job.status, len(fake.orders)) == ("waiting", 1)
    run_once(job)
    assert [request.tns for request in fake.orders] == [tuple(TNS[:2]), (TNS[2],)]
    assert states() == {TNS[0]: "purchasing", TNS[1]: "purchasing", TNS[2]: "stock"}


def test_canceling_lets_go_of_what_was_not_sent_though_a_part_is_pending(order, operator, fake):
    fake.script = ["pending", ProviderUnavailable("busy")]
    placed = order()
    job = run_once(child(placed))
    jobs.cancel(placed.job, actor=operator)
    run_once(job)
    assert job.items.get(target=TNS[2]).status == "canceled"
    assert (job.status, states()) == ("waiting", dict.fromkeys(TNS[:2], "purchasing"))


# --- Attempts


def test_a_job_that_gets_on_is_not_given_up_for_a_used_up_budget(order, fake, run_jobs):
    """Each run carries out one slice and then finds the budget empty: that is progress, not failure."""
    tns = [f"+131255501{n:02}" for n in range(20)]
    fake.script = [None, ProviderUnavailable("budget used up")] * 9
    placed = order(*tns)
    run_jobs(rounds=15)
    assert child(placed).status == "succeeded"
    assert states() == dict.fromkeys(tns, "stock")


def test_a_person_is_not_kept_waiting_for_an_hour_by_a_question(
    account, operator, fake, monkeypatch
):
    """An interactive read whose budget refills much later says so at once."""
    number = TelephoneNumber.objects.create(
        tn=TNS[0], account=account, state="stock", state_since=timezone.now()
    )
    job = refresh_tn(number, actor=operator)
    words = "The budget of 6 calls per hour is used up."
    refills = timezone.now() + timedelta(minutes=55)
    error = ProviderUnavailable(words, retry_at=refills)
    monkeypatch.setattr(fake, "query_tn", raising(error))
    run_once(job)
    assert (job.status, job.reason) == ("failed", words)


def test_a_sync_does_wait_for_an_hour(account, fake, monkeypatch):
    fake.listed = []
    job = sync_account(account, actor=None)
    error = ProviderUnavailable("budget", retry_at=timezone.now() + timedelta(minutes=55))
    monkeypatch.setattr(fake, "list_owned", raising(error))
    run_once(job)
    assert job.status == "waiting"
    assert Exchange.objects.count() == 0


def test_a_later_refusal_does_not_settle_a_job_over_an_accepted_part(order, fake, run_jobs):
    """Credentials refused at the second slice say nothing of the first, which is being worked on."""
    fake.script = ["pending", ProviderAuthError("902")]
    job = run_once(child(order()))
    assert (job.status, job.items.get(target=TNS[2]).status) == ("waiting", "refused")
    fake.owned |= set(TNS[:2])
    ProviderAccount.objects.update(paused_at=None)
    run_jobs()
    job.refresh_from_db()
    assert (job.status, states()) == ("partial", dict.fromkeys(TNS[:2], "stock"))


# --- Time


def test_not_done_is_not_believed_so_soon_after_the_request(order, fake, monkeypatch):
    """The provider may be at work on it: what is sent again under a new key would meet the first."""
    monkeypatch.setattr(reconcile, "NOT_DONE_AFTER", timedelta(seconds=30))
    fake.script = [ProviderTimeout("lost")]
    job = run_once(child(order(TNS[0])))
    for _ in range(4):
        run_once(job)
    assert (job.status, len(fake.orders)) == ("unknown", 1)
    Exchange.objects.update(sent_at=timezone.now() - timedelta(seconds=31))
    run_once(job)
    assert job.status == "queued"


def test_an_accepted_order_is_not_a_persons_matter_for_being_slow(order, fake, run_jobs):
    fake.script = ["pending"]
    job = run_once(child(order(TNS[0])))
    for _ in range(len(QUESTION_SECONDS) + 3):
        run_once(job)
    assert (job.status, job.items.get().status) == ("waiting", "pending")
    assert job.run_after - timezone.now() > timedelta(minutes=10)
    Job.objects.filter(pk=job.pk).update(started_at=timezone.now() - timedelta(hours=49))
    assert run_once(job).status == "needs_review"


def test_an_overtaken_worker_does_not_write_over_what_his_successor_sent(order, fake):
    """He was slow with a refusal; meanwhile it was asked about, put back and sent again."""
    job, token = claim(child(order(TNS[0])).pk)
    late = Run(job=job, operation=get(job.kind), token=token)
    Job.objects.filter(pk=job.pk).update(lease_token=new_key())
    job.items.update(status="sent")
    late.store(ItemOutcome(tn=TN(TNS[0]), outcome=Outcome.REFUSED, message="No longer available"))
    assert job.items.get().status == "sent"


def test_an_account_without_any_calls_waits_with_a_sentence(order, account, fake):
    ProviderAccount.objects.update(calls_per_minute=0)
    job = run_once(child(order(TNS[0])))
    assert (job.status, "0 calls per minute" in job.reason) == ("waiting", True)


def test_the_audit_log_counts_rows_only_where_a_job_has_some(
    order, account, operator, fake, run_jobs
):
    job = run_once(child(order(TNS[0])))
    read = sync_account(account, actor=operator)
    run_jobs()
    entries = AuditEntry.objects.filter(job__in=[job, read], verb__endswith=".succeeded")
    told = {entry.job_id: entry.after for entry in entries}
    assert told[job.pk]["total"] == 1
    assert "total" not in told[read.pk]
