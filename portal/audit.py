"""Writing the audit log: explicit calls in services and operations, no signals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from portal.models import AuditEntry, Job, User


def entry(
    actor: User | None,
    verb: str,
    obj: models.Model | None = None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    job: Job | None = None,
    customer_id: int | None = None,
) -> AuditEntry:
    """Return an unsaved entry, for `record_many`; the actor None reads as "Numberdesk"."""
    if customer_id is None and obj is not None:
        customer_id = getattr(obj, "customer_id", None)
    return AuditEntry(
        actor=actor,
        actor_name=str(actor) if actor else "Numberdesk",
        verb=verb,
        object_type=obj._meta.label_lower if obj else "",
        object_id=obj.pk if obj else None,
        object_text=str(obj)[:120] if obj else "",
        customer_id=customer_id,
        before=_plain(before),
        after=_plain(after),
        reason=reason[:300],
        job=job,
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64],
    )


def record(actor: User | None, verb: str, obj: models.Model | None = None, **facts: Any) -> None:
    """Write one entry in the caller's transaction; `facts` as for `entry`."""
    entry(actor, verb, obj, **facts).save(force_insert=True)


def record_many(entries: Iterable[AuditEntry]) -> None:
    """Write many entries in the caller's transaction, a thousand per statement."""
    AuditEntry.objects.bulk_create(list(entries), batch_size=1000)


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return values that JSON can hold; dates as ISO text, decimals as text."""
    encoder = DjangoJSONEncoder()
    plain: dict[str, Any] = {}
    for name, value in (values or {}).items():
        if value is None or isinstance(value, str | int | float | bool | list | dict):
            plain[name] = value
        else:
            plain[name] = encoder.default(value)
    return plain
