"""What the pages of the lifecycle show: the numbers, who stays as he is, warnings, the next buttons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from inventory import features
from inventory.forms.lifecycle import QUESTIONS, LifecycleForm, usual_end
from inventory.lifecycle import (
    AGING_DAYS,
    VERBS,
    Verb,
    done_by,
    earliest_reuse,
    needs_approval,
    today,
)
from inventory.models import Assignment, TelephoneNumber, moves
from inventory.selection import Selection
from inventory.services.edit import Edit
from inventory.services.lifecycle import Preview, going
from inventory.taking_over import LIMIT, SetFeature, plan, set_on
from portal.jobs.submit import new_key
from portal.models import User

SHOWN = 10
HISTORY_SHOWN = 5
EDIT_WORDS = {"add_tags": "add tags", "remove_tags": "take off tags"}


@dataclass(frozen=True, kw_only=True)
class Button:
    """The way to a verb for one number."""

    verb: Verb
    url: str


def initial(verb: str, chosen: Selection, after: str = "") -> dict[str, Any]:
    """Return what the form starts from; a link may say what follows aging."""
    if verb == "replan" and chosen.count == 1 and (number := chosen.numbers.first()):
        return {"after": number.after_aging, "until": number.release_on}
    if verb == "assign" and chosen.count <= LIMIT:  # those held for one customer go to him
        held_for = set(chosen.numbers.order_by().values_list("customer", flat=True).distinct()[:2])
        return {"customer": held_for.pop() if len(held_for) == 1 else None}
    if verb in {"hold", "prolong"}:
        return {"until": usual_end("release")}
    return {"after": after} if verb == "out" and after else {}


def set_features(verb: str, chosen: Selection) -> list[SetFeature]:
    """Return what the numbers have set that a new customer need not take over; few numbers only."""
    if "keep" not in QUESTIONS[verb] or chosen.count > LIMIT:
        return []
    return set_on(chosen.numbers)


def taken_off(form: LifecycleForm, chosen: Selection) -> list[tuple[str, str]]:
    """Return what a valid choice takes off: the feature, and from how many numbers where."""
    if not form.choice.take_off:
        return []
    found = []
    for entry in plan(going(form.verb, chosen.numbers, form.choice), form.choice.take_off):
        counts = Counter(name for _, values in entry.numbers.values() for name in values)
        found += [
            (features.named(name), f"{n:,} number{'' if n == 1 else 's'} at {entry.account}")
            for name, n in counts.items()
        ]
    return found


def context(form: LifecycleForm, chosen: Selection, seen: Preview, *, token: str) -> dict[str, Any]:
    """Return what the page of a verb shows; `token` where its answers are valid."""
    classes: set[str] = set()
    if token and form.verb.name == "out":
        theirs = chosen.numbers.order_by().values_list("customer__aging_class", flat=True)
        classes = set(theirs.distinct())
    is_preview = bool(token) and bool(seen.going)
    shown = going(form.verb, chosen.numbers, form.choice) if is_preview else chosen.numbers
    return {
        "form": form,
        "verb": form.verb,
        "selection": chosen,
        "numbers": shown.select_related("customer")[:SHOWN],
        "shown_of": seen.going if is_preview else chosen.count,
        "seen": seen,
        "token": token,
        "is_preview": is_preview,
        "needs_approval": is_preview and needs_approval(form.verb, form.choice, seen.going),
        "key": new_key(),
        "taken_off": taken_off(form, chosen) if is_preview else [],
        "warnings": form.warnings(classes) if token else [],
        "done": done_by(form.verb, form.choice) if token else "",
    }


def edit_preview(changed: QuerySet[TelephoneNumber], edit: Edit) -> dict[str, Any]:
    """Return how many numbers an edit changes, and the first of them, before and after."""
    names = list(edit.expressions())
    rows = changed.order_by("tn").values("tn", *names, *[f"new_{name}" for name in names])[:SHOWN]
    labels = {name: TelephoneNumber._meta.get_field(name).verbose_name for name in names}  # type: ignore[union-attr]
    return {
        "changed_count": changed.order_by().count(),
        "heads": [str(labels[name]).capitalize() for name in names],
        "rows": [
            {
                "tn": row["tn"],
                "cells": [(_word(row[name]), _word(row[f"new_{name}"])) for name in names],
            }
            for row in rows
        ],
    }


def panel(number: TelephoneNumber, user: User) -> dict[str, Any]:
    """Return what a number's page shows of its lifecycle: buttons, plan, who had it."""
    query = f"?tn={number.tn.replace('+', '%2B')}"
    can_assign = user.has_perm("inventory.assign_telephonenumber")
    history = Assignment.objects.visible_to(user).filter(number=number)
    shown = list(history.select_related("customer", "actor")[: HISTORY_SHOWN + 1])
    disconnected = number.disconnected_on
    is_waiting = disconnected is not None and earliest_reuse(disconnected) > today()
    return {
        "buttons": [
            Button(verb=verb, url=reverse(f"inventory:tn-{verb.name}") + query)
            for verb in VERBS.values()
            if can_assign and number.state in verb.sources
        ],
        "history": shown[:HISTORY_SHOWN],
        "has_more": len(shown) > HISTORY_SHOWN,
        "free_on": earliest_reuse(disconnected) if disconnected and is_waiting else None,
        "aging_days": AGING_DAYS,
        "is_staff": user.is_staff_role,
        "nothing_to_do": not any(
            move.before == number.state and move.who == moves.ASSIGN for move in moves.MOVES
        ),
    }


def _word(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value in (None, "") else str(value)
