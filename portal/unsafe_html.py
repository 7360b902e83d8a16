"""Strangers' HTML, made harmless before it is shown."""

from __future__ import annotations

import html
from typing import Final

import nh3
from django.utils.safestring import SafeString, mark_safe

TAGS: Final = {
    *("a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "h4", "hr", "i"),
    *("li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "u", "ul"),
    *("table", "tbody", "td", "th", "thead", "tr"),
}
SCHEMES: Final = {"http", "https", "mailto", "tel"}
LONGEST: Final = 200_000  # characters of one message


def clean(text: str) -> SafeString:
    """Return HTML without scripts, styles, forms, pictures and odd links; links say that they leave.

    No attribute stays but the address of a link.
    """
    kept = nh3.clean(
        text[:LONGEST],
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        clean_content_tags={"script", "style"},
    )
    return mark_safe(kept)  # noqa: S308 (nh3 has just cleaned it)


def plain(text: str) -> str:
    """Return what HTML says, without tags and with single spaces: for comparing, not for showing."""
    spaced = text.replace("<", " <")
    bare = nh3.clean(spaced[:LONGEST], tags=set(), clean_content_tags={"script", "style"})
    return " ".join(html.unescape(bare).split())
