"""Customers: their own records only, a sentence that they confirm, and a copy by mail."""

from __future__ import annotations

import pytest
from django.utils import timezone

from e911 import gaps, operations, services
from e911.addresses import parts_of
from e911.models import AddressCheck, AlertContact, CallTest, EmergencyRecord, Location, Standing
from portal.jobs import NotAccepted
from tests.e911.conftest import MAIN
from tests.e911.post import post  # noqa: F401 (a fixture)
from tests.factories import make_tn


@pytest.fixture
def number(post, lakeside):  # noqa: F811
    """Return a number of Lakeside in service."""
    return make_tn("+13125550142", account=post, customer=lakeside)


@pytest.fixture
def check(number, alice, run_jobs) -> AddressCheck:
    """Return a check that Alice asked for."""
    one = services.new_check(
        account=number.account,
        parts=parts_of(MAIN),
        caller_name="Lakeside Dental",
        customer=number.customer,
        numbers=[number],
        actor=alice,
    )
    operations.validate(one, actor=alice)
    run_jobs()
    one.refresh_from_db()
    return one


def test_a_customer_sets_his_own_after_confirming_the_sentence(
    number, check, alice, run_jobs, mailoutbox, django_capture_on_commit_callbacks
):
    with pytest.raises(NotAccepted, match="Confirm the sentence"):
        operations.provision(check, numbers=[number], actor=alice)
    check = services.accept(check, actor=alice, legal_text="This is where I am.")
    operations.provision(check, numbers=[number], actor=alice)
    with django_capture_on_commit_callbacks(execute=True):
        run_jobs()
    record = EmergencyRecord.objects.get()
    assert (record.state, record.accepted_by) == ("verified", alice)
    assert record.legal_text == "This is where I am."
    assert [mail.to for mail in mailoutbox] == [[alice.email]]
    assert "Lakeside Dental" in mailoutbox[0].body
    assert "Post" not in mailoutbox[0].body  # no provider is named


def test_a_member_and_a_stranger_may_not(number, check, bob, charlie):
    from django.core.exceptions import PermissionDenied

    check = services.accept(check, actor=bob, legal_text="This is where I am.")
    with pytest.raises(PermissionDenied):
        operations.provision(check, numbers=[number], actor=bob)
    with pytest.raises(NotAccepted, match="not in the inventory"):
        operations.provision(check, numbers=[number], actor=charlie)
    with pytest.raises(NotAccepted, match="no such address"):
        operations.validate(check, actor=charlie)


def test_nobody_sees_what_is_not_his(number, check, alice, charlie, operator):
    record = EmergencyRecord.objects.get()
    Location.objects.create(name="Practice", customer=number.customer)
    AlertContact.objects.create(record=record, customer=number.customer, email="a@example.net")
    CallTest.objects.create(
        record=record,
        customer=number.customer,
        tested_on=timezone.localdate(),
        person="Alice",
        result="correct",
    )
    gaps.refresh([number.pk])
    for model in (EmergencyRecord, AddressCheck, Location, AlertContact, CallTest, Standing):
        rows = model.objects.all()
        assert rows.visible_to(operator).count() == 1
        assert rows.visible_to(alice).count() == 1, model
        assert rows.visible_to(charlie).count() == 0, model
