"""“Refresh from provider” for many numbers: which questions and lists it takes, before and in the job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from django.db.models import Case, Count, Min, QuerySet, Value, When

from inventory import feature_lists, features
from inventory.features import Feature
from inventory.models import TelephoneNumber
from portal import providers
from portal.models import Job, ProviderAccount
from portal.operations import Item
from portal.tn import TN

READ = "inventory.read_features"
NUMBER_LIST, FEATURE_LISTS = "inventory.sync_account", "inventory.sync_features"
LIST_FROM: Final = 20  # for fewer numbers their own answers come sooner than the list of all
SLICE: Final = 10  # numbers between two looks whether somebody canceled
TOLL_FREE: Final = ("800", "833", "844", "855", "866", "877", "888")


@dataclass(frozen=True, kw_only=True)
class Ways:
    """How the numbers of an account are read: what lists tell is not asked of each number."""

    by_list: bool = False  # the list of all numbers tells whether each is ours
    told: list[str] = field(default_factory=list)  # features that lists tell


@dataclass(kw_only=True)
class AccountRefresh:
    """What reading the numbers of one account takes."""

    account: ProviderAccount
    count: int = 0
    questions: int = 0
    lists: list[str] = field(default_factory=list)  # what the lists tell, in words
    list_calls: int = 0
    list_kinds: list[str] = field(default_factory=list)
    ways: Ways = field(default_factory=Ways)
    problem: str = ""

    @property
    def call_count(self) -> int:
        """How many requests it takes."""
        return self.list_calls + self.questions

    @property
    def minutes(self) -> int:
        """How many minutes that takes at least, by the account's own budget of calls."""
        return self.call_count // max(self.account.calls_per_minute, 1)


def plan(numbers: QuerySet[TelephoneNumber]) -> list[AccountRefresh]:
    """Return what reading `numbers` takes, an entry per account; one query, asks no provider."""
    kind = Case(
        When(npa=None, then=Value("abroad")),
        When(npa__in=TOLL_FREE, then=Value("toll-free")),
        default=Value("local"),
    )
    held = numbers.exclude(state__in=TelephoneNumber.GONE).order_by().annotate(kind=kind)
    groups = held.values("account_id", "kind").annotate(n=Count("pk"), sample=Min("tn"))
    by_account: dict[int, list[tuple[int, str]]] = {}
    for group in groups:
        by_account.setdefault(group["account_id"], []).append((group["n"], group["sample"]))
    accounts = ProviderAccount.objects.filter(pk__in=list(by_account)).order_by("name")
    return [_entry(account, by_account[account.pk]) for account in accounts]


def _entry(account: ProviderAccount, groups: Sequence[tuple[int, str]]) -> AccountRefresh:
    entry = AccountRefresh(account=account, count=sum(n for n, _ in groups))
    slug = account.slug
    if not account.is_enabled or account.paused_at:
        entry.problem = "It is switched off or paused: it waits until calls are let through again."
    asked = {
        feature.name: sum(n for n, sample in groups if can_ask(feature, slug, sample))
        for feature in features.FEATURES.values()
    }
    listed = {feature.name: feature for feature in feature_lists.offered(slug)}
    saved = sum(asked[name] for name in listed)
    told = list(listed) if saved > len(listed) else []
    by_list = entry.count >= LIST_FROM and providers.offers(slug, "inventory_list")
    by_list = by_list and list_calls(account, entry.count) < entry.count
    if by_list:
        entry.list_kinds.append(NUMBER_LIST)
        entry.list_calls += list_calls(account, entry.count)
        entry.lists.append("All numbers")
    if told:
        entry.list_kinds.append(FEATURE_LISTS)
        entry.list_calls += len(listed)
        entry.lists += [feature.label for feature in listed.values()]
    entry.ways = Ways(by_list=by_list, told=told)
    entry.questions = sum(n for name, n in asked.items() if name not in told)
    if not by_list and providers.offers(slug, "number_query"):
        entry.questions += entry.count
    return entry


def can_ask(feature: Feature, slug: str, tn: str) -> bool:
    """Return whether a provider has a question about this feature of a number like this one."""
    return feature.has_question(slug) and not feature.why_not(slug, tn)


def list_calls(account: ProviderAccount, count: int) -> int:
    """Return how many requests the list of all numbers takes."""
    page = providers.provider_class(account.slug).limits.list_page
    held = max(account.last_sync_count or 0, count)
    return -(-held // page) if page else 1


def kept_ways(entries: Sequence[AccountRefresh]) -> dict[str, dict[str, Any]]:
    """Return the ways by the account's id, as a job keeps them."""
    return {str(entry.account.pk): asdict(entry.ways) for entry in entries}


def ask_about(
    job: Job,
    account: ProviderAccount,
    numbers: Sequence[TelephoneNumber],
    ways: Ways,
    submit: Callable[..., Job],
) -> Counter[str]:
    """Submit the questions that lists do not answer about numbers of an account; return counts."""
    if why := providers.why_not(account.slug, "number_query"):
        return Counter({why: len(numbers)})
    counts: Counter[str] = Counter()
    asked = []
    for number in numbers:
        if number.state in TelephoneNumber.GONE:
            counts["It is no longer ours, so nobody is asked."] += 1
        elif _has_questions(account.slug, number.tn, ways):
            asked.append(number)
            counts["asked about"] += 1
        else:
            counts["told by lists"] += 1
    if asked:
        items = [Item(target=n.tn, slice=at // SLICE) for at, n in enumerate(asked)]
        submit(job, READ, account, {"account": account.name} | asdict(ways), items)
    return counts


def _has_questions(slug: str, tn: TN | str, ways: Ways) -> bool:
    return not ways.by_list or any(
        can_ask(feature, slug, tn)
        for name, feature in features.FEATURES.items()
        if name not in ways.told
    )
