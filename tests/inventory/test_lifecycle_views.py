"""The pages of the lifecycle: one number at once, many after a preview, wrong input, strangers."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from inventory import assignments
from inventory.lifecycle import today
from inventory.models import Assignment, TelephoneNumber
from portal.models import AuditEntry
from tests import factories
from tests.portal.pages import HTMX, sql_count, text_of

TN = "+13125550142"
NUMBERS = TelephoneNumber.objects


@pytest.fixture
def staff(client_for, operator):
    return client_for(operator)


@pytest.fixture
def northgate(db):
    return factories.make_customer("Northgate Freight", code="NORTH")


def next_day(days: int = 1) -> str:
    """Return a day to come, as a form sends it."""
    return (today() + timedelta(days=days)).isoformat()


def seen_of(response) -> str:
    """Return the token of a preview."""
    found = re.search(r'name="seen" value="(\w+)"', text_of(response))
    assert found, "no preview"
    return found[1]


def said(response) -> str:
    """Return what the page after a redirect tells the person."""
    return " ".join(str(message) for message in response.context["messages"])


# --- One number


def test_one_number_is_assigned_at_once(staff, lakeside):
    factories.make_tn(TN)
    page = text_of(staff.get(f"/numbers/assign/?tn=%2B{TN[1:]}"))
    assert "Assign to a customer" in page
    assert "Lakeside Dental" in page
    form = {"tns": TN, "customer": lakeside.pk, "e911": "later"}
    response = staff.post("/numbers/assign/", form)
    assert response["Location"] == f"/numbers/{TN}/"
    assert NUMBERS.get().customer == lakeside
    page = text_of(staff.get(f"/numbers/{TN}/"))
    assert "Assigned to a customer" in page
    assert "E911: the record comes later" in page
    assert "/numbers/out/?tn=%2B13125550142" in page
    assert "/numbers/assign/" not in page


@pytest.mark.parametrize(
    ("verb", "form", "words"),
    [
        ("assign", {"e911": "later"}, "This field is required"),
        ("assign", {"customer": "L"}, "This field is required"),
        ("assign", {"customer": "L", "e911": "not_required"}, "Say why no E911"),
        ("assign", {"customer": "999999", "e911": "later"}, "not there any more"),
        ("hold", {"customer": "L", "until": "2020-01-01"}, "Choose a day after today"),
        ("hold", {"customer": "L", "until": "soon"}, "Enter a valid date"),
        ("hold", {"customer": "L"}, "This field is required"),
        ("out", {"after": "stock", "reason": "x", "until": "9999-01-01"}, "ten years"),
        ("out", {"after": "nonsense", "reason": "x"}, "Select a valid choice"),
        ("out", {"after": "stock"}, "This field is required"),
    ],
)
def test_wrong_input_is_told_and_changes_nothing(staff, lakeside, verb, form, words):
    factories.make_tn(TN)
    if form.get("customer") == "L":
        form = form | {"customer": lakeside.pk}
    response = staff.post(f"/numbers/{verb}/", {"tns": TN} | form)
    assert response.status_code == 422
    assert words in text_of(response)
    assert NUMBERS.get().state == "stock"
    assert not AuditEntry.objects.exists()


def test_stock_within_the_aging_time_is_not_planned(staff, lakeside):
    factories.make_tn(TN, customer=lakeside)
    form = {"tns": TN, "after": "stock", "until": next_day(44), "reason": "Canceled"}
    response = staff.post("/numbers/out/", form)
    assert response.status_code == 422
    assert "45 days at the earliest" in text_of(response)
    form["after"] = "release"
    assert staff.post("/numbers/out/", form).status_code == 302


@pytest.mark.parametrize(("after", "days"), [("stock", 45), ("release", 30)])
def test_the_usual_end_is_the_policy_of_the_site(staff, lakeside, after, days):
    factories.make_tn(TN, customer=lakeside)
    staff.post("/numbers/out/", {"tns": TN, "after": after, "reason": "Canceled"})
    number = NUMBERS.get()
    assert (number.after_aging, number.release_on) == (after, today() + timedelta(days=days))
    page = text_of(staff.get(f"/numbers/{TN}/"))
    assert "Used last by" in page
    assert "/numbers/restore/" in page


def test_a_setting_below_the_least_is_the_least(staff, lakeside, settings):
    settings.AGING_DAYS = 10
    factories.make_tn(TN, customer=lakeside)
    staff.post("/numbers/out/", {"tns": TN, "after": "stock", "reason": "Canceled"})
    assert NUMBERS.get().release_on == today() + timedelta(days=45)


def test_long_aging_is_warned_of_by_the_class_of_the_customer(staff, lakeside):
    lakeside.aging_class = "residential"
    lakeside.save()
    for tn in (TN, "+13125550143"):
        factories.make_tn(tn, customer=lakeside)
    form = {"tns": f"{TN} +13125550143", "after": "stock", "reason": "x", "until": next_day(91)}
    assert "may age 90 days at most" in text_of(staff.post("/numbers/out/", form))
    form["until"] = next_day(90)
    assert "days at most" not in text_of(staff.post("/numbers/out/", form))


def test_a_refused_move_says_why(staff, lakeside):
    factories.make_tn(TN, customer=lakeside, legal_hold=True)
    page = text_of(staff.get(f"/numbers/out/?tn=%2B{TN[1:]}"))
    assert "under legal hold" in page
    assert "Nothing can be done like this" in page
    response = staff.post("/numbers/out/", {"tns": TN, "after": "stock", "reason": "x"})
    assert response.status_code == 409
    assert NUMBERS.get().state == "in_service"


def test_the_page_never_offers_to_give_back_what_is_held_by_law(staff, lakeside):
    number = factories.make_tn(TN, legal_hold=True)
    page = text_of(staff.get(f"/numbers/{TN}/"))
    assert "It is under legal hold." in page
    assert f"/numbers/release/?tn=%2B{TN[1:]}" not in page
    number.legal_hold = False
    number.save()
    assert f"/numbers/release/?tn=%2B{TN[1:]}" in text_of(staff.get(f"/numbers/{TN}/"))


def test_an_e911_record_asks_and_is_kept_on_purpose(staff, lakeside):
    factories.make_tn(TN, customer=lakeside, e911_state="verified")
    form = {"tns": TN, "after": "stock", "reason": "Canceled"}
    response = staff.post("/numbers/out/", form)
    assert response.status_code == 409
    assert "keeps_e911" in text_of(response), "the form stays, so that it can be ticked"
    assert staff.post("/numbers/out/", form | {"keeps_e911": "on"}).status_code == 302


def test_nothing_chosen_leads_back(staff):
    response = staff.get("/numbers/assign/", follow=True)
    assert "No number was chosen. Nothing was changed." in said(response)


# --- Many


@pytest.fixture
def seven(db, lakeside):
    for last in range(1, 8):
        state = {"customer": lakeside} if last > 5 else {}
        factories.make_tn(f"+1312555010{last}", **state)


def test_many_go_after_a_preview_of_the_same(staff, northgate, seven):
    form = {"all": "1", "filters": "npa=312", "customer": northgate.pk, "e911": "later"}
    first = staff.post("/numbers/assign/", form)
    page = text_of(first)
    assert first.status_code == 200
    assert "5 numbers" in page
    assert "2 numbers are “In service”" in page
    assert NUMBERS.filter(customer=northgate).count() == 0
    form["seen"] = seen_of(first)
    done = staff.post("/numbers/assign/", form, follow=True)
    assert "5 numbers are in service for Northgate Freight." in said(done)
    assert "2 stayed as before" in said(done)
    assert done.request["QUERY_STRING"] == "npa=312"
    assert NUMBERS.filter(customer=northgate).count() == 5


def test_another_answer_than_the_one_previewed_is_previewed_again(
    staff, lakeside, northgate, seven
):
    form = {"all": "1", "filters": "state=stock", "customer": northgate.pk, "e911": "later"}
    form["seen"] = seen_of(staff.post("/numbers/assign/", form))
    form["customer"] = lakeside.pk
    assert staff.post("/numbers/assign/", form).status_code == 200
    form["customer"] = northgate.pk
    factories.make_tn("+13125550199")  # one more fits by now
    assert staff.post("/numbers/assign/", form).status_code == 200
    assert not Assignment.objects.exists()


def test_the_preview_takes_few_queries_whatever_the_count(staff, seven):
    for _ in range(60):
        factories.make_tn(npa="435")
    assert sql_count(staff, "/numbers/assign/?all=1&filters=") <= 10


def test_the_list_offers_the_verbs_to_operators_only(staff, client_for, viewer, seven):
    assert 'formaction="/numbers/suspend/"' in text_of(staff.get("/numbers/"))
    assert "/numbers/suspend/" not in text_of(client_for(viewer).get("/numbers/"))


# --- Editing many


def test_editing_many_previews_and_changes_what_differs(staff, seven):
    NUMBERS.filter(tn__endswith="1").update(tags=["vip"], label="Old")
    form = {"all": "1", "filters": "", "label": "New", "add_tags": "vip, b", "monthly_cost": "1.5"}
    first = staff.post("/numbers/edit/", form)
    page = text_of(first)
    assert "7 of 7" in page
    assert "b, vip" in page
    done = staff.post("/numbers/edit/", form | {"seen": seen_of(first)}, follow=True)
    assert "7 numbers changed." in said(done)
    assert {tuple(n.tags) for n in NUMBERS.all()} == {("b", "vip")}
    assert {str(n.monthly_cost) for n in NUMBERS.all()} == {"1.5000"}
    entry = AuditEntry.objects.get(object_text="(312) 555-0101", verb="inventory.tn.edited")
    assert entry.before == {"label": "Old", "monthly_cost": None, "tags": ["vip"]}
    assert entry.after == {"label": "New", "monthly_cost": "1.5000", "tags": ["b", "vip"]}
    again = text_of(staff.post("/numbers/edit/", form))
    assert "0 of 7" in again
    assert "Every number is like that already." in again


def test_a_dash_clears_and_tags_come_off(staff, seven):
    NUMBERS.update(tags=["a", "b"], label="Old", monthly_cost="2", note="n", deletion_lock=True)
    form = {"all": "1", "filters": "", "label": "-", "monthly_cost": "-", "remove_tags": "a"}
    form |= {"deletion_lock": "off", "note": "-"}
    staff.post("/numbers/edit/", form | {"seen": seen_of(staff.post("/numbers/edit/", form))})
    number = NUMBERS.first()
    assert (number.label, number.monthly_cost, number.note) == ("", None, "")
    assert (number.tags, number.deletion_lock) == (["b"], False)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "Nothing was filled in"),
        ({"monthly_cost": "cheap"}, "Enter a number"),
        ({"monthly_cost": "1000000"}, "digits"),
        ({"label": "x" * 81}, "at most 80"),
        ({"add_tags": "x" * 33}, "longer than 32"),
        ({"add_tags": "a\0b"}, "cannot be shown"),
        ({"label": "a\0b"}, "Null characters"),
        ({"add_tags": ",".join(f"t{n}" for n in range(21))}, "More than 20 tags"),
    ],
)
def test_an_edit_that_cannot_be_is_refused(staff, seven, form, words):
    response = staff.post("/numbers/edit/", {"all": "1", "filters": ""} | form)
    assert response.status_code == 422
    assert words in text_of(response)


def test_tags_that_do_not_fit_any_more_are_refused(staff, seven):
    NUMBERS.filter(tn="+13125550101").update(tags=[f"t{n}" for n in range(20)])
    response = staff.post("/numbers/edit/", {"all": "1", "filters": "", "add_tags": "vip"})
    assert response.status_code == 422
    assert "One number would have more than 20 tags." in text_of(response)
    assert not NUMBERS.filter(tags__contains=["vip"]).exists()


def test_only_administrators_touch_the_legal_hold(staff, client_for, admin, seven):
    assert 'name="legal_hold"' not in text_of(staff.get("/numbers/edit/?all=1&filters="))
    form = {"tns": "+13125550101", "legal_hold": "on"}
    assert staff.post("/numbers/edit/", form).status_code == 422
    ada = client_for(admin)
    ada.post("/numbers/edit/", form | {"seen": seen_of(ada.post("/numbers/edit/", form))})
    assert NUMBERS.get(legal_hold=True).tn == "+13125550101"
    page = f"/numbers/{NUMBERS.first().tn}/edit/"
    assert 'name="legal_hold"' not in text_of(staff.get(page))
    assert 'name="legal_hold"' in text_of(ada.get(page))


def test_tags_are_edited_on_one_number(staff, seven):
    page = "/numbers/+13125550101/edit/"
    staff.post(page, {"tags": " vip,  fax line ,vip,"})
    assert NUMBERS.get(tn="+13125550101").tags == ["fax line", "vip"]
    assert 'value="fax line, vip"' in text_of(staff.get(page))
    count = AuditEntry.objects.count()
    staff.post(page, {"tags": "vip, fax line"})
    assert AuditEntry.objects.count() == count
    assert staff.post(page, {"tags": "x" * 40}).status_code == 422


# --- Who had what


def test_the_history_of_a_number_and_of_a_customer(staff, client_for, alice, charlie, lakeside):
    number = factories.make_tn(TN)
    staff.post("/numbers/assign/", {"tns": TN, "customer": lakeside.pk, "e911": "later"})
    staff.post("/numbers/out/", {"tns": TN, "after": "stock", "reason": "Not paid"})
    other = factories.make_customer("Old Mill")
    Assignment.objects.create(number=number, customer=other, since="2020-01-01T00:00Z")
    page = text_of(staff.get(f"/numbers/{TN}/history/"))
    assert "Not paid" in page
    assert "Old Mill" in page
    address = f"/customers/{lakeside.pk}/history/"
    page = text_of(client_for(alice).get(address))
    assert "(312) 555-0142" in page
    assert "Not paid" not in page
    assert f"/numbers/{TN}/" not in page, "it is not hers to open any more"
    assert client_for(charlie).get(address).status_code == 404
    exported = text_of(staff.get(f"{address}?export=1"))
    assert exported.splitlines()[1].startswith(f"{TN},LAKE,")
    assert "reason" not in text_of(client_for(alice).get(f"{address}?export=1"))


def test_a_customer_never_reads_who_had_a_number_before(client_for, staff, alice, lakeside):
    other = factories.make_customer("Old Mill")
    factories.make_tn(TN, customer=other)
    form = {"tns": TN, "customer": lakeside.pk, "is_same_subscriber": "on", "e911": "later"}
    staff.post("/numbers/move/", form | {"reason": "Sold by Old Mill"})
    assert NUMBERS.get().customer == lakeside
    page = text_of(client_for(alice).get(f"/numbers/{TN}/"))
    assert "Old Mill" not in page
    assert "Lakeside Dental" in page


def test_the_history_takes_few_queries(staff, lakeside):
    for _ in range(60):
        factories.make_tn(customer=lakeside)
    assignments.complete()
    address = f"/customers/{lakeside.pk}/history/"
    assert sql_count(staff, address) <= 10
    page = text_of(staff.get(address, headers=HTMX))
    assert page.lstrip().startswith('<div id="assign-table"')


def test_an_empty_history_says_so(staff, lakeside):
    assert "Nobody yet" in text_of(staff.get(f"/customers/{lakeside.pk}/history/"))


def test_what_would_not_be_given_back_on_its_day_says_why(staff, lakeside):
    plan = {"state": "aging", "after_aging": "release", "last_customer": lakeside}
    factories.make_tn(TN, release_on=today(), e911_state="verified", **plan)
    factories.make_tn("+13125550143", release_on=today(), **plan)
    page = text_of(staff.get("/numbers/due/?what=release"))
    assert page.count("It has an E911 record.") == 1
    assert "(312) 555-0143" in page
