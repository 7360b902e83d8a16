"""Entries that are written by one statement read as those that are written one by one."""

from __future__ import annotations

from datetime import date

import pytest
import structlog
from django.db.models import F, Value

from portal import audit
from portal.models import AuditEntry, Customer
from tests import factories

FACTS = {"name": "A", "count": 3, "is_on": True, "day": date(2026, 3, 3), "gone": None, "of": [1]}


@pytest.mark.parametrize("has_actor", [True, False])
def test_a_set_reads_as_one_by_one(operator, lakeside, has_actor):
    actor = operator if has_actor else None
    job = factories.make_job(operator)
    before = {"name": lakeside.name, "email": ""}
    with structlog.contextvars.bound_contextvars(request_id="R-1"):
        audit.record(
            actor,
            "portal.customer.changed",
            lakeside,
            before=before,
            after=FACTS,
            reason="x" * 400,
            job=job,
            customer_id=lakeside.pk,
        )
        written = audit.record_set(
            actor,
            "portal.customer.changed",
            Customer.objects.filter(pk=lakeside.pk),
            text=F("name"),
            before={"name": F("name"), "email": F("email")},
            after=FACTS,
            customer=F("pk"),
            reason="x" * 400,
            job=job,
        )
    assert written == 1
    one, other = AuditEntry.objects.values().order_by("id")
    for facts in (one, other):
        del facts["id"], facts["at"]
    assert one == other


def test_a_set_of_nothing_writes_nothing(db):
    nobody = Customer.objects.filter(pk=0)
    written = audit.record_set(None, "portal.x.y", nobody, text=Value(""), before={}, after={})
    assert written == 0
