"""Holding, buying and giving back at IntelePeer: every step and every way it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests
import responses

from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import (
    ProviderAuthError,
    ProviderError,
    ProviderProtocolError,
    ProviderTimeout,
)
from portal.providers.intelepeer.adapter import IntelePeer
from portal.providers.intelepeer.mapping import outcomes
from portal.tn import TN
from tests.providers.intelepeer import (
    BASE,
    GIVE_BACK,
    GONE,
    HOLD,
    NOT_OURS,
    ORDER,
    OWN,
    SEARCH,
    TNS,
    Faked,
    answer,
    connected,
    hold_everything,
    judge_by_number,
    make_provider,
    order,
    paths,
    refuse,
    say,
    sent,
    wire,
)
from tests.providers.runtime import RecordingRuntime

LOST = [
    requests.exceptions.ReadTimeout("slow"),
    requests.exceptions.ConnectionError("cut"),
    b"<html>busy</html>",
    b"",
    b"{}",
    b"7000010",
]


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[IntelePeer]:
    with connected(runtime) as provider:
        yield provider


def own_id(tn: TN) -> str:
    """Return the id under which the fixed order holds a number."""
    return outcomes.reservation_id("order-17", tn)


def told(outcomes: list[ItemOutcome]) -> dict[TN, Outcome]:
    """Return the outcomes by number."""
    return {outcome.tn: outcome.outcome for outcome in outcomes}


# -- buying ---------------------------------------------------------------------------------------


def test_each_number_is_held_by_itself_and_all_are_ordered_together(
    provider: IntelePeer, faked: Faked
) -> None:
    hold_everything(faked)
    answer(faked, ORDER, "order.json")
    outcomes = order(provider, *TNS[:2], note="Numberdesk order 17")
    assert told(outcomes) == dict.fromkeys(TNS[:2], Outcome.PENDING)
    assert {(o.provider_ref, o.code) for o in outcomes} == {("7000010", "PENDING")}
    first, second, bought = (body for _, _, _, body in sent(faked))
    assert first == {"endpoints": [TNS[0]], "reservationID": own_id(TNS[0])}
    assert second == {"endpoints": [TNS[1]], "reservationID": own_id(TNS[1])}
    assert bought == {
        "packageID": 30001,
        "serviceArea": 4,
        "reservationID": [own_id(TNS[0]), own_id(TNS[1])],
        "referenceID": "order-17",
        "notes": "Numberdesk order 17",
    }


def test_what_is_held_already_is_ordered_by_its_id(runtime: RecordingRuntime, faked: Faked) -> None:
    provider = make_provider(runtime, service_area="2", order_email="noc@example.net")
    answer(faked, ORDER, "order.json")
    refs = {TNS[0]: "HOLD-A", TNS[1]: "HOLD-A", TNS[2]: "HOLD-B"}
    order(provider, *TNS[:3], reservation_refs=refs, route_ref="30002")
    ((_, _, _, body),) = sent(faked)
    assert body["reservationID"] == ["HOLD-A", "HOLD-B"]
    assert (body["packageID"], body["serviceArea"]) == (30002, 2)
    assert body["email"] == "noc@example.net"


@pytest.mark.parametrize("package", ["", "main", "0"])
def test_without_a_package_nothing_is_sent(runtime: RecordingRuntime, package: str) -> None:
    outcomes = order(make_provider(runtime, package_id=package), *TNS[:2])
    assert told(outcomes) == dict.fromkeys(TNS[:2], Outcome.REFUSED)
    assert all("not bought" in o.message and o.advice for o in outcomes)
    assert not runtime.exchanges


def test_a_number_that_is_gone_is_refused_and_the_others_are_bought(
    provider: IntelePeer, faked: Faked
) -> None:
    refuse(faked, HOLD, 409, GONE)
    hold_everything(faked)
    answer(faked, ORDER, "order.json")
    refuse(faked, ORDER, 422, "The 'reservationID' parameter is unknown.")
    answer(faked, OWN, "none.json")
    answer(faked, SEARCH, "none.json")
    outcomes = order(provider, *TNS[:2])
    assert told(outcomes) == {TNS[0]: Outcome.REFUSED, TNS[1]: Outcome.PENDING}
    (gone,) = (o for o in outcomes if o.tn == TNS[0])
    assert gone.code == "409"
    assert GONE in gone.message  # why it could not be held, not why its id was unknown
    assert gone.message.endswith("It was not bought.")
    assert gone.advice


@pytest.mark.parametrize("trouble", [*LOST[:4], None])
def test_a_hold_that_may_be_ours_is_ordered_by_our_own_id(
    provider: IntelePeer, faked: Faked, trouble: object
) -> None:
    if trouble is None:
        refuse(faked, HOLD, 409, GONE)  # held by an earlier try of this slice
    else:
        say(faked, HOLD, trouble)
    answer(faked, ORDER, "order.json")
    outcomes = order(provider, TNS[0])
    assert told(outcomes) == {TNS[0]: Outcome.PENDING}
    assert paths(faked) == [HOLD, ORDER]
    assert sent(faked)[1][3]["reservationID"] == [own_id(TNS[0])]


def test_a_refused_order_of_a_number_that_is_ours_is_a_success(
    provider: IntelePeer, faked: Faked
) -> None:
    refuse(faked, HOLD, 409, GONE)
    refuse(faked, ORDER, 409, GONE)
    answer(faked, OWN, "my_tf.json")
    (outcome,) = order(provider, TNS[0])
    assert outcome.outcome == Outcome.SUCCEEDED
    assert outcome.owned is not None
    assert "not bought again" in outcome.message


def test_a_refusal_that_could_not_be_checked_is_unknown(provider: IntelePeer, faked: Faked) -> None:
    refuse(faked, HOLD, 409, GONE)
    refuse(faked, ORDER, 409, GONE)
    say(faked, OWN, b"", status=503)
    (outcome,) = order(provider, TNS[0])
    assert outcome.outcome == Outcome.UNKNOWN


def test_a_refused_group_is_halved_until_each_number_has_its_verdict(
    provider: IntelePeer, faked: Faked
) -> None:
    hold_everything(faked)
    expired = own_id(TNS[2])
    judge_by_number(
        faked,
        ORDER,
        "reservationID",
        lambda ids: (422, "The hold has expired.") if expired in ids else (200, ""),
    )
    answer(faked, OWN, "none.json")
    answer(faked, SEARCH, "none.json")
    outcomes = order(provider, *TNS)
    assert told(outcomes) == {
        TNS[0]: Outcome.PENDING,
        TNS[1]: Outcome.PENDING,
        TNS[2]: Outcome.REFUSED,
        TNS[3]: Outcome.PENDING,
    }
    bought = [body["reservationID"] for _, path, _, body in sent(faked) if path == ORDER]
    assert [len(ids) for ids in bought] == [4, 2, 2, 1, 1]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (402, "Order blocked; trial limit realized. Limit: 10 seats."),
        (402, "Order too large; trial limit exceeded. Available: 1 seats."),
        (422, "The 'serviceArea' parameter must match one of the following values: 1, 2, 3, 4, 5"),
        (422, "The 'packageID' parameter must be formatted as a(n) integer."),
        (406, "Not Acceptable"),
    ],
)
def test_a_refusal_of_the_whole_order_is_not_tried_in_pieces(
    provider: IntelePeer, faked: Faked, status: int, words: str
) -> None:
    hold_everything(faked)
    refuse(faked, ORDER, status, words)
    answer(faked, OWN, "none.json")
    answer(faked, SEARCH, "none.json")
    outcomes = order(provider, *TNS[:2])
    assert told(outcomes) == dict.fromkeys(TNS[:2], Outcome.REFUSED)
    assert all(o.code == str(status) and words in o.message and o.advice for o in outcomes)
    assert paths(faked).count(ORDER) == 1


@pytest.mark.parametrize("trouble", LOST)
def test_a_lost_answer_to_an_order_is_never_a_verdict_and_never_sent_again(
    provider: IntelePeer, faked: Faked, trouble: object
) -> None:
    hold_everything(faked)
    say(faked, ORDER, trouble)
    with pytest.raises((ProviderTimeout, ProviderProtocolError)):
        order(provider, *TNS[:2])
    assert paths(faked) == [HOLD, HOLD, ORDER]


def test_a_half_that_was_bought_is_told_before_the_other_is_lost(
    provider: IntelePeer, faked: Faked
) -> None:
    refuse(faked, GIVE_BACK, 409, NOT_OURS)
    answer(faked, GIVE_BACK, "disconnect.json")
    say(faked, GIVE_BACK, requests.exceptions.ReadTimeout("slow"))
    outcomes = provider.release_tns(TNS[:2], reference="rel-1")
    assert next(outcomes).tn == TNS[0]
    with pytest.raises(ProviderTimeout):
        next(outcomes)


def test_every_cut_of_a_good_answer_is_lost(runtime: RecordingRuntime) -> None:
    whole = wire("order.json").rstrip()
    for length in range(0, len(whole), 9):
        provider = make_provider(runtime)
        with Faked() as faked:
            faked.add(responses.POST, BASE + ORDER, body=whole[:length])
            with pytest.raises(ProviderProtocolError):
                order(provider, TNS[0], reservation_refs={TNS[0]: "HOLD-A"})


def test_a_local_number_is_refused_without_a_call(
    provider: IntelePeer, runtime: RecordingRuntime
) -> None:
    local = TN("+13125550142")
    for answers in (
        order(provider, local),
        list(provider.reserve_tns([local], reference="h")),
    ):
        assert told(answers) == {local: Outcome.REFUSED}
        assert answers[0].advice
    assert not runtime.exchanges


# -- holding --------------------------------------------------------------------------------------


def test_a_hold_tells_its_id_and_its_end(provider: IntelePeer, faked: Faked) -> None:
    hold_everything(faked)
    outcomes = list(provider.reserve_tns(TNS[:2], reference="hold-1"))
    assert told(outcomes) == dict.fromkeys(TNS[:2], Outcome.SUCCEEDED)
    assert len({o.reservation_ref for o in outcomes}) == 2
    assert all(o.expires_at is not None for o in outcomes)


def test_one_number_that_is_gone_does_not_spoil_the_other_holds(
    provider: IntelePeer, faked: Faked
) -> None:
    refuse(faked, HOLD, 409, GONE)
    hold_everything(faked)
    outcomes = list(provider.reserve_tns(TNS[:2], reference="hold-1"))
    assert told(outcomes) == {TNS[0]: Outcome.REFUSED, TNS[1]: Outcome.SUCCEEDED}
    assert outcomes[0].message.endswith("It is not held.")


def test_an_answer_about_another_number_is_no_hold(provider: IntelePeer, faked: Faked) -> None:
    answer(faked, HOLD, "reservation.json")
    with pytest.raises(ProviderProtocolError):
        list(provider.reserve_tns([TNS[1]], reference="hold-1"))


# -- giving back ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 202])
def test_giving_back_is_pending_by_200_and_by_202(
    provider: IntelePeer, faked: Faked, status: int
) -> None:
    answer(faked, GIVE_BACK, "disconnect.json", status=status)
    outcomes = list(provider.release_tns(TNS[:2], reference="rel-1"))
    assert told(outcomes) == dict.fromkeys(TNS[:2], Outcome.PENDING)
    assert {o.provider_ref for o in outcomes} == {"7000011"}
    assert sent(faked)[0][3] == {"endpoints": list(TNS[:2]), "referenceID": "rel-1"}


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("One or more numbers is part of a conflicting order.", Outcome.REFUSED),
        ("One or more numbers is already pending disconnect.", Outcome.PENDING),
        (NOT_OURS, Outcome.REFUSED),
    ],
)
def test_each_409_of_a_disconnect(
    provider: IntelePeer, faked: Faked, words: str, outcome: Outcome
) -> None:
    judge_by_number(
        faked, GIVE_BACK, "endpoints", lambda tns: (409, words) if TNS[1] in tns else (200, "")
    )
    outcomes = list(provider.release_tns(TNS[:3], reference="rel-1"))
    assert told(outcomes) == {TNS[0]: Outcome.PENDING, TNS[1]: outcome, TNS[2]: Outcome.PENDING}
    (judged,) = (o for o in outcomes if o.tn == TNS[1])
    assert judged.code == "409"
    assert bool(judged.advice) is (outcome == Outcome.REFUSED)


@pytest.mark.parametrize("trouble", LOST)
def test_a_lost_answer_to_a_disconnect_is_never_a_verdict(
    provider: IntelePeer, faked: Faked, trouble: object
) -> None:
    say(faked, GIVE_BACK, trouble)
    with pytest.raises((ProviderTimeout, ProviderProtocolError)):
        list(provider.release_tns(TNS[:2], reference="rel-1"))
    assert paths(faked) == [GIVE_BACK]


@pytest.mark.parametrize(
    "ask",
    [
        lambda p: order(p, TNS[0]),
        lambda p: list(p.release_tns(TNS[:1], reference="r")),
        lambda p: list(p.reserve_tns(TNS[:1], reference="r")),
    ],
)
def test_refused_credentials_stop_every_change(
    provider: IntelePeer, faked: Faked, ask: Callable[[IntelePeer], list[ItemOutcome]]
) -> None:
    for path in (HOLD, ORDER, GIVE_BACK):
        refuse(faked, path, 401, "Unauthorized")
    with pytest.raises(ProviderAuthError) as caught:
        ask(provider)
    assert isinstance(caught.value, ProviderError)
    assert len(faked.calls) == 1
