"""VoIP Innovations 2.1: search, counts and coverage.

The extended inventory is the network `Peerless` here: only getDIDsExtended shows it and only
assignDIDExtended assigns it; the reference does not say how the two stocks differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from portal.sandbox.soap_records import TOLL_FREE_STATE, locator
from portal.sandbox.soap_wire import PROVIDER, Call, Method, Refused, Reply
from portal.sandbox.stock import exchanges

EXTENDED_NETWORK = "Peerless"
TRUE, FALSE = ("1", "true"), ("0", "false")
TEXTS: Mapping[str, str] = {
    "state": "state",
    "lata": "lata",
    "rateCenter": "rate_center",
    "npa": "npa",
    "nxx": "nxx",
    "tier": "tier",
    "network": "network",
}
FLAGS: Mapping[str, str] = {"t38": "t38", "cnam": "cnam", "sms": "sms"}
ORDERS: Mapping[str, str] = {
    "state": "shown_state, rate_center, tier",
    "rc": "rate_center, shown_state, tier",
    "lata": "lata, rate_center, tier",
    "tier": "tier, shown_state, rate_center",
}


def _criteria(call: Call) -> tuple[list[str], list[Any]]:
    """Return the SQL conditions and values of the criteria that were given.

    Raises 302490 for an nxx without its npa.
    """
    where, values = list[str](), list[Any]()
    for name, column in TEXTS.items():
        text = call.text(name)
        if text:
            where.append(f"{column} = ?{' COLLATE NOCASE' if name == 'network' else ''}")
            if name == "lata":
                values.append(int(text) if text.isdigit() else -1)
            else:
                values.append(text if name in ("network", "tier") else text.upper())
    for name, column in FLAGS.items():
        text = call.text(name).lower()
        if text in TRUE + FALSE:
            where.append(f"{column} = ?")
            values.append(int(text in TRUE))
    if call.text("nxx") and not call.text("npa"):
        raise Refused(302490)
    return where, values


def _find(call: Call, where: list[str], values: list[Any], *, is_extended: bool) -> Reply:
    sign = "=" if is_extended else "<>"
    sql = (
        "SELECT * FROM number WHERE provider = ? AND status = 'available'"  # noqa: S608
        f" AND network {sign} ? AND {' AND '.join(where)} ORDER BY tn"
    )
    rows = call.store.iterate(sql, (PROVIDER, EXTENDED_NETWORK, *values))
    first = None if call.is_faulted("empty") else next(rows, None)
    if first is None:
        return Reply(code=101)

    def locators() -> Any:
        yield locator(first)
        yield from map(locator, rows)

    return Reply(containers={"DIDLocators": locators()})


def get_dids(call: Call) -> Reply:
    """getDIDs: numbers for sale by any criteria, one at least, all of them in one reply."""
    where, values = _criteria(call)
    if not where:
        raise Refused(302490)
    return _find(call, where, values, is_extended=False)


def get_dids_extended(call: Call) -> Reply:
    """getDIDsExtended: the extended inventory, by state and rate center, by npa or by lata."""
    where, values = _criteria(call)
    has_place = call.text("state") and call.text("rateCenter")
    if not (has_place or call.text("npa") or call.text("lata")):
        raise Refused(302490)
    return _find(call, where, values, is_extended=True)


def get_did_count(call: Call) -> Reply:
    """getDIDCount: one row for each rate center, tier and set of features."""
    where, values = _criteria(call)
    order = ORDERS.get(call.text("orderby").lower(), ORDERS["state"])
    columns = "shown_state, rate_center, tier, lata, cnam, t38, sms"
    condition = " AND ".join(["network <> ?", *where])
    sql = (
        f"SELECT count(*) AS n, {columns} FROM"  # noqa: S608
        " (SELECT *, CASE state WHEN ? THEN 'ALL' ELSE state END AS shown_state FROM number)"
        f" WHERE provider = ? AND status = 'available' AND {condition}"
        f" GROUP BY {columns} ORDER BY {order}, cnam, t38, sms"
    )
    rows = call.store.query(sql, (TOLL_FREE_STATE, PROVIDER, EXTENDED_NETWORK, *values))
    if not rows or call.is_faulted("empty"):
        return Reply(code=101)
    counts = [
        {
            "didCount": str(row["n"]),
            "rateCenter": row["rate_center"],
            "state": row["shown_state"],
            "tier": row["tier"],
            "lataId": row["lata"],
            "cnam": bool(row["cnam"]),
            "t38": bool(row["t38"]),
            "sms": bool(row["sms"]),
        }
        for row in rows
    ]
    return Reply(containers={"DIDCounts": counts})


@lru_cache(maxsize=1)
def _coverage() -> tuple[tuple[str, str, str], ...]:
    """Return (state, rate center, npa) of every place served, whether in stock or not."""
    return tuple(
        sorted({(state, rate_center, npa) for npa, _, state, rate_center, _, _ in exchanges()})
    )


def _listed(call: Call, found: set[str]) -> Reply:
    if not found or call.is_faulted("empty"):
        return Reply(code=101)
    return Reply(containers={"responseData": sorted(found)})


def get_available_npas(call: Call) -> Reply:
    """GetAvailableNPAs: area codes served, of a state and rate center where given."""
    state, place = call.text("state").upper(), call.text("ratecenter").upper()
    return _listed(
        call, {npa for s, rc, npa in _coverage() if state in ("", s) and place in ("", rc)}
    )


def get_available_rate_centers(call: Call) -> Reply:
    """GetAvailableRateCenters: rate centers served, of a state where given."""
    state = call.text("state").upper()
    return _listed(call, {rc for s, rc, _ in _coverage() if state in ("", s)})


def get_available_states(call: Call) -> Reply:
    """GetAvailableStates: states served."""
    return _listed(call, {state for state, _, _ in _coverage()})


_SEARCH = (
    "state string, lata string, rateCenter string, npa string, nxx string, tier string,"
    " t38 string, cnam string, sms string, network string"
)
METHODS = (
    Method("getDIDs", _SEARCH, "DIDResponse", get_dids),
    Method(
        "getDIDCount",
        _SEARCH.replace("cnam string,", "cnam string, orderby string,"),
        "DIDResponse",
        get_did_count,
    ),
    Method("getDIDsExtended", _SEARCH, "DIDResponse", get_dids_extended),
    Method("GetAvailableNPAs", "state string, ratecenter string", "Response", get_available_npas),
    Method("GetAvailableRateCenters", "state string", "Response", get_available_rate_centers),
    Method("GetAvailableStates", "", "Response", get_available_states),
)
