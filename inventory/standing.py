"""What stands around a list that providers are asked for: who is being asked, and the accounts."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from portal import prepared, providers
from portal.models import Job, ProviderAccount


class Account(NamedTuple):
    """A provider account, as far as a list names it."""

    pk: int
    name: str
    slug: str

    def offers(self, capability: str) -> bool:
        """Return whether its provider has a capability, by its name."""
        return providers.offers(self.slug, capability)


class Standing(NamedTuple):
    """How many open jobs ask for the list, and all accounts by their names."""

    asked: int
    accounts: tuple[Account, ...]


def of(kind: str) -> Standing:
    """Return what is so at this moment, for the kind of job that asks for a list.

    For pages of staff, who see every account. Runs one query.
    """
    sql, params = _sql(kind)
    asked, accounts = prepared.rows(sql, params)[0]
    return Standing(asked, tuple(Account(*row) for row in accounts or ()))


@lru_cache(maxsize=8)
def _sql(kind: str) -> tuple[str, tuple[Any, ...]]:
    """Return the query: the same at each visit, and making it takes longer than running it."""
    jobs = Job.objects.open().filter(kind=kind).order_by().values("pk")
    sql, params = jobs.query.sql_with_params()
    accounts = ProviderAccount._meta.db_table
    told = f"SELECT json_agg(json_build_array(id, name, slug) ORDER BY name) FROM {accounts}"  # noqa: S608
    return f"SELECT (SELECT count(*) FROM ({sql}) AS open), ({told})", params  # noqa: S608
