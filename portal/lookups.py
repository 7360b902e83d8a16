"""Lookups of ours for the ORM; registered when the module is imported."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.lookups import Lookup


@models.CharField.register_lookup
class Among(Lookup):  # type: ignore[type-arg]
    """``tn__among=[…]``: as ``in``, with the texts as rows of one array; for lists of thousands.

    Each is looked up by the usual index then. Written out as an IN, or as ANY of the array, PostgreSQL
    takes them to the trigram index where there is one, for minutes.
    """

    lookup_name = "among"

    def get_prep_lookup(self) -> list[str]:
        """Return the texts."""
        return [str(value) for value in self.rhs]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return ``column IN (rows of the array)``."""
        column, params = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT unnest(%s::text[]))", (*params, self.rhs)
