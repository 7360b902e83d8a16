"""The pages of features: one number, many numbers, and the way back."""

from __future__ import annotations

import pytest

from inventory import features
from inventory.feature_changes import change
from inventory.models import CarrierNumber, NumberGroup, Route, TelephoneNumber
from portal.jobs.submit import new_key
from portal.models import Job, JobItem
from portal.tasks import run_job
from tests import factories
from tests.inventory.desk import Desk, desks, hidden, make_number
from tests.portal.pages import HTMX, sql_count, text_of

__all__ = ["desks"]
TN_1, TN_2 = "+13125550101", "+13125550102"
TARGET = "+13125550177"
PAGE = f"/numbers/{TN_1}/"
FORWARD = f"{PAGE}features/forward_to/"


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def number(desks, lakeside) -> TelephoneNumber:
    Route.objects.create(
        account=desks["desk"], provider_ref="13550", name="Main SBC", kind="endpoint_group"
    )
    Route.objects.create(
        account=desks["desk"], provider_ref="13551", name="Backup SBC", kind="endpoint_group"
    )
    return make_number(desks["desk"], TN_1, customer=lakeside, values={"failover_to": TARGET})


@pytest.fixture
def staff(client_for, operator):
    return client_for(operator)


# --- The number's page


def test_the_page_shows_values_and_what_is_not_offered(staff, number):
    page = text_of(staff.get(PAGE))
    for words in ("Main SBC (13550)", "(312) 555-0177", "not told", "Remove from the account"):
        assert words in page
    assert "The desk does not offer this." in page
    assert "Give back abroad" not in page  # of no concern to this number


def test_what_nobody_told_says_whether_asking_helps(staff, number):
    assert "not asked yet" in text_of(staff.get(PAGE))
    form = text_of(staff.get(FORWARD))
    assert "The provider is asked before anything is changed." in form
    form = text_of(staff.get(f"{PAGE}features/inbound_cnam/"))
    assert "Desk never tells it, so that a change cannot be taken back." in form


def test_a_number_that_is_gone_says_once_why_nothing_can_be_changed(staff, number):
    TelephoneNumber.objects.update(state="released", customer=None)
    page = text_of(staff.get(PAGE))
    assert page.count("It is “Released”. Nothing is changed at its provider.") == 1
    assert "/features/" not in page


def test_the_dialog_is_no_part_of_what_a_job_redraws(staff, operator, number):
    page = text_of(staff.get(PAGE))
    assert page.count('id="feature-dialog"') == 1
    change(features.get("route"), {TN_1: "13551"}, actor=operator, key="k")
    assert 'id="feature-dialog"' not in text_of(staff.get(f"{PAGE}live/", headers=HTMX))


def test_a_difference_to_what_we_want_is_marked(staff, number):
    number.wanted = {"failover_to": "+13125550188"}
    number.save()
    assert "Wanted: (312) 555-0188" in text_of(staff.get(PAGE))


def test_a_name_that_the_carriers_did_not_take_is_marked(staff, number):
    CarrierNumber.objects.update(values={"cnam_name": "LAKESIDE", "cnam_status": "refused"})
    assert "Not taken by the carriers" in text_of(staff.get(PAGE))


def test_a_name_that_no_carrier_would_store_is_not_offered(staff, number):
    CarrierNumber.objects.update(values={"cnam_storage": "false"})
    content = staff.get(PAGE).content.decode()
    assert "stores no caller names" in content
    assert "features/cnam_name/" not in content
    answer = staff.post(f"{PAGE}features/cnam_name/", {"value": "LAKESIDE", "key": "k"})
    assert answer.status_code == 409
    assert not Job.objects.exists()


def test_a_viewer_sees_and_changes_nothing(client_for, viewer, number):
    content = client_for(viewer).get(PAGE).content.decode()
    assert "Main SBC" in content
    assert "/features/" not in content


def test_while_a_job_changes_the_number_nothing_else_is_offered(staff, operator, number):
    change(features.get("route"), {TN_1: "13551"}, actor=operator, key="k")
    content = staff.get(PAGE).content.decode()
    assert "other changes to this number wait" in content
    assert "/features/" not in content


def test_a_customer_sees_where_his_calls_go_and_no_route(client_for, alice, number):
    page = text_of(client_for(alice).get(PAGE))
    assert "(312) 555-0177" in page
    for words in ("Main SBC", "desk does not", "Conference", "Group"):
        assert words not in page


def test_a_customer_reads_of_his_forward_in_the_timeline_and_not_of_the_route(
    client_for, alice, operator, number, run_jobs
):
    for name, value in (("forward_to", TARGET), ("route", "13551")):
        change(features.get(name), {TN_1: value}, actor=operator, key=new_key(), reason="Ours")
        run_jobs()
    page = text_of(client_for(alice).get(PAGE))
    assert "Forward changed" in page
    for words in ("Route", "13551", "Backup", "Ours", "Take back"):
        assert words not in page


