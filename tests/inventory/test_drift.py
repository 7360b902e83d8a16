"""The comparison: what becomes a finding, what stays one, and what ends it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.drift import compare as drift
from inventory.models import CarrierNumber, Finding, TelephoneNumber
from inventory.operations.sync import refresh_tn, sync_account
from inventory.services.drift import OPENED
from inventory.tasks import sync_due_accounts
from portal.models import AuditEntry, ProviderAccount
from portal.providers.dto import OwnedNumber, Ownership
from portal.tn import TN
from tests import factories
from tests.ledger.fake import fake

__all__ = ["fake"]

FIRST = "+13125550000"
THERE, ELSEWHERE = "+13125550177", "+13125550178"


@pytest.fixture
def account(db, fake) -> ProviderAccount:
    return factories.make_account("fake", name="Fake account", credentials={}, settings={})


@pytest.fixture
def sync(account, operator, run_jobs, fake):
    """Return a function that lists numbers and syncs; the first one's values can be given."""

    def run(*, count: int = 3, first: dict | None = None, route: str = ""):
        fake.listed = [OwnedNumber(tn=TN(f"+13125550{n:03}")) for n in range(count)]
        if count:
            fake.listed[0] = OwnedNumber(tn=TN(FIRST), values=first or {}, route_ref=route)
        account.refresh_from_db()
        job = sync_account(account, actor=operator)
        run_jobs()
        job.refresh_from_db()
        assert job.status == "succeeded", job.reason
        return job

    return run


def want(**values: str) -> TelephoneNumber:
    TelephoneNumber.objects.filter(tn=FIRST).update(wanted=values)
    return TelephoneNumber.objects.get(tn=FIRST)


def state() -> str:
    return TelephoneNumber.objects.get(tn=FIRST).sync_state


def test_a_value_that_differs_is_found_once_and_only_once(sync):
    sync(first={"forward_to": THERE})
    number = want(forward_to=THERE)
    sync(first={"forward_to": THERE})
    assert not Finding.objects.exists()
    job = sync(first={"forward_to": ELSEWHERE})
    finding = Finding.objects.get()
    assert (finding.kind, finding.field, finding.ours, finding.theirs, finding.status) == (
        "value",
        "forward_to",
        THERE,
        ELSEWHERE,
        "open",
    )
    assert (finding.number, finding.job, job.result["differing"]) == (number, job, 1)
    assert state() == "drifted"
    sync(first={"forward_to": ELSEWHERE})
    assert Finding.objects.get().pk == finding.pk
    told = AuditEntry.objects.get(verb=drift.DIFFERS)
    assert (told.object_text, told.before, told.after) == (
        str(number),
        {"forward_to": THERE},
        {"forward_to": ELSEWHERE},
    )
    assert told.customer is None  # no customer reads of it


def test_it_vanishes_by_itself_when_both_are_equal_again(sync):
    sync(first={"forward_to": THERE})
    want(forward_to=THERE)
    sync(first={"forward_to": ELSEWHERE})
    sync(first={"forward_to": THERE})
    finding = Finding.objects.get()
    assert (finding.status, state()) == ("vanished", "in_sync")
    assert finding.closed_at is not None
    assert AuditEntry.objects.filter(verb=drift.AGREES).count() == 1
    sync(first={"forward_to": ELSEWHERE})
    assert Finding.objects.live().count() == 1
    assert Finding.objects.count() == 2


def test_the_spelling_of_a_provider_is_no_difference(sync):
    sync()
    want(forward_to=THERE, cnam_name="ACME INC", translated_to="", inbound_cnam="true")
    told = {
        "forward_to": "312-555-0177",
        "cnam_name": "Acme  Inc ",
        "translated_to": "13125550000",
        "inbound_cnam": "True",
    }
    sync(first=told)
    assert not Finding.objects.exists()


def test_what_a_provider_does_not_tell_is_no_difference(sync):
    sync()
    want(forward_to=THERE, route="13550", port_out_pin="set", of_old="x")
    sync(first={"port_out_pin": "1234", "of_old": "y"})
    assert not Finding.objects.exists()


def test_a_route_that_differs_is_found(sync):
    sync(route="13550")
    want(route="13550")
    sync(route="13551")
    finding = Finding.objects.get()
    assert (finding.field, finding.ours, finding.theirs) == ("route", "13550", "13551")


