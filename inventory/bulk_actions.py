"""What can be done with many numbers at once: the buttons above the list.

Each button sends what is ticked, or all that match, to its page by GET; the page reads it with
`inventory.selection.read`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from inventory.lifecycle import VERBS


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """A button: its words, the page that it leads to, and the permission that the page asks for."""

    label: str
    url_name: str
    permission: str
    is_dangerous: bool = False
    is_in_menu: bool = False  # of the lifecycle's verbs, which would crowd the bar


ACTIONS = (
    BulkAction(
        label="Change a feature…",
        url_name="inventory:feature-bulk",
        permission="inventory.configure_telephonenumber",
    ),
    BulkAction(
        label="Refresh…",
        url_name="inventory:tn-refresh-many",
        permission="inventory.refresh_telephonenumber",
    ),
    BulkAction(
        label="Edit…",
        url_name="inventory:tn-edit-many",
        permission="inventory.change_telephonenumber",
    ),
    BulkAction(
        label="Edit as a file",
        url_name="inventory:tn-export-edit",
        permission="inventory.configure_telephonenumber",
    ),
    BulkAction(
        label="Look up…",
        url_name="inventory:lookup-new",
        permission="inventory.lookup_telephonenumber",
    ),
    *(
        BulkAction(
            label=f"{verb.button}…",
            url_name=f"inventory:tn-{verb.name}",
            permission="inventory.assign_telephonenumber",
            is_in_menu=True,
        )
        for verb in VERBS.values()
    ),
    BulkAction(
        label="Give back…",
        url_name="inventory:tn-release",
        permission="inventory.release_telephonenumber",
        is_dangerous=True,
    ),
)


def allowed(user: Any) -> list[BulkAction]:
    """Return the actions that a user may do, in the order in which they are offered."""
    return [action for action in ACTIONS if user.has_perm(action.permission)]


def bar(user: Any) -> SafeString:
    """Return the buttons of the actions that a user may do, drawn once for all who may the same."""
    return _bar(tuple(allowed(user)))


@lru_cache(maxsize=32)
def _bar(actions: tuple[BulkAction, ...]) -> SafeString:
    menu = [action for action in actions if action.is_in_menu]
    buttons = [action for action in actions if not action.is_in_menu]
    return render_to_string("inventory/_tn_bulk.html", {"menu": menu, "buttons": buttons})
