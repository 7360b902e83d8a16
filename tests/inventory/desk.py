"""Providers for tests of features: one that can do much and keeps it, and one that can do little."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import pytest

from inventory.models import CarrierNumber, TelephoneNumber
from portal import providers
from portal.models import ProviderAccount
from portal.providers.base import Limits, Provider, WireCall, WireReply
from portal.providers.capabilities import CAPABILITIES
from portal.providers.dto import ItemOutcome, NumberStatus, Outcome, OwnedNumber, Ownership
from portal.providers.dto.features import ConferenceLine, EmailToFax, NumberGroup
from portal.providers.errors import ProviderError, ProviderRefused, ProviderTimeout
from portal.tn import TN
from tests import factories

AT_THE_BOOTH = frozenset({"number_query", "route_assignment"})
AT_THE_DESK = AT_THE_BOOTH | {
    *("personal_inventory", "forwarding", "failover", "caller_name", "caller_name_lookup"),
    *("conferencing", "fax_sending", "number_groups", "number_removal", "number_transfer"),
}


class Booth(Provider):
    """Knows numbers and routes, and nothing else."""

    slug, name = "booth", "Booth"
    credential_fields = ()
    default_base_url = "http://127.0.0.1:9"
    limits = Limits(order_batch=3)
    not_offered = dict.fromkeys(set(CAPABILITIES) - AT_THE_BOOTH, "The booth does not offer this.")

    held: ClassVar[dict[str, dict[str, Any]]] = defaultdict(dict)
    script: ClassVar[list[ProviderError | str]] = []
    sent: ClassVar[list[tuple[str, str, str]]] = []
    gone: ClassVar[set[str]] = set()

    @classmethod
    def reset(cls) -> None:
        """Forget everything."""
        cls.held, cls.script, cls.sent, cls.gone = defaultdict(dict), [], [], set()

    def _exchange(self, operation: str, *, is_write: bool, outcome: str = "answered") -> None:
        self.runtime.guard()
        call = WireCall(
            operation=operation,
            is_write=is_write,
            method="POST",
            url="http://desk/",
            headers={},
            body="",
        )
        handle = self.runtime.before_send(call)
        self.runtime.after_reply(handle, WireReply(outcome=outcome, status=200))

    def _change(self, name: str, tn: TN, value: Any, **values: str) -> ItemOutcome:
        """Carry out the next step of the script: words refuse, an error is raised, else it is done.

        A time-out with the code "done" carries it out all the same.
        """
        step = type(self).script.pop(0) if type(self).script else None
        if isinstance(step, ProviderError):
            is_lost = isinstance(step, ProviderTimeout)
            self._exchange(name, is_write=True, outcome="timeout" if is_lost else "refused")
            if step.code == "done":
                type(self).held[tn][name] = value
            raise step
        self._exchange(name, is_write=True)
        type(self).sent.append((name, tn, str(value)))
        if step is not None:
            return ItemOutcome(tn=tn, outcome=Outcome.REFUSED, code="77", message=step)
        type(self).held[tn][name] = value
        return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, values=values)

    def _told(self, name: str, tn: TN, default: Any) -> Any:
        self._exchange(f"get {name}", is_write=False)
        if tn in type(self).gone:
            raise ProviderRefused("Not your number.", code="404")
        return type(self).held[tn].get(name, default)

    def query_tn(self, tn: TN) -> NumberStatus:
        """Tell who holds a number, and its route."""
        self._exchange("query", is_write=False)
        if tn in type(self).gone:
            return NumberStatus(tn=tn, ownership=Ownership.NOT_FOUND)
        route = type(self).held[tn].get("route", "13550")
        owned = OwnedNumber(tn=tn, route_ref=route, state_word="assigned")
        return NumberStatus(tn=tn, ownership=Ownership.OURS, word="assigned", owned=owned)

    def assign_route(
        self, tns: Sequence[TN], *, route_ref: str, reference: str = ""
    ) -> Iterator[ItemOutcome]:
        """Change routes."""
        if not route_ref.isdigit():
            raise ValueError("a route is a number")
        for tn in tns:
            yield self._change("route", tn, route_ref)


class Desk(Booth):
    """Does most of what one number can have done to it."""

    slug, name = "desk", "Desk"
    not_offered = dict.fromkeys(set(CAPABILITIES) - AT_THE_DESK, "The desk does not offer this.")

    held: ClassVar[dict[str, dict[str, Any]]] = defaultdict(dict)
    script: ClassVar[list[ProviderError | str]] = []
    sent: ClassVar[list[tuple[str, str, str]]] = []
    gone: ClassVar[set[str]] = set()
    stored_only: ClassVar[str] = ""  # words with which the carriers' database refuses a name

    def list_personal(self, kind: object = None) -> Iterator[TN]:
        """List nothing."""
        yield from ()

    list_unconfigured = list_personal

    def move_to_personal(self, tns: Sequence[TN], *, reference: str = "") -> Iterator[ItemOutcome]:
        """Take routes away."""
        for tn in tns:
            yield self._change("route", tn, "")

    def forward(self, tn: TN) -> TN | None:
        """Tell the forward."""
        return self._told("forward", tn, None)

    def set_forward(self, tn: TN, *, to: TN) -> ItemOutcome:
        """Forward."""
        return self._change("forward", tn, to, forward_to=to.digits10)

    def remove_forward(self, tn: TN, *, route_ref: str = "") -> ItemOutcome:
        """Remove the forward; wants the route to which calls go then."""
        if not route_ref:
            raise ValueError("no route")
        return self._change("forward", tn, None, forward_to="")

    def failover(self, tn: TN) -> TN | None:
        """Tell the failover."""
        return self._told("failover", tn, None)

    def set_failover(self, tn: TN, *, to: TN) -> ItemOutcome:
        """Set the failover."""
        return self._change("failover", tn, to)

    def remove_failover(self, tn: TN) -> ItemOutcome:
        """Remove the failover."""
        return self._change("failover", tn, None)

    def set_caller_name_lookup(self, tn: TN, *, is_on: bool) -> ItemOutcome:
        """Switch the lookup."""
        return self._change("lookup", tn, is_on, inbound_cnam=str(is_on).lower())

    def set_caller_name(self, tn: TN, *, name: str, reference: str = "") -> ItemOutcome:
        """Store a name; the carriers' database may not take it."""
        if type(self).stored_only:
            self._exchange("name", is_write=True)
            return ItemOutcome(
                tn=tn,
                outcome=Outcome.REFUSED,
                message=type(self).stored_only,
                values={"cnam_name": name},
            )
        return self._change("name", tn, name, cnam_name=name)

    def conference_line(self, tn: TN) -> ConferenceLine:
        """Tell the line with its PIN."""
        pin = self._told("conference", tn, "")
        return ConferenceLine(tn=tn, is_on=bool(pin), pin=pin)

    def set_conference_line(self, tn: TN, *, pin: str) -> ItemOutcome:
        """Switch it on."""
        return self._change("conference", tn, pin)

    def remove_conference_line(self, tn: TN) -> ItemOutcome:
        """Switch it off."""
        return self._change("conference", tn, "")

    def email_to_fax(self, tn: TN) -> EmailToFax:
        """Tell who may send."""
        return EmailToFax(tn=tn, emails=tuple(self._told("senders", tn, ())))

    def add_email_to_fax(self, tn: TN, *, email: str) -> ItemOutcome:
        """Add one."""
        return self._change("senders", tn, (*type(self).held[tn].get("senders", ()), email))

    def remove_email_to_fax(self, tn: TN, *, email: str) -> ItemOutcome:
        """Take one off."""
        left = [one for one in type(self).held[tn].get("senders", ()) if one != email]
        return self._change("senders", tn, tuple(left))

    def list_groups(self) -> list[NumberGroup]:
        """List one group."""
        return [NumberGroup(ref="7", name="Front")]

    def create_group(self, name: str) -> NumberGroup:
        """Make a group."""
        return NumberGroup(ref="8", name=name)

    def group_of(self, tn: TN) -> NumberGroup | None:
        """Tell the group."""
        ref = self._told("group", tn, "")
        return NumberGroup(ref=ref, name=f"Group {ref}") if ref else None

    def group_members(self, group_ref: str) -> Iterator[OwnedNumber]:
        """List nobody."""
        yield from ()

    def set_group(self, tn: TN, *, group_ref: str) -> ItemOutcome:
        """Put it into a group."""
        return self._change("group", tn, group_ref)

    def remove_from_group(self, tn: TN) -> ItemOutcome:
        """Take it out."""
        return self._change("group", tn, "")

    def remove_tn(self, tn: TN) -> ItemOutcome:
        """Remove a number."""
        return self._change("removal", tn, "gone")

    def transfer_tn(self, tn: TN, *, account_ref: str, route_ref: str) -> ItemOutcome:
        """Move a number."""
        return self._change("transfer", tn, f"{account_ref}/{route_ref}")


