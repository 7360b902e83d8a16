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
MAPPING_VERSION = 3
VERSION_MARK = f"v{MAPPING_VERSION}."
_LENGTH = 32  # of the column

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


def fingerprint(owned: OwnedNumber, *, values: str = "", details: str = "") -> str:
    """Return a hash of everything that the provider said of a number, after `VERSION_MARK`.

    `values` and `details` are those of `owned` by `dump`, for a caller that has them already.
    """
    parts = (
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
        ",".join(sorted(owned.features)),
        (values or dump(owned.values)) if owned.values else "",
        (details or dump(owned.details)) if owned.details else "",
    )
    told = hashlib.md5("\x1f".join(parts).encode(), usedforsecurity=False).hexdigest()
    return (VERSION_MARK + told)[:_LENGTH]
