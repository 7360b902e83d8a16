"""IntelePeer's seven toll-free operations and the lists beside them (intelepeer.md 1 to 8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.providers.strict.check import Dialect, Headers
from tests.providers.strict.routes import Echo, Operation, Seen
from tests.providers.strict.rules import (
    ANY,
    EMAIL,
    Flag,
    Items,
    OneOf,
    Rule,
    Table,
    Text,
    Whole,
    at_least_one,
    exactly_one,
    not_together,
)

TOKEN = "opaque-token-0001"
E164 = Text(pattern=r"\+1[2-9][0-9]{9}")
ENDPOINTS = Items(item=E164, most=100)
UUID = Text(pattern=r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
NUMBER = Table(
    {"countryCode*": Text(enum=("1",)), "number*": Text(pattern=r"[2-9][0-9]{9}")},
)
PAGING: Mapping[str, Rule] = {"page": Whole(least=1), "pageSize": Whole(least=1, most=100)}
REMARKS: Mapping[str, Rule] = {
    "email": EMAIL,
    "notes": Text(pattern=r"(?s).*", least=0),
    "referenceID": ANY,
}
OWN: Mapping[str, Rule] = {
    "label": ANY,
    "label[]": ANY,
    "like": ANY,
    "like[]": ANY,
    "packageID": Whole(),
    "packageID[]": Whole(),
    **PAGING,
}
ONCE_OR_LIST = tuple(not_together(name, f"{name}[]") for name in ("label", "like", "packageID"))
ROW = {
    "accountID": 1000001,
    "endpoint": "+18885550101",
    "hasCpaas": False,
    "label": "Front desk",
    "packageID": 30001,
    "type": "LONG",
    "geo": {"country": "US", "stateProvince": None},
    "media": {
        "sms": None,
        "voice": {
            "rx": {
                "provider": "IntelePeer",
                "service": "SIP",
                "ns": "intelepeer.sip",
                "config": {},
            },
            "tx": [],
        },
    },
}
ORDER = {
    "accountID": 1000001,
    "batchIDs": [700001],
    "completed": None,
    "created": "2025-01-01T10:05:00Z",
    "orderID": 7000010,
    "packageID": Echo("body", "packageID"),
    "referenceID": Echo("body", "referenceID"),
    "source": "API",
    "status": "PENDING",
    "type": "TF Purchase",
}
NOWHERE = {"city": None, "country": "US", "stateProvince": None}


def _reserved(seen: Seen) -> object:
    """Answer with the numbers that were asked for."""
    return [
        {
            "reservationID": seen.body.get("reservationID", "0B6F2E50-0000-4000-8000-000000000001"),
            "reservedDate": "2025-01-01T10:00:00Z",
            "expirationDate": "2025-01-01T10:30:00Z",
            "endpoints": [
                {"endpoint": endpoint, "geo": NOWHERE} for endpoint in seen.body["endpoints"]
            ],
        }
    ]


OPERATIONS = (
    Operation(
        "POST /_rest/v4/authenticate",
        {"token": TOKEN},
        body=Table({"username*": ANY, "password*": ANY}),
        is_public=True,
    ),
    Operation(
        "GET /_rest/v4/carrier/tf",
        {"endpoints": [{"endpoint": "+18885550101", "geo": NOWHERE}], "hasMore": False},
        query=Table(
            {
                "like": Text(pattern=r"\+?[0-9]{1,11}"),
                "npa": Text(pattern=r"8[0-9]{2}"),
                "npa[]": Text(pattern=r"8[0-9]{2}"),
                "sequential": Flag(),
                **PAGING,
            },
            (
                at_least_one("like", "npa", "npa[]"),
                not_together("like", "sequential"),
                not_together("npa", "npa[]"),
            ),
        ),
    ),
    Operation(
        "GET /_rest/v3/my/tf",
        {"endpoints": [ROW], "hasMore": False},
        query=Table(OWN, ONCE_OR_LIST),
    ),
    Operation(
        "GET /_rest/v4/my/tf",
        {"endpoints": [ROW], "hasMore": False},
        query=Table({**OWN, "hasCpaas": Flag()}, ONCE_OR_LIST),
    ),
    Operation(
        "POST /_rest/v4/carrier/tf/reservations",
        _reserved,
        body=Table({"endpoints*": ENDPOINTS, "reservationID": UUID}),
    ),
    Operation(
        "POST /_rest/v4/my/tf/orders",
        ORDER,
        body=Table(
            {
                "packageID*": Whole(),
                "serviceArea*": Whole(enum=(1, 2, 3, 4, 5)),
                "reservationID": OneOf(rules=(UUID, Items(item=UUID))),
                "reservations": Items(item=UUID),
                "endpoints": Items(item=NUMBER),
                "quantity": Whole(least=1),
                "myRespOrg": Flag(),
                **REMARKS,
            },
            (exactly_one("reservationID", "reservations", "endpoints", "quantity"),),
        ),
    ),
    Operation(
        "POST /_rest/v4/my/tf/package",
        {**ORDER, "type": "Change Package"},
        body=Table({"packageID*": Whole(), "endpoints*": ENDPOINTS, **REMARKS}),
    ),
    Operation(
        "POST /_rest/v4/my/tf/disconnect",
        {**ORDER, "type": "TF Return", "accountID": None, "packageID": None},
        202,
        body=Table({"endpoints*": ENDPOINTS, **REMARKS}),
    ),
    Operation(
        "GET /_rest/v4/my/accounts",
        {"accounts": [{"accountID": 1000001, "name": "Example LLC"}]},
        query=Table(
            {
                "accountID": Whole(),
                "countNumbers": Flag(),
                "isDeleted": Flag(),
                "name": ANY,
                **PAGING,
            }
        ),
    ),
    Operation(
        "GET /_rest/v4/my/packages",
        {"packages": [{"packageID": 30001, "name": "Standard"}]},
    ),
)


def _headers(scheme: str, operation: Operation, seen: Seen) -> Iterator[str]:
    """Judge the three headers of every call, GET included (1)."""
    yield from Headers.accepts(seen, "application/json")
    yield from Headers.content_type(seen, "application/json")
    if operation.is_public:
        yield from Headers.absent(seen, "authorization")
    else:
        form = TOKEN if scheme == "raw" else f"Bearer {TOKEN}"
        yield from Headers.matches(seen, "authorization", Text(enum=(form,)))
    yield from Headers.absent(seen, "idempotency-key")


def dialect(scheme: str = "raw") -> Dialect:
    """Return the table for an account whose tokens travel `raw` or as `bearer` (1.1)."""
    return Dialect(
        name="intelepeer",
        operations=OPERATIONS,
        headers=lambda operation, seen: _headers(scheme, operation, seen),
        wrap=lambda operation, payload: payload,
        is_plus_literal=True,
    )
