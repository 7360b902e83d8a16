"""What the frame of every page shows: the rail, running jobs, the sandbox banner, the theme."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from portal.models import Job, ProviderAccount

# (section, label, url name, icon, permission); a permission that a role lacks hides the entry.
ENTRIES: tuple[tuple[str, str, str, str, str], ...] = (
    ("", "Home", "portal:home", "home", "portal.view_home"),
    ("", "Numbers", "inventory:tn-list", "phone", "inventory.view_telephonenumber"),
    ("", "Find numbers", "inventory:find", "search", "inventory.search_stock"),
    ("", "Orders", "inventory:order-list", "shopping-cart", "inventory.view_order"),
    ("Work", "Jobs", "portal:job-list", "activity", "portal.view_job"),
    ("Staff", "Customers", "portal:customer-list", "users", "portal.view_customer"),
    ("Staff", "Providers", "portal:provider-list", "plug", "portal.view_provideraccount"),
    ("Staff", "Audit", "portal:audit-list", "history", "portal.view_auditentry"),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the frame's context; every figure is looked up only when a template asks for it."""
    theme = request.COOKIES.get("theme", "")
    context: dict[str, Any] = {
        "theme": theme if theme in {"light", "dark"} else "",
        "site_name": "Numberdesk",
    }
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        context["demo_logins"] = _demo_logins() if settings.DEMO_LOGINS_SHOWN else ()
        return context
    context |= {
        "nav": _nav(request),
        "sandbox_mode": SimpleLazyObject(
            lambda: user.is_staff_role and ProviderAccount.objects.filter(is_sandbox=True).exists()
        ),
        "open_jobs_count": SimpleLazyObject(
            lambda: Job.objects.visible_to(user).roots().open().count()
        ),
    }
    return context


def _nav(request: HttpRequest) -> list[dict[str, Any]]:
    sections: dict[str, list[dict[str, Any]]] = {}
    for section, label, name, icon, permission in ENTRIES:
        if not request.user.has_perm(permission):  # type: ignore[union-attr]
            continue
        url = reverse(name)
        active = request.path == url if url == "/" else request.path.startswith(url)
        sections.setdefault(section, []).append(
            {"label": label, "url": url, "icon": icon, "active": active, "count": "", "tone": ""}
        )
    return [{"title": title, "items": items} for title, items in sections.items()]


def _demo_logins() -> tuple[tuple[str, str, str], ...]:
    from portal.demo import LOGINS

    return LOGINS
