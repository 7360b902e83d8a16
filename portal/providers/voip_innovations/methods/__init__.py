"""The catalogue of the wire operations: what each serves, whether it changes something.

Names and sections are those of the provider's list, letter for letter. The six operations beyond
it, which older descriptions and other clients know, carry their source.
"""

from __future__ import annotations

from portal.providers.catalogue import WireMethod
from portal.providers.voip_innovations.methods import (
    account,
    e911,
    features,
    inventory,
    messaging,
    porting,
)

METHODS: dict[str, WireMethod] = {
    method.name: method
    for section in (inventory, features, account, e911, porting, messaging)
    for method in section.METHODS
}
