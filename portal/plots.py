"""Pictures as pages show them, drawn once for the same figures."""

from __future__ import annotations

from collections.abc import Iterable

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from portal.models import User
from portal.panels import Plot
from portal.recent import Recent

_drawn: Recent[str] = Recent(most=256, seconds=60)


def draw(plots: Iterable[Plot], user: User) -> list[SafeString]:
    """Return pictures with their tables as HTML; who may change thresholds is led to them."""
    can_change = user.has_perm("inventory.change_threshold")
    return [_draw(plot, can_change_thresholds=can_change) for plot in plots]


def _draw(plot: Plot, *, can_change_thresholds: bool) -> SafeString:
    key = (repr(plot), can_change_thresholds)
    text = _drawn.get(key)
    if text is None:
        context = {"plot": plot, "can_change_thresholds": can_change_thresholds}
        text = _drawn.keep(key, render_to_string("portal/_plot.html", context))
    return mark_safe(text)  # noqa: S308 (a template's own)
