"""What every Custom Toll Free operation shares (custom-toll-free.md section 6).

An operation is a function of a `Call`; it returns the children of `results` or raises `Refused`.
It checks everything before it changes anything, so that it can also be run later, from the kept
parameters, for an answer that was `PENDING`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from lxml import etree

from portal.sandbox.http import Request, Response
from portal.sandbox.store import Store

PROVIDER = "custom_toll_free"
Element = etree._Element
TOLL_FREE = re.compile(r"8(?:00|33|44|55|66|77|88)[2-9][0-9]{6}")
RESPORG = re.compile(r"[A-Z0-9]{5}")
REQREF = re.compile(r"[A-Za-z0-9-]{1,36}")
TEN_DIGITS = re.compile(r"[0-9]{10}")
XML_TYPE = "text/xml; charset=utf-8"
BATCH_LIMIT = 10
FOREIGN_RESPORG = "XYZ99"
MONTHS_AHEAD = 6

MESSAGES: Mapping[str, str] = {
    "invalid_key": "The key is not known",
    "permission_denied": "The key may not act for this RespOrg",
    "number_unavailable": "The number is not available",
    "not_controlling_resporg": "The number is controlled by another RespOrg",
    "invalid_status": "The operation is not allowed in the present status of the number",
    "reservation_limit": "The limit of reserved numbers is reached",
    "reservation_expired": "The reservation ran out",
    "too_early_to_spare": "A disconnected number ages for at least 45 days",
    "record_not_found": "There is no such record",
    "template_not_found": "There is no such template",
    "request_not_found": "There is no such request",
    "invalid_resporg": "There is no such RespOrg",
    "invalid_number": "Not a toll-free number of 10 digits",
    "duplicate_reqref": "The reference was used with other parameters",
    "record_locked": "The record is being edited",
    "version_conflict": "The record was changed meanwhile",
    "rate_limited": "Too many requests",
    "sms800_unavailable": "SMS/800 cannot be reached",
    "sms800_timeout": "SMS/800 did not answer in time",
}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One `error` of an answer."""

    code: str
    message: str
    field: str = ""


class Refused(Exception):
    """An answer with status ERROR, holding one or more problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = list(problems)


def refuse(code: str, field: str = "", message: str = "") -> Refused:
    """Return the error for a code of section 7.12, in the usual words unless others are given."""
    text = message or MESSAGES.get(code, code.replace("_", " "))
    return Refused([Problem(code=code, message=text, field=field)])


@dataclass(kw_only=True)
class Call:
    """One request as an operation sees it: parameters checked on reading, and who asks."""

    store: Store
    parameters: Mapping[str, str]
    login: str
    resporg: str
    request_id: int
    now: datetime
    faults: frozenset[str] = frozenset()
    faulted_tns: frozenset[str] = frozenset()
    permitted: frozenset[str] = field(default_factory=frozenset)

    @property
    def today(self) -> date:
        return self.now.date()

    def optional(self, name: str, default: str = "", *, limit: int | None = None) -> str:
        """Return a parameter without blanks around it; raise invalid_parameter when too long."""
        value = self.parameters.get(name, default).strip()
        if limit is not None and len(value) > limit:
            raise refuse("invalid_parameter", name, f"More than {limit} characters")
        if any(ord(char) < 32 and char not in "\t\r\n" for char in value):
            raise refuse("invalid_parameter", name, "Control characters are not allowed")
        return value

    def required(self, name: str, *, limit: int | None = None) -> str:
        value = self.optional(name, limit=limit)
        if not value:
            raise refuse("missing_parameter", name, f"Parameter {name} is required")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.optional(name, "1" if default else "0")
        if value not in ("0", "1"):
            raise refuse("invalid_parameter", name, "Must be 0 or 1")
        return value == "1"

    def choices(self, name: str, allowed: Sequence[str]) -> list[str]:
        """Return the members of a comma list, all of `allowed`; an empty list when missing."""
        given = [part.strip().upper() for part in self.optional(name).split(",") if part.strip()]
        if not set(given) <= set(allowed):
            raise refuse("invalid_parameter", name, f"Must be among {', '.join(allowed)}")
        return given

    def number(self) -> str:
        """Return the one toll-free number that the call is about."""
        number = self.required("number")
        if not TOLL_FREE.fullmatch(number):
            raise refuse("invalid_number", "number")
        return number

    def numbers(self) -> list[str]:
        """Return `number`, or the comma list `numbers` of up to ten."""
        if not self.optional("numbers"):
            return [self.number()]
        numbers = [part.strip() for part in self.optional("numbers").split(",") if part.strip()]
        if len(numbers) > BATCH_LIMIT:
            raise refuse("invalid_parameter", "numbers", f"At most {BATCH_LIMIT} numbers")
        for number in numbers:
            if not TOLL_FREE.fullmatch(number):
                raise refuse("invalid_number", "numbers", f"{number} is not a toll-free number")
        return list(dict.fromkeys(numbers))

    def day(self, name: str, default: date | None = None) -> date | None:
        """Return a date parameter `YYYY-MM-DD`, or the default when it is missing."""
        value = self.optional(name)
        if not value:
            return default
        try:
            return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).date()
        except ValueError:
            raise refuse("invalid_parameter", name, "Must be a date YYYY-MM-DD") from None

    def effective(self, name: str = "effective") -> tuple[datetime, bool]:
        """Return an effective time and whether it is `NOW`.

        Raises invalid_effective_date for the past, off the quarter-hour, beyond six months.
        """
        value = self.required(name)
        if value.upper() == "NOW":
            return self.now.replace(second=0, microsecond=0), True
        moment = parse_moment(value)
        if moment is None or moment.minute % 15:
            raise refuse(
                "invalid_effective_date", name, "Must be NOW or YYYY-MM-DDTHH:MMZ on a quarter-hour"
            )
        if moment < self.now or moment.date() > add_months(self.today, MONTHS_AHEAD):
            raise refuse("invalid_effective_date", name, "Must be within the next six months")
        return moment, False


def parse_moment(text: str) -> datetime | None:
    """Read `YYYY-MM-DDTHH:MMZ`; None when it is something else."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def write_moment(moment: datetime) -> str:
    """Write a moment as the wire does: UTC, to the minute, with Z."""
    return moment.strftime("%Y-%m-%dT%H:%MZ")


