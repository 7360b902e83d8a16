"""What a provider may do for one number beside letting it ring.

Writes on one number return `ItemOutcome`: succeeded, refused (with the provider's code and words
and our advice), or pending where the provider goes on alone. Nothing is sent twice. They raise
ValueError for arguments that the provider's wire cannot carry, before anything is sent, and
`ProviderTimeout` or `ProviderProtocolError` where nobody knows what was carried out; a refusal of
that one number is never raised. Reads of one number raise `ProviderRefused` for a number that is
not ours, and return nothing where it is ours and nothing is set. The same holds for `holdings`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from portal.providers.capabilities import holdings
from portal.providers.dto import ItemOutcome, RouteRecord
from portal.providers.dto.features import ConferenceLine, Diversion, EmailToFax, FaxToEmail
from portal.tn import TN

# -- where calls go ---------------------------------------------------------------------------


@runtime_checkable
class RouteAssignment(Protocol):
    """Send the calls of numbers to another route."""

    def assign_route(
        self, tns: Sequence[TN], *, route_ref: str, reference: str = ""
    ) -> Iterator[ItemOutcome]:
        """Yield one outcome per number as it becomes known; `route_ref` is a `RouteRecord.ref`.

        Raises `ProviderTimeout` or `ProviderProtocolError` when an answer was lost: numbers without
        an outcome yet may then have been changed.
        """


@runtime_checkable
class RouteRead(Protocol):
    """Read one route."""

    def route(self, route_ref: str) -> RouteRecord | None:
        """Return the route, None where the account has none of that reference."""


@runtime_checkable
class RouteSwitch(Protocol):
    """Switch a route off and on again: all its numbers stop or start to ring."""

    def set_route_active(self, route_ref: str, *, is_active: bool) -> None:
        """Return once it was carried out; raises a `ProviderError` otherwise."""


@runtime_checkable
class Forwarding(Protocol):
    """Send all calls of a number to another number instead of its route."""

    def forward(self, tn: TN) -> TN | None:
        """Return where calls go, None where they go to the number's route."""

    def set_forward(self, tn: TN, *, to: TN) -> ItemOutcome:
        """Forward all calls; `values` confirms ``forward_to``."""

    def remove_forward(self, tn: TN, *, route_ref: str = "") -> ItemOutcome:
        """Send calls to a route again: that one, the account's default, or where they went before."""


@runtime_checkable
class ForwardList(Protocol):
    """List every forward of the account."""

    def list_forwards(self) -> Iterator[Diversion]:
        """Yield them as a stream."""


@runtime_checkable
class Failover(Protocol):
    """Send calls to another number when the number's route does not answer."""

    def failover(self, tn: TN) -> TN | None:
        """Return where calls go then, None where nothing is set."""

    def set_failover(self, tn: TN, *, to: TN) -> ItemOutcome:
        """Set or replace the target; `values` confirms ``failover_to``."""

    def remove_failover(self, tn: TN) -> ItemOutcome:
        """Remove the target; succeeds too where none was set."""


@runtime_checkable
class FailoverList(Protocol):
    """List every failover of the account."""

    def list_failovers(self) -> Iterator[Diversion]:
        """Yield them as a stream."""


@runtime_checkable
class Translation(Protocol):
    """Choose the digits that a number's route receives."""

    def set_translation(self, tn: TN, *, digits: str) -> ItemOutcome:
        """Set the digits, `values` confirms ``translated_to``; the number's own ones undo it."""


# -- names ------------------------------------------------------------------------------------


@runtime_checkable
class CallerNameLookup(Protocol):
    """Show the names of callers: a lookup at each incoming call, usually charged."""

    def set_caller_name_lookup(self, tn: TN, *, is_on: bool) -> ItemOutcome:
        """Switch it; `values` confirms ``inbound_cnam`` as ``true`` or ``false``."""


@runtime_checkable
class CallerName(Protocol):
    """Set the name that the other side of an outgoing call may see."""

    def set_caller_name(self, tn: TN, *, name: str, reference: str = "") -> ItemOutcome:
        """Store a name of at most `NAME_LENGTH` letters, digits and blanks.

        `values` confirms ``cnam_name`` as it was stored. Where the provider stored it and the
        carriers' database did not take it, the outcome is refused, its message says so, and
        ``values`` holds the stored name all the same.
        """


@runtime_checkable
class CallerNameRead(Protocol):
    """Read the outbound caller name of a number."""

    def caller_name(self, tn: TN) -> str:
        """Return the stored name, "" where there is none."""


@runtime_checkable
class CallerNameRemoval(Protocol):
    """Take the outbound caller name off a number."""

    def remove_caller_name(self, tn: TN) -> ItemOutcome:
        """Remove it."""


# -- conference and fax -----------------------------------------------------------------------


@runtime_checkable
class Conferencing(Protocol):
    """Let a number answer with a conference."""

    def conference_line(self, tn: TN) -> ConferenceLine:
        """Return its state."""

    def set_conference_line(self, tn: TN, *, pin: str) -> ItemOutcome:
        """Switch it on; `pin` has at most `PIN_LENGTH` digits."""

    def remove_conference_line(self, tn: TN) -> ItemOutcome:
        """Switch it off."""


@runtime_checkable
class ConferenceList(Protocol):
    """List every conference line of the account."""

    def list_conference_lines(self) -> Iterator[ConferenceLine]:
        """Yield them as a stream."""


@runtime_checkable
class FaxByEmail(Protocol):
    """Take faxes to a number and mail them."""

    def fax_to_email(self, tn: TN) -> FaxToEmail:
        """Return where they are mailed; without addresses nothing is set."""

    def set_fax_to_email(self, tn: TN, *, email: str) -> ItemOutcome:
        """Set or replace the address; `values` confirms ``fax_email``."""

    def remove_fax_to_email(self, tn: TN) -> ItemOutcome:
        """Take no more faxes."""


@runtime_checkable
class FaxList(Protocol):
    """List every number of the account that takes faxes."""

    def list_fax_to_email(self) -> Iterator[FaxToEmail]:
        """Yield them as a stream."""


@runtime_checkable
class FaxNotifications(Protocol):
    """Choose whether a number's fax address is told of failed and finished faxes."""

    def set_fax_notifications(self, tn: TN, *, is_on: bool) -> ItemOutcome:
        """Switch them."""


@runtime_checkable
class FaxSending(Protocol):
    """Let people send faxes from a number by writing a mail."""

    def email_to_fax(self, tn: TN) -> EmailToFax:
        """Return who may; without addresses nobody."""

    def add_email_to_fax(self, tn: TN, *, email: str) -> ItemOutcome:
        """Allow one more address."""

    def remove_email_to_fax(self, tn: TN, *, email: str) -> ItemOutcome:
        """Forbid an address; a provider may forget it on every number of the account."""


CAPABILITIES: dict[str, type] = {
    "route_assignment": RouteAssignment,
    "route_read": RouteRead,
    "route_switch": RouteSwitch,
    "forwarding": Forwarding,
    "forward_list": ForwardList,
    "failover": Failover,
    "failover_list": FailoverList,
    "translation": Translation,
    "caller_name_lookup": CallerNameLookup,
    "caller_name": CallerName,
    "caller_name_read": CallerNameRead,
    "caller_name_removal": CallerNameRemoval,
    "conferencing": Conferencing,
    "conference_list": ConferenceList,
    "fax_by_email": FaxByEmail,
    "fax_list": FaxList,
    "fax_notifications": FaxNotifications,
    "fax_sending": FaxSending,
    **holdings.CAPABILITIES,
}
