"""Stock, orders and numbers (voicetel.md 7.1 to 7.3 and 10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.providers.strict.routes import Echo, Operation
from tests.providers.strict.rules import (
    ANY,
    EMAIL,
    STATE,
    TN10,
    Flag,
    Items,
    OneOf,
    Rule,
    Table,
    Text,
    Whole,
    at_least_one,
)

NUMBER: Mapping[str, Rule] = {"number": TN10}
SAME = Echo("path", "number")
ROUTE = Whole(least=0)
ORDERED = OneOf(rules=(TN10, Table({"number*": TN10, "route": ROUTE})))
IDEMPOTENCY_KEY = Text(pattern=r"[A-Za-z0-9_-]{1,128}")
CAMPAIGN = Text(pattern=r"[A-Z0-9]+")
STRICT_CAMPAIGN = Text(pattern=r"C[A-Z0-9]{6}")
LIDB_NAME = Text(pattern=r"[A-Za-z0-9 ]{1,15}")
SMS_RESOURCES: Mapping[str, Rule] = {
    "email": EMAIL,
    "webhook": Text(pattern=r"https://[^\s/]+(/\S*)?"),
    "sip": Text(pattern=r"[0-9]{1,3}(\.[0-9]{1,3}){3}(:[0-9]{1,5})?"),
}
DETAIL = {
    "number": "2125550142",
    "route": 4,
    "gateway": "DID",
    "translated": "2125550142",
    "forward": False,
    "forwardTo": None,
    "cnam": False,
    "carrier": 0,
    "smsEnabled": False,
    "faxEnabled": False,
}
STATE_OF_MESSAGING = {
    "number": "2125550142",
    "onAccount": True,
    "enabled": True,
    "carrier": 17,
    "network": "A",
    "routeIn": 0,
    "resource": "",
    "campaign": None,
}


def _resource(given: Mapping[str, Any]) -> Iterator[str]:
    """Judge the target of inbound messages by its type."""
    rule = SMS_RESOURCES.get(str(given.get("type")))
    if rule is not None and "resource" in given:
        for problem in rule.check(given["resource"]):
            yield f"resource of {given['type']}: {problem}"


INVENTORY = (
    Operation(
        "GET /v2.2/inventory",
        {
            "numbers": [
                {
                    "number": "2125550142",
                    "rateCenter": "NWYRCYZN01",
                    "city": "New York",
                    "province": "NY",
                    "lata": "132",
                }
            ]
        },
        query=Table(
            {
                "tnMask*": Text(pattern=r"[0-9*]{1,11}"),
                "quantity": Whole(least=1, most=1000),
                "province": STATE,
                "rateCenter": ANY,
                "lata": Whole(),
            }
        ),
    ),
    Operation(
        "GET /v2.2/inventory/coverage",
        {"coverage": [{"count": 12, "locState": "NY", "npa": "212"}]},
        query=Table(
            {
                "countBy*": Text(enum=("state", "city", "rateCenter", "npanxx", "block")),
                "locState": STATE,
                "city": ANY,
                "rcAbbre": ANY,
                "npa": Text(pattern=r"[2-9][0-9]{2}"),
                "lata": Whole(),
            }
        ),
    ),
    Operation(
        "POST /v2.2/orders",
        {
            "orderId": "1750000000",
            "amountCharged": 0.5,
            "numbersOrdered": ["2125550142"],
            "failed": [{"number": "2125550143", "reason": "No longer available"}],
        },
        201,
        headers={"idempotency-key": IDEMPOTENCY_KEY},
        body=Table({"numbers*": Items(item=ORDERED, most=100)}),
    ),
)
NUMBERS = (
    Operation(
        "POST /v2.2/numbers",
        {"number": Echo("body", "number"), "route": 4},
        201,
        body=Table({"number*": TN10, "route": ROUTE}),
    ),
    Operation("GET /v2.2/numbers", {"numbers": [DETAIL]}),
    Operation("GET /v2.2/numbers/{number}", {**DETAIL, "number": SAME}, names=NUMBER),
    Operation(
        "PATCH /v2.2/numbers/{number}",
        {"number": SAME, "accountId": Echo("body", "accountId"), "route": Echo("body", "route")},
        names=NUMBER,
        body=Table({"accountId*": Whole(), "route*": ROUTE}),
    ),
    Operation("DELETE /v2.2/numbers/{number}", None, 204, names=NUMBER),
    Operation("POST /v2.2/numbers/{number}/release", None, 204, names=NUMBER),
    Operation(
        "PUT /v2.2/numbers/{number}/route",
        {"number": SAME, "route": Echo("body", "route")},
        names=NUMBER,
        body=Table({"route*": ROUTE}),
    ),
    Operation(
        "PUT /v2.2/numbers/{number}/cnam",
        {"number": SAME, "cnam": Echo("body", "enabled")},
        names=NUMBER,
        body=Table({"enabled*": Flag()}),
    ),
    Operation(
        "PUT /v2.2/numbers/{number}/lidb",
        {
            "number": SAME,
            "cnam": Echo("body", "cnam"),
            "customerOrderReference": "1000000001-1750000000",
            "carrierStatus": "Success",
        },
        names=NUMBER,
        body=Table({"cnam*": LIDB_NAME, "customerOrderReference": ANY}),
    ),
    Operation(
        "GET /v2.2/numbers/{number}/fax",
        {"number": SAME, "email": "fax@example.net"},
        names=NUMBER,
    ),
    Operation(
        "PUT /v2.2/numbers/{number}/fax",
        {"number": SAME, "email": Echo("body", "email")},
        names=NUMBER,
        body=Table({"email*": EMAIL}),
    ),
    Operation("DELETE /v2.2/numbers/{number}/fax", None, 204, names=NUMBER),
    Operation(
        "PUT /v2.2/numbers/{number}/forward",
        {"number": SAME, "forwardTo": Echo("body", "destination")},
        names=NUMBER,
        body=Table({"destination*": TN10}),
    ),
    Operation("DELETE /v2.2/numbers/{number}/forward", None, 204, names=NUMBER),
    Operation(
        "GET /v2.2/numbers/{number}/sms",
        {"number": SAME, "type": "email", "resource": "sms@example.net"},
        names=NUMBER,
    ),
    Operation(
        "PUT /v2.2/numbers/{number}/sms",
        {"number": SAME, "type": Echo("body", "type"), "resource": Echo("body", "resource")},
        names=NUMBER,
        body=Table(
            {"type*": Text(enum=tuple(SMS_RESOURCES)), "resource*": ANY},
            (_resource,),
        ),
    ),
    Operation("DELETE /v2.2/numbers/{number}/sms", None, 204, names=NUMBER),
    Operation(
        "PUT /v2.2/numbers/{number}/translation",
        {"number": SAME, "translation": Echo("body", "translation")},
        names=NUMBER,
        body=Table({"translation*": Text(pattern=r"[0-9#]+")}),
    ),
    Operation(
        "GET /v2.2/numbers/{number}/messaging",
        {**STATE_OF_MESSAGING, "number": SAME},
        names=NUMBER,
    ),
    Operation(
        "PATCH /v2.2/numbers/{number}/messaging",
        {"number": SAME, "updated": ["routeIn"]},
        names=NUMBER,
        body=Table(
            {"routeIn": Whole(least=0), "routeOut": Whole(least=0)},
            (at_least_one("routeIn", "routeOut"),),
        ),
    ),
    Operation(
        "PUT /v2.2/numbers/{number}/messaging-campaign",
        {
            "number": SAME,
            "campaignId": Echo("body", "campaignId"),
            "carrier": 17,
            "network": "A",
            "upstreamCnpId": "SFL9UTQ",
            "previousNetwork": None,
            "previousNetworkCleared": False,
        },
        names=NUMBER,
        body=Table({"campaignId*": CAMPAIGN}),
    ),
    Operation(
        "DELETE /v2.2/numbers/{number}/messaging-campaign",
        {
            "number": SAME,
            "campaignId": Echo("query", "campaignId"),
            "network": "A",
            "upstreamCnpId": "SFL9UTQ",
            "unassigned": True,
        },
        names=NUMBER,
        query=Table({"campaignId*": STRICT_CAMPAIGN}),
    ),
    Operation(
        "DELETE /v2.2/numbers/messaging-campaign",
        {
            "campaignId": Echo("query", "campaignId"),
            "network": "A",
            "upstreamCnpId": "SFL9UTQ",
            "unassignedNumbers": Echo("query", "numbers", "list"),
            "failed": [],
        },
        query=Table({"numbers*": Items(item=TN10, most=1000), "campaignId*": STRICT_CAMPAIGN}),
    ),
    Operation(
        "PATCH /v2.2/numbers/{number}/port-out-pin",
        {"number": SAME, "portOutPin": Echo("body", "pin")},
        names=NUMBER,
        body=Table({"pin*": Text(pattern=r"[0-9]{4}")}),
    ),
)
