"""What reaches providers when numbers leave, or are guarded against it: by the kinds of other domains."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.db import transaction

from inventory.models import TelephoneNumber
from portal import jobs, operations, providers
from portal.jobs.submit import Child
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Item, Problem
from portal.sealed import seal
from porting.models import PortOut
from porting.services import port_out

E911_KIND: Final = "e911.remove"
CAMPAIGN_KIND: Final = "messaging.remove_campaign"
PIN_KIND: Final = "inventory.change_feature"
PIN_LIMIT: Final = 10_000
# A step that another domain carries out: its kind, and what to do by hand where it has none.
_ELSEWHERE: Final[Mapping[str, tuple[str, str]]] = {
    "e911": (E911_KIND, "Remove the E911 record by hand."),
    "campaign": (CAMPAIGN_KIND, "Take it off its campaign by hand."),
}


def follow_up(case: PortOut, *, actor: User, left_on: date) -> PortOut:
    """Do what follows from a number's leaving, as `port_out.steps` showed it; return the case.

    What reaches a provider goes as jobs of the domains that know how; what no job can do is noted
    as work by hand. Doing it again does only what is left. Raises `IllegalMove` where the number
    is not said to have left, or cannot.
    """
    from porting.services.moving import IllegalMove

    with transaction.atomic():
        locked = PortOut.objects.select_for_update(of=("self",)).get(pk=case.pk)
        if locked.state != PortOut.State.COMPLETED:
            raise IllegalMove(f"{locked} is not “Ported out” yet. Nothing was done.")
        for step in port_out.steps(locked):
            if step.name in _ELSEWHERE and locked.follow_up.get(step.name) is None:
                _elsewhere(locked, step, actor=actor)
        port_out.file_as_gone(locked, actor=actor, left_on=left_on)
    case.refresh_from_db()
    return case


def _elsewhere(case: PortOut, step: port_out.Step, *, actor: User) -> None:
    if not step.is_needed:
        port_out.note_step(case, step.name, status="not_needed", words=step.words)
        return
    kind, by_hand = _ELSEWHERE[step.name]
    number = case.number
    if kind not in operations.kinds() or number is None:
        port_out.note_step(case, step.name, status="by_hand", words=by_hand)
        return
    try:
        with transaction.atomic():
            job = jobs.submit(
                kind,
                actor=actor,
                account=number.account,
                params={"reason": str(case)},
                items=[Item(target=number.tn, before={})],
                customer_id=number.customer_id,
            )
    except jobs.NotAccepted as error:
        port_out.note_step(case, step.name, status="by_hand", words=f"{by_hand} {error}"[:300])
    else:
        port_out.note_step(case, step.name, status="open", job=job.pk)


def settle_steps() -> int:
    """Note what became of the jobs of open steps; return how many are settled."""
    settled = 0
    for case in PortOut.objects.to_follow_up().order_by("pk"):
        for name, fact in list(case.follow_up.items()):
            if fact.get("status") != "open":
                continue
            item = JobItem.objects.filter(job=fact.get("job"), target=case.tn).first()
            if item is not None and item.is_open:
                continue
            is_done = item is not None and item.status == JobItem.Status.SUCCEEDED
            words = "" if is_done else f"{_ELSEWHERE[name][1]} {item.message if item else ''}"
            status = "done" if is_done else "by_hand"
            port_out.note_step(case, name, status=status, job=fact.get("job"), words=words[:300])
            settled += 1
    return settled


def set_pins(tns: Sequence[str], *, actor: User, key: str, pin: str = "") -> Job:
    """Set port-out PINs by the inventory's feature: the same for all, or one by chance for each.

    Numbers whose provider has none are left out. Raises `portal.jobs.NotAccepted` where nothing is
    left, or something stands against a number. PINs travel sealed and are not shown again.
    """
    if known := Job.objects.filter(key=key, actor=actor).first():
        return known
    if pin and not (len(pin) == 4 and pin.isascii() and pin.isdigit()):
        raise jobs.NotAccepted(
            [Problem(message="A port-out PIN has four digits. Nothing was sent.")]
        )
    rows = TelephoneNumber.objects.ours().among(tns).select_related("account").order_by("tn")
    by_account: dict[ProviderAccount, list[TelephoneNumber]] = {}
    for number in rows[: PIN_LIMIT + 1]:
        if providers.offers(number.account.slug, "port_out_pin"):
            by_account.setdefault(number.account, []).append(number)
    count = sum(len(members) for members in by_account.values())
    if not count or count > PIN_LIMIT:
        words = (
            f"At most {PIN_LIMIT:,} numbers at a time." if count else "None of them can have a PIN."
        )
        raise jobs.NotAccepted([Problem(message=f"{words} Nothing was sent.")])
    children = [_pins(account, members, pin) for account, members in by_account.items()]
    return jobs.submit_group(
        f"Port-out PIN of {count:,} number{'s' if count != 1 else ''}",
        kind=PIN_KIND,
        actor=actor,
        children=children,
        key=key,
        params={"feature": "port_out_pin"},
    )


def _pins(account: ProviderAccount, numbers: Sequence[TelephoneNumber], pin: str) -> Child:
    items = [
        Item(
            target=number.tn,
            slice=place,
            before={"value": None, "sync_state": number.sync_state},
            params={"value": seal(pin or f"{secrets.randbelow(10_000):04}"), "route": ""},
        )
        for place, number in enumerate(numbers)
    ]
    params: dict[str, Any] = {"feature": "port_out_pin", "reason": "", "shown": "set"}
    return Child(kind=PIN_KIND, account=account, params=params, items=items)
