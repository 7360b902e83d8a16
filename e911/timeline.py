"""What the timeline of a number calls what happened to its E911 record."""

from __future__ import annotations

from typing import Final

from portal import panels

VERBS: Final[dict[str, tuple[str, str]]] = {
    "e911.record.none": ("E911: needed, none yet", "warn"),
    "e911.record.not_required": ("E911: not needed", "muted"),
    "e911.record.draft": ("911 address typed", "muted"),
    "e911.record.validating": ("911 address being checked", "info"),
    "e911.record.suggested": ("911 address: a correction was offered", "warn"),
    "e911.record.invalid": ("911 address refused", "bad"),
    "e911.record.valid": ("911 address checked", "info"),
    "e911.record.provisioning": ("911 address being set", "info"),
    "e911.record.provisioned": ("911 address set", "ok"),
    "e911.record.provision_failed": ("911 address not set", "bad"),
    "e911.record.verified": ("911 address verified", "ok"),
    "e911.record.changing": ("911 address being changed", "info"),
    "e911.record.removing": ("E911 record being removed", "warn"),
    "e911.record.removed": ("E911 record removed", "muted"),
    "e911.record.orphan": ("E911 record left behind", "bad"),
    "e911.record.found": ("E911 record found at the provider", "info"),
    "e911.location.lost": ("911 address lost: help may not find the caller", "bad"),
    "e911.location.restored": ("911 address active again", "ok"),
    "e911.test.logged": ("933 test logged", "info"),
    "e911.alert.added": ("Told of 911 calls", "ok"),
    "e911.alert.removed": ("Told of 911 calls no more", "muted"),
    "e911.drift.ignored": ("E911 difference accepted", "muted"),
    "e911.drift.reopened": ("E911 difference accepted no longer", "warn"),
}


def register() -> None:
    """Make the words known to the number's page."""
    panels.number_verbs.update(VERBS)
