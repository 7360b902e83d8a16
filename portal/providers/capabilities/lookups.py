"""What a provider may look up of any telephone number. Each lookup is charged: ask a person first.

They raise `ProviderRefused` with code 402 where the service is off or the balance too low. An
answer that was lost may be charged all the same, so nothing is asked twice by itself.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from portal.providers.dto.lookups import NameLookup, RoutingLookup
from portal.tn import TN


@runtime_checkable
class NameLookups(Protocol):
    """Look up the caller name that is stored for a number."""

    def look_up_name(self, tn: TN) -> NameLookup:
        """Return the name."""


@runtime_checkable
class RoutingLookups(Protocol):
    """Look up who serves a number."""

    def look_up_routing(self, tn: TN, *, caller: TN) -> RoutingLookup:
        """Return where a call from `caller` to `tn` goes."""


CAPABILITIES: dict[str, type] = {
    "name_lookups": NameLookups,
    "routing_lookups": RoutingLookups,
}
