"""Somebody changes a number at the provider, behind our back: found, put back, on record."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from inventory.models import Finding, TelephoneNumber
from inventory.operations.sync import sync_account
from portal.models import Job
from portal.sandbox.server import RunningSandbox
from tests import factories
from tests.portal.pages import text_of

HERE, THERE = "+13125550177", "+13125550178"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as running:
        yield running


@pytest.fixture
def account(db, sandbox):
    sandbox.control("reset")
    return factories.make_account("voicetel", name="VoiceTel main", base_url=sandbox.url)


def test_a_change_at_the_provider_is_found_once_and_pushed_back(
    account, sandbox, operator, client_for, run_jobs
):
    client = client_for(operator)

    def sync() -> Job:
        account.refresh_from_db()
        job = sync_account(account, actor=operator)
        run_jobs()
        job.refresh_from_db()
        assert job.status == "succeeded", job.reason
        return job

    sync()
    number = TelephoneNumber.objects.filter(account=account, tn__startswith="+1").first()
    number.wanted = {"forward_to": HERE}
    number.save()
    behind = {"forwardTo": THERE[2:], "route": 4}
    sandbox.control("number", provider="voicetel", tn=number.tn[2:], data=json.dumps(behind))

    job = sync()
    finding = Finding.objects.get()
    assert (finding.tn, finding.field, finding.ours, finding.theirs, finding.job) == (
        number.tn,
        "forward_to",
        HERE,
        THERE,
        job,
    )

    response = client.post(
        "/drift/repair/push/",
        {"finding": finding.pk, "key": "6f1b2a52-0000-4000-8000-000000000001"},
    )
    assert response.status_code == 302
    run_jobs()
    finding.refresh_from_db()
    number.refresh_from_db()
    assert (finding.status, number.sync_state) == ("fixed", "in_sync")
    assert sync().result["differing"] == 0  # the provider's own list says so too
    assert not Finding.objects.live().exists()

    page = text_of(client.get(f"/numbers/{number.tn}/"))
    told = page[page.index("Timeline</h2>") :]
    assert told.index("Forward changed") < told.index("Differs at the provider")
    assert "(312) 555-0178 → (312) 555-0177" in told
