"""The ledger's rules: one job per key, one open write per number, nothing bought twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from inventory.models import CartLine, Order, TelephoneNumber
from inventory.operations.order import place_order
from portal import jobs
from portal.jobs import reconcile
from portal.jobs.submit import new_key
from portal.models import AuditEntry, Exchange, Job, JobItem, ProviderAccount
from portal.operations import Item
from portal.providers.dto import Ownership
from portal.providers.errors import (
    ProviderAuthError,
    ProviderProtocolError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from portal.tasks import run_job
from tests.factories import make_account
from tests.ledger.fake import fake

__all__ = ["fake"]
TNS = ["+13125550101", "+13125550102", "+13125550103"]


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    """Take every message and deliver none, so that each test says itself when a worker runs."""
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)
    monkeypatch.setattr(reconcile, "NOT_DONE_AFTER", timedelta(0))


@pytest.fixture
def account(db, fake) -> ProviderAccount:
    return ProviderAccount.objects.create(
        slug="fake", name="Fake account", base_url="http://127.0.0.1:9", calls_per_minute=10_000
    )


@pytest.fixture
def order(account, operator):
    """Return a function that puts numbers into the cart and orders them."""

    def place(*tns: str, key: str | None = None) -> Order:
        lines = [
            CartLine.objects.create(user=operator, account=account, tn=tn) for tn in tns or TNS
        ]
        return place_order(lines, actor=operator, key=key or new_key())

    return place


def states() -> dict[str, str]:
    return dict(TelephoneNumber.objects.values_list("tn", "state"))


def child(order: Order) -> Job:
    return order.job.children.get()


def test_an_order_is_carried_out_once_and_filed(order, fake, run_jobs):
    placed = order()
    assert states() == dict.fromkeys(TNS, "purchasing")
    run_jobs()
    placed.job.refresh_from_db()
    assert placed.job.status == "succeeded"
    assert states() == dict.fromkeys(TNS, "stock")
    assert sorted(tn for request in fake.orders for tn in request.tns) == TNS
    assert [len(request.tns) for request in fake.orders] == [2, 1]
    assert len({request.reference for request in fake.orders}) == 2
    assert AuditEntry.objects.filter(verb="inventory.tn.stock").count() == 3


def test_the_same_form_twice_gives_the_same_order(order, operator, fake, run_jobs):
    first = order(*TNS, key="the-form")
    second = place_order([], actor=operator, key="the-form")
    run_jobs()
    assert first == second
    assert Order.objects.count() == 1
    assert len(fake.orders) == 2


def test_somebody_elses_key_is_not_his_order(order, admin):
    order(*TNS, key="the-form")
    with pytest.raises(jobs.NotAccepted):
        place_order([], actor=admin, key="the-form")


def test_a_number_in_an_open_write_is_locked(order, account, operator):
    placed = order(TNS[0])
    with pytest.raises(jobs.NotAccepted, match=f"part of job {child(placed).pk}"):
        jobs.submit(
            "inventory.reserve_tns",
            actor=operator,
            account=account,
            items=[Item(target=TNS[0])],
        )
    assert Job.objects.filter(kind="inventory.reserve_tns").count() == 0


def test_a_lost_answer_is_settled_by_asking_and_never_sent_again(order, fake, run_jobs):
    fake.script = [ProviderTimeout("lost", code="done")]
    placed = order(TNS[0])
    job = child(placed)
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert (job.status, states()[TNS[0]]) == ("unknown", "purchasing")
    run_jobs()
    job.refresh_from_db()
    assert (job.status, states()[TNS[0]]) == ("succeeded", "stock")
    assert len(fake.orders) == 1


def test_not_done_must_be_heard_twice_before_it_is_sent_again(order, fake):
    fake.script = [ProviderTimeout("lost")]
    job = child(order(TNS[0]))
    for expected in ("unknown", "unknown", "queued"):
        Job.objects.filter(pk=job.pk).update(run_after=timezone.now())
        jobs.execute(job.pk)
        job.refresh_from_db()
        assert (job.status, len(fake.orders)) == (expected, 1)
    Job.objects.filter(pk=job.pk).update(run_after=timezone.now())
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert (job.status, len(fake.orders)) == ("succeeded", 2)
    assert fake.orders[0].reference == fake.orders[1].reference
    assert fake.orders[0].tns == fake.orders[1].tns


def test_the_rest_of_a_slice_that_was_done_in_part_gets_a_new_key(order, fake, run_jobs):
    fake.script = [ProviderTimeout("lost")]
    fake.owned = {TNS[0]}
    placed = order(*TNS[:2])
    run_jobs()
    assert states() == dict.fromkeys(TNS[:2], "stock")
    assert [request.tns for request in fake.orders] == [tuple(TNS[:2]), (TNS[1],)]
    assert fake.orders[0].reference != fake.orders[1].reference
    assert child(placed).status == "succeeded"


def test_an_answer_that_never_gets_clear_ends_with_a_person(order, fake, run_jobs, admin):
    fake.script = [ProviderTimeout("lost")]
    fake.ownership = {TNS[0]: Ownership.UNKNOWN}
    job = child(order(TNS[0]))
    run_jobs(rounds=40)
    job.refresh_from_db()
    assert (job.status, len(fake.orders)) == ("needs_review", 1)
    item = job.items.get()
    with pytest.raises(jobs.NotAccepted):
        jobs.settle_by_person(job, actor=admin, verdicts={item.pk: True}, reason=" ")
    jobs.settle_by_person(job, actor=admin, verdicts={item.pk: True}, reason="They said so")
    job.refresh_from_db()
    assert (job.status, states()[TNS[0]]) == ("succeeded", "stock")
    assert Job.objects.get(pk=job.parent_id).status == "succeeded"


def test_a_refusal_takes_the_number_out_again_and_keeps_the_words(order, fake, run_jobs):
    fake.script = ["No longer available"]
    placed = order(TNS[0])
    run_jobs()
    line = placed.lines.get()
    assert (states(), line.status, line.message) == ({}, "failed", "No longer available")
    placed.job.refresh_from_db()
    assert placed.job.status == "failed"


def test_one_refused_request_does_not_stop_the_other_slices(order, fake, run_jobs):
    fake.script = [ProviderRefused("Balance too low", code="402")]
    placed = order()
    run_jobs()
    assert states() == {TNS[2]: "stock"}
    assert child(placed).status == "partial"
    assert placed.lines.get(tn=TNS[0]).code == "402"


def test_unavailable_waits_and_tries_again_with_the_same_key(order, fake, run_jobs):
    fake.script = [ProviderUnavailable("down"), ProviderUnavailable("down")]
    placed = order(TNS[0])
    job = child(placed)
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert job.status == "waiting"
    assert job.run_after > timezone.now()
    run_jobs()
    assert (child(placed).status, len(fake.orders)) == ("succeeded", 1)


def test_unavailable_for_too_long_fails_and_says_that_nothing_was_bought(order, fake, run_jobs):
    fake.script = [ProviderUnavailable("down")] * 20
    placed = order(TNS[0])
    run_jobs(rounds=20)
    job = child(placed)
    assert (job.status, job.reason, states()) == ("failed", "down", {})
    assert "Nothing was carried out" in job.items.get().advice


def test_refused_credentials_fail_the_job_and_carry_nothing_out(order, fake, run_jobs):
    fake.script = [ProviderAuthError("902")]
    placed = order(TNS[0])
    run_jobs()
    assert (child(placed).status, states()) == ("failed", {})


def test_a_reply_off_the_contract_after_a_write_is_unknown(order, fake):
    original = fake.order_tns

    def garbled(self, request):
        list(original(self, request))
        raise ProviderProtocolError("not XML")
        yield

    fake.order_tns = garbled
    try:
        job = child(order(TNS[0]))
        jobs.execute(job.pk)
    finally:
        fake.order_tns = original
    job.refresh_from_db()
    assert job.status == "unknown"
    assert job.items.get().status == "unknown"


def test_a_pending_order_is_asked_about_until_it_is_done(order, fake, run_jobs):
    fake.script = ["pending"]
    placed = order(TNS[0])
    job = child(placed)
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert (job.status, job.items.get().status) == ("waiting", "pending")
    fake.owned.add(TNS[0])
    run_jobs()
    assert (child(placed).status, states()[TNS[0]]) == ("succeeded", "stock")
    assert len(fake.orders) == 1


def test_a_worker_that_died_before_sending_gives_the_job_back(order, fake, run_jobs):
    job = child(order(TNS[0]))
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(status="running", lease_token=new_key(), lease_until=past)
    assert jobs.sweep()["lapsed"] == 1
    job.refresh_from_db()
    assert job.status == "queued"
    run_jobs()
    assert len(fake.orders) == 1


def test_a_worker_that_died_after_sending_leaves_an_unknown_outcome(order, fake, run_jobs):
    job = child(order(TNS[0]))
    fake.owned.add(TNS[0])
    past = timezone.now() - timedelta(seconds=1)
    Exchange.objects.create(
        job=job, account=job.account, operation="order", is_write=True, method="POST", url="x"
    )
    JobItem.objects.filter(job=job).update(status="sent")
    Job.objects.filter(pk=job.pk).update(status="running", lease_token=new_key(), lease_until=past)
    jobs.sweep()
    job.refresh_from_db()
    assert (job.status, job.exchanges.get().outcome) == ("unknown", "lost")
    run_jobs()
    assert (child(job.parent.order).status, fake.orders) == ("succeeded", [])


def test_a_worker_that_lost_its_lease_sends_nothing(order, fake):
    job = child(order(TNS[0]))
    original = fake.order_tns

    def slow(self, request):
        past = timezone.now() - timedelta(seconds=1)
        Job.objects.filter(pk=job.pk).update(lease_until=past)
        yield from original(self, request)

    fake.order_tns = slow
    try:
        jobs.execute(job.pk)
    finally:
        fake.order_tns = original
    assert fake.orders == []
    assert job.items.get().status == "queued"
    assert job.exchanges.count() == 0


def test_only_one_of_two_claims_succeeds(order):
    from portal.jobs.run import claim

    job = child(order(TNS[0]))
    assert claim(job.pk) is not None
    assert claim(job.pk) is None


def test_what_the_world_changed_since_submit_is_not_bought(order, account, fake, run_jobs):
    placed = order(TNS[0])
    TelephoneNumber.objects.filter(tn=TNS[0]).update(state="stock")
    run_jobs()
    assert fake.orders == []
    assert "already" in child(placed).items.get().message


def test_an_actor_who_lost_his_role_buys_nothing(order, operator, fake, run_jobs):
    placed = order(TNS[0])
    operator.is_active = False
    operator.save()
    run_jobs()
    assert fake.orders == []
    assert "may not" in child(placed).reason


def test_a_viewer_cannot_submit(account, viewer):
    with pytest.raises(PermissionDenied):
        jobs.submit("inventory.sync_account", actor=viewer, account=account)


def test_cancel_stops_what_was_not_sent(order, operator, fake, run_jobs):
    placed = order()
    jobs.cancel(placed.job, actor=operator)
    run_jobs()
    assert fake.orders == []
    placed.job.refresh_from_db()
    assert (placed.job.status, states()) == ("canceled", {})


def test_failed_rows_are_sent_again_as_a_new_job(order, operator, fake, run_jobs):
    fake.script = ["busy", None]
    placed = order()
    run_jobs()
    job = child(placed)
    assert job.status == "partial"
    with pytest.raises(jobs.NotAccepted):
        jobs.retry_failed(
            Job.objects.create(kind=job.kind, title="x", queue="q", total_count=0, status="queued"),
            actor=operator,
            key=new_key(),
        )
    again = jobs.retry_failed(job, actor=operator, key=new_key())
    run_jobs()
    again.refresh_from_db()
    assert (again.status, states()) == ("succeeded", dict.fromkeys(TNS, "stock"))


def test_the_breaker_opens_after_repeated_failure_and_lets_one_probe_through(account, fake):
    from portal.jobs.run import Run, claim
    from portal.jobs.runtime import JobRuntime
    from portal.operations import get
    from portal.providers.base import WireReply

    job = Job.objects.create(kind="inventory.sync_account", title="x", queue="q", account=account)
    taken, token = claim(job.pk)
    runtime = JobRuntime(Run(job=taken, operation=get(job.kind), token=token))
    for _ in range(ProviderAccount.BREAKER_THRESHOLD):
        runtime.guard()
        runtime.after_reply(0, WireReply(outcome="timeout", note="no answer"))
    account.refresh_from_db()
    assert account.breaker == "open"
    with pytest.raises(ProviderUnavailable) as caught:
        runtime.guard()
    assert caught.value.retry_at == account.breaker_until
    ProviderAccount.objects.update(breaker_until=timezone.now() - timedelta(seconds=1))
    runtime.guard()
    with pytest.raises(ProviderUnavailable):
        runtime.guard()
    runtime.after_reply(0, WireReply(outcome="answered", status=200))
    runtime.guard()
    account.refresh_from_db()
    assert account.health == "healthy"


def test_a_budget_is_shared_and_says_when_it_refills(account, fake):
    from portal.jobs.run import Run, claim
    from portal.jobs.runtime import JobRuntime
    from portal.operations import get

    job = Job.objects.create(kind="inventory.sync_account", title="x", queue="q", account=account)
    taken, token = claim(job.pk)
    runtime = JobRuntime(Run(job=taken, operation=get(job.kind), token=token))
    for _ in range(6):
        runtime.spend("GET /account", limit=6, seconds=3600, per_source=True)
    with pytest.raises(ProviderUnavailable, match="6 calls per hour") as caught:
        runtime.spend("GET /account", limit=6, seconds=3600, per_source=True)
    wait = caught.value.retry_at - timezone.now()
    assert timedelta(minutes=59) < wait <= timedelta(hours=1)
    runtime.spend("GET /other", limit=6, seconds=3600, per_source=True)


def test_a_token_is_fetched_once_and_forgotten_when_refused(account, fake):
    from portal.jobs.run import Run, claim
    from portal.jobs.runtime import JobRuntime
    from portal.models import ProviderToken
    from portal.operations import get

    job = Job.objects.create(kind="inventory.sync_account", title="x", queue="q", account=account)
    taken, token = claim(job.pk)
    runtime = JobRuntime(Run(job=taken, operation=get(job.kind), token=token))
    fetched = []

    def fetch() -> str:
        fetched.append(1)
        return f"secret-{len(fetched)}"

    for _ in range(3):
        assert runtime.token("api", lifetime=timedelta(hours=1), fetch=fetch) == "secret-1"
    runtime.drop_token("api", "somebody's older one")
    assert runtime.token("api", lifetime=timedelta(hours=1), fetch=fetch) == "secret-1"
    runtime.drop_token("api", "secret-1")
    assert runtime.token("api", lifetime=timedelta(hours=1), fetch=fetch) == "secret-2"
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM portal_providertoken")
        assert "secret" not in cursor.fetchone()[0]
    assert ProviderToken.objects.get().token == "secret-2"


def test_secrets_are_encrypted_at_rest_and_do_not_show(db):
    from django.db import connection

    account = make_account("voip_innovations")
    with connection.cursor() as cursor:
        cursor.execute("SELECT credentials::text FROM portal_provideraccount")
        assert "sandbox-secret" not in cursor.fetchone()[0]
    account.refresh_from_db()
    assert account.credentials["secret"] == "sandbox-secret"
    assert "sandbox-secret" not in repr(account.as_account())


def test_the_audit_log_cannot_be_changed(db, operator):
    from django.db import ProgrammingError, transaction

    from portal import audit

    audit.record(operator, "tests.done", operator)
    for change in (AuditEntry.objects.all().delete, lambda: AuditEntry.objects.update(verb="x")):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            change()
    assert AuditEntry.objects.get().verb == "tests.done"


def test_credentials_of_another_key_fail_with_a_sentence(order, account, fake, run_jobs):
    from django.db import connection

    placed = order(TNS[0])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE portal_provideraccount SET credentials = '\"gAAAA-of-another-key\"'")
    run_jobs()
    job = child(placed)
    assert (job.status, fake.orders, states()) == ("failed", [], {})
    assert "SALT_KEY" in job.reason