def test_a_job_about_others_too_is_no_link_for_a_customer(
    client_for, alice, operator, number, desks, run_jobs
):
    make_number(desks["desk"], TN_2)
    both = dict.fromkeys((TN_1, TN_2), TARGET)
    change(features.get("forward_to"), both, actor=operator, key="both")
    run_jobs()
    content = client_for(alice).get(PAGE).content.decode()
    assert "Forward changed" in content
    assert f"/jobs/{Job.objects.get().pk}/" not in content
    change(features.get("forward_to"), {TN_1: "+13125550188"}, actor=operator, key="one")
    run_jobs()
    own = Job.objects.get(key="one")
    assert f"/jobs/{own.pk}/" in client_for(alice).get(PAGE).content.decode()
    assert client_for(alice).get(f"/jobs/{own.pk}/").status_code == 200


def test_where_there_is_no_other_account_nothing_moves(staff, number):
    assert "No other account at Desk" in text_of(staff.get(PAGE))
    page = f"{PAGE}features/transfer/"
    assert staff.post(page, {"typed": "0101", "key": "k"}).status_code == 409


def test_what_is_done_and_not_filed_yet_is_still_under_way(staff, operator, number):
    """Else the page would stop asking a moment before the new value is there."""
    job = change(features.get("forward_to"), {TN_1: TARGET}, actor=operator, key="k")
    JobItem.objects.filter(job=job).update(status="succeeded")
    assert "data-poll" in staff.get(PAGE).content.decode()


def test_the_page_of_a_number_takes_few_queries(staff, number):
    assert sql_count(staff, PAGE) <= 16


# --- One feature of one number


def test_a_change_without_javascript(staff, number, run_jobs):
    form = staff.get(FORWARD)
    answer = staff.post(FORWARD, {"value": "312 555 0177", "key": hidden(form)["key"]})
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    run_jobs()
    assert Desk.held[TN_1]["forward"] == TARGET
    assert "Forward changed" in text_of(staff.get(PAGE))


def test_a_change_with_htmx_shows_the_job(staff, number):
    fragment = staff.get(FORWARD, headers=HTMX)
    assert fragment.content.decode().lstrip().startswith('<div id="feature-form">')
    answer = staff.post(FORWARD, {"value": TARGET, "key": "k"}, headers=HTMX)
    assert answer.status_code == 200
    assert 'id="tn-live"' in answer.content.decode()
    assert "is under way" in answer.content.decode()


@pytest.mark.parametrize("headers", [None, HTMX])
@pytest.mark.parametrize("value", ["", "555", "N11", "+442079460000"])
def test_wrong_input_comes_back_with_the_form(staff, number, value, headers):
    answer = staff.post(FORWARD, {"value": value, "key": "k"}, headers=headers)
    assert answer.status_code == 422
    assert answer["HX-Retarget"] == "#feature-form"
    assert "nd-error" in answer.content.decode()
    assert not Job.objects.exists()


def test_two_clicks_are_one_change(staff, number):
    for _ in range(2):
        staff.post(FORWARD, {"value": TARGET, "key": "one"})
    assert Job.objects.count() == 1


def test_a_locked_number_answers_409_and_names_the_job(staff, operator, number):
    job = change(features.get("route"), {TN_1: "13551"}, actor=operator, key="k")
    answer = staff.post(FORWARD, {"value": TARGET, "key": "other"}, headers=HTMX)
    assert answer.status_code == 409
    assert f"job {job.pk}" in text_of(answer)


def test_a_feature_is_taken_off_without_a_value(staff, number, run_jobs):
    answer = staff.post(f"{PAGE}features/failover_to/", {"clear": "1", "key": "k"})
    assert answer.status_code == 302
    run_jobs()
    assert CarrierNumber.objects.get(tn=TN_1).values["failover_to"] == ""


def test_what_cannot_be_taken_off_says_why(staff, number):
    page = f"{PAGE}features/cnam_name/"
    assert "The desk does not offer this." in text_of(staff.get(page))
    answer = staff.post(page, {"clear": "1", "key": "k"})
    assert answer.status_code == 422
    assert "does not offer" in text_of(answer)


def test_what_the_provider_cannot_do_is_a_sentence_and_no_form_helps(staff, number):
    page = f"{PAGE}features/translated_to/"
    assert "The desk does not offer this." in text_of(staff.get(page))
    assert staff.post(page, {"value": "4142", "key": "k"}).status_code == 409
    assert not Job.objects.exists()


def test_a_pin_is_never_drawn(staff, number, run_jobs):
    page = f"{PAGE}features/conference/"
    wrong = staff.post(page, {"value": "86420975x", "key": "k"})
    assert wrong.status_code == 422
    staff.post(page, {"value": "86420975", "key": "k"})
    run_jobs()
    job = Job.objects.get()
    for address in (page, PAGE, f"/jobs/{job.pk}/", f"/jobs/{job.pk}/rows.csv"):
        answer = staff.get(address)
        text = b"".join(answer) if answer.streaming else answer.content
        assert b"86420975" not in text
    assert b"86420975" not in wrong.content


