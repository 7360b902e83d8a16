"""Where providers have numbers: places and how many, over a real socket."""

from __future__ import annotations

import pytest

from inventory.models import Coverage
from inventory.operations.accounts import RefreshCoverage
from inventory.operations.search import start_search
from portal import jobs
from portal.jobs.submit import new_key
from portal.providers.dto import SearchCriteria
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
    criteria = SearchCriteria(state="IL", npa="312", quantity=1000)
    search = start_search(criteria, actor=operator, accounts=[account], key=new_key())
    jobs.execute(search.job.children.get().pk)
    found = search.offers.filter(rate_center="CHICAGO").count()
    assert 0 < found <= centers.get(rate_center="CHICAGO").count <= state.count
