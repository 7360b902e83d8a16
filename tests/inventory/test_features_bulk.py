"""The page that changes a feature of many numbers: choose, say, look, confirm."""

from __future__ import annotations

import pytest

from inventory import features
from inventory.feature_changes import change
from inventory.models import CarrierNumber, Route, TelephoneNumber
from portal import jobs
from portal.models import Job
from portal.tasks import run_job
from tests.inventory.desk import Desk, desks, hidden, make_number
from tests.portal.pages import text_of

__all__ = ["desks"]
TN_1, TN_2, TN_3 = "+13125550101", "+13125550102", "+13125550103"
TARGET = "+13125550177"
BULK = "/numbers/features/"


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def staff(client_for, operator):
    return client_for(operator)


@pytest.fixture
def many(desks) -> list[str]:
    account = desks["desk"]
    for ref, name in (("13550", "Main SBC"), ("13551", "Backup SBC")):
        Route.objects.create(account=account, provider_ref=ref, name=name, kind="endpoint_group")
    make_number(account, TN_1, values={"failover_to": TARGET})
    make_number(account, TN_2)
    make_number(desks["booth"], TN_3)
    return [TN_1, TN_2, TN_3]


def test_the_whole_way_for_chosen_numbers(staff, many, run_jobs):
    first = staff.get(BULK, {"tn": many})
    assert "3 chosen numbers" in text_of(first)
    second = staff.post(BULK, hidden(first) | {"feature": "forward_to"})
    assert "Look at what happens" in text_of(second)
    plan = staff.post(BULK, hidden(second) | {"value": "312 555 0177", "reason": "Night"})
    page = text_of(plan)
    for words in ("Desk main", "Booth main", "The booth does not offer this.", "Change 2 numbers"):
        assert words in page
    done = staff.post(BULK, hidden(plan))
    job = Job.objects.get()
    assert done["Location"] == f"/jobs/{job.pk}/"
    run_jobs()
    assert {tn: Desk.held[tn].get("forward") for tn in many[:2]} == dict.fromkeys(many[:2], TARGET)
    assert staff.post(BULK, hidden(plan))["Location"] == f"/jobs/{job.pk}/"
    assert Job.objects.count() == 1


def test_all_that_match_are_previewed_and_refused_when_they_changed(staff, many, desks):
    first = staff.get(BULK, {"all": "1", "filters": "q=312555"})
    assert "all 3 numbers" in text_of(first)
    second = staff.post(BULK, hidden(first) | {"feature": "forward_to"})
    make_number(desks["desk"], "+13125550104")
    plan = staff.post(BULK, hidden(second) | {"value": TARGET})
    assert plan.status_code == 409
    assert "Other numbers fit" in text_of(plan)


def test_each_account_has_its_own_routes(staff, many, run_jobs, desks):
    Route.objects.create(account=desks["booth"], provider_ref="4", name="DID", kind="gateway")
    second = staff.post(BULK, {"tns": " ".join(many), "feature": "route"})
    page = text_of(second)
    assert "Route at Desk main" in page
    assert "Route at Booth main" in page
    pk = desks["desk"].pk
    plan = staff.post(BULK, hidden(second) | {f"value_{pk}": "13551"})
    assert "1 number stays as it is" in text_of(plan)
    staff.post(BULK, hidden(plan))
    run_jobs()
    refs = CarrierNumber.objects.order_by("tn").values_list("route_ref", flat=True)
    assert list(refs) == ["13551", "13551", "13550"]


def test_an_account_without_the_feature_is_not_asked_and_says_why(staff, many):
    second = staff.post(BULK, {"tns": " ".join(many), "feature": "group_ref"})
    assert "Booth main" not in text_of(second)
    pk = TelephoneNumber.objects.get(tn=TN_1).account_id
    plan = text_of(staff.post(BULK, hidden(second) | {f"value_{pk}": "7"}))
    assert "The booth does not offer this." in plan
    assert "Change 2 numbers" in plan


def test_nothing_chosen_for_any_account_is_told(staff, many):
    second = staff.post(BULK, {"tns": " ".join(many), "feature": "route"})
    answer = staff.post(BULK, hidden(second))
    assert answer.status_code == 422
    assert "Nothing was chosen" in text_of(answer)


