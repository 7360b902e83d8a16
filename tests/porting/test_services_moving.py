"""Moving orders: the table, the guards, and what goes with a move."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.models import TelephoneNumber
from portal.models import AuditEntry
from portal.providers.dto.porting import PortRecord, PortState
from porting import services
from porting.models import PortEvent, PortMail, PortOrder, ProviderWord
from tests import factories

pytestmark = pytest.mark.django_db


def word(text: str, state: PortState = PortState.UNKNOWN, **facts) -> PortRecord:
    return PortRecord(ref="AB12C", word=text, state=state, **facts)


def test_a_move_writes_history_audit_clock_and_summary(operator, lakeside):
    order = factories.make_port("+13125550142", customer=lakeside)
    number = factories.make_tn("+13125550142", state="released", account=order.account)
    services.move(order, "ready", actor=operator)
    number.refresh_from_db()
    event = order.events.get()
    assert (order.state, order.previous_state) == ("ready", "draft")
    assert (event.before, event.after, event.source) == ("draft", "ready", "us")
    assert order.sla_due_at > timezone.now()
    assert order.lines.get().is_open
    assert number.port_state == "ready"
    assert AuditEntry.objects.filter(verb="porting.port.ready", object_id=order.pk).exists()


def test_what_is_missing_is_said_and_nothing_moves(operator):
    order = factories.make_port(account_number="", loa_signed_on=None)
    with pytest.raises(services.IllegalMove, match="Fill in the account number"):
        services.move(order, "ready", actor=operator)
    order.refresh_from_db()
    assert order.state == "draft"
    assert not order.events.exists()


def test_a_number_stands_on_one_open_order_only(operator):
    first = factories.make_port("+13125550142")
    second = factories.make_port("+13125550142")
    services.move(first, "ready", actor=operator)
    with pytest.raises(services.IllegalMove, match=f"is on Port {first.pk} already"):
        services.move(second, "ready", actor=operator)
    services.move(first, "draft", actor=operator)
    services.move(second, "ready", actor=operator)
    assert second.state == "ready"


def test_a_move_that_is_not_in_the_table_is_refused(operator):
    order = factories.make_port()
    with pytest.raises(services.IllegalMove, match="cannot become “Completed”"):
        services.move(order, "completed", actor=operator)


def test_a_date_within_the_freeze_window_cannot_be_changed(operator):
    order = factories.make_port(state="foc_set", foc_date=timezone.localdate())
    with pytest.raises(services.IllegalMove, match="nothing can be"):
        services.move(order, "supplement_sent", actor=operator)
    order.foc_date += timedelta(days=5)
    order.save()
    services.move(order, "supplement_sent", actor=operator)
    assert order.state == "supplement_sent"


def test_what_lies_between_two_looks_is_passed_step_by_step(lakeside):
    order = factories.make_port("+13125550142", state="submitted", customer=lakeside)
    day = timezone.localdate() + timedelta(days=6)
    passed = services.follow(order, word("FOC Received", PortState.FOC_SET, foc_date=day))
    assert passed == ["with_losing_carrier", "foc_set"]
    assert (order.state, order.foc_date) == ("foc_set", day)
    assert order.lines.get().status == "foc_set"
    assert PortMail.objects.get(event="foc_set").status == "no_address"


def test_an_unknown_word_moves_nothing_and_is_counted(operator, admin):
    order = factories.make_port(state="submitted")
    assert services.follow(order, word("Gone fishing")) == []
    row = ProviderWord.objects.get()
    assert (order.state, order.is_word_known, row.seen_count) == ("submitted", False, 1)
    services.decide_word(row, "with_losing_carrier", actor=admin)
    order.refresh_from_db()
    assert (order.state, order.is_word_known) == ("with_losing_carrier", True)
    assert services.meaning_of("voicetel", "gone_FISHING", PortState.UNKNOWN) == (
        "with_losing_carrier"
    )


def test_a_word_of_an_earlier_step_moves_nothing_back():
    order = factories.make_port(state="foc_set", foc_date=timezone.localdate())
    assert services.follow(order, word("Submitted", PortState.SUBMITTED)) == []
    assert order.state == "foc_set"
    assert "does not follow" in order.word_note


def test_a_rejection_names_the_field_and_the_customer(lakeside):
    order = factories.make_port(state="submitted", customer=lakeside)
    told = word("Rejected", PortState.EXCEPTION, message="account number mismatch")
    services.follow(order, told)
    assert (order.state, order.reject_code) == ("exception", "account_number_mismatch")
    assert order.who_must_act == "customer"
    assert services.change_order(order, {"account_number": "77"}, actor=None) == ["account_number"]
    with pytest.raises(services.IllegalMove, match="cannot be changed now"):
        services.change_order(order, {"name": "Another"}, actor=None)


def test_a_completed_port_brings_its_numbers_into_the_inventory(lakeside):
    order = factories.make_port("+13125550142", "+13125550143", state="foc_set", customer=lakeside)
    services.follow(order, word("Complete", PortState.COMPLETED))
    numbers = TelephoneNumber.objects.filter(customer=lakeside)
    assert {number.state for number in numbers} == {"in_service"}
    assert {number.port_state for number in numbers} == {"completed"}
    assert order.snapback_until > timezone.now()
    assert set(order.lines.values_list("status", "is_open")) == {("activated", False)}


def test_a_canceled_port_leaves_no_number_behind(operator):
    order = factories.make_port("+13125550142", state="ready", price_accepted_at=timezone.now())
    services.move(order, "submitted", actor=operator)
    assert TelephoneNumber.objects.get().state == "port_in"
    services.follow(order, word("Canceled", PortState.CANCELLED))
    assert order.state == "cancelled"
    assert not TelephoneNumber.objects.exists()


def test_secrets_are_stored_encrypted_and_audited_without_their_text(operator):
    order = factories.make_port(pin="", account_number="")
    services.change_order(order, {"pin": "9876", "account_number": "ACC-55501"}, actor=operator)
    order = PortOrder.objects.get(pk=order.pk)
    entry = AuditEntry.objects.get(verb="porting.port.edited")
    raw = PortOrder.objects.filter(pk=order.pk).extra(select={"raw": "pin"}).values("raw").get()
    assert order.pin == "9876"
    assert "9876" not in str(raw)
    assert "9876" not in str(entry.after)
    assert "ACC-55501" not in str(entry.after)
    assert order.masked_account_number == "••••••501"


def test_a_date_that_moves_is_told_and_its_clock_starts_anew(lakeside):
    day = timezone.localdate() + timedelta(days=6)
    order = factories.make_port(state="submitted", customer=lakeside)
    services.follow(order, word("FOC Received", PortState.FOC_SET, foc_date=day))
    later = day + timedelta(days=3)
    services.follow(order, word("FOC Received", PortState.FOC_SET, foc_date=later))
    assert (order.foc_date, order.sla_due_at.astimezone().date()) == (later, later)
    assert order.events.filter(text__startswith="The date moved from").count() == 1
    assert PortMail.objects.filter(event="foc_set").count() == 2


def test_customers_see_no_words_of_providers_in_the_history(lakeside, alice, operator):
    order = factories.make_port(state="submitted", customer=lakeside)
    services.follow(
        order, word("Rejected", PortState.EXCEPTION, message="VoiceTel says: account mismatch")
    )
    services.move(order, "failed", actor=operator, reason="VoiceTel will not help")
    shown = [event.text for event in PortEvent.objects.visible_to(alice)]
    assert shown == ["Failed", "Rejected"]
    assert PortEvent.objects.visible_to(operator).filter(text__contains="VoiceTel").count() == 2
