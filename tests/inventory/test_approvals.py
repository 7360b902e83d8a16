"""What of numbers takes two people: giving many back, moving many, and what does not."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from inventory import services, walks
from inventory.lifecycle import VERBS, Choice, today
from inventory.models import Assignment, TelephoneNumber
from inventory.operations import ReleaseTNs
from inventory.services.lifecycle import carry_out
from portal import jobs
from portal.jobs.submit import new_key
from portal.models import Approval, AuditEntry, Job
from portal.operations import Item
from tests import factories
from tests.portal.pages import text_of

MOVE = "/numbers/move/"


@pytest.fixture(autouse=True)
def small_limit(settings, admin):
    """Two numbers may be moved by one person; Ada can approve more."""
    settings.APPROVAL_ABOVE = 2


@pytest.fixture
def northgate(db):
    return factories.make_customer("Northgate Freight", code="NORTH")


@pytest.fixture
def five(db, lakeside) -> list[TelephoneNumber]:
    account = factories.make_account()
    return [
        factories.make_tn(f"+1312555010{n}", account=account, customer=lakeside) for n in range(5)
    ]


@pytest.fixture
def stock(db) -> list[TelephoneNumber]:
    account = factories.make_account()
    return [factories.make_tn(f"+1312555015{n}", account=account) for n in range(3)]


def hidden(response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', text_of(response))
    assert found, f"no {name}"
    return found[1]


def move_many(client, customer, **form):
    """Fill in the form for all of Lakeside's numbers, look at the preview and confirm it."""
    answers = {
        "customer": customer.pk,
        "is_same_subscriber": "on",
        "e911": "later",
        "reason": "A merger",
    } | form
    which = {"all": "1", "filters": "state=in_service"}
    seen = client.post(MOVE, which | answers)
    assert "Another person must approve it." in text_of(seen)
    assert "Ask for approval: 5 numbers" in text_of(seen)
    confirmed = {name: hidden(seen, name) for name in ("seen", "key", "mark")}
    return client.post(MOVE, which | answers | confirmed)


def test_moving_many_waits_for_another_person(client_for, operator, admin, five, northgate):
    response = move_many(client_for(operator), northgate)
    approval = Approval.objects.get()
    assert response["Location"] == f"/approvals/{approval.pk}/"
    assert not TelephoneNumber.objects.filter(customer=northgate).exists()
    page = text_of(client_for(admin).get(response["Location"]))
    for words in ("Northgate Freight", "The record comes later", "A merger", "(312) 555-0104"):
        assert words in page
    client_for(admin).post(f"{response['Location']}approve/", {})
    assert TelephoneNumber.objects.filter(customer=northgate).count() == 5
    assert Assignment.objects.filter(customer=northgate, until=None).count() == 5
    entry = AuditEntry.objects.filter(verb="inventory.tn.moved").first()
    assert (entry.actor, entry.reason) == (operator, f"A merger. Approved by {admin}.")
    approval.refresh_from_db()
    assert approval.outcome == "5 numbers are moved to Northgate Freight."
    page = text_of(client_for(operator).get(response["Location"]))
    assert "What was asked for" in page
    assert "The record comes later" in page


def test_a_few_are_moved_by_one_person(client_for, operator, five, northgate):
    choice = Choice(
        customer=northgate, is_same_subscriber=True, e911="later", reason="A new contract"
    )
    few = TelephoneNumber.objects.filter(pk__in=[five[0].pk, five[1].pk])
    assert carry_out(VERBS["move"], few, choice, actor=operator) == 2
    rest = TelephoneNumber.objects.filter(state="in_service").exclude(customer=northgate)
    assert carry_out(VERBS["suspend"], rest, Choice(reason="Unpaid"), actor=operator) == 3


@pytest.mark.parametrize(("after", "is_refused"), [("release", True), ("stock", False)])
def test_setting_many_aside_to_give_them_back_takes_two(operator, five, after, is_refused):
    choice = Choice(until=today() + timedelta(days=50), after=after, reason="Not needed")
    numbers = TelephoneNumber.objects.all()
    if not is_refused:
        assert carry_out(VERBS["out"], numbers, choice, actor=operator) == 5
        return
    with pytest.raises(services.IllegalMove, match="Another person must approve this for 5"):
        carry_out(VERBS["out"], numbers, choice, actor=operator)
    assert set(numbers.values_list("state", flat=True)) == {"in_service"}


