"""Every function of VoiceTel's client with all kinds of arguments, against the strict mock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from portal.providers.base import Account
from portal.providers.voicetel.client import Client, OrderedNumber
from portal.providers.voicetel.client.e911 import AddressFields
from portal.providers.voicetel.client.porting_form import PortFeature, PortForm
from tests.providers.runtime import RecordingRuntime
from tests.providers.strict import voicetel
from tests.providers.strict.server import StrictMock
from tests.providers.strict.walk import Calls, public_functions, walk

TN, OTHER = "2125550142", "9175550143"
MANY = [f"212555{n:04d}" for n in range(100)]
TEXT = "Grüße: “50 %” & mehr + Plus <b>\n\U0001f642"
CAMPAIGN = "C12AB34"
ADDRESS = AddressFields(address1="1 Main St & Co", city="New York", state="NY", zip="10001")
WHOLE_ADDRESS = AddressFields(
    address1="1 Main St", address2="Floor #2", city="Añasco", state="PR", zip="00610-1234"
)
PORT: dict[str, Any] = {
    "did": (TN,),
    "name": "Example & Söhne LLC",
    "name_type": "business",
    "auth_person": "Jane Roe",
    "lc_btn": TN,
    "lc_account_number": "0017-A",
    "street_number": "1",
    "street": "Main",
    "street_type": "ST",
    "city": "New York",
    "state": "NY",
    "zip": "10001",
    "country": "US",
}
WHOLE_PORT: dict[str, Any] = {
    **PORT,
    "did": (TN, OTHER),
    "name_type": "residential",
    "pin": "0042",
    "desired_due_date": "2030-01-02",
    "street_prefix": "NE",
    "street_suffix": "W",
    "building": "B",
    "floor": "2",
    "room": "17",
    "unit_value": "4",
    "features": (
        PortFeature(number=TN, gateway_id=4, lidb_name="EXAMPLE LLC 123", campaign_id=CAMPAIGN),
        PortFeature(number=OTHER),
    ),
}
CALLS: Calls = {
    # -- stock, orders, numbers
    "get_inventory": [
        lambda c: c.get_inventory("212"),
        lambda c: c.get_inventory("212555*", quantity=1),
        lambda c: c.get_inventory(
            "2125550142", quantity=1000, province="NY", rate_center="NEW YORK+1 & 2", lata="132"
        ),
    ],
    "get_inventory_coverage": [
        *(
            lambda c, by=by: c.get_inventory_coverage(by)
            for by in ("state", "city", "rateCenter", "npanxx", "block")
        ),
        lambda c: c.get_inventory_coverage(
            "block", loc_state="NY", city="New York", rc_abbre="NWYRCYZN01", npa="212", lata="132"
        ),
    ],
    "post_orders": [
        lambda c: c.post_orders([OrderedNumber(number=TN, route=4)], idempotency_key="a"),
        lambda c: c.post_orders(
            [OrderedNumber(number=number, route=1001) for number in MANY],
            idempotency_key="A-z_9" * 25 + "abc",
        ),
    ],
    "get_numbers": [lambda c: c.get_numbers()],
    "get_number": [lambda c: c.get_number(TN)],
    "post_numbers": [lambda c: c.post_numbers(TN), lambda c: c.post_numbers(TN, route=1001)],
    "patch_number": [lambda c: c.patch_number(TN, account_id=1000000002, route=4)],
    "delete_number": [lambda c: c.delete_number(TN)],
    "post_number_release": [lambda c: c.post_number_release(TN)],
    # -- features
    "put_number_route": [lambda c: c.put_number_route(TN, route=1)],
    "put_number_cnam": [
        lambda c: c.put_number_cnam(TN, enabled=True),
        lambda c: c.put_number_cnam(TN, enabled=False),
    ],
    "put_number_lidb": [
        lambda c: c.put_number_lidb(TN, cnam="E"),
        lambda c: c.put_number_lidb(TN, cnam="EXAMPLE LLC 123", customer_order_reference="job-17"),
    ],
    "get_number_fax": [lambda c: c.get_number_fax(TN)],
    "put_number_fax": [lambda c: c.put_number_fax(TN, email="fax+in@example.net")],
    "delete_number_fax": [lambda c: c.delete_number_fax(TN)],
    "put_number_forward": [lambda c: c.put_number_forward(TN, destination=OTHER)],
    "delete_number_forward": [lambda c: c.delete_number_forward(TN)],
    "put_number_translation": [lambda c: c.put_number_translation(TN, translation=OTHER)],
    "get_cnam": [lambda c: c.get_cnam(TN)],
    "get_lrn": [lambda c: c.get_lrn(TN, ani=OTHER)],
    # -- network
    "get_acl": [lambda c: c.get_acl()],
    "post_acl": [
        lambda c: c.post_acl(["192.0.2.9/32"]),
        lambda c: c.post_acl(["192.0.2.9/32", "198.51.100.0/24", "8.0.0.0/8"]),
    ],
    "delete_acl": [
        lambda c: c.delete_acl(["192.0.2.9/32"]),
        lambda c: c.delete_acl(["192.0.2.9/32", "198.51.100.0/24"]),
    ],
    "get_auth": [lambda c: c.get_auth()],
    "put_auth": [
        lambda c: c.put_auth(auth_type=0),
        lambda c: c.put_auth(password="abc123"),
        lambda c: c.put_auth(auth_type=3, password="Abcdefgh12"),
    ],
    "get_gateways": [lambda c: c.get_gateways()],
    "get_gateway": [lambda c: c.get_gateway(1001)],
    "post_gateways": [
        lambda c: c.post_gateways(gateway="198.51.100.9"),
        lambda c: c.post_gateways(gateway="sip.example.net:5060", prefix="9", limit=1),
        lambda c: c.post_gateways(gateway="198.51.100.9:65535", prefix="", limit=1000),
    ],
    "put_gateway": [
        lambda c: c.put_gateway(1001, limit=23),
        lambda c: c.put_gateway(1001, prefix=""),
        lambda c: c.put_gateway(1001, gateway="sip.example.net", prefix="011", limit=1000),
    ],
    "delete_gateway": [lambda c: c.delete_gateway(1001)],
    "get_gateway_numbers": [lambda c: c.get_gateway_numbers(1001)],
    # -- account
    "post_account_api_key": [lambda c: c.post_account_api_key()],
    "get_account": [lambda c: c.get_account()],
    "put_account": [
        lambda c: c.put_account(notify=False),
        lambda c: c.put_account(
            timezone="America/Argentina/Buenos_Aires",
            notify=True,
            notify_threshold=20,
            caller_id=TN,
        ),
        lambda c: c.put_account(ccs=0, sms=True, mms=False, intl=False, e911=True),
    ],
    "get_account_cdr": [
        lambda c: c.get_account_cdr(),
        lambda c: c.get_account_cdr(start=1750000000),
        lambda c: c.get_account_cdr(start=1750000000, end=1749913600),
    ],
    "get_account_credits": [
        lambda c: c.get_account_credits(),
        lambda c: c.get_account_credits("paid"),
        lambda c: c.get_account_credits("unpaid"),
    ],
    "get_account_payments": [lambda c: c.get_account_payments()],
    "get_account_recurring_charges": [lambda c: c.get_account_recurring_charges()],
    "get_account_registration": [lambda c: c.get_account_registration()],
    "post_account": [
        lambda c: c.post_account(username="2125550142", name="Jane Roe", email="a@example.net"),
        lambda c: c.post_account(
            username="2125550142",
            name="Example & Söhne",
            email="a+b@example.net",
            master_account="2125550100",
        ),
    ],
    "post_account_recovery": [lambda c: c.post_account_recovery("a+b@example.net")],
    "post_accounts": [
        lambda c: c.post_accounts(name="Jane Roe", email="a@example.net"),
        lambda c: c.post_accounts(name="Jane Roe", email="a@example.net", promo="SPRING"),
    ],
    # -- emergency
    "post_e911_validations": [
        lambda c: c.post_e911_validations(ADDRESS),
        lambda c: c.post_e911_validations(WHOLE_ADDRESS),
    ],
    "post_e911": [
        lambda c: c.post_e911(TN, ADDRESS, callername="EXAMPLE LLC"),
        lambda c: c.post_e911(TN, WHOLE_ADDRESS, callername="EXAMPLE LLC"),
    ],
    "get_e911": [lambda c: c.get_e911()],
    "get_e911_record": [lambda c: c.get_e911_record(TN)],
    "put_e911_record": [
        lambda c: c.put_e911_record(TN, addressid=4711, callername="EXAMPLE LLC"),
    ],
    "delete_e911_record": [lambda c: c.delete_e911_record(TN)],
    # -- porting
    "get_ports_availability": [lambda c: c.get_ports_availability(TN)],
    "get_ports": [lambda c: c.get_ports()],
    "get_port": [lambda c: c.get_port("Ab1C2")],
    "post_ports": [
        lambda c: c.post_ports(PortForm(**PORT)),
        lambda c: c.post_ports(PortForm(**WHOLE_PORT)),
        lambda c: c.post_ports(PortForm(**{**PORT, "desired_due_date": "2030-01-02T12:00:00Z"})),
    ],
    "patch_number_port_out_pin": [lambda c: c.patch_number_port_out_pin(TN, pin="0042")],
    # -- messaging
    "get_numbers_messaging": [
        lambda c: c.get_numbers_messaging([TN]),
        lambda c: c.get_numbers_messaging([f"2125{n:06d}"[:10] for n in range(550100, 551100)]),
    ],
    "get_number_messaging": [lambda c: c.get_number_messaging(TN)],
    "patch_number_messaging": [
        lambda c: c.patch_number_messaging(TN, route_in=0),
        lambda c: c.patch_number_messaging(TN, route_out=19),
        lambda c: c.patch_number_messaging(TN, route_in=17, route_out=0),
    ],
    "get_number_sms": [lambda c: c.get_number_sms(TN)],
    "put_number_sms": [
        lambda c: c.put_number_sms(TN, kind="email", resource="sms@example.net"),
        lambda c: c.put_number_sms(TN, kind="webhook", resource="https://example.net/in?x=1&y=+"),
        lambda c: c.put_number_sms(TN, kind="sip", resource="198.51.100.9"),
    ],
    "delete_number_sms": [lambda c: c.delete_number_sms(TN)],
    "post_messages": [
        lambda c: c.post_messages(from_number=TN, to_number=OTHER, text=TEXT),
        lambda c: c.post_messages(
            from_number=TN,
            to_number=OTHER,
            text=TEXT * 40,
            subject="Hello",
            media_urls=["https://example.net/a.png", "http://example.net/b.png?c=d"],
        ),
    ],
    "get_messages": [
        lambda c: c.get_messages(TN),
        lambda c: c.get_messages(TN, kind="mms", older=1749913600),
        lambda c: c.get_messages(TN, kind="dlr", newer=1750000000, older=1750000000),
    ],
    "post_messaging_brands": [
        lambda c: c.post_messaging_brands("B12AB34", name="Example"),
        lambda c: c.post_messaging_brands("Babc", name="Example", description=TEXT[:20]),
    ],
    "post_messaging_campaigns": [
        lambda c: c.post_messaging_campaigns(CAMPAIGN, brand_id="B12AB34", description="Alerts"),
        lambda c: c.post_messaging_campaigns(
            CAMPAIGN,
            brand_id="B12AB34",
            description="Alerts",
            class_name="T",
            starts_at=datetime(2030, 1, 2, 12, 30, tzinfo=UTC),
        ),
    ],
    "get_messaging_campaigns": [
        lambda c: c.get_messaging_campaigns([CAMPAIGN]),
        lambda c: c.get_messaging_campaigns([f"C{n:06d}" for n in range(100)]),
    ],
    "put_number_messaging_campaign": [
        lambda c: c.put_number_messaging_campaign(TN, campaign_id=CAMPAIGN),
    ],
    "delete_number_messaging_campaign": [
        lambda c: c.delete_number_messaging_campaign(TN, campaign_id=CAMPAIGN),
    ],
    "delete_numbers_messaging_campaign": [
        lambda c: c.delete_numbers_messaging_campaign([TN], campaign_id=CAMPAIGN),
        lambda c: c.delete_numbers_messaging_campaign(MANY, campaign_id=CAMPAIGN),
    ],
    # -- support
    "get_support_tickets": [lambda c: c.get_support_tickets()],
    "post_support_tickets": [
        lambda c: c.post_support_tickets(subject="A question", message=TEXT),
        lambda c: c.post_support_tickets(subject="A", message="B", email="a@example.net"),
    ],
    "get_support_ticket": [lambda c: c.get_support_ticket(81)],
    "put_support_ticket": [
        *(
            lambda c, status=status: c.put_support_ticket(81, status=status)
            for status in ("active", "pending", "closed", "spam")
        )
    ],
    "delete_support_ticket": [lambda c: c.delete_support_ticket(81)],
    "get_support_ticket_messages": [lambda c: c.get_support_ticket_messages(81)],
    "post_support_ticket_replies": [
        lambda c: c.post_support_ticket_replies(81, message=TEXT),
    ],
}
EACH = [(name, index) for name, calls in CALLS.items() for index in range(len(calls))]


@pytest.fixture
def mock() -> Iterator[StrictMock]:
    with StrictMock(voicetel.DIALECT) as mock:
        yield mock


@pytest.fixture
def client(mock: StrictMock) -> Iterator[Client]:
    account = Account(
        slug="voicetel",
        name="Strict",
        base_url=mock.url,
        credentials={"username": "1000000001", "password": 'pä"ss\\word'},
    )
    client = Client(account, RecordingRuntime())
    yield client
    client.close()


@pytest.mark.parametrize(("name", "index"), EACH)
def test_each_call_is_by_the_reference(
    mock: StrictMock, client: Client, name: str, index: int
) -> None:
    made = walk(mock, client, CALLS[name][index])
    assert [each for each in made if "api-key" not in each or name.endswith("api_key")]


def test_every_function_and_every_operation_is_walked(mock: StrictMock, client: Client) -> None:
    assert set(CALLS) == public_functions(Client) - {"close"}
    for calls in CALLS.values():
        walk(mock, client, calls[0])
    assert set(mock.calls) == {operation.name for operation in voicetel.OPERATIONS}
