"""What orders, holds, releases and refreshes write, in the cases that go another way than planned."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.models import CartLine, Order, TelephoneNumber
from inventory.operations.order import OrderTNs, place_order
from inventory.operations.release import ReleaseTNs, release
from inventory.operations.reserve import reserve
from inventory.operations.sync import refresh_tn
from portal import jobs
from portal.jobs.submit import new_key
from portal.models import Job, ProviderAccount
from portal.providers.dto import ItemOutcome, Outcome, Ownership
from portal.tasks import run_job
from tests.ledger.fake import fake

__all__ = ["fake"]
TN_1, TN_2 = "+13125550101", "+13125550102"


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def account(db, fake) -> ProviderAccount:
    return ProviderAccount.objects.create(
        slug="fake", name="Fake account", base_url="http://127.0.0.1:9", calls_per_minute=10_000
    )


@pytest.fixture
def other_account(account) -> ProviderAccount:
    return ProviderAccount.objects.create(
        slug="fake", name="Another account", base_url="http://127.0.0.1:9", calls_per_minute=10_000
    )


@pytest.fixture
def order(account, operator):
    def place(*tns: str, hold: dict | None = None, **facts) -> Order:
        lines = [
            CartLine.objects.create(user=operator, account=account, tn=tn, **(hold or {}))
            for tn in tns
        ]
        return place_order(lines, actor=operator, key=new_key(), **facts)

    return place


def make_number(account: ProviderAccount, tn: str = TN_1, **facts) -> TelephoneNumber:
    return TelephoneNumber.objects.create(
        **{"tn": tn, "account": account, "state": "stock", "state_since": timezone.now()} | facts
    )


# --- Holds and orders


def test_a_hold_that_ran_out_is_not_ordered_by_its_id(order, operator, fake, run_jobs):
    """Also when failed rows are sent again: an id that the provider forgot is refused for ever."""
    held = {
        "hold": "active",
        "reservation_ref": "HOLD-1",
        "expires_at": timezone.now() + timedelta(minutes=5),
    }
    fake.script = ["Not now"]
    placed = order(TN_1, hold=held)
    run_jobs()
    assert fake.orders[0].reservation_refs == {TN_1: "HOLD-1"}
    job = placed.job.children.get()
    past = (timezone.now() - timedelta(seconds=1)).isoformat()
    item = job.items.get()
    item.params["held_until"] = past
    item.save()
    jobs.retry_failed(job, actor=operator, key=new_key())
    run_jobs()
    assert fake.orders[1].reservation_refs == {}


def test_a_hold_of_untold_end_is_not_given_more_time_than_it_can_have(
    account, operator, fake, run_jobs, monkeypatch
):
    """The answer was lost and the question came 20 minutes later: 10 minutes are left, not 30."""
    from inventory.operations.reserve import ReserveTNs

    fake.limits = type(fake.limits)(hold=timedelta(minutes=30))
    line = CartLine.objects.create(user=operator, account=account, tn=TN_1)
    (job,) = reserve([line], actor=operator, key=new_key())

    def call(self, provider, run, part):
        Job.objects.filter(pk=job.pk).update(started_at=timezone.now() - timedelta(minutes=20))
        run.job.refresh_from_db()
        yield ItemOutcome(tn=part.tns[0], outcome=Outcome.SUCCEEDED)

    monkeypatch.setattr(ReserveTNs, "call", call)
    try:
        run_jobs()
    finally:
        fake.limits = type(fake.limits)(order_batch=2)
    line.refresh_from_db()
    left = line.expires_at - timezone.now()
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    assert "does not tell" in line.hold_note


def test_every_number_that_came_in_meanwhile_is_left_out_of_the_order(
    account, operator, order, fake, run_jobs
):
    tns = [f"+131255501{n:02}" for n in range(60)]
    order(*tns)
    TelephoneNumber.objects.update(state="stock")
    run_jobs()
    assert fake.orders == []


def test_a_number_that_comes_back_brings_nothing_of_its_former_user(
    account, other_account, lakeside, order, run_jobs
):
    make_number(
        other_account, state="released", label="Old name", note="Old note", billing_id="OLD"
    )
    order(TN_1, customer=lakeside, label="New name", billing_id="NEW")
    run_jobs()
    number = TelephoneNumber.objects.get()
    assert (number.state, number.customer, number.account) == ("held", lakeside, account)
    assert (number.label, number.billing_id, number.note) == ("New name", "NEW", "")


def test_a_refused_order_gives_a_known_number_back_as_it_was(
    account, other_account, order, fake, run_jobs
):
    make_number(other_account, state="released", label="Old name")
    fake.script = ["No longer available"]
    order(TN_1, label="New name")
    run_jobs()
    number = TelephoneNumber.objects.get()
    assert (number.state, number.account, number.label) == ("released", other_account, "Old name")


def test_a_number_that_moved_on_between_check_and_order_is_a_sentence(
    account, operator, order, monkeypatch
):
    make_number(account)
    monkeypatch.setattr(OrderTNs, "check", lambda self, **facts: [])
    with pytest.raises(jobs.NotAccepted, match="cannot become"):
        order(TN_1)
    assert Order.objects.count() == Job.objects.count() == 0


def test_a_number_that_moved_on_between_check_and_release_is_a_sentence(
    account, operator, lakeside, monkeypatch
):
    number = make_number(account, state="in_service", customer=lakeside)
    monkeypatch.setattr(ReleaseTNs, "check", lambda self, **facts: [])
    with pytest.raises(jobs.NotAccepted, match="cannot become"):
        release([number], actor=operator, reason="x", key=new_key())
    assert Job.objects.count() == 0


# --- Refresh


@pytest.mark.parametrize("state", ["purchasing", "releasing"])
def test_a_number_on_its_way_is_not_called_missing(account, operator, fake, run_jobs, state):
    number = make_number(account, state=state)
    fake.ownership = {number.tn: Ownership.AVAILABLE}
    refresh_tn(number, actor=operator)
    run_jobs()
    number.refresh_from_db()
    assert number.sync_state == "stale"


# --- Pruning


def test_old_jobs_of_orders_are_pruned_and_the_orders_stay(order, run_jobs):
    placed = order(TN_1)
    run_jobs()
    Job.objects.update(finished_at=timezone.now() - timedelta(days=5000))
    assert jobs.prune()["jobs"] > 0
    placed.refresh_from_db()
    assert (placed.job, placed.lines.get().status) == (None, "ok")
