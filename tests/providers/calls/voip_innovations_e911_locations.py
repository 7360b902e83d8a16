"""VoIP Innovations: 911 locations one by one, which no list of operations has any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.providers.dto.e911 import EmergencyState
from portal.providers.voip_innovations.client import Client
from portal.providers.voip_innovations.client.e911_locations import Location911
from portal.providers.voip_innovations.mapping import e911
from tests.providers.calls import Arrange, Example, Refusal, Stage
from tests.providers.calls.voip_innovations_e911 import (
    NAME,
    NOWHERE,
    OFFICE,
    SHOP,
    insert,
    is_bad_address,
    is_done,
)
from tests.providers.calls.voip_innovations_features import on_foreign, on_own, tn_of


def add_location(client: Client, tn: str, location: Location911 = OFFICE) -> Any:
    records = client.add_location(tn, location, caller_name=NAME)
    return e911.added_location(records, tn_of(tn))


def get_locations(client: Client, tn: str) -> Any:
    return e911.located(client.get_locations(tn), tn_of(tn), "getLocations")


def provision(client: Client, tn: str, ref: str) -> Any:
    records = client.provision_location(tn, ref)
    return e911.outcome(records, "provisionLocation", tn_of(tn))


def remove_location(client: Client, tn: str, ref: str) -> Any:
    return e911.outcome(client.remove_location(ref, tn), "removeLocation", tn_of(tn))


def on_kept(call: Callable[[Client, str, str], Any], location: Location911 = OFFICE) -> Arrange:
    """Return a call on a fresh number of ours and a location that is kept for it."""

    def arrange(stage: Stage) -> Callable[[Client], Any]:
        tn = stage.owned()
        ref = add_location(stage.helper, tn, location).location_ref
        return lambda client: call(client, tn, ref)

    return arrange


EXAMPLES = (
    Example(
        operation="addLocation",
        arrange=on_own(add_location),
        holds=lambda record: record.state is EmergencyState.GEOCODED and record.location_ref,
    ),
    Example(
        operation="addLocation",
        label="of a bad address",
        arrange=on_own(lambda client, tn: add_location(client, tn, NOWHERE)),
        holds=lambda record: record.state is EmergencyState.INVALID,
    ),
    Example(
        operation="getLocations",
        arrange=on_own(get_locations, insert, lambda client, tn: add_location(client, tn, SHOP)),
        holds=lambda found: (
            [record.state for record in found]
            == [EmergencyState.PROVISIONED, EmergencyState.GEOCODED]
        ),
    ),
    Example(
        operation="getLocations",
        label="without any",
        arrange=on_own(get_locations),
        holds=lambda found: found == [],
    ),
    Example(operation="provisionLocation", arrange=on_kept(provision), holds=is_done),
    Example(
        operation="provisionLocation",
        label="of a bad address",
        arrange=on_kept(provision, NOWHERE),
        holds=is_bad_address,
    ),
    Example(
        operation="removeLocation",
        arrange=on_kept(remove_location),
        holds=lambda outcome: is_done(outcome) and outcome.code == "205100",
    ),
    Example(
        operation="removeLocation",
        label="that is gone",
        arrange=on_own(lambda client, tn: remove_location(client, tn, "1")),
        holds=lambda outcome: is_done(outcome) and outcome.code == "205200",
    ),
)

_ON_FOREIGN: dict[str, Callable[[Client, str], Any]] = {
    "addLocation": add_location,
    "getLocations": get_locations,
    "provisionLocation": lambda client, tn: provision(client, tn, "1"),
    "removeLocation": lambda client, tn: remove_location(client, tn, "1"),
}

REFUSALS = (
    *(
        Refusal(
            operation=operation,
            why="a number of somebody else",
            arrange=on_foreign(call),
            code="909",
            says="does not belong to this account",
        )
        for operation, call in _ON_FOREIGN.items()
    ),
    Refusal(
        operation="provisionLocation",
        why="the number has no such location",
        arrange=on_own(lambda client, tn: provision(client, tn, "1")),
        code="910",
        says="no such 911 location",
    ),
)
