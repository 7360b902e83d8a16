"""Capabilities: what a provider may offer, one Protocol each.

A provider offers a capability by having its methods, and lists in `not_offered` why it lacks the
others. System checks portal.E001 and portal.E002 prove both. One module per domain; those of the
inventory can be imported from here.
"""

from __future__ import annotations

from portal.providers.capabilities import (
    account,
    e911,
    features,
    inventory,
    lookups,
    messaging,
    network,
    porting,
    support,
    tollfree,
)

CAPABILITIES: dict[str, type] = {
    **inventory.CAPABILITIES,
    **features.CAPABILITIES,
    **lookups.CAPABILITIES,
    **network.CAPABILITIES,
    **account.CAPABILITIES,
    **e911.CAPABILITIES,
    **porting.CAPABILITIES,
    **messaging.CAPABILITIES,
    **tollfree.CAPABILITIES,
    **support.CAPABILITIES,
}
