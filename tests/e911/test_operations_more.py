"""Alerts, kept addresses and history over a real socket."""

from __future__ import annotations

import pytest

from e911 import operations
from e911.models import AlertContact, EmergencyRecord, KeptLocation, ProvisioningTry
from portal.jobs import NotAccepted
from portal.models import Job
from tests.e911.conftest import OAK


@pytest.fixture
def record(held, checked, operator, run_jobs) -> EmergencyRecord:
    """Return a verified record at VoIP Innovations."""
    (number,) = held()
    operations.provision(checked(number), numbers=[number], actor=operator)
    run_jobs()
    return EmergencyRecord.objects.get(tn=number.tn)


def test_alerts_are_added_read_and_removed(record, operator, run_jobs):
    operations.add_alert(record, email="desk@example.net", actor=operator)
    assert AlertContact.objects.get().state == "adding"
    run_jobs()
    operations.add_alert(record, email="3125550123@vtext.com", actor=operator)
    run_jobs()
    phone = AlertContact.objects.get(kind="phone")
    assert (phone.phone, phone.gateway, phone.state) == ("+13125550123", "verizon", "active")
    AlertContact.objects.get(kind="email").delete()
    operations.read_alerts(record, actor=operator)
    run_jobs()
    contact = AlertContact.objects.get(kind="email")
    assert contact.state == "active"
    operations.remove_alert(contact, actor=operator)
    run_jobs()
    assert list(AlertContact.objects.values_list("kind", flat=True)) == ["phone"]
    operations.remove_alerts(record, actor=operator)
    run_jobs()
    assert not AlertContact.objects.exists()


def test_an_alert_that_is_there_already_is_no_failure(record, operator, run_jobs):
    for _ in range(2):
        job = operations.add_alert(record, email="desk@example.net", actor=operator)
        run_jobs()
    job.refresh_from_db()
    assert job.status == "succeeded"
    assert AlertContact.objects.get().state == "active"


def test_a_bad_alert_address_says_why(record, operator, run_jobs):
    operations.add_alert(record, email="no address", actor=operator)
    run_jobs()
    contact = AlertContact.objects.get()
    assert contact.state == "refused"
    assert "not a mail address" in contact.reason


def test_alerts_need_a_record_that_is_set(held, operator):
    (number,) = held()
    record = EmergencyRecord.objects.create(
        account=number.account, tn=number.tn, number=number, state_since=number.state_since
    )
    with pytest.raises(NotAccepted, match="no E911 record"):
        operations.add_alert(record, email="desk@example.net", actor=operator)


def test_kept_addresses_are_listed_added_used_and_forgotten(record, checked, operator, run_jobs):
    check = checked(record.number, lines=OAK)
    operations.add_location(record, check, actor=operator)
    run_jobs()
    added = KeptLocation.objects.get()
    assert (added.state, added.address1) == ("geocoded", "7 OAK AVE")
    operations.read_locations(record, actor=operator)
    run_jobs()
    assert set(KeptLocation.objects.values_list("state", flat=True)) == {"geocoded", "provisioned"}

    operations.provision_location(KeptLocation.objects.get(state="geocoded"), actor=operator)
    run_jobs()
    record.refresh_from_db()
    assert (record.state, record.accepted_address1) == ("verified", "7 OAK AVE")
    assert record.accepted_by == operator

    operations.read_locations(record, actor=operator)
    run_jobs()
    active = KeptLocation.objects.get(state="provisioned")
    with pytest.raises(NotAccepted, match="911 would go off"):
        operations.remove_location(active, actor=operator)
    operations.remove_location(KeptLocation.objects.get(state="geocoded"), actor=operator)
    run_jobs()
    assert list(KeptLocation.objects.values_list("address1", flat=True)) == ["7 OAK AVE"]


def test_the_history_is_kept_newest_first(record, checked, operator, run_jobs):
    operations.provision(checked(record.number, lines=OAK), numbers=[record.number], actor=operator)
    run_jobs()
    operations.read_history(record, actor=operator)
    run_jobs()
    tries = list(ProvisioningTry.objects.values_list("position", "address1"))
    assert tries == [(0, "7 OAK AVE"), (1, "12 N MAIN ST")]
    assert not Job.objects.open().exists()
