"""What the calendar does: holds and aging end, numbers are given back; Home, the desk, the report."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import assignments, disconnects, due
from inventory.lifecycle import VERBS, Choice, today
from inventory.models import Assignment, TelephoneNumber
from inventory.operations.lifecycle import release_due
from inventory.operations.release import ReleaseTNs
from inventory.services.lifecycle import carry_out
from inventory.tasks import move_lifecycle
from portal.models import AuditEntry, Job, JobItem
from portal.tn import TN
from tests import factories
from tests.ledger.fake import fake
from tests.portal.pages import HTMX, next_query, sql_count, text_of

__all__ = ["fake"]
NUMBERS = TelephoneNumber.objects


def day(days: int) -> date:
    """Return a day before or after today."""
    return today() + timedelta(days=days)


def aged(days: int, **fields):
    """Return a number that ages, whose customer lost it so many days ago."""
    fields.setdefault("release_on", today())
    fields.setdefault("aged_from", "in_service")
    since = datetime.now(UTC) - timedelta(days=max(days, 1))
    return factories.make_tn(state="aging", disconnected_on=day(-days), state_since=since, **fields)


# --- The calendar


def test_a_hold_ends_after_its_last_day(lakeside):
    over = factories.make_tn(state="held", customer=lakeside, held_until=day(-1))
    last = factories.make_tn(state="held", customer=lakeside, held_until=today())
    endless = factories.make_tn(state="held", customer=lakeside)
    move_lifecycle()
    for number, state in ((over, "stock"), (last, "held"), (endless, "held")):
        number.refresh_from_db()
        assert number.state == state
    entry = AuditEntry.objects.get(verb="inventory.tn.freed")
    assert (entry.actor_name, entry.reason) == ("Numberdesk", "The hold has ended.")


@pytest.mark.parametrize(
    ("days", "fields", "state"),
    [
        (45, {}, "stock"),
        (44, {}, "aging"),  # whatever day was chosen
        (45, {"release_on": "tomorrow"}, "aging"),
        (45, {"legal_hold": True}, "aging"),
        (45, {"deletion_lock": True}, "stock"),
        (400, {"release_on": None}, "aging"),
    ],
)
def test_aging_ends_when_it_may(db, lakeside, days, fields, state):
    if fields.get("release_on") == "tomorrow":
        fields = {"release_on": day(1)}
    number = aged(days, last_customer=lakeside, **fields)
    move_lifecycle()
    number.refresh_from_db()
    assert number.state == state


def test_the_end_of_aging_forgets_the_last_user(lakeside):
    theirs = {
        "label": "Front desk",
        "billing_id": "LAKE-1",
        "note": "Ask for Ann",
        "wanted": {"forward_to": "+13125550177"},
        "e911_state": "not_required",
    }
    used = aged(45, last_customer=lakeside, tags=["gold"], **theirs)
    ours = aged(45, aged_from="stock", **theirs)
    move_lifecycle()
    used.refresh_from_db()
    assert (used.label, used.billing_id, used.note, used.wanted) == ("", "", "", {})
    assert (used.tags, used.e911_state, used.release_on) == (["gold"], "none", None)
    assert used.last_customer == lakeside, "the aging rule goes by it"
    ours.refresh_from_db()
    assert (ours.label, ours.wanted) == (theirs["label"], theirs["wanted"])
    told = AuditEntry.objects.get(verb="inventory.tn.aged", object_id=used.pk)
    assert told.before["label"] == "Front desk"


def test_what_was_set_aside_is_given_back_once(operator):
    account = factories.make_account("voicetel")
    due_today = aged(3, after_aging="release", account=account)
    later = aged(3, after_aging="release", account=account, release_on=day(1))
    locked = aged(3, after_aging="release", account=account, deletion_lock=True)
    held = aged(3, after_aging="release", account=account, legal_hold=True)
    (job,) = release_due()
    assert [item.target for item in job.items.all()] == [due_today.tn]
    assert (job.actor, job.source) == (None, Job.Source.SCHEDULE)
    for number, state in (
        (due_today, "releasing"),
        (later, "aging"),
        (locked, "aging"),
        (held, "aging"),
    ):
        number.refresh_from_db()
        assert number.state == state
    assert release_due() == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"e911_state": "verified"}, "has an E911 record"),
        ({"messaging_state": "live"}, "is on a messaging campaign"),
        ({"port_state": "foc_set"}, "is on a port that is not over"),
    ],
)
def test_one_that_may_not_go_keeps_no_other_back(operator, fields, words):
    account = factories.make_account("voicetel")
    stays = aged(9, after_aging="release", account=account, **fields)
    goes = aged(9, after_aging="release", account=account)
    (job,) = release_due()
    assert [item.target for item in job.items.all()] == [goes.tn]
    check = ReleaseTNs().check(actor=None, account=account, params={}, targets=[stays.tn])
    assert words in check[0].message
    assert check[0].message.endswith("It was not given back.")


def test_what_the_provider_refused_waits_for_a_person(operator, client_for):
    account = factories.make_account("voicetel")
    number = aged(9, after_aging="release", account=account, release_on=day(-1))
    (job,) = release_due()
    JobItem.objects.filter(job=job).update(status="refused")
    NUMBERS.filter(pk=number.pk).update(state="aging", state_since=datetime.now(UTC))
    assert release_due() == []
    titles = [task.title for task in due.tasks(operator)]
    assert "1 number still aging after the last day" in titles
    assert str(number) in text_of(client_for(operator).get("/numbers/due/?what=overdue"))


def test_a_number_is_given_back_at_its_provider_when_its_day_comes(lakeside, fake, run_jobs):
    account = factories.make_account("fake")
    number = aged(30, after_aging="release", account=account, last_customer=lakeside)
    (job,) = release_due()
    run_jobs()
    job.refresh_from_db()
    number.refresh_from_db()
    assert (job.status, number.state) == ("succeeded", "released")


def test_a_paused_provider_is_not_asked(db):
    account = factories.make_account("voicetel", paused_at=datetime.now(UTC))
    aged(9, after_aging="release", account=account)
    assert release_due() == []


def test_the_history_is_completed_once_a_day(lakeside, operator):
    imported = factories.make_tn(customer=lakeside)
    move_lifecycle()
    time = Assignment.objects.get(number=imported)
    assert (time.customer, time.since, time.until) == (lakeside, imported.state_since, None)
    imported.state = "ported_out"
    imported.save()
    assert assignments.end_of_gone() == 1
    time.refresh_from_db()
    assert time.until == imported.state_since
    assert not time.is_disconnect, "a number that was ported out is not reported"
    move_lifecycle()
    assert Assignment.objects.count() == 1


# --- Home and the desk


def test_home_says_the_day_before(operator, viewer, alice, lakeside):
    aged(5, after_aging="release", release_on=day(1))
    aged(5, after_aging="release", release_on=day(2))
    factories.make_tn(state="held", customer=lakeside, held_until=day(3))
    factories.make_tn(state="held", customer=lakeside, held_until=day(4))
    titles = [task.title for task in due.tasks(operator)]
    assert titles == [
        "1 number given back by tomorrow",
        "1 number for a customer: the hold ends within three days",
    ]
    assert list(due.tasks(viewer)) == []
    assert list(due.tasks(alice)) == []


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("release", "waits to be given back"),
        ("stock", "No number ages"),
        ("hold", "No number is held for a customer until a day"),
        ("overdue", "Everything ended on its day"),
        ("nonsense", "waits to be given back"),
    ],
)
def test_each_tab_says_why_it_is_empty(client_for, operator, what, words):
    assert words in text_of(client_for(operator).get(f"/numbers/due/?what={what}"))


def days_of(response) -> list[date]:
    """Return the last days that a page of the desk shows."""
    shown = re.findall(r'data-label="Last day">([^<]+)<', text_of(response))
    return [datetime.strptime(words, "%b %d, %Y").date() for words in shown]  # noqa: DTZ007


def test_the_desk_pages_soonest_first(client_for, operator):
    for days in range(60):
        aged(5, after_aging="release", release_on=day(60 - days))
    client = client_for(operator)
    assert sql_count(client, "/numbers/due/?what=release") <= 10
    response = client.get("/numbers/due/?what=release&size=25", headers=HTMX)
    assert text_of(response).lstrip().startswith('<div id="lifecycle-due"')
    assert days_of(response) == [day(n) for n in range(1, 26)]
    second = client.get(f"/numbers/due/?{next_query(response)}")
    assert days_of(second) == [day(n) for n in range(26, 51)]


def test_the_desk_exports_what_it_shows(client_for, operator, lakeside):
    aged(5, tn="+13125550101", after_aging="release", last_customer=lakeside, label="Fax")
    exported = text_of(client_for(operator).get("/numbers/due/?what=release&export=1"))
    assert exported.splitlines() == [
        "number,last_day,afterwards,customer,label",
        f"+13125550101,{today()},release,LAKE,Fax",
    ]


# --- The disconnect report


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
def test_periods_are_whole_follow_each_other_and_are_over(now):
    start, end = disconnects.usual_period(now)
    assert (start.day, end.day) == (11, 10)
    assert end < now
    assert (now - end).days <= 31
    before = disconnects.usual_period(start)
    assert before[1] == start - timedelta(days=1) or before[1] < start


@pytest.fixture
def lost(lakeside, operator):
    """Make five numbers that lost their customer in different ways."""
    tns = ("+13125550101", "+13125550102", "+18005550103", "+442079460104", "+13125550105")
    for tn in tns:
        factories.make_tn(tn, customer=lakeside)
    choice = Choice(until=day(45), reason="Canceled")
    carry_out(VERBS["out"], NUMBERS.exclude(tn=tns[4]), choice, actor=operator)
    carry_out(VERBS["restore"], NUMBERS.filter(tn=tns[1]), Choice(), actor=operator)
    other = factories.make_customer("Lakeside Holding")
    moved = Choice(customer=other, e911="later", is_same_subscriber=True, reason="Sold")
    carry_out(VERBS["move"], NUMBERS.filter(tn=tns[4]), moved, actor=operator)


def test_the_report_tells_what_was_lost_for_good(client_for, operator, lost, settings):
    settings.REPORT_COMPANY_ID = "4711"
    address = f"/numbers/disconnects/?start={today()}&end={today()}"
    page = text_of(client_for(operator).get(address))
    assert "(312) 555-0101" in page
    for tn in ("+13125550102", "+18005550103", "+442079460104", "+13125550105"):
        assert TN(tn).pretty not in page
    assert "The period is not over" in page
    response = client_for(operator).get(f"{address}&export=1")
    assert text_of(response).splitlines() == [
        "company_id,number,disconnect_date",
        f"4711,3125550101,{today()}",
    ]


def test_nothing_to_report_is_said_and_makes_no_file(client_for, operator, settings):
    settings.REPORT_COMPANY_ID = "4711"
    response = client_for(operator).get(
        "/numbers/disconnects/?start=2020-01-01&end=2020-01-31&export=1"
    )
    assert "Nothing to report" in text_of(response)
    assert response["Content-Type"].startswith("text/html")


def test_without_our_id_there_is_no_file(client_for, operator, lost):
    address = f"/numbers/disconnects/?start={today()}&end={today()}&export=1"
    response = client_for(operator).get(address)
    assert response["Content-Type"].startswith("text/html")
    assert "REPORT_COMPANY_ID" in text_of(response)
    assert "Download the file" not in text_of(response)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("start=2026-02-01&end=2026-01-01", "ends before it begins"),
        ("start=2024-01-01&end=2026-01-01", "a year at most"),
        ("start=soon&end=2026-01-01", "Enter a valid date"),
        ("start=2026-02-01", "required"),
    ],
)
def test_a_period_that_cannot_be_is_refused(client_for, operator, query, words):
    response = client_for(operator).get(f"/numbers/disconnects/?{query}")
    assert response.status_code == 422
    assert words in text_of(response)


def test_the_days_of_the_report_are_those_of_the_site(lakeside):
    number = factories.make_tn("+13125550101")
    late = datetime(2026, 3, 11, 3, 30, tzinfo=UTC)  # the tenth, half past eleven in New York
    Assignment.objects.create(
        number=number, customer=lakeside, since=late, until=late, is_disconnect=True
    )
    rows = disconnects.disconnects(date(2026, 2, 11), date(2026, 3, 10))
    assert list(disconnects.lines(rows, "1")) == [("1", "3125550101", "2026-03-10")]
    assert not disconnects.disconnects(date(2026, 3, 11), date(2026, 4, 10)).exists()
