"""Account, allow-list and SIP login (voicetel.md 2 to 4)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Any

from tests.providers.strict.routes import Echo, Operation
from tests.providers.strict.rules import (
    ANY,
    EMAIL,
    EPOCH,
    MAYBE_EMPTY,
    TN10,
    Flag,
    Items,
    Rule,
    Table,
    Text,
    Whole,
    newer_first,
)

DIGITS = Text(pattern=r"[0-9]+")
TIME_ZONE = Text(pattern=r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)*")
SIP_PASSWORD = Text(pattern=r"(?=.*[A-Za-z])(?=.*[0-9])[A-Za-z0-9]{6,10}")
API_KEY = "0123456789abcdef0123456789abcdef"


class Cidr(Rule):
    """A routable public range: four numbers and a mask of 8, 16, 24 or 32 bits."""

    shape = Text(pattern=r"[0-9]{1,3}(\.[0-9]{1,3}){3}/(8|16|24|32)")

    def check(self, value: Any) -> Iterator[str]:
        problems = list(self.shape.check(value))
        yield from problems
        if problems:
            return
        try:
            network = IPv4Network(value)
        except ValueError as error:
            yield str(error)
            return
        # The ranges for documentation stand for public ones in tests.
        is_example = str(network).startswith(("192.0.2.", "198.51.100.", "203.0.113."))
        if not network.is_global and not is_example:
            yield f"{value} is not routable"


CIDR = Cidr()
ACCOUNT = (
    Operation(
        "POST /v2.2/account",
        {
            "username": Echo("body", "username"),
            "password": "Generated1",
            "name": Echo("body", "name"),
            "email": Echo("body", "email"),
            "masterAccount": "1000000001",
        },
        201,
        body=Table(
            {
                "username*": Text(pattern=r"[0-9]{10}"),
                "name*": ANY,
                "email*": EMAIL,
                "masterAccount": DIGITS,
            }
        ),
    ),
    Operation(
        "PUT /v2.2/account",
        {"updated": ["notify"]},
        body=Table(
            {
                "timezone": TIME_ZONE,
                "notify": Flag(),
                "notifyThreshold": Whole(),
                "callerId": TN10,
                "ccs": Whole(),
                "sms": Flag(),
                "mms": Flag(),
                "intl": Flag(),
                "e911": Flag(),
            }
        ),
    ),
    Operation(
        "GET /v2.2/account",
        {
            "username": "1000000001",
            "name": "Example LLC",
            "email": "ops@example.net",
            "enabled": True,
            "created": "2025-03-01T09:00:00Z",
            "timezone": "America/New_York",
            "cash": 118.42,
            "ccs": 25,
            "authType": 0,
            "callerId": "2125550142",
            "notify": True,
            "notifyThreshold": 20,
            "services": {"sms": True, "mms": True, "e911": True, "intl": False, "cnam": True},
            "rates": {"did": 0.5, "sms": 0.01, "mms": 0.02, "cnam": 0.005, "lrn": 0.002},
        },
    ),
    Operation(
        "GET /v2.2/account/credits",
        {"credits": [{"paid": True, "date": "2025-03-01T09:00:00Z", "amount": 25.0}]},
        query=Table({"status": Text(enum=("paid", "unpaid"))}),
    ),
    Operation(
        "GET /v2.2/account/cdr",
        {
            "start": Echo("query", "start", "int"),
            "end": Echo("query", "end", "int"),
            "cdr": [
                {
                    "id": "0123456789abcdef0123456789abcdef",
                    "key": ["1000000001", "1749990000"],
                    "value": {
                        "ip": "192.0.2.9",
                        "cn": "JANE%20ROE",
                        "nr": "0.020",
                        "dst": "8005550100",
                        "dur": "60",
                        "ba": "0.020000",
                        "cid": "2125550142",
                    },
                }
            ],
        },
        query=Table({"start": EPOCH, "end": EPOCH}, (newer_first("start", "end"),)),
    ),
    Operation(
        "GET /v2.2/account/registration",
        {"agent": "Example SIP/1.0", "uri": "sip:1000000001@192.0.2.9:5060"},
    ),
    Operation(
        "GET /v2.2/account/recurring-charges",
        {"charges": [{"amount": 0.5, "description": "1 number"}], "total": 0.5},
    ),
    Operation(
        "GET /v2.2/account/payments",
        {
            "payments": [
                {
                    "amount": 100.0,
                    "date": "2025-03-01T09:00:00Z",
                    "payerEmail": "payments@example.net",
                    "transactionId": "0AB12345CD678901E",
                    "status": "Completed",
                }
            ]
        },
    ),
    Operation(
        "POST /v2.2/account/api-key",
        {"apikey": API_KEY},
        body=Table({"username*": DIGITS, "password*": ANY}),
        is_public=True,
    ),
    Operation(
        "POST /v2.2/account/recovery",
        {"message": "Recovery email sent"},
        body=Table({"email*": EMAIL}),
        is_public=True,
    ),
    Operation(
        "POST /v2.2/accounts",
        {
            "username": "1000000002",
            "password": "Generated1",
            "name": Echo("body", "name"),
            "email": Echo("body", "email"),
        },
        201,
        body=Table({"name*": ANY, "email*": EMAIL, "promo": MAYBE_EMPTY}),
        is_public=True,
    ),
    Operation(
        "POST /v2.2/acl",
        {"added": Echo("body", "acl")},
        body=Table({"acl*": Items(item=Table({"cidr*": CIDR}))}),
    ),
    Operation(
        "DELETE /v2.2/acl",
        {"removed": [{"cidr": "192.0.2.9/32"}]},
        query=Table({"cidrs*": Items(item=CIDR)}),
    ),
    Operation("GET /v2.2/acl", {"acl": [{"cidr": "192.0.2.9/32"}]}),
    Operation(
        "PUT /v2.2/auth",
        {"updated": [{"field": "authType", "value": 1}, {"field": "password"}]},
        body=Table({"password": SIP_PASSWORD, "authType": Whole(enum=(0, 1, 2, 3))}),
    ),
    Operation(
        "GET /v2.2/auth",
        {
            "authType": 2,
            "authTypeDescription": "Digest or IP",
            "acl": [{"cidr": "192.0.2.9/32"}],
        },
    ),
)
