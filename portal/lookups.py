"""Lookups of ours for the ORM; registered when the module is imported."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.lookups import Lookup


@models.CharField.register_lookup
class Among(Lookup):  # type: ignore[type-arg]
    """``tn__among=[…]``: as ``in``, with the texts as one array; for lists of thousands.

    Ten thousand parameters take Django and PostgreSQL a tenth of a second only to be read.
    """

    lookup_name = "among"

    def get_prep_lookup(self) -> list[str]:
        """Return the texts."""
        return [str(value) for value in self.rhs]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return ``column = ANY(array)``."""
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*params, self.rhs)
