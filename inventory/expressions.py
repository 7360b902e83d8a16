"""Facts about a number as SQL expressions, for writes that change many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Func, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat, Substr

from inventory.models import TelephoneNumber

# As `str(number)` writes it: the audit log and the timeline know a number by this text.
SHOWN = Case(
    When(
        npa__isnull=False,
        then=Concat(Value("("), "npa", Value(") "), "nxx", Value("-"), Substr("tn", 9)),
    ),
    default=F("tn"),
    output_field=models.CharField(),
)

_TAGS = ArrayField(models.CharField(max_length=32))


class WithTags(Func):
    """The tags of a number and some more, each once, in order."""

    template = (
        "(SELECT coalesce(array_agg(DISTINCT tag ORDER BY tag), '{}') "
        "FROM unnest(%(expressions)s) AS tag)::varchar(32)[]"
    )
    arg_joiner = " || "
    output_field = _TAGS

    def __init__(self, tags: Any, added: Sequence[str]) -> None:
        super().__init__(tags, Value(list(added), output_field=_TAGS))


class WithoutTags(Func):
    """The tags of a number without some of them, each once, in order."""

    template = (
        "(SELECT coalesce(array_agg(DISTINCT tag ORDER BY tag), '{}') "
        "FROM unnest(%(expressions)s))::varchar(32)[]"
    )
    arg_joiner = ") AS tag WHERE tag <> ALL ("
    output_field = _TAGS

    def __init__(self, tags: Any, removed: Sequence[str]) -> None:
        super().__init__(tags, Value(list(removed), output_field=_TAGS))


def among(model: type[models.Model], column: str, ids: Sequence[int]) -> RawSQL:
    """Return the condition that a row of `model` has one of some ids, thousands as one parameter.

    Unlike a subquery it leaves the planner nothing to join: rows written a moment ago, and not
    counted yet, would else be gone through once for each id.
    """
    return RawSQL(  # noqa: S611 (our own names; the ids are a parameter)
        f'"{model._meta.db_table}"."{column}" = ANY(%s::bigint[])',
        [list(ids)],
        output_field=models.BooleanField(),
    )


def by_ids(ids: Sequence[int]) -> QuerySet[TelephoneNumber]:
    """Return the numbers of some ids."""
    return TelephoneNumber.objects.filter(among(TelephoneNumber, "id", ids))
