"""The rows of what ends, and of who had a number."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from inventory.lifecycle import today
from inventory.models import Assignment, TelephoneNumber
from portal import kept
from portal.models import Customer, User
from tests import factories
from tests.portal.pages import ESCAPED, HOSTILE, HTMX, body_of, sql_count, text_of

TN = "+13125550142"
DUE = "/numbers/due/"
SINCE = datetime(2026, 1, 15, 3, tzinfo=UTC)


@pytest.fixture
def desk(client_for, operator):
    """Return the operator's client."""
    return client_for(operator)


def aging(customer: Customer, tn: str = TN, **fields) -> TelephoneNumber:
    fields = {"after_aging": "release", "release_on": date(2026, 3, 3)} | fields
    return factories.make_tn(tn, state="aging", last_customer=customer, **fields)


def time_of(number: TelephoneNumber, customer: Customer, **fields) -> Assignment:
    return Assignment.objects.create(
        number=number, customer=customer, **({"since": SINCE} | fields)
    )


# -- what ends --------------------------------------------------------------------------------


def test_a_number_that_ages_shows_its_day_and_the_ways_out(desk, lakeside):
    aging(lakeside, label="Fax")
    row = body_of(desk.get(DUE))
    number = f'<a class="nd-tn" href="/numbers/{TN}/">(312) 555-0142</a>'
    assert f'<th scope="row" data-label="Number">{number}</th>' in row
    assert 'data-label="Last day">Mar 3, 2026</td>' in row
    assert 'data-label="Customer">Lakeside Dental<small>Fax</small></td>' in row
    for verb in ("restore", "replan", "release"):
        assert f'href="/numbers/{verb}/?tn=%2B13125550142"' in row


@pytest.mark.parametrize(
    ("what", "verbs", "not_there"),
    [
        ("stock", ["restore", "replan"], "release"),
        ("hold", ["assign", "prolong", "free"], "restore"),
        ("overdue", ["restore", "replan", "release"], "free"),
    ],
)
def test_each_list_has_its_ways(desk, lakeside, what, verbs, not_there):
    aging(lakeside, after_aging="stock")
    held = {"state": "held", "held_until": date(2026, 3, 3), "customer": lakeside}
    factories.make_tn("+13125550143", **held)
    row = body_of(desk.get(f"{DUE}?what={what}"))
    assert "Lakeside Dental" in row
    assert all(f'href="/numbers/{verb}/?tn=%2B1' in row for verb in verbs)
    assert f'href="/numbers/{not_there}/' not in row


def test_what_stands_against_it_is_seen_though_the_page_is_kept(desk, lakeside):
    aging(lakeside)
    assert "nd-warn" not in body_of(desk.get(DUE))
    for change, words in (
        ({"legal_hold": True}, "It is under legal hold."),
        ({"deletion_lock": True}, "It has a deletion lock."),
        ({"deletion_lock": False, "legal_hold": False, "port_state": "submitted"}, "on a port"),
    ):
        TelephoneNumber.objects.update(**change)
        assert words in body_of(desk.get(DUE))
    TelephoneNumber.objects.update(after_aging="stock", port_state="", legal_hold=True)
    assert "It is under legal hold." in body_of(desk.get(f"{DUE}?what=stock"))


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("what", ["release", "hold", "nonsense"])
def test_a_kept_page_is_the_fresh_one(desk, lakeside, headers, what):
    aging(lakeside)
    pages = [body_of(desk.get(f"{DUE}?what={what}", headers=headers)) for _ in range(2)]
    kept.forget()
    assert pages == [body_of(desk.get(f"{DUE}?what={what}", headers=headers))] * 2


def test_what_people_wrote_stays_text(desk, lakeside):
    Customer.objects.update(name=HOSTILE)
    aging(lakeside, label=HOSTILE)
    page = text_of(desk.get(DUE))
    assert HOSTILE not in page
    assert page.count(ESCAPED) == 2


@pytest.mark.parametrize("what", ["release", "hold", "overdue"])
def test_the_lists_take_few_statements(desk, lakeside, what):
    for n in range(60):
        aging(lakeside, f"+131255502{n:02}", release_on=today() - timedelta(days=n))
    assert sql_count(desk, f"{DUE}?what={what}") <= 8


