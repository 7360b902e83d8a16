"""Numbers that leave: noticed, asked for, decided, gone, and what follows from that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from inventory import services as inventory
from inventory.models import CarrierNumber, Lookup, TelephoneNumber
from portal import audit
from portal.models import SupportTicket, User
from porting.models import PortOut
from porting.services.moving import IllegalMove

WORDS_OF_TICKETS: Final = r"port(ing)?[\s-]?out|ported\s+(out|away)"
MISSING_LISTS: Final = 2  # full lists in a row without the number
LOOK_BACK: Final = timedelta(days=30)


@transaction.atomic
def report(
    tn: str,
    *,
    way: str,
    words: str,
    actor: User | None,
    state: str = PortOut.State.SUSPECTED,
    **facts: Any,
) -> PortOut | None:
    """Note that a number seems to leave, or is asked for; one open case per number.

    More evidence goes to the open case. `state` may be “requested” where somebody asked; `facts`
    are gaining_carrier, due_on, answer_due_at. None for a number that is not ours.
    """
    number = TelephoneNumber.objects.select_for_update().filter(tn=tn).first()
    if number is None or number.state in ("released", "ported_out", "port_in", "purchasing"):
        return None
    known = PortOut.objects.select_for_update(of=("self",)).open().filter(tn=tn).first()
    if known is not None:
        _add_evidence(known, way, words)
        return known
    try:
        with transaction.atomic():
            case = PortOut.objects.create(
                tn=tn,
                number=number,
                customer=number.customer,
                detected_by=way,
                evidence=[_evidence(way, words)],
                actor=actor,
                **facts,
            )
    except IntegrityError:  # somebody else noticed it at this moment
        return PortOut.objects.open().filter(tn=tn).first()
    audit.record(actor, "porting.port_out.noticed", case, after={"way": way, "words": words})
    if state != PortOut.State.SUSPECTED:
        move(case, state, actor=actor, reason=words)
    return case


def _evidence(way: str, words: str) -> dict[str, str]:
    return {"at": timezone.now().isoformat(), "way": way, "words": words[:300]}


def _add_evidence(case: PortOut, way: str, words: str) -> None:
    if any(fact["way"] == way and fact["words"] == words[:300] for fact in case.evidence):
        return
    case.evidence = [*case.evidence, _evidence(way, words)][-20:]
    case.save(update_fields=["evidence"])


@transaction.atomic
def move(case: PortOut, to: str, *, actor: User | None, reason: str = "", **changes: Any) -> None:
    """Move a port-out to another state; the number follows: porting out, ported out, or as before.

    Raises `IllegalMove` where the table has no such move, and changes nothing then.
    """
    row = PortOut.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if refusal := row.why_not(to):
        raise IllegalMove(refusal)
    before = row.state
    row.previous_state, row.state, row.state_since = before, to, timezone.now()
    for name, value in changes.items():
        setattr(row, name, value)
    if to == PortOut.State.COMPLETED and row.left_on is None:
        row.left_on = timezone.localdate()
    row.note = reason[:300] or row.note
    row.save()
    _number_follows(row, actor=actor, reason=reason)
    case.refresh_from_db()
    facts = {"state": to} | {name: str(value or "") for name, value in changes.items()}
    audit.record(
        actor,
        f"porting.port_out.{to}",
        row,
        before={"state": before},
        after=facts,
        reason=reason,
    )


_LEAVING: Final = ("requested", "approved", "auto_approved")
_STAYS: Final = ("cancelled", "closed", "dismissed")


def _number_follows(case: PortOut, *, actor: User | None, reason: str) -> None:
    number = TelephoneNumber.objects.select_for_update().filter(tn=case.tn).first()
    if number is None:
        return
    text = reason or str(case)
    if case.state in _LEAVING and "port_out" in number.MOVES.get(number.state, set()):
        _move_number(number, "port_out", actor=actor, reason=text)
    elif case.state in _STAYS and number.state == "port_out":
        back = number.previous_state
        to = (
            back
            if back in number.MOVES["port_out"]
            else "in_service"
            if number.customer
            else "stock"
        )
        _move_number(number, to, actor=actor, reason=text)


def _move_number(number: TelephoneNumber, to: str, *, actor: User | None, reason: str) -> None:
    try:
        inventory.move(number, to, actor=actor, reason=reason)
    except inventory.IllegalMove as error:
        raise IllegalMove(str(error)) from error


def detect() -> int:
    """Open a case for each number that two full lists did not hold, or that a ticket speaks of.

    Numbers under a case that was dismissed lately are passed over. Returns how many are new.
    """
    since = timezone.now() - LOOK_BACK
    told = dict(_missing()) | dict(_in_tickets(since))
    open_cases = PortOut.objects.open().filter(tn__in=list(told))
    settled = PortOut.objects.filter(tn__in=list(told), state_since__gt=since)
    known = {*open_cases.values_list("tn", flat=True), *settled.values_list("tn", flat=True)}
    new = 0
    for tn, (way, words) in told.items():
        if tn not in known:
            new += report(tn, way=way, words=words, actor=None) is not None
    _add_routing(open_cases)
    return new


def approve_by_time() -> int:
    """Let requests that nobody answered in their time count as approved; return how many."""
    late = PortOut.objects.filter(state="requested", answer_due_at__lte=timezone.now())
    cases = list(late.order_by("pk"))
    for case in cases:
        move(case, "auto_approved", actor=None, reason="Nobody answered in time.")
    return len(cases)


def _missing() -> Iterable[tuple[str, tuple[str, str]]]:
    ours = TelephoneNumber.objects.filter(state__in=["stock", "held", "in_service", "suspended"])
    lost = TelephoneNumber.objects.filter(state="lost")
    gone = CarrierNumber.objects.filter(missing_count__gte=MISSING_LISTS)
    rows = (ours | lost).filter(tn__in=gone.values("tn"), sync_state="missing")
    for number in rows.select_related("account").order_by("tn")[:1000]:
        words = f"{number.account} no longer lists it, in {MISSING_LISTS} full lists in a row."
        yield number.tn, (PortOut.Way.LIST, words)


def _in_tickets(since: Any) -> Iterable[tuple[str, tuple[str, str]]]:
    tickets = SupportTicket.objects.filter(
        subject__iregex=WORDS_OF_TICKETS, changed_at__gt=since
    ).exclude(tn="")
    for ticket in tickets.order_by("changed_at")[:1000]:
        words = f"Ticket {ticket.shown_number}: {ticket.subject}"
        yield ticket.tn, (PortOut.Way.TICKET, words[:300])


def _add_routing(cases: Iterable[PortOut]) -> None:
    """Add what paid lookups told after a case was opened: who serves the number now."""
    for case in list(cases):
        kept = Lookup.objects.filter(
            kind=Lookup.Kind.LRN, tn=case.tn, looked_up_at__gt=case.detected_at
        ).first()
        if kept is None:
            continue
        carrier = str(kept.answer.get("carrier", ""))
        words = f"LRN {kept.answer.get('lrn', 'none')}, carrier {carrier or 'not told'}."
        _add_evidence(case, PortOut.Way.LRN, words)
        if carrier and not case.gaining_carrier:
            PortOut.objects.filter(pk=case.pk).update(gaining_carrier=carrier[:120])


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that follows from a number's leaving, before it is done."""

    name: str
    label: str
    words: str
    is_needed: bool
    is_done: bool = False


