"""Staging a list: what the mirror holds already goes as two words, and the outcome is the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from inventory import mirror, sync
from inventory.models import CarrierNumber
from inventory.operations.sync import sync_account
from inventory.staging import stage
from portal.models import Job, ProviderAccount
from portal.providers.dto import OwnedNumber
from portal.tn import TN
from tests.ledger.fake import fake

__all__ = ["fake"]

LISTED = [OwnedNumber(tn=TN(f"+13125550{n:03}"), tier="1", state_word="ours") for n in range(60)]
WORDS = st.text(st.characters(codec="utf-8"), max_size=6)
VALUES = st.recursive(
    st.none() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=3,
)


@pytest.fixture
def account(db, fake) -> ProviderAccount:
    return ProviderAccount.objects.create(
        slug="fake", name="Fake account", base_url="http://127.0.0.1:9", calls_per_minute=10_000
    )


@pytest.fixture
def synced(account, operator, run_jobs, fake) -> Job:
    fake.listed = list(LISTED)
    job = sync_account(account, actor=operator)
    run_jobs()
    job.refresh_from_db()
    assert job.result["imported"] == 60
    return job


def staged() -> tuple[int, int]:
    """Return how many rows are staged, and how many of them whole."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(state_word) FROM sync_stage")
        return cursor.fetchone()


def applied(account: ProviderAccount, job: Job, rows: list[OwnedNumber]) -> dict[str, int]:
    assert list(stage(account, rows)) == [len(rows)]
    with transaction.atomic():
        return sync.apply(account, job, force=False)


def test_only_what_the_mirror_does_not_hold_is_staged_whole(synced, account):
    CarrierNumber.objects.filter(tn=LISTED[7].tn).update(missing_count=1)
    CarrierNumber.objects.filter(tn=LISTED[8].tn).update(fingerprint="")
    CarrierNumber.objects.filter(tn=LISTED[9].tn).update(fingerprint="v1.0123456789abcdef01234567")
    new = OwnedNumber(tn=TN("+13125550199"))
    rows = [replace(LISTED[0], tier="2"), *LISTED[1:], new]
    assert list(stage(account, rows)) == [61]
    assert staged() == (61, 5)


def test_another_account_knows_nothing_of_it(synced, account):
    other = ProviderAccount.objects.create(slug="fake", name="Other", base_url="http://127.0.0.1:9")
    list(stage(other, LISTED))
    assert staged() == (60, 60)


def test_what_differs_is_written_and_nothing_else(synced, account):
    before = dict(CarrierNumber.objects.values_list("tn", "synced_at"))
    new = OwnedNumber(tn=TN("+13125550199"), tier="3")
    counts = applied(account, synced, [replace(LISTED[0], tier="2"), *LISTED[2:], new])
    told = {name: counts[name] for name in ("listed", "known", "new", "changed", "absent")}
    assert told == {"listed": 60, "known": 60, "new": 1, "changed": 1, "absent": 1}
    rows = {row.tn: row for row in CarrierNumber.objects.all()}
    assert (rows[LISTED[0].tn].tier, rows[new.tn].tier) == ("2", "3")
    assert rows[LISTED[1].tn].missing_count == 1
    assert rows[LISTED[2].tn].synced_at == before[LISTED[2].tn]


def test_a_row_that_was_staged_as_known_is_not_written_over(synced, account):
    """It was changed after the list was begun, by one who knows better; the next list tells more."""
    list(stage(account, LISTED))
    CarrierNumber.objects.filter(tn=LISTED[0].tn).update(fingerprint="", tier="9")
    CarrierNumber.objects.filter(tn=LISTED[1].tn).delete()
    with transaction.atomic():
        sync.apply(account, synced, force=False)
    assert CarrierNumber.objects.get(tn=LISTED[0].tn).tier == "9"
    assert not CarrierNumber.objects.filter(tn=LISTED[1].tn).exists()
    applied(account, synced, LISTED)
    assert CarrierNumber.objects.get(tn=LISTED[0].tn).tier == "1"
    assert CarrierNumber.objects.filter(tn=LISTED[1].tn, tier="1").exists()


@pytest.mark.parametrize("at", [0, 60])
def test_a_number_listed_twice_counts_once_whatever_it_says(synced, account, at):
    rows = list(LISTED)
    rows.insert(at, replace(LISTED[0], tier="2"))
    counts = applied(account, synced, rows)
    assert (counts["listed"], counts["new"], counts["absent"]) == (60, 0, 0)
    assert CarrierNumber.objects.filter(tn=LISTED[0].tn).count() == 1


@given(st.dictionaries(WORDS, VALUES, max_size=4), st.randoms())
def test_the_order_of_what_is_told_is_no_content(details, random):
    names = list(details)
    random.shuffle(names)
    other = {name: details[name] for name in names}
    one = replace(LISTED[0], details=details, values={"a": "1", "b": "2"})
    same = replace(LISTED[0], details=other, values={"b": "2", "a": "1"})
    assert mirror.digest(one) == mirror.digest(same)
    assert mirror.digest(one) != mirror.digest(replace(one, tn=LISTED[1].tn))
