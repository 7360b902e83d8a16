"""Endpoint groups and numbers without one, the extended inventory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from portal.providers.dto import ItemOutcome, Offer, RouteRecord, SearchCriteria
from portal.providers.dto.features import NumberKind
from portal.providers.errors import ProviderRefused, off_contract
from portal.providers.voip_innovations.adapter.features_changes import Changes, read_id
from portal.providers.voip_innovations.client import BATCH, DIDParam
from portal.providers.voip_innovations.mapping import features_groups, inventory
from portal.providers.xml import Record
from portal.tn import TN

_EACH_KIND = (NumberKind.LOCAL, NumberKind.TOLL_FREE, NumberKind.INTERNATIONAL)


class RouteFeatures(Changes):
    """Mixed into the adapter."""

    _carry_out: Callable[
        [str, Callable[[Sequence[DIDParam]], list[Record]], Sequence[DIDParam]],
        Iterator[ItemOutcome],
    ]

    def assign_route(
        self, tns: Sequence[TN], *, route_ref: str, reference: str = ""
    ) -> Iterator[ItemOutcome]:
        """Send numbers to an endpoint group, by configDID in parts of `BATCH`.

        Raises `ProviderRefused` before anything is sent when no endpoint group is known.
        """
        group = self._group_for(route_ref, "configDID")
        params = [
            DIDParam(tn=tn.digits10, ref_id=reference, epg=group) for tn in dict.fromkeys(tns)
        ]
        for start in range(0, len(params), BATCH):
            part = params[start : start + BATCH]
            yield from self._carry_out("configDID", self.client.config_did, part)

    def route(self, route_ref: str) -> RouteRecord | None:
        """Return an endpoint group; None for one that is not the account's, or for no id."""
        operation = "AuditEndpointGroup"
        if not (route_ref.isascii() and route_ref.isdigit() and 0 < int(route_ref) < 2**31):
            return None
        try:
            records = self.client.audit_endpoint_group(int(route_ref))
        except ProviderRefused as error:
            if error.code == "948":
                return None
            raise
        found = inventory.routes(records, operation)
        if any(record.ref != str(int(route_ref)) for record in found):
            raise off_contract(operation, False, "it is about another endpoint group")
        return found[0] if found else None

    def set_route_active(self, route_ref: str, *, is_active: bool) -> None:
        """Switch an endpoint group on or off; `ProviderRefused` for one that is not ours."""
        group = read_id(route_ref, "an endpoint group")
        if is_active:
            self.client.activate_endpoint_group(group)
        else:
            self.client.deactivate_endpoint_group(group)

    # -- numbers without a route -----------------------------------------------------------

    def list_personal(self, kind: NumberKind = NumberKind.ANY) -> Iterator[TN]:
        """Yield the numbers of the personal inventory, as they arrive."""
        return self._listed("GetInventoryTNs", kind)

    def list_unconfigured(self, kind: NumberKind = NumberKind.ANY) -> Iterator[TN]:
        """Yield the numbers that are not configured yet, as they arrive."""
        return self._listed("GetUnconfiguredTNs", kind)

    def _listed(self, operation: str, kind: NumberKind) -> Iterator[TN]:
        """Yield a bare list. All kinds are asked for one by one.

        In a mixed list nobody could tell ten digits of another country from ten of our own plan.
        """
        for one in _EACH_KIND if kind is NumberKind.ANY else (kind,):
            word = features_groups.did_type(one)
            if operation == "GetInventoryTNs":
                texts = self.client.get_inventory_tns(word)
            else:
                texts = self.client.get_unconfigured_tns(word)
            yield from features_groups.listed_tns(texts, one, operation)

    def move_to_personal(self, tns: Sequence[TN], *, reference: str = "") -> Iterator[ItemOutcome]:
        """Move numbers to the personal inventory, one in each call.

        The reply has one verdict for all numbers of a call, so several would share their fate in
        words and perhaps not in fact.
        """
        for tn in dict.fromkeys(tns):
            yield self._moved(DIDParam(tn=tn.digits10, ref_id=reference), tn)

    def _moved(self, param: DIDParam, tn: TN) -> ItemOutcome:
        return self._change("InventoryDIDs", tn, lambda: self.client.inventory_dids([param]))

    # -- the extended inventory ------------------------------------------------------------

    def why_not_searchable_extended(self, criteria: SearchCriteria) -> str:
        """Return why getDIDsExtended cannot answer; it wants one of three narrowings (2.1)."""
        if criteria.nxx and not (criteria.npa or len(criteria.starts) >= 3):
            return "VoIP Innovations searches an exchange only together with its area code."
        if not inventory.stock_filter(criteria).suits_extended:
            return (
                "VoIP Innovations needs an area code, a LATA, or a state with a rate center to "
                "search its extended inventory."
            )
        return ""

    def search_extended(self, criteria: SearchCriteria) -> Iterator[Offer]:
        """Yield what getDIDsExtended has, as it arrives.

        Raises ValueError where `why_not_searchable_extended` has a reason; nothing is sent then.
        """
        if reason := self.why_not_searchable_extended(criteria):
            raise ValueError(reason)
        stock = inventory.stock_filter(criteria)
        return inventory.offers(self.client.get_dids_extended(stock), "getDIDsExtended")
