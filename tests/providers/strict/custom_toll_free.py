"""Custom Toll Free: the eleven operations and the Search API (custom-toll-free.md 5 to 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from tests.providers.strict.check import Dialect, Headers
from tests.providers.strict.custom_toll_free_record import SAMPLE, Record
from tests.providers.strict.routes import Operation, Seen
from tests.providers.strict.rules import (
    ANY,
    DAY,
    Flag,
    Items,
    OneOf,
    Rule,
    Table,
    Text,
    Whole,
    exactly_one,
)

TOLL_FREE = Text(pattern=r"8(00|33|44|55|66|77|88)[2-9][0-9]{6}")
TEN_DIGITS = Text(pattern=r"[0-9]{10}")
RESPORG = Text(pattern=r"[A-Z0-9]{5}")
REQREF = Text(pattern=r"[A-Za-z0-9-]{1,36}")
NOW = Text(enum=("NOW",))
MOMENT = Text(pattern=r"\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):(00|15|30|45)Z")
EFFECTIVE = OneOf(rules=(NOW, MOMENT))
PARTS = Items(item=Text(enum=("CAD", "CPR", "LAD")), most=3)
BATCH = Items(item=TOLL_FREE, most=10)
TEMPLATE = Text(pattern=r"\*[A-Z]{2}[A-Za-z0-9 ]{0,12}")
STATUSES = Items(
    item=Text(
        enum=(
            "SPARE",
            "RESERVED",
            "ASSIGNED",
            "WORKING",
            "DISCONNECT",
            "TRANSITIONAL",
            "SUSPEND",
            "UNAVAILABLE",
        )
    )
)
CODES = Items(item=Text(enum=("800", "888", "877", "866", "855", "844", "833")), mark=";")
KEY: Mapping[str, Rule] = {"key*": ANY}
COMMON: Mapping[str, Rule] = {**KEY, "resporg": RESPORG, "reqref": REQREF}
WRITE: Mapping[str, Rule] = {**KEY, "resporg": RESPORG, "reqref*": REQREF}
ONE_OR_MANY: Mapping[str, Rule] = {"number": TOLL_FREE, "numbers": BATCH}
NUMBERS = exactly_one("number", "numbers")
NOTES = Text(least=0, most=151)
ROW = {
    "effective": "2025-01-02T15:30Z",
    "type": "CAD",
    "status": "ACTIVE",
    "version": "3",
    "parts": "CAD,CPR,LAD",
    "approval": "",
}
HOLD_DAYS = 45
INTERCEPT_DAYS = 120


def _until(given: Mapping[str, Any]) -> Iterator[str]:
    """A hold ends within 45 days (2, 7.1)."""
    if "until" in given and not list(DAY.check(given["until"])):
        last = date.today() + timedelta(days=HOLD_DAYS)  # noqa: DTZ011 - a day more is no matter
        if date.fromisoformat(given["until"]) > last + timedelta(days=1):
            yield "until is more than 45 days ahead"


def _intercept(given: Mapping[str, Any]) -> Iterator[str]:
    """An intercept ends within 120 days of the disconnect (7.4)."""
    effective, end = given.get("effective", ""), given.get("interceptend", "")
    if list(DAY.check(end)):
        return
    is_now = bool(list(MOMENT.check(effective)))
    start = date.today() if is_now else datetime.fromisoformat(effective).date()  # noqa: DTZ011
    if date.fromisoformat(end) > start + timedelta(days=INTERCEPT_DAYS + 1):
        yield "interceptend is more than 120 days after effective"


def _versioned(given: Mapping[str, Any]) -> Iterator[str]:
    """A change or deletion names the version it is about (7.11)."""
    if given.get("action") in ("change", "delete") and "version" not in given:
        yield f"action {given['action']} without version"


def items(**facts: str) -> Callable[[Seen], Any]:
    """Return an answer with an item for each number asked about."""

    def answer(seen: Seen) -> Any:
        given = dict(seen.form or seen.query)
        asked = given.get("numbers", given.get("number", "")).split(",")
        return {"item": [{"number": number, **facts} for number in asked]}

    return answer


def record_row(seen: Seen) -> Any:
    """Answer with the summary of a record."""
    return {"number": dict(seen.form or seen.query)["number"], "record": [ROW], "more": "0"}


def read(path: str, members: Mapping[str, Rule], answer: Any, *also: Any) -> Operation:
    """Return an operation of section 7 that asks: GET with a query."""
    return Operation(f"GET /api/{path}", answer, query=Table({**COMMON, **members}, also))


def write(path: str, members: Mapping[str, Rule], answer: Any, *also: Any) -> Operation:
    """Return an operation that changes something: POST with a form, the key in it too (6)."""
    return Operation(f"POST /api/{path}", answer, form=Table({**WRITE, **members}, also))


OPERATIONS: Sequence[Operation] = (
    write(
        "reserve",
        {
            **ONE_OR_MANY,
            "resporg*": RESPORG,
            "contactname*": Text(most=30),
            "contactphone*": TEN_DIGITS,
            "until": DAY,
            "notes": NOTES,
        },
        items(
            result="OK",
            status="RESERVED",
            resporg="ABC01",
            statusdate="2025-01-02",
            until="2025-02-16",
        ),
        NUMBERS,
        _until,
    ),
    read(
        "query",
        ONE_OR_MANY,
        items(resporg="ABC01", status="RESERVED", statusdate="2025-01-02"),
        NUMBERS,
    ),
    write("spare", {"number*": TOLL_FREE}, items(status="SPARE")),
    write(
        "disconnect",
        {
            "number*": TOLL_FREE,
            "effective*": EFFECTIVE,
            "interceptend": OneOf(rules=(NOW, DAY)),
            "referral": Flag(),
            "notes": NOTES,
        },
        items(status="DISCONNECT", until="2025-05-02"),
        _intercept,
    ),
    write(
        "changeresporg",
        {**ONE_OR_MANY, "newresporg*": RESPORG, "effective": DAY, "loaref": ANY},
        items(resporg="XYZ99", status="WORKING"),
        NUMBERS,
    ),
    read("queryrecord", {"number*": TOLL_FREE, "start": ANY}, record_row),
    read(
        "retrieve",
        {"number*": TOLL_FREE, "effective": EFFECTIVE, "parts": PARTS},
        lambda seen: SAMPLE,
    ),
    read(
        "resporgcheck",
        {
            "resporg*": RESPORG,
            "status": STATUSES,
            "format": Text(enum=("xml", "csv")),
            "since": DAY,
        },
        {
            "item": [
                {
                    "number": "8885550101",
                    "status": "WORKING",
                    "statusdate": "2025-01-02",
                    "until": "",
                }
            ]
        },
    ),
    read(
        "requeststatus",
        {"requestid": Text(pattern=r"[!-~]{1,64}")},
        {
            "requestid": "R0000003",
            "operation": "reserve",
            "state": "COMPLETED",
            "submitted": "2025-01-02T15:30Z",
            "finished": "2025-01-02T15:31Z",
            "outcome": "SUCCESS",
            "results": {"item": [{"number": "8885550101", "result": "OK", "status": "RESERVED"}]},
        },
        exactly_one("requestid", "reqref"),
    ),
    write(
        "copyrecord",
        {
            "number*": TOLL_FREE,
            "source*": OneOf(rules=(TOLL_FREE, TEMPLATE)),
            "sourceeffective": MOMENT,
            "effective*": EFFECTIVE,
            "parts": PARTS,
            "overwrite": Flag(),
            "version": Whole(least=0),
        },
        record_row,
    ),
    write(
        "updaterecord",
        {
            "number*": TOLL_FREE,
            "record*": Record(),
            "effective*": EFFECTIVE,
            "action": Text(enum=("create", "change", "delete")),
            "version": Whole(least=0),
        },
        record_row,
        _versioned,
    ),
    Operation(
        "GET /api/search",
        {"item": [{"prefix": "888", "number": "3569377", "vanity": "888-FLOWERS"}]},
        query=Table(
            {
                **KEY,
                "vanity*": Text(pattern=r"[A-Za-z0-9]{3,12}"),
                "source": Items(item=Text(enum=("spare", "rugly")), mark=";"),
                "prefix": CODES,
                "quantity": Whole(least=1),
                "trailing": Whole(least=0, most=5),
                "adult": Flag(),
                "numeric": Flag(),
            }
        ),
    ),
    Operation(
        "GET /api/reverselookup",
        {"item": [{"prefix": "888", "number": "3569377", "vanity": "888-FLOWERS"}]},
        query=Table({**KEY, "number*": TEN_DIGITS}),
    ),
)


def _headers(operation: Operation, seen: Seen) -> Iterator[str]:
    """Judge the one header that the contract names: the type of a form."""
    if operation.form is not None:
        yield from Headers.content_type(seen, "application/x-www-form-urlencoded")
    yield from Headers.absent(seen, "authorization")


def _xml(name: str, value: Any) -> str:
    """Write a value as an element; a list repeats it, and text that is XML stays as it is."""
    if isinstance(value, list):
        return "".join(_xml(name, each) for each in value)
    if isinstance(value, Mapping):
        inner = "".join(_xml(child, member) for child, member in value.items())
    else:
        inner = value if str(value).startswith("<record") else escape(str(value))
    return f"<{name}>{inner}</{name}>"


def _wrap(operation: Operation, payload: Any) -> Any:
    """Put results into a good answer; the Search API has no request id (5, 6)."""
    is_ours = operation.name not in ("GET /api/search", "GET /api/reverselookup")
    serial = {"requestid": "R0000001"} if is_ours else {}
    return {"status": "SUCCESS", **serial, "results": payload}


DIALECT = Dialect(
    name="custom_toll_free",
    operations=OPERATIONS,
    headers=_headers,
    wrap=_wrap,
    encode=lambda payload: (_xml("response", payload).encode(), "text/xml; charset=utf-8"),
)
