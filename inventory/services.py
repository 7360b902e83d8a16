"""Writes of the inventory that stay in our database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from inventory import assignments
from inventory.mirror import mirror_values
from inventory.models import (
    CarrierNumber,
    CartLine,
    OrderLine,
    SearchOffer,
    TelephoneNumber,
)
from portal import audit
from portal.models import Customer, Job, ProviderAccount, User
from portal.providers.dto import OwnedNumber
from portal.tn import TN

HOLD_CARTS = timedelta(days=2)  # a soft line that nobody ordered is dropped after this


class IllegalMove(Exception):
    """A lifecycle move that the table does not know; `str(error)` is a sentence."""


def move(
    number: TelephoneNumber,
    to: str,
    *,
    actor: User | None,
    reason: str = "",
    job: Job | None = None,
    **changes: Any,
) -> None:
    """Move a number to another lifecycle state and audit it; `changes` are set along.

    Raises `IllegalMove` for a move that the table does not list or a lock forbids, and changes
    nothing then. Call inside a transaction with the row locked.
    """
    if refusal := number.why_not(to):
        raise IllegalMove(refusal)
    before = {"state": number.state} | {name: _plain(getattr(number, name)) for name in changes}
    number.previous_state, number.state, number.state_since = number.state, to, timezone.now()
    for name, value in changes.items():
        setattr(number, name, value)
    number.save()
    assignments.follow(number)
    audit.record(
        actor,
        f"inventory.tn.{to}",
        number,
        before=before,
        after={"state": to} | {name: _plain(value) for name, value in changes.items()},
        reason=reason,
        job=job,
    )


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Customer | ProviderAccount | Decimal) else value


def new_number(
    tn: TN, *, account: ProviderAccount, state: str, facts: Mapping[str, Any] | None = None
) -> TelephoneNumber:
    """Return an unsaved number with what is known of its place."""
    facts = facts or {}
    cost = facts.get("monthly_cost")
    return TelephoneNumber(
        tn=tn,
        npa=tn.npa,
        nxx=tn.nxx,
        state=state,
        state_since=timezone.now(),
        account=account,
        rate_center=facts.get("rate_center", "")[:40],
        region=facts.get("region", "")[:2],
        lata=facts.get("lata", "")[:5],
        tier=facts.get("tier", "")[:12],
        monthly_cost=Decimal(cost) if cost not in (None, "") else None,
    )


@transaction.atomic
def edit_number(form: Any, *, actor: User) -> None:
    """Save a bound, valid form of one number and audit what changed; nothing changed, no entry.

    Only what changed is written: a worker may move the number to another state at the same time.
    """
    changed = form.changed_data
    if not changed:
        return
    before = {name: _plain(form.initial.get(name)) for name in changed}
    number = form.save(commit=False)
    number.save(update_fields=[*changed, "updated_at"])
    after = {name: _plain(getattr(number, name)) for name in changed}
    audit.record(actor, "inventory.tn.edited", number, before=before, after=after)


# --- Cart


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


# --- Orders


def start_purchase(lines: Sequence[OrderLine], *, job: Job) -> dict[str, dict[str, Any]]:
    """File the numbers of order lines as “ordering”; a number that came back keeps its row.

    Returns what those rows were before, by number, for `purchase_refused`. Raises `IllegalMove` for
    a number that cannot be ordered (any more).
    """
    tns = [line.tn for line in lines]
    rows = TelephoneNumber.objects.select_for_update().filter(tn__in=tns).order_by("tn")
    known = {number.tn: number for number in rows}
    before: dict[str, dict[str, Any]] = {}
    fresh: list[tuple[TelephoneNumber, OrderLine]] = []
    for line in lines:
        order = line.order
        number = known.get(line.tn)
        if number is not None:
            before[line.tn] = {"account": number.account_id, "customer": number.customer_id}
            new: dict[str, Any] = {"account": line.account, "customer": None}
            new["reason"] = f"Order {order.pk}"
            move(number, TelephoneNumber.State.PURCHASING, actor=job.actor, job=job, **new)
            continue
        number = new_number(TN(line.tn), account=line.account, state="purchasing", facts=line.facts)
        number.label, number.billing_id = order.label, order.billing_id
        fresh.append((number, line))
    TelephoneNumber.objects.bulk_create([number for number, _ in fresh], batch_size=1000)
    audit.record_many(
        audit.entry(
            job.actor,
            "inventory.tn.purchasing",
            number,
            after={"state": "purchasing", "account": str(line.account), "order": line.order_id},
            job=job,
        )
        for number, line in fresh
    )
    OrderLine.objects.filter(pk__in=[line.pk for line in lines]).update(
        status=OrderLine.Status.WAITING, code="", message="", advice=""
    )
    return before


def purchase_done(
    line: OrderLine, *, job: Job, owned: OwnedNumber | None, charged: Decimal | None, words: str
) -> None:
    """File a bought number: stock, or held for the order's customer."""
    order = line.order
    line.status, line.charged, line.message = OrderLine.Status.OK, charged, words[:500]
    line.code = line.advice = ""
    line.save()
    number = TelephoneNumber.objects.select_for_update().get(tn=line.tn)
    if number.state != TelephoneNumber.State.PURCHASING:
        return
    if number.previous_state:  # it came back: what its former user called it is not the new one's
        number.label, number.billing_id = order.label, order.billing_id
        number.note, number.wanted = "", {}
    to = TelephoneNumber.State.HELD if order.customer_id else TelephoneNumber.State.STOCK
    move(
        number,
        to,
        actor=job.actor,
        reason=f"Order {order.pk}",
        job=job,
        customer=order.customer,
        sync_state=TelephoneNumber.Sync.IN_SYNC,
        synced_at=timezone.now(),
    )
    mirror = owned or OwnedNumber(
        tn=TN(line.tn),
        route_ref=line.route_ref,
        rate_center=number.rate_center,
        state=number.region,
        lata=number.lata,
        tier=number.tier,
        features=frozenset(line.facts.get("features", ())),
    )
    upsert_mirror(line.account, mirror)


