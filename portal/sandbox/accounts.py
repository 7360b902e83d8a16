"""The accounts that exist from the start: for each provider ours, and somebody else's."""

# The secrets below open nothing but this sandbox.
# ruff: noqa: S106

from __future__ import annotations

import hmac
import json
import sqlite3
from dataclasses import dataclass

from portal.sandbox.store import Store

VOIP_INNOVATIONS = "voip_innovations"
VOICETEL = "voicetel"
INTELEPEER = "intelepeer"
CUSTOM_TOLL_FREE = "custom_toll_free"
PROVIDERS = (VOIP_INNOVATIONS, VOICETEL, INTELEPEER, CUSTOM_TOLL_FREE)


@dataclass(frozen=True, kw_only=True)
class Preset:
    """An account of a fresh sandbox; it owns `owns` numbers, its balance is in USD."""

    provider: str
    login: str
    secret: str
    owns: int
    balance: float = 500.0
    resp_org: str = ""


PRESETS = (
    Preset(
        provider=VOIP_INNOVATIONS,
        login="sandbox",
        secret="sandbox-secret",
        owns=240,
        balance=1234.56,
    ),
    Preset(provider=VOIP_INNOVATIONS, login="sandbox2", secret="sandbox2-secret", owns=12),
    Preset(provider=VOICETEL, login="2125550100", secret="Sandbox1", owns=160),
    Preset(provider=VOICETEL, login="2125550199", secret="Sandbox2", owns=8),
    Preset(provider=INTELEPEER, login="sandbox@example.net", secret="sandbox-secret", owns=60),
    Preset(provider=INTELEPEER, login="other@example.net", secret="other-secret", owns=6),
    Preset(
        provider=CUSTOM_TOLL_FREE,
        login="SANDBOXKEY0001",
        secret="SANDBOXKEY0001",
        owns=40,
        resp_org="SBX01",
    ),
    Preset(
        provider=CUSTOM_TOLL_FREE,
        login="SANDBOXKEY0002",
        secret="SANDBOXKEY0002",
        owns=6,
        resp_org="OTH02",
    ),
)


def seed(store: Store) -> None:
    """Write the preset accounts."""
    for preset in PRESETS:
        facts = {"respOrg": preset.resp_org} if preset.resp_org else {}
        store.execute(
            "INSERT INTO account (provider, login, secret, balance, data) VALUES (?, ?, ?, ?, ?)",
            (preset.provider, preset.login, preset.secret, preset.balance, json.dumps(facts)),
        )


def find(store: Store, provider: str, login: str, secret: str) -> sqlite3.Row | None:
    """Return the account with this login and secret, or None."""
    rows = store.query("SELECT * FROM account WHERE provider = ? AND login = ?", (provider, login))
    if rows and hmac.compare_digest(rows[0]["secret"].encode(), secret.encode()):
        return rows[0]
    return None
