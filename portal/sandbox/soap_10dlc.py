"""VoIP Innovations 2.11: 10DLC as one section: its operations, tables, clock and first contents."""

from __future__ import annotations

import json
import random
from typing import Any

from portal.sandbox import soap_10dlc_campaigns, soap_10dlc_customers, soap_10dlc_numbers
from portal.sandbox.soap_10dlc_records import (
    APPROVED,
    OTP_REQUIRED,
    REJECTED,
    SCHEMA,
    VERIFIED,
    insert,
    tick,
)
from portal.sandbox.soap_records import change_facts
from portal.sandbox.soap_sms import sms_of
from portal.sandbox.soap_types import TYPES
from portal.sandbox.soap_wire import PROVIDER
from portal.sandbox.store import Store

__all__ = ["METHODS", "SCHEMA", "seed", "tick"]

METHODS = (
    *soap_10dlc_customers.METHODS,
    *soap_10dlc_campaigns.METHODS,
    *soap_10dlc_numbers.METHODS,
)
# account, legal name, entity type, EIN, tag, status
CUSTOMERS = (
    ("sandbox", "Sandbox Voice LLC", "PRIVATE_PROFIT", "00-0000001", "main", VERIFIED),
    ("sandbox", "Riley Sample", "SOLE_PROPRIETOR", "", "small", OTP_REQUIRED),
    ("sandbox", "Rejected Example Inc", "PUBLIC_PROFIT", "00-0000002", "", REJECTED),
    ("sandbox2", "Other Voice LLC", "PRIVATE_PROFIT", "00-0000003", "main", VERIFIED),
)
CAMPAIGNS = (
    ("sandbox", 0, "Order updates", "DELIVERY_NOTIFICATION", APPROVED),
    ("sandbox", 0, "Rejected offers", "MARKETING", REJECTED),
    ("sandbox2", 3, "Their reminders", "CUSTOMER_CARE", APPROVED),
)
ASSIGNED_SHARE = 0.6


def _customer(name: str, entity_type: str, ein: str, tag: str) -> dict[str, str]:
    blank = {field.name: "" for field in TYPES["SMSCustomer"]}
    return blank | {
        "LegalName": name,
        "DisplayName": name,
        "EntityType": entity_type,
        "Vertical": "TECHNOLOGY",
        "EIN": ein,
        "Address": "100 Example Street, Springfield, IL 62701",
        "Phone": "2175550100",
        "Email": "messages@example.net",
        "Website": "https://www.example.net",
        "Tag": tag,
    }


def _campaign(name: str, usecase: str) -> dict[str, Any]:
    return {
        "Description": f"{name} for customers who asked for them in their account.",
        "DisplayName": name,
        "Vertical": "TECHNOLOGY",
        "MessageFlow": "Customers tick a box in their account at https://www.example.net.",
        "SampleMsg1": "Example: your order 1017 is on its way. Reply STOP to end.",
        "SampleMsg2": "Example: your order 1017 has arrived. Reply STOP to end.",
        "SubOptIn": True,
        "SubOptOut": True,
        "SubHelp": True,
        "UsecaseId": usecase,
        "HelpMessage": "Example: call 217-555-0100 for help.",
        "OptOutMessage": "Example: you will get no more messages.",
    }


def seed(store: Store, rng: random.Random) -> None:
    """Fill in customers and campaigns in several states, and numbers for the approved one."""
    customers = [
        insert(
            store,
            "vi_sms_customer",
            "B",
            account=account,
            data=json.dumps(_customer(name, entity_type, ein, tag)),
            status=status,
            reason="The legal name does not belong to the EIN." if status == REJECTED else "",
        )
        for account, name, entity_type, ein, tag, status in CUSTOMERS
    ]
    campaigns = [
        insert(
            store,
            "vi_sms_campaign",
            "C",
            account=account,
            customer=customers[index],
            data=json.dumps(_campaign(name, usecase)),
            status=status,
            reason="The sample messages do not name the sender." if status == REJECTED else "",
        )
        for account, index, name, usecase, status in CAMPAIGNS
    ]
    for row in store.query(
        "SELECT * FROM number WHERE provider = ? AND account = 'sandbox' ORDER BY tn", (PROVIDER,)
    ):
        if sms_of(row)["on"] and rng.random() < ASSIGNED_SHARE:
            change_facts(store, row, campaign=campaigns[0])
