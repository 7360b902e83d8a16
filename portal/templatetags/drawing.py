"""Small pictures drawn on the server as SVG: progress, bars, sparklines.

The content security policy allows no inline style, so widths are SVG attributes. Each picture says
its figures in words for those who do not see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.templatetags import status_words


@lru_cache(maxsize=1024)
def progress_bar(
    done: int, failed: int = 0, total: int = 0, unknown: int = 0, label: str = ""
) -> SafeString:
    """Return a bar of what is done, failed and of unknown outcome; the rest is what is left."""
    whole = max(total, done + failed + unknown)
    left = whole - done - failed - unknown
    parts = [(done, "ok", "done"), (failed, "bad", "failed"), (unknown, "warn", "unknown")]
    words = [f"{count:,} {word}" for count, _, word in [*parts, (left, "", "left")] if count]
    rects, at = [], 0.0
    for count, tone, _ in parts:
        width = 100 * count / whole if whole else 0
        if width:
            rects.append((f"{at:.2f}", f"{width:.2f}", tone))
        at += width
    return format_html(
        '<svg class="nd-progress" viewBox="0 0 100 4" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}</svg>',
        label or ", ".join(words) or "nothing to do",
        _rects(rects),
    )


def meter(value: float, whole: float, tone: str = "info", label: str = "") -> SafeString:
    """Return one bar for a share of a whole (stock of a state, calls of a budget)."""
    share = min(max(100 * value / whole, 0), 100) if whole else 0
    return format_html(
        '<svg class="nd-meter" viewBox="0 0 100 4" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}</svg>',
        label or f"{value:,} of {whole:,}",
        _rects([("0", f"{share:.2f}", tone if tone in status_words.TONES else "info")]),
    )


def stack(parts: Sequence[tuple[str, int, str]], whole: float) -> SafeString:
    """Return one bar in pieces, (label, value, tone) each, that is a share of a whole."""
    rects, at = [], 0.0
    for label, value, tone in parts:
        width = 100 * value / whole if whole else 0
        if width:
            rects.append((f"{at:.2f}", f"{width:.2f}", tone, f"{label}: {value:,}"))
        at += width
    return format_html(
        '<svg class="nd-meter is-stack" viewBox="0 0 100 4" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}</svg>',
        ", ".join(words for *_, words in rects) or "none",
        format_html_join(
            "",
            '<rect x="{}" y="0" width="{}" height="4" class="nd-fill-{}"><title>{}</title></rect>',
            rects,
        ),
    )


def spark(values: Sequence[float], tone: str = "info", label: str = "") -> SafeString:
    """Return a line without axes for a short series; nothing for fewer than two values."""
    if len(values) < 2:
        return SafeString("")
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = 100 / (len(values) - 1)
    points = " ".join(
        f"{place * step:.1f},{22 - 20 * (value - low) / span:.1f}"
        for place, value in enumerate(values)
    )
    return format_html(
        '<svg class="nd-spark nd-{}" viewBox="0 0 100 24" preserveAspectRatio="none" role="img"'
        ' aria-label="{}"><polyline points="{}"/></svg>',
        tone,
        label or f"from {values[0]:,} to {values[-1]:,}",
        points,
    )


def _rects(rects: list[tuple[str, str, str]]) -> SafeString:
    return format_html_join(
        "", '<rect x="{}" y="0" width="{}" height="4" class="nd-fill-{}"/>', rects
    )