def sortable(moment: datetime) -> str:
    """Write a moment in a form that sorts as text, for the tables."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of that month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def node(tag: str, text: object = None, **attributes: object) -> Element:
    """Return an element with text and attributes."""
    element = etree.Element(tag, {name: str(value) for name, value in attributes.items()})
    if text is not None:
        element.text = str(text)
    return element


def branch(tag: str, children: Iterable[Element]) -> Element:
    """Return an element with the given children."""
    element = etree.Element(tag)
    element.extend(list(children))
    return element


def fields(tag: str, values: Mapping[str, object]) -> Element:
    """Return an element with one child for each value that is not None."""
    children = (node(name, value) for name, value in values.items() if value is not None)
    return branch(tag, children)


def parse_xml(text: str) -> Element:
    """Parse XML without document types, entities or network; raise ValueError otherwise."""
    if "<!DOCTYPE" in text:
        raise ValueError("A document type is not allowed")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error


def success_answer(request_id: int | None, results: Iterable[Element]) -> bytes:
    return answer_with("SUCCESS", request_id, branch("results", results))


def error_answer(request_id: int | None, problems: Iterable[Problem]) -> bytes:
    return answer_with("ERROR", request_id, errors_element(problems))


def pending_answer(request_id: int) -> bytes:
    return answer_with("PENDING", request_id, None)


def errors_element(problems: Iterable[Problem]) -> Element:
    return branch(
        "errors",
        (
            fields(
                "error",
                {"code": each.code, "message": each.message, "field": each.field or None},
            )
            for each in problems
        ),
    )


def answer_with(status: str, request_id: int | None, content: Element | None) -> bytes:
    """Write one of the three forms of an answer (6, item 4); the Search API has no request id."""
    response = branch("response", [node("status", status)])
    if request_id is not None:
        response.append(node("requestid", request_name(request_id)))
    if content is not None:
        response.append(content)
    return etree.tostring(response, xml_declaration=True, encoding="UTF-8")


def request_name(request_id: int) -> str:
    return f"R{request_id:07d}"


def xml_response(body: bytes, *, status: int = 200, done: Sequence[str] = ()) -> Response:
    """Answer XML, with HTTP status 200 in all three forms (6, item 5).

    `done` tells the log which numbers this very call changed.
    """
    response = Response(status, body, XML_TYPE)
    response.done, response.carried_out = list(done), bool(done)
    return response


def parameters_of(request: Request) -> dict[str, str]:
    """Return query and form parameters together; the form, where the key belongs, comes first."""
    parameters = dict(request.query)
    if request.method == "POST":
        with suppress(ValueError):
            parameters.update(request.form())
    return parameters


def account_resporgs(store: Store) -> dict[str, str]:
    """Map each key to its RespOrg id."""
    rows = store.query("SELECT login, data FROM account WHERE provider = ?", (PROVIDER,))
    return {row["login"]: json.loads(row["data"] or "{}").get("respOrg", "") for row in rows}


def next_request_id(store: Store) -> int:
    """Return the next number of the request serial; call it inside a transaction."""
    store.execute("UPDATE ctf_serial SET last = last + 1")
    return int(store.query("SELECT last FROM ctf_serial")[0]["last"])


Operation = Callable[[Call], list[Element]]
