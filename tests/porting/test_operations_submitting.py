"""Submitting over a real socket: once, at the price that was accepted, settled by looking."""

from __future__ import annotations

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from inventory.models import TelephoneNumber
from portal import jobs
from portal.models import Exchange, Job
from porting import operations, services
from porting.models import PortLine, PortOrder
from porting.operations.submitting import NOT_SUBMITTED
from tests import factories

pytestmark = pytest.mark.django_db
_last = itertools.count(1001)


def fresh_tns(count: int = 1) -> list[str]:
    """Return numbers that no other test ports: the sandbox remembers its ports."""
    return [f"+1212555{next(_last):04}" for _ in range(count)]


def ports_of(sandbox, *tns: str) -> list[str]:
    """Return the port requests of these numbers that the sandbox carried out."""
    rows = sandbox.store.query("SELECT pid, numbers FROM voicetel_port", ())
    return [row["pid"] for row in rows if all(tn[2:] in row["numbers"] for tn in tns)]


def test_an_order_is_submitted_with_what_stands_in_it(ready, operator, run_jobs, sandbox, lakeside):
    tns = fresh_tns(2)
    order = ready(*tns, customer=lakeside, caller_name="LAKESIDE", desired_date=None)
    job = operations.submit(order, actor=operator, key="one", price_total=Decimal(12))
    run_jobs()
    order.refresh_from_db()
    job.refresh_from_db()
    assert job.status == "succeeded", job.reason
    assert ports_of(sandbox, *tns) == [order.provider_ref]
    assert (order.state, order.price_total) == ("submitted", Decimal(12))
    assert order.letter_url.endswith(f"/a/loa/{order.provider_ref}/")
    assert order.ticket_ref
    assert order.is_loa_outstanding
    assert {number.state for number in TelephoneNumber.objects.filter(tn__in=tns)} == {"port_in"}
    assert set(order.lines.values_list("status", flat=True)) == {"submitted"}
    assert order.next_poll_at > timezone.now()
    sent = Exchange.objects.get(is_write=True).request_body
    assert "Lakeside Dental, Inc." in sent
    assert "4321" not in sent
    assert "1234567890" not in sent
    assert "4321" not in str(Job.objects.get(pk=job.pk).params)


def test_the_same_key_gives_one_order_and_one_port(ready, operator, run_jobs, sandbox):
    tns = fresh_tns()
    order = ready(*tns)
    first = operations.submit(order, actor=operator, key="same", price_total=Decimal(6))
    second = operations.submit(order, actor=operator, key="same", price_total=Decimal(6))
    another = operations.submit(order, actor=operator, key="other form", price_total=Decimal(6))
    run_jobs()
    assert first == second == another
    assert len(ports_of(sandbox, *tns)) == 1
    assert operations.submit(order, actor=operator, key="same", price_total=Decimal(6)) == first
    with pytest.raises(jobs.NotAccepted, match="is “Submitted”"):
        operations.submit(order, actor=operator, key="later", price_total=Decimal(6))


def test_another_price_than_was_shown_is_not_paid(ready, operator):
    order = ready(*fresh_tns(2))
    with pytest.raises(jobs.NotAccepted, match=r"\$12.00 now"):
        operations.submit(order, actor=operator, key="cheap", price_total=Decimal(6))
    assert not Job.objects.filter(kind="porting.submit").exists()


def test_who_may_not_submit_does_not(ready, viewer, alice):
    order = ready(*fresh_tns())
    for user in (viewer, alice):
        with pytest.raises(PermissionDenied):
            operations.submit(order, actor=user, key=str(user), price_total=Decimal(6))


def test_a_check_that_lapsed_is_renewed_right_before(ready, operator, run_jobs, sandbox):
    order = ready(*fresh_tns())
    PortLine.objects.filter(order=order).update(
        valid_until=timezone.now() - timedelta(minutes=1), status="portable"
    )
    operations.submit(order, actor=operator, key="lapsed", price_total=Decimal(6))
    run_jobs()
    asked = list(Exchange.objects.order_by("pk").values_list("is_write", flat=True))
    order.refresh_from_db()
    assert order.state == "submitted"
    assert asked.count(True) == 1
    assert order.lines.get().valid_until > timezone.now() + timedelta(minutes=50)


