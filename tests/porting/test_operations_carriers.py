"""Carriers that nobody told: looked up at a price, and used for the groups of a list."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal import jobs
from portal.models import Job
from porting import operations, preflight
from porting.models import Preflight
from tests import factories

pytestmark = pytest.mark.django_db
TNS = ("+12125554701", "+12125554702")


@pytest.fixture
def check(voicetel, operator) -> Preflight:
    """Return a list whose numbers can be ported, by providers that tell no carrier."""
    factories.make_tn("+12125550188", account=voicetel)
    made = Preflight.objects.create(actor=operator, key="list", state="checked")
    for place, tn in enumerate(TNS):
        made.lines.create(position=place, text=tn, tn=tn, verdict="portable", account=voicetel)
    return made


def test_carriers_are_looked_up_once_at_the_price_that_was_shown(check, operator, run_jobs):
    offer = operations.carrier_lookup(check)
    assert (offer.tns, offer.caller) == (TNS, "+12125550188")
    with pytest.raises(jobs.NotAccepted, match="price or the list has changed"):
        operations.look_up_carriers(check, actor=operator, key="k", price_total=Decimal(99))
    job = operations.look_up_carriers(check, actor=operator, key="k", price_total=offer.total)
    again = operations.look_up_carriers(check, actor=operator, key="k", price_total=offer.total)
    run_jobs()
    job.refresh_from_db()
    assert (job.status, job, Job.objects.count()) == ("succeeded", again, 1)
    groups = preflight.groups(check)
    assert all(group.losing_carrier for group in groups)
    assert operations.carrier_lookup(check) is None


def test_what_is_known_is_not_offered_again(check, operator):
    check.lines.update(losing_carrier="Example Bell")
    assert operations.carrier_lookup(check) is None
    with pytest.raises(jobs.NotAccepted, match="All carriers are known"):
        operations.look_up_carriers(check, actor=operator, key="k", price_total=None)
