"""Orders that were entered in a provider's back office: found among its ports by their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from portal import account_facts
from portal.models import AccountFact, Job, ProviderAccount, User
from portal.providers.dto.porting import PortRecord
from portal.tn import TN
from porting.models import PortLine, PortOrder
from porting.services.moving import IllegalMove, follow, move
from porting.services.notes import record_event

FACT: Final = "port_strangers"
AGAIN_AFTER: Final = timedelta(hours=6)  # a port that fitted no order is read again then
_KEPT: Final = 500


def worth_reading(account: ProviderAccount, records: Iterable[PortRecord]) -> list[str]:
    """Return the references of ports that an order entered by hand may be, the newest first.

    None while no such order waits: nobody is asked for nothing.
    """
    waiting = PortOrder.objects.filter(account=account, state="ready", provider_ref="")
    if not any(order.is_manual for order in waiting.select_related("account")[:1]):
        return []
    listed = [record.ref for record in records]
    ours = PortOrder.objects.filter(account=account, provider_ref__in=listed)
    known = set(ours.values_list("provider_ref", flat=True))
    lately = {ref for ref, row in strangers(account).items() if _is_fresh(row)}
    return [ref for ref in sorted(listed, key=_newest) if ref not in known | lately]


def _newest(ref: str) -> tuple[int, str]:
    return (-int(ref), ref) if ref.isdigit() else (0, ref)


def strangers(account: ProviderAccount) -> dict[str, dict[str, Any]]:
    """Return the provider's ports that fitted no order of ours: reference → numbers, word, when."""
    fact = AccountFact.objects.filter(account=account, kind=FACT).first()
    return dict(fact.content.get("ports", {})) if fact else {}


def _is_fresh(row: Mapping[str, Any]) -> bool:
    at = parse_datetime(str(row.get("at", "")))
    return at is not None and timezone.now() - at < AGAIN_AFTER


def match_strangers(
    account: ProviderAccount, ports: Sequence[PortRecord], *, job: Job | None
) -> int:
    """Join orders with the ports that have their numbers; return how many found theirs.

    A port that fits no order, or two, is kept as a stranger, and nothing is guessed.
    """
    if not ports:
        return 0
    matched, left = 0, strangers(account)
    for port in ports:
        order = _fitting(account, port)
        if order is not None:
            join(order, port, actor=None, job=job)
            left.pop(port.ref, None)
            matched += 1
        else:
            numbers = [str(number.tn) for number in port.numbers[:200]]
            at = timezone.now().isoformat()
            left[port.ref] = {"numbers": numbers, "word": port.word, "at": at}
    newest = sorted(left.items(), key=lambda pair: str(pair[1].get("at", "")))[-_KEPT:]
    account_facts.keep(account, FACT, {"ports": dict(newest)})
    return matched


def _fitting(account: ProviderAccount, port: PortRecord) -> PortOrder | None:
    tns = [str(number.tn) for number in port.numbers]
    waiting = (
        PortLine.objects.among(tns)
        .active()
        .filter(order__account=account, order__state="ready", order__provider_ref="")
    )
    ids = set(waiting.values_list("order", flat=True))
    fitting = [
        order for order in PortOrder.objects.filter(pk__in=ids) if not why_no_match(order, port)
    ]
    return fitting[0] if len(fitting) == 1 else None


def why_no_match(order: PortOrder, port: PortRecord) -> str:
    """Return why a port of the provider is not this order, as a sentence; empty where it is."""
    ours = set(order.lines.active().values_list("tn", flat=True))
    theirs = {str(number.tn) for number in port.numbers}
    if not theirs:
        return f"The provider tells no numbers of port {port.ref}."
    if more := theirs - ours:
        return f"Port {port.ref} has {TN(min(more)).pretty}, which is not on {order}."
    if lacking := ours - theirs:
        return f"Port {port.ref} has not {TN(min(lacking)).pretty}, which is on {order}."
    return ""


@transaction.atomic
def join(
    order: PortOrder, port: PortRecord, *, actor: User | None, job: Job | None = None
) -> list[str]:
    """Tie an order to the provider's port and let it follow; return the states passed.

    Raises `IllegalMove` where another order has that port.
    """
    other = PortOrder.objects.filter(account=order.account, provider_ref=port.ref)
    if taken := other.exclude(pk=order.pk).first():
        raise IllegalMove(f"Port {port.ref} belongs to {taken} already. Nothing was changed.")
    values: dict[str, Any] = {"provider_ref": port.ref}
    if port.submitted_at is not None:
        values["submitted_at"] = port.submitted_at
    if order.state == PortOrder.State.READY:
        reason = f"Found at the provider as {port.ref}."
        move(order, "submitted", actor=actor, job=job, is_told=True, reason=reason, **values)
    else:
        PortOrder.objects.filter(pk=order.pk).update(**values)
        text = f"Tied to the provider’s port {port.ref}."
        record_event(order, source="us", text=text, actor=actor, is_for_customer=False)
    order.refresh_from_db()
    return follow(order, port, job=job)
