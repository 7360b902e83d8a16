"""Where providers have numbers: places and how many, over a real socket."""

from __future__ import annotations

import pytest

from inventory.models import Coverage
from inventory.operations.accounts import RefreshCoverage
from portal import jobs
from portal.sandbox.server import RunningSandbox
from tests.factories import make_account


@pytest.fixture(scope="module")
def sandbox():
    with RunningSandbox() as running:
        yield running


@pytest.mark.parametrize("slug", ["voip_innovations", "voicetel"])
def test_places_come_with_their_counts(slug, sandbox, operator):
    account = make_account(slug, base_url=sandbox.url)
    for region in ("", "IL", "IL"):  # twice: asking again replaces what was known
        job = jobs.submit(
            RefreshCoverage.kind,
            actor=operator,
            account=account,
            params={"account": account.name, "region": region},
        )
        jobs.execute(job.pk)
        job.refresh_from_db()
        assert job.status == "succeeded", job.reason
    rows = Coverage.objects.filter(account=account)
    state = rows.get(region="IL", rate_center="", npa="")
    centers = rows.filter(region="IL").exclude(rate_center="")
    assert centers.filter(rate_center="CHICAGO", count__gt=0).count() == 1
    assert sum(center.count for center in centers) == state.count
    assert rows.filter(region="IL", npa="312", count=None).count() == 1
    stock = sandbox.store.query(
        "SELECT count(*) AS n FROM number WHERE provider = ? AND state = 'IL' AND status = ?",
        (slug, "available"),
    )
    assert state.count == stock[0]["n"]
