"""System checks of declarations: what a provider offers and what an operation says of itself."""

from __future__ import annotations

from typing import Any

from django.core import checks

from portal import operations, providers
from portal.access import ROLE_PERMISSIONS


@checks.register("numberdesk")
def check_providers(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Each provider offers a capability or says why not, never both."""
    messages: list[checks.CheckMessage] = []
    for slug in providers.REGISTRY:
        cls = providers.provider_class(slug)
        for name in providers.CAPABILITIES:
            offered, excused = providers.offers(slug, name), name in cls.not_offered
            if not offered and not excused:
                messages.append(
                    checks.Error(f"{slug} lacks {name} and does not say why", id="portal.E001")
                )
            if offered and excused:
                messages.append(
                    checks.Error(f"{slug} offers {name} and excuses it too", id="portal.E002")
                )
    return messages


@checks.register("numberdesk")
def check_operations(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Each operation has a permission that some role holds and a capability that exists."""
    held = frozenset().union(*ROLE_PERMISSIONS.values())
    messages: list[checks.CheckMessage] = []
    for kind, operation in operations.kinds().items():
        if operation.permission not in held:
            messages.append(
                checks.Error(f"{kind}: no role has {operation.permission}", id="portal.E003")
            )
        if operation.capability and operation.capability not in providers.CAPABILITIES:
            messages.append(
                checks.Error(f"{kind}: unknown capability {operation.capability}", id="portal.E004")
            )
        if operation.is_write and type(operation).ask is operations.Operation.ask:
            messages.append(
                checks.Error(f"{kind} writes and cannot ask what became of it", id="portal.E005")
            )
    return messages
