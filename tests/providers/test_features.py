"""The common vocabulary of features: every adapter that offers one takes what its Protocol says."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from portal import providers
from portal.providers.capabilities import features, features_lacking


def offered() -> Iterator[tuple[str, str]]:
    for slug in providers.REGISTRY:
        for name in features.CAPABILITIES:
            if providers.offers(slug, name):
                yield slug, name


def methods(protocol: type) -> list[str]:
    return [name for name in vars(protocol) if not name.startswith("_")]


@pytest.mark.parametrize(("slug", "capability"), tuple(offered()))
def test_an_adapter_takes_what_the_protocol_says(slug: str, capability: str) -> None:
    protocol, adapter = features.CAPABILITIES[capability], providers.provider_class(slug)
    for name in methods(protocol):
        wanted = inspect.signature(getattr(protocol, name))
        found = inspect.signature(getattr(adapter, name))
        assert list(found.parameters.values()) == list(wanted.parameters.values()), name
        assert found.return_annotation == wanted.return_annotation, name


def test_no_two_capabilities_share_a_function() -> None:
    """A provider that has one would otherwise be taken to offer the other too."""
    names = [name for protocol in features.CAPABILITIES.values() for name in methods(protocol)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "sentences",
    [
        features_lacking.LACKING_AT_INTELEPEER,
        features_lacking.LACKING_AT_CUSTOM_TOLL_FREE,
        features_lacking.LACKING_AT_VOIP_INNOVATIONS,
        features_lacking.LACKING_AT_VOICETEL,
    ],
)
def test_a_lack_is_explained_in_a_sentence(sentences: dict[str, str]) -> None:
    assert set(sentences) <= set(features.CAPABILITIES)
    for sentence in sentences.values():
        assert sentence.endswith(".")
        assert "{" not in sentence


def test_a_number_can_be_forwarded_at_two_providers() -> None:
    assert providers.offering("forwarding") == ["voip_innovations", "voicetel"]