# Words of other domains, as they keep them on the number: something of it stands at a provider.
_WITH_RECORD: Final = (
    *("provisioning", "provisioned", "provision_failed", "verified", "changing", "removing"),
    "orphan",
)
_ON_CAMPAIGN: Final = ("requested", "assigned", "live", "partly_mapped", "remove_failed")


def steps(case: PortOut) -> list[Step]:
    """Return what follows from a number's leaving, in its order; nothing is done."""
    number = case.number or TelephoneNumber.objects.filter(tn=case.tn).first()
    left_on = case.left_on or timezone.localdate()
    e911 = number.e911_state if number else "none"
    campaign = number.messaging_state if number else "off"
    has_record = e911 in _WITH_RECORD
    has_campaign = campaign in _ON_CAMPAIGN
    return [
        _step(
            case,
            "billing",
            "Stop billing",
            f"The customer is billed until {left_on:%B %-d, %Y}.",
            True,
        ),
        _step(
            case,
            "e911",
            "Remove the E911 record",
            "It has a record." if has_record else "It has no record.",
            has_record,
        ),
        _step(
            case,
            "campaign",
            "Take it off its campaign",
            "It is on a campaign." if has_campaign else "It is on no campaign.",
            has_campaign,
        ),
        _step(
            case,
            "ported_out",
            "File it as ported out",
            f"It is “{number.get_state_display()}” now."
            if number
            else "It is not in the inventory.",
            number is not None and number.state != "ported_out",
        ),
    ]


def _step(case: PortOut, name: str, label: str, words: str, is_needed: bool) -> Step:
    fact = case.follow_up.get(name, {})
    return Step(
        name=name,
        label=label,
        words=str(fact.get("words") or words),
        is_needed=is_needed,
        is_done=fact.get("status") == "done",
    )


def note_step(case: PortOut, name: str, **fact: Any) -> None:
    """Write what became of one step."""
    case.follow_up = {**case.follow_up, name: {"at": timezone.now().isoformat(), **fact}}
    over = {"done", "by_hand", "not_needed"}
    names = ("billing", "e911", "campaign", "ported_out")
    case.is_followed_up = all(case.follow_up.get(n, {}).get("status") in over for n in names)
    case.save(update_fields=["follow_up", "is_followed_up"])


@transaction.atomic
def file_as_gone(case: PortOut, *, actor: User | None, left_on: date) -> None:
    """Stop the customer's time with the number and file it as ported out; the history stays.

    Raises `IllegalMove` where the number cannot leave, such as one under legal hold.
    """
    number = TelephoneNumber.objects.select_for_update().filter(tn=case.tn).first()
    PortOut.objects.filter(pk=case.pk).update(left_on=left_on)
    case.left_on = left_on
    if number is None or number.state == "ported_out":
        note_step(case, "billing", status="done")
        note_step(case, "ported_out", status="done")
        return
    if number.state not in ("port_out", "lost"):
        _move_number(number, "port_out", actor=actor, reason=str(case))
    changes: Mapping[str, Any] = {"last_customer": number.customer, "disconnected_on": left_on}
    if number.customer is None:
        changes = {}
    try:
        inventory.move(
            number, "ported_out", actor=actor, reason=str(case), customer=None, **changes
        )
    except inventory.IllegalMove as error:
        raise IllegalMove(str(error)) from error
    CarrierNumber.objects.filter(account=number.account, tn=number.tn).delete()
    note_step(case, "billing", status="done", words=f"Billed until {left_on:%B %-d, %Y}.")
    note_step(case, "ported_out", status="done")
