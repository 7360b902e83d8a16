"""What a new customer takes over with numbers: the features that are set, and taking the rest off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from inventory import features
from inventory.features import Feature
from inventory.features.base import SwitchFeature
from inventory.features.calls import RouteFeature
from inventory.lifecycle import Choice, Verb
from inventory.models import CarrierNumber, TelephoneNumber
from inventory.services import lifecycle
from inventory.services.lifecycle import going
from portal import jobs, providers
from portal.jobs.submit import Child
from portal.models import Approval, Job, ProviderAccount, User
from portal.operations import Item

KIND: Final = "inventory.take_off_features"
PERMISSION: Final = "inventory.configure_telephonenumber"
LIMIT: Final = 10_000  # numbers from which features are taken off in one go

Numbers = QuerySet[TelephoneNumber]


@dataclass(frozen=True, kw_only=True)
class SetFeature:
    """A feature that some of the chosen numbers have, and that can be taken off them."""

    feature: Feature
    count: int

    @property
    def words(self) -> str:
        """The feature and how many numbers have it."""
        return f"{self.feature.label} ({self.count:,} number{'' if self.count == 1 else 's'})"


@dataclass(kw_only=True)
class Plan:
    """What is taken off at one account: number → (its row, feature → value now)."""

    account: ProviderAccount
    numbers: dict[str, tuple[TelephoneNumber, dict[str, str]]] = field(default_factory=dict)
    routes: dict[str, str] = field(default_factory=dict)


def off(feature: Feature) -> str:
    """Return the value of a feature that is taken off: a switch is switched off."""
    return "false" if isinstance(feature, SwitchFeature) else ""


def removable(slug: str) -> list[Feature]:
    """Return the features that can be taken off numbers at a provider."""
    return [
        feature
        for feature in features.FEATURES.values()
        if not feature.is_action
        and providers.offers(slug, feature.capability)
        and (isinstance(feature, SwitchFeature) or not feature.why_not_clear(slug))
    ]


def set_on(numbers: Numbers) -> list[SetFeature]:
    """Return the features that are set on numbers and can be taken off."""
    counts: dict[str, int] = {}
    names = [name for name in features.FEATURES if name != RouteFeature.name]
    told = {f"v_{name}": KeyTextTransform(name, "values") for name in names}
    figures = {f"n_{name}": Count("pk", filter=_is_set(f"v_{name}")) for name in names}
    figures[f"n_{RouteFeature.name}"] = Count("pk", filter=~Q(route_ref=""))
    grouped: Any = _mirrors(numbers).annotate(**told).values("account__slug").order_by()
    for row in grouped.annotate(**figures):
        for feature in removable(row["account__slug"]):
            counts[feature.name] = counts.get(feature.name, 0) + row[f"n_{feature.name}"]
    return [
        SetFeature(feature=feature, count=counts[name])
        for name, feature in features.FEATURES.items()
        if counts.get(name)
    ]


def plan(numbers: Numbers, names: Iterable[str]) -> list[Plan]:
    """Return what taking these features off the numbers does, an entry per account.

    Asks no provider: only what one has told is taken off.
    """
    wanted = set(names)
    rows = {(row.account_id, row.tn): row for row in numbers.select_related("account")}
    told = CarrierNumber.objects.filter(tn__among=[tn for _, tn in rows])
    plans: dict[int, Plan] = {}
    for mirror in told.select_related("account").order_by("account_id", "tn"):
        number = rows.get((mirror.account_id, mirror.tn))
        values = _values(mirror, wanted)
        if number is None or not values:
            continue
        entry = plans.setdefault(mirror.account_id, Plan(account=number.account))
        entry.numbers[number.tn] = (number, values)
        entry.routes[number.tn] = number.wanted.get(RouteFeature.name) or mirror.route_ref
    return list(plans.values())


def submit(
    plans: Sequence[Plan], *, actor: User | None, reason: str, marks: dict[str, Any] | None = None
) -> Job | None:
    """Submit what was planned, one job per account; return it, or the group; None without any.

    Raises `portal.jobs.NotAccepted` where a number was taken by another job meanwhile.
    """
    children = [_child(entry, reason, marks or {}) for entry in plans if entry.numbers]
    if not children:
        return None
    if len(children) == 1:
        (child,) = children
        return jobs.submit(
            KIND, actor=actor, account=child.account, params=child.params, items=child.items
        )
    count = sum(len(child.items) for child in children)
    title = f"Take off {children[0].params['shown']}: {count:,} numbers"
    return jobs.submit_group(
        title, kind=KIND, actor=actor, children=children, params=children[0].params
    )


@transaction.atomic
def carry_out(
    verb: Verb,
    numbers: Numbers,
    choice: Choice,
    *,
    actor: User | None,
    approval: Approval | None = None,
) -> tuple[int, Job | None]:
    """Do a verb as `services.lifecycle.carry_out` does, and submit what the choice takes off.

    Returns how many numbers these were, and the job of what is taken off. Both or neither: raises
    `IllegalMove`, and `portal.jobs.NotAccepted` where a number was taken by another job meanwhile.
    """
    plans = plan(going(verb, numbers, choice), choice.take_off) if choice.take_off else []
    count = lifecycle.carry_out(
        verb, numbers, choice, actor=actor, is_approved=approval is not None
    )
    marks = {"approval": approval.pk} if approval else {}
    return count, submit(plans, actor=actor, reason=choice.reason, marks=marks)


def labels(names: Iterable[str]) -> str:
    """Return the labels of features in words, in their usual order."""
    wanted = set(names)
    return ", ".join(one.label for name, one in features.FEATURES.items() if name in wanted)


def _child(entry: Plan, reason: str, marks: dict[str, Any]) -> Child:
    names = {name for _, values in entry.numbers.values() for name in values}
    items = [
        Item(
            target=tn,
            slice=position,
            before={"values": values, "sync_state": number.sync_state},
            params={
                "off": [[name, off(features.get(name))] for name in values],
                "route": entry.routes[tn],
            },
        )
        for position, (tn, (number, values)) in enumerate(entry.numbers.items())
    ]
    params = {"shown": labels(names), "reason": reason[:200], **marks}
    return Child(kind=KIND, account=entry.account, params=params, items=items)


def _values(mirror: CarrierNumber, wanted: set[str]) -> dict[str, str]:
    """Return which of the wanted features a number has, in the order in which they are taken off.

    The route goes last: other features are taken off in its favor.
    """
    able = [one for one in removable(mirror.account.slug) if one.name in wanted]
    able.sort(key=lambda feature: feature.name == RouteFeature.name)
    told = {feature.name: feature.present(mirror) for feature in able}
    return {name: value for name, value in told.items() if value and value != "false"}


def _mirrors(numbers: Numbers) -> QuerySet[CarrierNumber]:
    """Return what the providers tell of numbers that they hold for us."""
    theirs = TelephoneNumber.objects.filter(tn=OuterRef("tn"), account=OuterRef("account"))
    tns = list(numbers.order_by().values_list("tn", flat=True))
    return CarrierNumber.objects.filter(Exists(theirs), tn__among=tns)


def _is_set(column: str) -> Q:
    return Q(**{f"{column}__isnull": False}) & ~Q(**{f"{column}__in": ["", "false"]})
