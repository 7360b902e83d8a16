"""Moving and assigning: which features the new customer takes over, and taking the others off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models import F

from inventory import taking_over, walks
from inventory.lifecycle import VERBS, Choice
from inventory.models import CarrierNumber, TelephoneNumber
from inventory.operations.reading import read_features
from inventory.operations.sync import sync_account
from inventory.taking_over import LIMIT, carry_out, set_on
from portal import jobs
from portal.models import Approval, AuditEntry, Exchange, Job, JobItem
from portal.providers.errors import ProviderTimeout, ProviderUnavailable
from portal.sandbox.server import RunningSandbox
from portal.tasks import run_job
from tests import factories
from tests.inventory.desk import Desk, desks, make_number
from tests.portal.pages import text_of

__all__ = ["desks"]
TN_1, TN_2, TN_3 = "+13125550101", "+13125550102", "+13125550103"
TARGET = "+13125550177"
# The desk cannot take a caller name off, and nobody has a group.
SET = {
    "forward_to": TARGET,
    "failover_to": TARGET,
    "inbound_cnam": "true",
    "cnam_name": "LAKESIDE",
    "group_ref": "",
}
NUMBERS = TelephoneNumber.objects


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def northgate(db):
    return factories.make_customer("Northgate Freight", code="NORTH")


@pytest.fixture
def numbers(desks, lakeside) -> list[TelephoneNumber]:
    """Return two numbers with features at the desk, and one at a booth that has none."""
    made = [
        make_number(desks["desk"], TN_1, customer=lakeside, values=SET),
        make_number(desks["desk"], TN_2, customer=lakeside, values={"forward_to": TARGET}),
        make_number(desks["booth"], TN_3, customer=lakeside, values={}),
    ]
    Desk.held[TN_1] |= {"forward": TARGET, "failover": TARGET, "lookup": True}
    Desk.held[TN_2] |= {"forward": TARGET}
    return made


@pytest.fixture
def move(northgate, operator, run_jobs):
    def do(*names: str) -> Job | None:
        choice = Choice(
            customer=northgate,
            is_same_subscriber=True,
            e911="later",
            reason="Sold",
            take_off=names,
        )
        count, job = carry_out(VERBS["move"], NUMBERS.all(), choice, actor=operator)
        assert count == 3
        run_jobs()
        if job:
            job.refresh_from_db()
        return job

    return do


def test_what_is_set_and_can_be_taken_off_is_offered(numbers, django_assert_num_queries):
    with django_assert_num_queries(2):
        found = {one.feature.name: one.count for one in set_on(NUMBERS.all())}
    assert found == {"route": 2, "forward_to": 2, "failover_to": 1, "inbound_cnam": 1}


def test_a_mirror_of_another_account_does_not_count(numbers, desks):
    CarrierNumber.objects.create(account=desks["desk"], tn=TN_3, values=SET)
    assert {one.feature.name: one.count for one in set_on(NUMBERS.all())}["failover_to"] == 1


def test_everything_is_kept_unless_it_is_said(numbers, move, northgate):
    assert move() is None
    assert NUMBERS.filter(customer=northgate).count() == 3
    assert Desk.sent == []
    assert not Job.objects.exists()


def test_what_is_not_kept_is_taken_off_by_one_job(numbers, move, northgate, client_for, operator):
    job = move("forward_to", "failover_to", "inbound_cnam")
    assert job.status == "succeeded", job.reason
    assert job.items.count() == 2
    assert not Desk.held[TN_1]["forward"]
    assert not Desk.held[TN_1]["failover"]
    assert Desk.held[TN_1]["lookup"] is False
    assert not Desk.held[TN_2]["forward"]
    number = NUMBERS.get(tn=TN_1)
    assert number.customer == northgate
    assert number.wanted == {"forward_to": "", "failover_to": "", "inbound_cnam": "false"}
    assert number.sync_state == "in_sync"
    mirror = CarrierNumber.objects.get(tn=TN_1)
    assert (mirror.values["forward_to"], mirror.values["inbound_cnam"]) == ("", "false")
    page = text_of(client_for(operator).get(f"/numbers/{TN_1}/"))
    assert "Forward changed" in page
    assert f"/changes/{job.pk}/undo/" not in page  # one job of several features goes no way back
    assert "Take off Forward" not in page  # each feature has its own line, and the job none
    entries = AuditEntry.objects.filter(verb="inventory.tn.feature_changed")
    assert entries.filter(object_text="(312) 555-0101").count() == 3
    assert set(entries.values_list("reason", flat=True)) == {"Sold"}


def test_the_route_goes_last(numbers, move):
    move("route", "forward_to")
    assert [name for name, tn, _ in Desk.sent if tn == TN_2] == ["forward", "route"]
    assert CarrierNumber.objects.get(tn=TN_2).route_ref == ""


def test_a_refusal_leaves_one_feature_and_takes_the_others(numbers, move):
    Desk.script = ["The forward is locked."]
    job = move("forward_to", "failover_to")
    assert job.status == "partial"
    item = job.items.get(target=TN_1)
    assert item.status == JobItem.Status.REFUSED
    assert item.message == "Forward stays: The forward is locked; Failover taken off."
    number = NUMBERS.get(tn=TN_1)
    assert number.wanted == {"failover_to": ""}
    assert number.sync_state == "push_failed"
    assert "Forward was not changed" in number.sync_note


@pytest.mark.parametrize("was_done", [True, False])
def test_a_lost_answer_is_settled_by_asking_and_nothing_is_sent_twice(
    numbers, northgate, operator, run_jobs, was_done
):
    NUMBERS.exclude(tn=TN_1).delete()
    Desk.script = [None, ProviderTimeout("No answer.", code="done" if was_done else "")]
    choice = Choice(customer=northgate, is_same_subscriber=True, e911="later", reason="Sold")
    choice = Choice(**choice.__dict__ | {"take_off": ("forward_to", "failover_to")})
    _, job = carry_out(VERBS["move"], NUMBERS.all(), choice, actor=operator)
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert job.status == "unknown"
    item = job.items.get()
    assert set(item.before["steps"]) == {"forward_to"}
    assert [name for name, _, _ in Desk.sent] == ["forward"]
    Exchange.objects.update(sent_at=F("sent_at") - timedelta(minutes=1))
    run_jobs()
    job.refresh_from_db()
    assert job.status == "succeeded"
    assert not Desk.held[TN_1]["failover"]
    sent = ["forward"] if was_done else ["forward", "failover"]
    assert [name for name, _, _ in Desk.sent] == sent


def test_a_provider_that_is_down_is_tried_again_where_it_stopped(numbers, move, run_jobs):
    NUMBERS.exclude(tn=TN_1).delete()
    northgate = factories.make_customer()
    Desk.script = [None, ProviderUnavailable("Down.")]
    choice = Choice(
        customer=northgate,
        is_same_subscriber=True,
        e911="later",
        take_off=("forward_to", "failover_to"),
    )
    _, job = carry_out(VERBS["move"], NUMBERS.all(), choice, actor=None)
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert job.status == "waiting"
    Job.objects.update(run_after=job.created_at)
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert job.status == "succeeded"
    assert [name for name, _, _ in Desk.sent] == ["forward", "failover"]


def test_a_number_in_another_job_moves_nobody(numbers, northgate, operator):
    """The number is taken between the look and the deed: the move is taken back as well."""
    other = factories.make_job(operator, is_write=True)
    JobItem.objects.create(job=other, position=0, target=TN_1, is_lock=True)
    plans = taking_over.plan(NUMBERS.all(), ["forward_to"])
    with pytest.raises(jobs.NotAccepted, match=f"part of job {other.pk}"):
        taking_over.submit(plans, actor=operator, reason="Sold")
    assert Job.objects.count() == 1


def form_of(client, address: str) -> str:
    return text_of(client.get(address))


def test_the_page_asks_feature_by_feature(client_for, operator, numbers, northgate, run_jobs):
    client = client_for(operator)
    page = form_of(client, f"/numbers/move/?tn=%2B{TN_1[1:]}")
    assert "Keep features" in page
    assert "Failover (1 number)" in page
    assert 'name="offered" value="route forward_to failover_to inbound_cnam"' in page
    form = {
        "tns": TN_1,
        "customer": northgate.pk,
        "is_same_subscriber": "on",
        "e911": "later",
        "reason": "Sold",
        "offered": "route forward_to failover_to inbound_cnam",
        "keep": ["route", "failover_to", "inbound_cnam"],
    }
    response = client.post("/numbers/move/", form, follow=True)
    job = Job.objects.get()
    assert f"Being taken off at the provider, by job {job.pk}: Forward." in text_of(response)
    run_jobs()
    assert not Desk.held[TN_1]["forward"]
    assert Desk.held[TN_1]["failover"] == TARGET


def test_a_form_that_did_not_offer_it_takes_nothing_off(client_for, operator, numbers, northgate):
    form = {"tns": TN_1, "customer": northgate.pk, "is_same_subscriber": "on", "e911": "later"}
    client_for(operator).post("/numbers/move/", form | {"reason": "Sold"})
    assert NUMBERS.get(tn=TN_1).customer == northgate
    assert not Job.objects.exists()


def test_a_form_cannot_smuggle_in_what_is_no_such_feature(client_for, operator, numbers, northgate):
    form = {"tns": TN_1, "customer": northgate.pk, "is_same_subscriber": "on", "e911": "later"}
    form |= {"reason": "Sold", "offered": "removal transfer nonsense port_out_pin"}
    client_for(operator).post("/numbers/move/", form)
    assert NUMBERS.get(tn=TN_1).customer == northgate
    assert not Job.objects.exists()


def test_the_preview_of_many_says_what_is_taken_off(client_for, operator, numbers, northgate):
    client = client_for(operator)
    form = {
        "all": "1",
        "filters": "",
        "customer": northgate.pk,
        "is_same_subscriber": "on",
        "e911": "later",
        "reason": "Sold",
        "offered": "route forward_to",
        "keep": "route",
    }
    page = text_of(client.post("/numbers/move/", form))
    assert "What is taken off at the provider" in page
    assert "2 numbers at Desk main" in page
    assert not Job.objects.exists()
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    again = client.post("/numbers/move/", form | {"seen": seen, "keep": ["route", "forward_to"]})
    assert again.status_code == 200  # another answer is another preview
    assert not NUMBERS.filter(customer=northgate).exists()
    client.post("/numbers/move/", form | {"seen": seen})
    assert Job.objects.get().total_count == 2


def test_too_many_numbers_keep_what_they_have(client_for, operator, numbers, monkeypatch):
    from inventory import lifecycle_page

    monkeypatch.setattr(lifecycle_page, "LIMIT", 1)
    assert LIMIT > 1
    page = form_of(client_for(operator), "/numbers/move/?all=1&filters=")
    assert "Keep features" not in page


def test_a_job_on_very_many_names_the_job_that_takes_features_off(
    client_for, operator, numbers, northgate, monkeypatch, run_jobs
):
    monkeypatch.setattr(walks, "LARGE", 2)
    client = client_for(operator)
    form = {"all": "1", "filters": "", "customer": northgate.pk, "is_same_subscriber": "on"}
    form |= {"e911": "later", "reason": "Sold", "offered": "forward_to"}
    seen = re.search(r'name="seen" value="(\w+)"', text_of(client.post("/numbers/move/", form)))
    client.post("/numbers/move/", form | {"seen": seen[1]})
    walk = Job.objects.get()
    run_jobs()
    taking = Job.objects.exclude(pk=walk.pk).get()
    walk.refresh_from_db()
    words = f"with features being taken off at the provider, by job {taking.pk}"
    assert walk.result["done"][words] == 2
    assert not Desk.held[TN_1]["forward"]


def test_a_second_person_approves_what_is_taken_off_too(
    client_for, operator, admin, numbers, northgate, settings, run_jobs
):
    settings.APPROVAL_ABOVE = 2
    client = client_for(operator)
    form = {
        "all": "1",
        "filters": "",
        "customer": northgate.pk,
        "is_same_subscriber": "on",
        "e911": "later",
        "reason": "Sold",
        "offered": "forward_to",
    }
    page = text_of(client.post("/numbers/move/", form))
    hidden = {
        name: re.search(rf'name="{name}" value="([^"]+)"', page)[1]
        for name in ("seen", "mark", "key")
    }
    client.post("/numbers/move/", form | hidden)
    approval = Approval.objects.get()
    assert not Job.objects.exists()
    assert "Taken off" in text_of(client_for(admin).get(f"/approvals/{approval.pk}/"))
    client_for(admin).post(f"/approvals/{approval.pk}/approve/")
    job = Job.objects.get()
    assert job.params["approval"] == approval.pk
    run_jobs()
    assert not Desk.held[TN_2]["forward"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as running:
        yield running


def test_over_the_wire_at_a_real_socket(sandbox, operator, lakeside, northgate, run_jobs):
    sandbox.control("reset")
    account = factories.make_account("voip_innovations", base_url=sandbox.url)
    sync_account(account, actor=operator)
    run_jobs()
    number = NUMBERS.filter(account=account).exclude(tn__startswith="+18").order_by("tn")[0]
    NUMBERS.filter(pk=number.pk).update(state="in_service", customer=lakeside)
    read_features(number, actor=operator)
    run_jobs()
    assert "route" in {one.feature.name for one in set_on(NUMBERS.filter(pk=number.pk))}
    choice = Choice(
        customer=northgate,
        is_same_subscriber=True,
        e911="later",
        reason="Sold",
        take_off=("route",),
    )
    _, job = carry_out(VERBS["move"], NUMBERS.filter(pk=number.pk), choice, actor=operator)
    run_jobs()
    job.refresh_from_db()
    assert job.status == "succeeded", list(job.items.values_list("message", flat=True))
    read_features(NUMBERS.get(pk=number.pk), actor=operator)
    run_jobs()
    assert CarrierNumber.objects.get(account=account, tn=number.tn).route_ref == ""
