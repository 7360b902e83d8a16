"""VoiceTel: emergency records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.providers.voicetel.client import Client
from portal.providers.voicetel.client.e911 import AddressFields
from portal.providers.voicetel.mapping import e911
from portal.providers.voicetel.methods import e911 as methods
from portal.tn import TN
from tests.providers.calls import Arrange, Example, Refusal, Stage
from tests.providers.calls.voicetel_account import by_newcomer

HOME = AddressFields(
    address1="1 Main Street", address2="Suite 5", city="New York", state="NY", zip="10001"
)
SHOP = AddressFields(address1="12 Oak Avenue", city="New York", state="NY", zip="10002")
NOWHERE = AddressFields(address1="Main Street", city="New York", state="NY", zip="10001")
NAME = "EXAMPLE LLC"


def on(make: Callable[[Stage], str], call: Callable[[Client, str], Any], *before: Any) -> Arrange:
    """Return a call on a number that `make` gives, for which `before` was done."""

    def arrange(stage: Stage) -> Callable[[Client], Any]:
        number = make(stage)
        for step in before:
            step(stage.helper, number)
        return lambda client: call(client, number)

    return arrange


def post(client: Client, number: str, address: AddressFields = HOME) -> Any:
    content = client.post_e911(number, address, callername=NAME)
    return e911.record_of(content, TN.from_digits10(number), methods.POST_E911)


def get(client: Client, number: str) -> Any:
    content = client.get_e911_record(number)
    return e911.record_of(content, TN.from_digits10(number), methods.GET_E911_RECORD)


def delete(client: Client, number: str) -> None:
    client.delete_e911_record(number)


def put_unknown(client: Client, number: str) -> Any:
    return client.put_e911_record(number, addressid=2**40, callername=NAME)


def put_validated(make: Callable[[Stage], str]) -> Arrange:
    """Return a PUT of an address that was validated just before."""

    def arrange(stage: Stage) -> Callable[[Client], Any]:
        number = make(stage)
        check = e911.address_check(stage.helper.post_e911_validations(SHOP))

        def put(client: Client) -> Any:
            content = client.put_e911_record(number, addressid=int(check.ref), callername=NAME)
            return e911.record_of(content, TN.from_digits10(number), methods.PUT_E911_RECORD)

        return put

    return arrange


def validate(address: AddressFields) -> Arrange:
    return lambda stage: lambda client: e911.address_check(client.post_e911_validations(address))


def listed(stage: Stage) -> Callable[[Client], Any]:
    number = stage.owned()
    post(stage.helper, number)
    tn = TN.from_digits10(number)
    return lambda client: [r for r in e911.records(client.get_e911()) if r.tn == tn]


EXAMPLES = (
    Example(
        operation="POST /v2.2/e911/validations",
        arrange=validate(HOME),
        holds=lambda check: check.is_valid and check.ref and check.address.address1 == "1 MAIN ST",
    ),
    Example(
        operation="POST /v2.2/e911",
        arrange=on(Stage.owned, post),
        holds=lambda record: record.is_active and record.caller_name == NAME,
    ),
    Example(
        operation="POST /v2.2/e911",
        label="without a second line",
        arrange=on(Stage.owned, lambda client, number: post(client, number, SHOP)),
        holds=lambda record: record.address.address2 == "",
    ),
    Example(
        operation="GET /v2.2/e911",
        arrange=listed,
        holds=lambda records: [record.address.zip for record in records] == ["10001"],
    ),
    Example(
        operation="GET /v2.2/e911/{dn}",
        arrange=on(Stage.owned, get, post),
        holds=lambda record: record.address.city == "NEW YORK" and record.caller_name == NAME,
    ),
    Example(
        operation="PUT /v2.2/e911/{dn}",
        arrange=put_validated(Stage.owned),
        holds=lambda record: record.address.address1 == "12 OAK AVE",
    ),
    Example(operation="DELETE /v2.2/e911/{dn}", arrange=on(Stage.owned, delete, post)),
    Example(
        operation="GET /v2.2/e911",
        label="without any",
        arrange=by_newcomer(lambda client: list(e911.records(client.get_e911()))),
        holds=lambda records: records == [],
    ),
)

REFUSALS = (
    Refusal(
        operation="POST /v2.2/e911/validations",
        why="the address is not valid",
        arrange=validate(NOWHERE),
        code="409",
        says="house number or street is missing",
    ),
    Refusal(
        operation="POST /v2.2/e911",
        why="the number is somebody else's",
        arrange=on(Stage.foreign, post),
        code="403",
        says="another account",
    ),
    Refusal(
        operation="POST /v2.2/e911",
        why="the address is not valid",
        arrange=on(Stage.owned, lambda client, number: post(client, number, NOWHERE)),
        code="409",
        says="did not take the address",
    ),
    Refusal(
        operation="GET /v2.2/e911/{dn}",
        why="the number is somebody else's",
        arrange=on(Stage.foreign, get),
        code="401",
        says="does not find it on this account",
    ),
    Refusal(
        operation="GET /v2.2/e911/{dn}",
        why="there is no record",
        arrange=on(Stage.owned, get),
        code="409",
        says="cannot show an emergency record",
    ),
    Refusal(
        operation="PUT /v2.2/e911/{dn}",
        why="the number is somebody else's",
        arrange=put_validated(Stage.foreign),
        code="401",
        says="does not find it on this account",
    ),
    Refusal(
        operation="PUT /v2.2/e911/{dn}",
        why="the address was never validated",
        arrange=on(Stage.owned, put_unknown),
        code="409",
        says="did not take the address",
    ),
    Refusal(
        operation="DELETE /v2.2/e911/{dn}",
        why="the number is somebody else's",
        arrange=on(Stage.foreign, delete),
        code="401",
        says="does not find it on this account",
    ),
    Refusal(
        operation="DELETE /v2.2/e911/{dn}",
        why="there is no record",
        arrange=on(Stage.owned, delete),
        code="409",
        says="could not remove",
    ),
)
