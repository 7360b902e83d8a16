"""E911, gateways, ports and lookups (voicetel.md 5, 6, 7.4 and 8)."""

from __future__ import annotations

from tests.providers.strict.routes import Echo, Operation, Seen
from tests.providers.strict.rules import (
    ANY,
    MAYBE_EMPTY,
    STATE,
    TN10,
    Items,
    Table,
    Text,
    Whole,
)

ID = {"id": Whole(least=0)}
DN = {"dn": TN10}
PID = {"id": Text(pattern=r"[A-Za-z0-9]{5}")}
NUMBER = {"number": TN10}
ADDRESS = {
    "address1*": ANY,
    "address2": MAYBE_EMPTY,
    "city*": ANY,
    "state*": STATE,
    "zip*": ANY,
}
VALIDATED = {
    "addressid": 4711,
    "address1": "1 MAIN ST",
    "address2": "",
    "city": "NEW YORK",
    "state": "NY",
    "zip": "10001",
}
RECORD = {
    "dn": "12125550142",
    "callername": "EXAMPLE LLC",
    "address1": "1 MAIN ST",
    "address2": "",
    "city": "NEW YORK",
    "state": "NY",
    "zip": "10001",
}


def _record(seen: Seen) -> object:
    """Answer with the record of the number asked about: eleven digits come back (5)."""
    dn = seen.names.get("dn") or seen.body["dn"]
    return {"record": {**RECORD, "dn": f"1{dn}"}}


GATEWAY_ADDRESS = Text(pattern=r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?")
PREFIX = Text(pattern=r"[0-9]*", least=0)
LIMIT = Whole(least=1, most=1000)
GATEWAY = {"id": 1001, "gateway": "192.0.2.9:5060", "prefix": "", "limit": 23, "system": False}
SAME_GATEWAY = {**GATEWAY, "id": Echo("path", "id", "int")}
DIRECTION = Text(enum=("N", "NE", "E", "SE", "S", "SW", "W", "NW"))
PORT = {
    "id": "0123456789abcdef0123456789abcdef01234567",
    "pid": "Ab1C2",
    "status": "Submitted",
    "createdAt": "2025-01-02T15:30:00Z",
    "foc": "20250116",
    "message": "",
}
FEATURE = Table(
    {
        "number": TN10,
        "routing": Table({"gatewayId": Whole()}),
        "lidb": Table({"name": Text(most=15)}),
        "sms": Table({"campaignId": ANY}),
    }
)
PORT_ORDER = Table(
    {
        "did*": Items(item=TN10),
        "name*": ANY,
        "nameType*": Text(enum=("business", "residential")),
        "authPerson*": ANY,
        "lcBtn*": TN10,
        "lcAccountNumber*": ANY,
        "streetNumber*": ANY,
        "street*": ANY,
        "streetType*": ANY,
        "city*": ANY,
        "state*": STATE,
        "zip*": ANY,
        "country*": ANY,
        "pin": ANY,
        "desiredDueDate": Text(pattern=r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?"),
        "streetPrefix": DIRECTION,
        "streetSuffix": DIRECTION,
        "building": ANY,
        "floor": ANY,
        "room": ANY,
        "unitValue": ANY,
        "features": Items(item=FEATURE, least=0),
    }
)
SERVICES = (
    Operation("POST /v2.2/e911/validations", {"address": VALIDATED}, body=Table(ADDRESS)),
    Operation(
        "POST /v2.2/e911",
        _record,
        201,
        body=Table({"dn*": TN10, "callername*": ANY, **ADDRESS}),
    ),
    Operation("GET /v2.2/e911", {"records": [RECORD]}),
    Operation("GET /v2.2/e911/{dn}", _record, names=DN),
    Operation(
        "PUT /v2.2/e911/{dn}",
        _record,
        names=DN,
        body=Table({"addressid*": Whole(), "callername*": ANY}),
    ),
    Operation("DELETE /v2.2/e911/{dn}", None, 204, names=DN),
    Operation("GET /v2.2/gateways", {"gateways": [GATEWAY]}),
    Operation(
        "POST /v2.2/gateways",
        GATEWAY,
        201,
        body=Table({"gateway*": GATEWAY_ADDRESS, "prefix": PREFIX, "limit": LIMIT}),
    ),
    Operation("GET /v2.2/gateways/{id}", SAME_GATEWAY, names=ID),
    Operation(
        "PUT /v2.2/gateways/{id}",
        SAME_GATEWAY,
        names=ID,
        body=Table({"gateway": GATEWAY_ADDRESS, "prefix": PREFIX, "limit": LIMIT}),
    ),
    Operation("DELETE /v2.2/gateways/{id}", None, 204, names=ID),
    Operation(
        "GET /v2.2/gateways/{id}/numbers",
        {
            "numbers": [
                {
                    "number": "2125550142",
                    "translated": "2125550142",
                    "forward": False,
                    "forwardTo": None,
                    "cnam": False,
                    "smsEnabled": False,
                    "faxEnabled": False,
                    "carrier": 0,
                }
            ]
        },
        names=ID,
    ),
    Operation(
        "GET /v2.2/ports/availability/{number}",
        {"number": Echo("path", "number"), "portable": True, "losingCarrier": "Example Telecom"},
        names=NUMBER,
    ),
    Operation(
        "POST /v2.2/ports",
        {
            "pid": "Ab1C2",
            "ticket": 81,
            "loaUrl": "https://api.voicetel.com/a/loa/Ab1C2/",
            "portUrl": "https://api.voicetel.com/a/port/Ab1C2/",
            "message": "Port submitted",
        },
        201,
        body=PORT_ORDER,
    ),
    Operation("GET /v2.2/ports", {"ports": [PORT]}),
    Operation(
        "GET /v2.2/ports/{id}",
        {
            "port": {
                **PORT,
                "pid": Echo("path", "id"),
                "name": "Example LLC",
                "email": "ops@example.net",
                "numbers": ["2125550142"],
            }
        },
        names=PID,
    ),
    Operation(
        "GET /v2.2/cnam/{number}",
        {"number": Echo("path", "number"), "cnam": "EXAMPLE LLC"},
        names=NUMBER,
    ),
    Operation(
        "GET /v2.2/lrn/{number}/{ani}",
        {
            "destination": Echo("path", "number"),
            "ani": Echo("path", "ani"),
            "lrn": {
                "lrn": "12125550100",
                "ocn": "9999",
                "lata": "132",
                "lec": "Example Telecom",
                "lecType": "CLEC",
                "city": "NEW YORK",
                "state": "NY",
                "rc": "NWYRCYZN01",
                "jurisdiction": "INTERSTATE",
                "local": "N",
            },
        },
        names={"number": TN10, "ani": TN10},
    ),
)
