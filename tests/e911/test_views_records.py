"""The list of records, its export, the page of one, and what is done there."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from e911.models import AlertContact, CallTest, EmergencyRecord
from portal.models import Job
from tests.factories import ADDRESS, make_account, make_customer, make_job, make_record, make_tn
from tests.portal.pages import next_query

LIST = reverse("e911:record-list")


@pytest.fixture
def staff(client_for, operator):
    """Return the operator's browser."""
    return client_for(operator)


@pytest.fixture
def record(lakeside) -> EmergencyRecord:
    """Return a verified record of Lakeside's number."""
    return make_record(make_tn("+13125550142", customer=lakeside))


def tns(response) -> list[str]:
    return [row["tn"] for row in response.context["page"].rows]


def page(client, record) -> str:
    return client.get(reverse("e911:record-detail", args=[record.tn])).content.decode()


def test_each_filter_narrows_the_list(staff, lakeside):
    plain = make_record(make_tn(customer=lakeside))
    lost = make_record(
        make_tn(customer=lakeside),
        state="provision_failed",
        is_location_lost=True,
        lost_at=timezone.now(),
    )
    other = make_record(
        make_tn(account=make_account("voicetel"), customer=make_customer("Other")),
        city="Austin",
        region="TX",
        zip="78701",
        caller_name="Harbor Media",
        tested_at=timezone.now() - timedelta(days=400),
    )
    orphan = make_record(make_tn(), state="orphan")
    orphan.number = None
    orphan.save()
    cases = {
        "state=verified": {plain.tn, other.tn},
        "state=provision_failed&state=orphan": {lost.tn, orphan.tn},
        "mark=lost": {lost.tn},
        "mark=off_net": {orphan.tn},
        "mark=orphan": {orphan.tn},
        f"customer={lakeside.pk}": {plain.tn, lost.tn},
        f"account={other.account_id}": {other.tn},
        "region=tx": {other.tn},
        "city=aus": {other.tn},
        "zip=787": {other.tn},
        "tested=over_year": {other.tn},
        "tested=never": {plain.tn, lost.tn, orphan.tn},
        "q=harbor": {other.tn},
        "q=12 main": {plain.tn, other.tn, orphan.tn},
        f"q={plain.tn[-7:]}": {plain.tn},
    }
    for query, expected in cases.items():
        assert set(tns(staff.get(f"{LIST}?{query}"))) == expected, query


def test_a_filter_that_makes_no_sense_lists_nothing(staff, record):
    response = staff.get(f"{LIST}?state=nonsense")
    assert tns(response) == []
    assert "makes no sense" in response.content.decode()


def test_the_list_pages_by_key_and_asks_few_questions(
    staff, lakeside, django_assert_max_num_queries
):
    for _ in range(30):
        make_record(make_tn(customer=lakeside))
    staff.get(LIST)
    with django_assert_max_num_queries(10):
        first = staff.get(f"{LIST}?size=25")
    assert len(tns(first)) == 25
    second = staff.get(f"{LIST}?{next_query(first)}")
    assert len(tns(second)) == 5
    assert not set(tns(first)) & set(tns(second))


def test_an_empty_list_says_what_to_do(staff):
    assert "No records yet" in staff.get(LIST).content.decode()
    assert "No record fits" in staff.get(f"{LIST}?q=nobody").content.decode()


def test_the_columns_are_chosen_and_kept(staff, record):
    shown = staff.get(f"{LIST}?col=address&col=place").content.decode()
    assert 'data-label="Saved place"' in shown
    assert 'data-label="Provider"' not in shown
    assert 'data-label="Saved place"' in staff.get(LIST).content.decode()


