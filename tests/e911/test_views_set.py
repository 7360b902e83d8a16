"""Giving an address to numbers on the pages: typed, checked, accepted, set, read back."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from e911.models import AddressCheck, EmergencyRecord, Location
from e911.set_page import LEGAL_TEXT
from portal.models import Job
from tests.factories import make_account, make_customer, make_tn

TYPED = {
    "caller_name": "Lakeside Dental",
    "house_number": "12",
    "street": "North Main",
    "street_suffix": "Street",
    "unit_type": "STE",
    "unit": "4",
    "city": "Chicago",
    "region": "IL",
    "zip": "60601",
}
SET = reverse("e911:record-set")
FOLLOWS = f'hx-get="{reverse("e911:check-list")}'


@pytest.fixture
def staff(client_for, operator):
    """Return the operator's browser."""
    return client_for(operator)


def key_of(response) -> str:
    found = re.search(r'name="key" value="([^"]+)"', response.content.decode())
    assert found, "the page has no key"
    return found[1]


def ask(client, number, run_jobs, **typed) -> AddressCheck:
    """Type an address, have it checked, return the check."""
    key = key_of(client.get(SET, {"tn": number.tn}))
    client.post(SET, {"tns": number.tn, "key": key, **TYPED, **typed})
    run_jobs()
    return AddressCheck.objects.latest("pk")


def page(client, check) -> str:
    return client.get(reverse("e911:check-list"), {"id": check.pk}).content.decode()


def provision(client, check, **values):
    return client.post(reverse("e911:check-provision"), {"id": check.pk, **values})


def test_a_correction_is_shown_accepted_and_set(staff, held, run_jobs):
    (number,) = held("voicetel")
    check = ask(staff, number, run_jobs, street="Peña")
    shown = page(staff, check)
    assert "Correction offered" in shown
    assert "nd-changed" in shown
    assert "Set this address" not in shown
    staff.post(reverse("e911:check-accept"), {"id": check.pk})
    check.refresh_from_db()
    assert check.accepted_by is not None
    provision(staff, check)
    run_jobs()
    assert EmergencyRecord.objects.get(tn=number.tn).state == "verified"


@pytest.mark.parametrize("slug", ["voip_innovations", "voicetel"])
def test_a_valid_address_is_set_and_verified(slug, staff, held, run_jobs):
    (number,) = held(slug)
    check = ask(staff, number, run_jobs)
    assert "Set this address" in page(staff, check)
    response = provision(staff, check, key="k1")
    assert response["Location"] == reverse("e911:record-detail", args=[number.tn])
    run_jobs()
    record = EmergencyRecord.objects.get(tn=number.tn)
    assert record.state == "verified"
    shown = staff.get(response["Location"]).content.decode()
    assert "Verified" in shown
    assert "LAKESIDE DENTAL" in shown.upper()


@pytest.mark.parametrize("is_htmx", [False, True])
def test_the_page_follows_the_check(is_htmx, staff, held, run_jobs):
    (number,) = held()
    headers = {"HX-Request": "true"} if is_htmx else None
    key = key_of(staff.get(SET, {"tn": number.tn}))
    response = staff.post(SET, {"tns": number.tn, "key": key, **TYPED}, headers=headers)
    check = AddressCheck.objects.get()
    where = f"{reverse('e911:check-list')}?id={check.pk}"
    assert response["HX-Redirect" if is_htmx else "Location"] == where
    waiting = staff.get(where, headers=headers).content.decode()
    assert FOLLOWS in waiting
    assert "Set this address" not in waiting
    run_jobs()
    assert FOLLOWS not in staff.get(where, headers=headers).content.decode()


def test_the_same_form_sent_twice_asks_once(staff, held):
    (number,) = held()
    key = key_of(staff.get(SET, {"tn": number.tn}))
    for _ in range(2):
        staff.post(SET, {"tns": number.tn, "key": key, **TYPED})
    assert AddressCheck.objects.count() == 1
    assert Job.objects.filter(kind="e911.validate").count() == 1


