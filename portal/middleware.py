"""Middleware: sign-in required everywhere, second factor for staff, the user's time zone."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from functools import cache as remember
from urllib.parse import urlencode, urlsplit

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.middleware import UserSessionsMiddleware
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequired
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone

GetResponse = Callable[[HttpRequest], HttpResponse]


def _is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _leave(request: HttpRequest, url: str) -> HttpResponse:
    """Return a redirect of the page as a whole, also where htmx asks for a part of it."""
    if not _is_htmx(request):
        return redirect(url)
    return HttpResponse(status=204, headers={"HX-Redirect": url})


def _page_address(request: HttpRequest) -> str:
    """Return path and query of the page that htmx is on; Home where it does not tell."""
    try:
        parts = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return "/"
    if parts.netloc != request.get_host() or not parts.path.startswith("/"):
        return "/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


class LoginRequiredMiddleware(DjangoLoginRequired):
    """Sends strangers to the sign-in page; a fragment is told to leave the page as a whole."""

    OPEN_PREFIXES = ("/accounts/", "/static/")

    def process_view(self, request, view_func, view_args, view_kwargs):  # type: ignore[no-untyped-def]
        """Let allauth's own pages guard themselves, everything else needs a signed-in user."""
        if request.path.startswith(self.OPEN_PREFIXES):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request, view_func):  # type: ignore[no-untyped-def]
        """Redirect; for htmx by a header, or the sign-in page would land inside a table.

        One comes back to the page that one was looking at, not to a fragment of it.
        """
        if not _is_htmx(request):
            return super().handle_no_permission(request, view_func)
        query = urlencode({"next": _page_address(request)}, safe="/")
        return _leave(request, f"{resolve_url(settings.LOGIN_URL)}?{query}")


class SecondFactorMiddleware:
    """Where the site requires it, staff without a second factor see only the security pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            settings.STAFF_SECOND_FACTOR_REQUIRED
            and user.is_authenticated
            and user.is_staff_role
            and not request.path.startswith(("/accounts/", "/static/", "/security/"))
            and not is_mfa_enabled(user)
        ):
            messages.warning(
                request, "Set up a second factor first: this site requires it of staff."
            )
            return _leave(request, resolve_url("mfa_index"))
        return self.get_response(request)


class SeenSessionsMiddleware(UserSessionsMiddleware):
    """Notes when and from where a session was last seen: once a minute, not with every request.

    A request from another address or browser is noted at once.
    """

    SECONDS = 60

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let allauth write the row where it is due."""
        seen = (
            request.session.session_key,
            request.META.get("REMOTE_ADDR"),
            request.META.get("HTTP_X_FORWARDED_FOR"),
            request.headers.get("User-Agent"),
        )
        if cache.add(f"seen:{hash(seen)}", value=True, timeout=self.SECONDS):
            return super().__call__(request)
        return self.get_response(request)


@remember
def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    """Return the zone of this name; None for one that is not known (any more)."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


class TimeZoneMiddleware:
    """Shows times in the zone that the user chose."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = _zone(getattr(request.user, "time_zone", ""))
        if zone is None:
            return self.get_response(request)
        with timezone.override(zone):
            return self.get_response(request)
