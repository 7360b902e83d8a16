"""Tying an order to the port that its provider made of it, by id or by the history of a number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portal import jobs, providers
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Item, Operation, Problem, register
from portal.providers.dto import ItemOutcome
from portal.providers.dto.porting import PortRecord
from portal.tn import TN
from porting.models import PortOrder
from porting.operations.base import done, order_of, refused, spend, target_of
from porting.services import matching
from porting.services.moving import IllegalMove


@register
class MatchPort(Operation):
    """Find the provider's port of an order that was entered by hand, and compare the numbers.

    With `ref` that port is read. Without it the history of the order's first number is asked,
    which tells of completed ports too, then the list.
    """

    kind, permission = "porting.match", "porting.change_portorder"
    capability, queue = "port_read", "interactive"
    also_uses = ("port_list", "port_history")

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which order is looked for."""
        return f"Find port {order_of(items[0].target)} at the provider"

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return the order."""
        return f"port:{params['order']}"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return why an order needs no port found."""
        order = PortOrder.objects.filter(pk=params["order"]).first()
        if order is None or order.is_over or order.state in ("draft", "customer_input"):
            return [Problem(message="The order is not at the provider. Nothing was asked.")]
        return []

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Look for the port."""
        target = part.items[0].target
        order = PortOrder.objects.get(pk=run.job.params["order"])
        try:
            port, words = self._find(provider, run, order, run.job.params.get("ref", ""))
        except ValueError as error:
            yield refused(target, f"This is no port id of the provider: {error}.")
            return
        if port is None:
            yield refused(target, words)
            return
        if words := matching.why_no_match(order, port):
            yield refused(target, f"{words} Nothing was changed.", code="other_numbers")
            return
        run.scratch["port"] = port
        yield done(target, f"It is {port.ref}.", provider_ref=port.ref)

    def _find(
        self, provider: Any, run: Any, order: PortOrder, ref: str
    ) -> tuple[PortRecord | None, str]:
        spend(run)
        if ref:
            words = f"The provider does not know the port {ref}. Nothing was changed."
            return provider.port(ref), words
        first = TN(order.lines.active().order_by("tn").values_list("tn", flat=True)[0])
        if providers.offers(run.account.slug, "port_history"):
            history = provider.port_history(first)
            if history.port is not None and history.port.numbers:
                return history.port, ""
            if history.port is not None:
                spend(run)
                return provider.port(history.port.ref), ""
        if providers.offers(run.account.slug, "port_list"):
            return self._listed(
                provider, run, first
            ), f"The provider lists no port of {first.pretty}."
        return None, f"The provider tells of no port of {first.pretty}."

    def _listed(self, provider: Any, run: Any, first: TN) -> PortRecord | None:
        records = list(provider.list_ports())
        for ref in matching.worth_reading(run.account, records)[:20]:
            spend(run)
            port: PortRecord | None = provider.port(ref)
            if port is not None and first in {number.tn for number in port.numbers}:
                return port
        return None

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Tie the order to the port that was found."""
        port = run.scratch.get("port")
        if port is None or items[0].status != JobItem.Status.SUCCEEDED:
            return
        order = PortOrder.objects.get(pk=run.job.params["order"])
        try:
            matching.join(order, port, actor=run.job.actor, job=run.job)
        except IllegalMove as error:
            run.job.result = {"note": str(error)}


def match(order: PortOrder, ref: str = "", *, actor: User) -> Job:
    """Look for an order's port at its provider, or read the one with this id; returns the job."""
    return jobs.submit(
        MatchPort.kind,
        actor=actor,
        account=order.account,
        params={"order": order.pk, "ref": ref.strip()},
        items=[Item(target=target_of(order.pk))],
    )