def test_the_export_has_the_columns_of_the_file(staff, record, lakeside):
    AlertContact.objects.create(record=record, email="desk@example.net", state="active")
    typed = make_record(make_tn(customer=lakeside), state="draft", unit_type="STE", unit="4")
    response = staff.get(reverse("e911:record-export"))
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = {row["number"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows[record.tn]["alert_emails"] == "desk@example.net"
    assert rows[record.tn]["address1"] == "12 Main St"
    assert (rows[typed.tn]["address1"], rows[typed.tn]["address2"]) == ("12 Main St", "STE 4")
    assert rows[record.tn]["operation"] == ""
    filtered = staff.get(reverse("e911:record-export"), {"state": "draft"})
    assert record.tn not in b"".join(filtered.streaming_content).decode()


def test_the_page_of_a_number_without_record_says_that_nobody_knows(staff, lakeside):
    number = make_tn(customer=lakeside)
    shown = staff.get(reverse("e911:record-detail", args=[number.tn])).content.decode()
    assert "Nobody knows where to send help" in shown
    assert not EmergencyRecord.objects.exists()


def test_other_spellings_lead_to_the_page(staff, record):
    response = staff.get(reverse("e911:record-detail", args=["312-555-0142"]))
    assert response["Location"] == reverse("e911:record-detail", args=[record.tn])


def test_a_customer_reads_no_provider_and_no_refusal(client_for, alice, record):
    EmergencyRecord.objects.filter(pk=record.pk).update(reason="carrier says 904", word="GEOCODED")
    shown = page(client_for(alice), record)
    assert "12 Main St" in shown
    for secret in (record.account.name, "904", "GEOCODED", "At the provider"):
        assert secret not in shown


def test_a_record_of_an_earlier_customer_is_not_shown_to_the_next(client_for, charlie, record):
    number = record.number
    number.customer = charlie.customer
    number.save()
    shown = page(client_for(charlie), record)
    assert "12 Main St" not in shown


def test_a_refresh_asks_once(staff, record):
    for _ in range(2):
        staff.post(reverse("e911:record-refresh", args=[record.tn]))
    assert Job.objects.filter(kind="e911.read").count() == 1
    follows = reverse("e911:record-live", args=[record.tn])
    assert f'hx-get="{follows}"' in page(staff, record)


@pytest.mark.parametrize("is_htmx", [False, True])
def test_a_refresh_answers_page_and_fragment(is_htmx, staff, record):
    headers = {"HX-Request": "true"} if is_htmx else None
    response = staff.post(reverse("e911:record-refresh", args=[record.tn]), headers=headers)
    assert response.status_code == (200 if is_htmx else 302)


def test_no_record_is_needed_takes_a_reason(staff, lakeside):
    number = make_tn(customer=lakeside)
    url = reverse("e911:record-waive", args=[number.tn])
    assert staff.post(url, {"reason": ""}).status_code == 422
    staff.post(url, {"reason": "Only receives faxes"})
    record = EmergencyRecord.objects.get()
    assert record.state == "not_required"
    assert "Only receives faxes" in page(staff, record)
    staff.post(reverse("e911:record-require", args=[number.tn]))
    record.refresh_from_db()
    assert record.state == "none"


def test_a_live_record_cannot_be_waived(staff, record):
    url = reverse("e911:record-waive", args=[record.tn])
    response = staff.post(url, {"reason": "No"})
    assert response.status_code == 409
    assert "Nothing was changed" in response.content.decode()


def test_a_test_call_is_logged_and_shown(staff, record):
    url = reverse("e911:test-log", args=[record.tn])
    today = timezone.localdate().isoformat()
    call = {"tested_on": today, "person": "Pat", "result": "correct"}
    staff.post(url, call)
    record.refresh_from_db()
    assert record.tested_at is not None
    assert "Pat" in page(staff, record)
    wrong = staff.post(url, {**call, "result": "wrong_address"})
    assert wrong.status_code == 422
    assert "Write what was read back" in wrong.content.decode()
    future = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert staff.post(url, {**call, "tested_on": future}).status_code == 422
    assert CallTest.objects.count() == 1


def test_taking_911_off_wants_the_last_four_digits(staff, record):
    url = reverse("e911:record-remove")
    shown = staff.get(url, {"tn": record.tn}).content.decode()
    assert "Nobody will know where to send help" in shown
    wrong = staff.post(url, {"tn": record.tn, "reason": "Gone", "typed": "0000"})
    assert wrong.status_code == 422
    assert Job.objects.count() == 0
    staff.post(url, {"tn": record.tn, "reason": "Gone", "typed": "0142"})
    assert Job.objects.get().kind == "e911.remove"
    record.refresh_from_db()
    assert record.state == "removing"


def test_what_has_no_record_is_not_taken_off(staff, lakeside):
    record = make_record(make_tn(customer=lakeside), state="draft")
    response = staff.get(reverse("e911:record-remove"), {"tn": record.tn}, follow=True)
    assert "there is nothing to take off" in response.content.decode()


def test_a_lost_location_is_an_alarm_on_every_page(staff, client_for, alice, record):
    EmergencyRecord.objects.filter(pk=record.pk).update(
        state="provision_failed",
        is_location_lost=True,
        lost_at=timezone.now(),
        last_valid={
            "accepted": {"address1": "7 OAK AVE", "city": "CHICAGO", "region": "IL", "zip": "60602"}
        },
    )
    for url in (reverse("e911:record-detail", args=[record.tn]), f"/numbers/{record.tn}/"):
        shown = staff.get(url).content.decode()
        assert "911 may not work" in shown
        assert "Restore the old address" in shown
        assert "7 OAK AVE" in shown
    home = staff.get("/").content.decode()
    assert "911 may not work for (312) 555-0142" in home
    told = page(client_for(alice), record)
    assert "911 may not work" in told
    assert "Restore the old address" not in told
    staff.post(reverse("e911:record-restore", args=[record.tn]))
    assert Job.objects.get().kind == "e911.restore"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "email", "email": ""}, "Write a mail address"),
        ({"kind": "phone", "phone": "312 555 0123"}, "Say its carrier"),
        ({"kind": "phone", "gateway": "att"}, "Say the telephone"),
        ({"kind": "phone", "phone": "12", "gateway": "att"}, "Telephone:"),
    ],
)
def test_a_contact_needs_a_way(values, words, staff, record):
    response = staff.post(reverse("e911:alert-add", args=[record.tn]), values)
    assert response.status_code == 422
    assert words in response.content.decode()


