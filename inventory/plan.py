"""What an order would do at each provider, said before it is placed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from inventory import features
from inventory.models import CartLine, Route
from inventory.wishes import NOTHING_ELSE, Wishes
from portal import providers
from portal.models import ProviderAccount


@dataclass(frozen=True, kw_only=True)
class Cost:
    """A sum of what the providers told, in US dollars, and how many prices they did not tell."""

    told: Decimal = Decimal(0)
    told_count: int = 0
    untold_count: int = 0

    @property
    def shown(self) -> str:
        """The sum as it is read; “not told” where no price was."""
        return f"${self.told:,.2f}" if self.told_count else "not told"

    @property
    def gap(self) -> str:
        """How many prices are missing in a sum; empty where none or all are."""
        if not self.told_count or not self.untold_count:
            return ""
        return f"{self.untold_count:,} price{'s' if self.untold_count != 1 else ''} not told"

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            told=self.told + other.told,
            told_count=self.told_count + other.told_count,
            untold_count=self.untold_count + other.untold_count,
        )


@dataclass(frozen=True, kw_only=True)
class AccountPlan:
    """What happens at one provider account."""

    account: ProviderAccount
    lines: list[CartLine]
    steps: list[str]
    monthly: Cost
    setup: Cost


def plan(
    lines: Sequence[CartLine], routes: Mapping[int, str], wishes: Wishes = NOTHING_ELSE
) -> list[AccountPlan]:
    """Return what ordering `lines` does, an entry per account; arguments as for `place_order`."""
    by_account: dict[ProviderAccount, list[CartLine]] = {}
    for line in lines:
        by_account.setdefault(line.account, []).append(line)
    known: dict[tuple[int, str], Route] = {
        (route.account_id, route.provider_ref): route
        for route in Route.objects.filter(account__in=list(by_account), missing_since=None)
    }
    plans = []
    for account, members in by_account.items():
        standard = [str(value) for value in (account.settings or {}).values() if value]
        refs = [wanted] if (wanted := routes.get(account.pk, "")) else standard
        route = next((known[account.pk, ref] for ref in refs if (account.pk, ref) in known), None)
        plans.append(
            AccountPlan(
                account=account,
                lines=members,
                steps=[
                    *_requests(account, members),
                    *_holds(members),
                    _routing(route),
                    *_afterwards(account, members, wishes),
                ],
                monthly=_sum(members, "monthly_cost"),
                setup=_sum(members, "setup_cost"),
            )
        )
    return plans


def total(costs: Iterable[Cost]) -> Cost:
    """Return the sum of costs."""
    return sum(costs, Cost())


def _requests(account: ProviderAccount, lines: Sequence[CartLine]) -> list[str]:
    batch = providers.provider_class(account.slug).limits.order_batch
    count = -(-len(lines) // batch)
    numbers = "1 number" if len(lines) == 1 else f"{len(lines):,} numbers"
    requests = "one request" if count == 1 else f"{count:,} requests of up to {batch:,}"
    return [f"{numbers} in {requests}."]


def _holds(lines: Sequence[CartLine]) -> list[str]:
    held = sum(line.is_held for line in lines)
    loose = len(lines) - held
    if not loose:
        return ["Held for us; the order uses the hold."]
    if not held:
        return [f"Not held: somebody else may buy {'it' if loose == 1 else 'them'} first."]
    return [
        f"{held:,} held for us, {loose:,} not held: somebody else may buy "
        f"{'that one' if loose == 1 else 'those'} first."
    ]


def _routing(route: Route | None) -> str:
    if route is None:
        return "The default of the account decides where calls go."
    return {
        "endpoint_group": f"Calls go to endpoint group {route}.",
        "gateway": f"Calls go to gateway {route}.",
        "package": f"Bought in package {route}.",
        "template": f"Each gets a copy of template record {route}, which puts it into service.",
    }.get(route.kind, f"Calls go to {route}.")


def _afterwards(account: ProviderAccount, lines: Sequence[CartLine], wishes: Wishes) -> list[str]:
    """Return what is changed of the numbers once they are bought, and what this provider cannot."""
    asked = {
        "cnam_name": f"caller name {wishes.cnam_name}" if wishes.cnam_name else "",
        "port_out_pin": "the port-out PIN" if wishes.port_out_pin else "",
    }
    steps = []
    for name, words in asked.items():
        if not words:
            continue
        feature = features.get(name)
        reasons = Counter(feature.why_not(account.slug, line.tn) for line in lines)
        if able := reasons.pop("", 0):
            numbers = f"{able:,} of {len(lines):,}" if able < len(lines) else "each"
            steps.append(f"Once bought: {words} for {numbers}.")
        for why, count in reasons.items():
            steps.append(f"No {feature.label[0].lower()}{feature.label[1:]} for {count:,}: {why}")
    return steps


def _sum(lines: Sequence[CartLine], name: str) -> Cost:
    told = [Decimal(line.facts[name]) for line in lines if line.facts.get(name)]
    return Cost(
        told=sum(told, Decimal(0)), told_count=len(told), untold_count=len(lines) - len(told)
    )
