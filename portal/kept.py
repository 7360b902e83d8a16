"""Lists whose page is drawn once and kept until anything that it shows changes.

Of a list only the rows and the links to the neighbouring pages differ from visit to visit. What is
around them is drawn by its templates with slots in their place, and kept under a key that names
everything it was drawn from; an entry lives for a minute, whatever the key forgot.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from portal import frame, htmx
from portal.access import Request
from portal.context_processors import shell
from portal.listing import PAGING_PARAMETERS, Page
from portal.recent import Recent

MOST = 256  # pages of some 40 kB each, in every web process
SECONDS = 60.0

_salt = secrets.token_hex(8)  # nobody can write a slot into a label
_pages: Recent[str] = Recent(most=MOST, seconds=SECONDS)


def slot(name: str) -> SafeString:
    """Return the text that stands for a part of the page in what is kept."""
    return mark_safe(f"slot-{_salt}-{name}")  # noqa: S308 (letters, digits and dashes)


def render_list(
    request: Request,
    page: str,
    fragment: str,
    *,
    key: Hashable,
    parts: Mapping[str, str],
    context: Callable[[], Mapping[str, Any]],
    left_out: Sequence[str] = (),
) -> HttpResponse:
    """Return a list as `htmx.render_list` does, drawn only where no page is kept under `key`.

    `context` makes the templates' context, with `slot(name)` where `parts` are to be filled in;
    `key` names all that it depends on, but for the user and the frame, which are seen to here. None
    as key draws afresh. Parts that are not safe are escaped.
    """
    is_fragment = htmx.wants_fragment(request)
    template = fragment if is_fragment else page
    is_fresh = key is None or (not is_fragment and len(get_messages(request)) > 0)
    told = {} if is_fragment or is_fresh else shell(request)
    look = frame.look(request.user, told) if told else None
    full_key = (template, request.user.pk, request.user.role, look, key)
    text = None if is_fresh else _pages.get(full_key)
    if text is None:
        # With what was told already: the template would ask for its figures once more.
        drawn = {**told, **context(), "csrf_token": slot("csrf")}
        text = render_to_string(template, drawn, request)
        if not is_fresh:
            _pages.keep(full_key, text)
    for name, part in {**parts, "csrf": get_token(request)}.items():
        text = text.replace(slot(name), conditional_escape(part))
    return htmx.as_list(request, HttpResponse(text), left_out=left_out)


def render_rows(
    request: Request,
    names: tuple[str, str],
    page: Page,
    rows: str,
    context: Callable[[], Mapping[str, Any]],
    *,
    facts: Sequence[Hashable] | None = (),
    parts: Mapping[str, str] | None = None,
    left_out: Sequence[str] = (),
) -> HttpResponse:
    """Return a list whose `rows` are drawn; page and fragment of `names` are kept around them.

    `facts` is what they show beside address and count, None where they are not worth keeping;
    `parts` fills slots that `context` has beside those of the list.
    """
    return render_list(
        request,
        *names,
        key=None if facts is None else list_key(request, page, *facts),
        parts={**list_parts(page, rows), **(parts or {})},
        context=lambda: {**list_slots(page), **context()},
        left_out=left_out,
    )


def list_key(request: Request, page: Page, *facts: Hashable) -> Hashable:
    """Return the key of a list: its address without the place in it, what the page has, and facts."""
    query = request.GET.copy()
    for name in PAGING_PARAMETERS:
        query.pop(name, None)
    links = (page.previous_query, page.next_query, page.sizes)
    has = (bool(page.rows), page.size, *map(bool, links))
    return (query.urlencode(), has, page.count, page.is_exact, facts)


def list_parts(page: Page, rows: str) -> dict[str, str]:
    """Return the parts of a list page whose rows are drawn."""
    return {"rows": rows, "previous": page.previous_query, "next": page.next_query}


def list_slots(page: Page) -> dict[str, Any]:
    """Return `page`, `rows` and the count for the context of a list, slots for its parts.

    Whether there are rows at all tells `page.rows`.
    """
    previous = slot("previous") if page.previous_query else ""
    following = slot("next") if page.next_query else ""
    return {
        "page": replace(page, previous_query=previous, next_query=following),
        "rows": slot("rows"),
        "count": page.count,
        "count_is_exact": page.is_exact,
    }


def forget() -> None:
    """Forget every page that was kept in this process."""
    _pages.forget()
