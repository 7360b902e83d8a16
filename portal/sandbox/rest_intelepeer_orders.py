"""IntelePeer sections 5 to 8: orders, package changes, disconnects, lookups (intelepeer.md).

Every write answers an order that is `PENDING`; `rest_intelepeer_clock` carries it out when its time
has come (setting `intelepeer.order_delay`, seconds of the sandbox clock).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from portal.sandbox.http import Request, Response, json_response
from portal.sandbox.rest_intelepeer_wire import (
    CHANGE,
    CONFLICTING_ORDER,
    COUNTRY_CODE,
    NOT_ASSIGNED,
    NOT_AVAILABLE,
    PAGE_SIZE_LIMIT,
    PENDING_DISCONNECT,
    PROVIDER,
    PURCHASE,
    RETURN,
    Caller,
    Parameters,
    Refused,
    body_of,
    check_scalars,
    endpoint_list,
    is_faulted,
    operation,
    require,
    required,
    sortable,
    tn_of,
    wrong_format,
    zulu,
)
from portal.sandbox.store import Store

STRINGS = ("email", "notes", "referenceID")
SERVICE_AREAS = (1, 2, 3, 4, 5)
CHOICES = ("reservationID", "reservations", "endpoints", "numbers", "quantity")
ORDER_DELAY_SECONDS = 2
PACKAGES = {
    30001: "SIP Trunk East",
    30002: "SIP Trunk West",
    30003: "Contact Center",
}


@operation(refusal=(402, "Order blocked; trial limit realized. Limit: 0 seats."))
def create_order(request: Request, store: Store, caller: Caller) -> Response:
    """POST my/tf/orders: buy numbers that are held, or any `quantity` of the stock (5).

    An expired hold is not among the published errors; it is answered as `Number(s) not available.`
    """
    body = body_of(request)
    check_scalars(body, integers=("packageID", "serviceArea", "quantity"), strings=STRINGS)
    package_id = _package(body)
    require(body, "serviceArea")
    if int(body["serviceArea"]) not in SERVICE_AREAS:
        raise Refused(
            422,
            "The 'serviceArea' parameter must match one of the following values: 1, 2, 3, 4, 5",
        )
    if body.get("myRespOrg") is not None and not isinstance(body["myRespOrg"], bool):
        raise wrong_format("myRespOrg", "boolean")
    given = [name for name in CHOICES if body.get(name) not in (None, "", [])]
    if not given:
        raise required("reservationID")
    if len(given) > 1:
        raise Refused(
            409,
            "The following parameters are mutually exclusive: " + ", ".join(map(repr, given[:2])),
        )
    if is_faulted(request, "partial"):
        raise Refused(409, NOT_AVAILABLE)
    tns = _chosen(store, caller, given[0], body[given[0]])
    _check_trial(store, caller, len(tns))
    order = _file_order(store, caller, PURCHASE, tns, body, package_id=package_id)
    marks = ", ".join("?" * len(tns))
    store.execute(
        "UPDATE number SET status = 'reserved', held_by = ?, held_until = '', changed_at = ?"  # noqa: S608
        f" WHERE provider = ? AND tn IN ({marks})",
        (f"order:{order['orderID']}", store.now().isoformat(), PROVIDER, *tns),
    )
    response = json_response(200, order)
    response.done = tns
    return response


def _package(body: Mapping[str, Any]) -> int:
    require(body, "packageID")
    package_id = int(body["packageID"])
    if package_id not in PACKAGES:
        known = ", ".join(map(str, PACKAGES))
        raise Refused(
            422, f"The 'packageID' parameter must match one of the following values: {known}"
        )
    return package_id


def _chosen(store: Store, caller: Caller, name: str, value: Any) -> list[str]:
    """Return the numbers that an order is about; raise 409 when one cannot be had."""
    if name == "quantity":
        rows = store.query(
            "SELECT tn FROM number WHERE provider = ? AND status = 'available' ORDER BY tn LIMIT ?",
            (PROVIDER, max(int(value), 1)),
        )
        if len(rows) < int(value) or int(value) < 1:
            raise Refused(409, NOT_AVAILABLE)
        return [row["tn"] for row in rows]
    if name in ("reservationID", "reservations"):
        ids = value if isinstance(value, list) else [value]
        return [tn for one in ids for tn in _held(store, caller, str(one))]
    if not isinstance(value, list):
        raise wrong_format(name, "array")
    tns = [_number_object(entry) for entry in value]
    held = {tn for row in _holds(store, caller) for tn in json.loads(row["tns"])}
    if not set(tns) <= held:
        raise Refused(409, NOT_AVAILABLE)
    return tns


def _holds(store: Store, caller: Caller) -> list[Any]:
    return store.query(
        "SELECT reservation_id, tns FROM intelepeer_reservation"
        " WHERE login = ? AND ordered = 0 AND expires > ?",
        (caller.login, zulu(store.now())),
    )


def _held(store: Store, caller: Caller, reservation_id: str) -> list[str]:
    """Return the numbers of a hold of the caller, which is used up by it; raise 409 for another."""
    for row in _holds(store, caller):
        if row["reservation_id"] == reservation_id.upper():
            store.execute(
                "UPDATE intelepeer_reservation SET ordered = 1 WHERE reservation_id = ?",
                (row["reservation_id"],),
            )
            return list(json.loads(row["tns"]))
    raise Refused(409, NOT_AVAILABLE)


def reserved_tns(request: Request, store: Store) -> list[str]:
    """List the numbers that an order names by the ids of holds."""
    body = body_of(request)
    given = body.get("reservationID") or body.get("reservations") or []
    ids = [str(one).upper() for one in (given if isinstance(given, list) else [given])]
    rows = store.query(
        "SELECT tns FROM intelepeer_reservation WHERE reservation_id IN"
        " (SELECT value FROM json_each(?))",
        (json.dumps(ids),),
    )
    return [tn for row in rows for tn in json.loads(row["tns"])]


def _number_object(entry: object) -> str:
    """Return the number of `{"countryCode":"1","number":"8885550101"}`; raise 422 otherwise."""
    if not isinstance(entry, dict):
        raise required("countryCode")
    require(entry, "countryCode", "number")
    if str(entry["countryCode"]) != "1":
        raise Refused(422, COUNTRY_CODE)
    return str(entry["number"])


def _check_trial(store: Store, caller: Caller, wanted: int) -> None:
    """Raise 402 when a trial account would hold too many (setting `intelepeer.trial_limit`)."""
    limit = store.setting("intelepeer.trial_limit", "")
    if limit in ("", None):
        return
    pending = sum(
        len(json.loads(row["tns"]))
        for row in store.query(
            "SELECT tns FROM intelepeer_order WHERE login = ? AND type = ? AND status = 'PENDING'",
            (caller.login, PURCHASE),
        )
    )
    available = int(limit) - _owned(store, caller.login) - pending
    if available <= 0:
        raise Refused(402, f"Order blocked; trial limit realized. Limit: {int(limit)} seats.")
    if wanted > available:
        raise Refused(402, f"Order too large; trial limit exceeded. Available: {available} seats.")


def _owned(store: Store, login: str) -> int:
    rows = store.query(
        "SELECT count(*) AS owned FROM number WHERE provider = ? AND account = ?"
        " AND status = 'owned'",
        (PROVIDER, login),
    )
    return int(rows[0]["owned"])


@operation(refusal=(422, "The 'packageID' parameter must match one of the following values: 30001"))
def change_package(request: Request, store: Store, caller: Caller) -> Response:
    """POST my/tf/package: move own numbers to another package (6).

    What a foreign number answers is not published; it is the 409 of the disconnect here.
    """
    body = body_of(request)
    check_scalars(body, integers=("packageID",), strings=STRINGS)
    package_id = _package(body)
    tns = _own_tns(store, caller, endpoint_list(body))
    order = _file_order(store, caller, CHANGE, tns, body, package_id=package_id)
    return json_response(200, order)


@operation(checks_accept=False, refusal=(409, CONFLICTING_ORDER))
def disconnect(request: Request, store: Store, caller: Caller) -> Response:
    """POST my/tf/disconnect: give numbers back; 202 with an order without account, package (7)."""
    body = body_of(request)
    check_scalars(body, integers=(), strings=STRINGS)
    tns = _own_tns(store, caller, endpoint_list(body))
    order = _file_order(store, caller, RETURN, tns, body, package_id=None)
    return json_response(202, {**order, "accountID": None})


def _own_tns(store: Store, caller: Caller, endpoints: Sequence[str]) -> list[str]:
    """Return the numbers when all are the account's and in no open order; raise 409 otherwise."""
    open_orders = store.query(
        "SELECT type, tns FROM intelepeer_order WHERE status = 'PENDING' AND login = ?",
        (caller.login,),
    )
    busy = {tn: row["type"] for row in open_orders for tn in json.loads(row["tns"])}
    tns = [tn_of(endpoint) or "" for endpoint in endpoints]
    kinds = {busy[tn] for tn in tns if tn in busy}
    if RETURN in kinds:
        raise Refused(409, PENDING_DISCONNECT)
    if kinds:
        raise Refused(409, CONFLICTING_ORDER)
    marks = ", ".join("?" * len(tns))
    own = store.query(
        "SELECT count(*) AS own FROM number WHERE provider = ? AND account = ?"  # noqa: S608
        f" AND status = 'owned' AND tn IN ({marks})",
        (PROVIDER, caller.login, *tns),
    )[0]["own"]
    if own != len(set(tns)):
        raise Refused(409, NOT_ASSIGNED)
    return tns


