"""The rows of the platform's own lists: jobs, audit entries, customers, tickets, uploads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from html import escape
from typing import Any, Final
from urllib.parse import quote

from django.utils.safestring import SafeString
from django.utils.text import Truncator

from portal.fetch import RowsByKey, text_of
from portal.models import (
    AuditEntry,
    Customer,
    Job,
    ProviderAccount,
    SupportTicket,
    Upload,
    UploadRow,
    User,
)
from portal.rows import Cell, Row, draw_rows, link, small, tn_link
from portal.templatetags.drawing import progress_bar
from portal.templatetags.moments import ago
from portal.templatetags.portal import chip, status_chip, tn, words

_ACTOR: Final[Mapping[str, Any]] = {
    "actor_name": text_of(User, "actor_id"),
    "actor_email": text_of(User, "actor_id", "email"),
}
# What a row is drawn from: dicts by the rows' keys.
fetch_jobs = RowsByKey(
    lambda: Job.objects.values(
        *("id", "title", "reason", "status", "total_count", "done_count", "failed_count"),
        *("unknown_count", "is_group", "created_at"),
        account_name=text_of(ProviderAccount, "account_id"),
        **_ACTOR,
    )
)
fetch_entries = RowsByKey(
    lambda: AuditEntry.objects.values(
        *("id", "at", "actor_name", "verb", "object_type", "object_id", "object_text"),
        *("before", "after", "reason", "job_id"),
    ),
)
fetch_customers = RowsByKey(
    lambda: Customer.objects.values(
        *("id", "code", "name", "aging_class", "billing_id", "email", "is_active")
    )
)
fetch_tickets = RowsByKey(
    lambda: SupportTicket.objects.values(
        *("id", "shown_number", "subject", "preview", "status", "tn", "opened_at", "changed_at"),
        account_name=text_of(ProviderAccount, "account_id"),
    )
)
fetch_uploads = RowsByKey(
    lambda: Upload.objects.values(
        *("id", "kind", "name", "state", "run_at", "row_count", "counts", "created_at"), **_ACTOR
    ),
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
    return draw_rows(rows, _STAFF_JOB if is_staff else _JOB, prefix="job-row-")


def _title(row: Row) -> str:
    return link(f"/jobs/{row['id']}/", row["title"])


def _title_and_reason(row: Row) -> str:
    return _title(row) + (small(row["reason"]) if row["status"] in Job.OPEN else "")


def _provider(row: Row) -> str:
    several = '<span class="nd-quiet">several</span>' if row["is_group"] else ""
    return escape(row["account_name"]) if row["account_name"] else several


def _who(row: Row) -> str:
    return escape(row["actor_name"] or row["actor_email"] or "Numberdesk")


def _progress(row: Row) -> str:
    done, failed, total = row["done_count"], row["failed_count"], row["total_count"]
    if not total:
        return ""
    told = f", {failed:,} failed" if failed else ""
    bar = progress_bar(done, failed, total, row["unknown_count"])
    return f"{bar}<small>{done:,} of {total:,}{told}</small>"


_JOB: Final = (
    Cell("Job", lambda row: str(row["id"]), "is-num"),
    Cell("What", _title, is_head=True),
    Cell("State", lambda row: status_chip(row["status"], "job")),
    Cell("Progress", _progress),
    Cell("Who", _who, "is-tight"),
    Cell("When", lambda row: ago(row["created_at"]), "is-num"),
)
_STAFF_JOB: Final = (
    _JOB[0],
    Cell("What", _title_and_reason, is_head=True),
    *_JOB[2:4],
    Cell("Provider", _provider, "is-tight"),
    *_JOB[4:],
)


def draw_entries(rows: Iterable[Row]) -> SafeString:
    """Return the table rows of audit entries, as `fetch_entries` reads them."""
    return draw_rows(rows, _ENTRY)


def _about(row: Row) -> str:
    text, url = row["object_text"] or "–", address(row)
    css = "nd-tn" if row["object_type"] == _NUMBER else ""
    return link(url, text, css) if url else escape(text)


def _job_of(row: Row) -> str:
    return link(f"/jobs/{row['job_id']}/", row["job_id"]) if row["job_id"] else ""


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


_ENTRY: Final = (
    Cell("When", lambda row: ago(row["at"]), "is-tight"),
    Cell("Who", lambda row: escape(row["actor_name"])),
    Cell("About", _about, is_head=True),
    Cell("What", lambda row: escape(row["verb"])),
    Cell("Before → after", _changes),
    Cell("Reason", lambda row: escape(row["reason"])),
    Cell("Job", _job_of, "is-num"),
)


def draw_customers(rows: Iterable[Row], counts: Mapping[int, str]) -> SafeString:
    """Return the table rows of customers, as `fetch_customers` reads them, with their numbers."""

    def numbers(row: Row) -> str:
        return link(f"/numbers/?customer={row['id']}", counts.get(row["id"], "0"))

    return draw_rows(rows, [*_CUSTOMER, Cell("Numbers", numbers, "is-num")])


def _customer(row: Row) -> str:
    inactive = "" if row["is_active"] else f" {chip('Inactive', 'muted')}"
    return link(f"/customers/{row['id']}/", row["name"]) + inactive


_AGING: Final = dict(Customer.AgingClass.choices)
_CUSTOMER: Final = (
    Cell("Name", _customer, is_head=True),
    Cell("Code", lambda row: escape(row["code"])),
    Cell("Class", lambda row: escape(str(_AGING.get(row["aging_class"], "")))),
    Cell("Billing id", lambda row: escape(row["billing_id"])),
    Cell("E-mail", lambda row: escape(row["email"])),
)


def draw_tickets(rows: Iterable[Row], here: Collection[str]) -> SafeString:
    """Return the table rows of tickets, as `fetch_tickets` reads them; numbers in `here` are links."""
    return draw_rows(({**row, "is_here": row["tn"] in here} for row in rows), _TICKET)


def _about_number(row: Row) -> str:
    return tn_link("/numbers/", row["tn"]) if row["is_here"] else escape(tn(row["tn"])) or "–"


def _subject(row: Row) -> str:
    preview = Truncator(row["preview"]).chars(120)
    return link(f"/tickets/{row['id']}/", row["subject"]) + small(preview)


_TICKET: Final = (
    Cell("Ticket", lambda row: escape(row["shown_number"]), "is-tight"),
    Cell("Subject", _subject, is_head=True),
    Cell("State", lambda row: status_chip(row["status"], "ticket"), "is-tight"),
    Cell("Account", lambda row: escape(row["account_name"])),
    Cell("About", _about_number, "is-tight"),
    Cell("Opened", lambda row: ago(row["opened_at"], "long", "not told"), "is-num"),
    Cell("Changed", lambda row: ago(row["changed_at"]), "is-num"),
)


def draw_uploads(rows: Iterable[Row], kinds: Mapping[str, str]) -> SafeString:
    """Return the table rows of uploads, as `fetch_uploads` reads them; `kinds` are their words."""

    def file(row: Row) -> str:
        return link(f"/uploads/{row['id']}/", row["name"]) + small(kinds.get(row["kind"], ""))

    return draw_rows(rows, [_UPLOAD[0], Cell("File", file, is_head=True), *_UPLOAD[1:]])


def _upload_state(row: Row) -> str:
    at = f"<small>{ago(row['run_at'])}</small>" if row["state"] == "scheduled" else ""
    return f"{status_chip(row['state'], 'upload')}{at}"


def _faulty(row: Row) -> str:
    return str(sum(row["counts"].get(state, 0) for state in UploadRow.FAULTY))


_UPLOAD: Final = (
    Cell("Upload", lambda row: str(row["id"]), "is-num is-tight"),
    Cell("State", _upload_state, "is-tight"),
    Cell("Lines", lambda row: str(row["row_count"]), "is-num"),
    Cell("Done", lambda row: str(row["counts"].get("ok") or 0), "is-num"),
    Cell("Not done", _faulty, "is-num"),
    Cell("Who", _who),
    Cell("When", lambda row: ago(row["created_at"]), "is-num"),
)