def test_a_check_that_still_holds_is_not_repeated(ready, operator, run_jobs, sandbox):
    order = ready(*fresh_tns())
    operations.check_again(order, actor=operator)
    run_jobs()
    before = Exchange.objects.filter(is_write=False).count()
    operations.submit(order, actor=operator, key="fresh", price_total=Decimal(6))
    run_jobs()
    assert Exchange.objects.filter(is_write=False).count() == before
    order.refresh_from_db()
    assert order.state == "submitted"


def test_a_number_that_became_unportable_stops_it_before_money_flows(
    ready, operator, run_jobs, sandbox
):
    order = ready("+12125559908")
    job = operations.submit(order, actor=operator, key="no", price_total=Decimal(6))
    run_jobs()
    job.refresh_from_db()
    order.refresh_from_db()
    assert (job.status, order.state) == ("failed", "ready")
    assert "cannot be ported any more" in job.items.get().message
    assert not ports_of(sandbox, "+12125559908")
    assert not TelephoneNumber.objects.filter(tn="+12125559908").exists()


def test_a_lost_answer_is_settled_by_looking_at_the_list(ready, operator, run_jobs, sandbox):
    tns = fresh_tns(2)
    order = ready(*tns)
    sandbox.control(
        "fault", provider="voicetel", operation="ports.create", fault="drop_after", times=1
    )
    job = operations.submit(order, actor=operator, key="lost", price_total=Decimal(12))
    run_jobs(rounds=1)
    job.refresh_from_db()
    assert job.status == "unknown"
    run_jobs(rounds=1)
    job.refresh_from_db()
    order.refresh_from_db()
    assert (job.status, order.state) == ("succeeded", "submitted")
    assert ports_of(sandbox, *tns) == [order.provider_ref]


def test_a_request_that_never_arrived_is_not_sent_again_by_itself(
    ready, operator, run_jobs, sandbox
):
    tns = fresh_tns()
    order = ready(*tns)
    sandbox.control(
        "fault", provider="voicetel", operation="ports.create", fault="drop_before", times=1
    )
    job = operations.submit(order, actor=operator, key="never", price_total=Decimal(6))
    run_jobs(rounds=2)
    job.refresh_from_db()
    assert job.status == "unknown"
    assert "does not list it yet" in job.items.get().message
    Exchange.objects.filter(is_write=True).update(sent_at=timezone.now() - timedelta(minutes=11))
    run_jobs(rounds=1)
    job.refresh_from_db()
    order.refresh_from_db()
    assert (job.status, order.state) == ("failed", "ready")
    assert job.items.get().code == NOT_SUBMITTED
    assert not ports_of(sandbox, *tns)
    again = operations.submit(order, actor=operator, key="by hand", price_total=Decimal(6))
    run_jobs()
    again.refresh_from_db()
    assert again.status == "succeeded"
    assert len(ports_of(sandbox, *tns)) == 1


def test_a_refusal_of_the_provider_leaves_the_order_ready(ready, operator, run_jobs, sandbox):
    order = ready(*fresh_tns())
    sandbox.control("fault", provider="voicetel", operation="ports.create", fault="refuse", times=1)
    job = operations.submit(order, actor=operator, key="refused", price_total=Decimal(6))
    run_jobs()
    job.refresh_from_db()
    order.refresh_from_db()
    assert (job.status, order.state, order.provider_ref) == ("failed", "ready", "")
    event = order.events.first()
    assert event.text.startswith("Not submitted:")
    assert not event.is_for_customer
    services.move(order, "draft", actor=operator)


def test_an_order_cannot_be_changed_while_it_is_being_submitted(ready, operator):
    order = ready(*fresh_tns())
    operations.submit(order, actor=operator, key="open", price_total=Decimal(6))
    with pytest.raises(services.IllegalMove, match="being submitted"):
        services.move(order, "draft", actor=operator)


def test_a_provider_without_the_call_takes_no_submission(voip_innovations, operator):
    order = factories.make_port("+13125550142", account=voip_innovations)
    services.move(order, "ready", actor=operator)
    assert order.is_manual
    with pytest.raises(jobs.NotAccepted, match="back office only"):
        operations.submit(order, actor=operator, key="manual", price_total=order.price_of(1))
    assert PortOrder.objects.get().price_accepted_at is None
