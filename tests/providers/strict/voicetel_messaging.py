"""Messaging and support tickets (voicetel.md 9 and 11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.providers.strict.routes import Echo, Operation
from tests.providers.strict.rules import (
    ANY,
    EMAIL,
    EPOCH,
    TN10,
    URL,
    Items,
    Table,
    Text,
    Whole,
    newer_first,
)
from tests.providers.strict.voicetel_numbers import STATE_OF_MESSAGING

DATE_TIME = Text(pattern=r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
REGISTERED = {"result": {"statusCode": "200", "status": "Success"}}
ID = {"id": Whole(least=0)}
TICKET = {
    "id": 81,
    "number": 1081,
    "subject": "A question",
    "preview": "How do I",
    "status": "active",
    "state": "published",
    "type": "email",
    "createdAt": "2025-01-02T15:30:00Z",
    "closedAt": None,
    "assignee": None,
    "embedded": {"threads": []},
}
THREAD = {
    "id": 9,
    "type": "customer",
    "state": "published",
    "status": "active",
    "body": "<p>How do I…</p>",
    "createdAt": "2025-01-02T15:30:00Z",
}


def _subject(given: Mapping[str, Any]) -> Iterator[str]:
    """A subject is for picture messages only."""
    if "subject" in given and not given.get("mediaUrls"):
        yield "subject without mediaUrls"


MESSAGING = (
    Operation(
        "GET /v2.2/numbers/messaging",
        {"numbers": [STATE_OF_MESSAGING]},
        query=Table({"numbers*": Items(item=TN10, most=1000)}),
    ),
    Operation(
        "POST /v2.2/messaging/brands",
        REGISTERED,
        201,
        body=Table(
            {
                "messagingBrandId*": Text(pattern=r"B[A-Za-z0-9]+"),
                "messagingBrandName*": ANY,
                "messagingBrandDescription": ANY,
            }
        ),
    ),
    Operation(
        "POST /v2.2/messaging/campaigns",
        REGISTERED,
        201,
        body=Table(
            {
                "messagingBrandId*": Text(pattern=r"B[A-Za-z0-9]+"),
                "externalCampaignId*": ANY,
                "campaignDescription*": ANY,
                "campaignClassName": ANY,
                "campaignStartDate": DATE_TIME,
            }
        ),
    ),
    Operation(
        "GET /v2.2/messaging/campaigns",
        {
            "campaigns": [
                {"id": "C12AB34", "status": "CAMPAIGN_DCA_COMPLETE", "numbers": ["2125550142"]}
            ]
        },
        query=Table({"ids*": Items(item=Text(pattern=r"[^\s,]+"), most=100)}),
    ),
    Operation(
        "POST /v2.2/messages",
        {
            "id": "0123456789abcdef",
            "type": "sms",
            "fromNumber": Echo("body", "fromNumber"),
            "toNumber": Echo("body", "toNumber"),
            "parts": 1,
        },
        201,
        body=Table(
            {
                "fromNumber*": TN10,
                "toNumber*": TN10,
                "text*": Text(pattern=r"(?s).*", least=0),
                "subject": ANY,
                "mediaUrls": Items(item=URL),
            },
            (_subject,),
        ),
    ),
    Operation(
        "GET /v2.2/messages",
        {
            "number": Echo("query", "number"),
            "type": "sms",
            "fromTs": 1750000000,
            "toTs": 1749913600,
            "messages": [
                {
                    "id": "0123456789abcdef",
                    "key": ["2125550143", 1749990000],
                    "value": {
                        "direction": "in",
                        "rate": "0.01",
                        "message": "Hello",
                        "number": 2125550143,
                    },
                }
            ],
        },
        query=Table(
            {
                "number*": TN10,
                "type": Text(enum=("sms", "mms", "dlr")),
                "from": EPOCH,
                "to": EPOCH,
            },
            (newer_first("from", "to"),),
        ),
    ),
)
SUPPORT = (
    Operation("GET /v2.2/support/tickets", {"totalCount": 1, "tickets": [TICKET]}),
    Operation(
        "POST /v2.2/support/tickets",
        {"ticket": TICKET},
        201,
        body=Table({"subject*": ANY, "message*": Text(pattern=r"(?s).+"), "email": EMAIL}),
    ),
    Operation(
        "GET /v2.2/support/tickets/{id}",
        {"ticket": {**TICKET, "id": Echo("path", "id", "int"), "embedded": {"threads": [THREAD]}}},
        names=ID,
    ),
    Operation(
        "PUT /v2.2/support/tickets/{id}",
        {"id": Echo("path", "id", "int"), "status": "success"},
        names=ID,
        body=Table({"status*": Text(enum=("active", "pending", "closed", "spam"))}),
    ),
    Operation("DELETE /v2.2/support/tickets/{id}", None, 204, names=ID),
    Operation("GET /v2.2/support/tickets/{id}/messages", {"messages": [THREAD]}, names=ID),
    Operation(
        "POST /v2.2/support/tickets/{id}/replies",
        {"message": "Reply added"},
        201,
        names=ID,
        body=Table({"message*": Text(pattern=r"(?s).+")}),
    ),
)
