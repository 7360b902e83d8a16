"""What the inventory shows on the platform's pages: see `register`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from inventory import due, feature_panels, home, lookup_page, outcomes, route_links
from inventory.models import Coverage, Lookup, Order, Route, TelephoneNumber
from portal import counts, panels, prepared
from portal.listing import capped_counts
from portal.models import Customer, Job, ProviderAccount, User
from portal.panels import Hit, Hits, JobLink, Panel, Share, ShareCount
from portal.templatetags.status_words import find
from portal.tn import TN, InvalidTN

NUMBERS_SHOWN = 8
COUNT_CAP = 10_000


def search_numbers(user: User, text: str) -> Hits:
    """Return numbers by any spelling, fragment or label; an exact number leads to its page."""
    visible = TelephoneNumber.objects.visible_to(user)
    try:
        exact = visible.filter(tn=TN.parse(text)).first()
    except InvalidTN:
        exact = None
    found = [exact] if exact else list(_find(visible, text))
    is_cut = len(found) > NUMBERS_SHOWN
    more = f"{reverse('inventory:tn-list')}?{urlencode({'q': text})}" if is_cut else ""
    return Hits(
        title="Numbers",
        hits=[
            Hit(
                title=str(number),
                note=" · ".join(filter(None, [number.get_state_display(), number.label])),
                url=number.get_absolute_url(),
            )
            for number in found[:NUMBERS_SHOWN]
        ],
        more_url=more,
        exact_url=exact.get_absolute_url() if exact else "",
    )


def _find(visible: Any, text: str) -> Any:
    if len([c for c in text if c.isalnum()]) < 3:
        return []
    return visible.matching(text).order_by("tn")[: NUMBERS_SHOWN + 1]


def search_orders(user: User, text: str) -> Hits:
    """Return the order of this id."""
    digits = text.lower().removeprefix("order").strip(" #")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 12:
        return Hits(title="Orders")
    orders = Order.objects.visible_to(user).filter(pk=int(digits)).select_related("actor")
    hits = [
        Hit(
            title=str(order),
            note=f"by {order.actor}",
            url=reverse("inventory:order-detail", args=[order.pk]),
        )
        for order in orders
    ]
    is_named = text.lower().startswith("order")
    return Hits(title="Orders", hits=hits, exact_url=hits[0].url if hits and is_named else "")


def search_lookups(user: User, text: str) -> Hits:
    """Return what was looked up of a number, ours or not, and where more is asked."""
    try:
        tn = TN.parse(text)
    except InvalidTN:
        return Hits(title="Lookups")
    if not (user.has_perm("inventory.view_lookup") and tn.is_nanp):
        return Hits(title="Lookups")
    known = Lookup.objects.visible_to(user).filter(tn=tn).order_by("kind")
    hits = [
        Hit(
            title=lookup_page.KINDS[one.kind].summary(one.answer),
            note=f"{lookup_page.KINDS[one.kind].label} of {tn.pretty}",
            url=f"{reverse('inventory:lookup-list')}?{urlencode({'q': tn, 'kind': one.kind})}",
        )
        for one in known
    ]
    if user.has_perm("inventory.lookup_telephonenumber"):
        query = urlencode({"kind": Lookup.Kind.PORTABLE, "numbers": tn})
        url = f"{reverse('inventory:lookup-new')}?{query}"
        hits.append(Hit(title="Look it up…", note="Name, carrier or portability", url=url))
    return Hits(title="Lookups", hits=hits)


def account_panel(request: HttpRequest, account: ProviderAccount) -> Panel:
    """Return what the inventory shows on a provider account's page."""
    return Panel(
        template="inventory/_account_panel.html",
        context={
            "account": account,
            "numbers": TelephoneNumber.objects.filter(account=account)
            .ours()[: COUNT_CAP + 1]
            .count(),
            "unknown": home.unknown_count(account),
            "routes": Route.objects.filter(account=account, missing_since=None)[:50],
            "states": Coverage.objects.filter(account=account, rate_center="", npa="").count(),
        },
    )


def lookup_links(job: Job, user: User) -> Iterator[JobLink]:
    """Yield the way to what a lookup found."""
    if job.kind in lookup_page.KINDS_BY_OPERATION and user.has_perm("inventory.view_lookup"):
        url = reverse("inventory:lookup-detail", args=[job.pk])
        yield JobLink(label="Answers", url=url, icon="zoom-question")


def customer_share(customer: Customer, user: User) -> Share:
    """Return how many numbers of a customer are in each state; counting stops at the cap."""
    numbers = TelephoneNumber.objects.visible_to(user).filter(customer=customer)
    address = f"{reverse('inventory:tn-list')}?customer={customer.pk}"
    states = TelephoneNumber.State.values
    found = capped_counts(*(numbers.filter(state=state) for state in states), cap=COUNT_CAP)
    shown = tuple(
        ShareCount(
            label=look.label, tone=look.tone, value=_capped(count), url=f"{address}&state={state}"
        )
        for state, count in zip(states, found, strict=True)
        if count and (look := find(state, "number"))
    )
    return Share(title="Numbers", url=address, counts=shown, empty="It has no numbers now.")


def known_numbers(user: User, tns: Collection[str]) -> set[str]:
    """Return those of some numbers that are in the inventory and for this person to see."""
    visible = TelephoneNumber.objects.visible_to(user).among(tns)
    return set(visible.values_list("tn", flat=True))


def _capped(count: int) -> str:
    return f"{min(count, COUNT_CAP):,}{'+' * (count > COUNT_CAP)}"


def numbers_per_customer(ids: list[int]) -> dict[int, str]:
    """Return how many numbers each of these customers has, as shown: counting stops at the cap."""
    found = counts.remembered(
        "numbers-of-customer",
        ids,
        lambda missing: dict(prepared.rows(_PER_CUSTOMER, [COUNT_CAP + 1, missing])),
        changed="SELECT max(updated_at) FROM inventory_telephonenumber",
        is_believed=lambda told: told > COUNT_CAP,
    )
    return {key: _capped(count) for key, count in found.items()}


_PER_CUSTOMER: Final = """
    SELECT c.id, (SELECT count(*) FROM (
        SELECT 1 FROM inventory_telephonenumber n WHERE n.customer_id = c.id LIMIT %s
    ) counted)
    FROM portal_customer c WHERE c.id = ANY(%s)
"""


def register() -> None:
    """Make the inventory's parts known to the platform's pages."""
    panels.tasks.extend([home.tasks, due.tasks])
    panels.tiles.append(home.tiles)
    panels.plots.append(home.plots)
    panels.searches.extend([search_numbers, search_orders, search_lookups])
    panels.account_panels.append(account_panel)
    panels.job_links.extend([route_links.job_links, feature_panels.job_links, lookup_links])
    panels.job_links.append(outcomes.order_links)
    panels.customer_counts.append(numbers_per_customer)
    panels.known_numbers.append(known_numbers)
    panels.customer_shares.append(customer_share)
