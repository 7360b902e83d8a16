"""Filling the database: numbers with their mirror, audit entries and jobs, made in SQL.

Everything follows from the number's running count by a hash, so that every run makes the same rows
and a larger fill contains the smaller one.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from typing import Any

from django.db import connection, transaction

from bench import fill_sql
from inventory.models import TelephoneNumber
from portal.models import Customer, ProviderAccount, User

ADMIN = "bench@example.net"
CUSTOMERS = 500
BIG_FILL = 50_000  # from here on indexes are quicker made anew than kept up
# Slug, name, credentials and settings at the sandbox, in the order of the accounts' ids.
ACCOUNTS: tuple[tuple[str, str, dict[str, str], dict[str, str]], ...] = (
    (
        "voip_innovations",
        "VoIP Innovations",
        {"login": "sandbox", "secret": "sandbox-secret"},
        {"endpoint_group": "13550"},
    ),
    ("voicetel", "VoiceTel", {"username": "2125550100", "password": "Sandbox1"}, {"route": "4"}),
    (
        "intelepeer",
        "IntelePeer",
        {"username": "sandbox@example.net", "password": "sandbox-secret"},
        {"package_id": "30001", "service_area": "4"},
    ),
    (
        "custom_toll_free",
        "Custom Toll Free",
        {"key": "SANDBOXKEY0001"},
        {
            "resporg": "SBX01",
            "template": "*SBDEFAULT",
            "contact_name": "Example Desk",
            "contact_phone": "2125550142",
        },
    ),
)


@transaction.atomic
def people(sandbox_url: str) -> User:
    """Make the user, the customers and the provider accounts, if they are missing; return the user."""
    for slug, name, credentials, values in ACCOUNTS:
        ProviderAccount.objects.update_or_create(
            name=name,
            defaults={
                "slug": slug,
                "base_url": sandbox_url,
                "credentials": credentials,
                "settings": values,
                "is_sandbox": True,
                "calls_per_minute": 100_000,
            },
        )
    if not Customer.objects.exists():
        Customer.objects.bulk_create(
            Customer(code=f"C{n:04}", name=f"Customer {n:04}", billing_id=f"B-{n:04}")
            for n in range(1, CUSTOMERS + 1)
        )
    user, _ = User.objects.get_or_create(
        email=ADMIN, defaults={"name": "Bench Desk", "role": User.Role.ADMINISTRATOR}
    )
    return user


def numbers(rows: int) -> float:
    """Fill up to `rows` numbers with all that belongs to them; return the seconds it took."""
    started = time.monotonic()
    known = TelephoneNumber.objects.count()
    if known >= rows:
        return 0.0
    facts: dict[str, Any] = {
        "first": known + 1,
        "last": rows,
        "accounts": list(
            ProviderAccount.objects.filter(name__in=[row[1] for row in ACCOUNTS])
            .order_by("pk")
            .values_list("pk", flat=True)
        ),
        "customers": list(Customer.objects.order_by("pk").values_list("pk", flat=True)),
        "actor": User.objects.get(email=ADMIN).pk,
    }
    tables = ["inventory_telephonenumber", "inventory_carriernumber", "portal_auditentry"]
    with transaction.atomic(), connection.cursor() as cursor, _bare(cursor, tables, rows - known):
        _load_exchanges(cursor)
        for statement in fill_sql.STATEMENTS:
            cursor.execute(statement, facts)
    with connection.cursor() as cursor:
        # Also empties the lists of what the trigram indexes still have to take in.
        cursor.execute("VACUUM (ANALYZE)")
    return time.monotonic() - started


@contextmanager
def _bare(cursor: Any, tables: list[str], rows: int) -> Iterator[None]:
    """Drop the tables' plain indexes for the time of a big fill."""
    definitions: list[tuple[str, str]] = []
    if rows >= BIG_FILL:
        cursor.execute(
            """
            SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
            FROM pg_index i
            WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisunique
            """,
            [tables],
        )
        definitions = cursor.fetchall()
    for name, _ in definitions:
        cursor.execute(f"DROP INDEX {name}")
    yield
    if definitions:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no index while checks are pending
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
    for _, definition in definitions:
        cursor.execute(definition)


def _load_exchanges(cursor: Any) -> None:
    """Stage the exchanges of the number plan that the sandbox's stock is made from."""
    cursor.execute(fill_sql.EXCHANGES)
    source = resources.files("portal.sandbox.data").joinpath("exchanges.csv")
    columns = ("npa", "nxx", "state", "rate_center", "lata")
    with (
        source.open(encoding="utf-8") as file,
        cursor.copy("COPY bench_exchange (npa, nxx, region, rate_center, lata) FROM STDIN") as copy,
    ):
        for row in csv.DictReader(file):
            copy.write_row([row[name] for name in columns])
