"""VoIP Innovations: emergency records, alerts, and the old locations."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from portal.providers.dto import Outcome
from portal.providers.dto.e911 import EmergencyState
from portal.providers.errors import ProviderProtocolError, ProviderUnavailable
from portal.providers.voip_innovations.client import Client
from portal.providers.voip_innovations.client.e911_locations import Location911
from portal.providers.voip_innovations.mapping import e911
from tests.providers.calls import Arrange, Example, Refusal, Stage
from tests.providers.calls.voip_innovations_features import on_foreign, on_own, tn_of

OFFICE = Location911(
    address1="200 East Randolph Street",
    address2="Suite 500",
    city="Chicago",
    state="IL",
    zip="60601",
)
SHOP = Location911(
    address1="12 Oak Avenue", city="Chicago", state="IL", zip="60614", plus_four="3059"
)
NOWHERE = Location911(address1="Main Street", city="Chicago", state="IL", zip="60601")
NAME = "EXAMPLE LLC"
EMAIL = "frontdesk@example.net"


def insert(client: Client, tn: str, location: Location911 = OFFICE) -> Any:
    records = client.insert_911(tn, location, caller_name=NAME)
    return e911.outcome(records, "insert911", tn_of(tn))


def update(client: Client, tn: str, location: Location911 = SHOP) -> Any:
    records = client.update_911(tn, location, caller_name=NAME)
    return e911.outcome(records, "update911", tn_of(tn))


def remove(client: Client, tn: str) -> Any:
    return e911.outcome(client.remove_911(tn), "remove911", tn_of(tn))


def query(client: Client, tn: str) -> Any:
    return e911.current_record(client.query_911(tn), tn_of(tn))


def history(client: Client, tn: str) -> Any:
    return e911.history(client.get_provisioning_history(tn), tn_of(tn))


def add_alert(client: Client, tn: str, email: str = EMAIL) -> None:
    client.add_911_alert(tn, email)


def remove_alert(client: Client, tn: str, email: str = EMAIL) -> None:
    client.remove_911_alert(tn, email)


def get_alerts(client: Client, tn: str) -> list[str]:
    return e911.alerts(client.query_911_alert(tn))


def fill_alerts(client: Client, tn: str) -> None:
    for number in range(10):
        client.add_911_alert(tn, f"desk{number}@example.net")


def carrier_says(code: str, call: Callable[[Client, str], Any]) -> Arrange:
    """Return a call on a number with 911, at which the 911 carrier fails with a code."""

    def arrange(stage: Stage) -> Callable[[Client], Any]:
        tn = stage.owned()
        insert(stage.helper, tn)

        def judged(client: Client) -> Any:
            stage.sandbox.control("setting", key="voip_innovations.e911_code", value=code)
            try:
                return call(client, tn)
            finally:
                stage.sandbox.control("setting", key="voip_innovations.e911_code", value="")

        return judged

    return arrange


def is_done(outcome: Any) -> bool:
    return outcome.outcome is Outcome.SUCCEEDED


def is_bad_address(outcome: Any) -> bool:
    return outcome.outcome is Outcome.REFUSED and outcome.code == "INVALID"


def validate(location: Location911, name: str = NAME) -> Arrange:
    return lambda stage: (
        lambda client: e911.address_check(client.validate_911(location, caller_name=name))
    )


EXAMPLES = (
    Example(
        operation="audit911",
        arrange=lambda stage: (
            lambda client: list(islice(e911.audited_records(client.audit_911()), 5000))
        ),
        holds=lambda records: (
            len(records) > 20
            and all(record.is_active and record.address.plus4 for record in records)
        ),
    ),
    Example(
        operation="query911",
        arrange=on_own(query, insert),
        holds=lambda record: (
            record.is_active
            and record.address.address1 == "200 E RANDOLPH ST"
            and record.caller_name == NAME
        ),
    ),
    Example(
        operation="query911",
        label="after a bad change",
        arrange=on_own(query, insert, lambda client, tn: update(client, tn, NOWHERE)),
        holds=lambda record: not record.is_active,
    ),
    Example(
        operation="query911",
        label="without a record",
        arrange=on_own(query),
        holds=lambda record: record is None,
    ),
    Example(
        operation="getProvisioningHistory",
        arrange=on_own(history, insert, update),
        holds=lambda found: (
            [record.state for record in found]
            == [EmergencyState.PROVISIONED, EmergencyState.GEOCODED]
            and all(record.order_ref for record in found)
        ),
    ),
    Example(
        operation="getProvisioningHistory",
        label="without any",
        arrange=on_own(history),
        holds=lambda found: found == [],
    ),
    Example(operation="insert911", arrange=on_own(insert), holds=is_done),
    Example(
        operation="insert911",
        label="of a bad address",
        arrange=on_own(lambda client, tn: insert(client, tn, NOWHERE)),
        holds=is_bad_address,
    ),
    Example(operation="update911", arrange=on_own(update, insert), holds=is_done),
    Example(
        operation="update911",
        label="to a bad address",
        arrange=on_own(lambda client, tn: update(client, tn, NOWHERE), insert),
        holds=lambda outcome: is_bad_address(outcome) and "old address is gone" in outcome.advice,
    ),
    Example(operation="remove911", arrange=on_own(remove, insert), holds=is_done),
    Example(
        operation="remove911",
        label="of nothing",
        arrange=on_own(remove),
        holds=lambda outcome: is_done(outcome) and outcome.code == "205200",
    ),
    Example(
        operation="validate911",
        arrange=validate(OFFICE),
        holds=lambda check: check.is_valid and check.address is None,
    ),
    Example(
        operation="validate911",
        label="of a bad address",
        arrange=validate(NOWHERE, ""),
        holds=lambda check: not check.is_valid and check.code == "101" and check.advice,
    ),
    Example(operation="Add911Alert", arrange=on_own(add_alert, insert)),
    Example(operation="Remove911Alert", arrange=on_own(remove_alert, insert, add_alert)),
    Example(
        operation="Remove911Alert",
        label="of all",
        arrange=on_own(lambda client, tn: remove_alert(client, tn, ""), insert, add_alert),
    ),
    Example(
        operation="Query911Alert",
        arrange=on_own(
            get_alerts,
            insert,
            add_alert,
            lambda client, tn: add_alert(client, tn, "3125550142@gateway.example.net"),
        ),
        holds=lambda found: found == [EMAIL, "3125550142@gateway.example.net"],
    ),
    Example(
        operation="Query911Alert",
        label="without any",
        arrange=on_own(get_alerts, insert),
        holds=lambda found: found == [],
    ),
)

_NOT_OURS = "does not belong to this account"
_ON_FOREIGN = {
    "query911": query,
    "getProvisioningHistory": history,
    "insert911": insert,
    "update911": update,
    "remove911": remove,
    "Add911Alert": add_alert,
    "Remove911Alert": remove_alert,
    "Query911Alert": get_alerts,
}
_WITHOUT_911 = {
    "Add911Alert": add_alert,
    "Remove911Alert": remove_alert,
    "Query911Alert": get_alerts,
}

REFUSALS = (
    *(
        Refusal(
            operation=operation,
            why="a number of somebody else",
            arrange=on_foreign(call),
            code="909",
            says=_NOT_OURS,
        )
        for operation, call in _ON_FOREIGN.items()
    ),
    *(
        Refusal(
            operation=operation,
            why="911 is off",
            arrange=on_own(call),
            code="941",
            says="not enabled",
        )
        for operation, call in _WITHOUT_911.items()
    ),
    *(
        Refusal(
            operation="update911",
            why=f"the 911 carrier says {code}",
            arrange=carrier_says(code, update),
            code=code,
            says=says,
        )
        for code, says in (("905", "locked"), ("906", "no such record"), ("907", "changing"))
    ),
    *(
        Refusal(
            operation="insert911",
            why=f"the 911 carrier fails with {code}",
            arrange=carrier_says(code, lambda client, tn: insert(client, tn, SHOP)),
            code=code,
            says="may or may not",
            error=ProviderProtocolError,
        )
        for code in ("903", "904", "908")
    ),
    Refusal(
        operation="query911",
        why="the 911 carrier is not reachable",
        arrange=carrier_says("903", query),
        code="903",
        says="could not reach",
        error=ProviderUnavailable,
    ),
    Refusal(
        operation="insert911",
        why="it is there already",
        arrange=on_own(insert, insert),
        code="911",
        says="on the number already",
    ),
    Refusal(
        operation="update911",
        why="it is there already",
        arrange=on_own(lambda client, tn: update(client, tn, OFFICE), insert),
        code="911",
        says="provisioned already",
    ),
    Refusal(
        operation="update911",
        why="there is nothing to change",
        arrange=on_own(update),
        code="906",
        says="no such record",
    ),
    Refusal(
        operation="Add911Alert",
        why="it is there already",
        arrange=on_own(add_alert, insert, add_alert),
        code="942",
        says="already",
    ),
    Refusal(
        operation="Add911Alert",
        why="an eleventh address",
        arrange=on_own(add_alert, insert, fill_alerts),
        code="943",
        says="ten",
    ),
    Refusal(
        operation="Remove911Alert",
        why="it is not there",
        arrange=on_own(remove_alert, insert),
        code="101",
        says="Nothing of that kind",
    ),
)
