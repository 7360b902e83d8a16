"""The rows of the lists of jobs and of audit entries, drawn without a template.

Fifty rows are most of a list page's time. Rows are dicts; everything that comes from the database
is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final
from urllib.parse import quote

from django.utils.safestring import SafeString, mark_safe

from portal.fetch import RowsByKey, text_of
from portal.models import AuditEntry, Job, ProviderAccount, User
from portal.templatetags.drawing import progress_bar
from portal.templatetags.portal import ago, status_chip, tn, words

Row = Mapping[str, Any]

# What a row is drawn from: dicts by the rows' keys.
fetch_jobs = RowsByKey(
    lambda: Job.objects.values(
        *("id", "title", "reason", "status", "total_count", "done_count", "failed_count"),
        *("unknown_count", "is_group", "created_at"),
        account_name=text_of(ProviderAccount, "account_id"),
        actor_name=text_of(User, "actor_id"),
        actor_email=text_of(User, "actor_id", "email"),
    )
)
fetch_entries = RowsByKey(
    lambda: AuditEntry.objects.values(
        *("id", "at", "actor_name", "verb", "object_type", "object_id", "object_text"),
        *("before", "after", "reason", "job_id"),
    ),
    parsed=("before", "after"),
)
_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})
_NUMBER: Final = "inventory.telephonenumber"
_PAGES: Final = {
    "portal.provideraccount": "/providers/{}/",
    "portal.customer": "/customers/{}/",
    "portal.job": "/jobs/{}/",
    "portal.supportticket": "/tickets/{}/",
    "portal.upload": "/uploads/{}/",
    "portal.approval": "/approvals/{}/",
    "inventory.order": "/orders/{}/",
    "inventory.route": "/routes/{}/",
    "inventory.numbergroup": "/groups/{}/",
    "e911.location": "/e911/locations/{}/",
    "porting.portorder": "/ports/{}/",
    "porting.portout": "/ports/out/{}/",
    "porting.preflight": "/ports/checks/{}/",
}


def draw_jobs(rows: Iterable[Row], *, is_staff: bool) -> SafeString:
    """Return the table rows of jobs, as `fetch_jobs` reads them; only staff see reason and provider."""
    return _joined(_job(row, is_staff) for row in rows)


def _job(row: Row, is_staff: bool) -> str:
    pk = int(row["id"])
    is_told = is_staff and row["reason"] and row["status"] in Job.OPEN
    reason = f"<small>{escape(row['reason'])}</small>" if is_told else ""
    several = '<span class="nd-quiet">several</span>' if row["is_group"] else ""
    account = escape(row["account_name"]) if row["account_name"] else several
    provider = f'<td class="is-tight" data-label="Provider">{account}</td>' if is_staff else ""
    actor = escape(row["actor_name"] or row["actor_email"] or "Numberdesk")
    return (
        f'<tr id="job-row-{pk}"><td class="is-num" data-label="Job">{pk}</td>'
        f'<th scope="row" data-label="What"><a href="/jobs/{pk}/">{escape(row["title"])}</a>'
        f'{reason}</th><td data-label="State">{status_chip(row["status"], "job")}</td>'
        f'<td data-label="Progress">{_progress(row)}</td>{provider}'
        f'<td class="is-tight" data-label="Who">{actor}</td>'
        f'<td class="is-num" data-label="When">{ago(row["created_at"])}</td></tr>'
    )


def _progress(row: Row) -> str:
    done, failed, total = row["done_count"], row["failed_count"], row["total_count"]
    if not total:
        return ""
    told = f", {failed:,} failed" if failed else ""
    bar = progress_bar(done, failed, total, row["unknown_count"])
    return f"{bar}<small>{done:,} of {total:,}{told}</small>"


def draw_entries(rows: Iterable[Row]) -> SafeString:
    """Return the table rows of audit entries, as `fetch_entries` reads them."""
    return _joined(_entry(row) for row in rows)


def _entry(row: Row) -> str:
    text, url = escape(row["object_text"] or "–"), address(row)
    style = ' class="nd-tn"' if row["object_type"] == _NUMBER else ""
    about = f'<a{style} href="{escape(url)}">{text}</a>' if url else text
    job = int(row["job_id"] or 0)
    link = f'<a href="/jobs/{job}/">{job}</a>' if job else ""
    return (
        f'<tr><td class="is-tight" data-label="When">{ago(row["at"])}</td>'
        f'<td data-label="Who">{escape(row["actor_name"])}</td>'
        f'<th scope="row" data-label="About">{about}</th>'
        f'<td data-label="What">{escape(row["verb"])}</td>'
        f'<td data-label="Before → after">{_changes(row)}</td>'
        f'<td data-label="Reason">{escape(row["reason"])}</td>'
        f'<td class="is-num" data-label="Job">{link}</td></tr>'
    )


def _changes(row: Row) -> str:
    lines = []
    for name, old, new in changes(row):
        was = "" if old in _EMPTY else f"<del>{escape(shown(old))}</del> → "
        now = "nothing" if new in _EMPTY else escape(shown(new))
        label = f'<span class="nd-quiet">{escape(words(name))}</span>'
        lines.append(f"<div>{label} {was}<ins>{now}</ins></div>")
    return "".join(lines)


def changes(row: Row) -> list[tuple[str, Any, Any]]:
    """Return (field, before, after) for each field that an entry says something of."""
    names = list(dict.fromkeys([*row["before"], *row["after"]]))
    pairs = [(name, row["before"].get(name), row["after"].get(name)) for name in names]
    return [
        (name, old, new)
        for name, old, new in pairs
        if old != new and not (old in _EMPTY and new in _EMPTY)
    ]


def shown(value: Any) -> str:
    """Return a value of an entry as people read it: lists by commas, numbers in their format."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(shown(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{words(name)}: {shown(one)}" for name, one in value.items())
    return tn(value)


def address(row: Row) -> str:
    """Return where the object of an entry can be looked at; empty where it has no page."""
    if row["object_type"] == _NUMBER:
        return f"/numbers/{quote(row['object_text'], safe='()')}/" if row["object_text"] else ""
    page = _PAGES.get(row["object_type"], "")
    return page.format(int(row["object_id"])) if page and row["object_id"] else ""


def _joined(lines: Iterable[str]) -> SafeString:
    return mark_safe("\n".join(lines))  # noqa: S308 (every value was escaped on the way)
