"""Full lists over a real socket: the first, one that changes nothing, what somebody else changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from e911 import operations, services
from e911.models import CarrierRecord, Difference, EmergencyRecord, Standing
from e911.services import standings
from inventory.models import TelephoneNumber
from inventory.operations.sync import sync_account
from portal.models import AuditEntry, Job
from tests.e911.conftest import OAK
from tests.factories import make_account, make_customer
from tests.portal.pages import text_of


@pytest.fixture
def listed(sandbox, db, operator, run_jobs):
    """Return a function that brings in the numbers of an account and then its list."""

    def bring(slug: str = "voip_innovations"):
        account = make_account(slug, base_url=sandbox.url)
        sync_account(account, actor=None)
        run_jobs()
        customer = make_customer()
        TelephoneNumber.objects.filter(account=account).update(
            state="in_service", customer=customer
        )
        job = operations.sync_records(account, actor=operator)
        run_jobs()
        job.refresh_from_db()
        return account, job

    return bring


def test_the_first_list_brings_records_and_orphans(listed):
    account, job = listed()
    assert job.status == "succeeded", job.reason
    states = set(EmergencyRecord.objects.values_list("state", flat=True))
    assert states == {"provisioned", "orphan"}
    off_net = EmergencyRecord.objects.filter(number=None)
    assert off_net.count() == EmergencyRecord.objects.orphans().count() == job.result["orphans"]
    assert CarrierRecord.objects.filter(account=account).count() == job.result["imported"]
    found = AuditEntry.objects.filter(verb="e911.record.found").count()
    assert found == job.result["imported"] - off_net.count()
    record = EmergencyRecord.objects.filter(state="provisioned")[0]
    assert record.accepted_at is None  # nobody has accepted it
    assert record.number.e911_state == "provisioned"
    assert Standing.objects.get(tn=record.tn).bucket == Standing.Bucket.UNCONFIRMED


def test_the_same_list_again_changes_nothing(listed, operator, run_jobs):
    account, _ = listed()
    before = list(EmergencyRecord.objects.values())
    entries = AuditEntry.objects.exclude(verb__startswith="e911.sync").count()
    job = operations.sync_records(account, actor=operator)
    run_jobs()
    job.refresh_from_db()
    counts = {name: job.result[name] for name in ("new", "changed", "absent", "imported", "moved")}
    assert counts == dict.fromkeys(counts, 0)
    assert list(EmergencyRecord.objects.values()) == before
    assert AuditEntry.objects.exclude(verb__startswith="e911.sync").count() == entries


def test_what_is_adopted_is_verified_and_a_change_of_others_is_a_difference(
    listed, sandbox, operator, run_jobs
):
    account, _ = listed()
    record = EmergencyRecord.objects.filter(state="provisioned")[0]
    services.adopt(record, reason="It is right.", actor=operator)
    record.refresh_from_db()
    assert (record.state, record.accepted_by) == ("verified", operator)

    EmergencyRecord.objects.filter(pk=record.pk).update(
        accepted_address1="1 ELSEWHERE ST", accepted_key="1 ELSEWHERE ST|X|IL|60601|"
    )
    operations.sync_records(account, actor=operator)
    run_jobs()
    record.refresh_from_db()
    difference = Difference.objects.get(kind="address")
    assert (record.state, record.differs, difference.status) == ("provisioned", True, "open")
    assert difference.ours.startswith("1 ELSEWHERE ST")
    assert Standing.objects.get(tn=record.tn).bucket == Standing.Bucket.CHANGED

    services.adopt(record, reason="Theirs is right.", actor=operator)
    difference.refresh_from_db()
    record.refresh_from_db()
    assert (record.state, record.differs, difference.status) == ("verified", False, "vanished")


@pytest.fixture
def verified(held, checked, operator, run_jobs):
    """Return a verified record at VoIP Innovations."""
    (number,) = held()
    operations.provision(checked(number), numbers=[number], actor=operator)
    run_jobs()
    return EmergencyRecord.objects.get(tn=number.tn)


def test_ours_can_be_pushed_where_it_differs(verified, checked, operator, run_jobs):
    check = checked(verified.number, lines=OAK)
    EmergencyRecord.objects.filter(pk=verified.pk).update(
        accepted_address1=check.result.address1,
        accepted_address2="",
        accepted_zip=OAK.zip,
        accepted_key="7 OAK AVE|CHICAGO|IL|60602|EXAMPLE LLC",
    )
    operations.sync_records(verified.account, actor=operator)
    run_jobs()
    verified.refresh_from_db()
    assert verified.differs
    operations.push([verified], actor=operator)
    assert Difference.objects.get().status == "repairing"
    run_jobs()
    verified.refresh_from_db()
    assert (verified.state, verified.differs) == ("verified", False)
    assert Difference.objects.get().status == "fixed"
    assert CarrierRecord.objects.get(tn=verified.tn).address1 == "7 OAK AVE"


def test_a_record_that_a_list_lacks_is_asked_about_and_raises_the_alarm(
    verified, sandbox, operator, run_jobs, mailoutbox, django_capture_on_commit_callbacks
):
    from portal import providers

    # Somebody removes it at the provider's own site.
    class Quiet:
        def __getattr__(self, name):
            return lambda *args, **kwargs: None

    provider = providers.get(verified.account.as_account(), Quiet())
    provider.remove_e911(verified.number.value)
    with django_capture_on_commit_callbacks(execute=True):
        operations.sync_records(verified.account, actor=operator)
    with django_capture_on_commit_callbacks(execute=True):
        run_jobs()
    with django_capture_on_commit_callbacks(execute=True):
        run_jobs()
    verified.refresh_from_db()
    assert Job.objects.filter(kind="e911.read").count() == 1
    assert (verified.state, verified.is_location_lost) == ("removed", True)
    assert verified.number.e911_state == "removed"
    assert Standing.objects.get(tn=verified.tn).bucket == Standing.Bucket.LOST
    assert [mail.to for mail in mailoutbox] == [[operator.email]]
    operations.restore([verified], actor=operator)
    run_jobs()
    verified.refresh_from_db()
    assert (verified.state, verified.is_location_lost) == ("verified", False)


def test_a_record_is_an_orphan_when_its_number_leaves_and_no_more_when_it_is_back(
    verified, operator
):
    TelephoneNumber.objects.filter(pk=verified.number_id).update(state="aging", customer=None)
    standings.rebuild()
    verified.refresh_from_db()
    assert verified.state == "orphan"
    assert not Standing.objects.filter(tn=verified.tn).exists()
    TelephoneNumber.objects.filter(pk=verified.number_id).update(
        state="in_service", customer=verified.customer
    )
    standings.rebuild()
    verified.refresh_from_db()
    assert verified.state == "verified"
    assert verified.number.e911_state == "verified"


def test_an_orphan_can_be_kept_on_purpose_or_removed(verified, operator, run_jobs):
    TelephoneNumber.objects.filter(pk=verified.number_id).update(state="aging", customer=None)
    standings.rebuild()
    services.keep_on_purpose(verified, reason="It comes back.", actor=operator)
    standings.rebuild()
    verified.refresh_from_db()
    assert verified.state == "verified"
    operations.remove([verified], actor=operator, reason="Not after all.")
    run_jobs()
    verified.refresh_from_db()
    assert verified.state == "removed"


def test_another_customer_does_not_see_what_the_first_gave(verified, charlie, run_jobs):
    mine = verified.customer
    TelephoneNumber.objects.filter(pk=verified.number_id).update(customer=charlie.customer)
    standings.rebuild()
    verified.refresh_from_db()
    assert verified.customer == mine
    assert not EmergencyRecord.objects.visible_to(charlie).exists()
    assert Standing.objects.get(tn=verified.tn).bucket == Standing.Bucket.CHANGED


def test_the_brake_of_one_account_is_overruled_by_an_administrator_alone(
    listed, operator, admin, client_for, run_jobs
):
    account, _ = listed()
    mirror = CarrierRecord.objects.filter(account=account)[0]
    for n in range(60):  # more than the list holds
        mirror.pk, mirror.tn = None, f"+1312555{9000 + n}"
        mirror.synced_at = timezone.now() - timedelta(hours=1)
        mirror.save()
    job = operations.sync_records(account, actor=operator)
    run_jobs()
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "too_much_would_change")
    assert job.result["absent"] == 60
    assert "ask an administrator" in text_of(client_for(operator).get(f"/jobs/{job.pk}/"))
    assert "apply it all the same</button>" in text_of(client_for(admin).get(f"/jobs/{job.pk}/"))
    forced = {"account": account.pk, "force": "1"}
    assert client_for(operator).post("/e911/sync/", forced).status_code == 403
    client_for(admin).post("/e911/sync/", forced)
    run_jobs()
    job = Job.objects.filter(kind="e911.sync").latest("pk")
    assert (job.status, job.result["absent"]) == ("succeeded", 60)
