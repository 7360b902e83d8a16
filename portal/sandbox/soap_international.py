"""VoIP Innovations 2.13: numbers of other countries, all from ranges kept for films and books.

Their list is small, and the numbers are not in the shared stock: they have no NPA and no NXX.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

from portal.sandbox.soap_records import active_group
from portal.sandbox.soap_wire import PROVIDER, Call, Method, Refused, Reply
from portal.sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS vi_intl_did (
    tn TEXT PRIMARY KEY, city INTEGER NOT NULL, tier TEXT NOT NULL, is_toll_free INTEGER NOT NULL,
    sms INTEGER NOT NULL, account TEXT NOT NULL DEFAULT '', epg INTEGER NOT NULL DEFAULT 0);
"""
SETUP_PRICE_USD = 3.0
STOCK_PER_CITY = 12
THEIRS = ("sandbox2", 14550, 2)


class City(NamedTuple):
    """A city: `prefix` starts its numbers, `lines` is how many digits follow; 0 for no stock."""

    id: int
    name: str
    country: str
    abbrev: str
    area: str
    prefix: str
    lines: int
    tier: str


CITIES = (
    City(2101, "SYDNEY", "AUSTRALIA", "AU", "2", "61255501", 3, "2"),
    City(2201, "PARIS", "FRANCE", "FR", "1", "33199001", 3, "1"),
    City(2301, "BERLIN", "GERMANY", "DE", "30", "493023125", 3, "1"),
    City(2302, "HAMBURG", "GERMANY", "DE", "40", "494066969", 3, "1"),
    City(2401, "GOTHENBURG", "SWEDEN", "SE", "31", "", 0, "2"),
    City(2402, "STOCKHOLM", "SWEDEN", "SE", "8", "468465004", 2, "2"),
    City(2501, "LONDON", "UNITED KINGDOM", "GB", "20", "442079460", 3, "1"),
    City(2502, "MANCHESTER", "UNITED KINGDOM", "GB", "161", "441614960", 3, "1"),
    City(2503, "FREEPHONE", "UNITED KINGDOM", "GB", "808", "448081570", 3, "3"),
)
BY_ID = {city.id: city for city in CITIES}


def _countries(cities: Iterable[City]) -> list[dict[str, Any]]:
    """Return cities as Country records, in their order."""
    found: dict[str, dict[str, Any]] = {}
    for city in cities:
        record = {"name": city.country, "abbrev": city.abbrev, "cities": []}
        country = found.setdefault(city.country, record)
        country["cities"].append({"name": city.name, "id": city.id})
    return list(found.values())


def _record(row: sqlite3.Row) -> dict[str, Any]:
    city = BY_ID[row["city"]]
    return {
        "tn": row["tn"],
        "country": city.country,
        "city": city.name,
        "tier": row["tier"],
        "status": "Assigned" if row["account"] else "Available",
    }


def _listed(call: Call, rows: Iterable[sqlite3.Row]) -> Reply:
    found = [_record(row) for row in rows]
    if not found or call.is_faulted("empty"):
        return Reply(code=101)
    return Reply(containers={"DIDs": found})


def own_intl_tns(call: Call) -> list[str]:
    """List the account's numbers of other countries: country code first, no plus."""
    return [row["tn"] for row in _owned(call)]


def _owned(call: Call) -> list[sqlite3.Row]:
    return call.store.query(
        "SELECT * FROM vi_intl_did WHERE account = ? ORDER BY tn", (call.login,)
    )


def get_countries(call: Call) -> Reply:
    """GetCountries: every country and city served, whether in stock or not."""
    if call.is_faulted("empty"):
        return Reply(code=101)
    return Reply(containers={"Countries": _countries(CITIES)})


