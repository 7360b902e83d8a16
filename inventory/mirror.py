"""What a row of the mirror holds of an owned number, and the fingerprint that tells a change.

A fingerprint names the version of our mapping that it was made under. Rows of another version are
written anew by the next list and are no change of the provider's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from portal.providers.dto import OwnedNumber

# Raise it whenever a provider's mapping gives another `OwnedNumber` for the same reply.
MAPPING_VERSION = 4
VERSION_MARK = f"v{MAPPING_VERSION}."
_LENGTH = 32  # of the column
_SEPARATOR, _PART = "\x1f", "\x1e"

_dump = json.JSONEncoder(sort_keys=True, default=str).encode


def mirror_values(owned: OwnedNumber) -> dict[str, Any]:
    """Return the columns of a mirror row for what a provider said."""
    return {
        "state_word": owned.state_word[:64],
        "route_ref": owned.route_ref[:64],
        "route_name": owned.route_name[:120],
        "rate_center": owned.rate_center[:40],
        "region": owned.state[:2],
        "lata": owned.lata[:5],
        "tier": owned.tier[:12],
        "network": owned.network[:40],
        "label": owned.label[:120],
        "features": sorted(owned.features),
        "values": dict(owned.values),
        "details": dict(owned.details),
        "provider_ref": owned.provider_ref[:64],
    }


def dump(told: Mapping[str, Any]) -> str:
    """Return a mapping as JSON, its keys sorted: the same text for the same content."""
    return _dump(dict(told)) if told else "{}"


def fingerprint(owned: OwnedNumber) -> str:
    """Return a hash of a number and everything that the provider said of it, after `VERSION_MARK`."""
    return as_fingerprint(digest(owned))


def as_fingerprint(digest: bytes) -> str:
    """Return a digest as a mirror row holds it."""
    return (VERSION_MARK + digest.hex())[:_LENGTH]


def digest(owned: OwnedNumber) -> bytes:
    """Return a hash of a number and everything that the provider said of it.

    Lists have hundreds of thousands of them, nearly all with nothing but texts, and writing these
    as JSON would take as long as reading the list.
    """
    values, details = owned.values, owned.details
    try:
        names, more = sorted(values), sorted(details)
        told = [*names, *[values[name] for name in names], _PART]
        told += [*more, *[details[name] for name in more]]
        text = _SEPARATOR.join([*_plain(owned), _PART, *told])
    except TypeError:  # not only texts
        text = _SEPARATOR.join([*_plain(owned), _PART, dump(values), _PART, dump(details)])
    return hashlib.md5(text.encode(errors="surrogatepass"), usedforsecurity=False).digest()


def _plain(owned: OwnedNumber) -> tuple[str, ...]:
    return (
        owned.tn,
        owned.state_word,
        owned.route_ref,
        owned.route_name,
        owned.rate_center,
        owned.state,
        owned.lata,
        owned.tier,
        owned.network,
        owned.label,
        owned.provider_ref,
        *sorted(owned.features),
    )
