"""The catalogue of the wire operations: what each serves, whether it changes something.

Names are those of the provider, letter for letter. `is_idempotent` means that sending it twice
leaves the same state and costs nothing more; the ledger still asks before it repeats a write.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    """One operation: `capability` as in `base.CAPABILITIES`, `ref` as in the provider's list."""

    name: str
    ref: str
    capability: str
    is_write: bool = False
    is_idempotent: bool = True


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(name="auditDIDs", ref="3.1", capability="inventory_list"),
        Method(name="queryDID", ref="3.2", capability="number_query"),
        Method(name="getDIDs", ref="3.3", capability="number_search"),
        Method(
            name="assignDID",
            ref="3.4",
            capability="number_ordering",
            is_write=True,
            is_idempotent=False,
        ),
        Method(
            name="releaseDID",
            ref="3.6",
            capability="number_release",
            is_write=True,
            is_idempotent=False,
        ),
        Method(
            name="reserveDID",
            ref="3.7",
            capability="number_reservation",
            is_write=True,
            is_idempotent=False,
        ),
        Method(name="getDIDCount", ref="3.14", capability="stock_counts"),
        Method(name="GetPrepaidBalance", ref="3.45", capability="credential_check"),
        Method(name="AuditEndpointGroups", ref="3.58", capability="route_list"),
        Method(name="GetAvailableNPAs", ref="3.66", capability="coverage_lists"),
        Method(name="GetAvailableRateCenters", ref="3.67", capability="coverage_lists"),
        Method(name="GetAvailableStates", ref="3.68", capability="coverage_lists"),
    )
}
