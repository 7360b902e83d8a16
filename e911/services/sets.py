"""Moves of many records at once, for what happens to numbers by thousands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from django.db import models
from django.db.models import Case, F, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat, Substr
from django.utils import timezone

from e911 import gaps
from e911.models import EmergencyRecord
from inventory.models import TelephoneNumber
from inventory.services import summaries
from portal import audit
from portal.models import Job

T = TypeVar("T")
CHUNK: Final = 5000

# As `str(number)` writes it: the timeline knows a number by this text.
SHOWN: Final = Case(
    When(
        npa__isnull=False,
        then=Concat(Value("("), "npa", Value(") "), "nxx", Value("-"), Substr("tn", 9)),
    ),
    default=F("tn"),
    output_field=models.CharField(),
)


def chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    """Yield rows by thousands, for statements that name each."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def among(model: type[models.Model], ids: Sequence[int]) -> Any:
    """Return the rows of some ids, which travel as one parameter."""
    condition = RawSQL(  # noqa: S611 (our own names; the ids are a parameter)
        f'"{model._meta.db_table}"."id" = ANY(%s::bigint[])',
        [list(ids)],
        output_field=models.BooleanField(),
    )
    return model._default_manager.filter(condition)


def move_all(
    ids: Sequence[int], to: str, *, reason: str, job: Job | None = None, **changes: Any
) -> int:
    """Move records that may all make the move, audit each on its number, and tell the numbers.

    `changes` are values or expressions. Call inside a transaction; the rows are chosen by the rule
    that makes the move, so the table is not asked again.
    """
    for chunk in chunks(ids):
        rows = among(EmergencyRecord, chunk)
        found = list(rows.exclude(number=None).values_list("number_id", "tn"))
        numbers = among(TelephoneNumber, [number for number, _ in found])
        tell_all(numbers, to, reason=reason, job=job)
        rows.update(
            **{"previous_state": F("state"), "reason": reason[:500]} | changes,
            state=to,
            state_since=timezone.now(),
            updated_at=timezone.now(),
        )
        stand_all([number for number, _ in found])
    return len(ids)


def tell_all(numbers: Any, to: str, *, reason: str, job: Job | None = None) -> None:
    """Write into the audit log that the records of numbers moved; before the rows are changed."""
    audit.record_set(
        None,
        f"e911.record.{to}",
        numbers,
        text=SHOWN,
        before={"state": F("e911_state")},
        after={"state": to},
        customer=F("customer_id"),
        reason=reason,
        job=job,
    )


def stand_all(number_ids: Sequence[int]) -> None:
    """Tell numbers what the record that they go by is, and refresh their places in the report."""
    for chunk in chunks(number_ids):
        rows = EmergencyRecord.objects.filter(
            number_id__in=chunk, account_id=F("number__account_id")
        )
        words = dict(rows.values_list("tn", "state"))
        summaries.note("e911_state", words)
        gaps.refresh(chunk)
