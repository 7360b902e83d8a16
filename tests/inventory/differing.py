"""Findings for tests of the pages and repairs: a number that differs at a provider, and others."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from inventory.drift.compare import compare
from inventory.models import CarrierNumber, Finding, TelephoneNumber
from portal.models import ProviderAccount
from tests.inventory.desk import make_number

HERE, THERE = "+13125550177", "+13125550178"


def find(account: ProviderAccount) -> None:
    """Compare an account, as a sync does."""
    with transaction.atomic():
        compare(account)


def differing(
    account: ProviderAccount, tn: str = "+13125550101", *, values: dict | None = None, **fields: Any
) -> Finding:
    """Return the finding of a number that we want forwarded elsewhere than it is."""
    wanted = fields.pop("wanted", {"forward_to": HERE})
    make_number(account, tn, values=values or {"forward_to": THERE}, wanted=wanted, **fields)
    find(account)
    return Finding.objects.select_related("account", "number").get(tn=tn)


def unknown(account: ProviderAccount, tn: str = "+13125550102") -> Finding:
    """Return the finding of a number that the provider lists and we lack."""
    CarrierNumber.objects.create(
        account=account,
        tn=tn,
        state_word="assigned",
        rate_center="CHICAGO",
        region="IL",
        synced_at=timezone.now(),
    )
    find(account)
    return Finding.objects.select_related("account").get(tn=tn)


def missing(account: ProviderAccount, tn: str = "+13125550103", **fields: Any) -> Finding:
    """Return the finding of a number that the provider no longer lists."""
    number: TelephoneNumber = make_number(account, tn, **fields)
    TelephoneNumber.objects.filter(pk=number.pk).update(sync_state="missing")
    CarrierNumber.objects.filter(tn=tn).update(missing_since=timezone.now(), missing_count=2)
    find(account)
    return Finding.objects.select_related("account", "number").get(tn=tn)


def also_listed(
    home: ProviderAccount, account: ProviderAccount, tn: str = "+13125550104", **fields: Any
) -> Finding:
    """Return the finding of a number that we hold at `home` and `account` lists too."""
    make_number(home, tn, **fields)
    CarrierNumber.objects.create(account=account, tn=tn, synced_at=timezone.now())
    find(account)
    return Finding.objects.select_related("account", "number").get(tn=tn, account=account)
