"""Page or fragment: the one decision, and the events that fragments listen to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.shortcuts import render as django_render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

from portal.listing import SIZE_COOKIE, asked_size


def wants_fragment(request: HttpRequest) -> bool:
    """Return whether htmx asks for a fragment: not for a boosted visit, not for history."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render(
    request: HttpRequest,
    page: str,
    fragment: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Return the fragment for htmx and the page for everybody else, with the same context."""
    template = fragment if wants_fragment(request) else page
    response = django_render(request, template, dict(context or {}), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def render_list(
    request: HttpRequest,
    page: str,
    fragment: str,
    context: Mapping[str, Any],
    *,
    left_out: Sequence[str] = (),
) -> HttpResponse:
    """Return a list as `render` does; the browser shows its address without empty filters.

    Parameters in `left_out` do not pick rows and stay out of the address too.
    """
    response = render(request, page, fragment, context)
    return as_list(request, response, left_out=left_out)


def as_list(
    request: HttpRequest, response: HttpResponse, *, left_out: Sequence[str] = ()
) -> HttpResponse:
    """Have the browser show a list's address without empty filters, and remember its page size."""
    patch_vary_headers(response, ["HX-Request"])
    if size := asked_size(request):
        response.set_cookie(SIZE_COOKIE, str(size), max_age=31_536_000, samesite="Lax")
    if wants_fragment(request):
        query = QueryDict(mutable=True)
        for name, values in request.GET.lists():
            if name not in left_out and any(values):
                query.setlist(name, [value for value in values if value])
        address = f"{request.path}?{query.urlencode()}" if query else request.path
        is_shown = address == request.htmx.current_url_abs_path  # type: ignore[attr-defined]
        response["HX-Push-Url"] = "false" if is_shown else address
    return response


def with_messages(request: HttpRequest, fragment: str, context: Mapping[str, Any]) -> HttpResponse:
    """Return a fragment and, out of band, what is to be said to the person."""
    response = django_render(request, fragment, dict(context))
    told = render_to_string("portal/_messages.html", {"is_oob": True}, request)
    response.content += told.encode()
    patch_vary_headers(response, ["HX-Request"])
    return response


def go(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Return a redirect after a POST; htmx is told to load the page instead of swapping it in."""
    response = redirect(to, *args, **kwargs)
    if not wants_fragment(request):
        return response
    return HttpResponse(status=204, headers={"HX-Redirect": response.url})  # type: ignore[attr-defined]


def tell(response: HttpResponse, **events: Any) -> HttpResponse:
    """Add past-tense facts for the page's listeners: ``tell(response, job_finished={"id": 7})``.

    Underscores become hyphens in the event's name. Returns the response.
    """
    known = json.loads(response.get("HX-Trigger", "{}"))
    known |= {name.replace("_", "-"): value for name, value in events.items()}
    response["HX-Trigger"] = json.dumps(known)
    return response
