"""What arrived numbers get: one job after the other, each of the domain that knows how."""

from __future__ import annotations

import pytest

from inventory.models import CarrierNumber, TelephoneNumber
from portal import operations as kinds
from portal.models import Job
from portal.providers.dto.porting import PortRecord, PortState
from porting import operations, services
from porting.models import PortLine
from porting.operations.presets import CAMPAIGN_KIND
from tests import factories

pytestmark = pytest.mark.django_db
COMPLETE = PortRecord(ref="AB12C", word="Complete", state=PortState.COMPLETED)


@pytest.fixture
def arrived(voicetel, sandbox, lakeside):
    """Return a function that makes an order whose numbers have just come, at VoiceTel too."""

    def make(*tns: str, **fields) -> PortLine:
        for tn in tns:
            sandbox.control(
                "number", provider="voicetel", tn=tn[2:], status="owned", account="2125550100"
            )
        order = factories.make_port(
            *tns, account=voicetel, customer=lakeside, state="foc_set", **fields
        )
        services.follow(order, COMPLETE)
        return order.lines.first()

    return make


def test_route_and_name_are_set_one_after_the_other(arrived, run_jobs):
    line = arrived("+12125554001", route_ref="4", caller_name="LAKESIDE")
    for _ in range(3):
        operations.follow_arrivals()
        run_jobs(rounds=2)
    line.refresh_from_db()
    assert line.status == "done"
    assert {step: fact["status"] for step, fact in line.follow_up.items()} == {
        "route": "done",
        "cnam_name": "done",
    }
    mirror = CarrierNumber.objects.get(tn=line.tn)
    assert mirror.route_ref == "4"


def test_nothing_is_sent_twice(arrived, run_jobs):
    arrived("+12125554101", route_ref="4")
    operations.follow_arrivals()
    operations.follow_arrivals()
    assert Job.objects.filter(kind="inventory.change_feature").count() == 1


def test_a_number_without_presets_is_done_at_once(arrived):
    line = arrived("+12125554201")
    assert operations.follow_arrivals() == 1
    line.refresh_from_db()
    assert line.status == "done"
    assert not Job.objects.exists()


def test_its_own_choice_goes_before_that_of_the_order(arrived):
    line = arrived("+12125554301", "+12125554302", route_ref="4")
    services.set_presets(line.order, {line.tn: {"route_ref": "1001"}}, actor=None)
    operations.follow_arrivals()
    wanted = {
        item.target: item.params["value"] for job in Job.objects.all() for item in job.items.all()
    }
    assert wanted == {"+12125554301": "1001", "+12125554302": "4"}


def test_a_step_that_is_refused_is_told_and_stops_no_other(arrived, run_jobs):
    line = arrived("+12125554401", route_ref="999999", caller_name="LAKESIDE")
    for _ in range(3):
        operations.follow_arrivals()
        run_jobs(rounds=2)
    line.refresh_from_db()
    assert line.follow_up["route"]["status"] == "failed"
    assert line.follow_up["route"]["words"]
    assert line.follow_up["cnam_name"]["status"] == "done"
    assert line.status == "done"


@pytest.mark.skipif(CAMPAIGN_KIND in kinds.kinds(), reason="messaging takes it over itself")
def test_a_campaign_without_messaging_is_work_by_hand(arrived):
    line = arrived("+12125554501", campaign_ref="CABC123")
    operations.follow_arrivals()
    line.refresh_from_db()
    assert line.status == "messaging_pending"
    assert line.follow_up["campaign"] | {"at": ""} == {
        "at": "",
        "status": "by_hand",
        "words": "Put it on the campaign by hand.",
    }
    assert operations.follow_arrivals() == 0
    line.refresh_from_db()
    assert line.status == "messaging_pending"
    TelephoneNumber.objects.filter(tn=line.tn).update(messaging_state="assigned")
    assert operations.follow_arrivals() == 1
    line.refresh_from_db()
    assert line.status == "done"
