"""What the statement of a provider account shows: each answer with its age and its next refresh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from portal import account_facts, panels, providers
from portal.models import AccountFact, CallRecord, Job, ProviderAccount, User
from portal.tn import TN, InvalidTN

POINTS_IN_TABLE = 60
NAMES: Final = {name: name.upper() for name in ("sms", "mms", "cnam", "lrn", "e911", "rcid")}
CALLS = "calls"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Something that can be asked of an account: what it is called, the job that asks."""

    title: str
    kind: str
    capability: str


SOURCES: Final[dict[str, Source]] = {
    "profile": Source(title="Profile", kind="portal.read_profile", capability="account_profile"),
    "charges": Source(
        title="Monthly charges", kind="portal.read_charges", capability="recurring_charges"
    ),
    "credits": Source(title="Credits", kind="portal.read_credits", capability="account_credits"),
    "payments": Source(
        title="Payments", kind="portal.read_payments", capability="account_payments"
    ),
    "registration": Source(
        title="Registered device", kind="portal.read_registration", capability="registration"
    ),
    "clients": Source(title="Clients", kind="portal.read_clients", capability="client_list"),
    CALLS: Source(title="Call records", kind="portal.pull_calls", capability="call_records"),
    "balance": Source(
        title="Balance", kind="inventory.check_account", capability="credential_check"
    ),
}
STATEMENT: Final = ("charges", "credits", "payments", "registration")
TABS: Final = (
    ("overview", "Overview", "portal:provider-detail", ()),
    ("statement", "Statement", "portal:statement", ("credential_check",)),
    ("calls", "Calls", "portal:call-list", ("call_records",)),
    ("subaccounts", "Sub-accounts", "portal:subaccount-list", ("client_list", "account_creation")),
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One answer of the provider as the page shows it."""

    name: str
    title: str
    content: Mapping[str, Any] = field(default_factory=dict)
    fetched_at: datetime | None = None
    why_not: str = ""  # the provider does not tell it at all
    again_at: datetime | None = None  # the budget is used up until then
    job: Job | None = None  # being asked just now
    failed: Job | None = None  # asked after that, in vain


def tabs(account: ProviderAccount, user: User, current: str) -> list[dict[str, Any]]:
    """Return the pages of an account that its provider has something for; none beyond one."""
    if not user.has_perm("portal.view_statement"):
        return []
    return [
        {"label": label, "url": reverse(url, args=[account.pk]), "is_current": name == current}
        for name, label, url, needs in TABS
        if not needs or any(providers.offers(account.slug, need) for need in needs)
    ]


def parts(account: ProviderAccount, *names: str) -> dict[str, Part]:
    """Return these answers of an account, by three queries."""
    known = {fact.kind: fact for fact in AccountFact.objects.filter(account=account)}
    kinds = [SOURCES[name].kind for name in names]
    told = Job.objects.filter(account=account, kind__in=kinds, status__in=[*Job.OPEN, "failed"])
    by_kind = {job.kind: job for job in told.defer("params", "result").order_by("pk")}
    spent = account_facts.spent_until(account)
    return {name: _part(account, name, known.get(name), by_kind, spent) for name in names}


def statement(account: ProviderAccount, user: User) -> dict[str, Any]:
    """Return the context of the statement."""
    money = "profile" if providers.offers(account.slug, "account_profile") else "balance"
    found = parts(account, money, *STATEMENT)
    head = found.pop(money)
    offered = {name: part for name, part in found.items() if not part.why_not}
    return {
        "account": account,
        "tabs": tabs(account, user, "statement"),
        "head": head,
        "profile": head.content if money == "profile" else {},
        "balances": _balances(account),
        "parts": offered,
        "lacking": [part.why_not for part in found.values() if part.why_not],
        "can_refresh": user.has_perm("portal.refresh_statement"),
        "can_change": user.has_perm("portal.change_provideraccount")
        and providers.offers(account.slug, "account_settings"),
    }


def _part(
    account: ProviderAccount,
    name: str,
    fact: AccountFact | None,
    jobs: Mapping[str, Job],
    spent: Mapping[str, datetime],
) -> Part:
    source = SOURCES[name]
    if not providers.offers(account.slug, source.capability):
        why_not = providers.why_not(account.slug, source.capability)
        return Part(name=name, title=source.title, why_not=why_not)
    # A test call keeps no fact but the account's balance.
    fetched_at = fact.fetched_at if fact else account.balance_at if name == "balance" else None
    job = jobs.get(source.kind)
    is_in_vain = job and job.finished_at and (not fetched_at or job.finished_at > fetched_at)
    return Part(
        name=name,
        title=source.title,
        content=_with_moments(fact.content) if fact else {},
        fetched_at=fetched_at,
        again_at=account_facts.budget_until(account.slug, source.capability, spent),
        job=job if job and job.is_open else None,
        failed=job if is_in_vain else None,
    )


def _with_moments(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer with times as such."""
    rows = [
        row | {"at": parse_datetime(row["at"])} if row.get("at") else row
        for row in content.get("rows", [])
    ]
    shown = dict(content) | ({"rows": rows} if "rows" in content else {})
    for kind in ("services", "rates"):
        told = content.get(kind, {})
        shown[kind] = {NAMES.get(name, name): value for name, value in sorted(told.items())}
    if shown.get("created_at"):
        shown["created_at"] = parse_datetime(shown["created_at"])
    return shown


def _balances(account: ProviderAccount) -> dict[str, Any]:
    """Return the plot of the balance and its table; empty before there are two points."""
    fact = AccountFact.objects.filter(account=account, kind="balances").first()
    points = fact.content.get("points", []) if fact else []
    if len(points) < 2:
        return {}
    series = [{"label": "Balance", "values": [float(p[1]) for p in points], "tone": "info"}]
    return {
        "data": {
            "x": [p[0] for p in points],
            "series": series,
            "kind": "line",
            "zone": timezone.get_current_timezone_name(),
        },
        "rows": [
            (datetime.fromtimestamp(p[0], tz=UTC), p[1]) for p in points[-POINTS_IN_TABLE:][::-1]
        ],
    }


@dataclass(frozen=True, kw_only=True)
class End:
    """One end of a call: a number in E.164 or what the provider told, and whether it has a page."""

    text: str
    is_here: bool


def calls(records: Iterable[CallRecord], user: User) -> list[tuple[CallRecord, End, End]]:
    """Return calls, each with where it came from and where it went."""
    told = [(record, _number(record.caller), _number(record.callee)) for record in records]
    here = panels.numbers_here(user, {text for _, *ends in told for text in ends})
    return [
        (record, End(text=caller, is_here=caller in here), End(text=to, is_here=to in here))
        for record, caller, to in told
    ]


def _number(text: str) -> str:
    try:
        return TN.parse(text)
    except InvalidTN:
        return text
