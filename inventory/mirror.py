"""What a row of the mirror holds of an owned number, and the fingerprint that tells a change."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from portal.providers.dto import OwnedNumber


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


def fingerprint(owned: OwnedNumber) -> str:
    """Return a hash of everything that the provider said of a number."""
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
        json.dumps(owned.values, sort_keys=True, default=str) if owned.values else "",
        json.dumps(owned.details, sort_keys=True, default=str) if owned.details else "",
    )
    return hashlib.md5("\x1f".join(parts).encode(), usedforsecurity=False).hexdigest()
