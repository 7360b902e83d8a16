"""What the page of a search shows: how far each provider is, the offers, and what to widen."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from inventory import adding, regions
from inventory.forms.search import ABLE_TO, FEATURES, PATTERNS, spell
from inventory.models import CartLine, NumberSearch, SearchOffer, TelephoneNumber
from portal.jobs.submit import new_key
from portal.listing import PAGING_PARAMETERS, Sort, paginate
from portal.models import Job, User
from portal.posted import is_id
from portal.tn import TN

SLOW_AFTER = timedelta(seconds=4)
OLD_AFTER = timedelta(minutes=10)  # VoiceTel answers from a cache of this age (section 7.1)
# Sorted within one search, at most some thousand rows: no index of their own needed.
SORTS = [
    Sort(name="tn", label="Number", column="tn"),
    Sort(name="place", label="Rate center", column="rate_center"),
    Sort(name="state", label="State", column="region"),
    Sort(name="lata", label="LATA", column="lata"),
    Sort(name="tier", label="Tier", column="tier"),
    Sort(name="account", label="Provider", column="account_id"),
    Sort(name="cost", label="Monthly", column="cost_order"),
]
_UNTOLD_LAST = Decimal("99999")


@dataclass(frozen=True, kw_only=True)
class Part:
    """How far one provider account is with a search: a word, and a sentence where one is due."""

    account: str
    word: str
    tone: str
    sentence: str = ""
    account_id: int | None = None
    job_id: int | None = None
    found: int = 0
    is_open: bool = False
    can_ask: bool = False


def parts(search: NumberSearch) -> list[Part]:
    """Return a part for each account that was asked, the latest asking, and each left out."""
    latest: dict[int, Job] = {}
    if search.job_id:
        children = Job.objects.filter(parent_id=search.job_id).select_related("account")
        latest = {job.account_id: job for job in children.order_by("pk") if job.account_id}
    counted = SearchOffer.objects.filter(search=search).order_by().values_list("account")
    found = dict(counted.annotate(n=Count("pk")))
    asked = [_part(job, found.get(pk, 0)) for pk, job in sorted(latest.items())]
    return asked + [
        Part(account=entry["account"], word="Not asked", tone="muted", sentence=entry["reason"])
        for entry in search.left_out
    ]


def _part(job: Job, found: int) -> Part:
    word, tone, sentence = _words(job, found)
    return Part(
        account=str(job.account),
        account_id=job.account_id,
        job_id=job.pk,
        word=word,
        tone=tone,
        sentence=sentence,
        found=found,
        is_open=job.is_open,
        can_ask=job.status in {Job.Status.FAILED, Job.Status.CANCELED},
    )


def _words(job: Job, found: int) -> tuple[str, str, str]:
    """Return word, tone and sentence for what one provider's job is doing."""
    age = timezone.now() - (job.started_at or job.created_at)
    seconds = f"{age.total_seconds():.0f} s"
    match job.status:
        case Job.Status.QUEUED:
            slow = f"No worker has taken it for {seconds}." if age > SLOW_AFTER else ""
            return ("Waiting", "warn" if slow else "info", slow)
        case Job.Status.RUNNING if age > SLOW_AFTER:
            sentence = f"No full answer for {seconds}; what the others have is shown meanwhile."
            return ("Slow", "warn", sentence)
        case Job.Status.RUNNING:
            return ("Searching", "info", "")
        case Job.Status.WAITING:
            return ("Waiting", "warn", f"{job.reason} It is asked again by itself.")
        case Job.Status.SUCCEEDED if found:
            return (f"{found:,} found", "ok", "")
        case Job.Status.SUCCEEDED:
            return ("None", "muted", "Has nothing that fits.")
        case Job.Status.CANCELED:
            return ("Canceled", "muted", "Was not asked to the end.")
        case _:
            return ("Failed", "bad", f"{job.reason} Its numbers are missing below.")


def version(found: Iterable[Part]) -> str:
    """Return a short text that changes when what the page shows of the providers changes."""
    states = [(p.account, p.word, p.found, p.is_open, p.tone) for p in found]
    return f"{zlib.crc32(repr(states).encode()):x}"


def offers(search: NumberSearch, account: str = "") -> QuerySet[SearchOffer]:
    """Return the offers of a search, of one account where its id is given.

    `is_owned` tells that the number is in the inventory, `cart_user` in whose cart it stands.
    """
    rows = SearchOffer.objects.filter(search=search).select_related("account")
    if is_id(account):
        rows = rows.filter(account=int(account))
    held = TelephoneNumber.objects.ours().filter(tn=OuterRef("tn"))
    cart = CartLine.objects.filter(tn=OuterRef("tn")).values("user")[:1]
    return rows.annotate(
        is_owned=Exists(held),
        cart_user=Subquery(cart, output_field=IntegerField()),
        cost_order=Coalesce("monthly_cost", Value(_UNTOLD_LAST)),
    )


def for_sale(search: NumberSearch, account: str = "") -> QuerySet[SearchOffer]:
    """Return the offers that could go into a cart now."""
    free: Any = offers(search, account)  # annotated fields, which the stubs do not follow
    return free.filter(is_owned=False, cart_user=None).order_by("tn")


def typed(search: NumberSearch) -> dict[str, Any]:
    """Return what the person wrote into the form of this search."""
    return dict(search.criteria.get("typed") or {})


def form_url(values: Mapping[str, Any]) -> str:
    """Return the address of the search form filled with `values`."""
    return f"{reverse('inventory:find')}?{urlencode(dict(values), doseq=True)}"


