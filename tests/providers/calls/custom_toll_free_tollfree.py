"""Custom Toll Free: the eleven operations of the registry and the search interface."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import requests as http

from portal.providers.custom_toll_free.client import CustomTollFreeClient
from portal.providers.custom_toll_free.mapping import (
    numbers,
    outcomes,
    requests,
    search,
)
from portal.providers.dto import Outcome
from portal.providers.dto.tollfree import (
    RequestPhase,
    TollFreeStatus,
)
from portal.tn import TN
from tests.providers.calls import Example, Refusal, Stage

Call = Callable[[CustomTollFreeClient], Any]
CONTACT = {"contact_name": "Jane Roe", "contact_phone": "2125550142"}
FLOWERS = TN("+18883569377")
TEMPLATE = "*SBDEFAULT"


def new() -> str:
    """Return a reference that nothing else has."""
    return str(uuid.uuid4())


def later(stage: Stage, days: int = 20) -> datetime:
    """Return a quarter-hour some days ahead by the sandbox's clock."""
    state = http.get(f"{stage.sandbox.url}/_sandbox/state", timeout=30).json()
    now = datetime.fromisoformat(state["now"]).astimezone(UTC)
    return (now + timedelta(days=days)).replace(minute=15, second=0, microsecond=0)


# -- scenes ---------------------------------------------------------------------------------------


def spare(stage: Stage) -> TN:
    """Return a number that anybody may have; holds are not capped while it is looked at."""
    stage.sandbox.control("setting", key="custom_toll_free.pool_percent", value=100)
    return TN.from_digits10(stage.for_sale(tn=stage.new_tn(npa="888")))


def foreign(stage: Stage) -> TN:
    """Return a number of another RespOrg."""
    return TN.from_digits10(stage.foreign(tn=stage.new_tn(npa="888")))


def held(stage: Stage) -> TN:
    """Return a number that we hold."""
    tn = spare(stage)
    stage.helper.reserve([tn], reqref=new(), **CONTACT)
    return tn


def waiting(stage: Stage) -> tuple[TN, datetime]:
    """Return a number of ours whose first record waits for its time, and that time."""
    tn, effective = held(stage), later(stage)
    stage.helper.copyrecord(tn, source=TEMPLATE, reqref=new(), effective=effective)
    return tn, effective


def working(stage: Stage) -> TN:
    """Return a number that works under our RespOrg, by a record of its own."""
    tn = held(stage)
    stage.helper.copyrecord(tn, source=TEMPLATE, reqref=new())
    stage.sandbox.control("clock", advance="16m")
    return tn


def ended(stage: Stage) -> TN:
    """Return a number of ours that was disconnected just now."""
    tn = working(stage)
    stage.helper.disconnect(tn, reqref=new())
    return tn


def expired(stage: Stage) -> TN:
    """Return a number whose hold of ours ran out."""
    tn = held(stage)
    for step in ("47d", "-47d"):
        stage.sandbox.control("clock", advance=step)
    return tn


# -- what is read of an answer --------------------------------------------------------------------


def rows(answer: Any) -> dict[TN, numbers.NumberRow]:
    return numbers.number_rows(answer)


def fate(judge: Callable[..., Any], tn: TN, answer: Any, **told: Any) -> Outcome:
    return judge(tn, answer, rows(answer).get(tn), **told).outcome


def on(make: Callable[[Stage], TN], call: Callable[[CustomTollFreeClient, TN], Any]) -> Any:
    """Return an arrangement: the number is made, then the call is made for it."""

    def arrange(stage: Stage) -> Call:
        tn = make(stage)
        return lambda client: call(client, tn)

    return arrange


def _reserve_two(stage: Stage) -> Call:
    good, gone = spare(stage), foreign(stage)

    def call(client: CustomTollFreeClient) -> list[Outcome]:
        answer = client.reserve([good, gone], reqref=new(), notes="For a customer", **CONTACT)
        return [fate(outcomes.reserved, tn, answer) for tn in (good, gone)]

    return call