# -- who had what -----------------------------------------------------------------------------


def test_staff_see_who_did_it_and_why(desk, operator, lakeside):
    number = factories.make_tn(TN)
    told = {"e911_decision": "later", "e911_reason": "Moves soon", "reason": "Not paid"}
    until = SINCE + timedelta(days=30)
    time_of(number, lakeside, actor=operator, until=until, is_disconnect=True, **told)
    User.objects.update(time_zone="America/Chicago")
    row = body_of(desk.get(f"/customers/{lakeside.pk}/history/"))
    assert f'data-label="Number"><a class="nd-tn" href="/numbers/{TN}/">' in row
    assert 'data-label="Since">Jan 14, 2026<small>by Olga Operator</small></td>' in row
    assert 'data-label="Until">Feb 13, 2026<small>disconnected</small></td>' in row
    assert 'data-label="E911 decided">The record comes later<small>Moves soon</small></td>' in row
    assert 'data-label="Why it ended">Not paid</td>' in row


def test_a_customer_sees_times_and_opens_what_is_hers(client_for, alice, operator, lakeside):
    mine = factories.make_tn(TN, customer=lakeside)
    was = factories.make_tn("+13125550143")
    time_of(mine, lakeside, actor=operator, reason="Internal")
    time_of(was, lakeside, until=SINCE + timedelta(days=1), reason="Internal")
    row = body_of(client_for(alice).get(f"/customers/{lakeside.pk}/history/"))
    assert f'<a class="nd-tn" href="/numbers/{TN}/">(312) 555-0142</a>' in row
    assert '<span class="nd-tn">(312) 555-0143</span>' in row
    assert "Olga" not in row
    assert "Internal" not in row
    own = body_of(client_for(alice).get(f"/numbers/{TN}/history/"))
    assert '<th scope="row" data-label="Customer">Lakeside Dental</th>' in own


def test_pages_of_two_customers_and_two_numbers_are_kept_apart(desk, lakeside):
    other = factories.make_customer("Old Mill")
    time_of(factories.make_tn(TN), lakeside)
    time_of(factories.make_tn("+13125550143"), other)
    for _ in range(2):
        for customer in (lakeside, other):
            page = text_of(desk.get(f"/customers/{customer.pk}/history/"))
            assert f"Numbers that {customer} has and had" in page
        assert "Who had (312) 555-0142" in text_of(desk.get(f"/numbers/{TN}/history/"))
        assert "Who had (312) 555-0143" in text_of(desk.get("/numbers/+13125550143/history/"))


def test_a_customer_that_is_renamed_is_so_at_once(desk, lakeside):
    time_of(factories.make_tn(TN), lakeside)
    address = f"/customers/{lakeside.pk}/history/"
    assert "Numbers that Lakeside Dental has" in text_of(desk.get(address))
    Customer.objects.update(name=HOSTILE)
    page = text_of(desk.get(address))
    assert f"Numbers that {ESCAPED} has" in page
    assert HOSTILE not in page


def test_names_in_times_stay_text(client_for, operator, admin, lakeside):
    Customer.objects.update(name=HOSTILE)
    User.objects.filter(pk=admin.pk).update(name=HOSTILE)
    told = {"e911_decision": "kept", "e911_reason": HOSTILE, "reason": HOSTILE}
    time_of(factories.make_tn(TN), lakeside, actor_id=admin.pk, **told)
    row = body_of(client_for(operator).get(f"/numbers/{TN}/history/"))
    assert HOSTILE not in row
    assert row.count(ESCAPED) == 4


def test_the_history_takes_few_statements(desk, lakeside):
    for n in range(60):
        time_of(factories.make_tn(f"+131255502{n:02}"), lakeside, since=SINCE + timedelta(n))
    address = f"/customers/{lakeside.pk}/history/"
    assert sql_count(desk, address) <= 8
    assert sql_count(desk, f"{address}?size=25&sort=since&last=1") <= 8
