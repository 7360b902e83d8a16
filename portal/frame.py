"""The frame of every page: rail, top bar and help, drawn once for each look and kept.

It takes a third of a page's time to draw and is the same for every page of a section.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

_PARTS = ("portal/_rail.html", "portal/_top.html", "portal/_help.html")
_TOKEN = f"token-{secrets.token_hex(8)}"  # stands for the visitor's in what is kept


class Person(NamedTuple):
    """What the frame tells of the one who is signed in."""

    name: str
    email: str
    get_role_display: str
    is_staff: bool

    def __str__(self) -> str:
        return self.name


class Look(NamedTuple):
    """Everything that the frame is drawn from."""

    person: Person
    nav: tuple[Any, ...]
    theme: str
    zone: str
    sandbox_mode: bool
    open_jobs_count: int
    site_name: str
    search_text: str | None


def look(user: Any, shell: Mapping[str, Any]) -> Look:
    """Return what the frame is drawn from, for a user and what `context_processors.shell` gives."""
    return Look(
        person=Person(str(user), user.email, user.get_role_display(), bool(user.is_staff)),
        nav=shell["nav"],
        theme=shell["theme"],
        zone=shell["zone"],
        sandbox_mode=shell["sandbox_mode"](),
        open_jobs_count=shell["open_jobs_count"](),
        site_name=shell["site_name"],
        search_text=None,
    )


def draw(context: Any) -> SafeString:
    """Return rail, top bar and help for the context of a page that somebody signed in looks at."""
    text = context.get("search_text")
    found = look(context["user"], context)
    drawn = _drawn(found) if text is None else _drawn.__wrapped__(found._replace(search_text=text))
    return mark_safe(drawn.replace(_TOKEN, str(context["csrf_token"])))  # noqa: S308


@lru_cache(maxsize=512)
def _drawn(look: Look) -> str:
    context = {**look._asdict(), "user": look.person, "csrf_token": _TOKEN}
    return "".join(render_to_string(part, context) for part in _PARTS)
