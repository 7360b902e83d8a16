"""“Refresh from provider” for many: what it takes, lists where these are fewer calls, the jobs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from inventory import features, refreshes
from inventory.models import CarrierNumber, Finding, TelephoneNumber
from inventory.operations.sync import sync_account
from portal import jobs
from portal.models import BudgetSpend, Exchange, Job
from portal.sandbox.server import RunningSandbox
from portal.tasks import run_job
from tests import factories
from tests.inventory.desk import Desk, desks, hidden, make_number
from tests.portal.pages import text_of

__all__ = ["desks"]
PAGE = "/numbers/refresh/"
HERE, THERE = "+13125550177", "+13125550178"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as running:
        yield running


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def staff(client_for, operator):
    return client_for(operator)


def plan_of(slug: str, *tns: str, **fields: Any) -> refreshes.AccountRefresh:
    account = factories.make_account(slug, **fields)
    for tn in tns:
        factories.make_tn(tn, account=account)
    (entry,) = refreshes.plan(TelephoneNumber.objects.filter(account=account))
    return entry


def local(count: int) -> list[str]:
    return [f"+1312555{n:04}" for n in range(count)]


# --- What it takes


def test_one_number_is_asked_about_and_no_list_is_read(db):
    entry = plan_of("voip_innovations", *local(1))
    asked = [f for f in features.FEATURES.values() if f.has_question("voip_innovations")]
    assert (entry.lists, entry.list_calls) == ([], 0)
    assert entry.questions == 1 + len(asked)


def test_lists_are_read_where_these_are_fewer_calls(db):
    entry = plan_of("voip_innovations", *local(5))
    assert entry.list_kinds == ["inventory.sync_features"]
    assert entry.lists[:2] == ["Forward", "Failover"]


@pytest.mark.parametrize("slug", ["voip_innovations", "voicetel", "intelepeer"])
@pytest.mark.parametrize("count", [1, 2, 19, 20, 60])
def test_it_never_takes_more_calls_than_a_question_each(db, slug, count):
    tns = local(count) if slug != "intelepeer" else [f"+1800555{n:04}" for n in range(count)]
    entry = plan_of(slug, *tns)
    each = sum(
        f.has_question(slug) and not f.why_not(slug, tns[0]) for f in features.FEATURES.values()
    )
    assert entry.call_count <= count * (1 + each)
    assert bool(entry.ways.by_list) == (count >= refreshes.LIST_FROM)


def test_the_budget_tells_how_long_it_takes(db):
    entry = plan_of("voicetel", *local(60), calls_per_minute=10)
    assert entry.minutes == entry.call_count // 10


# --- The page


@pytest.mark.usefixtures("desks")
def test_the_page_says_what_it_takes_and_asks_nobody(staff, desks):
    for tn in local(3):
        make_number(desks["desk"], tn)
    make_number(desks["booth"], "+13125550500")
    make_number(desks["desk"], "+13125550501", state="released")
    page = text_of(staff.get(PAGE, {"all": "1", "filters": ""}))
    assert "Desk main" in page
    assert "Booth main" in page
    assert "Refresh 4 numbers" in page
    assert "1 number is no longer ours" in page
    assert not Job.objects.exists()
    assert not Exchange.objects.exists()


def test_without_a_number_the_page_leads_back(staff):
    assert staff.get(PAGE, {"tn": "+13125550199"})["Location"] == "/numbers/"


def test_other_numbers_than_those_looked_at_are_not_asked_about(staff, desks):
    make_number(desks["desk"], "+13125550101")
    sent = hidden(staff.get(PAGE, {"all": "1", "filters": ""}))
    make_number(desks["desk"], "+13125550102")
    answer = staff.post(PAGE, sent)
    assert answer.status_code == 409
    assert "Other numbers fit" in text_of(answer)
    assert not Job.objects.exists()


def test_it_is_confirmed_once_and_read_in_slices(staff, desks, run_jobs, monkeypatch):
    monkeypatch.setattr(refreshes, "SLICE", 2)
    tns = local(5)
    for tn in tns:
        number = make_number(desks["desk"], tn, values={"forward_to": HERE})
        TelephoneNumber.objects.filter(pk=number.pk).update(wanted={"forward_to": HERE})
        Desk.held[tn]["forward"] = THERE if tn == tns[0] else HERE
    sent = hidden(staff.get(PAGE, {"all": "1", "filters": ""}))
    first = staff.post(PAGE, sent)
    group = Job.objects.get(is_group=True)
    assert first["Location"] == staff.post(PAGE, sent)["Location"] == f"/jobs/{group.pk}/"
    run_jobs()
    group.refresh_from_db()
    read = group.children.get(kind="inventory.read_features")
    assert (group.status, group.done_count, read.items.values("slice").distinct().count()) == (
        "succeeded",
        5,
        3,
    )
    finding = Finding.objects.get()
    assert (finding.tn, finding.theirs) == (tns[0], THERE)
    assert read.items.get(target=tns[0]).after["values"]["forward_to"] == THERE


def test_it_is_canceled_between_two_slices(staff, desks, operator, run_jobs, monkeypatch):
    monkeypatch.setattr(refreshes, "SLICE", 1)
    for tn in local(3):
        make_number(desks["booth"], tn)
    staff.post(PAGE, hidden(staff.get(PAGE, {"all": "1", "filters": ""})))
    run_jobs(rounds=1)
    read = Job.objects.get(kind="inventory.read_features")
    Job.objects.filter(pk=read.pk).update(cancel_requested_at=timezone.now())
    jobs.execute(read.pk)
    read.refresh_from_db()
    assert read.status == "canceled"
    assert not Exchange.objects.exists()


def test_an_answer_whose_worker_went_away_is_filed_all_the_same(desks, operator, run_jobs):
    number = make_number(desks["desk"], "+13125550101")
    job = jobs.submit(
        "inventory.read_features",
        actor=operator,
        account=desks["desk"],
        params={"account": "Desk main"},
        items=[refreshes.Item(target=number.tn), refreshes.Item(target="+13125550199", slice=1)],
    )
    job.items.filter(target=number.tn).update(
        status="succeeded", after={"values": {"forward_to": HERE}}
    )
    run_jobs()
    assert CarrierNumber.objects.get(tn=number.tn).values["forward_to"] == HERE


# --- At the wire


def test_lists_and_questions_at_the_sandbox(staff, sandbox, operator, run_jobs):
    sandbox.control("reset")
    account = factories.make_account("voip_innovations", name="Main", base_url=sandbox.url)
    sync_account(account, actor=operator)
    run_jobs()
    tns = list(
        CarrierNumber.objects.filter(account=account, tn__startswith="+13")
        .order_by("tn")
        .values_list("tn", flat=True)[:25]
    )
    number = TelephoneNumber.objects.get(tn=tns[0])
    number.wanted = {"forward_to": HERE}
    number.save()
    behind = json.dumps({"forward": THERE[2:]})
    sandbox.control("number", provider="voip_innovations", tn=tns[0][2:], data=behind)
    Exchange.objects.all().delete()
    look = staff.get(PAGE, {"tn": tns})
    page = text_of(look)
    assert "All numbers, Forward, Failover" in page
    staff.post(PAGE, hidden(look))
    run_jobs()
    group = Job.objects.get(is_group=True)
    assert group.status == "succeeded", [job.reason for job in group.children.all()]
    calls = Counter(Exchange.objects.values_list("operation", flat=True))
    assert calls["auditDIDs"] == calls["AuditDIDForwards"] == calls["AuditFaxToEmails"] == 1
    assert not calls["queryDID"] + calls["GetDIDForward"] + calls["GetDIDFailover"]
    told = int(page.partition("at least ")[2].partition(" call")[0])
    assert calls.total() == told
    finding = Finding.objects.get()
    assert (finding.tn, finding.field, finding.theirs) == (tns[0], "forward_to", THERE)


def test_a_budget_that_is_used_up_makes_it_wait_and_go_on(staff, sandbox, operator, run_jobs):
    sandbox.control("reset")
    account = factories.make_account("voicetel", base_url=sandbox.url)
    sync_account(account, actor=operator)
    run_jobs()
    tns = list(TelephoneNumber.objects.order_by("tn").values_list("tn", flat=True)[:4])
    look = staff.get(PAGE, {"tn": tns})
    staff.post(PAGE, hidden(look))
    account.calls_per_minute = 5
    account.save()
    run_jobs(rounds=2)
    read = Job.objects.get(kind="inventory.read_features")
    assert (read.status, read.done_count < 4) == ("waiting", True)
    assert "budget of 5 calls" in read.reason
    BudgetSpend.objects.update(spent_at=timezone.now() - timedelta(minutes=2))
    account.calls_per_minute = 1000
    account.save()
    run_jobs()
    read.refresh_from_db()
    assert (read.status, read.done_count) == ("succeeded", 4)
