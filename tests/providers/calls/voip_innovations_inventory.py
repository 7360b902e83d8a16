"""VoIP Innovations: searching, querying, ordering, coverage and the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.providers.voip_innovations.client import Client, DIDParam, StockFilter
from portal.providers.voip_innovations.mapping import account, inventory
from portal.tn import TN
from tests.providers.calls import Example, Refusal, Stage

CHICAGO = StockFilter(state="IL", npa="312")


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


EXAMPLES = (
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

REFUSALS: tuple[Refusal, ...] = ()
