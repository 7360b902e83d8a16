"""What pages show of a number's features: values told and wanted, what can be changed, why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.urls import reverse

from inventory import feature_undo, features
from inventory.features import Feature
from inventory.features.calls import RouteFeature
from inventory.models import CarrierNumber, TelephoneNumber
from inventory.operations.features import why_not
from portal.models import Job, User
from portal.panels import JobLink

LEAVING = "leaving"
CONFIGURE = "inventory.configure_telephonenumber"
STATUS_WORDS = {
    "refused": ("Not taken by the carriers", "warn"),
    "taken": ("Taken by the carriers", "ok"),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One feature of the number."""

    feature: Feature
    value: str
    is_told: bool
    wanted: str = ""  # in words, where it differs from what was told
    status: tuple[str, str] | None = None
    url: str = ""
    why: str = ""  # why it cannot be changed at this moment


@dataclass(kw_only=True)
class FeaturePanel:
    """One panel: the features that the number can have."""

    name: str
    title: str
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Lacking:
    """A feature that the number cannot have, and why."""

    label: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a number's page shows: panels of features, ways out, what is not offered, and why.

    `why` says why nothing at all can be changed.
    """

    panels: list[FeaturePanel]
    leaving: list[Row]
    lacking: list[Lacking]
    why: str


def shown(
    number: TelephoneNumber, mirror: CarrierNumber | None, user: User, *, is_locked: bool
) -> Shown:
    """Return what staff see on a number's page; `is_locked` while a job changes it."""
    can_change = user.has_perm(CONFIGURE) and not is_locked
    found = {name: FeaturePanel(name=name, title=title) for name, title in features.PANELS.items()}
    lacking = []
    for feature in features.FEATURES.values():
        why = feature.why_not(number.account.slug, number.tn) or feature.why_not_told(mirror)
        if not why:
            found[feature.panel].rows.append(_row(feature, number, mirror, can_change=can_change))
        elif not feature.is_action or not feature.why_not_number(number.value):
            lacking.append(Lacking(label=feature.label, why=why))
    leaving = found.pop(LEAVING).rows
    panels = [panel for panel in found.values() if panel.rows]
    whys = {row.why for panel in panels for row in panel.rows}
    why = f"{whys.pop()} Nothing is changed at its provider." if all(whys) and whys else ""
    return Shown(panels=panels, leaving=leaving, lacking=lacking, why=why)


def _row(
    feature: Feature,
    number: TelephoneNumber,
    mirror: CarrierNumber | None,
    *,
    can_change: bool,
) -> Row:
    account = number.account
    told = feature.present(mirror)
    wanted = number.wanted.get(feature.name)
    why = why_not(feature, number, account=account)
    status = mirror.values.get(feature.status_name, "") if mirror and feature.status_name else ""
    if feature.is_action:
        value = "" if why else feature.help
    elif feature.name == RouteFeature.name and mirror and told and mirror.route_name:
        value = named(mirror.route_name, told)  # the mirror knows it: no query for the name
    else:
        value = feature.shown(told, account) if told is not None else untold(feature, account.slug)
    differs = wanted is not None and told is not None and wanted != told
    return Row(
        feature=feature,
        value=value,
        is_told=told is not None,
        wanted=feature.shown(wanted, account) if differs else "",
        status=STATUS_WORDS.get(status),
        url=url(number.tn, feature) if can_change and not why else "",
        why=why,
    )


def untold(feature: Feature, slug: str) -> str:
    """Return what stands for a value that nobody told: whether asking would help."""
    return "not asked yet" if feature.has_question(slug) else "not told"


def named(name: str, ref: str) -> str:
    """Return a route as its row would be written."""
    return f"{name} ({ref})" if name != ref else ref


def for_customer(mirror: CarrierNumber | None) -> list[tuple[str, str]]:
    """Return the values that a customer is told of, with their labels."""
    shown = [f for f in features.FEATURES.values() if f.for_customers]
    told = [(feature, feature.present(mirror)) for feature in shown]
    return [(feature.label, feature.shown(value)) for feature, value in told if value is not None]


def url(tn: str, feature: Feature) -> str:
    """Return the address where a feature of a number is changed."""
    return reverse("inventory:feature-change", args=[tn, feature.name])


def job_links(job: Job, user: User) -> Iterable[JobLink]:
    """Yield the way back for a job that changed a feature within the last day."""
    if user.has_perm(CONFIGURE) and feature_undo.is_open(job) and job.done_count:
        yield JobLink(
            label="Take it back…",
            url=reverse("inventory:feature-undo", args=[job.pk]),
            icon="arrow-back-up",
        )
