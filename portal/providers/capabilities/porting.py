"""What a provider may do about numbers that move between carriers.

Reads raise the five provider errors. No provider tells of ports by itself: they are polled.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final, Protocol, runtime_checkable

from portal.providers.dto import ItemOutcome
from portal.providers.dto.porting import (
    Portability,
    PortHistory,
    PortReceipt,
    PortRecord,
    PortRequest,
)
from portal.tn import TN


@runtime_checkable
class PortabilityCheck(Protocol):
    """Ask whether a number can be ported in. It costs nothing."""

    def check_portability(self, tn: TN) -> Portability:
        """Return whether it can; the answer may unlock `PortSubmission.submit_port` for a while."""


@runtime_checkable
class PortList(Protocol):
    """List the ports of the account."""

    def list_ports(self) -> Iterator[PortRecord]:
        """Yield them; a provider may leave completed ones out.

        Raises a `ProviderError` when the list turns out incomplete, also after some rows.
        """


@runtime_checkable
class PortRead(Protocol):
    """Read one port whole."""

    def port(self, ref: str) -> PortRecord | None:
        """Return the port by `PortRecord.ref`, None where the account has none of that reference.

        Raises ValueError for a reference that the provider cannot have given.
        """


@runtime_checkable
class PortHistories(Protocol):
    """Tell what ever happened to the ports of a number."""

    def port_history(self, tn: TN) -> PortHistory:
        """Return it; without events where there was no port."""


@runtime_checkable
class PortSubmission(Protocol):
    """Submit a port. It is charged at once and never given back.

    Each number needs an answer "portable" of `check_portability` that is younger than
    `portability_lifetime`.
    """

    portability_lifetime: timedelta

    def submit_port(self, request: PortRequest) -> PortReceipt:
        """Submit once and return the receipt.

        Raises ValueError before anything is sent for a request that the wire cannot carry (also for
        toll-free and geographic numbers together), `ProviderRefused` where nothing was done, and
        `ProviderTimeout` or `ProviderProtocolError` where it may have been submitted and charged:
        then look through `list_ports` for a new port and compare its numbers by `port`. Never send
        it again on a guess.
        """


@runtime_checkable
class PortOutPin(Protocol):
    """Protect a number from being ported away."""

    def set_port_out_pin(self, tn: TN, *, pin: str) -> ItemOutcome:
        """Set the four digits that a gaining carrier has to name.

        They are a secret: neither `values` nor any text of the outcome repeats them.
        """


CAPABILITIES: dict[str, type] = {
    "portability_check": PortabilityCheck,
    "port_list": PortList,
    "port_read": PortRead,
    "port_history": PortHistories,
    "port_submission": PortSubmission,
    "port_out_pin": PortOutPin,
}

LACKING_AT_VOIP_INNOVATIONS: Final[dict[str, str]] = {
    "port_submission": (
        "VoIP Innovations takes port requests in its back office only: enter it there, and the "
        "portal follows it once the provider lists it."
    ),
    "port_out_pin": "VoIP Innovations has no PIN against porting a number away.",
}
LACKING_AT_VOICETEL: Final[dict[str, str]] = {
    "port_history": "VoiceTel tells how far a port is, and not how it got there.",
}


def not_offered_by(name: str) -> dict[str, str]:
    """Return why a provider of toll-free numbers lacks each of these."""
    sentence = f"{name} has toll-free numbers only; they move by a change of their RespOrg."
    return dict.fromkeys(CAPABILITIES, sentence)
