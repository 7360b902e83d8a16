"""Numbers that leave: noticed by lists and tickets, decided, and what follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.models import Assignment, CarrierNumber, Lookup, TelephoneNumber
from portal.models import Job, SupportTicket
from portal.providers.dto.porting import PortRecord, PortState
from porting import operations, services
from porting.models import PortMail, PortOut
from porting.services import port_out
from porting.tasks import keep_clocks
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def number(lakeside) -> TelephoneNumber:
    """Return a number in service."""
    number = factories.make_tn("+13125550142", customer=lakeside)
    Assignment.objects.create(number=number, customer=lakeside, since=number.state_since)
    return number


def lose(number: TelephoneNumber) -> None:
    """Let two full lists not hold a number."""
    CarrierNumber.objects.create(account=number.account, tn=number.tn, missing_count=2)
    TelephoneNumber.objects.filter(pk=number.pk).update(sync_state="missing")


def test_a_number_that_two_lists_do_not_hold_is_suspected_once(number):
    lose(number)
    assert port_out.detect() == 1
    assert port_out.detect() == 0
    case = PortOut.objects.get()
    assert (case.state, case.detected_by, case.customer) == ("suspected", "list", number.customer)
    number.refresh_from_db()
    assert number.state == "in_service"


def test_a_ticket_that_speaks_of_it_is_evidence(number):
    SupportTicket.objects.create(
        account=number.account,
        ticket_ref="77",
        shown_number="74",
        subject="Port-out request for 3125550142",
        status="active",
        changed_at=timezone.now(),
        synced_at=timezone.now(),
        tn=number.tn,
    )
    assert port_out.detect() == 1
    assert PortOut.objects.get().evidence[0]["words"].startswith("Ticket 74")


def test_what_a_paid_lookup_tells_is_added(number):
    lose(number)
    port_out.detect()
    Lookup.objects.create(
        kind="lrn",
        tn=number.tn,
        account=number.account,
        answer={"lrn": "+13125550100", "carrier": "Other Telecom"},
        looked_up_at=timezone.now(),
    )
    port_out.detect()
    case = PortOut.objects.get()
    assert case.gaining_carrier == "Other Telecom"
    assert [fact["way"] for fact in case.evidence] == ["list", "lrn"]


def test_a_case_that_was_dismissed_is_not_opened_again_at_once(number, operator):
    lose(number)
    port_out.detect()
    port_out.move(PortOut.objects.get(), "dismissed", actor=operator, reason="List was cut off")
    assert port_out.detect() == 0


def test_a_request_moves_the_number_and_a_refusal_brings_it_back(number, operator):
    case = port_out.report(
        number.tn, way="person", words="Fax of Other Telecom", actor=operator, state="requested"
    )
    number.refresh_from_db()
    assert (case.state, number.state) == ("requested", "port_out")
    port_out.move(case, "rejected", actor=operator, reject_code="wrong_pin")
    port_out.move(case, "closed", actor=operator)
    number.refresh_from_db()
    assert number.state == "in_service"
    with pytest.raises(services.IllegalMove, match="cannot become"):
        port_out.move(case, "completed", actor=operator)


@pytest.mark.parametrize("state", ["held", "suspended"])
def test_a_number_that_is_not_in_use_may_leave_too(number, operator, state):
    TelephoneNumber.objects.filter(pk=number.pk).update(state=state)
    case = port_out.report(
        number.tn, way="person", words="Fax of Other Telecom", actor=operator, state="requested"
    )
    number.refresh_from_db()
    assert (number.state, number.previous_state) == ("port_out", state)
    port_out.move(case, "rejected", actor=operator, reject_code="wrong_pin")
    port_out.move(case, "closed", actor=operator)
    number.refresh_from_db()
    assert number.state == state


def test_a_suspended_number_that_left_is_filed_as_gone(number, operator):
    TelephoneNumber.objects.filter(pk=number.pk).update(state="suspended")
    case = port_out.report(number.tn, way="person", words="Seen", actor=operator)
    port_out.move(case, "completed", actor=operator)
    operations.follow_up(case, actor=operator, left_on=timezone.localdate())
    number.refresh_from_db()
    assert (number.state, number.customer) == ("ported_out", None)


def test_what_follows_is_shown_before_and_done_once(number, operator):
    case = port_out.report(number.tn, way="person", words="Seen", actor=operator)
    with pytest.raises(services.IllegalMove, match="not “Ported out” yet"):
        operations.follow_up(case, actor=operator, left_on=timezone.localdate())
    port_out.move(case, "completed", actor=operator)
    shown = {step.name: (step.is_needed, step.is_done) for step in port_out.steps(case)}
    assert shown == {
        "billing": (True, False),
        "e911": (False, False),
        "campaign": (False, False),
        "ported_out": (True, False),
    }
    operations.follow_up(case, actor=operator, left_on=timezone.localdate())
    operations.follow_up(case, actor=operator, left_on=timezone.localdate())
    number.refresh_from_db()
    case.refresh_from_db()
    assert (number.state, number.customer) == ("ported_out", None)
    assert number.assignments.get().until is not None
    assert case.is_followed_up
    assert not Job.objects.exists()


def test_a_record_for_emergencies_is_not_forgotten(number, operator):
    TelephoneNumber.objects.filter(pk=number.pk).update(e911_state="verified", state="port_out")
    case = port_out.report(number.tn, way="person", words="Seen", actor=operator)
    port_out.move(case, "completed", actor=operator)
    operations.follow_up(case, actor=operator, left_on=timezone.localdate())
    case.refresh_from_db()
    assert case.follow_up["e911"]["status"] in ("by_hand", "open")
    assert case.is_followed_up is (case.follow_up["e911"]["status"] == "by_hand")


def test_customers_see_no_suspicion_and_nothing_of_others(number, alice, charlie, operator):
    case = port_out.report(number.tn, way="person", words="Seen", actor=operator)
    assert not PortOut.objects.visible_to(alice).exists()
    port_out.move(case, "requested", actor=operator)
    assert PortOut.objects.visible_to(alice).count() == 1
    assert not PortOut.objects.visible_to(charlie).exists()


def test_a_number_that_is_not_ours_opens_nothing():
    assert port_out.report("+13125550199", way="person", words="?", actor=None) is None


def test_pins_are_set_where_a_provider_has_them(voicetel, operator, run_jobs, sandbox):
    tns = ["+12125554601", "+12125554602"]
    for tn in tns:
        sandbox.control(
            "number", provider="voicetel", tn=tn[2:], status="owned", account="2125550100"
        )
        factories.make_tn(tn, account=voicetel)
    factories.make_tn("+13125554603", account=factories.make_account("voip_innovations"))
    group = operations.set_pins([*tns, "+13125554603"], actor=operator, key="pins")
    run_jobs()
    group.refresh_from_db()
    assert (group.status, group.done_count) == ("succeeded", 2)
    assert operations.set_pins(tns, actor=operator, key="pins") == group


@pytest.mark.parametrize(
    ("to", "state", "left"), [("cancelled", "completed", True), ("completed", "cancelled", False)]
)
def test_a_snapback_opens_a_port_out_that_ends_with_it(lakeside, operator, to, state, left):
    order = factories.make_port("+13125550143", state="foc_set", customer=lakeside)
    services.follow(order, PortRecord(ref="AB12C", word="Complete", state=PortState.COMPLETED))
    services.move(order, "snapback_requested", actor=operator, reason="Wrong number")
    case = PortOut.objects.get()
    assert (case.tn, case.state) == ("+13125550143", "requested")
    services.move(order, to, actor=operator)
    case.refresh_from_db()
    assert case.state == state
    assert PortOut.objects.to_follow_up().exists() is left
    assert PortMail.objects.filter(event="completed").count() == 1


def test_a_number_goes_back_within_a_day_only(operator):
    order = factories.make_port(
        state="completed", completed_at=timezone.now() - timedelta(hours=25)
    )
    with pytest.raises(services.IllegalMove, match="within 24 hours only"):
        services.move(order, "snapback_requested", actor=operator)


def test_a_request_that_nobody_answers_counts_as_approved(number, operator):
    due = timezone.now() + timedelta(hours=24)
    case = port_out.report(
        number.tn, way="person", words="Fax", actor=operator, state="requested", answer_due_at=due
    )
    assert port_out.approve_by_time() == 0
    PortOut.objects.update(answer_due_at=timezone.now())
    keep_clocks()
    case.refresh_from_db()
    number.refresh_from_db()
    assert (case.state, number.state) == ("auto_approved", "port_out")
