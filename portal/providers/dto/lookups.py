"""What can be looked up of any telephone number, whoever holds it."""

from __future__ import annotations

from dataclasses import dataclass

from portal.tn import TN


@dataclass(frozen=True, kw_only=True, slots=True)
class NameLookup:
    """The caller name that is stored for a number, "" where there is none."""

    tn: TN
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RoutingLookup:
    """Where a call to `tn` from `caller` goes.

    `routing_number` is ten digits, the switch's that serves the number now. `is_interstate` and
    `is_local` are None for words that we do not know; the words are kept.
    """

    tn: TN
    caller: TN
    routing_number: str
    ocn: str = ""
    lata: str = ""
    carrier: str = ""
    carrier_kind: str = ""
    city: str = ""
    state: str = ""
    rate_center: str = ""
    is_interstate: bool | None = None
    jurisdiction_word: str = ""
    is_local: bool | None = None
    local_word: str = ""
