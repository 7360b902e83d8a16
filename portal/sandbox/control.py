"""The control addresses under /_sandbox/, for people and tests on this machine only."""

from __future__ import annotations

import html
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from portal.sandbox import accounts, faults, log, rest_voicetel_ports_clock, soap_messages
from portal.sandbox.http import Request, Response, json_response, operation_shape
from portal.sandbox.store import Store

STEP = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([dhms])")
STEP_UNITS: Mapping[str, str] = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
NUMBER_TEXTS = [
    "state",
    "rate_center",
    "city",
    "tier",
    "network",
    "status",
    "account",
    "held_by",
    "held_until",
    "data",
]
NUMBER_FLAGS = ("lata", "t38", "cnam", "sms")
STATUSES = ("available", "reserved", "owned", "foreign", "gone")

NOTHING: Mapping[str, str] = {}

Fields = Mapping[str, Any]


class BadControl(ValueError):
    """A control request that makes no sense; the text says why."""


def answer(request: Request, store: Store, documented: Mapping[str, str] = NOTHING) -> Response:
    """Answer a control request; errors are JSON with an `error` member.

    Only loopback addresses are served. `documented` maps the shapes of all operations named by
    verb and path (`operation_shape`) to these names.
    """
    if not _is_loopback(request.remote):
        return json_response(403, {"error": "Only this machine may control the sandbox."})
    name = request.path.removeprefix("/_sandbox").strip("/")
    try:
        if request.method == "GET" and name in READS:
            return READS[name](store, _named(dict(request.query), documented))
        if request.method == "POST" and name in WRITES:
            fields = _named(_fields(request), documented)
            return json_response(200, WRITES[name](store, fields))
    except (BadControl, TypeError, KeyError) as error:
        return json_response(400, {"error": str(error).strip("'\"")})
    if name in READS or name in WRITES:
        return json_response(405, {"error": "Wrong method."})
    return json_response(404, {"error": "No such control address."})


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _fields(request: Request) -> dict[str, Any]:
    """Return the members of a JSON object or of a form."""
    try:
        if request.body.lstrip().startswith(b"{"):
            return dict(request.json())
        return dict(request.form()) | dict(request.query)
    except ValueError as error:
        raise BadControl(f"neither JSON nor a form: {error}") from error


