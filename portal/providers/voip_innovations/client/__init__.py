"""The wire: one typed function per operation, named after it (voip-innovations.md sections 1, 2).

Functions check their arguments before anything is sent (ValueError), judge the outer verdict, and
return records as the provider spells them, keys in lower case. The fate of each number is in the
records; `mapping` reads it. Nothing is retried here.
"""

from __future__ import annotations

from portal.providers.voip_innovations.client.account import AccountOperations
from portal.providers.voip_innovations.client.core import WSDL, judge
from portal.providers.voip_innovations.client.e911 import E911
from portal.providers.voip_innovations.client.features import Features
from portal.providers.voip_innovations.client.inventory import (
    BATCH,
    DIDParam,
    Inventory,
    StockFilter,
)
from portal.providers.voip_innovations.client.messaging import Messaging
from portal.providers.voip_innovations.client.porting import Porting

__all__ = ["BATCH", "WSDL", "Client", "DIDParam", "StockFilter", "judge"]


class Client(Inventory, Features, E911, Porting, Messaging, AccountOperations):
    """Every operation of one account."""
