"""IntelePeer: the seven documented operations, and the three lists that were seen."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from portal.providers.dto import Outcome
from portal.providers.intelepeer.client import IntelePeerClient
from portal.providers.intelepeer.envelope import Call as Asked
from portal.providers.intelepeer.mapping import account, numbers, outcomes
from portal.tn import TN
from tests.providers.calls import Example, Refusal, Stage

Call = Callable[[IntelePeerClient], Any]
RESERVE = "POST /_rest/v4/carrier/tf/reservations"
ORDER = "POST /_rest/v4/my/tf/orders"
PACKAGE = "POST /_rest/v4/my/tf/package"
DISCONNECT = "POST /_rest/v4/my/tf/disconnect"
TERMS: dict[str, Any] = {"package_id": 30001, "service_area": 4, "reference_id": "order-17"}


def new() -> str:
    """Return an id that nothing else has."""
    return str(uuid.uuid4()).upper()


def spare(stage: Stage) -> TN:
    """Return a number for sale; the account is no trial account while it is looked at."""
    stage.sandbox.control("setting", key="intelepeer.trial_limit", value="")
    return TN.from_digits10(stage.for_sale(tn=stage.new_tn(npa="888")))


def owned(stage: Stage) -> TN:
    """Return a number of ours."""
    return TN.from_digits10(stage.owned(tn=stage.new_tn(npa="888"), data={"packageID": 30001}))


def foreign(stage: Stage) -> TN:
    """Return a number of another account."""
    return TN.from_digits10(stage.foreign(tn=stage.new_tn(npa="888")))


def leaving(stage: Stage) -> TN:
    """Return a number of ours that is being disconnected."""
    stage.sandbox.control("setting", key="intelepeer.order_delay", value=3600)
    tn = owned(stage)
    stage.helper.my_tf_disconnect([tn], reference_id="order-16")
    return tn


def moving(stage: Stage) -> TN:
    """Return a number of ours that is being put on another package."""
    stage.sandbox.control("setting", key="intelepeer.order_delay", value=3600)
    tn = owned(stage)
    stage.helper.my_tf_package([tn], package_id=30002, reference_id="order-16")
    return tn


def held(stage: Stage) -> tuple[TN, str]:
    """Return a number that we hold, and the id of its hold."""
    tn, ref = spare(stage), new()
    stage.helper.carrier_tf_reservations([tn], reservation_id=ref)
    return tn, ref


def on(make: Callable[[Stage], TN], call: Callable[[IntelePeerClient, TN], Any]) -> Any:
    """Return an arrangement: the number is made, then the call is made for it."""

    def arrange(stage: Stage) -> Call:
        tn = make(stage)
        return lambda client: call(client, tn)

    return arrange


def _tns(value: Any, *, version: str = "v4") -> list[TN]:
    return [tn for tn, _ in numbers.owned_page(value, page_size=100, version=version).rows]


def _stock(value: Any) -> list[TN]:
    return [tn for tn, _ in numbers.stock_page(value, page_size=100).rows]


def _accepted(operation: str, tn: TN, value: Any) -> Outcome:
    ref, status = outcomes.order_ref(value, Asked(operation=operation, is_write=True))
    return outcomes.accepted(tn, ref, status, "the order").outcome


def _order_hold(stage: Stage) -> Call:
    tn, ref = held(stage)
    return lambda c: _accepted(ORDER, tn, c.my_tf_orders(reservation_ids=[ref], **TERMS))


def _order_numbers(stage: Stage) -> Call:
    tn, _ = held(stage)
    return lambda c: _accepted(
        ORDER, tn, c.my_tf_orders(tns=[tn], email="ops@example.net", notes="Two lines", **TERMS)
    )


EXAMPLES = (
    Example(
        operation="POST /_rest/v4/authenticate",
        arrange=lambda stage: lambda c: c.authenticate(),
        holds=lambda token: len(token) > 8,
    ),
    Example(
        operation="GET /_rest/v4/carrier/tf",
        arrange=on(spare, lambda c, tn: (tn, _stock(c.carrier_tf(like=str(tn))))),
        holds=lambda told: told[1] == [told[0]],
    ),
    Example(
        operation="GET /_rest/v4/carrier/tf",
        label="neighbours under two codes",
        arrange=lambda stage: (
            lambda c: _stock(c.carrier_tf(npas=["800", "888"], is_sequential=True, page_size=10))
        ),
        holds=lambda found: {tn.npa for tn in found} <= {"800", "888"},
    ),
    Example(
        operation="GET /_rest/v3/my/tf",
        arrange=on(owned, lambda c, tn: (tn, _tns(c.my_tf_v3(like=str(tn)), version="v3"))),
        holds=lambda told: told[1] == [told[0]],
    ),
    Example(
        operation="GET /_rest/v4/my/tf",
        arrange=on(owned, lambda c, tn: (tn, _tns(c.my_tf_v4(like=str(tn))))),
        holds=lambda told: told[1] == [told[0]],
    ),
    Example(
        operation="GET /_rest/v4/my/tf",
        label="filtered",
        arrange=lambda stage: (
            lambda c: _tns(c.my_tf_v4(package_ids=[30001, 30002], has_cpaas=False, page_size=5))
        ),
        holds=bool,
    ),
    Example(
        operation=RESERVE,
        arrange=on(
            spare,
            lambda c, tn: (
                outcomes.held(tn, c.carrier_tf_reservations([tn], reservation_id=new())).outcome
            ),
        ),
        holds=lambda outcome: outcome == Outcome.SUCCEEDED,
    ),
    Example(operation=ORDER, arrange=_order_hold, holds=lambda told: told == Outcome.PENDING),
    Example(
        operation=ORDER,
        label="by number",
        arrange=_order_numbers,
        holds=lambda told: told == Outcome.PENDING,
    ),
    Example(
        operation=ORDER,
        label="by quantity",
        arrange=on(spare, lambda c, tn: _accepted(ORDER, tn, c.my_tf_orders(quantity=1, **TERMS))),
        holds=lambda told: told == Outcome.PENDING,
    ),
    Example(
        operation=PACKAGE,
        arrange=on(
            owned,
            lambda c, tn: _accepted(
                PACKAGE, tn, c.my_tf_package([tn], package_id=30002, reference_id="order-17")
            ),
        ),
        holds=lambda told: told == Outcome.PENDING,
    ),
    Example(
        operation=DISCONNECT,
        arrange=on(
            owned,
            lambda c, tn: _accepted(
                DISCONNECT, tn, c.my_tf_disconnect([tn], reference_id="order-17")
            ),
        ),
        holds=lambda told: told == Outcome.PENDING,
    ),
    Example(
        operation="GET /_rest/v4/my/packages",
        arrange=lambda stage: lambda c: account.routes(c.my_packages()),
        holds=lambda routes: "30001" in [route.ref for route in routes],
    ),
    Example(
        operation="GET /_rest/v4/my/accounts",
        arrange=lambda stage: lambda c: account.accounts(c.my_accounts(counts_numbers=True)),
        holds=lambda accounts: [each.ref for each in accounts] == ["1000001"],
    ),
)


def _trial(limit: int) -> Callable[[Stage], Call]:
    def arrange(stage: Stage) -> Call:
        _, ref = held(stage)
        stage.sandbox.control("setting", key="intelepeer.trial_limit", value=limit)
        return lambda c: c.my_tf_orders(reservation_ids=[ref], **TERMS)

    return arrange


def _lapsed(stage: Stage) -> Call:
    _, ref = held(stage)
    stage.sandbox.control("clock", advance="31m")
    return lambda c: c.my_tf_orders(reservation_ids=[ref], **TERMS)


def _no(operation: str, why: str, code: str, says: str, arrange: Any) -> Refusal:
    return Refusal(operation=operation, why=why, code=code, says=says, arrange=arrange)


def _disconnect(client: IntelePeerClient, tn: TN) -> Any:
    return client.my_tf_disconnect([tn], reference_id="order-17")


REFUSALS: tuple[Refusal, ...] = (
    _no(
        RESERVE,
        "gone",
        "409",
        "not for sale any more",
        on(foreign, lambda c, tn: c.carrier_tf_reservations([tn], reservation_id=new())),
    ),
    _no(ORDER, "the trial account is full", "402", "reached its limit", _trial(0)),
    _no(ORDER, "the hold ran out", "409", "not for sale any more", _lapsed),
    _no(
        PACKAGE,
        "an unknown package",
        "422",
        "does not accept the package",
        on(
            owned,
            lambda c, tn: c.my_tf_package([tn], package_id=39999, reference_id="order-17"),
        ),
    ),
    _no(DISCONNECT, "somebody else's", "409", "is not on this account", on(foreign, _disconnect)),
    _no(
        DISCONNECT,
        "under way already",
        "409",
        "is being disconnected already",
        on(leaving, _disconnect),
    ),
    _no(DISCONNECT, "another order is open", "409", "is still open", on(moving, _disconnect)),
)
