"""What the frame of every page shows: the rail, running jobs, the sandbox banner, the theme."""

from __future__ import annotations

from functools import cache as once
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from portal import prepared
from portal.access import role_allows
from portal.models import Job, ProviderAccount, User

SANDBOX_SECONDS = 5

# (section, label, url name, icon, permission); a permission that a role lacks hides the entry.
ENTRIES: tuple[tuple[str, str, str, str, str], ...] = (
    ("", "Home", "portal:home", "home", "portal.view_home"),
    ("", "Numbers", "inventory:tn-list", "phone", "inventory.view_telephonenumber"),
    ("", "Find numbers", "inventory:find", "search", "inventory.search_stock"),
    ("", "Orders", "inventory:order-list", "shopping-cart", "inventory.view_order"),
    ("Desks", "E911", "e911:record-list", "ambulance", "e911.view_emergencyrecord"),
    ("Desks", "Porting", "porting:port-board", "phone-incoming", "porting.view_portorder"),
    ("Work", "Differences", "inventory:finding-list", "git-compare", "inventory.view_finding"),
    ("Work", "Lookups", "inventory:lookup-list", "zoom-question", "inventory.view_lookup"),
    ("Work", "Uploads", "portal:upload-list", "file-upload", "portal.view_upload"),
    ("Work", "Jobs", "portal:job-list", "activity", "portal.view_job"),
    ("Work", "Approvals", "portal:approval-list", "checks", "portal.view_approval"),
    ("Work", "Tickets", "portal:ticket-list", "ticket", "portal.view_ticket"),
    ("Staff", "Customers", "portal:customer-list", "users", "portal.view_customer"),
    ("Staff", "Providers", "portal:provider-list", "plug", "portal.view_provideraccount"),
    ("Staff", "Routes", "inventory:route-list", "route", "portal.view_provideraccount"),
    (
        "Staff",
        "Stock thresholds",
        "inventory:threshold-list",
        "gauge",
        "inventory.change_threshold",
    ),
    ("Staff", "Audit", "portal:audit-list", "history", "portal.view_auditentry"),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the frame's context; each figure is looked up when it is first asked for."""
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
        "nav": _nav(user.role, _section(request.path)),
        "zone": timezone.get_current_timezone_name(),
        "sandbox_mode": once(lambda: user.is_staff_role and _is_sandbox_used()),
        "open_jobs_count": once(lambda: _open_jobs(user)),
    }
    return context


class Entry(NamedTuple):
    """One entry of the rail."""

    label: str
    url: str
    icon: str
    active: bool


class Section(NamedTuple):
    """Entries of the rail under one title."""

    title: str
    entries: tuple[Entry, ...]


def _section(path: str) -> str:
    """Return the address of the rail's entry that a page belongs to; empty for none."""
    urls = _urls()
    return next((url for url in urls if path == url or (url != "/" and path.startswith(url))), "")


@lru_cache(maxsize=1)
def _urls() -> list[str]:
    return [reverse(name) for _, _, name, _, _ in ENTRIES]


@lru_cache(maxsize=256)
def _nav(role: str, active: str) -> tuple[Section, ...]:
    sections: dict[str, list[Entry]] = {}
    for (section, label, _, icon, permission), url in zip(ENTRIES, _urls(), strict=True):
        if role_allows(role, permission):
            entry = Entry(label, url, icon, url == active)
            sections.setdefault(section, []).append(entry)
    return tuple(Section(title, tuple(entries)) for title, entries in sections.items())


def _is_sandbox_used() -> bool:
    """Return whether an account is the sandbox; looked up anew every few seconds."""
    found: bool | None = cache.get("shell:sandbox")
    if found is None:
        found = ProviderAccount.objects.filter(is_sandbox=True).exists()
        cache.set("shell:sandbox", found, SANDBOX_SECONDS)
    return found


def _open_jobs(user: Any) -> int:
    sql = _open_jobs_sql(user.is_staff_role, user.customer_id)
    return int(prepared.rows(sql)[0][0])


@lru_cache(maxsize=1024)
def _open_jobs_sql(is_staff: bool, customer_id: int | None) -> str:
    """Return the count's SQL, its values written into it: the index is of open jobs alone."""
    viewer = User(customer_id=customer_id, role=User.Role.VIEWER if is_staff else User.Role.MEMBER)
    jobs = Job.objects.visible_to(viewer).roots().open().order_by()
    statement = jobs.values("pk").query.sql_with_params()
    return f"SELECT count(*) FROM ({prepared.text(statement)}) AS open"  # noqa: S608


def _demo_logins() -> tuple[tuple[str, str, str], ...]:
    from portal.demo import LOGINS

    return LOGINS