def _disconnect_later(stage: Stage) -> Call:
    tn, effective = working(stage), later(stage)
    end = effective.date() + timedelta(days=30)

    def call(client: CustomTollFreeClient) -> Outcome:
        answer = client.disconnect(
            tn, reqref=new(), effective=effective, intercept_end=end, has_referral=True
        )
        return fate(outcomes.ended, tn, answer)

    return call


def _list(statuses: tuple[str, ...]) -> Callable[[CustomTollFreeClient], list[Any]]:
    def call(client: CustomTollFreeClient) -> list[Any]:
        with client.resporgcheck(statuses=statuses) as listed:
            found = [numbers.number_row(record) for record in listed]
        return [numbers.toll_free_number(row) for row in found if row is not None]

    return call


def _status_by_reference(stage: Stage) -> Call:
    tn, reqref = spare(stage), new()
    stage.helper.reserve([tn], reqref=reqref, **CONTACT)

    def call(client: CustomTollFreeClient) -> Any:
        state = requests.request_state(client.requeststatus(reqref=reqref))
        return state.phase, [each.tn for each in state.outcomes] == [tn]

    return call


def _status_at_work(stage: Stage) -> Call:
    tn = spare(stage)
    stage.sandbox.control("fault", provider=stage.slug, operation="reserve", fault="pending")
    stage.sandbox.control("setting", key="custom_toll_free.pending_seconds", value=3600)
    answer = stage.helper.reserve([tn], reqref=new(), **CONTACT)
    assert answer.is_pending

    def call(client: CustomTollFreeClient) -> Any:
        return requests.request_state(client.requeststatus(request_id=answer.request_id)).phase

    return call


EXAMPLES = (
    Example(
        operation="search",
        arrange=on(
            spare, lambda c, tn: (tn, list(search.offers(c.search(vanity=tn.digits10[3:]))))
        ),
        holds=lambda told: told[0] in [offer.tn for offer in told[1]],
    ),
    Example(
        operation="search",
        label="a word under one code",
        arrange=lambda stage: (
            lambda c: list(search.offers(c.search(vanity="FLOWERS", prefixes=["800"])))
        ),
        holds=lambda offers: all(offer.tn.npa == "800" for offer in offers),
    ),
    Example(
        operation="reverselookup",
        arrange=lambda stage: lambda c: search.spellings(c.reverselookup(FLOWERS)),
        holds=lambda words: "FLOWERS" in words,
    ),
    Example(
        operation="reserve",
        arrange=on(
            spare,
            lambda c, tn: fate(outcomes.reserved, tn, c.reserve([tn], reqref=new(), **CONTACT)),
        ),
        holds=lambda outcome: outcome == Outcome.SUCCEEDED,
    ),
    Example(
        operation="reserve",
        label="one of two is gone",
        arrange=_reserve_two,
        holds=lambda told: told == [Outcome.SUCCEEDED, Outcome.REFUSED],
    ),
    Example(
        operation="query",
        arrange=on(held, lambda c, tn: numbers.toll_free_number(rows(c.query([tn]))[tn])),
        holds=lambda number: (number.status, number.resporg) == (TollFreeStatus.RESERVED, "SBX01"),
    ),
    Example(
        operation="query",
        label="several",
        arrange=on(spare, lambda c, tn: len(rows(c.query([tn, FLOWERS])))),
        holds=lambda count: count == 2,
    ),
    Example(
        operation="spare",
        arrange=on(held, lambda c, tn: fate(outcomes.spared, tn, c.spare(tn, reqref=new()))),
        holds=lambda outcome: outcome == Outcome.SUCCEEDED,
    ),
    Example(
        operation="disconnect",
        arrange=on(working, lambda c, tn: rows(c.disconnect(tn, reqref=new()))[tn].status),
        holds=lambda status: status == "DISCONNECT",
    ),
    Example(
        operation="disconnect",
        label="without an announcement",
        arrange=on(
            working,
            lambda c, tn: rows(c.disconnect(tn, reqref=new(), intercept_end="NOW"))[tn].status,
        ),
        holds=lambda status: status == "TRANSITIONAL",
    ),
    Example(
        operation="disconnect",
        label="later",
        arrange=_disconnect_later,
        holds=lambda outcome: outcome == Outcome.PENDING,
    ),
    Example(
        operation="changeresporg",
        arrange=on(
            working,
            lambda c, tn: fate(
                outcomes.moved,
                tn,
                c.changeresporg([tn], new_resporg="OTH02", reqref=new()),
                resporg="OTH02",
            ),
        ),
        holds=lambda outcome: outcome == Outcome.SUCCEEDED,
    ),
    Example(
        operation="resporgcheck",
        arrange=lambda stage: _list(()),
        holds=lambda found: len(found) > 20,
    ),
    Example(
        operation="resporgcheck",
        label="some statuses",
        arrange=on(held, lambda c, tn: _list(("RESERVED",))(c)),
        holds=lambda found: {each.status for each in found} == {TollFreeStatus.RESERVED},
    ),
    Example(
        operation="requeststatus",
        arrange=_status_by_reference,
        holds=lambda told: told == (RequestPhase.COMPLETED, True),
    ),
    Example(
        operation="requeststatus",
        label="at work",
        arrange=_status_at_work,
        holds=lambda phase: phase == RequestPhase.PROCESSING,
    ),
)


