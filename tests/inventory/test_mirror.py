"""The fingerprint of a mirror row: what it tells, its version, and the brake beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import mirror, sync
from inventory.mirror import MAPPING_VERSION, VERSION_MARK, fingerprint
from inventory.models import CarrierNumber
from inventory.operations.sync import sync_account
from portal.models import ProviderAccount
from portal.providers.custom_toll_free.mapping import numbers as custom_toll_free
from portal.providers.dto import OwnedNumber
from portal.providers.intelepeer.mapping import numbers as intelepeer
from portal.providers.voicetel.mapping import inventory as voicetel
from portal.providers.voip_innovations.mapping import inventory as voip_innovations
from portal.tn import TN
from tests.ledger.fake import fake

__all__ = ["fake"]

ONE = TN("+13125550101")
TEXTS = st.text(st.characters(exclude_characters="\x1f", codec="utf-8"), max_size=12)
# What the mappings make of one record of each provider: see the test that names it.
MAPPED = (4, "53687d7b82a5c529")


@given(st.lists(TEXTS, min_size=3, max_size=3), st.lists(TEXTS, min_size=3, max_size=3))
def test_fingerprints_are_the_same_only_for_the_same_answer(first, second):
    one, other = (
        fingerprint(OwnedNumber(tn=ONE, state_word=a, rate_center=b, values={"forward_to": c}))
        for a, b, c in (first, second)
    )
    assert (one == other) is (first == second)
    assert one.startswith(VERSION_MARK)
    assert len(one) == CarrierNumber._meta.get_field("fingerprint").max_length


def mapped() -> Iterator[OwnedNumber]:
    """Yield what each provider's mapping makes of a record that tells a good deal."""
    yield from voip_innovations.owned_numbers(
        [
            {
                "tn": "4355550101",
                "availability": "assigned",
                "status": "Number is assigned",
                "statuscode": "100",
                "tier": "1",
                "refid": "order-17",
                "failover": "4355550102",
                "forward": "4355550103",
                "cnamname": "ACME",
                "state": "UT",
                "ratecenter": "ST GEORGE",
                "didgroupid": "7",
                "network": "Onvoy",
                "endpointid": "13550",
                "cnam": "true",
                "cnamstorageactive": "true",
                "t38": "true",
            }
        ]
    )
    yield from voicetel.owned_numbers(
        [
            {
                "number": "2125550142",
                "route": 4,
                "gateway": "DID",
                "forward": True,
                "forwardTo": "2125550199",
                "smsEnabled": True,
                "cnam": True,
            }
        ]
    )
    package = {"packageID": "P1", "label": "Desk", "orderID": "O1", "media": {"sms": True}}
    yield intelepeer.owned_number(TN("+18005550101"), package | {"tier": "2"})
    record = {"number": "8005550101", "status": "WORKING", "lastactive": "2026-01-02"}
    row = custom_toll_free.number_row(record)
    assert row is not None
    yield custom_toll_free.owned_number(row)


def test_a_mapping_does_not_change_without_its_version():
    """Where this fails, a mapping gives other rows for the same reply: raise `MAPPING_VERSION`.

    Else the next list looks as if the provider had changed every number, and the brake stops it.
    Then put the new pair here.
    """
    told = [mirror.dump(mirror.mirror_values(owned)) for owned in mapped()]
    assert len(told) == 4
    assert (MAPPING_VERSION, hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]) == MAPPED


# --- The brake


@pytest.fixture
def account(db, fake) -> ProviderAccount:
    return ProviderAccount.objects.create(
        slug="fake", name="Fake account", base_url="http://127.0.0.1:9", calls_per_minute=10_000
    )


@pytest.fixture
def synced(account, operator, run_jobs, fake):
    """Return a function that lists numbers with these facts and syncs; it returns the job."""

    def run(*, count: int = 60, **facts):
        fake.listed = [OwnedNumber(tn=TN(f"+13125550{n:03}"), **facts) for n in range(count)]
        account.refresh_from_db()
        job = sync_account(account, actor=operator)
        run_jobs()
        job.refresh_from_db()
        return job

    return run


@pytest.fixture
def deploy(monkeypatch):
    """Return a function that has the code make fingerprints of another mapping version."""

    def to(version: int) -> None:
        for module in (mirror, sync):
            monkeypatch.setattr(module, "VERSION_MARK", f"v{version}.")

    return to


def test_a_changed_mapping_refreshes_every_row_and_pulls_no_brake(synced, deploy):
    synced(tier="1")
    deploy(MAPPING_VERSION + 1)
    job = synced(tier="1", values={"inbound_cnam": "true"})
    assert (job.status, job.result["changed"], job.result["refreshed"]) == ("succeeded", 0, 60)
    rows = CarrierNumber.objects.filter(values__inbound_cnam="true")
    assert rows.filter(fingerprint__startswith=f"v{MAPPING_VERSION + 1}.").count() == 60


def test_the_brake_judges_again_once_the_rows_are_refreshed(synced, deploy):
    synced(tier="1")
    deploy(MAPPING_VERSION + 1)
    synced(tier="1")
    job = synced(tier="2")
    assert (job.status, job.error_code) == ("failed", "too_much_would_change")
    assert "would change 60" in job.reason
    assert CarrierNumber.objects.filter(tier="1").count() == 60


def test_rows_from_before_versions_are_refreshed_too(synced):
    synced(tier="1")
    CarrierNumber.objects.update(fingerprint="0123456789abcdef0123456789abcdef")
    job = synced(tier="1")
    assert (job.status, job.result["changed"], job.result["refreshed"]) == ("succeeded", 0, 60)
    assert synced(tier="1").result["refreshed"] == 0


def test_a_changed_mapping_does_not_hide_that_numbers_are_gone(synced, deploy):
    synced(tier="1")
    deploy(MAPPING_VERSION + 1)
    job = synced(count=20, tier="1")
    assert job.error_code == "too_much_would_change"
    assert "no longer holds 40" in job.reason
