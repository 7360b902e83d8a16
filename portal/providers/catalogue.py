"""The catalogue's entry: what one wire operation is, whom it serves and how sure we are of it.

Each provider lists its entries in `methods`; `Provider.methods` shows them to the portal. Tests
compare the lists with the documented operations, the clients, the mappings and the sandbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Domain = Literal["portal", "inventory", "e911", "porting", "messaging", "tollfree"]
# Where names and shapes come from: replies or a schema that were seen, the provider's document,
# our inference from neighbours, or a contract of our own because nothing is published.
Sureness = Literal["seen", "doc", "assumed", "contract"]


@dataclass(frozen=True, kw_only=True, slots=True)
class WireMethod:
    """One operation under its documented name, letter for letter.

    `section` is that of the provider's reference, `capability` a name of `CAPABILITIES`, `function`
    the client's function, `reads` the functions of the provider's `mapping` package that understand
    its reply or write its request ("module.function"); empty where a verdict is all there is.
    `is_idempotent` means that sending it twice leaves the same state and costs nothing more; the
    ledger still asks before it repeats a write. `source` names where an operation beyond the
    provider's own list is documented. `unused` says why no page and no job uses it.
    """

    name: str
    section: str
    domain: Domain
    capability: str
    also_serves: tuple[str, ...] = ()  # further capabilities that rest on it
    function: str
    reads: tuple[str, ...] = ()
    is_write: bool = False
    is_idempotent: bool = True
    sureness: Sureness = "doc"
    source: str = ""
    unused: str = ""

    @property
    def is_listed(self) -> bool:
        """Whether it stands in the provider's own list of operations."""
        return not self.source
