"""Everything that ever happened to a number, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inventory.models import TelephoneNumber
from portal.models import AuditEntry, JobItem

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
}
TONES = {"succeeded": "ok", "refused": "bad", "unknown": "warn", "sent": "warn", "pending": "info"}


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the timeline."""

    at: datetime
    title: str
    note: str
    who: str
    tone: str
    job_id: int | None


def timeline(number: TelephoneNumber, user: Any, *, limit: int | None) -> list[Event]:
    """Return what happened, from the audit log and from jobs, newest first.

    A customer sees what happened since the number is his, without provider words.
    """
    events = [*_audited(number, user, limit), *_jobs(number, user, limit)]
    events.sort(key=lambda event: event.at, reverse=True)
    return events[:limit] if limit else events


def _audited(number: TelephoneNumber, user: Any, limit: int | None) -> list[Event]:
    entries = AuditEntry.objects.visible_to(user).filter(
        object_type=number._meta.label_lower, object_text=str(number)
    )
    events = []
    for entry in entries.order_by("-id")[:limit]:
        title, tone = WORDS.get(entry.verb, (entry.verb.rsplit(".", 1)[-1].capitalize(), "muted"))
        changed = [
            f"{name.replace('_', ' ')}: {entry.before.get(name) or 'nothing'} → {value or 'nothing'}"
            for name, value in entry.after.items()
            if name not in {"state", "account", "sync_state", "synced_at", "order"}
            and entry.before.get(name) != value
        ]
        note = " · ".join([*changed, *([entry.reason] if entry.reason else [])])
        events.append(
            Event(
                at=entry.at,
                title=title,
                note=note,
                who=entry.actor_name,
                tone=tone,
                job_id=entry.job_id,
            )
        )
    return events


def _jobs(number: TelephoneNumber, user: Any, limit: int | None) -> list[Event]:
    items = JobItem.objects.filter(target=number.tn).select_related("job__actor")
    if not user.is_staff_role:
        items = items.filter(job__customer_id=user.customer_id)
    return [
        Event(
            at=item.updated_at,
            title=f"{item.job.title}: {item.get_status_display().lower()}",
            note=item.message if user.is_staff_role else "",
            who=str(item.job.actor or "Numberdesk"),
            tone=TONES.get(item.status, "muted"),
            job_id=item.job_id,
        )
        for item in items.order_by("-id")[:limit]
    ]
