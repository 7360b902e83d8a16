"""Where the calls of a number go: route, forward, failover, the digits that arrive, a script."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from inventory.features.base import Feature, Step, TargetFeature, choice_words, refusal
from inventory.models import CarrierNumber, Route
from portal import providers
from portal.models import AccountFact, ProviderAccount
from portal.providers.capabilities.features import (
    Failover,
    FailoverList,
    Forwarding,
    ForwardList,
    RouteAssignment,
    Translation,
)
from portal.providers.capabilities.holdings import PersonalInventory, Scripts
from portal.providers.dto import ItemOutcome, NumberStatus
from portal.tn import TN


class RouteFeature(Feature):
    """The endpoint group, gateway, package or template that gets the calls.

    Without one a number lies in the provider's personal inventory: ours, and silent.
    """

    name, label, panel = "route", "Route", "calls"
    capability, clear_capability = "route_assignment", "personal_inventory"
    clear_label = "Move it to the personal inventory"
    widget, is_batch = "choice", True
    read_at = "“Refresh” under Routes"
    max_length = 64

    def clean(self, text: str, *, slug: str = "") -> str:
        """Return the reference; the form offers those that are known."""
        ref = text.strip()
        if not ref or len(ref) > 64:
            raise ValueError("Choose a route.")
        return ref

    def choices(self, account: ProviderAccount) -> list[tuple[str, str]]:
        """Return the routes of the account that calls can be sent to."""
        rows = Route.objects.filter(account=account).choosable()
        return [(route.provider_ref, str(route)) for route in rows]

    def shown(self, value: str | None, account: ProviderAccount | None = None) -> str:
        """Return the route's name."""
        if account is None or not value:
            return choice_words(value, {}, nothing="none (personal inventory)")
        route = Route.objects.filter(account=account, provider_ref=value).first()
        return str(route) if route else value

    def present(self, mirror: CarrierNumber | None) -> str | None:
        """Return the route that the mirror has in a column of its own.

        An empty one means something only where numbers may lie without a route.
        """
        if mirror is None or mirror.route_ref:
            return mirror.route_ref if mirror else None
        return "" if providers.offers(mirror.account.slug, self.clear_capability) else None

    def lasts(self, value: str, account: ProviderAccount) -> bool:
        """Return whether it is a route; a template record is copied once and then forgotten."""
        template = Route.objects.filter(account=account, provider_ref=value, kind="template")
        return not template.exists()

    def carry_out(self, provider: Any, steps: Sequence[Step]) -> Iterator[ItemOutcome]:
        """Send the numbers of each route in one go."""
        by_route: dict[str, list[Step]] = {}
        for step in steps:
            by_route.setdefault(step.value, []).append(step)
        for ref, members in by_route.items():
            yield from self._to_route(provider, ref, members)

    def _to_route(
        self,
        provider: RouteAssignment | PersonalInventory,
        ref: str,
        members: Sequence[Step],
    ) -> Iterator[ItemOutcome]:
        tns = [step.tn for step in members]
        reference = members[0].reference
        try:
            if ref:
                yield from provider.assign_route(tns, route_ref=ref, reference=reference)  # type: ignore[union-attr]
            else:
                yield from provider.move_to_personal(tns, reference=reference)  # type: ignore[union-attr]
        except ValueError as error:
            for tn in tns:
                yield refusal(tn, f"It cannot be sent: {error}. Nothing was changed.")

    def read(self, provider: Any, tn: TN, status: NumberStatus | None) -> str | None:
        """Return the route that the provider's answer about the number holds."""
        return status.owned.route_ref if status and status.owned else None


