"""The catalogue of the wire operations: what each serves, what it may answer, how often it may go.

Names are those of the reference, letter for letter: verb and path.
"""

from __future__ import annotations

from portal.providers.voicetel.methods import (
    account,
    e911,
    features,
    inventory,
    messaging,
    network,
    porting,
    support,
)
from portal.providers.voicetel.methods.core import Method

METHODS: dict[str, Method] = {
    method.name: method
    for section in (inventory, features, network, account, e911, porting, messaging, support)
    for method in section.METHODS
}
