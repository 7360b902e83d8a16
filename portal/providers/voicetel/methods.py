"""The catalogue of the wire operations: what each serves, what it may answer, how often it may go.

Names are those of the reference, letter for letter. `is_idempotent` means that sending it twice
leaves the same state and costs nothing more; the ledger still asks before it repeats a write.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BUDGET_CALLS: Final = 6  # per hour and source address, on four routes (voicetel.md 1.4)
BUDGET_SECONDS: Final = 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    """One operation: `capability` as in `base.CAPABILITIES`, `section` of the reference.

    `refusals` are statuses documented for this route on top of 400, 402, 403 and 404, which mean
    everywhere that nothing was carried out.
    """

    verb: str
    path: str
    section: str
    capability: str
    is_write: bool = False
    is_idempotent: bool = True
    is_public: bool = False  # goes without a key
    is_budgeted: bool = False
    is_empty_on_404: bool = False
    answers_without_body: bool = False
    refusals: frozenset[int] = frozenset()
    nothing_done_on: frozenset[int] = frozenset()  # documented 5xx: nothing was written

    @property
    def name(self) -> str:
        """The documented name, which errors and exchanges carry."""
        return f"{self.verb} {self.path}"


POST_API_KEY: Final = Method(
    verb="POST",
    path="/v2.2/account/api-key",
    section="2",
    capability="credential_check",
    is_public=True,
    is_budgeted=True,
)
GET_ACCOUNT: Final = Method(
    verb="GET",
    path="/v2.2/account",
    section="2",
    capability="credential_check",
    is_budgeted=True,
)
GET_GATEWAYS: Final = Method(
    verb="GET", path="/v2.2/gateways", section="6", capability="route_list"
)
GET_INVENTORY: Final = Method(
    verb="GET", path="/v2.2/inventory", section="7.1", capability="number_search"
)
GET_INVENTORY_COVERAGE: Final = Method(
    verb="GET", path="/v2.2/inventory/coverage", section="7.2", capability="stock_counts"
)
POST_ORDERS: Final = Method(
    verb="POST",
    path="/v2.2/orders",
    section="7.3",
    capability="number_ordering",
    is_write=True,  # idempotent for 24 hours, by its key
    nothing_done_on=frozenset({502}),
)
GET_NUMBERS: Final = Method(
    verb="GET",
    path="/v2.2/numbers",
    section="10",
    capability="inventory_list",
    is_empty_on_404=True,
)
GET_NUMBER: Final = Method(
    verb="GET",
    path="/v2.2/numbers/{number}",
    section="10",
    capability="number_query",
    is_empty_on_404=True,
)
POST_NUMBER_RELEASE: Final = Method(
    verb="POST",
    path="/v2.2/numbers/{number}/release",
    section="10",
    capability="number_release",
    is_write=True,
    is_idempotent=False,
    answers_without_body=True,
    refusals=frozenset({409}),
)

METHODS: Final[dict[str, Method]] = {
    method.name: method
    for method in (
        POST_API_KEY,
        GET_ACCOUNT,
        GET_GATEWAYS,
        GET_INVENTORY,
        GET_INVENTORY_COVERAGE,
        POST_ORDERS,
        GET_NUMBERS,
        GET_NUMBER,
        POST_NUMBER_RELEASE,
    )
}
