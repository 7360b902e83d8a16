"""Search, coverage, query, lists and the balance; what spends money stands in `ordering`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

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
from portal.providers.voicetel.client import MAX_QUANTITY, Client
from portal.providers.voicetel.mapping import account, network
from portal.providers.voicetel.mapping import inventory as mapping
from portal.providers.voicetel.methods import inventory as methods
from portal.tn import TN, TOLL_FREE_NPAS

# Criteria that the provider does not apply, or may understand more narrowly than we do.
_FILTERED_HERE: Final = ("contains", "ends", "city", "consecutive")


class Inventory:
    """The reads around stock and own numbers; mixed into the adapter."""

    client: Client
    stock_groupings: tuple[str, ...] = tuple(mapping.COUNT_BY)

    def check_credentials(self) -> AccountStatus:
        """Return balance, name and rates; the provider lets it be asked six times an hour."""
        return account.account_status(self.client.get_account())

    def why_not_searchable(self, criteria: SearchCriteria) -> str:
        """Return why the inventory cannot be searched like that; it wants leading digits."""
        mask = mapping.mask(criteria)
        if criteria.is_toll_free or mask[:3] in TOLL_FREE_NPAS:
            return "VoiceTel does not say whether it sells toll-free numbers, so none are searched."
        if criteria.features:
            return "VoiceTel does not tell the features of the numbers that it has for sale."
        if criteria.tier:
            return "VoiceTel has no tiers."
        if not mask:
            return "VoiceTel needs an area code to search."
        if mask[0] in "01":
            return "VoiceTel searches by area code, and none starts with 0 or 1."
        return ""

    def search(self, criteria: SearchCriteria) -> Iterator[Offer]:
        """Yield what the inventory has, as it arrives; the answer may be ten minutes old.

        Raises ValueError where `why_not_searchable` has a reason; nothing is sent then.
        """
        if reason := self.why_not_searchable(criteria):
            raise ValueError(reason)
        is_filtered_here = any(getattr(criteria, name) for name in _FILTERED_HERE)
        quantity = (
            MAX_QUANTITY if is_filtered_here else max(1, min(criteria.quantity, MAX_QUANTITY))
        )
        return mapping.offers(
            self.client.get_inventory(
                mapping.mask(criteria),
                quantity=quantity,
                province=criteria.state.upper(),
                rate_center=criteria.rate_center.upper(),
                lata=criteria.lata,
            )
        )

    def stock_counts(self, criteria: SearchCriteria, *, by: str) -> list[StockCount]:
        """Return what is for sale per state, city, rate center, exchange or block.

        An exchange cannot be asked for; rows that tell another place than wanted are left out.
        """
        if by not in mapping.COUNT_BY:
            raise ValueError(
                f"stock is counted by one of {', '.join(mapping.COUNT_BY)}, not by {by}"
            )
        npa = mapping.mask(criteria)[:3]
        rows = self.client.get_inventory_coverage(
            mapping.COUNT_BY[by],
            loc_state=criteria.state.upper(),
            city=criteria.city,
            rc_abbre=criteria.rate_center.upper(),
            npa=npa,
            lata=criteria.lata,
        )
        return [
            count
            for count in mapping.stock_counts(rows)
            if (not npa or count.npa in {"", npa})
            and (not criteria.nxx or count.nxx in {"", criteria.nxx})
        ]

    def coverage_states(self) -> list[str]:
        """Return the states with anything for sale."""
        counts = mapping.stock_counts(self.client.get_inventory_coverage("state"))
        return self._listed("states", counts, {count.state for count in counts})

    def coverage_rate_centers(self, state: str) -> list[str]:
        """Return the rate centers of a state with anything for sale."""
        rows = self.client.get_inventory_coverage("rateCenter", loc_state=state.upper())
        counts = mapping.stock_counts(rows)
        return self._listed("rate centers", counts, {count.rate_center for count in counts})

    def coverage_npas(self, state: str, rate_center: str = "") -> list[str]:
        """Return the area codes of a state, or of one of its rate centers, with stock."""
        rows = self.client.get_inventory_coverage(
            "npanxx", loc_state=state.upper(), rc_abbre=rate_center.upper()
        )
        counts = mapping.stock_counts(rows)
        npas = {c.npa for c in counts if len(c.npa) == 3 and c.npa.isascii() and c.npa.isdigit()}
        return self._listed("area codes", counts, npas)

    def query_tn(self, tn: TN) -> NumberStatus:
        """Return who holds `tn`.

        "Not on this account" (404) is told live, but does not say who has the number, and an order
        under way may not have arrived yet. It becomes AVAILABLE only where a second fact agrees,
        the inventory offering the number. The inventory alone proves nothing, for its answers are
        kept for ten minutes, a number just bought included (1.5). An order that is sent again on
        these two facts carries its old key, so VoiceTel would replay it rather than buy twice.
        """
        number = tn.digits10
        try:
            record = self.client.get_number(number)
        except ProviderRefused as error:
            if error.code != "403":
                raise
            return NumberStatus(
                tn=tn, ownership=Ownership.FOREIGN, word=error.message, code=error.code
            )
        if record is not None:
            return self._ours(tn, record)
        offers = mapping.offers(self.client.get_inventory(number, quantity=10))
        if any(offer.tn == tn for offer in offers):
            word = "not on the account, and for sale"
            return NumberStatus(tn=tn, ownership=Ownership.AVAILABLE, word=word, code="404")
        word = "not on the account"
        return NumberStatus(tn=tn, ownership=Ownership.NOT_OURS, word=word, code="404")

    def list_owned(self) -> Iterator[OwnedNumber]:
        """Yield the whole account in one answer, as it arrives."""
        return mapping.owned_numbers(self.client.get_numbers())

    def list_routes(self) -> list[RouteRecord]:
        """Return the gateways."""
        return network.routes(self.client.get_gateways())

    def _ours(self, tn: TN, record: dict[str, object]) -> NumberStatus:
        owned = mapping.owned_number(record, methods.GET_NUMBER)
        if owned.tn != tn:
            raise off_contract(methods.GET_NUMBER.name, False, f"it is about {owned.tn}")
        return NumberStatus(tn=tn, ownership=Ownership.OURS, word="on the account", owned=owned)

    def _listed(self, what: str, counts: list[StockCount], found: set[str]) -> list[str]:
        """Return the names sorted; raises where there are rows, but none tells a name."""
        names = sorted(found - {""})
        if counts and not names:
            operation = methods.GET_INVENTORY_COVERAGE.name
            raise off_contract(operation, False, f"the list does not hold {what}")
        return names
