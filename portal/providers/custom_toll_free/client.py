"""The wire of Custom Toll Free: one function per operation (custom-toll-free.md sections 5 to 7).

Arguments are checked before anything is sent (`ValueError`). Every function returns an `Answer`
that is SUCCESS or, for writes and the list, PENDING; ERROR answers are raised.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from portal.providers.base import Account, Runtime
from portal.providers.custom_toll_free import envelope
from portal.providers.custom_toll_free.envelope import Answer, Call
from portal.providers.custom_toll_free.listing import RowStream
from portal.providers.errors import ProviderProtocolError
from portal.providers.http import StreamedReply, Wire
from portal.providers.redaction import redacted_errors
from portal.tn import TN, TOLL_FREE_NPAS

Effective = datetime | None  # None is sent as NOW
Fields = list[tuple[str, str]]

MAX_NUMBERS: Final = 10  # per reserve, query and changeresporg (sections 2 and 7)
MAX_QUANTITY: Final = 500
MAX_HOLD_DAYS: Final = 45
MAX_INTERCEPT_DAYS: Final = 120
NOW: Final = "NOW"
SOURCES: Final = ("spare", "rugly")
STATUSES: Final = (
    "SPARE",
    "RESERVED",
    "ASSIGNED",
    "WORKING",
    "DISCONNECT",
    "TRANSITIONAL",
    "SUSPEND",
    "UNAVAILABLE",
)
_NUMBER = re.compile(r"8(?:00|33|44|55|66|77|88)[2-9][0-9]{6}", re.ASCII)
_RESPORG = re.compile(r"[A-Z0-9]{5}", re.ASCII)
_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,36}", re.ASCII)
_TEMPLATE = re.compile(r"\*[A-Z0-9]{2}[!-~]{0,12}", re.ASCII)
_VANITY = re.compile(r"[A-Za-z0-9]{3,12}", re.ASCII)
_PARTS: Final = ("CAD", "CPR", "LAD")


def is_toll_free(tn: TN) -> bool:
    """Return whether the registry can know the number (section 2)."""
    return tn.is_nanp and _NUMBER.fullmatch(tn.digits10) is not None


def is_template(name: str) -> bool:
    """Return whether `name` is a well-formed template name: ``*``, entity and text (section 4.1)."""
    return _TEMPLATE.fullmatch(name) is not None


class CustomTollFreeClient:
    """One account's wire; the key travels with every request and is never recorded."""

    def __init__(self, account: Account, runtime: Runtime) -> None:
        self._key = account.credentials.get("key", "")
        self.resporg = str(account.setting("resporg")).upper()
        self._write_method = str(account.setting("write_method", "POST")).upper()
        base = account.base_url.rstrip("/").removesuffix("/api")
        self.wire = Wire(runtime, base_url=base, secrets=[self._key])

    # -- the public search interface (section 5) ------------------------------------------------

    def search(
        self,
        *,
        vanity: str,
        prefixes: Sequence[str] = (),
        quantity: int = 50,
        trailing: int | None = None,
        sources: Sequence[str] = (),
        allows_adult: bool = False,
    ) -> Answer:
        """Return spare numbers that hold `vanity`: 3 to 12 letters or digits.

        `trailing` is how many digits may follow it, 0 to 5. Adult words are filtered by default.
        """
        _check(_VANITY.fullmatch(vanity), "A search needs 3 to 12 letters or digits.")
        _check(quantity >= 1, "At least one number must be asked for.")
        _check(trailing is None or 0 <= trailing <= 5, "At most five trailing digits.")
        _check(set(prefixes) <= TOLL_FREE_NPAS, "The prefixes are the seven toll-free codes.")
        _check(set(sources) <= set(SOURCES), "Numbers are searched in spare or rugly.")
        fields = [("vanity", vanity), ("quantity", str(min(quantity, MAX_QUANTITY)))]
        if sources:
            fields.append(("source", ";".join(sources)))
        if prefixes and set(prefixes) != TOLL_FREE_NPAS:
            fields.append(("prefix", ";".join(prefixes)))
        if trailing is not None:
            fields.append(("trailing", str(trailing)))
        if allows_adult:
            fields.append(("adult", "0"))
        if vanity.isdigit():
            fields.append(("numeric", "1"))
        return self._read("search", fields)

    def reverselookup(self, tn: TN) -> Answer:
        """Return the vanity spellings of a number."""
        return self._read("reverselookup", [("number", _number(tn))])

    # -- numbers (sections 7.1 to 7.5) ----------------------------------------------------------

    def reserve(
        self,
        tns: Sequence[TN],
        *,
        reqref: str,
        contact_name: str,
        contact_phone: str,
        until: date | None = None,
        notes: str = "",
    ) -> Answer:
        """Hold spare numbers for a named subscriber; 45 days are the default and the longest."""
        _check(1 <= len(contact_name) <= 30, "A contact name of 1 to 30 characters is needed.")
        _check(re.fullmatch(r"[0-9]{10}", contact_phone), "The contact phone needs ten digits.")
        _check(len(notes) <= 151, "Notes have at most 151 characters.")
        longest = datetime.now(UTC).date() + timedelta(days=MAX_HOLD_DAYS)
        _check(until is None or until <= longest, "A hold lasts for at most 45 days.")
        self._check_resporg()
        fields = [*_numbers(tns), ("contactname", contact_name), ("contactphone", contact_phone)]
        if until is not None:
            fields.append(("until", until.isoformat()))
        return self._write("reserve", fields + _optional(notes=notes), reqref=reqref)

    def query(self, tns: Sequence[TN]) -> Answer:
        """Return RespOrg, status and status date of up to ten numbers."""
        return self._read("query", [*self._acting(), *_numbers(tns)])

    def spare(self, tn: TN, *, reqref: str) -> Answer:
        """Give a reserved number, or one disconnected 45 days ago, back to the pool."""
        return self._write("spare", [("number", _number(tn))], reqref=reqref)

    def disconnect(
        self,
        tn: TN,
        *,
        reqref: str,
        effective: Effective = None,
        intercept_end: date | Literal["NOW"] | None = None,
        has_referral: bool = False,
        notes: str = "",
    ) -> Answer:
        """Take a working number out of service.

        The announcement ends after 120 days, the longest allowed, or on another day, or NOW.
        """
        _check(len(notes) <= 151, "Notes have at most 151 characters.")
        if intercept_end is not None and intercept_end != NOW:
            _check(not isinstance(intercept_end, datetime), "An announcement ends on a day.")
            longest = (effective or datetime.now(UTC)).date() + timedelta(days=MAX_INTERCEPT_DAYS)
            _check(intercept_end <= longest, "An announcement plays for at most 120 days.")
        fields = [("number", _number(tn)), ("effective", _moment(effective))]
        if intercept_end is not None:
            fields.append(("interceptend", str(intercept_end)))
        fields.append(("referral", "1" if has_referral else "0"))
        return self._write("disconnect", fields + _optional(notes=notes), reqref=reqref)

    def changeresporg(
        self, tns: Sequence[TN], *, new_resporg: str, reqref: str, effective: date | None = None
    ) -> Answer:
        """Move up to ten numbers to another RespOrg id, or into ours."""
        _check(_RESPORG.fullmatch(new_resporg), "A RespOrg id has five letters or digits.")
        fields = [*_numbers(tns), ("newresporg", new_resporg)]
        if effective is not None:
            fields.append(("effective", effective.isoformat()))
        return self._write("changeresporg", fields, reqref=reqref)

    # -- records (sections 7.6, 7.7, 7.10 and 7.11) ---------------------------------------------

    def queryrecord(self, tn: TN, *, start: str = "") -> Answer:
        """Return up to ten record summaries of a number; `start` is the cursor of the next page."""
        fields = [*self._acting(), ("number", _number(tn)), *_optional(start=start)]
        return self._read("queryrecord", fields)

    def retrieve(self, tn: TN, *, effective: Effective = None, parts: Sequence[str] = ()) -> Answer:
        """Return one whole record; without a time the provider picks the live one (section 4.5)."""
        fields = [*self._acting(), ("number", _number(tn)), *_parts(parts)]
        if effective is not None:
            fields.append(("effective", _moment(effective)))
        return self._read("retrieve", fields)

    def copyrecord(
        self,
        tn: TN,
        *,
        source: str | TN,
        reqref: str,
        source_effective: Effective = None,
        effective: Effective = None,
        parts: Sequence[str] = (),
        overwrite_version: int | None = None,
    ) -> Answer:
        """Copy the record of a template or of another number onto `tn`.

        Overwrites an existing record only where its version is given.
        """
        if isinstance(source, TN):
            origin = _number(source)
        else:
            _check(is_template(source), "A template name is * and 2 to 14 characters.")
            origin = source
        fields = [("number", _number(tn)), ("source", origin), ("effective", _moment(effective))]
        if source_effective is not None:
            fields.append(("sourceeffective", _moment(source_effective)))
        fields += _parts(parts)
        if overwrite_version is not None:
            fields += [("overwrite", "1"), ("version", str(overwrite_version))]
        return self._write("copyrecord", fields, reqref=reqref)

    def updaterecord(
        self,
        tn: TN,
        *,
        record: str,
        reqref: str,
        effective: Effective = None,
        action: str = "create",
        version: int | None = None,
    ) -> Answer:
        """Create, change or delete a record; `record` is its XML (section 8)."""
        _check(action in {"create", "change", "delete"}, "Create, change or delete a record.")
        _check(action == "create" or version is not None, "The record's version is needed.")
        fields = [
            ("number", _number(tn)),
            ("record", record),
            ("effective", _moment(effective)),
            ("action", action),
        ]
        if version is not None:
            fields.append(("version", str(version)))
        return self._write("updaterecord", fields, reqref=reqref)

    # -- lists and requests (sections 7.8 and 7.9) ----------------------------------------------

    @contextlib.contextmanager
    def resporgcheck(
        self, *, statuses: Sequence[str] = (), since: date | None = None
    ) -> Iterator[RowStream]:
        """Hand over all numbers of the RespOrg, to be read as a stream."""
        self._check_resporg()
        _check(set(statuses) <= set(STATUSES), "A status is one of the registry’s eight.")
        fields = [*self._acting(), ("format", "xml")]
        if statuses:
            fields.append(("status", ",".join(statuses)))
        if since is not None:
            fields.append(("since", since.isoformat()))
        call = Call(operation="resporgcheck", may_pend=True)
        with self._send(call, "/api/resporgcheck", params=fields) as reply:
            yield RowStream(reply, call)

    @contextlib.contextmanager
    def download(self, url: str) -> Iterator[RowStream]:
        """Hand over a list that the provider made ready at `url`, which must be its own address."""
        base = urlsplit(self.wire.base_url)
        target = urlsplit(urljoin(f"{self.wire.base_url}/api/", url))
        if (target.scheme, target.netloc) != (base.scheme, base.netloc):
            raise ProviderProtocolError(
                "The provider named a download at a foreign address. It was not followed.",
                operation="resporgcheck",
            )
        params = parse_qsl(target.query, keep_blank_values=True)
        params = [(name, value) for name, value in params if name != "key"]
        call = Call(operation="resporgcheck")
        with self._send(call, target.path, params=params) as reply:
            yield RowStream(reply, call)

    def requeststatus(self, *, request_id: str = "", reqref: str = "") -> Answer:
        """Return how far an earlier request is, by the provider's id or by our reference."""
        _check(request_id or reqref, "A request id or a reference is needed.")
        chosen = ("requestid", request_id) if request_id else ("reqref", _reference(reqref))
        return self._read("requeststatus", [*self._acting(), chosen])

    # -- sending --------------------------------------------------------------------------------

    def _check_resporg(self) -> None:
        """Raise ValueError unless the account names its RespOrg, which some operations need."""
        _check(_RESPORG.fullmatch(self.resporg), "The account’s RespOrg id is missing.")

    def _acting(self) -> Fields:
        return [("resporg", self.resporg)] if self.resporg else []

    def _read(self, operation: str, fields: Fields) -> Answer:
        call = Call(operation=operation)
        with self._send(call, f"/api/{operation}", params=fields) as reply:
            return _answer(reply, call)

    def _write(self, operation: str, fields: Fields, *, reqref: str) -> Answer:
        call = Call(operation=operation, is_write=True, may_pend=True)
        sent = [*self._acting(), *fields, ("reqref", _reference(reqref))]
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
            ) as reply,
        ):
            yield reply


