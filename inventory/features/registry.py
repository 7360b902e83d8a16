"""All features, in the order in which pages show them."""

from __future__ import annotations

from typing import Final

from inventory.features.base import Feature
from inventory.features.calls import (
    FailoverFeature,
    ForwardFeature,
    RouteFeature,
    ScriptFeature,
    TranslationFeature,
)
from inventory.features.fax import (
    ConferenceFeature,
    FaxNoticesFeature,
    FaxSendingFeature,
    FaxToEmailFeature,
)
from inventory.features.holding import (
    GroupFeature,
    InternationalReleaseFeature,
    MessageFeature,
    PortOutPinFeature,
    RemovalFeature,
    TransferFeature,
)
from inventory.features.names import InboundNameFeature, OutboundNameFeature

PANELS: Final[dict[str, str]] = {
    "calls": "Calls",
    "names": "Caller name",
    "keeping": "Messages and keeping",
    "fax": "Conference and fax",
    "leaving": "Leaving",
}
FEATURES: Final[dict[str, Feature]] = {
    feature.name: feature
    for feature in (
        RouteFeature(),
        ForwardFeature(),
        FailoverFeature(),
        TranslationFeature(),
        ScriptFeature(),
        OutboundNameFeature(),
        InboundNameFeature(),
        ConferenceFeature(),
        FaxToEmailFeature(),
        FaxNoticesFeature(),
        FaxSendingFeature(),
        MessageFeature(),
        GroupFeature(),
        PortOutPinFeature(),
        TransferFeature(),
        RemovalFeature(),
        InternationalReleaseFeature(),
    )
}


def get(name: str) -> Feature:
    """Return a feature by its name; raises KeyError for one that is not known."""
    return FEATURES[name]


def named(name: str) -> str:
    """Return a feature's label; the name in words for a value that is no feature of ours."""
    feature = FEATURES.get(name)
    return feature.label if feature else name.replace("_", " ").capitalize()
