"""Taking changes of features back: what goes back, what stays and why, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory import features
from inventory.feature_changes import change
from inventory.feature_undo import is_open, look, undo
from inventory.models import CarrierNumber, TelephoneNumber
from portal import jobs
from portal.jobs.submit import new_key
from portal.models import Job, JobItem
from portal.tasks import run_job
from tests.inventory.desk import Desk, desks, make_number

__all__ = ["desks"]
TNS = ("+13125550101", "+13125550102", "+13125550103")
TARGET, OTHER = "+13125550177", "+13125550188"


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def numbers(desks) -> list[TelephoneNumber]:
    return [make_number(desks["desk"], tn, values={"forward_to": ""}) for tn in TNS]


@pytest.fixture
def carry_out(operator, run_jobs):
    def do(name: str, value: str, *tns: str) -> Job:
        wanted = dict.fromkeys(tns or TNS, value)
        job = change(features.get(name), wanted, actor=operator, key=new_key())
        run_jobs()
        job.refresh_from_db()
        return job

    return do


def forwards() -> list[str | None]:
    return [Desk.held[tn].get("forward") for tn in TNS]


def test_every_number_gets_its_own_value_back(numbers, carry_out, operator, run_jobs):
    carry_out("forward_to", OTHER, TNS[0])
    job = carry_out("forward_to", TARGET)
    back = undo(job, actor=operator, key="back")
    run_jobs()
    assert forwards() == [OTHER, None, None]
    back.refresh_from_db()
    assert (back.status, back.params["undoes"]) == ("succeeded", str(job.pk))
    assert undo(job, actor=operator, key="back") == back


def test_what_was_changed_since_stays_and_is_told(numbers, carry_out, operator, run_jobs):
    job = carry_out("forward_to", TARGET)
    carry_out("forward_to", OTHER, TNS[0])
    found = look(job)
    assert [row.tn for row in found.ready] == [*TNS[1:]]
    assert "changed again" in found.left[0].problem
    undo(job, actor=operator, key="back")
    run_jobs()
    assert forwards() == [OTHER, None, None]


def test_one_number_goes_back_alone(numbers, carry_out, operator, run_jobs):
    job = carry_out("forward_to", TARGET)
    undo(job, actor=operator, key="back", tn=TNS[1])
    run_jobs()
    assert forwards() == [TARGET, None, TARGET]
    assert "as it was before" in look(job, tn=TNS[1]).left[0].problem


def test_a_group_goes_back_whole(desks, carry_out, operator, run_jobs):
    make_number(desks["desk"], TNS[0])
    make_number(desks["booth"], TNS[1])
    group = carry_out("route", "13551", *TNS[:2])
    undo(group, actor=operator, key="back")
    run_jobs()
    refs = CarrierNumber.objects.values_list("route_ref", flat=True)
    assert set(refs) == {"13550"}


def test_a_day_later_it_is_over(numbers, carry_out, operator):
    job = carry_out("forward_to", TARGET)
    assert is_open(job)
    past = timezone.now() - timedelta(hours=25)
    Job.objects.filter(pk=job.pk).update(finished_at=past)
    job.refresh_from_db()
    assert not is_open(job)
    with pytest.raises(jobs.NotAccepted, match="24 hours"):
        undo(job, actor=operator, key="back")


@pytest.mark.parametrize(
    ("name", "first", "second", "reason"),
    [
        ("cnam_name", "", "LAKESIDE", "does not offer this"),  # a name cannot be taken off here
        ("conference", "1111", "2222", "not kept"),
        ("inbound_cnam", "", "true", "not known"),
    ],
)
def test_what_cannot_go_back_says_why(name, first, second, reason, desks, operator, carry_out):
    values = {name: ""} if name == "cnam_name" else {}
    make_number(desks["desk"], TNS[0], values=values)
    if first:
        carry_out(name, first, TNS[0])
    job = carry_out(name, second, TNS[0])
    with pytest.raises(jobs.NotAccepted, match=reason):
        undo(job, actor=operator, key="back")


def test_a_conference_that_was_off_goes_off_again(desks, carry_out, operator, run_jobs):
    make_number(desks["desk"], TNS[0])
    job = carry_out("conference", "2222", TNS[0])
    undo(job, actor=operator, key="back")
    run_jobs()
    assert Desk.held[TNS[0]]["conference"] == ""


def test_a_removal_cannot_be_taken_back(numbers, carry_out, operator):
    job = carry_out("removal", "true", TNS[0])
    assert not is_open(job)
    with pytest.raises(jobs.NotAccepted, match="cannot be fetched back"):
        undo(job, actor=operator, key="back")


def test_a_number_that_moved_away_stays(numbers, desks, carry_out):
    job = carry_out("forward_to", TARGET, TNS[0])
    TelephoneNumber.objects.filter(tn=TNS[0]).update(account=desks["booth"])
    assert "no longer at this provider account" in look(job).left[0].problem


def test_a_locked_number_is_told_among_those_that_stay(numbers, carry_out, operator):
    job = carry_out("forward_to", TARGET)
    change(features.get("route"), {TNS[0]: "13551"}, actor=operator, key="other")
    found = look(job)
    assert "is part of job" in next(row.problem for row in found.left if row.tn == TNS[0])
    assert len(found.ready) == 2


def test_refused_numbers_have_nothing_to_go_back_to(numbers, carry_out):
    Desk.script = ["No."]
    job = carry_out("forward_to", TARGET, TNS[0])
    assert JobItem.objects.get(job=job).status == "refused"
    assert look(job).rows == []
