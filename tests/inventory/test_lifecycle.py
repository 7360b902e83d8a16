"""The lifecycle's verbs: what goes, what stays and why, what is written; and the table of moves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory import services
from inventory.expressions import SHOWN
from inventory.lifecycle import CHOICES, GUARDS, NEEDS, VERBS, Choice, earliest_reuse, today
from inventory.models import Assignment, TelephoneNumber, moves
from inventory.services.lifecycle import carry_out, preview
from portal.models import AuditEntry, JobItem
from tests import factories

NUMBERS = TelephoneNumber.objects
LATER = {"e911": "later"}


def do(verb: str, actor=None, **choice) -> int:
    """Carry out a verb on all numbers."""
    return carry_out(VERBS[verb], NUMBERS.all(), Choice(**choice), actor=actor)


def why(verb: str, **choice) -> list[str]:
    """Return what stands against a verb on all numbers."""
    return [r.words for r in preview(VERBS[verb], NUMBERS.all(), Choice(**choice)).refusals]


def next_day(days: int = 1):
    """Return a day to come."""
    return today() + timedelta(days=days)


@pytest.fixture
def northgate(db):
    return factories.make_customer("Northgate Freight", code="NORTH")


# --- The table


def test_every_guard_of_the_table_is_known_and_every_verb_is_in_the_table():
    asked = {name for move in moves.MOVES for name in move.guards}
    at_release = {"no_e911", "no_campaign"}  # asked by the job that gives back
    assert asked <= set(GUARDS) | set(CHOICES) | at_release
    for verb in VERBS.values():
        assert set(verb.guards) <= set(GUARDS)
    for verb, target in [
        ("assign", "in_service"),
        ("hold", "held"),
        ("free", "stock"),
        ("suspend", "suspended"),
        ("resume", "in_service"),
        ("out", "aging"),
        ("move", "in_service"),
        ("restore", "in_service"),
        ("restore", "suspended"),
    ]:
        for source in VERBS[verb].sources:
            asked = set(moves.guards_of(source, target))
            assert asked, f"{verb}: {source} to {target} is not in the table"
            assert asked <= set(VERBS[verb].guards) | set(NEEDS.get(verb, ()))


def test_a_move_stands_in_the_table_once():
    pairs = [(move.before, move.to) for move in moves.MOVES]
    assert len(pairs) == len(set(pairs))
    assert {state for pair in pairs for state in pair} == set(TelephoneNumber.State.values)


# --- Each verb


def test_assigning_opens_the_time_of_the_customer(lakeside, operator):
    lakeside.billing_id = "B-77"
    lakeside.save()
    number = factories.make_tn("+13125550142")
    assert do("assign", operator, customer=lakeside, **LATER) == 1
    number.refresh_from_db()
    assert (number.state, number.previous_state) == ("in_service", "stock")
    assert (number.customer, number.billing_id, number.e911_state) == (lakeside, "B-77", "none")
    time = Assignment.objects.get(number=number)
    assert (time.customer, time.until, time.e911_decision) == (lakeside, None, "later")
    entry = AuditEntry.objects.get(verb="inventory.tn.assigned")
    assert (entry.object_text, entry.customer, entry.actor) == (str(number), lakeside, operator)
    assert entry.before["customer"] is None
    assert entry.after["customer"] == "Lakeside Dental"
    assert (entry.before["state"], entry.after["state"]) == ("stock", "in_service")


def test_assigning_keeps_a_billing_id_and_an_e911_record(lakeside):
    number = factories.make_tn(billing_id="MINE", e911_state="verified")
    do("assign", customer=lakeside, e911="kept")
    number.refresh_from_db()
    assert (number.billing_id, number.e911_state) == ("MINE", "verified")
    assert Assignment.objects.get().e911_decision == "kept"


@pytest.mark.parametrize("decision", ["later", "not_required"])
def test_a_record_that_stands_is_not_passed_on_in_silence(lakeside, decision):
    number = factories.make_tn(e911_state="verified")
    without = factories.make_tn()
    assert do("assign", customer=lakeside, e911=decision, e911_reason="Fax only") == 1
    number.refresh_from_db()
    without.refresh_from_db()
    assert (number.state, without.state) == ("stock", "in_service")


def test_keeping_a_record_where_there_is_none_means_that_it_comes_later(lakeside):
    number = factories.make_tn(e911_state="none")
    do("assign", customer=lakeside, e911="kept")
    number.refresh_from_db()
    assert (number.state, number.e911_state) == ("in_service", "none")


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({}, "active customer"),
        ({"customer": True}, "Decide about E911"),
        ({"customer": True, "e911": "not_required", "e911_reason": " "}, "Say why"),
        ({"customer": True, "e911": "nonsense"}, "Decide about E911"),
    ],
)
def test_assigning_needs_a_customer_and_a_decision(lakeside, choice, sentence):
    factories.make_tn()
    if "customer" in choice:
        choice = choice | {"customer": lakeside}
    with pytest.raises(services.IllegalMove, match=sentence):
        do("assign", **choice)
    assert NUMBERS.get().state == "stock"


@pytest.mark.parametrize(("days", "waits"), [(0, True), (44, True), (45, False), (400, False)])
def test_another_subscriber_waits_forty_five_days(lakeside, northgate, days, waits):
    factories.make_tn(
        disconnected_on=today() - timedelta(days=days), last_customer=northgate, state="stock"
    )
    refused = why("assign", customer=lakeside, **LATER)
    assert bool(refused) == waits
    assert not why("assign", customer=northgate, **LATER), "the same subscriber need not wait"
    assert do("assign", customer=lakeside, **LATER) == (0 if waits else 1)


def test_nobody_knows_the_last_subscriber_so_everybody_waits(lakeside):
    factories.make_tn(disconnected_on=today(), state="stock")
    assert do("assign", customer=lakeside, **LATER) == 0


def test_a_number_held_for_somebody_else_is_not_assigned(lakeside, northgate):
    factories.make_tn(state="held", customer=northgate)
    assert why("assign", customer=lakeside, **LATER) == ["held for another customer"]
    assert do("assign", customer=northgate, **LATER) == 1


def test_a_hold_ends_by_hand_or_becomes_an_assignment(lakeside):
    number = factories.make_tn()
    assert do("hold", customer=lakeside, until=next_day()) == 1
    number.refresh_from_db()
    assert (number.state, number.customer, number.held_until) == ("held", lakeside, next_day())
    assert not Assignment.objects.exists()
    assert do("free") == 1
    number.refresh_from_db()
    assert (number.state, number.customer, number.held_until) == ("stock", None, None)


def test_a_hold_is_prolonged_and_stays_what_it_was(lakeside):
    number = factories.make_tn(state="held", customer=lakeside, held_until=next_day())
    assert do("prolong", until=next_day(9)) == 1
    since = number.state_since
    number.refresh_from_db()
    assert (number.state, number.held_until, number.state_since) == ("held", next_day(9), since)


@pytest.mark.parametrize("until", [None, 0, -1])
def test_a_hold_needs_a_day_to_come(lakeside, until):
    factories.make_tn()
    with pytest.raises(services.IllegalMove, match="day after today"):
        do("hold", customer=lakeside, until=None if until is None else next_day(until))


def test_suspending_and_resuming_keep_the_customer(lakeside):
    number = factories.make_tn(customer=lakeside)
    assert do("suspend", reason="Not paid") == 1
    assert do("suspend") == 0
    number.refresh_from_db()
    assert (number.state, number.customer) == ("suspended", lakeside)
    assert do("resume") == 1
    assert [e.reason for e in AuditEntry.objects.order_by("id")] == ["Not paid", ""]


def test_moving_is_for_the_same_subscriber_only(lakeside, northgate):
    number = factories.make_tn(customer=lakeside, billing_id="LAKE-1")
    with pytest.raises(services.IllegalMove, match="must wait 45 days"):
        do("move", customer=northgate, **LATER)
    assert why("move", customer=lakeside, **LATER) == ["with this customer already"]
    assert do("move", customer=northgate, is_same_subscriber=True, reason="Sold", **LATER) == 1
    number.refresh_from_db()
    assert (number.customer, number.state, number.billing_id) == (northgate, "in_service", "")
    old, new = Assignment.objects.order_by("id")
    assert (old.customer, old.reason, old.is_disconnect) == (lakeside, "Sold", False)
    assert (new.customer, new.until) == (northgate, None)
    assert old.until == new.since


# --- Out of service and back


def test_out_of_service_and_restored_whole(lakeside, operator):
    number = factories.make_tn(
        customer=lakeside, label="Front desk", wanted={"forward_to": "+13125550177"}, tags=["vip"]
    )
    assert do("out", operator, until=next_day(45), reason="Customer canceled") == 1
    number.refresh_from_db()
    assert (number.state, number.customer, number.last_customer) == ("aging", None, lakeside)
    assert (number.disconnected_on, number.release_on) == (today(), next_day(45))
    time = Assignment.objects.get()
    assert (time.is_disconnect, time.reason) == (True, "Customer canceled")
    assert do("restore", operator) == 1
    number.refresh_from_db()
    assert (number.state, number.customer, number.disconnected_on) == ("in_service", lakeside, None)
    assert (number.label, number.tags) == ("Front desk", ["vip"])
    assert number.wanted == {"forward_to": "+13125550177"}
    time.refresh_from_db()
    assert (time.until, time.is_disconnect) == (None, False)
    told = AuditEntry.objects.get(verb="inventory.tn.restored")
    assert told.after["customer"] == "Lakeside Dental"


def test_a_suspended_number_is_restored_suspended(lakeside):
    number = factories.make_tn(customer=lakeside, state="suspended")
    do("out", until=next_day())
    do("restore")
    number.refresh_from_db()
    assert (number.state, number.customer) == ("suspended", lakeside)


def test_stock_that_was_set_aside_is_stock_again(lakeside):
    number = factories.make_tn(last_customer=lakeside, disconnected_on=today(), state="stock")
    assert do("out", until=next_day(), after="release") == 1
    assert do("restore") == 1
    number.refresh_from_db()
    assert (number.state, number.customer, number.last_customer) == ("stock", None, lakeside)
    assert (number.disconnected_on, number.after_aging) == (today(), "stock")
    assert not Assignment.objects.exists()


def test_a_refused_release_still_leads_back_to_the_customer(lakeside, operator):
    number = factories.make_tn(customer=lakeside)
    do("out", until=next_day(), after="release")
    job = factories.make_job(operator, kind="inventory.release_tns")
    number.refresh_from_db()
    services.start_release([number], job=job, reason="")
    number.refresh_from_db()
    services.release_refused(number, job=job, reason="Porting")
    assert do("restore") == 1
    number.refresh_from_db()
    assert (number.state, number.customer) == ("in_service", lakeside)


def test_nothing_goes_back_to_a_customer_who_is_gone(lakeside):
    factories.make_tn(customer=lakeside)
    do("out", until=next_day())
    lakeside.is_active = False
    lakeside.save()
    assert why("restore") == ["without the customer whom it would go back to"]


@pytest.mark.parametrize(
    ("fields", "choice", "words"),
    [
        ({"legal_hold": True}, {}, "under legal hold"),
        ({"deletion_lock": True}, {"after": "release"}, "locked against giving back"),
        ({"deletion_lock": True}, {"after": "stock"}, ""),
        ({"port_state": "foc_set"}, {}, "on a port that is not over"),
        ({"port_state": "completed"}, {}, ""),
        ({"e911_state": "verified"}, {}, "set up for E911"),
        ({"e911_state": "verified"}, {"keeps_e911": True}, ""),
        ({"e911_state": "not_required"}, {}, ""),
    ],
)
def test_what_stands_against_taking_out_of_service(lakeside, fields, choice, words):
    factories.make_tn(customer=lakeside, **fields)
    choice = {"until": next_day()} | choice
    assert why("out", **choice) == ([words] if words else [])
    assert do("out", **choice) == (0 if words else 1)


@pytest.mark.parametrize("verb", ["assign", "move", "hold", "free", "out", "replan", "restore"])
def test_under_legal_hold_nobody_else_gets_it(lakeside, northgate, verb):
    state = VERBS[verb].sources[0]
    theirs = lakeside if state in {"held", "in_service"} else None
    factories.make_tn(state=state, customer=theirs, legal_hold=True)
    choice = {"customer": northgate, "until": next_day(), "is_same_subscriber": True, **LATER}
    assert why(verb, **choice) == ["under legal hold"]
    assert do(verb, **choice) == 0


def test_a_number_in_an_open_job_is_left_alone(lakeside):
    number = factories.make_tn(customer=lakeside)
    job = factories.make_job(is_write=True)
    item = JobItem.objects.create(
        job=job, position=0, target=number.tn, status="sent", is_lock=True
    )
    assert why("suspend") == ["part of a job that is not settled"]
    item.status = "succeeded"
    item.save()
    assert do("suspend") == 1


def test_locks_hold_against_moves_of_jobs_too(operator):
    job = factories.make_job(operator)
    for lock in ("legal_hold", "deletion_lock"):
        number = factories.make_tn(**{lock: True})
        with pytest.raises(services.IllegalMove):
            services.start_release([number], job=job, reason="")


def test_the_history_follows_moves_of_jobs_and_lists(lakeside, northgate, operator):
    number = factories.make_tn()
    services.move(number, "in_service", actor=operator, customer=lakeside)
    time = Assignment.objects.get()
    assert (time.customer, time.since, time.until) == (lakeside, number.state_since, None)
    services.move(number, "in_service", actor=operator, customer=northgate)
    time.refresh_from_db()
    assert time.until == number.state_since
    assert Assignment.objects.get(until=None).customer == northgate
    services.move(number, "lost", actor=None)
    assert not Assignment.objects.filter(until=None).exists()
    assert not Assignment.objects.filter(is_disconnect=True).exists()


# --- Many


def test_a_batch_is_never_all_or_nothing(lakeside, northgate):
    factories.make_tn("+13125550101")
    factories.make_tn("+13125550102", state="held", customer=lakeside)
    factories.make_tn("+13125550103", state="held", customer=northgate)
    factories.make_tn("+13125550104", customer=northgate)
    seen = preview(VERBS["assign"], NUMBERS.all(), Choice(customer=lakeside, **LATER))
    assert (seen.going, seen.staying) == (2, 2)
    assert {r.words for r in seen.refusals} == {"“In service”", "held for another customer"}
    assert "“Stock” and “Held for a customer” only" in " ".join(r.advice for r in seen.refusals)
    assert do("assign", customer=lakeside, **LATER) == 2
    assert Assignment.objects.count() == 2
    assert AuditEntry.objects.filter(verb="inventory.tn.assigned").count() == 2


def test_the_number_of_queries_does_not_grow(lakeside, django_assert_max_num_queries):
    for _ in range(30):
        factories.make_tn(customer=lakeside)
    with django_assert_max_num_queries(8):
        assert do("out", until=next_day()) == 30


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(sorted(VERBS)), st.sampled_from([0, 1]), st.booleans()),
        min_size=1,
        max_size=10,
    )
)
def test_whatever_is_done_the_table_and_the_history_hold(lakeside, northgate, steps):
    TelephoneNumber.objects.all().delete()
    number = factories.make_tn("+13125550142")
    people = [lakeside, northgate]
    for name, who, flag in steps:
        before = number.state
        choice = {
            "customer": people[who],
            "until": next_day(),
            "after": "release" if flag else "stock",
            "is_same_subscriber": True,
        }
        went = do(name, **choice, **LATER)
        number.refresh_from_db()
        if not went:
            assert number.state == before
        elif number.state != before:
            assert number.state in TelephoneNumber.MOVES[before]
        open_rows = Assignment.objects.filter(number=number, until=None)
        is_used = number.state in {"in_service", "suspended"}
        assert [row.customer for row in open_rows] == ([number.customer] if is_used else [])
        assert (number.customer is not None) == (
            number.state in {"in_service", "suspended", "held"}
        )
        if number.state == "aging" and number.last_customer:
            assert earliest_reuse(number.disconnected_on) > today()


def test_numbers_read_alike_in_sql_and_in_python(db):
    for tn in ("+13125550142", "+442079460123", "+18005550199"):
        factories.make_tn(tn)
    for number in NUMBERS.annotate(shown=SHOWN):
        assert number.shown == str(number)


def test_a_day_is_one_of_the_site_not_of_utc(monkeypatch):
    evening = datetime(2026, 3, 3, 3, 30, tzinfo=UTC)  # still the second of March in New York
    monkeypatch.setattr(timezone, "now", lambda: evening)
    assert today() == date(2026, 3, 2)


def test_the_document_shows_every_move_and_no_other(settings):
    text = (settings.BASE_DIR / "docs" / "lifecycles.md").read_text(encoding="utf-8")
    part = text.split("### The moves")[1].split("| guard |")[0]
    shown = [tuple(line.split(" | ")[:2]) for line in part.splitlines() if line.count("|") == 7]
    assert shown[2:] == [(f"| {move.before}", move.to) for move in moves.MOVES]
