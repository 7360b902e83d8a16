"""How many numbers there were in each state: counted today, and worked out from the audit trail."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from inventory import stock_days
from inventory.models import StockDay, TelephoneNumber
from inventory.tasks import count_stock
from portal.models import AuditEntry
from tests import factories


@pytest.fixture
def account(db):
    return factories.make_account()


@pytest.fixture
def today() -> date:
    return stock_days.today()


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 17, tzinfo=UTC)


def filed(day: date, *moves: tuple[date, str, str], state: str) -> TelephoneNumber:
    """Return a number that was filed on a day and has been moved from state to state since."""
    number = factories.make_tn(state=state)
    TelephoneNumber.objects.filter(pk=number.pk).update(created_at=on(day))
    for at, old, new in moves:
        entry = AuditEntry(
            actor_name="Ada",
            verb="inventory.tn.moved",
            object_type="inventory.telephonenumber",
            object_id=number.pk,
            before={"state": old} if old else {},
            after={"state": new},
        )
        entry.save()
        _backdate(entry.pk, on(at))
    return number


def _backdate(pk: int, at: datetime) -> None:
    """Audit entries cannot be changed; a test takes the lock off for one statement."""
    import pgtrigger

    with pgtrigger.ignore("portal.AuditEntry:append_only"):
        AuditEntry.objects.filter(pk=pk).update(at=at)


def kept(day: date) -> dict[str, int]:
    return dict(StockDay.objects.filter(day=day).values_list("state", "count"))


def test_today_is_counted_again_and_again(account, today):
    factories.make_tn(account=account)
    number = factories.make_tn(account=account)
    count_stock()
    assert kept(today) == {"stock": 2}
    TelephoneNumber.objects.filter(pk=number.pk).update(state="aging")
    count_stock()
    assert kept(today) == {"stock": 1, "aging": 1}
    TelephoneNumber.objects.all().delete()
    count_stock()
    assert kept(today) == {}


def test_the_days_before_come_from_the_audit_trail(account, today):
    days = [today - timedelta(days=back) for back in (4, 3, 2, 1)]
    filed(days[0], (days[2], "stock", "aging"), state="aging")
    filed(days[1], (days[1], "", "purchasing"), (days[3], "purchasing", "stock"), state="stock")
    filed(days[2], state="stock")
    count_stock()
    assert [kept(day) for day in days] == [
        {"stock": 1},
        {"stock": 1, "purchasing": 1},
        {"aging": 1, "purchasing": 1, "stock": 1},
        {"aging": 1, "stock": 2},
    ]
    assert kept(today) == {"aging": 1, "stock": 2}


def test_days_that_were_counted_stay_as_they_are(account, today):
    yesterday = today - timedelta(days=1)
    filed(yesterday, state="stock")
    StockDay.objects.create(day=yesterday, account=account, state="stock", count=7)
    count_stock()
    assert kept(yesterday) == {"stock": 7}


def test_an_empty_inventory_has_no_days(db):
    count_stock()
    assert not StockDay.objects.exists()


def test_what_was_filed_long_ago_is_not_worked_out_for_ever(account, today):
    filed(today - timedelta(days=2000), state="stock")
    count_stock()
    oldest = StockDay.objects.order_by("day").first()
    assert oldest.day == today - timedelta(days=stock_days.LONGEST)
    assert oldest.count == 1


def test_no_account_is_mixed_with_another(account, today):
    other = factories.make_account()
    factories.make_tn(account=account)
    factories.make_tn(account=other)
    count_stock()
    assert StockDay.objects.filter(day=today, count=1).count() == 2
