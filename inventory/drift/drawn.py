"""Tables of differences: in the list, before a repair, on the page of a number."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.safestring import SafeString

from inventory.drift.repair import Repair
from inventory.drift.shown import Row, fetch, rows
from inventory.models import Finding, TelephoneNumber
from portal.jobs.submit import new_key
from portal.models import User
from portal.rows import Cell, draw_rows, link, pick, small, tn_link
from portal.templatetags.moments import ago, day
from portal.templatetags.portal import status_chip, tn


def draw_list(differences: Iterable[Row], *, query: str, can_repair: bool) -> SafeString:
    """Return the table rows of the list; `query` are its filters, which a repair leads back to."""
    cells = [_NUMBER, _WHAT_WHERE, *_VALUES, Cell("Found", _found)]
    if can_repair:
        cells = [_PICK, *cells, _repair_cell("repair-one", query=query)]
    return draw_rows(differences, cells, prefix="finding-row-")


def draw_preview(differences: Iterable[Row]) -> SafeString:
    """Return the table rows of differences that something is about to be done to."""
    return draw_rows(differences, _PREVIEW)


def of_number(number: TelephoneNumber, user: User) -> dict[str, Any]:
    """Return what the page of one number shows of its live differences."""
    at_home, elsewhere = Q(account=number.account_id), Q(kind=Finding.Kind.ALSO_LISTED)
    found = Finding.objects.live().filter(at_home | elsewhere, tn=number.tn)
    known = fetch(list(found.order_by("pk").values_list("pk", flat=True)))
    can_repair = user.has_perm("inventory.repair_finding")
    cells = [_WHAT, *_VALUES, Cell("State", _state)]
    if can_repair:
        cells.append(_repair_cell("repair-tn", back=number.tn))
    return {
        "findings": draw_rows(rows(known, user), cells) if known else "",
        "can_repair": can_repair,
        "repair_key": new_key() if known else "",
    }


def _number(row: Row) -> str:
    number = row.facts["tn"]
    if row.facts["number_id"]:
        return tn_link("/numbers/", number)
    return f'<span class="nd-tn">{escape(tn(number))}</span>'


def _what(row: Row) -> str:
    return escape(row.what)


def _what_where(row: Row) -> str:
    return escape(row.what) + small(row.facts["account_name"])


def _ours(row: Row) -> str:
    set_by = f"<small>{escape(row.set_by)}, {ago(row.set_at)}</small>" if row.set_by else ""
    return escape(row.ours) + set_by


def _theirs(row: Row) -> str:
    is_seen = row.facts["kind"] != Finding.Kind.MISSING
    seen = f"<small>seen {ago(row.facts['last_seen_at'])}</small>" if is_seen else ""
    return f"<strong>{escape(row.theirs)}</strong>{seen}"


def _state(row: Row) -> str:
    facts = row.facts
    drawn = str(status_chip(facts["status"], "finding"))
    if facts["status"] == Finding.Status.IGNORED:
        until = day(facts["ignored_until"]) if facts["ignored_until"] else ""
        drawn += small(f"until {until}: {facts['reason']}")
    elif facts["status"] == Finding.Status.REPAIRING and facts["job_id"]:
        job = link(f"/jobs/{facts['job_id']}/", f"job {facts['job_id']}")
        drawn += f"<small>{job}</small>"
    return drawn


def _found(row: Row) -> str:
    return f"{_state(row)}<small>{ago(row.facts['first_seen_at'])}</small>"


def _repair_cell(form: str, *, query: str = "", back: str = "") -> Cell:
    """Return the cell with a row's repairs; `form` posts the suggested one, others lead to a page."""
    around = urlencode({"filters": query, "back": back})

    def page(row: Row, repair: Repair, words: str, css: str) -> str:
        address = f"/drift/repair/{repair.name}/?finding={row.pk}&{around}"
        return link(address, words, css)

    def draw(row: Row) -> str:
        drawn = ""
        if row.main and row.main.needs_reason:
            drawn = page(row, row.main, f"{row.main.label}…", "btn btn-sm")
        elif row.main:
            drawn = (
                f'<button class="btn btn-sm" type="submit" form="{form}" formmethod="post"'
                f' formaction="/drift/repair/{row.main.name}/" name="finding"'
                f' value="{row.pk}">{escape(row.main.label)}</button>'
            )
        more = [page(row, other, other.label, "btn btn-sm btn-link") for other in row.others]
        why = f'<small class="nd-why">{escape(row.why_not)}</small>' if row.why_not else ""
        return "\n".join([drawn, *more]) + why

    return Cell("Repair", draw)


def _words(row: Row) -> str:
    return f"{tn(row.facts['tn'])}, {row.what}"


_PICK: Final = pick("finding", lambda row: row.pk, _words)
_NUMBER: Final = Cell("Number", _number, is_head=True)
_WHAT: Final = Cell("What", _what, is_head=True)
_WHAT_WHERE: Final = Cell("What", _what_where)
_VALUES: Final = (Cell("Here", _ours), Cell("There", _theirs))
_PREVIEW: Final = (
    Cell("Number", lambda row: escape(tn(row.facts["tn"])), "nd-tn", is_head=True),
    Cell("What", _what),
    *_VALUES,
    Cell("Provider", lambda row: escape(row.facts["account_name"])),
)
