"""The wire: one typed function per operation, named after it (voicetel.md).

Functions check their arguments before anything is sent (ValueError), judge the envelope and return
records as the provider spells them. The fate of each number is in the records; `mapping` reads it.
"""

from __future__ import annotations

from portal.providers.voicetel.client.account import AccountOperations
from portal.providers.voicetel.client.e911 import E911
from portal.providers.voicetel.client.features import Features
from portal.providers.voicetel.client.inventory import (
    MAX_QUANTITY,
    ORDER_BATCH,
    CountBy,
    Inventory,
    OrderedNumber,
)
from portal.providers.voicetel.client.messaging import Messaging
from portal.providers.voicetel.client.network import Network
from portal.providers.voicetel.client.porting import Porting
from portal.providers.voicetel.client.support import Support

__all__ = ["MAX_QUANTITY", "ORDER_BATCH", "Client", "CountBy", "OrderedNumber"]


class Client(Inventory, Features, Network, AccountOperations, E911, Porting, Messaging, Support):
    """Every operation of one account."""