def chips(search: NumberSearch) -> list[dict[str, str]]:
    """Return label and value of each criterion, letters with the digits they stand for."""
    wanted = search.criteria
    written = typed(search)
    area = "-".join(filter(None, [wanted.get("npa"), wanted.get("nxx")]))
    needed = {*wanted.get("features", ()), *wanted.get("needs", ())}
    able_to = [words for name, words in ABLE_TO if name in needed]
    most = wanted.get("most_monthly")
    rows = [
        ("Kind", "Toll-free" if wanted.get("is_toll_free") else "Local"),
        ("Stock", "Extended inventory" if wanted.get("is_extended") else ""),
        ("Area", area),
        ("State", regions.name(wanted.get("state") or "")),
        ("Rate center", wanted.get("rate_center")),
        ("City", wanted.get("city")),
        ("LATA", wanted.get("lata")),
    ]
    for name in PATTERNS:
        digits = wanted.get(name)
        rows.append((f"{name.capitalize()} with", spell(str(written.get(name, ""))) or digits))
    rows += [
        ("Able to do", ", ".join(able_to)),
        ("Tier", wanted.get("tier")),
        ("Monthly", f"up to ${most}" if most else ""),
        ("At most", str(wanted.get("quantity") or "")),
        ("In a row", str(wanted.get("consecutive") or "")),
    ]
    return [
        {"label": label.replace("Contains with", "Contains"), "value": str(value)}
        for label, value in rows
        if value
    ]


def widenings(search: NumberSearch) -> list[dict[str, str]]:
    """Return ways to ask for more: a label each, and the form's address without one criterion."""
    # Area code and exchange may have been written into one field.
    apart = {name: search.criteria.get(name) or "" for name in ("npa", "nxx")}
    written = typed(search) | apart
    drops = [
        ("is_extended", "In the usual stock", ("is_extended",)),
        ("consecutive", "Single numbers, not only runs", ("consecutive",)),
        ("features", "Numbers with any features", ("features",)),
        ("contains", "Without “contains”", ("contains",)),
        ("ends", "Any last digits", ("ends",)),
        ("starts", "Any first digits", ("starts",)),
        ("tier", "Any tier", ("tier",)),
        ("most_monthly", "At any price", ("most_monthly",)),
        ("nxx", "The whole area code", ("nxx",)),
        ("rate_center", "Any rate center", ("rate_center",)),
        ("city", "Any city", ("city",)),
        ("npa", "Without the area code", ("npa", "nxx")),
    ]
    ways = []
    for name, label, names in drops:
        rest = {key: value for key, value in written.items() if value and key not in names}
        if written.get(name) and _is_enough(rest):
            ways.append({"label": label, "url": form_url(rest)})
    return ways[:4]


def _is_enough(values: Mapping[str, Any]) -> bool:
    """Return whether a form with these values still says what to look for."""
    wanted = ("npa", "state", "rate_center", "city", "lata", "tier", "features", *PATTERNS)
    return values.get("kind") == "toll_free" or any(values.get(name) for name in wanted)


def similar_url(tn: str, facts: Mapping[str, Any]) -> str:
    """Return the form's address filled to find numbers like one that was lost."""
    value = TN(tn)
    wanted: dict[str, Any] = {"kind": "toll_free" if value.is_toll_free else "local"}
    if value.npa:
        wanted["npa"] = value.npa
    if not value.is_toll_free:
        wanted |= {"state": facts.get("region", ""), "rate_center": facts.get("rate_center", "")}
    known = [name for name, _ in FEATURES if name in facts.get("features", ())]
    wanted["features"] = known
    return form_url({name: value for name, value in wanted.items() if value})


def page_context(request: HttpRequest, search: NumberSearch) -> dict[str, Any]:
    """Return what the page and its live fragment show of a search, sorted as the address asks."""
    found = parts(search)
    account = request.GET.get("account", "")
    rows = offers(search, account)
    query = request.GET.copy()
    for name in ("account", *PAGING_PARAMETERS):
        query.pop(name, None)
    lines = CartLine.objects.visible_to(request.user)
    added = adding.added(request.session, request.user, search)  # type: ignore[arg-type]
    return {
        "search": search,
        "parts": found,
        "version": version(found),
        "is_open": any(part.is_open for part in found),
        "is_old": is_old(search, found),
        "found": sum(part.found for part in found),
        "page": paginate(request, rows, SORTS, default="tn"),
        "account": account,
        "other_query": query.urlencode(),
        "free_count": for_sale(search, account).count(),
        "widenings": widenings(search),
        "cart_count": lines.count(),
        "added_count": added.count() if added is not None else 0,
        "ask_from": adding.ASK_FROM,
        "can_reserve": request.user.has_perm("inventory.reserve_telephonenumber"),  # type: ignore[union-attr]
        "key": new_key(),
    }


def is_old(search: NumberSearch, found: Iterable[Part]) -> bool:
    """Return whether what was found may be sold by now."""
    return any(p.found for p in found) and timezone.now() - search.created_at > OLD_AFTER


def recent(user: User) -> QuerySet[NumberSearch]:
    """Return one's own latest searches, each with how many numbers it found."""
    counted = SearchOffer.objects.filter(search=OuterRef("pk")).order_by().values("search")
    total = Subquery(counted.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    searches = NumberSearch.objects.visible_to(user).select_related("job")
    return searches.annotate(found=Coalesce(total, 0)).order_by("-pk")[:8]
