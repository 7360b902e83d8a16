"""Requests as rows: who may ask, references, answers that come later (section 6, 7.8, 7.9).

Each operation has a route handler made by `read_operation` or `write_operation`. A write is kept
with its first answer, so that a repeat with the same `reqref` gets that answer again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from lxml import etree

from portal.sandbox import log
from portal.sandbox.http import Request, Response
from portal.sandbox.store import Store
from portal.sandbox.xml_customtollfree_editing import (
    copy_record,
    query_record,
    retrieve,
    update_record,
)
from portal.sandbox.xml_customtollfree_numbers import (
    change_resporg,
    disconnect,
    query,
    reserve,
    reserve_default,
    spare,
)
from portal.sandbox.xml_customtollfree_state import schedule
from portal.sandbox.xml_customtollfree_wire import (
    PROVIDER,
    REQREF,
    RESPORG,
    Call,
    Element,
    Operation,
    Refused,
    account_resporgs,
    answer_with,
    branch,
    error_answer,
    errors_element,
    fields,
    next_request_id,
    node,
    parameters_of,
    parse_xml,
    pending_answer,
    refuse,
    request_name,
    sortable,
    success_answer,
    write_moment,
    xml_response,
)

READS: Mapping[str, Operation] = {
    "query": query,
    "queryrecord": query_record,
    "retrieve": retrieve,
}
WRITES: Mapping[str, Operation] = {
    "reserve": reserve,
    "spare": spare,
    "disconnect": disconnect,
    "changeresporg": change_resporg,
    "copyrecord": copy_record,
    "updaterecord": update_record,
}
DEFAULT_RESERVE = frozenset({"key", "number"})
REQUEST_LIFE = timedelta(days=30)
PENDING_SECONDS = 5
REFUSALS: Mapping[str, str] = {
    "reserve": "number_unavailable",
    "spare": "invalid_status",
    "disconnect": "invalid_status",
    "copyrecord": "record_locked",
    "updaterecord": "record_locked",
}


def read_operation(name: str) -> Callable[[Request, Store], Response]:
    """Return the route handler of an operation that changes nothing."""
    return partial(_answer_read, READS[name])


def write_operation(name: str) -> Callable[[Request, Store], Response]:
    """Return the route handler of an operation that changes something."""
    return partial(_answer_write, name)


def open_call(
    request: Request, store: Store, request_id: int, parameters: Mapping[str, str]
) -> Call:
    """Return the call of a request; raise for an unknown key or a RespOrg that is not its own."""
    resporgs = account_resporgs(store)
    login = parameters.get("key", "")
    fault = request.fault
    if not login:
        raise refuse("missing_parameter", "key", "Parameter key is required")
    if login not in resporgs or (fault is not None and fault.kind == "auth"):
        raise refuse("invalid_key", "key")
    acting = parameters.get("resporg", "").strip().upper() or resporgs[login]
    if not RESPORG.fullmatch(acting):
        raise refuse("invalid_resporg", "resporg")
    return Call(
        store=store,
        parameters=parameters,
        login=login,
        resporg=acting,
        request_id=request_id,
        now=store.now(),
        faults=frozenset() if fault is None else frozenset({fault.kind}),
        faulted_tns=(
            frozenset(fault.tns) if fault is not None and fault.kind == "partial" else frozenset()
        ),
        permitted=frozenset({resporgs[login]}),
    )


def check_acting(call: Call) -> None:
    """Raise when the key may not act for the RespOrg that the call names (6, item 3)."""
    if call.resporg not in call.permitted:
        known = account_resporgs(call.store).values()
        code = "permission_denied" if call.resporg in known else "invalid_resporg"
        raise refuse(code, "resporg")


def refuse_faulted(call: Call, name: str = "") -> None:
    """Raise, when a fault says so, a refusal that the operation knows."""
    if "refuse" in call.faults:
        raise refuse(REFUSALS.get(name, "permission_denied"))


def _answer_read(operation: Operation, request: Request, store: Store) -> Response:
    with store.transaction():
        request_id = next_request_id(store)
    try:
        call = open_call(request, store, request_id, parameters_of(request))
        check_acting(call)
        refuse_faulted(call)
        return xml_response(success_answer(request_id, operation(call)))
    except Refused as refused:
        return xml_response(error_answer(request_id, refused.problems))


def _answer_write(name: str, request: Request, store: Store) -> Response:
    parameters = parameters_of(request)
    is_default = name == "reserve" and set(parameters) <= DEFAULT_RESERVE
    with store.transaction():
        request_id = next_request_id(store)
        try:
            call = open_call(request, store, request_id, parameters)
            check_acting(call)
            if is_default:
                refuse_faulted(call, name)
                answer = success_answer(None, reserve_default(call))
                return xml_response(answer, done=[call.number()])
            kept = _first_answer(call, name)
            if kept is not None:
                return xml_response(kept)
            refuse_faulted(call, name)
        except Refused as refused:
            number = None if is_default else request_id
            return xml_response(error_answer(number, refused.problems))
        answer, done = _carry_out(call, name)
        return xml_response(answer, done=done)


def _first_answer(call: Call, name: str) -> bytes | None:
    """Return the answer that was given under this reference, or None; raise for another use."""
    reqref = call.required("reqref")
    if not REQREF.fullmatch(reqref):
        raise refuse("invalid_parameter", "reqref", "Up to 36 letters, digits and hyphens")
    rows = call.store.query(
        "SELECT fingerprint, answer FROM ctf_request WHERE login = ? AND reqref = ?",
        (call.login, reqref),
    )
    if not rows:
        return None
    if rows[0]["fingerprint"] != _fingerprint(call, name):
        raise refuse("duplicate_reqref", "reqref")
    return str(rows[0]["answer"]).encode()


def _fingerprint(call: Call, name: str) -> str:
    told = {key: text for key, text in call.parameters.items() if key not in ("key", "reqref")}
    return hashlib.sha256(json.dumps([name, told], sort_keys=True).encode()).hexdigest()


def _carry_out(call: Call, name: str) -> tuple[bytes, list[str]]:
    """Run a write, now or later; keep and return its answer, and list the numbers it changed."""
    plan = next((fault for fault in ("pending_then_error", "pending") if fault in call.faults), "")
    if plan:
        answer = pending_answer(call.request_id)
        file_request(call, name, answer=answer, plan=plan)
        delay = call.store.setting("custom_toll_free.pending_seconds", PENDING_SECONDS)
        due = call.now + timedelta(seconds=float(delay))
        schedule(call.store, due, "request", "", call.request_id)
        return answer, []
    outcome, content, done = run(WRITES[name], call)
    answer = answer_with(outcome, call.request_id, content)
    file_request(call, name, answer=answer, outcome=outcome, content=content)
    return answer, done


def run(operation: Operation, call: Call) -> tuple[str, Element, list[str]]:
    """Return outcome, `results` or `errors` element, and the numbers that were changed."""
    try:
        results = branch("results", operation(call))
    except Refused as refused:
        return "ERROR", errors_element(refused.problems), []
    items = results.findall("item")
    changed = [item.findtext("number", "") for item in items if item.find("code") is None]
    return "SUCCESS", results, changed if items else [call.number()]


def file_request(
    call: Call,
    name: str,
    *,
    answer: bytes,
    plan: str = "",
    outcome: str = "",
    content: Element | None = None,
) -> None:
    """Keep a request and its first answer; with a plan it is finished by the clock."""
    told = {key: text for key, text in call.parameters.items() if key != "key"}
    call.store.execute(
        "INSERT INTO ctf_request (id, login, operation, reqref, fingerprint, parameters, state,"
        " plan, submitted, finished, outcome, content, answer)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            call.request_id,
            call.login,
            name,
            call.parameters.get("reqref", ""),
            _fingerprint(call, name),
            json.dumps({**told, "resporg": call.resporg}),
            "PROCESSING" if plan else "COMPLETED",
            plan,
            sortable(call.now),
            "" if plan else sortable(call.now),
            outcome,
            "" if content is None else etree.tostring(content, encoding="unicode"),
            answer.decode(),
        ),
    )


def finish_request(store: Store, request_id: int, at: datetime) -> None:
    """Carry out a request whose answer was PENDING, or let it fail, as was planned for it."""
    rows = store.query("SELECT * FROM ctf_request WHERE id = ? AND finished = ''", (request_id,))
    if not rows:
        return
    row = rows[0]
    parameters = json.loads(row["parameters"])
    call = Call(
        store=store,
        parameters=parameters,
        login=row["login"],
        resporg=parameters["resporg"],
        request_id=request_id,
        now=at,
    )
    state = "COMPLETED"
    if row["plan"] == "pending_then_error":
        state = "FAILED"
        outcome, content = "ERROR", errors_element(refuse("sms800_unavailable").problems)
    elif row["operation"] == "resporgcheck":
        outcome, content = "SUCCESS", branch("results", [])
    else:
        outcome, content, done = run(WRITES[row["operation"]], call)
        log.write(
            store,
            PROVIDER,
            row["operation"],
            done,
            done=done,
            carried_out=bool(done),
            status=log.NO_ANSWER,
            fault="pending",
        )
    store.execute(
        "UPDATE ctf_request SET state = ?, finished = ?, outcome = ?, content = ? WHERE id = ?",
        (state, sortable(at), outcome, etree.tostring(content, encoding="unicode"), request_id),
    )


def request_status(request: Request, store: Store) -> Response:
    """Show the state of an earlier request, by its id or by our reference (7.9)."""
    with store.transaction():
        request_id = next_request_id(store)
    try:
        call = open_call(request, store, request_id, parameters_of(request))
        row = _find_request(call)
    except Refused as refused:
        return xml_response(error_answer(request_id, refused.problems))
    shown: dict[str, object] = {
        "requestid": request_name(row["id"]),
        "operation": row["operation"],
        "state": row["state"],
        "submitted": write_moment(datetime.fromisoformat(row["submitted"])),
    }
    results = list(fields("results", shown))
    if row["finished"]:
        finished = datetime.fromisoformat(row["finished"])
        results.append(node("finished", write_moment(finished)))
        results.append(node("outcome", row["outcome"]))
        content = parse_xml(row["content"])
        if row["operation"] == "resporgcheck" and row["outcome"] == "SUCCESS":
            host = request.header("Host", "localhost")
            url = f"http://{host}/api/download/{request_name(row['id'])}?key={call.login}"
            content.append(node("downloadurl", url))
        results.append(content)
    return xml_response(success_answer(request_id, results))


def _find_request(call: Call) -> Any:
    """Return the row of an earlier request of the same key."""
    name, reqref = call.optional("requestid"), call.optional("reqref")
    if not name and not reqref:
        raise refuse("missing_parameter", "requestid", "One of requestid, reqref is required")
    request_id = int(name[1:]) if name[:1] == "R" and name[1:18].isdecimal() else 0
    rows = call.store.query(
        "SELECT * FROM ctf_request WHERE login = ? AND CASE WHEN ? THEN id = ? ELSE reqref = ? END",
        (call.login, bool(name), request_id, reqref),
    )
    if not rows:
        raise refuse("request_not_found", "requestid" if name else "reqref")
    return rows[0]