def assign_intl_did(call: Call) -> Reply:
    """AssignIntlDID: buy the next number of a city.

    900 when the city has none, and here also when the endpoint group strips the country code; 948
    for a group that is not the account's or is off.
    """
    city_id = call.args["cityID"]
    group = active_group(call, call.args["epgID"])
    if group["strips_country_code"]:
        raise Refused(900, "The endpoint group must not strip the country code")
    rows = call.store.query(
        "SELECT * FROM vi_intl_did WHERE city = ? AND account = '' ORDER BY tn LIMIT 1", (city_id,)
    )
    if not rows:
        raise Refused(900, "There is no number available in this city")
    tn = rows[0]["tn"]
    call.store.execute(
        "UPDATE vi_intl_did SET account = ?, epg = ? WHERE tn = ?", (call.login, group["id"], tn)
    )
    call.store.execute(
        "UPDATE account SET balance = round(balance - ?, 4) WHERE provider = ? AND login = ?",
        (SETUP_PRICE_USD, PROVIDER, call.login),
    )
    (row,) = call.store.query("SELECT * FROM vi_intl_did WHERE tn = ?", (tn,))
    return Reply(containers={"Countries": _countries([BY_ID[city_id]]), "DID": _record(row)})


def release_intl_did(call: Call) -> Reply:
    """ReleaseIntlDID: give a number back; 944 for what is no number, 909 for another's."""
    tn = call.text("tn")
    if not (tn.isascii() and tn.isdigit()):
        raise Refused(944)
    released = call.store.execute(
        "UPDATE vi_intl_did SET account = '', epg = 0 WHERE tn = ? AND account = ?",
        (tn, call.login),
    )
    if not released:
        raise Refused(909)
    return Reply()


def audit_intl_dids(call: Call) -> Reply:
    """AuditIntlDIDs: the account's numbers of other countries; 101 for none."""
    return _listed(call, _owned(call))


def global_did_search(call: Call) -> Reply:
    """GlobalDIDSearch: numbers of other countries for sale, by any criteria, or all.

    A country is a name or an abbreviation. A flag that is false leaves the choice open.
    """
    country, city = call.text("country").upper(), call.text("city").upper()
    area = call.text("areaCode")
    places = [
        place.id
        for place in CITIES
        if country in ("", place.country, place.abbrev)
        and city in ("", place.name)
        and area in ("", place.area)
    ]
    rows = call.store.query(
        "SELECT * FROM vi_intl_did WHERE account = '' AND is_toll_free >= ? AND sms >= ?"
        " ORDER BY tn",
        (int(call.args["tollFree"]), int(call.args["sms"])),
    )
    return _listed(call, [row for row in rows if row["city"] in places])


def seed(store: Store, rng: random.Random) -> None:
    """Put numbers on sale, and give the other account two of them."""
    login, group, count = THEIRS
    for city in filter(lambda each: each.lines, CITIES):
        for line in sorted(rng.sample(range(10**city.lines), STOCK_PER_CITY)):
            store.execute(
                "INSERT INTO vi_intl_did (tn, city, tier, is_toll_free, sms) VALUES (?, ?, ?, ?, ?)",
                (
                    f"{city.prefix}{line:0{city.lines}d}",
                    city.id,
                    city.tier,
                    int(city.name == "FREEPHONE"),
                    int(rng.random() < 0.5),
                ),
            )
    store.execute(
        "UPDATE vi_intl_did SET account = ?, epg = ? WHERE tn IN"
        " (SELECT tn FROM vi_intl_did ORDER BY tn LIMIT ?)",
        (login, group, count),
    )


METHODS = (
    Method("GetCountries", "", "IntlResponse", get_countries),
    Method(
        "AssignIntlDID", "cityID int, epgID int", "IntlResponse", assign_intl_did, is_write=True
    ),
    Method("ReleaseIntlDID", "tn string", "IntlResponse", release_intl_did, is_write=True),
    Method("AuditIntlDIDs", "", "IntlResponse", audit_intl_dids),
    Method(
        "GlobalDIDSearch",
        "country string, city string, areaCode string, tollFree boolean, sms boolean",
        "IntlResponse",
        global_did_search,
        is_extra=True,
    ),
)
