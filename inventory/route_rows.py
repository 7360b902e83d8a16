"""The rows of the lists of routes and of groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Final

from django.utils.safestring import SafeString

from inventory.models import NumberGroup, Route
from inventory.services.routes import count_words
from portal import told_words
from portal.fetch import RowsByKey, text_of
from portal.models import ProviderAccount
from portal.rows import Cell, Row, draw_rows, link, small
from portal.templatetags.moments import ago
from portal.templatetags.portal import chip, words

_ACCOUNT: Final = text_of(ProviderAccount, "account_id")
# What a row is drawn from: dicts by the rows' keys.
fetch_routes: Final = RowsByKey(
    lambda: Route.objects.values(
        *("id", "account_id", "provider_ref", "name", "kind", "is_active", "is_system", "details"),
        *("missing_since", "synced_at"),
        account_name=_ACCOUNT,
    ),
)
fetch_groups: Final = RowsByKey(
    lambda: NumberGroup.objects.values(
        *("id", "account_id", "provider_ref", "name", "missing_since", "synced_at"),
        account_name=_ACCOUNT,
    )
)


def draw_routes(rows: Iterable[Row], counts: Mapping[int, int]) -> SafeString:
    """Return the table rows of routes, as `fetch_routes` reads them, with their numbers."""
    return draw_rows(_with_counts(rows, counts), _ROUTE)


def draw_groups(rows: Iterable[Row], counts: Mapping[int, int]) -> SafeString:
    """Return the table rows of groups, as `fetch_groups` reads them, with their numbers."""
    return draw_rows(_with_counts(rows, counts), _GROUP)


def _with_counts(rows: Iterable[Row], counts: Mapping[int, int]) -> Iterable[Row]:
    return ({**row, "count": counts.get(row["id"], 0)} for row in rows)


def _missing(row: Row) -> str:
    return chip("Missing at provider", "bad") if row["missing_since"] else ""


def _route(row: Row) -> str:
    own = "the provider’s own" if row["is_system"] else ""
    told = told_words.addresses(row["details"]) or own
    return link(f"/routes/{row['id']}/", row["name"]) + small(told)


def _state(row: Row) -> str:
    on_off = chip("Active", "ok") if row["is_active"] else chip("Inactive", "warn")
    is_silent = row["count"] and (row["missing_since"] or not row["is_active"])
    return (_missing(row) or on_off) + small("its numbers do not ring" if is_silent else "")


def _numbers(row: Row) -> str:
    if not row["count"]:
        return "0"
    return link(f"/numbers/?route={row['id']}", count_words(row["count"]))


def _group(row: Row) -> str:
    named = link(f"/groups/{row['id']}/", row["name"] or row["provider_ref"])
    return f"{named} {_missing(row)}".rstrip()


def _reference(row: Row) -> str:
    return escape(row["provider_ref"])


def _provider(row: Row) -> str:
    return link(f"/providers/{row['account_id']}/", row["account_name"])


_CHECKED: Final = Cell("Checked", lambda row: ago(row["synced_at"]), "is-num")
_ROUTE: Final = (
    Cell("Route", _route, is_head=True),
    Cell("State", _state),
    Cell("Reference", _reference),
    Cell("Kind", lambda row: escape(words(row["kind"]))),
    Cell("Provider", _provider),
    Cell("Numbers", _numbers, "is-num"),
    _CHECKED,
)
_GROUP: Final = (
    Cell("Group", _group, is_head=True),
    Cell("Reference", _reference),
    Cell("Provider", _provider),
    Cell("Numbers", lambda row: count_words(row["count"]), "is-num"),
    _CHECKED,
)