def test_many_that_leave_for_good_wait_for_a_second_person(
    staff, client_for, admin, desks, operator, run_jobs
):
    numbers = [make_number(desks["desk"], tn) for tn in (TN_1, TN_2)]
    make_number(desks["booth"], "+13125550103")  # cannot go like this, and stays
    chosen = {"tns": f"{TN_1} {TN_2} +13125550103", "feature": "removal"}
    plan = staff.post(BULK, hidden(staff.post(BULK, chosen)))
    assert "Another person must approve it." in text_of(plan)
    place = staff.post(BULK, hidden(plan) | {"typed": "2"})["Location"]
    assert not Job.objects.exists()
    page = text_of(client_for(admin).get(place))
    assert "Remove from the account: 2 of 3 chosen numbers" in page
    assert "Type 2 to approve" in page
    client_for(admin).post(f"{place}approve/", {"approve-typed": "2"})
    run_jobs()
    gone = TelephoneNumber.objects.filter(state="released")
    assert set(gone) == set(numbers)
    wanted = dict.fromkeys((TN_1, TN_2), "true")
    TelephoneNumber.objects.update(state="stock")
    with pytest.raises(jobs.NotAccepted, match="Another person must approve it for 2"):
        change(features.get("removal"), wanted, actor=operator, key="around")


def test_what_cannot_be_undone_is_typed(staff, desks, run_jobs, settings):
    settings.APPROVAL_ABOVE = 0
    for tn in (TN_1, TN_2):
        make_number(desks["desk"], tn)
    chosen = {"tns": f"{TN_1} {TN_2}", "feature": "removal"}
    plan = staff.post(BULK, hidden(staff.post(BULK, chosen)))
    assert "Type 2 to confirm" in text_of(plan)
    wrong = staff.post(BULK, hidden(plan) | {"typed": "3"})
    assert wrong.status_code == 422
    assert not Job.objects.exists()
    assert staff.post(BULK, hidden(wrong) | {"typed": "2"}).status_code == 302
    run_jobs()
    assert set(TelephoneNumber.objects.values_list("state", flat=True)) == {"released"}


def test_a_secret_travels_sealed_from_step_to_step(staff, many, run_jobs):
    second = staff.post(BULK, {"tns": " ".join(many), "feature": "conference"})
    plan = staff.post(BULK, hidden(second) | {"value": "86420975"})
    assert "86420975" not in plan.content.decode()
    staff.post(BULK, hidden(plan))
    run_jobs()
    assert Desk.held[TN_1]["conference"] == "86420975"
    broken = staff.post(BULK, hidden(plan) | {"sealed": "nonsense"})
    assert broken.status_code == 422


def test_many_can_be_taken_off_at_once(staff, many, run_jobs):
    second = staff.post(BULK, {"tns": TN_1, "feature": "failover_to"})
    plan = staff.post(BULK, hidden(second) | {"clear": "1"})
    assert "Change 1 number" in text_of(plan)
    staff.post(BULK, hidden(plan))
    run_jobs()
    assert CarrierNumber.objects.get(tn=TN_1).values["failover_to"] == ""


def test_wrong_values_and_features_come_back(staff, many):
    wrong = staff.post(BULK, {"tns": " ".join(many), "feature": "nonsense"})
    assert wrong.status_code == 422
    second = staff.post(BULK, {"tns": " ".join(many), "feature": "forward_to"})
    assert staff.post(BULK, hidden(second) | {"value": "555"}).status_code == 422


def test_without_numbers_there_is_nothing_to_change(staff, many):
    assert staff.get(BULK)["Location"] == "/numbers/"


def test_a_job_of_another_number_in_between_answers_409(staff, many, operator):
    second = staff.post(BULK, {"tns": TN_1, "feature": "forward_to"})
    plan = staff.post(BULK, hidden(second) | {"value": TARGET})
    change(features.get("route"), {TN_1: "13551"}, actor=operator, key="k")
    answer = staff.post(BULK, hidden(plan))
    assert answer.status_code == 409
    assert "is part of job" in text_of(answer)
