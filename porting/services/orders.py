"""Making port orders and changing what stands in them, as long as that is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal import audit, providers
from portal.models import Customer, ProviderAccount, User
from portal.tn import TN
from porting import clock, rejections
from porting.models import PortLine, PortOrder
from porting.services.notes import record_event

SECRETS: Final = frozenset({"account_number", "pin"})
# What a request must hold (47 CFR 52.36), by field of the order, as a person calls it.
NEEDED: Final[Mapping[str, str]] = {
    "name": "the name on the bill",
    "billing_tn": "the billing number",
    "account_number": "the account number",
    "authorized_person": "the person who signs",
    "street_number": "the house number",
    "street": "the street",
    "street_type": "the kind of street (St, Ave …)",
    "city": "the city",
    "region": "the state",
    "zip": "the ZIP code",
}
_FREE: Final = frozenset(
    {"label", "contact_emails", "route_ref", "caller_name", "campaign_ref", "ticket_ref"}
    | {"loa_received_at", "loa_signed_on", "loa_sent_at"}
)


@transaction.atomic
def create_order(
    tns: Sequence[str],
    *,
    actor: User | None,
    customer: Customer | None,
    account: ProviderAccount | None = None,
    kind: str = PortOrder.Kind.LOCAL,
    key: str | None = None,
    facts: Mapping[str, Any] | None = None,
    lines: Mapping[str, Mapping[str, Any]] | None = None,
) -> PortOrder:
    """Return a new draft with these numbers; the same key returns the same order.

    `facts` are fields of the order, `lines` fields of its numbers by number.
    """
    if key and (known := PortOrder.objects.filter(key=key).first()):
        return known
    values: dict[str, Any] = {"price_per_number": price_at(account)} | dict(facts or {})
    order = PortOrder(
        customer=customer, account=account, kind=kind, key=key, created_by=actor, **values
    )
    order.is_requested_by_customer = actor is not None and not actor.is_staff_role
    order.number_count = len(tns)
    order.price_total = order.price_of(len(tns))
    order.sla_due_at = _deadline(order)
    order.save()
    more = lines or {}
    PortLine.objects.bulk_create(
        [PortLine(order=order, tn=tn, **more.get(tn, {})) for tn in tns], batch_size=1000
    )
    source = "customer" if order.is_requested_by_customer else "us"
    record_event(order, source=source, after=order.state, text="Started.", actor=actor)
    after = {"numbers": len(tns), "customer": str(customer or ""), "account": str(account or "")}
    audit.record(actor, "porting.port.created", order, after=after)
    return order


def price_at(account: ProviderAccount | None) -> Decimal | None:
    """Return what a number costs at a provider in US dollars; None where that is not known here."""
    if account is not None and not providers.offers(account.slug, "port_submission"):
        return None
    return Decimal(settings.PORT_PRICE_PER_NUMBER)


@transaction.atomic
def change_order(
    order: PortOrder, values: Mapping[str, Any], *, actor: User | None, reason: str = ""
) -> list[str]:
    """Write fields of an order and audit them; return the names of those that changed.

    While it is prepared any field may change. In “rejected” only those that the rejection names,
    later only what stays with us (label, contacts, presets). Raises `IllegalMove` for others and
    changes nothing. Secrets are audited without their text.
    """
    from porting.services.moving import IllegalMove

    row = PortOrder.objects.select_for_update().get(pk=order.pk)
    changed = [
        name for name, value in values.items() if (getattr(row, name) or "") != (value or "")
    ]
    if forbidden := [name for name in changed if name not in changeable(row)]:
        label = getattr(PortOrder._meta.get_field(forbidden[0]), "verbose_name", forbidden[0])
        raise IllegalMove(
            f"{row} is “{row.get_state_display()}”: {label} cannot be changed now. Nothing was saved."
        )
    if not changed:
        return []
    before = {name: _shown(name, getattr(row, name)) for name in changed}
    for name in changed:
        setattr(row, name, values[name])
        setattr(order, name, values[name])
    written = [*changed, "updated_at"]
    if "account" in changed:
        order.price_per_number = row.price_per_number = price_at(row.account)
        order.price_total = row.price_total = row.price_of(row.lines.active().count())
        written += ["price_per_number", "price_total"]
    row.save(update_fields=written)
    after = {name: _shown(name, values[name]) for name in changed}
    audit.record(actor, "porting.port.edited", order, before=before, after=after, reason=reason)
    return changed


def changeable(order: PortOrder) -> frozenset[str]:
    """Return the fields that may be changed in the state that an order is in."""
    if order.state in PortOrder.PREPARING:
        return _FREE | {*PortOrder.BILL_FIELDS, "desired_date", "customer", "account", "kind"}
    if order.state == PortOrder.State.EXCEPTION:
        rejection = rejections.find(order.reject_code) or rejections.OTHER
        return _FREE | {*rejection.fields, "desired_date"}
    if order.state == PortOrder.State.FOC_SET:
        return _FREE | {"desired_date"}
    return _FREE


@transaction.atomic
def set_presets(
    order: PortOrder, presets: Mapping[str, Mapping[str, str]], *, actor: User | None
) -> int:
    """Write what numbers get once they are here: number → route_ref, caller_name, campaign_ref.

    Empty means what the order says. Returns how many numbers changed.
    """
    names = ("route_ref", "caller_name", "campaign_ref")
    changed = []
    for line in order.lines.select_for_update().filter(tn__in=list(presets)).order_by("tn"):
        values = {name: presets[line.tn].get(name, getattr(line, name)) for name in names}
        if any(getattr(line, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(line, name, value)
            changed.append(line)
    PortLine.objects.bulk_update(changed, names, batch_size=1000)
    if changed:
        after = {"numbers": [line.tn for line in changed[:20]], "count": len(changed)}
        audit.record(actor, "porting.port.presets_changed", order, after=after)
    return len(changed)


@transaction.atomic
def remove_line(line: PortLine, *, actor: User | None, reason: str = "") -> None:
    """Take a number off an order that is being prepared; the last one stays.

    Raises `IllegalMove` where the order was sent off already.
    """
    from porting.services.moving import IllegalMove

    order = PortOrder.objects.select_for_update().get(pk=line.order_id)
    if order.state not in PortOrder.PREPARING:
        raise IllegalMove(f"{order} was sent to the provider: write to it to take {line} off.")
    if order.lines.active().count() <= 1:
        raise IllegalMove(f"{line} is the last number of {order}. Withdraw the order instead.")
    line.status, line.is_open, line.status_since = "removed", False, timezone.now()
    line.save(update_fields=["status", "is_open", "status_since"])
    order.number_count = order.lines.active().count()
    order.price_total = order.price_of(order.number_count)
    order.save(update_fields=["number_count", "price_total", "updated_at"])
    record_event(order, source="us", line=line, text=f"{line} was taken off.", actor=actor)
    audit.record(
        actor, "porting.port.number_removed", order, after={"number": line.tn}, reason=reason
    )


def missing(order: PortOrder) -> list[str]:
    """Return what still stands against “ready to submit”, as sentences; empty when nothing does."""
    found = [f"Fill in {words}." for name, words in NEEDED.items() if not getattr(order, name)]
    found += [
        f"The stored {words} cannot be read with the present SALT_KEY. Enter it again."
        for words in order.unreadable_secrets
    ]
    lines = list(order.lines.active())
    if order.account_id is None:
        found.append("Choose the provider that takes the numbers in.")
    if not lines:
        found.append("The order has no number.")
    found += _about_numbers(order, lines)
    found += _about_papers(order)
    return found


def _about_numbers(order: PortOrder, lines: Iterable[PortLine]) -> list[str]:
    found = []
    tns = {line.tn for line in lines}
    if order.extent == PortOrder.Extent.FULL and order.billing_tn and order.billing_tn not in tns:
        found.append(
            f"The billing number {TN(order.billing_tn).pretty} is not on the order. Add it, or say "
            "that only some numbers of the account move."
        )
    if order.extent == PortOrder.Extent.PARTIAL and order.billing_tn in tns:
        if not order.new_billing_tn:
            found.append("The billing number moves and others stay: name their new billing number.")
        elif order.new_billing_tn in tns:
            found.append("The new billing number is on the order, too. It must be one that stays.")
    if any(line.is_wireless for line in lines) and not order.pin:
        found.append("Numbers of a wireless carrier need the PIN.")
    if any(line.status == PortLine.Status.NOT_PORTABLE for line in lines):
        found.append("A number cannot be ported. Take it off the order.")
    return found


def _about_papers(order: PortOrder) -> list[str]:
    today = timezone.localdate()
    signed = order.loa_signed_on
    if signed is None:
        return ["The letter of authority is not signed."]
    if clock.age(signed, today) > settings.PORT_LETTER_MAX_DAYS:
        return [
            f"The letter of authority was signed on {signed:%B %-d, %Y}, more than "
            f"{settings.PORT_LETTER_MAX_DAYS} days ago. It must be signed again."
        ]
    return []


def _deadline(order: PortOrder) -> Any:
    zone = timezone.get_default_timezone()
    return clock.due_at(order.state, order.state_since, zone, foc_date=order.foc_date)


def _shown(name: str, value: Any) -> Any:
    """Return a value as the audit tells it: secrets only as set or not."""
    if name in SECRETS:
        return "set" if value else ""
    return str(value) if isinstance(value, Customer | ProviderAccount) else value
