"""The Protocols around account, network, lookups and help desk: adapters take what they say."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from portal import providers
from portal.providers.capabilities import CAPABILITIES, account, lookups, network, support
from portal.providers.capabilities.account_lacking import account_lacking

OURS = {
    **account.CAPABILITIES,
    **network.CAPABILITIES,
    **lookups.CAPABILITIES,
    **support.CAPABILITIES,
}


def offered() -> Iterator[tuple[str, str]]:
    for slug in providers.REGISTRY:
        for name in OURS:
            if providers.offers(slug, name):
                yield slug, name


def methods(protocol: type) -> list[str]:
    return [name for name in vars(protocol) if inspect.isfunction(getattr(protocol, name, None))]


@pytest.mark.parametrize(("slug", "capability"), tuple(offered()))
def test_an_adapter_takes_what_the_protocol_says(slug: str, capability: str) -> None:
    protocol, adapter = OURS[capability], providers.provider_class(slug)
    for name in methods(protocol):
        if name.startswith("_"):
            continue
        wanted = inspect.signature(getattr(protocol, name))
        found = inspect.signature(getattr(adapter, name))
        assert list(found.parameters.values()) == list(wanted.parameters.values()), name
        assert found.return_annotation == wanted.return_annotation, name


def test_no_two_capabilities_of_any_domain_share_a_function() -> None:
    """A provider that has one would otherwise be taken to offer the other too."""
    names = [
        name
        for protocol in CAPABILITIES.values()
        for name in methods(protocol)
        if not name.startswith("_")
    ]
    assert not {name for name in names if names.count(name) > 1}


def test_voicetel_offers_all_of_them() -> None:
    assert {name for slug, name in offered() if slug == "voicetel"} == set(OURS)


def test_whoever_lacks_them_says_why_with_its_name() -> None:
    sentences = account_lacking("Example")
    assert set(sentences) == set(OURS)
    assert all(sentence.startswith("Example ") for sentence in sentences.values())