class ForwardFeature(TargetFeature):
    """All calls go to another number instead of the route."""

    name, label, panel = "forward_to", "Forward", "calls"
    capability = read_capability = "forwarding"
    list_capability = "forward_list"
    clear_label = "Remove the forward"
    help = "All calls go there, past the route."

    def set(self, provider: Forwarding, step: Step) -> ItemOutcome:
        """Forward."""
        return provider.set_forward(step.tn, to=TN(step.value))

    def clear(self, provider: Forwarding, step: Step) -> ItemOutcome:
        """Send calls back to the route where they went before.

        A provider that knows by itself where that is does not take a route here.
        """
        if step.route_ref:
            try:
                return provider.remove_forward(step.tn, route_ref=step.route_ref)
            except ValueError:
                return provider.remove_forward(step.tn)
        return provider.remove_forward(step.tn)

    def read(self, provider: Forwarding, tn: TN, status: NumberStatus | None) -> str | None:
        """Ask for the forward."""
        return provider.forward(tn) or ""

    def listed(self, provider: ForwardList) -> Iterator[tuple[TN, str]]:
        """List the forwards."""
        return ((one.tn, one.to) for one in provider.list_forwards())


class FailoverFeature(TargetFeature):
    """Calls go to another number when the route does not answer."""

    name, label, panel = "failover_to", "Failover", "calls"
    capability = read_capability = "failover"
    list_capability = "failover_list"
    clear_label = "Remove the failover"
    help = "Calls go there when the route does not answer."

    def set(self, provider: Failover, step: Step) -> ItemOutcome:
        """Set or replace the target."""
        return provider.set_failover(step.tn, to=TN(step.value))

    def clear(self, provider: Failover, step: Step) -> ItemOutcome:
        """Remove the target."""
        return provider.remove_failover(step.tn)

    def read(self, provider: Failover, tn: TN, status: NumberStatus | None) -> str | None:
        """Ask for the target."""
        return provider.failover(tn) or ""

    def listed(self, provider: FailoverList) -> Iterator[tuple[TN, str]]:
        """List the failovers."""
        return ((one.tn, one.to) for one in provider.list_failovers())


class TranslationFeature(Feature):
    """The digits that the route receives instead of the number's own."""

    name, label, panel = "translated_to", "Translation", "calls"
    capability = "translation"
    clear_label = "Send the number’s own digits"
    help = "Digits and #, as the equipment at the end of the route wants them."
    max_length = 20

    def clean(self, text: str, *, slug: str = "") -> str:
        """Return the digits without punctuation."""
        digits = re.sub(r"[\s().\-+]", "", text)
        if not re.fullmatch(r"[0-9#]{1,20}", digits, re.ASCII):
            raise ValueError("Write up to 20 digits and # signs.")
        return digits

    def told(self, tn: TN, text: str) -> str:
        """Return the digits; the number's own ones mean that nothing is translated."""
        return "" if tn.is_nanp and text in {tn.digits10, f"1{tn.digits10}"} else text

    def set(self, provider: Translation, step: Step) -> ItemOutcome:
        """Set the digits."""
        return provider.set_translation(step.tn, digits=step.value)

    def clear(self, provider: Translation, step: Step) -> ItemOutcome:
        """Set the number's own digits."""
        return provider.set_translation(step.tn, digits=step.tn.digits10)


class ScriptFeature(Feature):
    """A program at the provider answers the calls."""

    name, label, panel = "script_ref", "Script", "calls"
    capability, widget = "scripts", "choice"
    clear_label = "Give the calls back to the route"
    read_at = "“Refresh” on the network page of its provider account"
    help = "A program of the provider answers instead of the route."
    max_length = 64

    def clean(self, text: str, *, slug: str = "") -> str:
        """Return the script's reference."""
        if not text.strip():
            raise ValueError("Choose a script.")
        return text.strip()

    def choices(self, account: ProviderAccount) -> list[tuple[str, str]]:
        """Return the scripts that were listed last."""
        fact = AccountFact.objects.filter(account=account, kind="scripts").first()
        rows = fact.content.get("rows", []) if fact else []
        return [(row["ref"], row.get("name") or row["ref"]) for row in rows if row.get("ref")]

    def shown(self, value: str | None, account: ProviderAccount | None = None) -> str:
        """Return the script's name."""
        return choice_words(value, dict(self.choices(account)) if account and value else {})

    def set(self, provider: Scripts, step: Step) -> ItemOutcome:
        """Give the calls to the script."""
        return provider.program_tn(step.tn, script_ref=step.value)

    def clear(self, provider: Scripts, step: Step) -> ItemOutcome:
        """Give the calls back to the route."""
        return provider.unprogram_tn(step.tn, route_ref=step.route_ref)
