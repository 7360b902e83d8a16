"""Very many numbers: the page answers at once, a job goes through them piece by piece."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from inventory import feature_changes, feature_counts, features, walks
from inventory.models import TelephoneNumber
from inventory.operations.walks import EditMany, MoveMany, PlanChange
from inventory.services import features as services_features
from portal import jobs
from portal.models import AuditEntry, Job
from portal.tasks import run_job
from tests import factories
from tests.inventory.desk import Desk, desks, hidden, make_number
from tests.portal.pages import text_of

__all__ = ["desks"]
BULK = "/numbers/features/"
TARGET = "+13125550177"
ALL = {"all": "1", "filters": "q=312555"}


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)
    monkeypatch.setattr(walks, "LARGE", 3)
    monkeypatch.setattr(walks, "PIECE", 2)


@pytest.fixture
def staff(client_for, operator):
    return client_for(operator)


@pytest.fixture
def many(desks) -> list[str]:
    """Return five numbers at the desk, of which one has the target already, and one at the booth."""
    tns = [f"+1312555010{n}" for n in range(1, 7)]
    for tn in tns[:4]:
        make_number(desks["desk"], tn)
    make_number(desks["desk"], tns[4], values={"forward_to": TARGET})
    make_number(desks["booth"], tns[5])
    return tns


def forwards(tns: list[str]) -> list[str | None]:
    return [Desk.held[tn].get("forward") for tn in tns]


def confirm(staff: Any, feature: str = "forward_to", value: str = TARGET) -> Any:
    """Go the way of the page up to its last button, and press it."""
    form = staff.post(BULK, hidden(staff.get(BULK, ALL)) | {"feature": feature})
    plan = staff.post(BULK, hidden(form) | {"value": value})
    return plan, lambda: staff.post(BULK, hidden(plan))


# --- A feature


def test_a_change_is_counted_submitted_at_once_and_carried_out_in_pieces(staff, many, run_jobs):
    plan, press = confirm(staff)
    page = text_of(plan)
    assert "Change 4 numbers" in page
    assert "1 stays as it is" in page
    assert "The booth does not offer this." in page
    done = press()
    group = Job.objects.get(is_group=True)
    assert done["Location"] == f"/jobs/{group.pk}/"
    assert [child.kind for child in group.children.all()] == ["inventory.plan_change"]
    assert press()["Location"] == done["Location"]  # the same form again is the same job
    assert forwards(many) == [None] * 6
    run_jobs()
    assert forwards(many) == [TARGET] * 4 + [None] * 2
    group.refresh_from_db()
    assert (group.status, group.done_count, group.total_count) == ("succeeded", 4, 4)
    planning = group.children.get(kind="inventory.plan_change")
    assert planning.result == {
        "done": {"being changed": 4, "as wanted already": 1},
        "stayed": {"The booth does not offer this.": 1},
    }
    assert planning.params["walk"]["seen"] == 6
    page = text_of(staff.get(f"/jobs/{planning.pk}/"))
    assert "The booth does not offer this." in page
    assert "Being changed" in page


def test_other_numbers_than_those_looked_at_are_not_changed(staff, many, desks, run_jobs):
    _, press = confirm(staff)
    press()
    make_number(desks["desk"], "+13125550109")
    run_jobs()
    job = Job.objects.get(kind="inventory.plan_change")
    assert (job.status, job.error_code) == ("failed", "stopped")
    assert "Other numbers fit" in job.reason
    assert Job.objects.get(is_group=True).status == "failed"
    assert Desk.sent == []


def test_the_next_worker_goes_on_behind_the_last_piece(staff, many, run_jobs, monkeypatch):
    _, press = confirm(staff)
    press()
    planning = Job.objects.get(kind="inventory.plan_change")
    piece, seen = PlanChange.piece, []

    def break_off(self: PlanChange, run: Any, tns: list[str]) -> Any:
        seen.append(list(tns))
        if len(seen) == 2:
            raise OperationalError("the database went away")
        return piece(self, run, tns)

    monkeypatch.setattr(PlanChange, "piece", break_off)
    jobs.execute(planning.pk)
    planning.refresh_from_db()
    assert (planning.status, planning.params["walk"]["after"]) == ("running", many[1])
    Job.objects.filter(pk=planning.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    jobs.sweep()
    run_jobs()
    assert seen == [many[:2], many[2:4], many[2:4], many[4:]]
    assert forwards(many[:4]) == [TARGET] * 4
    assert len(Desk.sent) == 4


def test_it_is_canceled_between_two_pieces(staff, many, run_jobs, monkeypatch, operator):
    _, press = confirm(staff)
    press()
    planning = Job.objects.get(kind="inventory.plan_change")
    piece = PlanChange.piece

    def then_cancel(self: PlanChange, run: Any, tns: list[str]) -> Any:
        counts = piece(self, run, tns)
        jobs.cancel(planning, actor=operator)
        return counts

    monkeypatch.setattr(PlanChange, "piece", then_cancel)
    run_jobs()
    planning.refresh_from_db()
    assert planning.status == "canceled"
    assert planning.reason == "Canceled after 2 numbers; the others stay as they were."
    assert forwards(many) == [TARGET] * 2 + [None] * 4


def test_a_secret_is_sealed_on_its_way(staff, many, run_jobs):
    _, press = confirm(staff, "conference", "4711")
    press()
    assert "4711" not in repr(list(Job.objects.values_list("params", "title")))
    run_jobs()
    assert "4711" not in repr(list(Job.objects.values_list("params", "result", "title")))
    assert {Desk.held[tn].get("conference") for tn in many[:5]} == {"4711"}


def test_a_very_large_change_is_taken_back_part_by_part(staff, many, run_jobs, monkeypatch):
    _, press = confirm(staff)
    press()
    run_jobs()
    group = Job.objects.get(is_group=True)
    monkeypatch.setattr("inventory.feature_undo.MOST", 3)
    page = text_of(staff.get(reverse("inventory:feature-undo", args=[group.pk])))
    assert "taken back part by part" in page


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("forward_to", TARGET),
        ("forward_to", ""),
        ("failover_to", TARGET),
        ("cnam_name", "LAKESIDE"),
        ("cnam_name", ""),
        ("inbound_cnam", "true"),
        ("route", "13551"),
        ("route", ""),
        ("conference", "4711"),
        ("removal", "true"),
    ],
)
def test_counted_by_sets_it_is_what_it_is_one_by_one(name, value, many, desks, operator):
    feature = features.get(name)
    desk = desks["desk"]
    make_number(desk, "+18005550107")
    make_number(desk, "+13125550108", state="releasing")
    make_number(desk, "+13125550109", state="aging", deletion_lock=True)
    make_number(desk, "+13125550110", values={"cnam_storage": "false", "cnam_name": "LAKESIDE"})
    make_number(desk, "+442079460111")
    services_features.mirror_told(desk, many[0], {"cnam_name": "LAKESIDE", "inbound_cnam": "true"})
    factories.make_job(operator, is_write=True).items.create(
        position=0, target=many[1], is_lock=True
    )
    numbers = TelephoneNumber.objects.all()
    by_account = {account.pk: value for account in desks.values()}
    sets = feature_counts.plan(feature, numbers, by_account)
    singly = feature_changes.plan(
        feature, dict.fromkeys(numbers.values_list("tn", flat=True), value)
    )

    def figures(entry: Any) -> tuple[Any, ...]:
        return (
            entry.account,
            entry.change_count,
            entry.same_count,
            entry.read_count,
            entry.blocked_count,
            entry.call_count,
        )

    assert [figures(entry) for entry in sets] == [figures(entry) for entry in singly]


# --- Lifecycle and edits


@pytest.fixture
def served(lakeside) -> list[TelephoneNumber]:
    """Return four numbers in service and one in stock."""
    rows = [factories.make_tn(f"+1312555010{n}", customer=lakeside) for n in range(1, 5)]
    return [*rows, factories.make_tn("+13125550105")]


def test_a_verb_on_very_many_is_a_job(staff, served, run_jobs):
    first = staff.get("/numbers/suspend/", ALL)
    look = staff.post("/numbers/suspend/", hidden(first) | {"reason": "Unpaid"})
    assert "4 numbers" in text_of(look)
    sent = hidden(look) | {"reason": "Unpaid"}
    done = staff.post("/numbers/suspend/", sent)
    job = Job.objects.get()
    assert (job.kind, done["Location"]) == (MoveMany.kind, f"/jobs/{job.pk}/")
    assert not TelephoneNumber.objects.filter(state="suspended").exists()
    assert staff.post("/numbers/suspend/", sent)["Location"] == done["Location"]
    run_jobs()
    job.refresh_from_db()
    assert job.status == "succeeded"
    assert sum(job.result["done"].values()) == 4
    assert sum(job.result["stayed"].values()) == 1
    assert TelephoneNumber.objects.filter(state="suspended").count() == 4
    told = AuditEntry.objects.filter(verb="inventory.tn.suspended")
    assert {entry.reason for entry in told} == {"Unpaid"}
    assert told.count() == 4


def test_an_edit_of_very_many_is_a_job(staff, served, run_jobs, operator):
    first = staff.get("/numbers/edit/", ALL)
    look = staff.post("/numbers/edit/", hidden(first) | {"label": "Desk", "monthly_cost": "0.50"})
    done = staff.post("/numbers/edit/", hidden(look) | {"label": "Desk", "monthly_cost": "0.50"})
    job = Job.objects.get()
    assert (job.kind, done["Location"]) == (EditMany.kind, f"/jobs/{job.pk}/")
    run_jobs()
    job.refresh_from_db()
    assert job.result["done"] == {"changed": 5, "as wanted already": 0}
    assert set(TelephoneNumber.objects.values_list("label", flat=True)) == {"Desk"}
    assert AuditEntry.objects.filter(verb="inventory.tn.edited").count() == 5


def test_a_legal_hold_is_an_administrators_in_the_job_too(served, operator):
    edit = {"values": {"legal_hold": True}, "add_tags": [], "remove_tags": []}
    params = {"edit": edit, "numbers": {"all": True, "filters": "", "mark": ""}}
    with pytest.raises(jobs.NotAccepted, match="administrator"):
        jobs.submit(EditMany.kind, actor=operator, params=params)


def test_few_numbers_go_at_once(staff, served, run_jobs, monkeypatch):
    monkeypatch.setattr(walks, "LARGE", 5)
    first = staff.get("/numbers/edit/", ALL)
    look = staff.post("/numbers/edit/", hidden(first) | {"label": "Desk"})
    staff.post("/numbers/edit/", hidden(look) | {"label": "Desk"})
    assert not Job.objects.exists()
    assert set(TelephoneNumber.objects.values_list("label", flat=True)) == {"Desk"}