def _answer(reply: StreamedReply, call: Call) -> Answer:
    return envelope.read(reply.read_all(), call, status=reply.status, headers=reply.headers)


def _check(holds: object, sentence: str) -> None:
    if not holds:
        raise ValueError(sentence)


def _number(tn: TN) -> str:
    _check(is_toll_free(tn), f"{tn} is not a toll-free number.")
    return tn.digits10


def _numbers(tns: Sequence[TN]) -> Fields:
    _check(1 <= len(tns) <= MAX_NUMBERS, f"One request takes at most {MAX_NUMBERS} numbers.")
    if len(tns) == 1:
        return [("number", _number(tns[0]))]
    return [("numbers", ",".join(_number(tn) for tn in tns))]


def _reference(reqref: str) -> str:
    _check(_REFERENCE.fullmatch(reqref), "A reference has 1 to 36 letters, digits and dashes.")
    return reqref


def _moment(moment: Effective) -> str:
    """Return a time as the wire wants it; only quarter-hours are allowed (section 2)."""
    if moment is None:
        return NOW
    _check(moment.tzinfo and moment.minute % 15 == 0, "Times are aware and on a quarter-hour.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def _parts(parts: Sequence[str]) -> Fields:
    _check(all(part in _PARTS for part in parts), "The parts of a record are CAD, CPR and LAD.")
    return [("parts", ",".join(parts))] if parts else []


def _optional(**fields: str) -> Fields:
    return [(name, value) for name, value in fields.items() if value]
