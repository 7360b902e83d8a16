"""How allauth and axes fit this site: nobody signs up by himself."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is closed: administrators make the users."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False."""
        return False


def axes_username(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return the name that failed sign-ins are counted under: the e-mail address, lower case."""
    values: Any = credentials or {}
    name = values.get("email") or values.get("username") or values.get("login")
    return str(name or request.POST.get("login", "")).strip().lower()
