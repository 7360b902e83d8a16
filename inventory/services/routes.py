"""Routes, groups and facts of an account in our database: filing what providers told, and counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from inventory.models import CarrierNumber, Route, TelephoneNumber
from portal import audit, providers
from portal.models import AccountFact, Job, ProviderAccount, ProviderToken
from portal.providers.dto import RouteRecord

COUNT_CAP = 10_000
CREDENTIAL = "password"


def file_route(account: ProviderAccount, record: RouteRecord) -> Route:
    """Write what a provider told of one route into the cache, and return the row."""
    route, _ = Route.objects.update_or_create(
        account=account,
        provider_ref=record.ref[:64],
        defaults={
            "name": record.name[:120],
            "kind": record.kind[:20],
            "is_active": record.is_active,
            "is_system": record.is_system,
            "details": dict(record.details),
            "synced_at": timezone.now(),
            "missing_since": None,
        },
    )
    return route


def route_gone(account: ProviderAccount, ref: str) -> Route | None:
    """Mark a route as no longer there and return it; None where we never knew it."""
    route = Route.objects.filter(account=account, provider_ref=ref).first()
    if route is not None and route.missing_since is None:
        route.missing_since = timezone.now()
        route.save(update_fields=["missing_since"])
    return route


def route_facts(route: Route) -> dict[str, Any]:
    """Return what the audit keeps of a route: before a change, and after it."""
    return {
        "name": route.name,
        "is_active": route.is_active,
        "prefix": route.details.get("prefix"),
        "limit": route.details.get("limit"),
    }


def numbers_of(account: ProviderAccount | None, ref: str) -> QuerySet[TelephoneNumber]:
    """Return our numbers whose calls the provider sends to a route, in order."""
    there = CarrierNumber.objects.filter(account=account, tn=OuterRef("tn"), route_ref=ref)
    return TelephoneNumber.objects.ours().filter(Exists(there), account=account).order_by("tn")


_COUNT = """
    SELECT r.id, (SELECT count(*) FROM (
        SELECT 1 FROM inventory_carriernumber c
        JOIN inventory_telephonenumber n ON n.tn = c.tn AND n.account_id = c.account_id
        WHERE c.account_id = r.account_id AND {condition} LIMIT %s
    ) counted)
    FROM {table} r WHERE r.id = ANY(%s::bigint[])
"""


def _counted(table: str, condition: str, ids: Sequence[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(table=table, condition=condition), [COUNT_CAP + 1, list(ids)])
        return dict(cursor.fetchall())


def numbers_on(ids: Sequence[int]) -> dict[int, int]:
    """Return by the route's id how many of our numbers go there, at most one beyond `COUNT_CAP`."""
    return _counted("inventory_route", "c.route_ref = r.provider_ref", ids) if ids else {}


def numbers_in(ids: Sequence[int]) -> dict[int, int]:
    """Return by the group's id how many of our numbers are in it, at most one beyond `COUNT_CAP`."""
    condition = "c.values ? 'group_ref' AND c.values ->> 'group_ref' = r.provider_ref"
    return _counted("inventory_numbergroup", condition, ids) if ids else {}


def members_of(account: ProviderAccount, ref: str) -> QuerySet[CarrierNumber, str]:
    """Return the numbers that the provider told us to be in a group, in order."""
    mirrors = CarrierNumber.objects.filter(account=account, values__has_key="group_ref")
    told = mirrors.annotate(group=KeyTextTransform("group_ref", "values")).filter(group=ref)
    return told.order_by("tn").values_list("tn", flat=True)


def routes_by_client(account: ProviderAccount) -> dict[str, list[Route]]:
    """Return the listed routes of an account by the client that the provider files them under."""
    found: dict[str, list[Route]] = {}
    listed = Route.objects.filter(account=account, missing_since=None, details__has_key="client")
    for route in listed.order_by("name"):
        found.setdefault(str(route.details["client"]), []).append(route)
    return found


def count_words(count: int) -> str:
    """Return a count as it is shown; one beyond the cap reads "10,000+"."""
    return f"{min(count, COUNT_CAP):,}{'+' * (count > COUNT_CAP)}"


# -- what an account tells of itself ----------------------------------------------------------


def keep_fact(account: ProviderAccount, kind: str, content: Mapping[str, Any]) -> None:
    """Keep the last answer of a kind; the one before it is replaced."""
    AccountFact.objects.update_or_create(
        account=account,
        kind=kind,
        defaults={"content": dict(content), "fetched_at": timezone.now()},
    )


def facts_of(account: ProviderAccount) -> dict[str, AccountFact]:
    """Return everything that an account told of itself, by its kind."""
    return {fact.kind: fact for fact in AccountFact.objects.filter(account=account)}


# -- the password that is ours too ------------------------------------------------------------


def adopt_password(account: ProviderAccount, password: str, *, job: Job) -> bool:
    """Store a password that holds at the provider from now on; return whether it was another.

    Keys that were fetched with the old one are forgotten. A pause that the old one caused since the
    job began is lifted: whoever called meanwhile was refused for what this job did. Safe to repeat.
    """
    with transaction.atomic():
        row = ProviderAccount.objects.select_for_update().get(pk=account.pk)
        is_new = (row.credentials or {}).get(CREDENTIAL) != password
        if is_new:
            row.credentials = {**(row.credentials or {}), CREDENTIAL: password}
            row.save(update_fields=["credentials"])
            ProviderToken.objects.filter(account=row).delete()
            audit.record(
                job.actor, "portal.account.password_adopted", row, after={"by_job": job.pk}, job=job
            )
        lift_pause(row, since=job.started_at)
    account.credentials = row.credentials
    return is_new


def lift_pause(account: ProviderAccount, *, since: datetime | None) -> None:
    """End a pause for refused credentials that began since then: it was our own change's doing."""
    if since is None:
        return
    ProviderAccount.objects.filter(
        pk=account.pk, paused_at__gte=since, pause_reason=ProviderAccount.REFUSED_CREDENTIALS
    ).update(paused_at=None, pause_reason="")


def signs_in_by_password(slug: str) -> bool:
    """Return whether an account of this provider is signed in to with a password of its own."""
    fields = providers.provider_class(slug).credential_fields
    return any(field.name == CREDENTIAL for field in fields)
