"""What a provider account told of itself, kept: facts, balance over time, time whose calls are known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from portal import call_windows, providers
from portal.call_windows import Window
from portal.models import AccountFact, BudgetSpend, ProviderAccount

CALLS_PATIENCE: Final = timedelta(hours=1)  # how old the newest calls may get by the schedule
BALANCE_POINTS: Final = 400
# Balances that follow each other within this time are one point of the plot, the later one.
BALANCE_SECONDS: Final = 3600


def keep(account: ProviderAccount, kind: str, content: Mapping[str, Any]) -> None:
    """Keep the last answer of a kind; decimals and times become text."""
    AccountFact.objects.update_or_create(
        account=account,
        kind=kind,
        defaults={"content": plain(content), "fetched_at": timezone.now()},
    )


def plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return values that the database can hold as JSON."""
    found: dict[str, Any] = _printable(json.loads(json.dumps(dict(content), cls=DjangoJSONEncoder)))
    return found


def _printable(value: Any) -> Any:
    """Return a JSON value without the one character that PostgreSQL cannot hold."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [_printable(one) for one in value]
    if isinstance(value, dict):
        return {_printable(name): _printable(one) for name, one in value.items()}
    return value


@transaction.atomic
def note_balance(account: ProviderAccount, balance: Decimal) -> None:
    """Write the balance to the account and to its history."""
    now = timezone.now()
    locked = ProviderAccount.objects.select_for_update().filter(pk=account.pk)
    if not locked.exists():
        return
    locked.update(balance=balance, balance_at=now)
    fact = AccountFact.objects.filter(account=account, kind="balances").first()
    points = list(fact.content.get("points", [])) if fact else []
    at = int(now.timestamp())
    if len(points) > 1 and at - points[-2][0] < BALANCE_SECONDS:
        points.pop()
    points.append([at, str(balance)])
    keep(account, "balances", {"points": points[-BALANCE_POINTS:]})


def covered(account: ProviderAccount) -> list[Window]:
    """Return the time whose calls are known."""
    fact = AccountFact.objects.filter(account=account, kind="calls").first()
    return windows(fact.content) if fact else []


def windows(content: Mapping[str, Any]) -> list[Window]:
    """Return the time that is known by the fact about calls."""
    return [
        Window(since=since, until=until)
        for pair in content.get("known", [])
        if (since := parse_datetime(pair[0])) and (until := parse_datetime(pair[1]))
    ]


def cover(account: ProviderAccount, window: Window, *, at: datetime) -> None:
    """Note that the calls of a window were fetched at a moment; the youngest are asked for again."""
    known = covered(account)
    if part := call_windows.settled(window, at):
        known.append(part)
    known = call_windows.without_old(call_windows.merged(known), at)
    pairs = [[one.since.isoformat(), one.until.isoformat()] for one in known]
    keep(account, "calls", {"known": pairs})


def spent_until(account: ProviderAccount) -> dict[str, datetime]:
    """Return, for each budget that is used up, when the provider may be asked again.

    Budgets that the provider counts per address are shared with all its other accounts.
    """
    scopes = [f"account:{account.pk}", f"source:{account.slug}"]
    spent = BudgetSpend.objects.filter(scope__in=scopes, expires_at__gt=timezone.now())
    by_budget: dict[tuple[str, str], list[BudgetSpend]] = {}
    for row in spent.order_by("expires_at"):
        by_budget.setdefault((row.scope, row.bucket), []).append(row)
    waits: dict[str, datetime] = {}
    for (_, bucket), rows in by_budget.items():
        if len(rows) >= rows[0].allowed > 0:
            waits[bucket] = max(rows[0].expires_at, waits.get(bucket, rows[0].expires_at))
    return waits


def budget_until(slug: str, capability: str, spent: Mapping[str, datetime]) -> datetime | None:
    """Return when a provider's capability may be used again, by `spent_until`; None: now."""
    methods = providers.provider_class(slug).methods.values()
    buckets = {m.name for m in methods if capability in {m.capability, *m.also_serves}}
    return max((at for bucket, at in spent.items() if bucket in buckets), default=None)