def test_a_telephone_is_told_by_its_carrier(staff, record):
    values = {"kind": "phone", "phone": "(312) 555-0123", "gateway": "tmobile"}
    staff.post(reverse("e911:alert-add", args=[record.tn]), values)
    assert AlertContact.objects.get().email == "3125550123@tmomail.net"


def test_a_provider_without_contacts_says_so(staff, lakeside):
    record = make_record(make_tn(account=make_account("voicetel"), customer=lakeside))
    assert "VoiceTel sends no mail" in page(staff, record)
    response = staff.post(
        reverse("e911:alert-add", args=[record.tn]), {"kind": "email", "email": "a@example.net"}
    )
    assert response.status_code == 409


def test_the_number_page_shows_its_address_and_leads_on(staff, record):
    shown = staff.get(f"/numbers/{record.tn}/").content.decode()
    assert "12 Main St" in shown
    assert reverse("e911:record-detail", args=[record.tn]) in shown


def test_the_search_finds_addresses_and_names(staff, record):
    for text in ("main st", "example llc"):
        shown = staff.get("/search/", {"q": text}).content.decode()
        assert "911 of (312) 555-0142" in shown


def test_typed_text_is_shown_as_text(staff, lakeside):
    evil = "<b>x</b>"
    record = make_record(make_tn(customer=lakeside), **{**ADDRESS, "street": evil})
    for url in (LIST, reverse("e911:record-detail", args=[record.tn]), f"/numbers/{record.tn}/"):
        assert evil not in staff.get(url).content.decode()


def test_what_a_job_files_while_the_page_is_read_is_shown(staff, record):
    """The page stops asking with that answer."""
    record.job = make_job(kind="e911.change_address", status="running", account=record.account)
    record.save()
    is_filed = False

    def read(execute, sql, *arguments):
        nonlocal is_filed
        found = execute(sql, *arguments)
        if 'FROM "e911_emergencyrecord"' in sql and not is_filed:
            is_filed = True
            EmergencyRecord.objects.update(state="provision_failed")
            Job.objects.update(status="failed")
        return found

    with connection.execute_wrapper(read):
        context = staff.get(reverse("e911:record-live", args=[record.tn])).context
    assert is_filed
    assert (context["open_job"], context["state"]) == (None, "provision_failed")