# -- refusals -------------------------------------------------------------------------------------


def _capped(stage: Stage) -> Call:
    tn = spare(stage)
    stage.sandbox.control("setting", key="custom_toll_free.pool_percent", value=0)
    return lambda c: c.reserve([tn], reqref=new(), **CONTACT)


def _reused(stage: Stage) -> Call:
    first, second, reqref = held(stage), held(stage), new()
    stage.helper.spare(first, reqref=reqref)
    return lambda c: c.spare(second, reqref=reqref)


def refusal(operation: str, code: str, arrange: Any) -> Refusal:
    return Refusal(operation=operation, why=code, code=code, arrange=arrange)


REFUSALS: tuple[Refusal, ...] = (
    refusal(
        "reserve",
        "number_unavailable",
        on(foreign, lambda c, tn: c.reserve([tn], reqref=new(), **CONTACT)),
    ),
    refusal("reserve", "reservation_limit", _capped),
    refusal("spare", "invalid_status", on(working, lambda c, tn: c.spare(tn, reqref=new()))),
    refusal("spare", "too_early_to_spare", on(ended, lambda c, tn: c.spare(tn, reqref=new()))),
    refusal("spare", "duplicate_reqref", _reused),
    refusal(
        "disconnect",
        "not_controlling_resporg",
        on(foreign, lambda c, tn: c.disconnect(tn, reqref=new())),
    ),
    refusal(
        "disconnect",
        "invalid_status",
        on(held, lambda c, tn: c.disconnect(tn, reqref=new())),
    ),
    refusal(
        "disconnect",
        "invalid_effective_date",
        on(
            working,
            lambda c, tn: c.disconnect(
                tn, reqref=new(), effective=datetime(2020, 1, 2, tzinfo=UTC)
            ),
        ),
    ),
    refusal(
        "changeresporg",
        "permission_denied",
        on(held, lambda c, tn: c.changeresporg([tn], new_resporg="XYZ99", reqref=new())),
    ),
    refusal(
        "changeresporg",
        "invalid_resporg",
        on(held, lambda c, tn: c.changeresporg([tn], new_resporg="ZZZ98", reqref=new())),
    ),
    refusal(
        "changeresporg",
        "not_controlling_resporg",
        on(foreign, lambda c, tn: c.changeresporg([tn], new_resporg="SBX01", reqref=new())),
    ),
    Refusal(
        operation="requeststatus",
        why="request_not_found",
        code="request_not_found",
        arrange=lambda stage: lambda c: c.requeststatus(reqref=new()),
    ),
)
