"""Changing what is ours alone on many numbers at once: label, billing, cost, note, tags, locks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from inventory.expressions import SHOWN, WithoutTags, WithTags, by_ids
from inventory.models import TelephoneNumber
from inventory.models.number import MOST_TAGS
from portal import audit
from portal.models import User


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What to set on each number: `values` by field, and what happens to its tags."""

    values: dict[str, Any] = field(default_factory=dict)
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.values or self.add_tags or self.remove_tags)

    def kept(self) -> dict[str, Any]:
        """Return the edit as JSON can hold it; its items are the arguments of another."""
        return {
            "values": dict(self.values),
            "add_tags": list(self.add_tags),
            "remove_tags": list(self.remove_tags),
        }

    def expressions(self) -> dict[str, Any]:
        """Return field → expression over the row as it is; each of the model's own type."""
        column: Any = TelephoneNumber._meta.get_field
        written: dict[str, Any] = {
            name: Value(value, output_field=column(name)) for name, value in self.values.items()
        }
        if self.add_tags or self.remove_tags:
            tags: Any = F("tags")
            if self.remove_tags:
                tags = WithoutTags(tags, self.remove_tags)
            written["tags"] = WithTags(tags, self.add_tags)
        return written


def changed_by(numbers: QuerySet[TelephoneNumber], edit: Edit) -> QuerySet[TelephoneNumber]:
    """Return those of `numbers` that an edit changes; none where it says nothing."""
    differs = Q(pk__in=[])
    new = {f"new_{name}": value for name, value in edit.expressions().items()}
    for name in edit.expressions():
        differs |= _tags_differ(edit) if name == "tags" else ~_is_same(edit, name)
    return numbers.annotate(**new).filter(differs)


def _is_same(edit: Edit, name: str) -> Q:
    if edit.values[name] is None:
        return Q(**{f"{name}__isnull": True})
    is_same = Q(**{name: F(f"new_{name}")})
    if TelephoneNumber._meta.get_field(name).null:
        is_same &= Q(**{f"{name}__isnull": False})
    return is_same


def _tags_differ(edit: Edit) -> Q:
    """Return the condition without the new tags: to make them takes ten times as long."""
    gone = set(edit.remove_tags) - set(edit.add_tags)
    return ~Q(tags__contains=list(edit.add_tags)) | Q(tags__overlap=sorted(gone))


def overfilled_by(numbers: QuerySet[TelephoneNumber], edit: Edit) -> int:
    """Return how many of `numbers` an edit would give more tags than a number may have."""
    if not edit.add_tags:
        return 0
    near = numbers.order_by().filter(tags__len__gt=MOST_TAGS - len(edit.add_tags))
    rows = near.annotate(new_tags=edit.expressions()["tags"])
    return rows.filter(new_tags__len__gt=MOST_TAGS).count()


@transaction.atomic
def edit_many(numbers: QuerySet[TelephoneNumber], edit: Edit, *, actor: User) -> int:
    """Write an edit to those of `numbers` that it changes, audited; return how many these were."""
    chosen = changed_by(numbers, edit).order_by("pk").select_for_update(of=("self",))
    ids = list(chosen.values_list("pk", flat=True))
    if not ids:
        return 0
    rows = by_ids(ids)
    written = edit.expressions()
    audit.record_set(
        actor,
        "inventory.tn.edited",
        rows,
        text=SHOWN,
        before={name: _told(name, F(name)) for name in written},
        after={name: _told(name, value) for name, value in written.items()},
        customer=F("customer_id"),
    )
    rows.update(**written, updated_at=timezone.now())
    return len(ids)


def _told(name: str, value: Any) -> Any:
    """Return a value as the audit tells it: decimals as text, with the places of the column."""
    if name != "monthly_cost":
        return value
    column: Any = TelephoneNumber._meta.get_field(name)
    return Cast(Cast(value, column), models.CharField())
