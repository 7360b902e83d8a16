"""Presets of orders: kept, replaced, forgotten."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from inventory.models import OrderPreset
from portal import audit
from portal.models import User


@transaction.atomic
def keep_preset(name: str, answers: Mapping[str, str], *, actor: User) -> OrderPreset:
    """Keep answers under a name, in the place of those that were kept there; return the row."""
    known = OrderPreset.objects.select_for_update().filter(name=name).first()
    before = dict(known.answers) if known else {}
    preset, _ = OrderPreset.objects.update_or_create(name=name, defaults={"answers": dict(answers)})
    audit.record(actor, "inventory.preset.kept", preset, before=before, after=dict(answers))
    return preset


@transaction.atomic
def drop_preset(preset: OrderPreset, *, actor: User) -> None:
    """Forget a preset."""
    audit.record(actor, "inventory.preset.dropped", preset, before=dict(preset.answers))
    preset.delete()
