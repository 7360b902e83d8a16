"""Search, query, lists and the account's standing; what spends money stands in `ordering`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from portal.providers.dto import (
    AccountStatus,
    NumberStatus,
    Offer,
    OwnedNumber,
    Ownership,
    RouteRecord,
    SearchCriteria,
    StockCount,
)
from portal.providers.errors import ProviderRefused
from portal.providers.voip_innovations.client import Client
from portal.providers.voip_innovations.mapping import account
from portal.providers.voip_innovations.mapping import inventory as mapping
from portal.tn import TN

_ORDER_BY: Final[dict[str, Literal["state", "rc", "lata", "tier"]]] = {
    "state": "state",
    "rate_center": "rc",
    "lata": "lata",
    "tier": "tier",
}


class Inventory:
    """The reads around stock and own numbers; mixed into the adapter."""

    client: Client
    stock_groupings: tuple[str, ...] = tuple(_ORDER_BY)

    def check_credentials(self) -> AccountStatus:
        """Return the prepaid balance; an account without one is proved by a coverage list."""
        try:
            return AccountStatus(balance=account.balance(self.client.get_prepaid_balance()))
        except ProviderRefused as error:
            self.client.get_available_states()
            return AccountStatus(details={"balance": error.message})

    def why_not_searchable(self, criteria: SearchCriteria) -> str:
        """Return why getDIDs cannot answer; it wants one criterion that it knows."""
        if criteria.nxx and not (criteria.npa or len(criteria.starts) >= 3):
            return "VoIP Innovations searches an exchange only together with its area code."
        if mapping.stock_filter(criteria).is_empty:
            return (
                "VoIP Innovations needs an area code, a state, a rate center, a LATA or a tier "
                "to search."
            )
        return ""

    def search(self, criteria: SearchCriteria) -> Iterator[Offer]:
        """Yield what getDIDs has, as it arrives.

        Raises ValueError where `why_not_searchable` has a reason; nothing is sent then.
        """
        if reason := self.why_not_searchable(criteria):
            raise ValueError(reason)
        return mapping.offers(self.client.get_dids(mapping.stock_filter(criteria)))

    def stock_counts(self, criteria: SearchCriteria, *, by: str) -> list[StockCount]:
        """Return what is for sale per state, rate center, LATA or tier."""
        if by not in _ORDER_BY:
            raise ValueError(f"stock is counted by one of {', '.join(_ORDER_BY)}, not by {by}")
        records = self.client.get_did_count(mapping.stock_filter(criteria), orderby=_ORDER_BY[by])
        return mapping.stock_counts(records, by=by)

    def coverage_states(self) -> list[str]:
        """Return the states of the coverage list; toll-free, which it may name too, left out."""
        return mapping.coverage_states(self.client.get_available_states())

    def coverage_rate_centers(self, state: str) -> list[str]:
        """Return the rate centers of a state's coverage list."""
        return mapping.coverage_rate_centers(self.client.get_available_rate_centers(state))

    def coverage_npas(self, state: str, rate_center: str = "") -> list[str]:
        """Return the area codes of a state's, or of a rate center's, coverage list."""
        return mapping.coverage_npas(self.client.get_available_npas(state, rate_center))

    def query_tn(self, tn: TN) -> NumberStatus:
        """Return who holds `tn`, by queryDID."""
        records = self.client.query_did(tn.digits10)
        if not records:  # the published answer for "not found" is a dummy record, not nothing
            return NumberStatus(tn=tn, ownership=Ownership.UNKNOWN)
        return mapping.number_status(records, tn)

    def list_owned(self) -> Iterator[OwnedNumber]:
        """Yield the whole account by auditDIDs, as it arrives."""
        return mapping.owned_numbers(self.client.audit_dids())

    def list_routes(self) -> list[RouteRecord]:
        """Return the endpoint groups."""
        return mapping.routes(self.client.audit_endpoint_groups())
