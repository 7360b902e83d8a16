"""What crosses the adapter border: frozen, keyword-only values in our own words.

Numbers are `TN` (E.164), money is US dollars as `Decimal`, times are aware datetimes in UTC. One
module per domain; the nouns of the inventory can be imported from here.
"""

from __future__ import annotations

from portal.providers.dto.inventory import (
    AccountStatus,
    ItemOutcome,
    NumberStatus,
    Offer,
    OrderRequest,
    Outcome,
    OwnedNumber,
    Ownership,
    RouteRecord,
    SearchCriteria,
    StockCount,
)

__all__ = [
    "AccountStatus",
    "ItemOutcome",
    "NumberStatus",
    "Offer",
    "OrderRequest",
    "Outcome",
    "OwnedNumber",
    "Ownership",
    "RouteRecord",
    "SearchCriteria",
    "StockCount",
]