def test_a_removal_is_typed(staff, desks):
    make_number(desks["desk"], TN_2)
    page = f"/numbers/{TN_2}/features/removal/"
    assert staff.post(page, {"typed": "9999", "key": "k"}).status_code == 422
    assert staff.post(page, {"typed": "0102", "key": "k"}).status_code == 302
    assert Job.objects.get().params["feature"] == "removal"


def test_a_number_moves_to_another_account(staff, desks, number, run_jobs):
    other = factories.make_account("desk", name="Desk two", credentials={}, settings={})
    page = f"{PAGE}features/transfer/"
    assert "Desk two" in text_of(staff.get(page))
    values = {"account": other.pk, "account_ref": "9001", "route_ref": "4", "key": "k"}
    assert staff.post(page, values).status_code == 422  # not typed
    assert staff.post(page, values | {"typed": "0101"}).status_code == 302
    run_jobs()
    number.refresh_from_db()
    assert number.account == other


def test_the_routes_of_the_other_account_can_be_chosen_and_no_others(staff, desks, number):
    two, three = (
        factories.make_account("desk", name=f"Desk {word}", credentials={}, settings={})
        for word in ("two", "three")
    )
    Route.objects.create(account=two, provider_ref="4", name="Their SBC", kind="gateway")
    page = f"{PAGE}features/transfer/"
    form = text_of(staff.get(page))
    assert "Their SBC (4)" in form
    assert "Main SBC" not in form
    values = {"account_ref": "9001", "route_ref": "4", "typed": "0101", "key": "k"}
    wrong = staff.post(page, values | {"account": three.pk})
    assert wrong.status_code == 422
    assert "This route is one of another account." in text_of(wrong)
    assert staff.post(page, values | {"account": two.pk}).status_code == 302


def test_what_can_be_chosen_says_where_it_is_read(staff, number):
    assert "“Refresh” under Groups reads them" in text_of(staff.get(f"{PAGE}features/group_ref/"))


def test_a_move_to_another_account_is_told_to_staff_alone(
    staff, client_for, alice, operator, desks, number, run_jobs
):
    other = factories.make_account("desk", name="Desk two", credentials={}, settings={})
    change(features.get("transfer"), {TN_1: f"{other.pk}:9001:4"}, actor=operator, key="k")
    run_jobs()
    page = text_of(staff.get(PAGE))
    assert "Moved to another provider account" in page
    assert "provider: Desk main → Desk two" in page
    theirs = text_of(client_for(alice).get(PAGE))
    for words in ("another provider", "another customer", "Desk main", "Desk two"):
        assert words not in theirs


@pytest.mark.parametrize("page", [f"{PAGE}features/nonsense/", "/numbers/nonsense/features/route/"])
def test_what_does_not_exist_is_not_found(staff, number, page):
    assert staff.get(page).status_code == 404


@pytest.mark.parametrize("name", list(features.FEATURES))
def test_each_form_can_be_drawn(staff, number, name):
    NumberGroup.objects.create(account=number.account, provider_ref="7", name="Front")
    assert staff.get(f"{PAGE}features/{name}/").status_code == 200


# --- The way back


def test_the_way_back_from_job_and_timeline(staff, operator, number, run_jobs):
    change(features.get("failover_to"), {TN_1: "+13125550188"}, actor=operator, key="k")
    run_jobs()
    job = Job.objects.get()
    undo = f"/changes/{job.pk}/undo/"
    assert undo in staff.get(f"/jobs/{job.pk}/").content.decode()
    assert f"{undo}?tn=13125550101" in staff.get(PAGE).content.decode()
    page = staff.get(undo, {"tn": "13125550101"})
    assert "What goes back" in text_of(page)
    answer = staff.post(undo, hidden(page))
    assert answer["Location"] == PAGE
    run_jobs()
    assert CarrierNumber.objects.get(tn=TN_1).values["failover_to"] == TARGET
    again = staff.post(undo, {"key": "other"})
    assert again.status_code == 409
    assert "as it was before" in text_of(again)


def test_the_way_back_of_a_job_of_another_kind_is_not_found(staff, operator):
    job = factories.make_job(operator)
    assert staff.get(f"/changes/{job.pk}/undo/").status_code == 404


def test_a_viewer_is_not_offered_the_way_back(client_for, viewer, operator, number, run_jobs):
    change(features.get("failover_to"), {TN_1: "+13125550188"}, actor=operator, key="k")
    run_jobs()
    content = client_for(viewer).get(f"/jobs/{Job.objects.get().pk}/").content.decode()
    assert "/undo/" not in content