@pytest.mark.parametrize("unsettled", drift.UNSETTLED)
def test_nothing_is_said_while_a_change_is_on_its_way(sync, unsettled):
    sync(first={"forward_to": ELSEWHERE})
    want(forward_to=THERE)
    TelephoneNumber.objects.filter(tn=FIRST).update(sync_state=unsettled)
    sync(first={"forward_to": ELSEWHERE})
    assert not Finding.objects.exists()
    TelephoneNumber.objects.filter(tn=FIRST).update(sync_state="in_sync")
    sync(first={"forward_to": ELSEWHERE})
    TelephoneNumber.objects.filter(tn=FIRST).update(sync_state=unsettled)
    sync(first={"forward_to": THERE})
    assert Finding.objects.get().status == "open"  # until the change is settled
    assert state() == unsettled


def test_a_list_does_not_undo_what_was_told_of_one_number_after_it_was_begun(
    sync, fake, account, monkeypatch
):
    sync(first={"forward_to": ELSEWHERE})
    want(forward_to=THERE)
    listed = fake.list_owned

    def list_slowly(self):
        yield from listed(self)
        CarrierNumber.objects.filter(tn=FIRST).update(
            values={"forward_to": THERE}, fingerprint="", synced_at=timezone.now()
        )

    monkeypatch.setattr(fake, "list_owned", list_slowly)
    sync(first={"forward_to": ELSEWHERE})
    assert CarrierNumber.objects.get(tn=FIRST).values == {"forward_to": THERE}
    assert not Finding.objects.exists()


# --- Ignored


@pytest.fixture
def ignored(sync) -> Finding:
    """Return a finding that is ignored for a week."""
    sync(first={"forward_to": THERE})
    want(forward_to=THERE)
    sync(first={"forward_to": ELSEWHERE})
    Finding.objects.update(
        status="ignored", ignored_until=timezone.localdate() + timedelta(days=7), reason="Theirs"
    )
    sync(first={"forward_to": ELSEWHERE})
    return Finding.objects.get()


def test_an_ignored_one_stays_so_and_its_number_says_so(ignored):
    assert (ignored.status, ignored.reason, state()) == ("ignored", "Theirs", "ignored")


def test_it_opens_again_when_the_value_changes(ignored, sync):
    sync(first={"forward_to": ""})
    ignored.refresh_from_db()
    assert (ignored.status, ignored.theirs, ignored.ignored_until) == ("open", "", None)
    assert state() == "drifted"


def test_it_opens_again_when_its_day_has_come(ignored, sync):
    Finding.objects.update(ignored_until=timezone.localdate())
    job = sync(first={"forward_to": ELSEWHERE})
    assert (Finding.objects.get().status, state()) == ("open", "drifted")
    told = AuditEntry.objects.get(verb=OPENED)
    assert (told.object_id, told.actor_name, told.job) == (ignored.number_id, "Numberdesk", job)
    assert told.after == {"difference": "forward_to"}


def test_its_day_comes_without_a_sync_too(ignored, account):
    ProviderAccount.objects.update(next_sync_at=timezone.now() + timedelta(days=1))
    sync_due_accounts()
    assert (Finding.objects.get().status, state()) == ("ignored", "ignored")
    Finding.objects.update(ignored_until=timezone.localdate())
    sync_due_accounts()
    assert (Finding.objects.get().status, state()) == ("open", "drifted")
    assert AuditEntry.objects.get(verb=OPENED).object_id == ignored.number_id


def test_it_vanishes_when_both_are_equal_again(ignored, sync):
    sync(first={"forward_to": THERE})
    assert (Finding.objects.get().status, state()) == ("vanished", "in_sync")


# --- Unknown here, and missing there


def test_a_number_that_we_lack_is_found_until_it_is_here(sync):
    sync(count=3)
    job = sync(count=4)
    finding = Finding.objects.get()
    assert (finding.kind, finding.tn, finding.number) == ("unknown_here", "+13125550003", None)
    assert job.result["unknown_here"] == 1
    sync(count=3)
    assert Finding.objects.get().status == "vanished"


def test_a_number_is_missing_after_two_lists_and_found_again(sync):
    sync(count=4)
    sync(count=3)
    assert not Finding.objects.exists()
    sync(count=3)
    finding = Finding.objects.get()
    assert (finding.kind, finding.tn, finding.ours) == ("missing", "+13125550003", "stock")
    sync(count=4)
    assert Finding.objects.get().status == "vanished"


