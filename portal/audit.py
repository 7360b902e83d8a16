"""Writing the audit log: explicit calls in services and operations, no signals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models import Value
from django.db.models.functions import JSONObject
from django.utils import timezone

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
        request_id=_request_id(),
    )


def record(actor: User | None, verb: str, obj: models.Model | None = None, **facts: Any) -> None:
    """Write one entry in the caller's transaction; `facts` as for `entry`."""
    entry(actor, verb, obj, **facts).save(force_insert=True)


def record_many(entries: Iterable[AuditEntry]) -> None:
    """Write many entries in the caller's transaction, a thousand per statement."""
    AuditEntry.objects.bulk_create(list(entries), batch_size=1000)


def record_set(
    actor: User | None,
    verb: str,
    rows: models.QuerySet[Any],
    *,
    text: Any,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    customer: Any = None,
    reason: str = "",
    job: Job | None = None,
) -> int:
    """Write one entry for each of `rows` by one statement; return how many.

    `text`, `customer` and the values of `before` and `after` are expressions over the row, or
    plain values. Call it before the rows are changed, in the same transaction: the entries tell
    what the rows hold now. A decimal must be cast to text, as `entry` would have it.
    """
    values = {
        "at": Value(timezone.now()),
        "actor_id": Value(actor.pk if actor else None, models.BigIntegerField()),
        "actor_name": Value(str(actor) if actor else "Numberdesk"),
        "verb": Value(verb),
        "object_type": Value(rows.model._meta.label_lower),
        "object_id": models.F("pk"),
        "object_text": text,
        "customer_id": Value(None, models.BigIntegerField()) if customer is None else customer,
        "before": JSONObject(**_expressions(before)),
        "after": JSONObject(**_expressions(after)),
        "reason": Value(reason[:300]),
        "job_id": Value(job.pk if job else None, models.BigIntegerField()),
        "request_id": Value(_request_id()),
    }
    found = rows.order_by().annotate(**{f"audit_{name}": value for name, value in values.items()})
    query, params = found.values_list(*[f"audit_{name}" for name in values]).query.sql_with_params()
    table = connection.ops.quote_name(AuditEntry._meta.db_table)
    columns = ", ".join(connection.ops.quote_name(name) for name in values)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) {query}", params)
        return cursor.rowcount


def record_query(
    actor: User | None,
    verb: str,
    model: type[models.Model],
    sql: str,
    params: Sequence[Any],
    *,
    reason: str = "",
    job: Job | None = None,
) -> int:
    """Write one entry for each row of a query by one statement; return how many.

    The query gives id, text, customer's id, and what it was before and after as JSON.
    """
    table = connection.ops.quote_name(AuditEntry._meta.db_table)
    facts = [
        *(timezone.now(), actor.pk if actor else None, str(actor) if actor else "Numberdesk"),
        *(verb, model._meta.label_lower, reason[:300], job.pk if job else None, _request_id()),
    ]
    insert = (
        f"INSERT INTO {table} (at, actor_id, actor_name, verb, object_type, reason, job_id, "  # noqa: S608
        "request_id, object_id, object_text, customer_id, before, after) "
        f"SELECT %s, %s::bigint, %s, %s, %s, %s, %s::bigint, %s, found.* FROM ({sql}) found"
    )
    with connection.cursor() as cursor:
        cursor.execute(insert, [*facts, *params])
        return cursor.rowcount


def _expressions(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as expressions; what is none yet as a JSON value of its own."""
    return {
        name: value
        if hasattr(value, "resolve_expression")
        else Value(_plain({name: value})[name], models.JSONField())
        for name, value in values.items()
    }


def _request_id() -> str:
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]


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
