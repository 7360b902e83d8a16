"""VoiceTel section 8: caller name and routing number of any number, billed by the lookup."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_records import facts_of
from portal.sandbox.rest_voicetel_wire import (
    PROVIDER,
    Caller,
    Refused,
    check_tn,
    load_account,
    operation,
    success,
)
from portal.sandbox.store import Store

NAMES = ("EXAMPLE LLC", "ROE JANE", "DOE JOHN", "WIRELESS CALLER", "SAMPLE SUPPLY", "UNAVAILABLE")
TOLL_FREE = frozenset({"800", "822", "833", "844", "855", "866", "877", "888"})
OWN_CARRIER = "VOICETEL"
OWN_OCN = "990V"


class Carrier(NamedTuple):
    """Who serves a number: name, company number and kind."""

    lec: str
    ocn: str
    kind: str


OTHERS = (
    Carrier("EXAMPLE TELEPHONE", "9901", "RBOC"),
    Carrier("SAMPLE CABLE", "9902", "CLEC"),
    Carrier("DEMO WIRELESS", "9903", "WIRELESS"),
)


@operation(refusal=(402, "CNAM service is not enabled"))
def look_up_name(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """GET /cnam/{number}: the displayed name; 402 without the service or the money."""
    check_tn("number", number)
    if not caller.facts["services"]["cnam"]:
        raise Refused(402, "CNAM service is not enabled")
    _charge(store, caller, "cnam")
    rows = store.query("SELECT data FROM number WHERE provider = ? AND tn = ?", (PROVIDER, number))
    own = facts_of(rows[0]).get("lidb") if rows else None
    return success({"number": number, "cnam": own or NAMES[_lot(number) % len(NAMES)]})


@operation(refusal=(400, "Lookup failed"))
def look_up_routing(
    request: Request, store: Store, caller: Caller, number: str, ani: str
) -> Response:
    """GET /lrn/{number}/{ani}: where a call to `number` goes, seen from `ani`; all texts.

    A balance that is too low is a 402, as for names; the reference lists none here.
    """
    check_tn("number", number)
    check_tn("ani", ani)
    _charge(store, caller, "lrn")
    carrier, place, origin = (
        carrier_of(store, number),
        place_of(store, number),
        place_of(store, ani),
    )
    is_same_state = bool(place["state"]) and place["state"] == origin["state"]
    is_same_center = bool(place["rate_center"]) and is_same_state
    is_local = is_same_center and place["rate_center"] == origin["rate_center"]
    lrn = {
        "lrn": f"1{routing_number(store, number) or number}",
        "ocn": carrier.ocn,
        "lata": str(place["lata"] or ""),
        "lec": carrier.lec,
        "lecType": carrier.kind,
        "city": place["city"],
        "state": place["state"],
        "rc": place["rate_center"],
        "jurisdiction": "INTRASTATE" if is_same_state else "INTERSTATE",
        "local": "Y" if is_local else "N",
    }
    return success({"destination": number, "ani": ani, "lrn": lrn})


def is_toll_free(number: str) -> bool:
    return number[:3] in TOLL_FREE


def carrier_of(store: Store, number: str) -> Carrier:
    """Return who serves a number: VoiceTel what it sells or hosts, one of three others the rest."""
    if is_hosted(store, number):
        return Carrier(OWN_CARRIER, OWN_OCN, "CLEC")
    return OTHERS[_lot(number[:6]) % len(OTHERS)]


def is_hosted(store: Store, number: str) -> bool:
    """Tell whether a number is in VoiceTel's stock or on one of its accounts."""
    rows = store.query(
        "SELECT status FROM number WHERE provider = ? AND tn = ?", (PROVIDER, number)
    )
    return bool(rows) and rows[0]["status"] in ("available", "reserved", "owned")


def routing_number(store: Store, number: str) -> str | None:
    """Return the ten-digit routing number of a number; toll-free numbers have none."""
    if is_toll_free(number):
        return None
    return f"{number[:6]}{'0001' if is_hosted(store, number) else '0000'}"


def place_of(store: Store, number: str) -> Mapping[str, Any]:
    """Return state, rate center, city and LATA of a number's exchange; empty where unknown."""
    rows = store.query(
        "SELECT state, rate_center, city, lata FROM number"
        " WHERE provider = ? AND npa = ? AND (nxx = ? OR ?) ORDER BY nxx <> ?, tn LIMIT 1",
        (PROVIDER, number[:3], number[3:6], not is_toll_free(number), number[3:6]),
    )
    empty = {"state": "", "rate_center": "", "city": "", "lata": 0}
    return dict(rows[0]) if rows else empty


def _charge(store: Store, caller: Caller, service: str) -> None:
    """Debit one lookup; raise 402 where the balance, read again, does not cover it."""
    with store.transaction():
        rate = caller.facts["rates"][service]
        current = load_account(store, caller.login) or caller
        if current.balance < rate:
            raise Refused(402, "Insufficient balance")
        current.debit(store, rate)


def _lot(text: str) -> int:
    """Return the same number for the same text each time."""
    return zlib.crc32(text.encode())