def test_an_answer_about_one_number_finds_it_missing_too(sync, fake, operator, run_jobs):
    sync(first={"forward_to": ELSEWHERE})
    number = want(forward_to=THERE)
    fake.ownership = {FIRST: Ownership.FOREIGN}
    refresh_tn(number, actor=operator)
    run_jobs()
    assert set(Finding.objects.values_list("kind", "status")) == {
        ("value", "open"),
        ("missing", "open"),
    }
    fake.ownership = {FIRST: Ownership.OURS}
    refresh_tn(number, actor=operator)
    run_jobs()
    assert set(Finding.objects.values_list("kind", "status")) == {
        ("value", "open"),
        ("missing", "vanished"),
    }
    assert state() == "drifted"  # the answer did not tell the forward


def test_the_database_takes_no_second_live_finding(sync, account):
    sync(count=3)
    sync(count=4)
    known = Finding.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.create(
            account=account,
            tn=known.tn,
            kind=known.kind,
            first_seen_at=timezone.now(),
            last_seen_at=timezone.now(),
        )


# --- Whatever happens


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", THERE, ELSEWHERE]),  # what we want
            st.sampled_from(["", THERE, ELSEWHERE]),  # what the provider tells
            st.sampled_from(["", "ignored", "repairing"]),  # what a person does then
        ),
        min_size=1,
        max_size=6,
    )
)
def test_findings_say_what_differs_now_and_make_legal_moves_only(account, steps):
    Finding.objects.all().delete()
    TelephoneNumber.objects.all().delete()
    CarrierNumber.objects.all().delete()
    factories.make_tn(FIRST, account=account, sync_state="in_sync")
    mirror = CarrierNumber.objects.create(account=account, tn=FIRST)
    for ours, theirs, deed in steps:
        want(forward_to=ours)
        mirror.values = {"forward_to": theirs}
        mirror.save()
        before = dict(Finding.objects.values_list("pk", "status"))
        with transaction.atomic():
            drift.compare(account)
        for finding in Finding.objects.filter(pk__in=before):
            was = before[finding.pk]
            assert finding.status == was or finding.status in Finding.MOVES[was]
        live = Finding.objects.live()
        assert [(f.ours, f.theirs) for f in live] == ([(ours, theirs)] if ours != theirs else [])
        word = (
            "in_sync" if ours == theirs else "ignored" if live[0].status == "ignored" else "drifted"
        )
        assert state() == word
        if deed:
            tomorrow = timezone.localdate() + timedelta(days=1)
            live.filter(status="open").update(
                status=deed, ignored_until=tomorrow if deed == "ignored" else None
            )


# --- Held at one account, listed at another


@pytest.fixture
def other(db) -> ProviderAccount:
    """Return the account at which we hold a number that the synced one lists."""
    return factories.make_account("voicetel", name="Other account")


def test_a_number_of_another_account_is_found_until_it_is_listed_no_more(sync, other, account):
    number = factories.make_tn("+13125550002", account=other)
    before = number.sync_state
    job = sync(count=3)
    finding = Finding.objects.get()
    assert (finding.kind, finding.account, finding.number, finding.ours, finding.theirs) == (
        "also_listed",
        account,
        number,
        "Other account",
        "Fake account",
    )
    assert (job.result["also_listed"], job.result["unknown_here"]) == (1, 0)
    told = AuditEntry.objects.get(verb=drift.DIFFERS)
    assert (told.object_text, told.after) == (str(number), {"also_listed": "Fake account"})
    number.refresh_from_db()
    assert (number.account, number.sync_state) == (other, before)
    sync(count=3)
    assert Finding.objects.get().status == "open"
    sync(count=2)
    assert Finding.objects.get().status == "vanished"


@pytest.mark.parametrize("on_its_way", ["purchasing", "port_in", "releasing"])
def test_a_number_on_its_way_between_accounts_is_no_finding(sync, other, on_its_way):
    factories.make_tn("+13125550002", account=other, state=on_its_way)
    sync(count=3)
    assert not Finding.objects.exists()


def test_what_was_given_back_there_is_unknown_here_then(sync, other):
    factories.make_tn("+13125550002", account=other)
    sync(count=3)
    TelephoneNumber.objects.filter(account=other).update(state="released")
    sync(count=3)
    assert set(Finding.objects.values_list("kind", "status")) == {
        ("also_listed", "vanished"),
        ("unknown_here", "open"),
    }


def test_the_answer_about_one_number_finds_it_too(sync, other, account):
    sync(count=2)
    number = factories.make_tn("+13125550099", account=other)
    CarrierNumber.objects.create(account=account, tn=number.tn, synced_at=timezone.now())
    with transaction.atomic():
        assert drift.compare(account, tns=[number.tn]).also_listed == 1
    assert Finding.objects.get().number == number
