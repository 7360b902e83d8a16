"""Following ports: the list first, single ports where it must be, within the budget of questions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.models import TelephoneNumber
from portal import jobs
from portal.models import BudgetSpend, Exchange, Job
from porting import operations, services
from porting.models import PortMail, PortOrder
from tests import factories
from tests.porting.conftest import make_due

pytestmark = pytest.mark.django_db


def read_count() -> int:
    return Exchange.objects.filter(operation__icontains="port", is_write=False).count()


def test_a_port_is_followed_from_the_letter_to_the_inventory(
    submitted, run_jobs, sandbox, lakeside
):
    lakeside.email = "desk@lakeside.example.net"
    lakeside.save()
    order = submitted("+12125553001", customer=lakeside)
    make_due(order)
    assert [job.kind for job in operations.poll_due()] == ["porting.poll_lists"]
    run_jobs(rounds=1)
    order.refresh_from_db()
    assert (order.state, order.provider_word) == ("pending_documents", "LOA Required")
    sandbox.control("loa", pid=order.provider_ref)
    _later(order, sandbox, run_jobs, days=2)
    assert order.state == "foc_set"
    assert order.foc_date > timezone.localdate()
    _later(order, sandbox, run_jobs, days=10)
    assert order.state == "completed"
    number = TelephoneNumber.objects.get(tn="+12125553001")
    assert (number.state, number.customer) == ("in_service", lakeside)
    assert order.next_poll_at is None
    told = list(PortMail.objects.order_by("pk").values_list("event", flat=True))
    assert told[0] == "submitted"
    assert told[-2:] == ["foc_set", "completed"]


def _later(order: PortOrder, sandbox, run_jobs, *, days: int) -> None:
    sandbox.control("clock", advance=f"{days}d")
    Job.objects.update(created_at=timezone.now() - timedelta(hours=1))
    make_due(order)
    operations.poll_due()
    run_jobs(rounds=1)
    order.refresh_from_db()


def test_a_rejection_is_told_with_its_field(submitted, run_jobs, sandbox):
    order = submitted("+12125559909")
    sandbox.control("loa", pid=order.provider_ref)
    _later(order, sandbox, run_jobs, days=2)
    assert (order.state, order.reject_code) == ("exception", "account_number_mismatch")
    assert order.lines.get().status == "rejected"


def test_a_list_serves_all_orders_with_one_call(submitted, run_jobs):
    orders = [submitted(f"+1212555310{place}") for place in range(3)]
    for order in orders:
        make_due(order)
    before = read_count()
    operations.poll_due()
    run_jobs(rounds=1)
    assert read_count() == before + 1
    assert not PortOrder.objects.due_for_poll().exists()
    assert {order.poll_count for order in PortOrder.objects.all()} == {1}


def test_the_next_list_waits_and_an_unchanged_line_moves_nothing(submitted, run_jobs):
    order = submitted("+12125553201")
    make_due(order)
    operations.poll_due()
    run_jobs(rounds=1)
    events = order.events.count()
    make_due(order)
    kinds = [job.kind for job in operations.poll_due()]
    assert kinds == ["porting.poll"]
    run_jobs(rounds=1)
    assert order.events.count() == events


def test_single_questions_stay_within_the_budget(submitted, run_jobs, settings, voicetel):
    settings.PORT_CALLS_PER_MINUTE = 8  # six of them are left to lists and people
    orders = [submitted(f"+1212555330{place}") for place in range(3)]
    factories.make_job(kind="porting.poll_lists", account=voicetel, status="succeeded")
    for order in orders:
        make_due(order)
    (job,) = operations.poll_due()
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert (job.status, job.done_count) == ("waiting", 2)
    assert BudgetSpend.objects.filter(bucket="ports").count() == 2
    BudgetSpend.objects.all().delete()
    run_jobs(rounds=1)
    job.refresh_from_db()
    assert (job.status, job.done_count) == ("succeeded", 3)


def test_a_port_that_the_provider_does_not_know_is_flagged(voicetel, operator, run_jobs):
    order = factories.make_port(
        "+12125553401", account=voicetel, state="submitted", provider_ref="QQQQQ"
    )
    job = operations.poll(order, actor=operator)
    assert operations.poll(order, actor=operator) == job
    run_jobs(rounds=1)
    order.refresh_from_db()
    assert order.state == "submitted"
    assert order.word_note == "The provider does not know this port."


def test_an_order_entered_by_hand_is_found_by_its_numbers(
    voip_innovations, operator, run_jobs, sandbox
):
    order = factories.make_port("+13125553501", "+13125553502", account=voip_innovations)
    services.move(order, "ready", actor=operator)
    sandbox.control(
        "port", numbers="3125553501,3125553502", carrier="Example Bell", end_user="Lakeside"
    )
    make_due(order)
    operations.poll_due()
    run_jobs(rounds=1)
    order.refresh_from_db()
    assert order.provider_ref
    assert order.state == "pending_documents"
    assert order.provider_word == "PENDING SIGNATURE"


def test_a_port_with_other_numbers_is_not_taken_for_it(
    voip_innovations, operator, run_jobs, sandbox
):
    order = factories.make_port("+13125553601", account=voip_innovations)
    services.move(order, "ready", actor=operator)
    made = sandbox.control(
        "port", numbers="3125553601,3125553602", carrier="Example Bell", end_user="Lakeside"
    )
    job = operations.match(order, str(made["id"]), actor=operator)
    run_jobs(rounds=1)
    job.refresh_from_db()
    order.refresh_from_db()
    assert (job.status, order.state, order.provider_ref) == ("failed", "ready", "")
    assert "(312) 555-3602, which is not on" in job.items.get().message


def test_the_history_of_a_number_finds_the_port_without_an_id(
    voip_innovations, operator, run_jobs, sandbox
):
    order = factories.make_port("+13125553701", account=voip_innovations)
    services.move(order, "ready", actor=operator)
    made = sandbox.control("port", numbers="3125553701", carrier="Example Bell")
    operations.match(order, actor=operator)
    run_jobs(rounds=1)
    order.refresh_from_db()
    assert order.provider_ref == str(made["id"])


@pytest.mark.parametrize("ref", ["nonsense", "999999"])
def test_an_id_that_is_none_is_said(voip_innovations, operator, run_jobs, ref):
    order = factories.make_port("+13125553801", account=voip_innovations)
    services.move(order, "ready", actor=operator)
    job = operations.match(order, ref, actor=operator)
    run_jobs(rounds=1)
    job.refresh_from_db()
    assert job.status == "failed"
    assert job.items.get().message


def test_a_round_of_questions_leaves_some_to_lists_and_people(
    submitted, run_jobs, settings, voicetel, operator
):
    settings.PORT_CALLS_PER_MINUTE = 7
    orders = [submitted(f"+1212555390{place}") for place in range(3)]
    factories.make_job(kind="porting.poll_lists", account=voicetel, status="succeeded")
    for order in orders:
        make_due(order)
    (round_,) = operations.poll_due()
    jobs.execute(round_.pk)
    asked = operations.poll(orders[2], actor=operator)
    jobs.execute(asked.pk)
    round_.refresh_from_db()
    asked.refresh_from_db()
    assert (round_.status, round_.done_count) == ("waiting", 1)
    assert asked.status == "succeeded"
