"""Wire ⇄ DTO of ports (voicetel.md sections 7.4 and 10)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from portal.providers.dto.porting import (
    TRADE_WORDS,
    AfterPort,
    Portability,
    PortNumber,
    PortReceipt,
    PortRecord,
    PortRequest,
    PortState,
    port_state,
)
from portal.providers.errors import off_contract
from portal.providers.rest import clean
from portal.providers.voicetel.client.porting_form import PortFeature, PortForm
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.mapping.fields import is_dummy, moment, read_tn, told
from portal.providers.voicetel.methods import porting as methods
from portal.providers.voicetel.methods.core import Method
from portal.tn import TN

# How a wished day is written: prose and schema of the document differ, and nobody tried (7.4).
DATE_FORMS: Final[Mapping[str, str]] = {"date": "{:%Y-%m-%d}", "datetime": "{:%Y-%m-%d}T12:00:00Z"}

# The reference knows Complete; the word for a missing letter is [assumed].
_WORDS: Final[Mapping[str, PortState]] = {
    **TRADE_WORDS,
    "loa required": PortState.PENDING_DOCUMENTS,
}
_PID = re.compile(r"[A-Za-z0-9]{5}")
_LINK = re.compile(r"https?://[^\s<>\"']+")
_DAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:T.*)?")


def portability(content: Record, tn: TN) -> Portability:
    """Return whether a number can be ported in; raises `ProviderProtocolError` for no clear answer."""
    method = methods.GET_AVAILABILITY
    _require_same(content, tn, method)
    is_portable = content.get("portable")
    if not isinstance(is_portable, bool):
        raise off_contract(method.name, False, "it says neither yes nor no")
    return Portability(
        tn=tn,
        is_portable=is_portable,
        losing_carrier=clean(content.get("losingCarrier")),
        routing_number=read_tn(content.get("localRoutingNumber")),
        tier=clean(content.get("rateCenterTier")),
        reason="" if is_portable else clean(content.get("reason")),
    )


def port_form(request: PortRequest, *, date_form: str) -> PortForm:
    """Return a request as the wire has it; `date_form` names one of `DATE_FORMS`.

    Raises ValueError for what the wire cannot carry, and for toll-free and geographic numbers
    together: the server would split them, and name one port only.
    """
    if date_form not in DATE_FORMS:
        raise ValueError(f"a date is spelled as one of {', '.join(DATE_FORMS)}")
    if len({tn.is_toll_free for tn in request.tns}) > 1:
        raise ValueError("toll-free and geographic numbers are ported by separate requests")
    wished = request.desired_date
    return PortForm(
        did=tuple(tn.digits10 for tn in request.tns),
        name=request.name,
        name_type=request.name_type.value,
        auth_person=request.authorized_person,
        lc_btn=request.billing_tn.digits10,
        lc_account_number=request.account_number,
        street_number=request.street_number,
        street=request.street,
        street_type=request.street_type,
        city=request.city,
        state=request.state.strip().upper(),
        zip=request.zip,
        country=request.country,
        pin=request.pin,
        desired_due_date=DATE_FORMS[date_form].format(wished) if wished else "",
        street_prefix=request.street_prefix,
        street_suffix=request.street_suffix,
        building=request.building,
        floor=request.floor,
        room=request.room,
        unit_value=request.unit,
        features=tuple(_feature(tn, after) for tn, after in request.after.items()),
    )


def receipt(content: Record) -> PortReceipt:
    """Return what a submission tells; raises `ProviderProtocolError` where it names no port."""
    ref = clean(content.get("pid"))
    if not _PID.fullmatch(ref):
        raise off_contract(methods.POST_PORTS.name, True, "it does not name the port")
    return PortReceipt(
        ref=ref,
        ticket_ref=clean(content.get("ticket")),
        letter_url=_link(content.get("loaUrl")),
        tracking_url=_link(content.get("portUrl")),
        message=clean(content.get("message")),
    )


def ports(rows: Iterable[Record]) -> Iterator[PortRecord]:
    """Yield the ports of the account's list, empty ones left out."""
    for row in rows:
        if not is_dummy(row):
            yield _port(row, methods.GET_PORTS)


def port(content: Record, ref: str) -> PortRecord:
    """Return one port; raises `ProviderProtocolError` for another one's."""
    found = _port(content, methods.GET_PORT)
    if found.ref != ref:
        raise off_contract(methods.GET_PORT.name, False, "it is about another port")
    return found


def port_out_pin(content: Record, tn: TN) -> str:
    """Return the PIN that a reply confirms, "" where it does not tell."""
    _require_same(content, tn, methods.PATCH_PORT_OUT_PIN)
    pin = clean(content.get("portOutPin"))
    return pin.zfill(4) if pin else ""  # a number would have lost its leading zeros


def _feature(tn: TN, after: AfterPort) -> PortFeature:
    route = after.route_ref.strip()
    if route and not re.fullmatch(r"[1-9][0-9]{0,8}", route):
        raise ValueError(f"{route[:40]!r} is no gateway id")
    return PortFeature(
        number=tn.digits10,
        gateway_id=int(route) if route else None,
        lidb_name=after.caller_name.strip(),
        campaign_id=after.campaign_ref.strip(),
    )


def _port(row: Record, method: Method) -> PortRecord:
    ref = clean(row.get("pid"))
    if not _PID.fullmatch(ref):
        raise off_contract(method.name, False, "a port has no id")
    word = clean(row.get("status"))
    return PortRecord(
        ref=ref,
        state=port_state(word, _WORDS),
        word=word,
        message=clean(row.get("message")),
        name=clean(row.get("name")),
        email=clean(row.get("email")),
        submitted_at=moment(row.get("createdAt")),
        foc_date=_day(row.get("foc")),
        support_url=_link(row.get("supportUrl")),
        numbers=tuple(_numbers(row.get("numbers"), method)),
        details=told(row, ("id",)),
    )


def _numbers(value: Any, method: Method) -> Iterator[PortNumber]:
    """Yield the numbers of a port: texts, or objects with a `number`."""
    if value is None:
        return
    if not isinstance(value, list):
        raise off_contract(method.name, False, "the numbers of a port are no list")
    for element in value:
        tn = read_tn(element.get("number") if isinstance(element, dict) else element)
        if tn is None:
            raise off_contract(method.name, False, "a number of a port cannot be read")
        yield PortNumber(tn=tn)


def _day(value: Any) -> date | None:
    """Return the day of ``YYYYMMDD``, or of the usual spelling; None where there is none."""
    match = _DAY.fullmatch(clean(value))
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def _link(value: Any) -> str:
    """Return a web address that may stand in a page, "" for anything else."""
    text = clean(value)
    return text if _LINK.fullmatch(text) else ""


def _require_same(content: Record, tn: TN, method: Method) -> None:
    """Raise `ProviderProtocolError` where an answer names another number than was asked about."""
    if content.get("number") is not None and read_tn(content["number"]) != tn:
        raise off_contract(method.name, method.is_write, "it is about another number")
