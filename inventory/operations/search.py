"""Searching all providers at once: one job per provider account, results as they arrive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from inventory.models import CartLine, NumberSearch, SearchOffer
from portal import jobs, providers
from portal.jobs.submit import Child
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Item, Operation, Problem, register
from portal.providers.base import UNCONNECTED
from portal.providers.capabilities.inventory import NumberSearch as CanSearch
from portal.providers.dto import ItemOutcome, Offer, SearchCriteria
from portal.providers.errors import ProviderAuthError
from portal.providers.matching import matches, runs

MAX_QUANTITY = 1000
# So many are read when filters must be applied here, before the best `quantity` are shown.
MAX_READ = 5000
EXTENDED, NEEDS = "is_extended", "needs"  # among the criteria that a search keeps
# What a provider does with a number that is bought, and no offer tells: its capability.
AT_PROVIDER = {"mms": "message_sending", "e911": "e911_records"}


def criteria_to_json(criteria: SearchCriteria) -> dict[str, Any]:
    """Return criteria as they are kept in a row."""
    values = asdict(criteria)
    values["features"] = sorted(criteria.features)
    most = criteria.most_monthly
    return values | {"most_monthly": None if most is None else str(most)}


def criteria_from_json(values: Mapping[str, Any]) -> SearchCriteria:
    """Return the criteria that a row keeps."""
    known = {name: values[name] for name in SearchCriteria.__dataclass_fields__ if name in values}
    known["features"] = frozenset(known.get("features", ()))
    if most := known.get("most_monthly"):
        known["most_monthly"] = Decimal(most)
    return SearchCriteria(**known)


@register
class SearchNumbers(Operation):
    """Ask one provider account for numbers; a read, so it is simply asked again."""

    kind, permission = "inventory.search", "inventory.search_stock"
    capability = "number_search"
    queue = "interactive"
    max_attempts = 2
    result_template = "inventory/_search_result.html"

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return the criteria in short."""
        return f"Search {describe(criteria_from_json(params['criteria']))}"

    def call(self, provider: CanSearch, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Read offers until enough fit."""
        criteria = criteria_from_json(run.job.params["criteria"])
        fitting = (o for o in self.offers(provider, criteria) if matches(o, criteria))
        if criteria.consecutive > 1:
            found = list(runs(islice(fitting, MAX_READ), length=criteria.consecutive))
        else:
            found = list(islice(fitting, criteria.quantity))
        run.scratch["offers"] = found[: max(criteria.quantity, criteria.consecutive)]
        yield from ()

    def offers(self, provider: Any, criteria: SearchCriteria) -> Iterator[Offer]:
        """Return what the provider has for sale."""
        return provider.search(criteria)

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """File the offers with the search."""
        offers: list[Offer] = run.scratch.get("offers", [])
        now = timezone.now()
        SearchOffer.objects.bulk_create(
            [
                SearchOffer(
                    search_id=run.job.params["search"],
                    account=run.account,
                    tn=offer.tn,
                    rate_center=offer.rate_center[:40],
                    city=offer.city[:60],
                    region=offer.state[:2],
                    lata=offer.lata[:5],
                    tier=offer.tier[:12],
                    network=offer.network[:40],
                    features=sorted(offer.features),
                    monthly_cost=offer.monthly_cost,
                    setup_cost=offer.setup_cost,
                    seen_at=now,
                )
                for offer in offers
            ],
            ignore_conflicts=True,
        )
        run.job.result = {"found": len(offers)}


@register
class SearchExtended(SearchNumbers):
    """Ask one provider account for numbers of the stock beside its usual one."""

    kind = "inventory.search_extended"
    capability = "extended_search"

    def offers(self, provider: Any, criteria: SearchCriteria) -> Iterator[Offer]:
        """Return what the provider has for sale there."""
        return provider.search_extended(criteria)


def extended_tns(lines: Sequence[CartLine]) -> set[str]:
    """Return those numbers that were offered last from the extended stock of their account."""
    offers = SearchOffer.objects.filter(
        tn__in=[line.tn for line in lines], account__in={line.account_id for line in lines}
    )
    told = offers.order_by("pk").values_list("account_id", "tn", f"search__criteria__{EXTENDED}")
    newest = {(account, tn): is_extended for account, tn, is_extended in told}
    return {line.tn for line in lines if newest.get((line.account_id, line.tn))}


def describe(criteria: SearchCriteria) -> str:
    """Return criteria as a short phrase for titles."""
    parts = ["toll-free" if criteria.is_toll_free else "local"]
    place = f"{criteria.npa}{'-' + criteria.nxx if criteria.nxx else ''}"
    parts += [place, criteria.rate_center, criteria.city, criteria.state]
    if criteria.lata:
        parts.append(f"LATA {criteria.lata}")
    for word, digits in (
        ("starting", criteria.starts),
        ("with", criteria.contains),
        ("ending", criteria.ends),
    ):
        if digits:
            parts.append(f"{word} {digits}")
    return " ".join(part for part in parts if part)


def start_search(
    criteria: SearchCriteria,
    *,
    actor: User,
    accounts: Sequence[ProviderAccount],
    key: str,
    typed: Mapping[str, Any] | None = None,
    is_extended: bool = False,
    needs: Sequence[str] = (),
) -> NumberSearch:
    """Record a search and its jobs, one per account that can answer it; return the search.

    Accounts that cannot answer these criteria are named in `left_out` with the reason. `typed` is
    what the person wrote, kept beside the criteria so that the form can be drawn filled again.
    `is_extended` asks for the stock beside the usual one, `needs` (of `AT_PROVIDER`) leaves out the
    providers that do not do that. The same key by the same actor gives the
    same search.
    """
    known = Job.objects.filter(key=key, actor=actor).first()
    if known and hasattr(known, "search"):
        return known.search
    children: list[Child] = []
    left_out: list[dict[str, Any]] = []
    values = criteria_to_json(criteria)
    kept = values | {"typed": dict(typed or {}), EXTENDED: is_extended, NEEDS: list(needs)}
    with transaction.atomic():
        search = NumberSearch.objects.create(actor=actor, criteria=kept)
        for account in accounts:
            if reason := _why_not(account, kept):
                left_out.append({"account": account.name, "reason": reason})
                continue
            children.append(
                Child(
                    kind=_kind(is_extended=is_extended),
                    account=account,
                    params={"criteria": values, "search": search.pk},
                )
            )
        search.left_out = left_out
        if children:
            group = jobs.submit_group(
                f"Search {describe(criteria)}",
                kind="inventory.search_all",
                actor=actor,
                children=children,
                key=key,
                params={"search": search.pk},
            )
            if hasattr(group, "search"):  # the same form, sent twice at the same moment
                search.delete()
                return group.search
            search.job = group
        search.save(update_fields=["left_out", "job"])
    return search


def ask_again(search: NumberSearch, account: ProviderAccount, *, actor: User, key: str) -> Job:
    """Ask one account once more within a search; what the others answered stays. Return the job.

    Raises `portal.jobs.NotAccepted` for an account that this search did not ask or that cannot be
    asked now; nothing is sent then.
    """
    criteria = criteria_from_json(search.criteria)
    asked = search.job is not None and search.job.children.filter(account=account).exists()
    words = "This search did not ask that provider."
    if asked:
        words = _why_not(account, search.criteria)
    if words:
        raise jobs.NotAccepted([Problem(message=f"{words} Nothing was sent.")])
    return jobs.submit(
        _kind(is_extended=bool(search.criteria.get(EXTENDED))),
        actor=actor,
        account=account,
        params={"criteria": criteria_to_json(criteria), "search": search.pk},
        key=key,
        parent=search.job,
    )


def _kind(*, is_extended: bool) -> str:
    return SearchExtended.kind if is_extended else SearchNumbers.kind


def _why_not(account: ProviderAccount, kept: Mapping[str, Any]) -> str:
    """Return why an account cannot answer what a search keeps; empty where it can."""
    criteria, is_extended = criteria_from_json(kept), bool(kept.get(EXTENDED))
    if not account.is_enabled:
        return "This account is switched off."
    if account.paused_at:
        return f"This account is paused: {account.pause_reason or 'by an administrator'}."
    capability = SearchExtended.capability if is_extended else SearchNumbers.capability
    for name in (capability, *(AT_PROVIDER[need] for need in kept.get(NEEDS, ()))):
        if reason := providers.why_not(account.slug, name):
            return reason
    try:
        provider: Any = providers.get(account.as_account(), UNCONNECTED)
    except ProviderAuthError as error:
        return error.message
    try:
        if is_extended:
            return provider.why_not_searchable_extended(criteria)
        return provider.why_not_searchable(criteria)
    finally:
        provider.close()
