"""What arrived numbers get: route, caller name, campaign, each as a job of the domain that knows how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils import timezone

from inventory.models import CarrierNumber, TelephoneNumber
from portal import jobs, operations
from portal.models import Job, JobItem, ProviderAccount
from portal.operations import Item
from porting.models import PortLine

FEATURE_KIND: Final = "inventory.change_feature"
CAMPAIGN_KIND: Final = "messaging.assign_campaign"
BATCH: Final = 500
STEPS: Final = ("route", "cnam_name", "campaign")  # one after the other: a number has one open job
_ON_CAMPAIGN: Final = ("assigned", "live", "partly_mapped")
OPEN, DONE, FAILED, BY_HAND = "open", "done", "failed", "by_hand"


def wanted(line: PortLine) -> dict[str, str]:
    """Return what was chosen for a number once it is here, by step."""
    chosen = {
        "route": line.wanted_route,
        "cnam_name": line.wanted_caller_name,
        "campaign": line.wanted_campaign,
    }
    return {step: value for step, value in chosen.items() if value}


def follow_arrivals(limit: int = BATCH) -> int:
    """Take the next step for numbers that arrived; return how many were settled for good.

    Nothing is done twice: each step of a number stands on its row, with its job, before the job
    can run.
    """
    settled = _done_by_hand()
    lines = PortLine.objects.filter(status__in=["activated", "messaging_pending"])
    if CAMPAIGN_KIND not in operations.kinds():
        by_hand = Q(
            status="messaging_pending", follow_up__contains={"campaign": {"status": BY_HAND}}
        )
        lines = lines.exclude(by_hand)
    todo: dict[tuple[str, int], list[PortLine]] = {}
    found = lines.select_related("order__account").order_by("status_since", "pk")
    for line in found.defer("order__account_number", "order__pin")[:limit]:
        step = _next_step(line)
        if step is None:
            settled += 1
        elif step and line.order.account_id is not None:
            todo.setdefault((step, line.order.account_id), []).append(line)
    for (step, _), members in todo.items():
        _submit(step, members)
    return settled


def _done_by_hand() -> int:
    """Settle numbers whose campaign somebody saw to; return how many."""
    waiting = PortLine.objects.filter(
        status="messaging_pending", follow_up__contains={"campaign": {"status": BY_HAND}}
    )
    texting = TelephoneNumber.objects.filter(messaging_state__in=_ON_CAMPAIGN)
    return waiting.filter(tn__in=texting.values("tn")).update(
        status=PortLine.Status.DONE, status_since=timezone.now()
    )


def _next_step(line: PortLine) -> str | None:
    """Return the step that a number is at, "" while a job works on it, None where all is done."""
    chosen = wanted(line)
    for step in STEPS:
        if step not in chosen:
            continue
        fact = line.follow_up.get(step)
        if fact is None or fact.get("status") == BY_HAND:  # messaging has come since
            return step
        if fact.get("status") == OPEN and not _is_settled(line, step, fact):
            return ""
    line.status, line.status_since = PortLine.Status.DONE, timezone.now()
    line.save(update_fields=["status", "status_since", "follow_up"])
    return None


def _is_settled(line: PortLine, step: str, fact: Mapping[str, Any]) -> bool:
    """Note what became of a step's job; return whether it is over."""
    item = JobItem.objects.filter(job=fact.get("job"), target=line.tn).first()
    if item is not None and item.is_open:
        return False
    is_done = item is not None and item.status == JobItem.Status.SUCCEEDED
    words = "" if is_done else (item.message if item else "The job is gone.")
    line.follow_up[step] = {**fact, "status": DONE if is_done else FAILED, "words": words[:300]}
    line.save(update_fields=["follow_up"])
    return True


def _submit(step: str, lines: list[PortLine]) -> None:
    account = lines[0].order.account
    if account is None:
        return
    if step == "campaign" and CAMPAIGN_KIND not in operations.kinds():
        words = "Put it on the campaign by hand."
        _note(lines, step, {"status": BY_HAND, "words": words}, status="messaging_pending")
        return
    ours = set(
        TelephoneNumber.objects.among([line.tn for line in lines])
        .filter(account=account)
        .values_list("tn", flat=True)
    )
    left = [line for line in lines if line.tn not in ours]
    _note(left, step, {"status": FAILED, "words": "The number is not on this account."})
    here = [line for line in lines if line.tn in ours]
    for value in {wanted(line)[step] for line in here}:
        _submit_value(step, value, [line for line in here if wanted(line)[step] == value], account)


def _submit_value(step: str, value: str, lines: list[PortLine], account: ProviderAccount) -> None:
    tns = [line.tn for line in lines]
    try:
        job = _job(step, value, tns, account)
    except jobs.NotAccepted as error:
        # What concerns one number stops that number only; a job that holds one is waited for.
        named = {problem.target: problem.message for problem in error.problems if problem.target}
        busy = set(_locked(tns))
        for line in lines:
            if line.tn in named and line.tn not in busy:
                _note([line], step, {"status": FAILED, "words": named[line.tn]})
        if not named:
            _note(lines, step, {"status": FAILED, "words": str(error)})
    except PermissionDenied as error:
        _note(lines, step, {"status": FAILED, "words": str(error)})
    else:
        _note(lines, step, {"status": OPEN, "job": job.pk, "value": value})


def _locked(tns: list[str]) -> Iterable[str]:
    open_rows = JobItem.objects.filter(target__in=tns, is_lock=True, status__in=JobItem.OPEN)
    return open_rows.values_list("target", flat=True)


def _job(step: str, value: str, tns: list[str], account: ProviderAccount) -> Job:
    """Submit a step by its kind; the other domain checks, sends and files it."""
    if step == "campaign":
        items = [Item(target=tn, slice=0) for tn in tns]
        params: dict[str, Any] = {"campaign": value, "reason": "Ported in"}
        return jobs.submit(
            CAMPAIGN_KIND,
            actor=None,
            account=account,
            params=params,
            items=items,
            source=Job.Source.SYSTEM,
        )
    mirrors = CarrierNumber.objects.filter(account=account, tn__among=tns)
    routes = dict(mirrors.values_list("tn", "route_ref"))
    states = dict(TelephoneNumber.objects.among(tns).values_list("tn", "sync_state"))
    items = [
        Item(
            target=tn,
            slice=place,
            before={"value": None, "sync_state": states.get(tn, "stale")},
            params={"value": value, "route": routes.get(tn, "")},
        )
        for place, tn in enumerate(tns)
    ]
    return jobs.submit(
        FEATURE_KIND,
        actor=None,
        account=account,
        params={"feature": step, "reason": "Ported in", "shown": value},
        items=items,
        source=Job.Source.SYSTEM,
    )


def _note(
    lines: Iterable[PortLine], step: str, fact: Mapping[str, Any], *, status: str = ""
) -> None:
    at = timezone.now().isoformat()
    for line in lines:
        line.follow_up[step] = {"at": at, **fact}
        if status:
            line.status = status
        line.save(update_fields=["follow_up", "status"])