def purchase_refused(
    line: OrderLine,
    *,
    job: Job,
    code: str,
    message: str,
    advice: str,
    before: Mapping[str, Any],
) -> None:
    """Record that a number was not bought; a row that only the order made is taken out again.

    `before` is what `start_purchase` returned of a row that was there already.
    """
    line.status, line.code = OrderLine.Status.FAILED, code[:64]
    line.message, line.advice = message[:500], advice[:300]
    line.save()
    number = TelephoneNumber.objects.select_for_update().filter(tn=line.tn).first()
    if number is None or number.state != TelephoneNumber.State.PURCHASING:
        return
    audit.record(
        job.actor, "inventory.tn.purchase_refused", number, after={"reason": message}, job=job
    )
    if number.previous_state:
        number.state, number.previous_state = number.previous_state, "purchasing"
        number.state_since = timezone.now()
        number.account_id = before.get("account", number.account_id)
        number.customer_id = before.get("customer", number.customer_id)
        number.save()
    else:
        number.delete()


# --- Release


def start_release(number: TelephoneNumber, *, job: Job, reason: str) -> None:
    """Mark a number as being given back."""
    move(number, TelephoneNumber.State.RELEASING, actor=job.actor, reason=reason, job=job)


def release_done(number: TelephoneNumber, *, job: Job) -> None:
    """File a number as given back; the mirror row goes with it."""
    move(
        number,
        TelephoneNumber.State.RELEASED,
        actor=job.actor,
        job=job,
        customer=None,
        sync_state=TelephoneNumber.Sync.IN_SYNC,
    )
    CarrierNumber.objects.filter(account=number.account, tn=number.tn).delete()


def release_refused(number: TelephoneNumber, *, job: Job, reason: str) -> None:
    """Put a number back where it was; the provider said no."""
    back = "aging" if number.previous_state == "aging" else "stock"
    move(number, back, actor=job.actor, job=job, reason=reason)


# --- Mirror


def upsert_mirror(account: ProviderAccount, owned: OwnedNumber) -> CarrierNumber:
    """Write what the provider says of one number; return the row.

    It has no fingerprint: an answer about one number tells less, or other things, than a full list
    does, and must not look like a change when the next list comes. Feature values that the answer
    does not tell stay.
    """
    values = mirror_values(owned)
    known = CarrierNumber.objects.filter(account=account, tn=owned.tn).first()
    if known is not None:
        values["values"] = known.values | values["values"]
    mirror, _ = CarrierNumber.objects.update_or_create(
        account=account,
        tn=owned.tn,
        defaults=values
        | {
            "fingerprint": "",
            "synced_at": timezone.now(),
            "missing_since": None,
            "missing_count": 0,
        },
    )
    return mirror


def mark_checked(number: TelephoneNumber, *, sync_state: str, note: str = "") -> None:
    """Note that the provider was asked about a number just now, and what that means."""
    number.sync_state, number.sync_note = sync_state, note[:200]
    number.synced_at = timezone.now()
    number.save(update_fields=["sync_state", "sync_note", "synced_at", "updated_at"])
