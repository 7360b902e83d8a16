"""Everything that ever happened to a number, newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import BooleanField, ExpressionWrapper, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from inventory import feature_undo, features
from inventory.models import Finding, TelephoneNumber
from inventory.operations.features import ChangeFeature
from inventory.operations.take_off import TakeOffFeatures
from inventory.services.features import CHANGED, REFUSED
from portal import panels
from portal.models import AuditEntry, Job, JobItem

WORDS = {
    "inventory.tn.purchasing": ("Ordered", "info"),
    "inventory.tn.stock": ("In stock", "ok"),
    "inventory.tn.held": ("Held for a customer", "ok"),
    "inventory.tn.in_service": ("In service", "ok"),
    "inventory.tn.imported": ("Found at the provider and imported", "info"),
    "inventory.tn.purchase_refused": ("Not bought", "bad"),
    "inventory.tn.aging": ("Aging", "muted"),
    "inventory.tn.releasing": ("Being given back", "warn"),
    "inventory.tn.released": ("Given back", "muted"),
    "inventory.tn.edited": ("Changed", "muted"),
    "inventory.tn.drifted": ("Differs at the provider", "bad"),
    "inventory.tn.drift_ended": ("Differs no longer", "ok"),
    "inventory.tn.drift_adopted": ("The provider’s value became ours", "ok"),
    "inventory.tn.drift_ignored": ("Difference ignored", "muted"),
    "inventory.tn.drift_reopened": ("Difference ignored no longer", "warn"),
    "inventory.tn.ported_out": ("Ported out", "muted"),
    "inventory.tn.lost": ("Filed as lost", "bad"),
    "inventory.tn.assigned": ("Assigned to a customer", "ok"),
    "inventory.tn.moved": ("Moved to another customer", "ok"),
    "inventory.tn.account_changed": ("Moved to another provider account", "ok"),
    "inventory.tn.hold_prolonged": ("Held longer", "muted"),
    "inventory.tn.freed": ("Hold freed", "muted"),
    "inventory.tn.suspended": ("Suspended", "warn"),
    "inventory.tn.resumed": ("Resumed", "ok"),
    "inventory.tn.taken_out": ("Taken out of service", "warn"),
    "inventory.tn.aging_planned": ("What follows aging changed", "muted"),
    "inventory.tn.restored": ("Restored", "ok"),
    "inventory.tn.aged": ("Aged, back in stock", "muted"),
}
# Rows that are not settled, or settled and not filed yet.
WAITING = Q(status__in=JobItem.OPEN) | Q(is_applied=False, job__status__in=Job.OPEN)
IN_AUDIT = (ChangeFeature.kind, TakeOffFeatures.kind)
TONES = {"succeeded": "ok", "refused": "bad", "unknown": "warn", "sent": "warn", "pending": "info"}
# What the title says already, and what only machines read.
NOT_TOLD = {"state", "account", "sync_state", "synced_at", "order"}
CUSTOMER_FIELDS = {"label", "billing_id"}  # whose it was before is not theirs to know
# Between a provider and us: a customer does not even read that it happened.
OURS_ALONE = ("inventory.tn.account_changed", "inventory.tn.drift")


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the timeline."""

    at: datetime
    title: str
    note: str
    who: str
    tone: str
    job_id: int | None
    undo_url: str = ""


def timeline(
    number: TelephoneNumber, user: Any, items: Iterable[JobItem], *, limit: int
) -> list[Event]:
    """Return the newest `limit` things that happened, from the audit log and from `job_items`.

    A customer sees what happened since the number is his: no cost, no note of ours, and nothing
    that a provider said.
    """
    events = [*_audited(number, user, limit), *(_of_job(item, user) for item in items)]
    events.sort(key=lambda event: event.at, reverse=True)
    return events[:limit]


def _audited(number: TelephoneNumber, user: Any, limit: int) -> Iterator[Event]:
    entries = AuditEntry.objects.visible_to(user).filter(
        object_type=number._meta.label_lower, object_text=str(number)
    )
    told_of: set[str] = set()
    # A refusal stands in the row of its job.
    entries = entries.exclude(verb=REFUSED).annotate(
        job_customer=F("job__customer_id"), job_kind=F("job__kind")
    )
    for entry in entries.order_by("-id")[:limit]:
        if entry.verb == CHANGED:
            yield from _feature_changed(number, entry, user, told_of)
            continue
        if entry.verb.startswith(OURS_ALONE) and not user.is_staff_role:
            continue
        title, tone = _words(entry.verb)
        changed = _changes(entry, user)
        if entry.verb == "inventory.tn.edited" and not changed:
            continue  # something that this user is not told of
        told = [*changed, *([entry.reason] if entry.reason and user.is_staff_role else [])]
        yield Event(
            at=entry.at,
            title=title,
            note=" · ".join(told),
            who=entry.actor_name,
            tone=tone,
            job_id=_job_id(entry, user),
        )