def _file_order(
    store: Store,
    caller: Caller,
    kind: str,
    tns: Sequence[str],
    body: Mapping[str, Any],
    *,
    package_id: int | None,
) -> dict[str, Any]:
    """Keep a pending order and return the order object of section 5."""
    if body.get("referenceID") == "":
        raise wrong_format("referenceID", "string")
    now = store.now()
    delay = float(store.setting("intelepeer.order_delay", ORDER_DELAY_SECONDS))
    last = store.query("SELECT max(order_id) AS last FROM intelepeer_order")[0]["last"]
    order_id = (last or 7000000) + 10
    store.execute(
        "INSERT INTO intelepeer_order"
        " (order_id, login, type, status, package_id, tns, created, due)"
        " VALUES (?, ?, ?, 'PENDING', ?, ?, ?, ?)",
        (
            order_id,
            caller.login,
            kind,
            package_id,
            json.dumps(list(tns)),
            now.isoformat(),
            sortable(now + timedelta(seconds=delay)),
        ),
    )
    return {
        "accountID": caller.account_id,
        "batchIDs": [order_id // 10],
        "completed": None,
        "created": zulu(now),
        "orderID": order_id,
        "packageID": package_id,
        "referenceID": body.get("referenceID"),
        "source": "API",
        "status": "PENDING",
        "type": kind,
    }


@operation()
def list_packages(request: Request, store: Store, caller: Caller) -> Response:
    """GET my/packages: the packages that numbers can be put on (8)."""
    packages = [{"packageID": key, "name": name} for key, name in PACKAGES.items()]
    return json_response(200, {"packages": packages})


@operation()
def list_accounts(request: Request, store: Store, caller: Caller) -> Response:
    """GET my/accounts: the account of the login, with counts when `countNumbers=1` (8)."""
    query = Parameters(request.query)
    account_id, name = query.text("accountID"), query.text("name")
    if account_id is not None and not re.fullmatch(r"\d+", account_id):
        raise wrong_format("accountID", "integer")
    count, is_deleted = query.boolean("countNumbers"), query.boolean("isDeleted")
    page = query.integer("page", 1)
    query.integer("pageSize", PAGE_SIZE_LIMIT, high=PAGE_SIZE_LIMIT)
    account: dict[str, Any] = {
        "accountID": caller.account_id,
        "name": caller.name,
        "isDeleted": False,
    }
    if count:
        account |= {"didCount": 0, "tfCount": _owned(store, caller.login)}
    is_asked_for = (
        page == 1
        and not is_deleted
        and account_id in (None, str(caller.account_id))
        and (name is None or name.lower() in caller.name.lower())
    )
    return json_response(200, {"accounts": [account] if is_asked_for else []})
