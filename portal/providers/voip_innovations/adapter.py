"""The capabilities of VoIP Innovations: search, query, lists and the account.

What spends money or gives numbers back stands in `ordering`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final, Literal

from portal.providers.base import Account, Field, Limits, Provider, Runtime
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
from portal.providers.errors import ProviderRefused, off_contract
from portal.providers.voip_innovations import mapping
from portal.providers.voip_innovations.client import BATCH, Client
from portal.providers.voip_innovations.ordering import HOLD, Ordering
from portal.tn import TN

_ORDER_BY: Final[dict[str, Literal["state", "rc", "lata", "tier"]]] = {
    "state": "state",
    "rate_center": "rc",
    "lata": "lata",
    "tier": "tier",
}


class VoIPInnovations(Ordering, Provider):
    """One account at VoIP Innovations, by its BackOffice SOAP API 3.0."""

    slug: ClassVar[str] = "voip_innovations"
    name: ClassVar[str] = "VoIP Innovations"
    default_base_url: ClassVar[str] = "https://backoffice.voipinnovations.com"
    credential_fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="login",
            label="API login",
            help="The login of an API user. It works only from the addresses bound to that user.",
        ),
        Field(name="secret", label="API secret"),
    )
    setting_fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="endpoint_group",
            label="Default endpoint group",
            help="Where bought numbers go unless the order names another group: its numeric id.",
            is_required=False,
            pattern=r"[1-9]\d{0,8}",
        ),
    )
    limits: ClassVar[Limits] = Limits(
        order_batch=BATCH, reserve_batch=BATCH, release_batch=BATCH, hold=HOLD
    )
    search_filters: ClassVar[frozenset[str]] = frozenset(
        {"is_toll_free", "npa", "nxx", "state", "rate_center", "lata", "tier", "features"}
    )
    sells_local: ClassVar[bool] = True
    sells_toll_free: ClassVar[bool] = True
    stock_groupings: tuple[str, ...] = tuple(_ORDER_BY)

    def __init__(self, account: Account, runtime: Runtime) -> None:
        super().__init__(account, runtime)
        self.client = Client(account, runtime)

    def close(self) -> None:
        """Give back the sockets."""
        self.client.close()

    def check_credentials(self) -> AccountStatus:
        """Return the prepaid balance; an account without one is proved by a coverage list."""
        try:
            return AccountStatus(balance=self.client.get_prepaid_balance())
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
        entries = self.client.get_available_states()
        states = {word.upper() for entry in entries for word in entry.split()}
        found = {s for s in states if len(s) == 2 and s.isascii() and s.isalpha()}
        if states and not found:
            raise off_contract("GetAvailableStates", False, "the list does not hold states")
        return sorted(found - {mapping.TOLL_FREE_STATE})

    def coverage_rate_centers(self, state: str) -> list[str]:
        """Return the rate centers of a state's coverage list."""
        return sorted({entry.upper() for entry in self.client.get_available_rate_centers(state)})

    def coverage_npas(self, state: str, rate_center: str = "") -> list[str]:
        """Return the area codes of a state's, or of a rate center's, coverage list."""
        entries = self.client.get_available_npas(state, rate_center)
        words = {word for entry in entries for word in entry.split()}
        found = {w for w in words if len(w) == 3 and w.isascii() and w.isdigit()}
        if words and not found:
            raise off_contract("GetAvailableNPAs", False, "the list does not hold area codes")
        return sorted(found)

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
