"""Addresses over a real socket: checked, set, changed, read back, removed, at both providers."""

from __future__ import annotations

import pytest

from e911 import operations
from e911.models import AddressCheck, CarrierRecord, EmergencyRecord
from portal.jobs import NotAccepted
from tests.e911.conftest import BAD, MAIN, OAK

SLUGS = ["voip_innovations", "voicetel"]


@pytest.fixture
def provisioned(held, checked, operator, run_jobs):
    """Return a function that puts an address on a fresh number and gives its record."""

    def put(slug: str) -> EmergencyRecord:
        (number,) = held(slug)
        operations.provision(checked(number), numbers=[number], actor=operator)
        run_jobs()
        return EmergencyRecord.objects.get(tn=number.tn)

    return put


@pytest.mark.parametrize("slug", SLUGS)
def test_an_address_is_checked_set_and_verified(provisioned, slug):
    record = provisioned(slug)
    mirror = CarrierRecord.objects.get(tn=record.tn)
    assert record.state == "verified"
    assert record.verified_by == "query"
    assert mirror.key == record.accepted_key
    assert mirror.address1 == "12 N MAIN ST"
    assert record.number.e911_state == "verified"


@pytest.mark.parametrize("slug", SLUGS)
def test_a_bad_address_is_told_and_cannot_be_set(held, checked, operator, slug):
    (number,) = held(slug)
    check = checked(number, lines=BAD)
    record = EmergencyRecord.objects.get(tn=number.tn)
    assert check.verdict == "invalid"
    assert record.state == "invalid"
    with pytest.raises(NotAccepted, match="not found valid"):
        operations.provision(check, numbers=[number], actor=operator)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_change_replaces_the_old_address(provisioned, checked, operator, run_jobs, slug):
    record = provisioned(slug)
    check = checked(record.number, lines=OAK)
    record.refresh_from_db()
    assert record.state == "verified"  # the old one stays until the new one is set
    operations.provision(check, numbers=[record.number], actor=operator)
    record.refresh_from_db()
    assert record.state == "changing"
    assert record.last_valid_lines.address1.upper().startswith("12 N")
    run_jobs()
    record.refresh_from_db()
    assert record.state == "verified"
    assert record.accepted.address1.upper() == check.result.address1.upper()
    assert record.last_valid == {}


@pytest.mark.parametrize("slug", SLUGS)
def test_what_is_set_can_be_removed_and_restored(provisioned, operator, run_jobs, slug):
    record = provisioned(slug)
    with pytest.raises(NotAccepted, match="Say why"):
        operations.remove([record], actor=operator)
    operations.remove([record], actor=operator, reason="The line is gone.")
    run_jobs()
    record.refresh_from_db()
    assert record.state == "removed"
    assert not CarrierRecord.objects.filter(tn=record.tn).exists()
    operations.restore([record], actor=operator)
    run_jobs()
    record.refresh_from_db()
    assert record.state == "verified"
    assert record.accepted.address1.upper().startswith("12 N")


def test_a_suggestion_must_be_accepted(held, checked, operator):
    (number,) = held("voicetel")
    check = checked(number, accepts=False)
    assert check.verdict == "valid"  # the same place in the provider's spelling
    assert check.suggested.address1 == "12 N MAIN ST"
    AddressCheck.objects.filter(pk=check.pk).update(
        verdict="suggested", suggested_address1="14 N MAIN ST"
    )
    check.refresh_from_db()
    with pytest.raises(NotAccepted, match="Accept the provider"):
        operations.provision(check, numbers=[number], actor=operator)


def test_reading_finds_what_somebody_else_set(provisioned, operator, run_jobs, sandbox):
    record = provisioned("voip_innovations")
    assert str(MAIN.zip) == record.accepted_zip
    operations.read([record], actor=operator)
    run_jobs()
    record.refresh_from_db()
    assert record.state == "verified"
