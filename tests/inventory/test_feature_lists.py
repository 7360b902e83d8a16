"""Lists that tell a feature of a whole account: read after a sync, compared, stopped by the brake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from inventory import feature_lists, features
from inventory.feature_changes import change
from inventory.models import CarrierNumber, Finding, TelephoneNumber
from inventory.operations.sync import sync_account, sync_features
from inventory.services.features import mirror_told
from inventory.tasks import sync_due_accounts
from portal.models import AccountFact, Exchange, Job, ProviderAccount
from portal.sandbox.server import RunningSandbox
from portal.tasks import run_job
from tests import factories
from tests.portal.pages import text_of

HERE, THERE = "+13125550177", "+13125550178"
KEY = "6f1b2a52-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as running:
        yield running


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def account(db, sandbox) -> ProviderAccount:
    sandbox.control("reset")
    return factories.make_account("voip_innovations", name="Main", base_url=sandbox.url)


@pytest.fixture
def sync(account, operator, run_jobs):
    """Return a function that syncs the account as a person does, and gives the job of the lists."""

    def run(*, actor=operator, **options) -> Job:
        account.refresh_from_db()
        sync_account(account, actor=actor, **options)
        run_jobs()
        job = Job.objects.filter(kind="inventory.sync_features").order_by("-pk").first()
        assert job is not None
        return job

    return run


@pytest.fixture
def number(sync) -> TelephoneNumber:
    sync()
    found = CarrierNumber.objects.filter(tn__startswith="+13").order_by("tn")
    return TelephoneNumber.objects.get(tn=found[0].tn)


def told(number: TelephoneNumber, name: str = "forward_to") -> str | None:
    mirror = CarrierNumber.objects.get(account_id=number.account_id, tn=number.tn)
    return features.get(name).present(mirror)


def behind(sandbox, tn: str, **facts: object) -> None:
    """Change facts of a number at the sandbox, behind our back."""
    sandbox.control("number", provider="voip_innovations", tn=tn[2:], data=json.dumps(facts))


def test_a_forward_changed_behind_our_back_is_one_finding_and_is_pushed_back(
    number, sandbox, sync, operator, client_for, run_jobs
):
    change(features.get("forward_to"), {number.tn: HERE}, actor=operator, key="set")
    run_jobs()
    assert sync().result["differing"] == 0
    Exchange.objects.all().delete()
    behind(sandbox, number.tn, forward=THERE[2:])
    job = sync()
    finding = Finding.objects.get()
    assert (finding.tn, finding.field, finding.ours, finding.theirs, finding.job) == (
        number.tn,
        "forward_to",
        HERE,
        THERE,
        job,
    )
    asked = set(Exchange.objects.values_list("operation", flat=True))
    assert "AuditDIDForwards" in asked
    assert not asked & {"GetDIDForward", "queryDID"}

    client = client_for(operator)
    response = client.post("/drift/repair/push/", {"finding": finding.pk, "key": KEY})
    assert response.status_code == 302
    run_jobs()
    assert sync().result["differing"] == 0
    finding.refresh_from_db()
    assert (finding.status, Finding.objects.live().exists()) == ("fixed", False)
    timeline = text_of(client.get(f"/numbers/{number.tn}/")).partition("Timeline</h2>")[2]
    assert "Differs at the provider" in timeline
    assert "(312) 555-0178 → (312) 555-0177" in timeline


def test_a_forward_that_was_taken_off_there_is_found(number, sandbox, sync, operator, run_jobs):
    change(features.get("forward_to"), {number.tn: HERE}, actor=operator, key="set")
    run_jobs()
    behind(sandbox, number.tn, forward=None)
    sync()
    finding = Finding.objects.get()
    assert (finding.field, finding.ours, finding.theirs) == ("forward_to", HERE, "")
    assert told(number) == ""


def test_what_the_lists_leave_out_is_not_set_where_they_are_complete(number, sandbox, sync):
    assert told(number) == told(number, "failover_to") == ""
    behind(sandbox, number.tn, failover=THERE[2:])
    sync()
    assert (told(number), told(number, "failover_to")) == ("", THERE)
    assert told(number, "conference") == ""


def test_a_forwarded_number_lies_at_no_route_and_that_is_no_second_finding(
    number, sync, operator, run_jobs
):
    TelephoneNumber.objects.filter(pk=number.pk).update(wanted={"route": "13550"})
    change(features.get("forward_to"), {number.tn: HERE}, actor=operator, key="set")
    run_jobs()
    sync()
    assert CarrierNumber.objects.get(tn=number.tn).route_ref == ""
    assert not Finding.objects.live().exists()


def test_a_refused_list_tells_nothing_and_the_others_stand(number, sandbox, sync, operator):
    behind(sandbox, number.tn, forward=HERE[2:], failover=THERE[2:])
    sync()
    sandbox.control(
        "fault", provider="voip_innovations", operation="AuditDIDForwards", fault="partial"
    )
    behind(sandbox, number.tn, forward=THERE[2:], failover=HERE[2:])
    job = sync()
    assert job.status == "succeeded"
    assert "Forward" in job.result["untold"]
    assert (told(number), told(number, "failover_to")) == (HERE, HERE)


def test_a_list_that_broke_off_changes_nothing_and_is_read_again(number, sandbox, sync):
    behind(sandbox, number.tn, forward=HERE[2:])
    sandbox.control(
        "fault", provider="voip_innovations", operation="AuditDIDFailovers", fault="truncated"
    )
    job = sync()
    assert job.status == "succeeded"
    assert job.attempts > 1
    assert told(number) == HERE


def test_the_brake_stops_lists_that_would_take_too_much_off(
    account, sync, operator, admin, client_for
):
    sync()
    mirrors = list(CarrierNumber.objects.filter(account=account).order_by("tn")[:60])
    number = TelephoneNumber.objects.get(tn=mirrors[0].tn)
    for mirror in mirrors:
        mirror.values = {**mirror.values, "forward_to": HERE}
        mirror.synced_at = timezone.now() - timedelta(hours=1)
        mirror.save()
    job = sync()
    assert (job.status, job.error_code) == ("failed", "too_much_would_change")
    assert "Forward: of 83 known values the list would change or take off 60" in job.reason
    assert told(number) == HERE
    page = text_of(client_for(admin).get(f"/jobs/{job.pk}/"))
    assert "apply it all the same</button>" in page
    assert "ask an administrator" in text_of(client_for(operator).get(f"/jobs/{job.pk}/"))
    assert sync(force=True, actor=admin).status == "succeeded"
    assert told(number) == ""


def test_what_was_told_of_one_number_meanwhile_stays(number, account, operator, run_jobs):
    job = sync_features(account, actor=operator)
    Job.objects.filter(pk=job.pk).update(started_at=timezone.now() - timedelta(minutes=1))
    mirror_told(account, number.tn, {"forward_to": HERE})
    run_jobs()
    assert told(number) == HERE


def test_the_schedule_reads_them_less_often_than_the_numbers(account, run_jobs, settings):
    def passes() -> int:
        ProviderAccount.objects.update(next_sync_at=None)
        sync_due_accounts()
        run_jobs()
        return Job.objects.filter(kind="inventory.sync_features").count()

    assert (passes(), passes()) == (1, 1)
    fact = AccountFact.objects.get(kind=feature_lists.FACT)
    assert fact.content["lists"][:2] == ["Forward", "Failover"]
    settings.FEATURE_LISTS_MINUTES = 1
    AccountFact.objects.update(fetched_at=timezone.now() - timedelta(minutes=2))
    assert passes() == 2


@pytest.mark.parametrize("slug", ["voicetel", "intelepeer", "custom_toll_free"])
def test_a_provider_without_such_lists_is_asked_for_none(slug, db, operator, sandbox, run_jobs):
    sandbox.control("reset")
    account = factories.make_account(slug, base_url=sandbox.url)
    assert feature_lists.offered(slug) == []
    sync_account(account, actor=operator)
    run_jobs()
    assert not Job.objects.filter(kind="inventory.sync_features").exists()


def test_where_messages_go_is_told_of_the_numbers_that_the_list_holds(number, sandbox, sync):
    sms = {"on": True, "type": "EMAIL", "destination": "desk@example.net", "dlr": False}
    behind(sandbox, number.tn, sms=sms | {"token": ""})
    job = sync()
    assert told(number, "message_destination") == "email:desk@example.net"
    assert job.result["lists"]["SMS destination"] > 0