def test_an_address_that_cannot_be_found_names_the_part(staff, held, run_jobs):
    (number,) = held("voicetel")
    check = ask(staff, number, run_jobs, zip="00012")
    shown = page(staff, check)
    assert check.verdict == "invalid"
    assert "This address cannot be used: look at the ZIP code." in shown
    assert "Set this address" not in shown
    assert provision(staff, check).status_code == 409
    assert Job.objects.filter(kind="e911.provision").count() == 0
    again = staff.get(SET, {"tn": number.tn, "check": check.pk}).content.decode()
    assert 'value="00012"' in again


def test_a_provider_that_is_down_is_no_verdict(staff, held, sandbox, run_jobs):
    (number,) = held()
    sandbox.control(
        "fault", provider="voip_innovations", operation="validate911", fault="drop_before", times=-1
    )
    check = ask(staff, number, run_jobs)
    shown = page(staff, check)
    assert "This address cannot be used" not in shown
    assert "Set this address" not in shown


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("street", "PO Box 12", "post office box"),
        ("zip", "606", "five digits"),
        ("plus4", "1", "four digits"),
        ("house_number", "Main", "number of the house"),
        ("house_number", "0", "number of the house"),
        ("city", "Chicago<script>", "letters, digits"),
        ("unit", "", "Write its number"),
        ("region", "XX", "valid choice"),
        ("caller_name", "", "required"),
        ("caller_name", "x" * 33, "at most 32"),
    ],
)
@pytest.mark.parametrize("is_htmx", [False, True])
def test_what_nobody_could_find_is_not_even_asked(field, value, words, is_htmx, staff, lakeside):
    number = make_tn(customer=lakeside)
    headers = {"HX-Request": "true"} if is_htmx else None
    response = staff.post(SET, {"tns": number.tn, **TYPED, field: value}, headers=headers)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not AddressCheck.objects.exists()


def test_a_shared_building_wants_a_unit(staff, lakeside):
    number = make_tn(customer=lakeside)
    typed = {**TYPED, "unit_type": "", "unit": "", "is_multi_unit": "on"}
    response = staff.post(SET, {"tns": number.tn, **typed})
    assert "Say where in the building" in response.content.decode()


def test_several_numbers_of_one_customer_get_one_address(staff, held, run_jobs):
    numbers = held(count=3)
    tns = " ".join(number.tn for number in numbers)
    staff.post(SET, {"tns": tns, "key": "k", **TYPED})
    run_jobs()
    check = AddressCheck.objects.get()
    assert set(check.tns) == {number.tn for number in numbers}
    response = provision(staff, check, key="p")
    job = Job.objects.get(kind="e911.provision")
    assert response["Location"] == reverse("portal:job-detail", args=[job.pk])
    run_jobs()
    assert set(EmergencyRecord.objects.values_list("state", flat=True)) == {"verified"}


def test_numbers_of_several_customers_are_not_mixed(staff):
    one, other = (make_tn(customer=make_customer()) for _ in range(2))
    response = staff.get(SET, {"tn": [one.tn, other.tn]}, follow=True)
    assert "belong to several customers" in response.content.decode()


def test_toll_free_numbers_and_other_providers_are_left_out_with_the_reason(staff, lakeside):
    account = make_account("intelepeer")
    make_tn("+18005550142", account=account, customer=lakeside)
    plain = make_tn(account=make_account(), customer=lakeside)
    shown = staff.get(SET, {"tn": ["+18005550142", plain.tn]}).content.decode()
    assert "Left out" in shown
    assert "People do not call out" in shown
    gone = staff.get(SET, {"tn": "+18005550142"}, follow=True).content.decode()
    assert "None of these numbers" in gone


