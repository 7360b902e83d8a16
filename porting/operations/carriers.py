"""Asking who serves numbers of a list (LRN), where no provider told: charged, so only when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from inventory.services import lookups
from portal import jobs
from portal.models import Job, ProviderAccount, User
from portal.operations import Item, Problem
from porting.models import Preflight

KIND: Final = "inventory.look_up_routing"
CAPABILITY: Final = "routing_lookups"
PART: Final = 20


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What looking up the carriers of a list would take: whom to ask, how many, at what price."""

    account: ProviderAccount
    caller: str  # a number of ours at that account, from which is asked
    tns: tuple[str, ...]
    price: Decimal | None  # of each, in US dollars; None: the provider has not told

    @property
    def total(self) -> Decimal | None:
        """What all of them cost."""
        return None if self.price is None else self.price * len(self.tns)


def carrier_lookup(preflight: Preflight) -> Offer | None:
    """Return what looking up the unknown carriers of a list would take; nobody is asked.

    None where all are known, or no account can tell.
    """
    unknown = preflight.lines.filter(verdict="portable", losing_carrier="", order=None)
    tns = list(unknown.order_by("position").values_list("tn", flat=True))
    known = lookups.known("lrn", tns)
    tns = [tn for tn in tns if tn not in known]
    accounts = ProviderAccount.objects.usable().offering(CAPABILITY).order_by("pk")
    for account in accounts if tns else ():
        if caller := lookups.usual_caller(account):
            price = lookups.prices([account]).get(account.pk, {}).get("lrn")
            return Offer(account=account, caller=caller, tns=tuple(tns), price=price)
    return None


def look_up_carriers(
    preflight: Preflight, *, actor: User, key: str, price_total: Decimal | None
) -> Job:
    """Look up the carriers that nobody told, at the price that was shown; return the job.

    Raises `portal.jobs.NotAccepted` where nothing is unknown, the price is another one by now, or
    the day's budget is used up; nothing is asked then.
    """
    if known := Job.objects.filter(key=key, actor=actor).first():
        return known
    offer = carrier_lookup(preflight)
    if offer is None:
        words = "All carriers are known, or nobody can tell. Nothing was asked."
        raise jobs.NotAccepted([Problem(message=words)])
    if offer.total != price_total:
        words = "The price or the list has changed since it was shown. Nothing was asked."
        raise jobs.NotAccepted([Problem(message=words)])
    return jobs.submit(
        KIND,
        actor=actor,
        account=offer.account,
        params={
            "again": False,
            "caller": offer.caller,
            "price": None if offer.price is None else str(offer.price),
        },
        items=[
            Item(target=tn, slice=place // PART, params={"known": False})
            for place, tn in enumerate(offer.tns)
        ],
        key=key,
    )