def _named(fields: dict[str, Any], documented: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields with `operation`, where it is a verb and a path, as the routes name it."""
    operation = str(fields.get("operation") or "")
    if "/" not in operation:
        return fields
    name = documented.get(operation_shape(operation))
    if name is None:
        raise BadControl(f"no operation {operation!r}")
    return {**fields, "operation": name}


def _need(fields: Fields, name: str) -> str:
    if fields.get(name) in (None, ""):
        raise BadControl(f"`{name}` is missing")
    return str(fields[name])


def _number_of(fields: Fields, name: str, default: float) -> float:
    try:
        return float(fields.get(name, default))
    except (TypeError, ValueError):
        raise BadControl(f"`{name}` is not a number") from None


def reset(store: Store, fields: Fields) -> Any:
    """POST reset: fresh stock, accounts, log, settings and clock."""
    store.reset()
    return state(store)


def clock(store: Store, fields: Fields) -> Any:
    """POST clock: `now` (ISO 8601; UTC unless it says otherwise) or `advance` (`45d`, `1h 30m`)."""
    if fields.get("now"):
        try:
            moment = datetime.fromisoformat(str(fields["now"]))
        except ValueError:
            raise BadControl("`now` is not an ISO 8601 time") from None
        store.set_clock(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    else:
        store.advance(_step(_need(fields, "advance")))
    return {"now": store.now().isoformat()}


def _step(text: str) -> timedelta:
    parts = STEP.findall(text)
    if not parts or STEP.sub("", text).strip():
        raise BadControl("`advance` is a number and d, h, m or s, as in 45d or 1h 30m")
    try:
        return sum((timedelta(**{STEP_UNITS[unit]: float(n)}) for n, unit in parts), timedelta())
    except OverflowError:
        raise BadControl("`advance` is too long") from None


def add_fault(store: Store, fields: Fields) -> Any:
    """POST fault: `fault` at `provider` and `operation` (`*` for any), `times`, `seconds`, …"""
    provider = str(fields.get("provider") or faults.ANY)
    if provider not in (*accounts.PROVIDERS, faults.ANY):
        raise BadControl(f"`provider` is one of {', '.join(accounts.PROVIDERS)} or *")
    try:
        faults.add(
            store,
            provider,
            str(fields.get("operation") or faults.ANY),
            _need(fields, "fault"),
            times=int(_number_of(fields, "times", 1)),
            seconds=_number_of(fields, "seconds", faults.STALL_SECONDS),
            match_tn=str(fields.get("match_tn") or ""),
        )
    except ValueError as error:
        raise BadControl(str(error)) from error
    return {"faults": _faults(store)}


def clear_faults(store: Store, fields: Fields) -> Any:
    """POST fault/clear: forget every fault that was set."""
    faults.clear(store)
    return {"faults": []}


def change_setting(store: Store, fields: Fields) -> Any:
    """POST setting: `key` and `value`, for what the wires let one change."""
    key = _need(fields, "key")
    store.set_setting(key, fields.get("value", ""))
    return {key: store.setting(key)}


def change_number(store: Store, fields: Fields) -> Any:
    """POST number: change facts of one number (`provider`, `tn`) behind the portal's back.

    A number that does not exist is made, for sale unless `status` says otherwise.
    """
    provider, tn = _need(fields, "provider"), _need(fields, "tn")
    if provider not in accounts.PROVIDERS:
        raise BadControl(f"`provider` is one of {', '.join(accounts.PROVIDERS)}")
    if not re.fullmatch(r"[2-9]\d{9}", tn):
        raise BadControl("`tn` is ten digits")
    if fields.get("status", STATUSES[0]) not in STATUSES:
        raise BadControl(f"`status` is one of {', '.join(STATUSES)}")
    changes: dict[str, Any] = {}
    for name in fields.keys() - {"provider", "tn"}:
        if name in NUMBER_FLAGS:
            changes[name] = int(_number_of(fields, name, 0))
        elif name in NUMBER_TEXTS:
            value = fields[name]
            changes[name] = value if isinstance(value, str) else json.dumps(value)
        else:
            raise BadControl(f"a number has no `{name}`")
    changes["changed_at"] = store.now().isoformat()
    with store.transaction():
        store.execute(
            "INSERT OR IGNORE INTO number (provider, tn, npa, nxx) VALUES (?, ?, ?, ?)",
            (provider, tn, tn[:3], tn[3:6]),
        )
        for name, value in changes.items():
            store.execute(
                f"UPDATE number SET {name} = ? WHERE provider = ? AND tn = ?",  # noqa: S608
                (value, provider, tn),
            )
        row = store.query("SELECT * FROM number WHERE provider = ? AND tn = ?", (provider, tn))[0]
    return dict(row)


def make_port(store: Store, fields: Fields) -> Any:
    """POST port: a port order to VoIP Innovations, whose wire cannot submit one."""
    from portal.sandbox import soap_porting  # it needs the stock, which needs this module

    try:
        return soap_porting.make_port(store, fields)
    except ValueError as error:
        raise BadControl(str(error)) from error


def sign_loa(store: Store, fields: Fields) -> Any:
    """POST loa: let the letter of authorization of a VoiceTel port (`pid`) be signed."""
    try:
        return rest_voicetel_ports_clock.sign_letter(store, _need(fields, "pid"))
    except ValueError as error:
        raise BadControl(str(error)) from error


def state(store: Store) -> dict[str, Any]:
    """Return counts by provider and status, clock, faults, settings, accounts without secrets."""
    counts: dict[str, dict[str, int]] = {name: {} for name in accounts.PROVIDERS}
    for row in store.query(
        "SELECT provider, status, count(*) AS n FROM number GROUP BY provider, status"
    ):
        counts[row["provider"]][row["status"]] = row["n"]
    return {
        "now": store.now().isoformat(),
        "numbers": counts,
        "faults": _faults(store),
        "settings": {
            row["key"]: row["value"]
            for row in store.query("SELECT key, value FROM setting ORDER BY key")
        },
        "accounts": [_account(store, row) for row in store.query("SELECT * FROM account")],
        "calls": store.query("SELECT count(*) AS n FROM call_log")[0]["n"],
    }


def _faults(store: Store) -> list[dict[str, Any]]:
    return [dict(row) for row in store.query("SELECT * FROM fault ORDER BY id")]


def _account(store: Store, row: Any) -> dict[str, Any]:
    """Show an account; a login that is a key in itself is cut short."""
    is_key = row["login"] == row["secret"]
    owned = store.query(
        "SELECT count(*) AS n FROM number WHERE provider = ? AND account = ? AND status = 'owned'",
        (row["provider"], row["login"]),
    )
    return {
        "provider": row["provider"],
        "login": f"…{row['login'][-4:]}" if is_key else row["login"],
        "balance": row["balance"],
        "owned": owned[0]["n"],
    }


def _show_state(store: Store, query: Fields) -> Response:
    return json_response(200, state(store))


def _show_log(store: Store, query: Fields) -> Response:
    return json_response(
        200,
        log.read(
            store,
            provider=query.get("provider", ""),
            operation=query.get("operation", ""),
            tn=query.get("tn", ""),
            limit=int(_number_of(query, "limit", 10_000)),
        ),
    )


def _show_number(store: Store, query: Fields) -> Response:
    rows = store.query(
        "SELECT * FROM number WHERE provider = ? AND tn = ?",
        (_need(query, "provider"), _need(query, "tn")),
    )
    return json_response(200, dict(rows[0])) if rows else json_response(404, {"error": "unknown"})


def _show_messages(store: Store, query: Fields) -> Response:
    return json_response(200, soap_messages.list_messages(store))


def _show_page(store: Store, query: Fields) -> Response:
    """GET /_sandbox/: what runs here, and how to use it."""
    shown = state(store)
    rows = "".join(
        f"<tr><th scope=row>{html.escape(name)}<td>{counts.get('available', 0):,}"
        f"<td>{counts.get('owned', 0):,}"
        for name, counts in shown["numbers"].items()
    )
    magic = "".join(
        f"<tr><th scope=row>…{ending}<td>{kind}" for ending, kind in faults.MAGIC.items()
    )
    controls = "".join(
        f"<li><code>{method} /_sandbox/{name}</code>"
        for method, names in (("GET", READS), ("POST", WRITES))
        for name in names
    )
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Sandbox carriers</title>"
        "<style>body{font:16px/1.5 system-ui;max-width:44rem;margin:2rem auto;padding:0 1rem}"
        "td,th{text-align:left;padding-right:2rem}</style>"
        "<h1>Sandbox carriers</h1><p>Four pretend providers. Nothing here is real, and nothing"
        f" costs money. The clock reads <b>{html.escape(shown['now'][:19])} UTC</b>;"
        f" {shown['calls']:,} calls so far.</p>"
        f"<table><tr><th>Provider<th>For sale<th>Owned{rows}</table>"
        f"<h2>Numbers that misbehave</h2><table><tr><th>Ending<th>A write{magic}</table>"
        f"<h2>Control addresses</h2><ul>{controls}</ul>"
        "<p>docs/sandbox.md explains logins, faults and the clock.</p></html>"
    )
    return Response(200, page, "text/html; charset=utf-8")


READS: Mapping[str, Callable[[Store, Fields], Response]] = {
    "": _show_page,
    "state": _show_state,
    "log": _show_log,
    "number": _show_number,
    "messages": _show_messages,
}
WRITES: Mapping[str, Callable[[Store, Fields], Any]] = {
    "reset": reset,
    "clock": clock,
    "fault": add_fault,
    "fault/clear": clear_faults,
    "setting": change_setting,
    "number": change_number,
    "port": make_port,
    "loa": sign_loa,
}
