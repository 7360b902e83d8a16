"""Sync: import, change, absence, the brake, and lists that break off."""

from __future__ import annotations

import pytest
from django.utils import timezone

from inventory import services
from inventory.models import CarrierNumber, CartLine, TelephoneNumber
from inventory.operations.order import place_order
from inventory.operations.sync import refresh_tn, sync_account
from inventory.sync import EXAMPLES
from inventory.tasks import sync_due_accounts
from portal.jobs.submit import new_key
from portal.models import AuditEntry, Job, ProviderAccount
from portal.providers.dto import OwnedNumber, Ownership
from portal.providers.errors import ProviderProtocolError
from portal.tasks import run_job
from portal.tn import TN
from tests.ledger.fake import fake

__all__ = ["fake"]


@pytest.fixture
def account(db, fake) -> ProviderAccount:
    return ProviderAccount.objects.create(
        slug="fake", name="Fake account", base_url="http://127.0.0.1:9", calls_per_minute=10_000
    )


def owned(count: int, **facts) -> list[OwnedNumber]:
    facts.setdefault("rate_center", "CHICAGO")
    return [OwnedNumber(tn=TN(f"+13125550{n:03}"), state="IL", **facts) for n in range(count)]


@pytest.fixture
def sync(account, operator, run_jobs):
    def run(*, actor=operator, **options):
        account.refresh_from_db()
        job = sync_account(account, actor=actor, **options)
        run_jobs()
        job.refresh_from_db()
        return job

    return run


def test_a_first_sync_imports_and_audits_each_number(sync, fake):
    fake.listed = owned(120)
    job = sync()
    assert (job.status, job.result["imported"], job.result["listed"]) == ("succeeded", 120, 120)
    number = TelephoneNumber.objects.get(tn="+13125550007")
    assert (number.state, number.npa, number.nxx, number.rate_center, number.sync_state) == (
        "stock",
        "312",
        "555",
        "CHICAGO",
        "in_sync",
    )
    entry = AuditEntry.objects.get(object_id=number.pk, verb="inventory.tn.imported")
    assert (entry.object_text, entry.job_id) == (str(number), job.pk)


def test_what_turns_up_later_is_a_finding_and_not_imported(sync, fake):
    fake.listed = owned(60)
    sync()
    fake.listed = owned(61)
    job = sync()
    assert (job.result["imported"], job.result["unknown_here"]) == (0, 1)
    assert TelephoneNumber.objects.count() == 60
    assert CarrierNumber.objects.count() == 61


def test_an_unchanged_list_writes_nothing(sync, fake):
    fake.listed = owned(60)
    sync()
    before = list(CarrierNumber.objects.values_list("tn", "synced_at"))
    job = sync()
    assert (job.result["changed"], job.result["new"]) == (0, 0)
    assert list(CarrierNumber.objects.values_list("tn", "synced_at")) == before


def test_a_changed_record_changes_the_mirror(sync, fake):
    fake.listed = owned(60)
    sync()
    fake.listed[3] = OwnedNumber(tn=fake.listed[3].tn, rate_center="CHICAGO", state="IL", tier="4")
    assert sync().result["changed"] == 1
    assert CarrierNumber.objects.get(tn=fake.listed[3].tn).tier == "4"


def test_missing_only_after_two_full_lists_and_back_when_found_again(sync, fake):
    fake.listed = owned(60)
    sync()
    lost = fake.listed.pop()
    number = TelephoneNumber.objects.get(tn=lost.tn)
    for expected in ("in_sync", "missing"):
        sync()
        number.refresh_from_db()
        assert number.sync_state == expected
    fake.listed.append(lost)
    sync()
    number.refresh_from_db()
    assert number.sync_state == "in_sync"
    assert CarrierNumber.objects.get(tn=lost.tn).missing_count == 0


def test_the_brake_stops_a_list_that_would_remove_too_much(sync, fake, account, admin):
    fake.listed = owned(100)
    sync()
    fake.listed = owned(60)
    job = sync()
    assert job.status == "failed"
    assert job.result["examples"] == {
        "changed": [],
        "absent": [f"+131255500{n}" for n in range(60, 60 + EXAMPLES)],
    }
    assert "no longer holds 40" in job.reason
    assert CarrierNumber.objects.filter(missing_count__gt=0).count() == 0
    job = sync(force=True, actor=admin)
    assert job.status == "succeeded"
    assert CarrierNumber.objects.filter(missing_count=1).count() == 40


def test_a_list_that_breaks_off_is_not_applied(sync, fake):
    fake.listed = owned(100)
    sync()
    fake.script = [ProviderProtocolError("the list broke off")]
    job = sync()
    assert (job.status, job.reason) == ("failed", "the list broke off")
    assert CarrierNumber.objects.filter(missing_count__gt=0).count() == 0