def test_a_number_that_joins_the_filter_stops_it(client_for, operator, admin, five, northgate):
    address = move_many(client_for(operator), northgate)["Location"]
    factories.make_tn("+13125550107", account=five[0].account, customer=five[0].customer)
    response = client_for(admin).post(f"{address}approve/", {})
    assert response.status_code == 409
    assert "Other numbers fit now than were looked at: 6 of them." in text_of(response)
    assert not TelephoneNumber.objects.filter(customer=northgate).exists()


def test_a_number_that_cannot_go_any_more_stops_it(client_for, operator, admin, five, northgate):
    address = move_many(client_for(operator), northgate)["Location"]
    TelephoneNumber.objects.filter(pk=five[0].pk).update(legal_hold=True)
    page = text_of(client_for(admin).get(address))
    assert "It was asked for 5 numbers, and 4 could go now." in page
    assert "under legal hold" in page
    assert client_for(admin).post(f"{address}approve/", {}).status_code == 409
    TelephoneNumber.objects.filter(pk=five[0].pk).update(legal_hold=False)
    assert client_for(admin).post(f"{address}approve/", {}).status_code == 302


def test_a_customer_who_was_closed_meanwhile_gets_nothing(
    client_for, operator, admin, five, northgate
):
    address = move_many(client_for(operator), northgate)["Location"]
    northgate.is_active = False
    northgate.save()
    response = client_for(admin).post(f"{address}approve/", {})
    assert response.status_code == 409
    assert "Choose an active customer. Nothing was changed." in text_of(response)


def test_very_many_are_gone_through_by_a_job_once_approved(
    client_for, operator, admin, five, northgate, monkeypatch, run_jobs
):
    monkeypatch.setattr(walks, "LARGE", 3)
    monkeypatch.setattr(walks, "PIECE", 3)
    address = move_many(client_for(operator), northgate)["Location"]
    client_for(admin).post(f"{address}approve/", {})
    job = Job.objects.get(kind="inventory.move_many")
    assert not TelephoneNumber.objects.filter(customer=northgate).exists()
    assert f"/jobs/{job.pk}/" in text_of(client_for(admin).get(address))
    run_jobs()
    job.refresh_from_db()
    assert job.status == "succeeded", job.reason
    assert TelephoneNumber.objects.filter(customer=northgate).count() == 5
    assert AuditEntry.objects.filter(reason=f"A merger. Approved by {admin}.").count() == 5


def test_a_second_click_asks_once(client_for, operator, five, northgate):
    client = client_for(operator)
    key = new_key()
    first = move_many(client, northgate, reason="Twice")
    assert Approval.objects.count() == 1
    assert first["Location"]
    form = {"tns": " ".join(number.tn for number in five), "typed": "5"}
    TelephoneNumber.objects.update(state="stock", customer=None)
    form |= {"reason": "not_needed", "key": key}
    places = {client.post("/numbers/release/", form)["Location"] for _ in range(2)}
    assert len(places) == 1
    assert Approval.objects.count() == 2


def test_giving_many_back_waits_however_few(client_for, operator, admin, settings, stock):
    settings.APPROVAL_ABOVE = 25
    client = client_for(operator)
    assert "Ask for approval" in text_of(client.get("/numbers/release/?all=1&filters="))
    form = {"tn": [number.tn for number in stock], "typed": "3", "reason": "not_needed"}
    response = client.post("/numbers/release/", form | {"key": new_key()})
    approval = Approval.objects.get()
    assert response["Location"] == f"/approvals/{approval.pk}/"
    assert (approval.title, approval.count) == ("Give back 3 chosen numbers", 3)
    assert not Job.objects.exists()
    assert set(TelephoneNumber.objects.values_list("state", flat=True)) == {"stock"}
    address = response["Location"]
    client_for(admin).post(f"{address}refuse/", {"refuse-reason": "They are wanted"})
    assert "(312) 555-0150, (312) 555-0151, (312) 555-0152" in text_of(client.get(address))


def test_no_way_around_it_by_the_ledger(operator, stock):
    items = [Item(target=number.tn) for number in stock]
    with pytest.raises(jobs.NotAccepted, match="Another person must approve giving back 3"):
        jobs.submit(ReleaseTNs.kind, actor=operator, account=stock[0].account, items=items)
    assert not Job.objects.exists()


def test_where_nobody_else_may_approve_the_page_says_so(client_for, operator, admin, stock):
    admin.is_active = False
    admin.save()
    form = {"tn": [number.tn for number in stock], "typed": "3", "reason": "not_needed"}
    response = client_for(operator).post("/numbers/release/", form | {"key": new_key()})
    assert response.status_code == 409
    assert "nobody else here may" in text_of(response)
    assert not Approval.objects.exists()
