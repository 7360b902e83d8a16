"""What the page of one number's 911 shows; what customers must not see is not even looked up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from e911 import services, side_by_side
from e911.models import (
    AddressCheck,
    CarrierRecord,
    Difference,
    EmergencyRecord,
    KeptLocation,
    ProvisioningTry,
    Standing,
)
from e911.subjects import Subject
from portal import panels, providers
from portal.jobs.submit import new_key
from portal.models import AuditEntry, Job, User

EVENTS_SHOWN: Final = 20
EVENTS_KEPT: Final = 500  # of "all": more would be no page any more
CHECKS_SHOWN: Final = 5
CHANGE: Final = "e911.change_emergencyrecord"
State = EmergencyRecord.State
TAKEN_OFF: Final = (*EmergencyRecord.LIVE, State.ORPHAN, State.PROVISION_FAILED)
WITHOUT: Final = (State.NONE, State.REMOVED, State.DRAFT, State.INVALID, State.SUGGESTED)
_CAPABILITIES: Final = {
    "alerts": "e911_alerts",
    "history": "e911_history",
    "kept": "e911_locations",
}


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the timeline."""

    at: datetime
    title: str
    note: str
    who: str
    tone: str
    job_id: int | None


def context(subject: Subject, user: User, *, all_events: bool = False) -> dict[str, Any]:
    """Return what the page shows to this user."""
    record = subject.record
    limit = EVENTS_KEPT if all_events else EVENTS_SHOWN
    events = timeline(subject, user, limit=limit + 1)
    open_job = _open_job(subject, user)
    shown: dict[str, Any] = {
        "subject": subject,
        "number": subject.number,
        "record": record,
        "state": record.state if record else State.NONE,
        "standing": Standing.objects.filter(tn=subject.tn).visible_to(user).first(),
        "checks": _checks(subject, user),
        "tests": list(record.tests.visible_to(user)[:CHECKS_SHOWN]) if record else [],
        "alerts": list(record.alerts.visible_to(user)) if record else [],
        "events": events[:limit],
        "events_are_cut": len(events) > limit,
        "open_job": open_job,
        "is_locked": open_job is not None and open_job.is_write,
        "key": new_key(),
        "can_set": user.has_perm("e911.check_address") and subject.number is not None,
        "can_refresh": user.has_perm("e911.refresh_emergencyrecord"),
        "can_change": user.has_perm(CHANGE),
        "does_911": providers.offers(subject.account.slug, "e911_records"),
        **_deeds(record),
    }
    if user.is_staff_role:
        shown |= _for_staff(subject)
    return shown


def _deeds(record: EmergencyRecord | None) -> dict[str, bool]:
    """Return what can be done to a record in its state."""
    state = record.state if record else State.NONE
    return {
        "can_remove": state in TAKEN_OFF,
        "can_waive": "not_required" in EmergencyRecord.MOVES.get(state, set()),
        "can_require": state == State.NOT_REQUIRED,
        "can_keep": state == State.ORPHAN and record is not None and record.number_id is not None,
        "can_test": record is not None and record.is_live,
        "is_lost": record is not None and record.is_location_lost,
    }


def _for_staff(subject: Subject) -> dict[str, Any]:
    account, tn, record = subject.account, subject.tn, subject.record
    held = {"account": account, "tn": tn}
    mirror = CarrierRecord.objects.filter(**held).first()
    slug = account.slug
    lacking = providers.provider_class(slug).not_offered
    differences = Difference.objects.filter(record=record).live() if record else ()
    return {
        "mirror": mirror,
        "lines": _compared(record, mirror),
        "tries": list(ProvisioningTry.objects.filter(**held).order_by("position")[:20]),
        "kept": list(KeptLocation.objects.filter(**held)),
        "differences": list(differences),
        "offers": {name: providers.offers(slug, word) for name, word in _CAPABILITIES.items()},
        "lacking": {name: lacking.get(word, "") for name, word in _CAPABILITIES.items()},
    }


def _compared(
    record: EmergencyRecord | None, mirror: CarrierRecord | None
) -> list[side_by_side.Line]:
    """Return what we want and what the provider has, part by part."""
    ours: dict[str, str] = {}
    if record is not None:
        wanted = record.accepted or record.lines
        name = record.accepted_caller_name if record.accepted else record.caller_name
        ours = side_by_side.told(wanted, name)
    theirs: dict[str, str] = {}
    if mirror is not None and mirror.missing_since is None:
        theirs = side_by_side.told(mirror.lines, mirror.caller_name)
    return side_by_side.compare(ours, theirs)


def _checks(subject: Subject, user: User) -> list[AddressCheck]:
    """Return the newest checks that were made for this number."""
    rows = AddressCheck.objects.visible_to(user).filter(tns__contains=[subject.tn])
    return list(rows.select_related("asked_by", "accepted_by", "job")[:CHECKS_SHOWN])


def _open_job(subject: Subject, user: User) -> Job | None:
    """Return the newest job about this number's 911 that is not settled."""
    about = Q(items__target=subject.tn, kind__startswith="e911.")
    if subject.record is not None and subject.record.job_id:
        about |= Q(pk=subject.record.job_id)
    jobs = Job.objects.visible_to(user).filter(about, status__in=Job.OPEN)
    return jobs.select_related("account").order_by("-pk").first()


def timeline(subject: Subject, user: User, *, limit: int) -> list[Event]:
    """Return what happened to a number's 911, newest first."""
    about = Q()
    for thing in (subject.number, subject.record):
        if thing is not None:
            label = thing._meta.label_lower
            about |= Q(object_type=label, object_id=thing.pk, verb__startswith="e911.")
    entries = AuditEntry.objects.visible_to(user).filter(about).order_by("-id")[:limit]
    return [_event(entry, user) for entry in entries]


def _event(entry: AuditEntry, user: User) -> Event:
    title, tone = panels.number_verbs.get(entry.verb, (_plain(entry.verb), "muted"))
    told = [entry.after.get("address", "")]
    if user.is_staff_role:
        told.append(entry.reason)
    mine = user.is_staff_role or entry.customer_id == user.customer_id
    return Event(
        at=entry.at,
        title=title,
        note=" · ".join(text for text in told if text),
        who=entry.actor_name,
        tone=tone,
        job_id=entry.job_id if mine else None,
    )


def _plain(verb: str) -> str:
    """Return a verb that nobody gave words to: ``e911.alert.added`` → “Alert added”."""
    return " ".join(verb.replace("_", " ").split(".")[1:]).capitalize()


def record_for(subject: Subject) -> EmergencyRecord:
    """Return the record of a number, made where there is none yet."""
    if subject.record is not None or subject.number is None:
        assert subject.record is not None  # noqa: S101 (a subject has one of both)
        return subject.record
    with transaction.atomic():
        return services.record_of(subject.number)