def test_an_empty_first_list_is_a_list(sync, fake):
    assert sync().result["listed"] == 0


def test_a_number_listed_twice_counts_once(sync, fake):
    fake.listed = owned(5) + owned(5)
    assert sync().result["imported"] == 5


def test_two_syncs_of_one_account_are_one_job(account, operator):
    assert sync_account(account, actor=operator) == sync_account(account, actor=None)


def test_refresh_writes_what_the_provider_says_of_one_number(
    sync, fake, operator, run_jobs, account
):
    fake.listed = owned(3)
    sync()
    number = TelephoneNumber.objects.get(tn="+13125550001")
    fake.ownership = {number.tn: Ownership.FOREIGN}
    refresh_tn(number, actor=operator)
    run_jobs()
    number.refresh_from_db()
    assert number.sync_state == "missing"
    assert "not ours" in number.sync_note
    fake.ownership = {number.tn: Ownership.OURS}
    refresh_tn(number, actor=operator)
    run_jobs()
    number.refresh_from_db()
    assert (number.sync_state, number.sync_note) == ("in_sync", "")


# --- What happens while a list is read, and between two lists


def test_a_large_order_does_not_pull_the_brake(sync, fake, account, operator, run_jobs):
    """What an order wrote of its numbers is less than the list tells, and nothing to be alarmed at."""
    fake.listed = owned(60)
    sync()
    bought = [f"+13125551{n:03}" for n in range(100)]
    lines = [CartLine.objects.create(user=operator, account=account, tn=tn) for tn in bought]
    place_order(lines, actor=operator, key=new_key())
    run_jobs()
    fake.listed += [OwnedNumber(tn=TN(tn), rate_center="CHICAGO", tier="2") for tn in bought]
    job = sync()
    assert job.status == "succeeded", job.reason
    assert CarrierNumber.objects.get(tn=bought[0]).tier == "2"


def test_what_is_bought_while_the_list_is_read_is_not_absent(sync, fake, account, monkeypatch):
    fake.listed = owned(3)
    sync()
    late = TN("+13125550200")

    def list_owned(self):
        yield from fake.listed
        services.upsert_mirror(account, OwnedNumber(tn=late))

    monkeypatch.setattr(fake, "list_owned", list_owned)
    sync()
    assert CarrierNumber.objects.get(tn=late).missing_count == 0


def test_what_is_given_back_while_the_list_is_read_is_no_finding(sync, fake, monkeypatch):
    fake.listed = owned(3)
    sync()
    gone = TelephoneNumber.objects.get(tn=fake.listed[0].tn)

    def list_owned(self):
        yield from fake.listed
        CarrierNumber.objects.filter(tn=gone.tn).delete()
        TelephoneNumber.objects.filter(pk=gone.pk).update(
            state="released", state_since=timezone.now()
        )

    monkeypatch.setattr(fake, "list_owned", list_owned)
    assert sync().result["unknown_here"] == 0
    assert not CarrierNumber.objects.filter(tn=gone.tn).exists()
    monkeypatch.undo()
    assert sync().result["unknown_here"] == 1  # the provider lists it still: now it is a finding


def test_a_sync_that_fails_is_tried_again_at_its_time_and_not_every_minute(
    account, fake, run_jobs, monkeypatch
):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)
    fake.listed = owned(3)
    fake.script = [ProviderProtocolError("the list broke off")]
    sync_due_accounts()
    run_jobs()
    assert Job.objects.get().status == "failed"
    sync_due_accounts()
    assert Job.objects.count() == 1
    ProviderAccount.objects.update(next_sync_at=timezone.now())
    sync_due_accounts()
    assert Job.objects.count() == 2


def test_a_nul_in_a_providers_text_does_not_stop_the_sync(sync, fake):
    fake.listed = [
        OwnedNumber(tn=TN("+13125550101"), label="Front\x00desk", details={"note": "a\x00b"})
    ]
    job = sync()
    assert (job.status, job.result["imported"]) == ("succeeded", 1)
    mirror = CarrierNumber.objects.get()
    assert (mirror.label, mirror.details) == ("Frontdesk", {"note": "ab"})


# --- After the brake was overruled


def test_what_an_administrator_let_go_does_not_pull_the_brake_again(sync, fake, admin):
    fake.listed = owned(100)
    sync()
    fake.listed = owned(60)
    sync(force=True, actor=admin)
    job = sync()
    assert job.status == "succeeded", job.reason
    assert job.result["found_here_only"] == 40
    fake.listed = owned(35)  # of the 60 that were left
    assert sync().error_code == "too_much_would_change"


def test_a_number_that_stays_away_is_counted_only_until_it_is_missing(sync, fake):
    fake.listed = owned(3)
    sync()
    gone = fake.listed.pop()
    for _ in range(4):
        sync()
    assert CarrierNumber.objects.get(tn=gone.tn).missing_count == 2
