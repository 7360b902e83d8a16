"""Routes of an account: looked at, switched, made, changed and removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.utils import timezone

from inventory import targets
from inventory.models import Route
from inventory.services import routes as services_routes
from portal import audit
from portal.account_operations.base import AccountRead
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Answer, Item, Operation, Problem, register
from portal.providers.capabilities.features import RouteRead, RouteSwitch
from portal.providers.capabilities.network import GatewayEditing, RouteNumbers
from portal.providers.dto import ItemOutcome, Outcome, RouteRecord
from portal.providers.dto.network import Gateway
from portal.tn import TN

NAMED = 5  # numbers that a sentence names
READ_BACK = "Asked the provider: it is as was wanted."
NOT_YET = "Asked the provider: it is as it was."


@register
class ReadRoute(AccountRead):
    """Ask about one route: what it is now, and how many numbers the provider sends there."""

    kind, permission = "inventory.read_route", "inventory.sync_account"
    capability = "route_read"
    also_uses = ("route_numbers",)
    queue = "interactive"
    max_attempts = 2
    words = "Refresh a route of"

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return the route: one question about it at a time."""
        return f"route:{account.pk}:{params['ref']}"[:64] if account else ""

    def call(self, provider: RouteRead, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Read the route, and count its numbers where the provider lists them."""
        ref = run.job.params["ref"]
        run.scratch["route"] = found = provider.route(ref)
        if found is not None and isinstance(provider, RouteNumbers):
            run.scratch["count"] = sum(1 for _ in provider.route_numbers(ref))
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Write the route; one that is not there any more is marked."""
        if "route" not in run.scratch:
            return
        found = run.scratch["route"]
        if found is None:
            services_routes.route_gone(run.account, run.job.params["ref"])
        else:
            services_routes.file_route(run.account, found)
        run.job.result = {"is_there": found is not None}
        if "count" in run.scratch:
            run.job.result["numbers"] = run.scratch["count"]


class RouteWrite(Operation):
    """A change of one route, or a new one; ``params`` of its only row hold what it is about."""

    permission = "inventory.configure_route"
    is_write = True
    queue = "interactive"
    verb = ""  # of the audit entry

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """File the route as the provider has it now, and audit what changed."""
        for item in items:
            if item.status != JobItem.Status.SUCCEEDED:
                continue
            ref = item.provider_ref or item.params["ref"]
            known = Route.objects.filter(account=run.account, provider_ref=ref).first()
            before = services_routes.route_facts(known) if known else {}
            route = self.filed(run, item, ref, known)
            if route is not None:
                after = {} if route.missing_since else services_routes.route_facts(route)
                facts: dict[str, Any] = {"before": before, "after": after}
                audit.record(run.job.actor, self.verb, route, job=run.job, **facts)

    def filed(self, run: Any, item: JobItem, ref: str, known: Route | None) -> Route | None:
        """Write what holds now into the cache and return the row."""
        if not ref:
            return None  # a person says that it was made; the next list brings it in
        record = run.scratch.get("route") or _as_wanted(ref, item.params, known)
        return services_routes.file_route(run.account, record)


def _as_wanted(ref: str, params: Mapping[str, Any], known: Route | None) -> RouteRecord:
    """Return a route as it was asked for, where no answer told it: a person settled the row."""
    details = dict(known.details) if known else {}
    details |= {name: params[name] for name in ("prefix", "limit") if params.get(name) is not None}
    name = params.get("address") or (known.name if known else f"Gateway {ref}")
    return RouteRecord(ref=ref, name=name, kind=known.kind if known else "gateway", details=details)


@register
class SwitchRoute(RouteWrite):
    """Switch a route on or off: all its numbers start or stop to ring."""

    kind = "inventory.switch_route"
    capability = "route_switch"
    also_uses = ("route_read",)
    verb = "inventory.route.switched"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which route is switched."""
        return f"{'Activate' if params['is_active'] else 'Deactivate'} route {params['name']}"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return, before it is recorded, why it cannot be switched: it is gone, or so already."""
        if job is not None:
            return []
        route, problems = _listed(account, params)
        if route is not None and route.is_active == params["is_active"]:
            state = "active" if route.is_active else "inactive"
            return [Problem(message=f"{route.name} is {state} already. Nothing was sent.")]
        return problems

    def call(self, provider: RouteSwitch, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Switch it."""
        for item in part.items:
            try:
                provider.set_route_active(item.params["ref"], is_active=run.job.params["is_active"])
            except ValueError as error:
                yield targets.unsendable(item.target, error)
            else:
                yield targets.done(item.target)

    def filed(self, run: Any, item: JobItem, ref: str, known: Route | None) -> Route | None:
        """Write the new state."""
        if known is not None:
            known.is_active = run.job.params["is_active"]
            known.synced_at = timezone.now()
            known.save(update_fields=["is_active", "synced_at"])
        return known

    def ask(self, provider: RouteRead, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Look at the route itself."""
        for item in items:
            found = provider.route(item.params["ref"])
            if found is None:
                yield Answer(item=item, verdict="unclear", words="The route is not there any more.")
            else:
                yield _answer(item, is_done=found.is_active == run.job.params["is_active"])


def _answer(item: JobItem, *, is_done: bool, ref: str = "") -> Answer:
    if not is_done:
        return Answer(item=item, verdict="not_done", words=NOT_YET)
    outcome = targets.done(item.target, READ_BACK, provider_ref=ref)
    return Answer(item=item, verdict="done", outcome=outcome)


@register
class SaveGateway(RouteWrite):
    """Make a gateway, or change one: ``params["ref"]`` is empty for a new one.

    Making is not idempotent: the gateways that were there are kept with the row, and after a lost
    answer a new one with the wanted address is looked for.
    """

    kind = "inventory.save_gateway"
    capability = "gateway_editing"
    also_uses = ("route_read", "route_list")
    verb = "inventory.route.saved"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which gateway is made or changed."""
        return f"{'Change' if params.get('ref') else 'Add'} gateway {params['name']}"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return why a gateway cannot be changed: it is the provider's own, or gone."""
        return _not_ours(account, params) if params.get("ref") else []

    def call(self, provider: GatewayEditing, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Send it; what was there before a new one is noted first."""
        for item in part.items:
            wanted = _gateway(item.params)
            try:
                if item.params["ref"]:
                    found = provider.change_gateway(item.params["ref"], wanted)
                else:
                    _note_known(provider, item)
                    found = provider.create_gateway(wanted)
            except ValueError as error:
                yield targets.unsendable(item.target, error)
            else:
                run.scratch["route"] = found
                yield targets.done(item.target, provider_ref=found.ref)

    def ask(self, provider: Any, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Look at the gateway, or for a new one with the wanted address."""
        for item in items:
            if ref := item.params["ref"]:
                found = provider.route(ref)
            else:
                known = set(item.before.get("refs", ()))
                made = [one for one in provider.list_routes() if one.ref not in known]
                found = next((one for one in made if _fits(one, item.params)), None)
            is_done = found is not None and _fits(found, item.params)
            if is_done:
                run.scratch["route"] = found
            yield _answer(item, is_done=is_done, ref=found.ref if found else "")


def _note_known(provider: Any, item: JobItem) -> None:
    item.before = {"refs": [route.ref for route in provider.list_routes()]}
    JobItem.objects.filter(pk=item.pk).update(before=item.before)


def _gateway(params: Mapping[str, Any]) -> Gateway:
    return Gateway(
        address=params.get("address"), prefix=params.get("prefix"), limit=params.get("limit")
    )


def _fits(found: RouteRecord, params: Mapping[str, Any]) -> bool:
    """Return whether a gateway is as it was wanted; the spelling of a host name does not matter."""
    address = params.get("address")
    if address is not None and found.name.casefold() != address.casefold():
        return False
    return all(
        str(found.details.get(name) or "") == str(params[name] or "")
        for name in ("prefix", "limit")
        if params.get(name) is not None
    )


def _listed(
    account: ProviderAccount | None, params: Mapping[str, Any]
) -> tuple[Route | None, list[Problem]]:
    """Return a route that the provider lists; None and a problem for one that it does not."""
    listed = Route.objects.filter(account=account, missing_since=None)
    if route := listed.filter(provider_ref=params["ref"]).first():
        return route, []
    words = "The provider lists this route no longer. Nothing was sent."
    return None, [Problem(message=words)]


def _not_ours(account: ProviderAccount | None, params: Mapping[str, Any]) -> list[Problem]:
    route, problems = _listed(account, params)
    if route is not None and route.is_system:
        words = f"{route.name} is one of the provider’s own gateways. It cannot be changed."
        return [Problem(message=f"{words} Nothing was sent.")]
    return problems


@register
class RemoveGateway(RouteWrite):
    """Remove a gateway; refused while numbers are on it, here or at the provider."""

    kind = "inventory.remove_gateway"
    capability = "gateway_editing"
    also_uses = ("route_numbers", "route_read")
    verb = "inventory.route.removed"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return which gateway is removed."""
        return f"Remove gateway {params['name']}"

    def check(
        self,
        *,
        actor: User | None,
        account: ProviderAccount | None,
        params: Mapping[str, Any],
        targets: Sequence[str],
        job: Job | None = None,
    ) -> list[Problem]:
        """Return why it cannot go: numbers of ours are on it, or it is the provider's own."""
        if found := _not_ours(account, params):
            return found
        on_it = list(
            services_routes.numbers_of(account, params["ref"]).values_list("tn", flat=True)[
                : NAMED + 1
            ]
        )
        return [Problem(message=_on_it(on_it), advice="Move them first.")] if on_it else []

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Look whether the provider has numbers on it, then remove it."""
        for item in part.items:
            ref = item.params["ref"]
            try:
                on_it = _first_numbers(provider, ref)
                if not on_it:
                    provider.remove_gateway(ref)
            except ValueError as error:
                yield targets.unsendable(item.target, error)
                continue
            if on_it:
                facts = {"code": "not_sent", "advice": "Move them first."}
                yield targets.outcome(item.target, Outcome.REFUSED, _on_it(on_it), **facts)
            else:
                yield targets.done(item.target)

    def filed(self, run: Any, item: JobItem, ref: str, known: Route | None) -> Route | None:
        """Mark it as gone."""
        return services_routes.route_gone(run.account, ref)

    def ask(self, provider: RouteRead, run: Any, items: Sequence[JobItem]) -> Iterator[Answer]:
        """Look whether it is there."""
        for item in items:
            yield _answer(item, is_done=provider.route(item.params["ref"]) is None)


def _first_numbers(provider: Any, ref: str) -> list[str]:
    """Return some of the numbers that a provider has on a route; none where it does not list them."""
    if not isinstance(provider, RouteNumbers):
        return []
    return [owned.tn for owned in islice(provider.route_numbers(ref), NAMED + 1)]


def _on_it(tns: Sequence[str]) -> str:
    named = ", ".join(TN(tn).pretty for tn in tns[:NAMED])
    more = " and more" if len(tns) > NAMED else ""
    return f"Numbers are on this gateway: {named}{more}. Nothing was removed."
