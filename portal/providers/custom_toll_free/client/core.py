"""How one request is sent, and the forms of its values (custom-toll-free.md sections 2 and 6)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from portal.providers.base import Account, Runtime
from portal.providers.custom_toll_free import envelope
from portal.providers.custom_toll_free.envelope import Answer, Call
from portal.providers.http import StreamedReply, Wire
from portal.providers.redaction import redacted_errors
from portal.tn import TN

Effective = datetime | None  # None is sent as NOW
Fields = list[tuple[str, str]]

MAX_NUMBERS: Final = 10  # per reserve, query and changeresporg (sections 2 and 7)
MAX_TEXT: Final = 151  # of notes (section 4.2)
NOW: Final = "NOW"
_WITH_AN_ANSWER: Final = frozenset(range(500, 600))  # a body counts under any status (section 5)
_NUMBER = re.compile(r"8(?:00|33|44|55|66|77|88)[2-9][0-9]{6}", re.ASCII)
RESPORG = re.compile(r"[A-Z0-9]{5}", re.ASCII)
_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,36}", re.ASCII)
_TEMPLATE = re.compile(r"\*[A-Z0-9]{2}[!-~]{0,12}", re.ASCII)
_LINE = re.compile(r"[^\x00-\x1f\x7f]*")
_PARTS: Final = ("CAD", "CPR", "LAD")


def is_toll_free(tn: TN) -> bool:
    """Return whether the registry can know the number (section 2)."""
    return tn.is_nanp and _NUMBER.fullmatch(tn.digits10) is not None


def is_template(name: str) -> bool:
    """Return whether `name` is a well-formed template name: ``*``, entity and text (section 4.1)."""
    return _TEMPLATE.fullmatch(name) is not None


class Core:
    """One account's wire; the key travels with every request and is never recorded."""

    def __init__(self, account: Account, runtime: Runtime) -> None:
        self._key = account.credentials.get("key", "")
        self.resporg = str(account.setting("resporg")).upper()
        self._write_method = str(account.setting("write_method", "POST")).upper()
        base = account.base_url.rstrip("/").removesuffix("/api")
        self.wire = Wire(runtime, base_url=base, secrets=[self._key])

    def _check_resporg(self) -> None:
        """Raise ValueError unless the account names its RespOrg, which some operations need."""
        check(RESPORG.fullmatch(self.resporg), "The account’s RespOrg id is missing.")

    def _acting(self) -> Fields:
        return [("resporg", self.resporg)] if self.resporg else []

    def _read(self, operation: str, fields: Fields) -> Answer:
        call = Call(operation=operation)
        with self._send(call, f"/api/{operation}", params=fields) as reply:
            return _answer(reply, call)

    def _write(self, operation: str, fields: Fields, *, reqref: str) -> Answer:
        call = Call(operation=operation, is_write=True, may_pend=True)
        sent = [*self._acting(), *fields, ("reqref", reference_text(reqref))]
        path = f"/api/{operation}"
        if self._write_method == "GET":
            with self._send(call, path, params=sent) as reply:
                return _answer(reply, call)
        with self._send(call, path, form=sent) as reply:
            return _answer(reply, call)

    @contextlib.contextmanager
    def _send(
        self, call: Call, path: str, *, params: Fields | None = None, form: Fields | None = None
    ) -> Iterator[StreamedReply]:
        """Send a query string, or a form by POST, with the key; keep the key out of the errors."""
        key = ("key", self._key)
        content = None if form is None else urlencode([key, *form]).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if content else {}
        with (
            redacted_errors(self.wire.secrets),
            self.wire.stream(
                call.operation,
                "POST" if content else "GET",
                path,
                is_write=call.is_write,
                params=[key, *params] if params is not None else (),
                headers=headers,
                content=content,
                expect_5xx=_WITH_AN_ANSWER,
            ) as reply,
        ):
            yield reply


def _answer(reply: StreamedReply, call: Call) -> Answer:
    return envelope.read(reply.read_all(), call, status=reply.status, headers=reply.headers)


def check(holds: object, sentence: str) -> None:
    """Raise ValueError with the sentence unless something holds."""
    if not holds:
        raise ValueError(sentence)


def number_text(tn: TN) -> str:
    """Return the ten digits of a toll-free number; raises ValueError for another."""
    check(is_toll_free(tn), f"{tn} is not a toll-free number.")
    return tn.digits10


def numbers_field(tns: Sequence[TN]) -> Fields:
    """Return `number` for one and `numbers` for several; raises ValueError for over ten."""
    check(1 <= len(tns) <= MAX_NUMBERS, f"One request takes at most {MAX_NUMBERS} numbers.")
    if len(tns) == 1:
        return [("number", number_text(tns[0]))]
    return [("numbers", ",".join(number_text(tn) for tn in tns))]


def reference_text(reqref: str) -> str:
    """Return a reference; raises ValueError for one that the wire does not take (section 6)."""
    check(_REFERENCE.fullmatch(reqref), "A reference has 1 to 36 letters, digits and dashes.")
    return reqref


def moment_text(moment: Effective) -> str:
    """Return a time as the wire wants it; only quarter-hours are allowed (section 2)."""
    if moment is None:
        return NOW
    is_quarter = moment.minute % 15 == moment.second == 0
    check(moment.tzinfo and is_quarter, "Times are aware and on a quarter-hour.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def parts_field(parts: Sequence[str]) -> Fields:
    """Return the parts of a record as a field, nothing for all of them."""
    check(all(part in _PARTS for part in parts), "The parts of a record are CAD, CPR and LAD.")
    return [("parts", ",".join(parts))] if parts else []


def notes_field(notes: str) -> Fields:
    """Return notes as a field, nothing for none; raises ValueError for too long ones."""
    check(len(notes) <= MAX_TEXT, f"Notes have at most {MAX_TEXT} characters.")
    check(is_line(notes), "Notes are one line without control characters.")
    return optional_fields(notes=notes)


def is_line(text: str) -> bool:
    """Return whether a text is one line without control characters."""
    return _LINE.fullmatch(text) is not None


def optional_fields(**fields: str) -> Fields:
    """Return the fields that have a value."""
    return [(name, value) for name, value in fields.items() if value]
