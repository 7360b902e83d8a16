"""VoIP Innovations: searching, querying, ordering, coverage and the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.providers.dto.features import NumberKind
from portal.providers.voip_innovations.client import Client, DIDParam, StockFilter
from portal.providers.voip_innovations.mapping import (
    account,
    features,
    features_groups,
    inventory,
)
from portal.tn import TN
from tests.providers.calls import Example, Refusal, Stage
from tests.providers.calls.voip_innovations_features import on_foreign, on_own

CHICAGO = StockFilter(state="IL", npa="312")
EXTENDED_NETWORK = "Peerless"  # whose numbers the sandbox keeps in the extended inventory


def _query(make: Callable[[Stage], str]) -> Callable[[Stage], Callable[[Client], Any]]:
    def arrange(stage: Stage) -> Callable[[Client], Any]:
        tn = make(stage)
        return lambda client: inventory.number_status(client.query_did(tn), TN.from_digits10(tn))

    return arrange


def _order(
    name: str, make: Callable[[Stage], str], *, epg: int = 0
) -> Callable[[Stage], Callable[[Client], Any]]:
    def arrange(stage: Stage) -> Callable[[Client], Any]:
        param = DIDParam(tn=make(stage), ref_id="order-17", epg=epg)
        return lambda client: inventory.by_number(getattr(client, name)([param]), name)

    return arrange


def _configure(**change: Any) -> Callable[[Stage], Callable[[Client], Any]]:
    def arrange(stage: Stage) -> Callable[[Client], Any]:
        param = DIDParam(tn=stage.owned(), **change)
        return lambda client: inventory.by_number(client.config_did([param]), "configDID")

    return arrange


def _extended(stage: Stage) -> str:
    return stage.for_sale(network=EXTENDED_NETWORK)


def _search_extended(stage: Stage) -> Callable[[Client], Any]:
    tn = _extended(stage)
    return lambda client: [
        offer
        for offer in inventory.offers(client.get_dids_extended(CHICAGO), "getDIDsExtended")
        if offer.tn[2:] == tn
    ]


def _listed(
    read: str, kind: NumberKind, make: Callable[[Stage], str]
) -> Callable[[Stage], Callable[[Client], Any]]:
    def arrange(stage: Stage) -> Callable[[Client], Any]:
        tn = make(stage)
        word = features_groups.did_type(kind)
        return lambda client: [
            found
            for found in features_groups.listed_tns(getattr(client, read)(word), kind, "read")
            if found[2:] == tn
        ]

    return arrange


def _moved(client: Client, tn: str) -> Any:
    return features.inner_verdict(client.inventory_dids([DIDParam(tn=tn)]), TN.from_digits10(tn))


def _codes(told: Any) -> list[str]:
    return [record["statuscode"] for records in told.values() for record in records]


EXAMPLES = (
    Example(
        operation="configDID",
        arrange=_configure(epg=13551, ref_id="move-1"),
        holds=lambda told: _codes(told) == ["100"],
    ),
    Example(
        operation="configDID",
        label="lookup of callers' names",
        arrange=_configure(epg=13550, cnam=True),
        holds=lambda told: _codes(told) == ["100"],
    ),
    Example(
        operation="configDID",
        label="a group that is not ours",
        arrange=_configure(epg=14550),
        holds=lambda told: _codes(told) == ["105258"],
    ),
    Example(
        operation="getDIDsExtended",
        arrange=_search_extended,
        holds=lambda offers: [offer.state for offer in offers] == ["IL"],
    ),
    Example(
        operation="assignDIDExtended",
        arrange=_order("assign_did_extended", _extended, epg=13550),
        holds=lambda told: _codes(told) == ["100"],
    ),
    Example(
        operation="assignDIDExtended",
        label="a number of the usual stock",
        arrange=_order("assign_did_extended", Stage.for_sale, epg=13550),
        holds=lambda told: _codes(told) == ["104420"],
    ),
    Example(
        operation="GetInventoryTNs",
        arrange=_listed("get_inventory_tns", NumberKind.LOCAL, Stage.owned),
        holds=lambda found: len(found) == 1,
    ),
    Example(
        operation="GetInventoryTNs",
        label="of another kind",
        arrange=_listed("get_inventory_tns", NumberKind.TOLL_FREE, Stage.owned),
        holds=lambda found: found == [],
    ),
    Example(
        operation="GetUnconfiguredTNs",
        arrange=_listed("get_unconfigured_tns", NumberKind.ANY, Stage.owned),
        holds=lambda found: len(found) == 1,
    ),
    Example(
        operation="InventoryDIDs",
        arrange=on_own(_moved),
        holds=lambda verdict: verdict == ("", ""),
    ),
    Example(
        operation="auditDIDs",
        arrange=lambda stage: lambda client: list(inventory.owned_numbers(client.audit_dids())),
        holds=lambda numbers: len(numbers) > 100,
    ),
    Example(
        operation="queryDID",
        arrange=_query(Stage.owned),
        holds=lambda status: status.ownership == "ours",
    ),
    Example(
        operation="getDIDs",
        arrange=lambda stage: lambda client: list(inventory.offers(client.get_dids(CHICAGO))),
        holds=lambda offers: bool(offers) and all(offer.state == "IL" for offer in offers),
    ),
    Example(
        operation="getDIDCount",
        arrange=lambda stage: (
            lambda client: inventory.stock_counts(
                client.get_did_count(CHICAGO, orderby="rc"), by="rate_center"
            )
        ),
        holds=lambda counts: sum(count.count for count in counts) > 10,
    ),
    Example(
        operation="reserveDID",
        arrange=_order("reserve_did", Stage.for_sale),
        holds=lambda told: [r["statuscode"] for rs in told.values() for r in rs] == ["100"],
    ),
    Example(
        operation="assignDID",
        arrange=_order("assign_did", Stage.for_sale, epg=13550),
        holds=lambda told: [r["statuscode"] for rs in told.values() for r in rs] == ["100"],
    ),
    Example(
        operation="releaseDID",
        arrange=_order("release_did", Stage.owned),
        holds=lambda told: len(told) == 1,
    ),
    Example(
        operation="GetAvailableStates",
        arrange=lambda stage: (
            lambda client: inventory.coverage_states(client.get_available_states())
        ),
        holds=lambda states: "IL" in states,
    ),
    Example(
        operation="GetAvailableRateCenters",
        arrange=lambda stage: (
            lambda client: inventory.coverage_rate_centers(client.get_available_rate_centers("IL"))
        ),
        holds=bool,
    ),
    Example(
        operation="GetAvailableNPAs",
        arrange=lambda stage: (
            lambda client: inventory.coverage_npas(client.get_available_npas("IL"))
        ),
        holds=lambda npas: "312" in npas,
    ),
    Example(
        operation="GetPrepaidBalance",
        arrange=lambda stage: lambda client: account.balance(client.get_prepaid_balance()),
        holds=lambda amount: amount > 0,
    ),
    Example(
        operation="AuditEndpointGroups",
        arrange=lambda stage: lambda client: inventory.routes(client.audit_endpoint_groups()),
        holds=lambda groups: {"13550", "13551"} <= {group.ref for group in groups},
    ),
)

REFUSALS = (
    Refusal(
        operation="InventoryDIDs",
        arrange=on_foreign(_moved),
        why="the number is somebody else's",
        code="909",
        says="does not belong to this account",
    ),
)
