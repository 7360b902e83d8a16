"""Lists of numbers to be ported: kept, answered, made into orders, thrown away."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from portal import audit, providers
from portal.models import Customer, ProviderAccount, User
from portal.tn import TN
from porting import preflight as rules
from porting.models import PortLine, PortOrder, Preflight, PreflightLine
from porting.services.notes import record_event
from porting.services.orders import create_order

_WRITTEN: Final = (
    *("verdict", "problem", "words", "account", "answers", "losing_carrier", "routing_number"),
    *("tier", "is_wireless", "checked_at", "valid_until"),
)


def create(
    entries: Sequence[rules.Entry],
    *,
    actor: User,
    customer: Customer | None,
    key: str,
    file_name: str = "",
) -> Preflight:
    """Return a kept list; what our own database stands against is set aside at once."""
    preflight = Preflight.objects.create(
        actor=actor, customer=customer, key=key, file_name=file_name[:120]
    )
    good = [str(entry.tn) for entry in entries if entry.tn and not entry.problem]
    known = rules.local_problems(good)
    told = rules.carriers(good)
    PreflightLine.objects.bulk_create(
        [_line(preflight, at, entry, known, told) for at, entry in enumerate(entries, start=1)],
        batch_size=2000,
    )
    after = {"entries": len(entries), "numbers": len(good), "customer": str(customer or "")}
    audit.record(actor, "porting.preflight.started", preflight, after=after)
    return preflight


def _line(
    preflight: Preflight,
    position: int,
    entry: rules.Entry,
    known: Mapping[str, tuple[str, str]],
    told: Mapping[str, tuple[str, str, bool | None]],
) -> PreflightLine:
    line = PreflightLine(
        preflight=preflight, position=position, text=entry.text, tn=str(entry.tn or "")
    )
    problem, words = entry.problem, entry.words
    if not problem and entry.tn in known:
        problem, words = known[str(entry.tn)]
    if problem:
        line.verdict = PreflightLine.Verdict.SET_ASIDE
        line.problem, line.words = problem, words[:300]
    line.losing_carrier, line.routing_number, line.is_wireless = told.get(line.tn, ("", "", None))
    return line


@transaction.atomic
def keep_answers(
    pk: int,
    account: ProviderAccount,
    told: Mapping[str, Mapping[str, str]],
    words: Mapping[str, str],
) -> None:
    """Write what one provider answered about numbers of a list, and what follows from it.

    `told` is the answer by number, empty where there was none, with the reason in `words`. A
    number is settled once each provider answered, or one that takes it over the wire said yes.
    """
    preflight = Preflight.objects.select_for_update().filter(pk=pk).first()
    if preflight is None or preflight.state == Preflight.State.DISCARDED:
        return
    asked = _asked(preflight)
    lines = list(preflight.lines.filter(tn__in=list(told), problem__in=["", *_SETTLED]))
    lines = [line for line in lines if line.order_id is None]
    for line in lines:
        answer = dict(told[line.tn]) or {"words": words.get(line.tn, "")}
        line.answers = {**line.answers, str(account.pk): answer}
        _judge(line, asked)
    PreflightLine.objects.bulk_update(lines, _WRITTEN, batch_size=1000)
    if not preflight.lines.filter(verdict="waiting").exists():
        Preflight.objects.filter(pk=pk, state="checking").update(state=Preflight.State.CHECKED)


_SETTLED: Final = ("not_portable", "not_answered")


def _asked(preflight: Preflight) -> list[ProviderAccount]:
    """Return the accounts that are asked, those that take orders over the wire first."""
    if preflight.job is None:
        return []
    accounts = ProviderAccount.objects.filter(jobs__parent=preflight.job).distinct()
    return sorted(accounts, key=lambda a: (not providers.offers(a.slug, "port_submission"), a.pk))


def _judge(line: PreflightLine, asked: Sequence[ProviderAccount]) -> None:
    """Set verdict, provider and facts of a number from the answers so far."""
    answers: dict[str, dict[str, str]] = line.answers
    good = [a for a in asked if answers.get(str(a.pk), {}).get("is_portable") == "true"]
    is_complete = all(str(account.pk) in answers for account in asked)
    line.problem = line.words = ""
    if good and (is_complete or good[0] == asked[0]):
        _take(line, good[0], answers[str(good[0].pk)])
        return
    if not is_complete:
        line.verdict = PreflightLine.Verdict.WAITING
        return
    reasons = [answer for answer in answers.values() if answer.get("is_portable") == "false"]
    if reasons:
        line.verdict, line.problem = PreflightLine.Verdict.NOT_PORTABLE, "not_portable"
        line.words = next((r["reason"] for r in reasons if r.get("reason")), "")[:300]
    else:
        line.verdict, line.problem = PreflightLine.Verdict.NOT_CHECKED, "not_answered"
        line.words = next((a["words"] for a in answers.values() if a.get("words")), "")[:300]


def _take(line: PreflightLine, account: ProviderAccount, answer: Mapping[str, str]) -> None:
    line.verdict, line.account = PreflightLine.Verdict.PORTABLE, account
    everywhere = [answer, *line.answers.values()]
    line.losing_carrier = _first(everywhere, "carrier") or line.losing_carrier
    line.routing_number = _first(everywhere, "lrn") or line.routing_number
    line.tier = answer.get("tier", "")[:12]
    line.checked_at, line.valid_until = (
        _moment(answer, "checked_at"),
        _moment(answer, "valid_until"),
    )


def _first(answers: Sequence[Mapping[str, str]], name: str) -> str:
    return next((answer[name] for answer in answers if answer.get(name)), "")


def _moment(answer: Mapping[str, str], name: str) -> datetime | None:
    return parse_datetime(answer.get(name, ""))


@transaction.atomic
def keep_order_answers(pk: int, told: Mapping[str, Mapping[str, str]]) -> None:
    """Write what the provider answered about numbers of an order that is not sent off yet."""
    order = PortOrder.objects.select_for_update().filter(pk=pk).first()
    if order is None or order.state not in PortOrder.PREPARING:
        return
    lines = list(order.lines.active().filter(tn__in=[tn for tn, answer in told.items() if answer]))
    for line in lines:
        note_answer(line, told[line.tn])
    names = ["status", "status_since", "checked_at", "valid_until", "carrier_told"]
    names += ["routing_number", "tier", "reject_words"]
    PortLine.objects.bulk_update(lines, names, batch_size=1000)
    refresh_validity(order)


def note_answer(line: PortLine, answer: Mapping[str, str]) -> None:
    """Set on a number, unsaved, what its provider answered."""
    is_portable = answer.get("is_portable") == "true"
    line.status = PortLine.Status.PORTABLE if is_portable else PortLine.Status.NOT_PORTABLE
    line.status_since = timezone.now()
    line.reject_words = "" if is_portable else answer.get("reason", "")[:300]
    line.checked_at = _moment(answer, "checked_at")
    line.valid_until = _moment(answer, "valid_until") if is_portable else None
    line.carrier_told = answer.get("carrier", "")[:120] or line.carrier_told
    line.routing_number = answer.get("lrn", "")[:16] or line.routing_number
    line.tier = answer.get("tier", "")[:12] or line.tier


def refresh_validity(order: PortOrder) -> None:
    """Write to the order since and until when all of its numbers are known to be portable."""
    times = list(order.lines.active().values_list("checked_at", "valid_until"))
    checked = [at for at, _ in times if at is not None]
    untils = [until for _, until in times if until is not None]
    is_known = bool(times) and len(checked) == len(untils) == len(times)
    order.portability_checked_at = min(checked) if is_known else None
    order.portability_valid_until = min(untils) if is_known else None
    order.save(update_fields=["portability_checked_at", "portability_valid_until", "updated_at"])


@transaction.atomic
def make_orders(
    preflight: Preflight, *, actor: User, keys: Collection[str] | None = None
) -> list[PortOrder]:
    """Make a draft order of each group of a list, or of those with these keys; return them.

    Numbers that went into an order stay in it: doing it twice makes no second one.
    """
    locked = Preflight.objects.select_for_update().get(pk=preflight.pk)
    orders = []
    for group in rules.groups(locked):
        if keys is not None and group.key not in keys:
            continue
        tns = [line.tn for line in group.lines]
        order = create_order(
            tns,
            actor=actor,
            customer=locked.customer,
            account=group.account,
            kind=group.kind,
            facts={"losing_carrier": group.losing_carrier, "billing_tn": tns[0]},
            lines={line.tn: _facts(line) for line in group.lines},
        )
        refresh_validity(order)
        locked.lines.filter(tn__in=tns, verdict="portable").update(order=order)
        orders.append(order)
    if orders and not rules.groups(locked):
        Preflight.objects.filter(pk=locked.pk).update(state=Preflight.State.GROUPED)
    preflight.refresh_from_db()
    return orders


def _facts(line: PreflightLine) -> dict[str, Any]:
    return {
        "status": PortLine.Status.PORTABLE,
        "checked_at": line.checked_at,
        "valid_until": line.valid_until,
        "carrier_told": line.losing_carrier,
        "routing_number": line.routing_number,
        "rate_center": line.rate_center,
        "tier": line.tier,
        "is_wireless": line.is_wireless,
    }


@transaction.atomic
def discard(preflight: Preflight, *, actor: User | None) -> None:
    """Throw a list away; orders that were made of it stay."""
    Preflight.objects.filter(pk=preflight.pk).update(state=Preflight.State.DISCARDED)
    preflight.state = Preflight.State.DISCARDED
    audit.record(actor, "porting.preflight.discarded", preflight)


@transaction.atomic
def add_line(order: PortOrder, tn: str, *, actor: User | None) -> PortLine:
    """Put one more number on an order that is being prepared; it is to be checked then.

    Raises `porting.services.IllegalMove` where the order was sent off, the number stands against
    it, or toll-free and geographic numbers would go together.
    """
    from porting.services.moving import IllegalMove

    locked = PortOrder.objects.select_for_update().get(pk=order.pk)
    value = TN(tn)
    if locked.state not in PortOrder.PREPARING[:2]:
        raise IllegalMove(f"{locked} is “{locked.get_state_display()}”: no number can be added.")
    if problem := rules.local_problems([tn]).get(tn):
        raise IllegalMove(f"{problem[1]} It was not added.")
    if value.is_toll_free != (locked.kind == PortOrder.Kind.TOLL_FREE):
        raise IllegalMove("Toll-free and local numbers go into separate orders. It was not added.")
    line, is_new = PortLine.objects.get_or_create(order=locked, tn=tn)
    if not is_new and line.status != PortLine.Status.REMOVED:
        raise IllegalMove(f"{line} is on the order already.")
    line.status, line.valid_until = PortLine.Status.PENDING, None
    line.save(update_fields=["status", "valid_until"])
    locked.number_count = locked.lines.active().count()
    locked.price_total = locked.price_of(locked.number_count)
    locked.save(update_fields=["number_count", "price_total", "updated_at"])
    order.refresh_from_db()
    record_event(locked, source="us", line=line, text=f"{line} was added.", actor=actor)
    audit.record(actor, "porting.port.number_added", locked, after={"number": tn})
    return line


def forget_old(days: int) -> int:
    """Throw away lists that nobody touched for so many days; return how many."""
    limit = timezone.now() - timedelta(days=days)
    return (
        Preflight.objects.drafts()
        .filter(created_at__lt=limit)
        .update(state=Preflight.State.DISCARDED)
    )
