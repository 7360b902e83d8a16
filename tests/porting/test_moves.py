"""The table of an order's moves, and walks over it by people and by a provider's words."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from inventory.models import TelephoneNumber
from portal.access import ADMINISTERS, MANAGES
from portal.providers.dto.porting import PortRecord, PortState
from porting import rejections, services
from porting.models import PortLine, PortOrder, ProviderWord, moves
from porting.services.moving import GUARDS
from tests import factories

STATES = [str(state) for state in PortOrder.State]
WORDS = {
    "loa required": PortState.PENDING_DOCUMENTS,
    "submitted": PortState.SUBMITTED,
    "in progress": PortState.WITH_LOSING_CARRIER,
    "rejected": PortState.EXCEPTION,
    "foc received": PortState.FOC_SET,
    "activating": PortState.ACTIVATING,
    "complete": PortState.COMPLETED,
    "canceled": PortState.CANCELLED,
    "gone fishing": PortState.UNKNOWN,
    "": PortState.UNKNOWN,
}


def test_the_table_speaks_of_the_states_and_permissions_that_there_are():
    assert set(moves.WHO_ACTS) == set(STATES)
    for move in moves.MOVES:
        assert {move.before, move.to} <= set(STATES)
        assert move.who in {"", *ADMINISTERS, *MANAGES}
        assert set(move.guards) <= set(GUARDS)
    assert len({(move.before, move.to) for move in moves.MOVES}) == len(moves.MOVES)


def test_every_state_is_reached_from_a_draft_and_what_is_over_stays():
    reached, todo = {"draft"}, ["draft"]
    while todo:
        for state in PortOrder.MOVES[todo.pop()] - reached:
            reached.add(state)
            todo.append(state)
    assert reached == set(STATES)
    assert all(not PortOrder.MOVES[state] for state in ("cancelled", "expired", "failed"))


@given(st.sampled_from(STATES), st.sampled_from(STATES))
def test_a_path_is_made_of_told_moves_of_the_table(before, to):
    steps = moves.path(before, to)
    if steps is None:
        return
    here = before
    for step in steps:
        move = moves.find(here, step)
        assert move is not None
        assert move.is_told
        here = step
    assert here == to


@pytest.mark.parametrize(
    ("before", "to", "steps"),
    [
        ("submitted", "completed", ["with_losing_carrier", "foc_set", "activating", "completed"]),
        ("pending_documents", "foc_set", ["with_losing_carrier", "foc_set"]),
        ("exception", "foc_set", ["supplement_sent", "foc_set"]),
        ("foc_set", "submitted", None),
        ("completed", "cancelled", None),
        ("draft", "submitted", None),
    ],
)
def test_what_lies_between_two_words(before, to, steps):
    assert moves.path(before, to) == steps


def _refusal_of(order: PortOrder, to: str, actor) -> str:
    try:
        services.move(order, to, actor=actor)
    except services.IllegalMove as error:
        return str(error)
    return ""


class Walks(TestCase):
    """Whatever people and providers do, an order stays whole."""

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.sampled_from(STATES),
        st.lists(st.one_of(st.sampled_from(STATES), st.sampled_from(list(WORDS)).map(str.upper))),
    )
    def test_a_walk_keeps_the_order_whole(self, start, acts):
        operator = factories.make_user("operator")
        order = factories.make_port("+13125550142", state=start, price_per_number=6)
        for act in acts[:12]:
            self._act(order, act, operator)
            order.refresh_from_db()
            self._is_whole(order)

    def _act(self, order: PortOrder, act: str, operator) -> None:
        before, events = order.state, order.events.count()
        if act.islower() and act in STATES:
            refusal = _refusal_of(order, act, operator)
            order.refresh_from_db()
            if refusal:
                assert refusal.endswith(".")
                assert (order.state, order.events.count()) == (before, events)
            else:
                assert order.state == act
                assert act in PortOrder.MOVES[before]
        elif order.state in PortOrder.AT_PROVIDER:
            word = act.lower()
            passed = services.follow(
                order,
                PortRecord(ref="AB12C", word=word, state=WORDS.get(word, PortState.UNKNOWN)),
            )
            here = before
            for step in passed:
                assert step in PortOrder.MOVES[here]
                here = step
            assert here == order.state

    def _is_whole(self, order: PortOrder) -> None:
        line = order.lines.get()
        is_held = order.state in ("ready", *PortOrder.AT_PROVIDER)
        if order.previous_state:
            assert line.is_open == (is_held and line.status not in PortLine.ARRIVED)
            assert (order.next_poll_at is not None) == (order.state in PortOrder.AT_PROVIDER)
            assert order.who_must_act in PortOrder.Actor.values
        if order.reject_code:
            assert rejections.find(order.reject_code)
        number = TelephoneNumber.objects.filter(tn=line.tn).first()
        if order.state in ("cancelled", "failed", "expired") and order.previous_state:
            assert number is None or number.state != "port_in"


@pytest.mark.django_db
def test_unknown_words_are_counted_once_each_and_never_guessed():
    order = factories.make_port(state="with_losing_carrier")
    for text in ("Sent to NPAC", "sent_to_npac", "SENT  TO NPAC", "Sent to npac?"):
        services.follow(order, PortRecord(ref="AB12C", word=text))
        assert order.state == "with_losing_carrier"
    rows = {row.folded: row.seen_count for row in ProviderWord.objects.all()}
    assert rows == {"sent to npac": 3, "sent to npac?": 1}
    assert ProviderWord.objects.unknown().count() == 2


@pytest.mark.parametrize("rejection", rejections.REJECTIONS.values(), ids=lambda one: one.code)
def test_a_rejection_names_fields_of_the_order_and_says_what_to_do(rejection):
    names = {field.name for field in PortOrder._meta.get_fields()}
    assert set(rejection.fields) <= names
    assert rejection.advice.endswith(".")
    assert rejection.title


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Rejected by losing carrier: account number mismatch", "account_number_mismatch"),
        ("INVALID PIN", "pin_invalid"),
        ("End user name does not match", "name_mismatch"),
        ("BTN mismatch", "billing_number_mismatch"),
        ("Service address mismatch", "address_mismatch"),
        ("Zip code incorrect", "zip_mismatch"),
        ("LOA expired", "letter_unreadable"),
        ("TN not portable", "number_not_portable"),
        ("Something else altogether", "other"),
    ],
)
def test_what_carriers_write_is_understood(words, code):
    assert rejections.guess(words).code == code


def test_a_due_date_in_the_past_counts_as_lapsed():
    assert rejections.guess("FOC date expired").code == "foc_expired"
