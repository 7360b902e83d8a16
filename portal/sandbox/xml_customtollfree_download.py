"""The operation resporgcheck: all numbers of a RespOrg as a stream (section 7.8)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

from lxml import etree

from portal.sandbox.http import Request, Response
from portal.sandbox.store import Store
from portal.sandbox.xml_customtollfree_requests import (
    PENDING_SECONDS,
    check_acting,
    file_request,
    open_call,
    refuse_faulted,
)
from portal.sandbox.xml_customtollfree_state import (
    STATUSES,
    TollFreeNumber,
    read_number,
    schedule,
)
from portal.sandbox.xml_customtollfree_wire import (
    PROVIDER,
    XML_TYPE,
    Call,
    Refused,
    account_resporgs,
    error_answer,
    fields,
    next_request_id,
    parameters_of,
    pending_answer,
    refuse,
    request_name,
    xml_response,
)

HEADER = "number,resporg,status,statusdate,until\n"
CHUNK = 200


def resporg_check(request: Request, store: Store) -> Response:
    """GET /api/resporgcheck: stream every number of a RespOrg, as XML or CSV."""
    return _answer(request, store, _check_or_wait)


def download(request: Request, store: Store, request_id: str) -> Response:
    """GET /api/download/{requestid}: the list of a resporgcheck that was PENDING first."""

    def send(call: Call) -> Response:
        digits = request_id.removeprefix("R")
        rows = store.query(
            "SELECT parameters FROM ctf_request WHERE id = ? AND login = ?"
            " AND operation = 'resporgcheck' AND outcome = 'SUCCESS'",
            (int(digits) if digits[:18].isdecimal() else 0, call.login),
        )
        if not rows:
            raise refuse("request_not_found", "requestid")
        call.parameters = json.loads(rows[0]["parameters"])
        call.resporg = call.parameters["resporg"]
        return _stream(call)

    return _answer(request, store, send)


def _answer(request: Request, store: Store, send: Callable[[Call], Response]) -> Response:
    with store.transaction():
        request_id = next_request_id(store)
    try:
        call = open_call(request, store, request_id, parameters_of(request))
        refuse_faulted(call)
        return send(call)
    except Refused as refused:
        return xml_response(error_answer(request_id, refused.problems))


def _check_or_wait(call: Call) -> Response:
    """Stream the list, or answer PENDING when a fault says so and finish it later."""
    call.required("resporg")
    check_acting(call)
    _filters(call)
    plan = next((name for name in ("pending_then_error", "pending") if name in call.faults), "")
    if not plan:
        return _stream(call)
    answer = pending_answer(call.request_id)
    seconds = call.store.setting("custom_toll_free.pending_seconds", PENDING_SECONDS)
    with call.store.transaction():
        file_request(call, "resporgcheck", answer=answer, plan=plan)
        due = call.now + timedelta(seconds=float(seconds))
        schedule(call.store, due, "request", "", call.request_id)
    return xml_response(answer)


def _filters(call: Call) -> tuple[list[str], str, str]:
    """Return (statuses, since, format) of the call; raise invalid_parameter for a bad one."""
    statuses = call.choices("status", STATUSES)
    since = call.day("since")
    form = call.optional("format", "xml").lower()
    if form not in ("xml", "csv"):
        raise refuse("invalid_parameter", "format", "Must be xml or csv")
    return statuses, since.isoformat() if since else "", form


def _stream(call: Call) -> Response:
    statuses, since, form = _filters(call)
    numbers = iter(()) if "empty" in call.faults else _numbers(call, statuses, since)
    if form == "csv":
        return Response(200, _csv(numbers), "text/csv; charset=utf-8")
    return Response(200, _xml(numbers, call.request_id), XML_TYPE)


def _numbers(call: Call, statuses: list[str], since: str) -> Iterator[TollFreeNumber]:
    """Yield the numbers that the RespOrg controls, in order, without holding them all."""
    resporgs = account_resporgs(call.store)
    rows = call.store.iterate(
        "SELECT tn, status, account, data FROM number WHERE provider = ? AND account = ?"
        " AND status IN ('owned', 'reserved') ORDER BY tn",
        (PROVIDER, call.login),
    )
    for row in rows:
        number = read_number(row, resporgs)
        if (not statuses or number.status in statuses) and number.statusdate >= since:
            yield number


def _xml(numbers: Iterator[TollFreeNumber], request_id: int) -> Iterator[bytes]:
    yield (
        b"<?xml version='1.0' encoding='UTF-8'?>\n<response><status>SUCCESS</status>"
        b"<requestid>%s</requestid><results>" % request_name(request_id).encode()
    )
    for chunk in _chunks(numbers, _xml_item):
        yield chunk.encode()
    yield b"</results></response>"


def _xml_item(number: TollFreeNumber) -> str:
    item = fields(
        "item",
        {
            "number": number.tn,
            "status": number.status,
            "statusdate": number.statusdate,
            "until": number.until,
        },
    )
    return etree.tostring(item, encoding="unicode")


def _csv(numbers: Iterator[TollFreeNumber]) -> Iterator[bytes]:
    yield HEADER.encode()
    for chunk in _chunks(numbers, _csv_line):
        yield chunk.encode()


def _csv_line(number: TollFreeNumber) -> str:
    return ",".join(
        (number.tn, number.resporg, number.status, number.statusdate, number.until + "\n")
    )


def _chunks(
    numbers: Iterator[TollFreeNumber], write: Callable[[TollFreeNumber], str]
) -> Iterator[str]:
    """Yield the written numbers, some hundred at a time."""
    lines: list[str] = []
    for number in numbers:
        lines.append(write(number))
        if len(lines) == CHUNK:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)