def test_a_saved_place_fills_the_form_and_stays_with_the_record(staff, held, run_jobs):
    (number,) = held()
    place = Location.objects.create(
        name="Main office", customer=number.customer, **{**TYPED, "pre_direction": ""}
    )
    filled = staff.post(SET, {"tns": number.tn, "step": "fill", "place": place.pk})
    assert filled.status_code == 200
    assert 'value="North Main"' in filled.content.decode()
    check = ask(staff, number, run_jobs, place=place.pk)
    assert check.location == place
    changed = ask(staff, number, run_jobs, place=place.pk, house_number="14")
    assert changed.location is None


def test_a_place_of_another_customer_cannot_be_chosen(staff, held):
    (number,) = held()
    place = Location.objects.create(name="Elsewhere", customer=make_customer(), **TYPED)
    assert "Elsewhere" not in staff.get(SET, {"tn": number.tn}).content.decode()
    own = Location.objects.create(name="Here", customer=number.customer, **TYPED)
    assert own
    response = staff.post(SET, {"tns": number.tn, **TYPED, "place": place.pk})
    assert response.status_code == 422


def test_the_address_can_be_kept_as_a_place(staff, held, run_jobs):
    (number,) = held()
    check = ask(staff, number, run_jobs, keep_as="Front office")
    place = Location.objects.get()
    assert (place.name, place.customer) == ("Front office", number.customer)
    assert check.location == place


def test_a_change_says_that_the_old_address_stays(staff, held, run_jobs):
    (number,) = held()
    provision(staff, ask(staff, number, run_jobs))
    run_jobs()
    check = ask(staff, number, run_jobs, house_number="14")
    assert "It stays live until the new one is confirmed" in page(staff, check)


def test_a_check_of_yesterday_is_too_old(staff, held, run_jobs, settings):
    (number,) = held()
    check = ask(staff, number, run_jobs)
    settings.E911_CHECK_HOURS = 0
    assert "Check it again" in page(staff, check)
    assert provision(staff, check).status_code == 409


def test_a_customer_confirms_the_sentence_and_gets_a_copy(
    client_for, held, run_jobs, lakeside, alice, mailoutbox, django_capture_on_commit_callbacks
):
    (number,) = held()
    number.customer = lakeside
    number.save()
    lakeside.email = "office@lakeside.example.net"
    lakeside.save()
    manager = client_for(alice)
    check = ask(manager, number, run_jobs)
    shown = page(manager, check)
    assert LEGAL_TEXT in shown
    assert "VoIP Innovations" not in shown
    refused = provision(manager, check)
    assert refused.status_code == 422
    assert "Tick the sentence" in refused.content.decode()
    provision(manager, check, confirm="on")
    with django_capture_on_commit_callbacks(execute=True):
        run_jobs()
    record = EmergencyRecord.objects.get(tn=number.tn)
    assert (record.state, record.legal_text, record.accepted_by) == ("verified", LEGAL_TEXT, alice)
    told = {address for message in mailoutbox for address in message.to}
    assert told == {alice.email, "office@lakeside.example.net"}


def test_a_member_sees_and_changes_nothing(client_for, bob, lakeside):
    number = make_tn(customer=lakeside)
    member = client_for(bob)
    assert member.get(SET, {"tn": number.tn}).status_code == 403
    shown = member.get(reverse("e911:record-detail", args=[number.tn])).content.decode()
    assert "Set the address" not in shown


def test_a_stranger_sees_neither_number_nor_check(client_for, held, operator, run_jobs, charlie):
    (number,) = held()
    check = ask(client_for(operator), number, run_jobs)
    stranger = client_for(charlie)
    assert stranger.get(reverse("e911:record-detail", args=[number.tn])).status_code == 404
    assert stranger.get(reverse("e911:check-list"), {"id": check.pk}).status_code == 404
    assert provision(stranger, check, confirm="on").status_code == 404
    assert (
        "No number was chosen" in stranger.get(SET, {"tn": number.tn}, follow=True).content.decode()
    )
