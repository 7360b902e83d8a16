"""The cart: offers put in, taken out, put back; holds that run out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from inventory.models import (
    CartLine,
    SearchOffer,
    TelephoneNumber,
)
from portal.models import ProviderAccount, User
from portal.tn import TN

HOLD_CARTS = timedelta(days=2)  # a soft line that nobody ordered is dropped after this


def add_to_cart(user: User, offers: Sequence[SearchOffer]) -> tuple[list[CartLine], list[str]]:
    """Put offers into a user's cart; return the new lines and a sentence for each left out."""
    left_out: list[str] = []
    wanted: dict[str, SearchOffer] = {}
    tns = [offer.tn for offer in offers]
    owned = set(TelephoneNumber.objects.filter(tn__in=tns).ours().values_list("tn", flat=True))
    taken = {line.tn: line for line in CartLine.objects.filter(tn__in=tns).select_related("user")}
    for offer in offers:
        shown = TN(offer.tn).pretty
        if offer.tn in owned:
            left_out.append(f"{shown} is in the inventory already.")
        elif line := taken.get(offer.tn):
            whose = "your cart" if line.user_id == user.pk else f"{line.user}’s cart"
            left_out.append(f"{shown} is in {whose} already.")
        elif offer.tn in wanted:
            left_out.append(f"{shown} was chosen at two providers; one is enough.")
        else:
            wanted[offer.tn] = offer
    CartLine.objects.bulk_create(
        [
            CartLine(
                user=user,
                account_id=offer.account_id,
                tn=offer.tn,
                facts=offer_facts(offer),
                hold=CartLine.Hold.SOFT,
            )
            for offer in wanted.values()
        ],
        ignore_conflicts=True,  # a colleague may put the same number into his cart right now
    )
    added = list(CartLine.objects.filter(user=user, tn__in=list(wanted)).select_related("account"))
    lost = set(wanted) - {line.tn for line in added}
    left_out += [f"{TN(tn).pretty} was put into another cart a moment ago." for tn in sorted(lost)]
    return added, left_out


def remove_from_cart(lines: Sequence[CartLine]) -> list[dict[str, Any]]:
    """Take lines out of their cart; return what `restore_to_cart` needs to put them back.

    A hold at the provider is not given back by this: it runs out by itself.
    """
    kept = [
        {
            "account": line.account_id,
            "tn": line.tn,
            "facts": line.facts,
            "hold": line.hold,
            "hold_note": line.hold_note,
            "reservation_ref": line.reservation_ref,
            "expires_at": line.expires_at.isoformat() if line.expires_at else "",
        }
        for line in lines
    ]
    CartLine.objects.filter(pk__in=[line.pk for line in lines]).delete()
    return kept


def restore_to_cart(
    user: User, kept: Sequence[Mapping[str, Any]]
) -> tuple[list[CartLine], list[str]]:
    """Put removed lines back, holds included; return the lines and a sentence for each left out."""
    accounts = ProviderAccount.objects.in_bulk([entry["account"] for entry in kept])
    tns = [entry["tn"] for entry in kept]
    owned = set(TelephoneNumber.objects.filter(tn__in=tns).ours().values_list("tn", flat=True))
    back: list[CartLine] = []
    left_out: list[str] = []
    for entry in kept:
        if entry["account"] not in accounts or entry["tn"] in owned:
            left_out.append(f"{TN(entry['tn']).pretty} is no longer for sale to us there.")
            continue
        hold = entry["hold"]
        try:
            with transaction.atomic():
                line = CartLine.objects.create(
                    user=user,
                    account=accounts[entry["account"]],
                    tn=entry["tn"],
                    facts=entry["facts"],
                    # What was under way when it left the cart has ended unseen.
                    hold=CartLine.Hold.SOFT if hold == CartLine.Hold.REQUESTED else hold,
                    hold_note=entry["hold_note"],
                    reservation_ref=entry["reservation_ref"],
                    expires_at=parse_datetime(entry["expires_at"]),
                )
        except IntegrityError:
            left_out.append(f"{TN(entry['tn']).pretty} stands in another cart by now.")
        else:
            back.append(line)
    return back, left_out


def offer_facts(offer: SearchOffer) -> dict[str, Any]:
    """Return what a cart and an order keep of an offer."""
    return {
        "rate_center": offer.rate_center,
        "city": offer.city,
        "region": offer.region,
        "lata": offer.lata,
        "tier": offer.tier,
        "features": list(offer.features),
        "monthly_cost": str(offer.monthly_cost) if offer.monthly_cost is not None else "",
        "setup_cost": str(offer.setup_cost) if offer.setup_cost is not None else "",
        "seen_at": offer.seen_at.isoformat(),
    }


def expire_holds() -> int:
    """Mark holds that have run out, and drop soft lines that lie about for days; return how many."""
    CartLine.objects.filter(
        hold__in=["soft", "expired", "failed"], added_at__lt=timezone.now() - HOLD_CARTS
    ).delete()
    return CartLine.objects.lapsed().update(
        hold=CartLine.Hold.EXPIRED, hold_note="The provider may sell it to somebody else now."
    )