@pytest.fixture
def desks(monkeypatch, db) -> dict[str, ProviderAccount]:
    """Make desk and booth the only providers; return an account at each, by slug."""
    monkeypatch.setattr(providers, "REGISTRY", {})
    for cls in (Desk, Booth):
        cls.reset()
        monkeypatch.setitem(providers.REGISTRY, cls.slug, f"{__name__}.{cls.__name__}")
    Desk.stored_only = ""
    providers.provider_class.cache_clear()
    yield {
        slug: factories.make_account(slug, name=name, credentials={}, settings={})
        for slug, name in (("desk", "Desk main"), ("booth", "Booth main"))
    }
    providers.provider_class.cache_clear()


def make_number(account: ProviderAccount, tn: str, **fields: Any) -> TelephoneNumber:
    """Return a number in stock with a mirror that knows its route alone."""
    values = fields.pop("values", {})
    number = factories.make_tn(tn, account=account, **fields)
    CarrierNumber.objects.create(
        account=account, tn=number.tn, route_ref="13550", values=values, fingerprint="f"
    )
    return number


def hidden(response: Any) -> dict[str, str]:
    """Return the hidden fields of a page's last form."""
    found = re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)"', response.content.decode()
    )
    return {name: value.replace("&amp;", "&") for name, value in found}