def _words(verb: str) -> tuple[str, str]:
    """Return what a verb is called and its tone; a domain tells those of its own."""
    unknown = (verb.rsplit(".", 1)[-1].replace("_", " ").capitalize(), "muted")
    return WORDS.get(verb) or panels.number_verbs.get(verb, unknown)


def _feature_changed(
    number: TelephoneNumber, entry: AuditEntry, user: Any, told_of: set[str]
) -> Iterator[Event]:
    """Yield the change of a feature; the newest one of each may offer the way back."""
    ((name, after),) = entry.after.items()
    feature = features.FEATURES.get(name)
    if feature is None or not (user.is_staff_role or feature.for_customers):
        return
    before = entry.before.get(name)
    account = number.account if user.is_staff_role else None
    is_newest = name not in told_of
    told_of.add(name)
    can_undo = (
        is_newest
        and entry.job_kind == ChangeFeature.kind  # type: ignore[attr-defined]
        and user.has_perm("inventory.configure_telephonenumber")
        and entry.at > timezone.now() - feature_undo.UNDO_FOR
        and not feature.why_no_undo(number.account.slug, before)
    )
    was = "not known" if before is None else feature.shown(before, account)
    note = f"{was} → {feature.shown(after, account)}"
    if entry.reason and user.is_staff_role:
        note = f"{note} · {entry.reason}"
    yield Event(
        at=entry.at,
        title=f"{feature.label} changed",
        note=note,
        who=entry.actor_name,
        tone="ok",
        job_id=_job_id(entry, user),
        undo_url=f"{reverse('inventory:feature-undo', args=[entry.job_id])}?tn={number.tn[1:]}"
        if can_undo
        else "",
    )


def _job_id(entry: Any, user: Any) -> int | None:
    """Return the job of an entry, where the user may open it: one about others too is not his."""
    is_his = user.is_staff_role or entry.job_customer == user.customer_id
    return entry.job_id if is_his else None


def _changes(entry: AuditEntry, user: Any) -> list[str]:
    """Return a phrase for each field that the entry changed and the user may know of."""
    return [
        _phrase(name, entry.before.get(name), value)
        for name, value in entry.after.items()
        if name not in NOT_TOLD
        and entry.before.get(name) != value
        and (user.is_staff_role or name in CUSTOMER_FIELDS)
    ]


def _phrase(name: str, before: Any, after: Any) -> str:
    """Return what became of a field; values of a feature in the feature's own words."""
    feature = features.FEATURES.get(name)
    if name in _SAID:
        return _SAID[name](before, after)
    if feature is None:
        return f"{name.replace('_', ' ')}: {_word(before)} → {_word(after)}"
    return f"{feature.label}: {feature.shown(before)} → {feature.shown(after)}"


def _what_differs(before: Any, after: Any) -> str:
    """Return what an ignored difference is about: a feature, or a kind of difference."""
    feature = features.FEATURES.get(after)
    return feature.label if feature else str(dict(Finding.Kind.choices).get(after, after))


def _until(before: Any, after: Any) -> str:
    day = parse_date(str(after))
    return f"until {day:%b} {day.day}, {day.year}" if day else str(after)


# What is no field that was this and became that.
_SAID: Final[dict[str, Callable[[Any, Any], str]]] = {
    "missing": lambda before, after: "Held here, no longer listed there",
    "also_listed": lambda before, after: f"Held at {before}, also listed at {after}",
    "difference": _what_differs,
    "ignored_until": _until,
}


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "nothing" if value in (None, "") else str(value)


def job_items(number: TelephoneNumber, user: Any, *, limit: int) -> list[JobItem]:
    """Return the newest rows of jobs about a number that the user may know of, the waiting ones first.

    What was changed, and is filed, stands in the audit log with before and after: not here.
    """
    items = JobItem.objects.filter(target=number.tn).select_related("job__actor", "job__account")
    if not user.is_staff_role:
        items = items.filter(job__customer_id=user.customer_id)
    filed = {"status": JobItem.Status.SUCCEEDED, "is_applied": True}
    items = items.exclude(job__kind__in=IN_AUDIT, **filed)
    is_waiting = ExpressionWrapper(WAITING, output_field=BooleanField())
    return list(items.annotate(is_waiting=is_waiting).order_by("-is_waiting", "-id")[:limit])


def _of_job(item: JobItem, user: Any) -> Event:
    word = item.get_status_display().lower()
    if item.status == JobItem.Status.REFUSED and not item.job.is_write:
        word = "failed"  # nobody refused a question
    return Event(
        at=item.updated_at,
        title=f"{item.job.title}: {word}",
        note=item.message if user.is_staff_role else "",
        who=str(item.job.actor or "Numberdesk"),
        tone=TONES.get(item.status, "muted"),
        job_id=item.job_id,
    )
