"""The gap report: its lines, their numbers, and what closes them one by one and at once."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from e911 import gaps
from e911.models import AlertContact, CallTest, EmergencyRecord, Standing
from e911.services import standings
from inventory.models import TelephoneNumber
from portal.models import Job
from tests.factories import make_account, make_customer, make_record, make_tn

REPORT = reverse("e911:gap-report")
B = Standing.Bucket


@pytest.fixture
def staff(client_for, operator):
    """Return the operator's browser."""
    return client_for(operator)


@pytest.fixture
def bare(lakeside) -> list[TelephoneNumber]:
    """Return three numbers in service without a record."""
    return [make_tn(customer=lakeside) for _ in range(3)]


def stand() -> None:
    """Bring the report up to date."""
    gaps.refresh(list(TelephoneNumber.objects.values_list("pk", flat=True)))
    cache.clear()


def tns(response) -> set[str]:
    """Return the numbers of a list's rows."""
    return set(re.findall(r'class="nd-tn" href="/e911/([^/]+)/"', response.content.decode()))


def shown(client, **query) -> set[str]:
    return tns(client.get(REPORT, query))


def deed(name: str) -> str:
    return reverse("e911:gap-do", args=[name])


def test_every_number_stands_in_one_line_and_the_worst_is_shown_first(staff, bare, lakeside):
    verified = make_record(make_tn(customer=lakeside), tested_at=timezone.now())
    AlertContact.objects.create(record=verified, email="a@example.net", state="active")
    stand()
    response = staff.get(REPORT)
    counts = {bar.bucket: bar.count for bar in response.context["bars"]}
    assert counts == {bucket.value: 0 for bucket in B} | {B.NONE: 3, B.VERIFIED: 1}
    assert shown(staff) == {number.tn for number in bare}
    assert shown(staff, bucket=B.VERIFIED) == {verified.tn}
    assert "Set address…" in response.content.decode()


def test_the_report_is_filtered_and_exported(staff, bare):
    other = make_tn(account=make_account("voicetel"), customer=make_customer("Other"))
    stand()
    assert shown(staff, bucket=B.NONE, account=other.account_id) == {other.tn}
    assert shown(staff, bucket=B.NONE, customer=other.customer_id) == {other.tn}
    assert shown(staff, bucket=B.NONE, q=other.tn[-4:]) == {other.tn}
    response = staff.get(reverse("e911:gap-export"), {"bucket": B.NONE})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["number"] for row in rows} == {other.tn, *(number.tn for number in bare)}
    assert {row["gap"] for row in rows} == {"No record"}


def test_an_empty_report_says_why(staff, lakeside):
    standings.catch_up()
    assert "No number is in service" in staff.get(REPORT).content.decode()
    make_tn(customer=lakeside)
    stand()
    assert "No number stands here" in staff.get(REPORT, {"bucket": B.LOST}).content.decode()


def test_numbers_that_can_have_no_911_are_waived_and_not_set(staff, lakeside):
    number = make_tn("+18335550142", account=make_account(), customer=lakeside)
    elsewhere = make_tn("+18005550142", account=make_account("intelepeer"), customer=lakeside)
    stand()
    page = staff.get(REPORT, {"bucket": B.NONE}).content.decode()
    assert reverse("e911:record-waive", args=[number.tn]) in page
    assert "Set address…" not in page
    other = staff.get(REPORT, {"bucket": B.NOT_REQUIRED})
    assert tns(other) == {elsewhere.tn}
    assert "IntelePeer has toll-free numbers only" in other.content.decode()
    assert "Needed after all<" not in other.content.decode()


def test_many_are_waived_with_one_reason(staff, bare):
    stand()
    tns = [number.tn for number in bare[:2]]
    page = staff.get(deed("waive"), {"tn": tns})
    assert page.context["chosen"].count == 2
    values = {"tns": " ".join(tns), "step": "confirm"}
    assert staff.post(deed("waive"), values).status_code == 422
    staff.post(deed("waive"), {**values, "reason": "Modem lines"})
    assert set(EmergencyRecord.objects.values_list("tn", "state")) == {
        (tn, "not_required") for tn in tns
    }


def test_all_that_fit_are_taken_by_their_filters(staff, bare):
    other = make_tn(customer=make_customer("Other"))
    stand()
    query = f"bucket={B.NONE.value}&customer={bare[0].customer_id}"
    page = staff.get(deed("waive"), {"all": "1", "filters": query})
    assert page.context["chosen"].count == 3
    fields = dict(page.context["chosen"].fields)
    staff.post(deed("waive"), {**fields, "step": "confirm", "reason": "Modem lines"})
    assert not EmergencyRecord.objects.filter(tn=other.tn).exists()
    assert EmergencyRecord.objects.filter(state="not_required").count() == 3


def test_a_form_that_forgot_its_filters_means_nothing(staff, bare):
    stand()
    response = staff.get(deed("waive"), {"all": "1"}, follow=True)
    assert "Nothing was done" in response.content.decode()


def test_tests_are_logged_for_many(staff, lakeside):
    records = [make_record(make_tn(customer=lakeside)) for _ in range(2)]
    stand()
    call = {
        "tns": " ".join(record.tn for record in records),
        "step": "confirm",
        "tested_on": timezone.localdate().isoformat(),
        "person": "Pat",
        "result": "correct",
    }
    staff.post(deed("test"), call)
    assert CallTest.objects.count() == 2


def test_one_contact_is_added_to_many_and_the_rest_is_named(staff, lakeside):
    record = make_record(make_tn(account=make_account(), customer=lakeside))
    lacking = make_record(make_tn(account=make_account("voicetel"), customer=lakeside))
    stand()
    values = {
        "tns": f"{record.tn} {lacking.tn}",
        "step": "confirm",
        "kind": "email",
        "email": "desk@example.net",
    }
    response = staff.post(deed("alert"), values)
    job = Job.objects.get()
    assert response["Location"] == reverse("portal:job-detail", args=[job.pk])
    assert [item.target for item in job.items.all()] == [record.tn]
    told = staff.get("/").content.decode()
    assert "VoiceTel sends no mail" in told


def test_many_are_asked_about_by_one_job_for_each_account(staff, lakeside):
    for slug in ("voip_innovations", "voicetel"):
        account = make_account(slug)
        for _ in range(2):
            make_record(make_tn(account=account, customer=lakeside), state="provisioned")
    stand()
    tns = " ".join(Standing.objects.filter(bucket=B.UNCONFIRMED).values_list("tn", flat=True))
    values = {"tns": tns, "step": "confirm", "key": "k"}
    for _ in range(2):
        staff.post(deed("read"), values)
    assert sorted(Job.objects.values_list("kind", "total_count")) == [("e911.read", 2)] * 2


def test_lost_locations_are_restored_at_once(staff, lakeside):
    record = make_record(
        make_tn(customer=lakeside),
        state="provision_failed",
        is_location_lost=True,
        lost_at=timezone.now(),
    )
    record.take_accepted(record.lines, record.caller_name)
    record.last_valid = record.snapshot()
    record.save()
    stand()
    assert shown(staff) == {record.tn}
    staff.post(deed("restore"), {"tns": record.tn, "step": "confirm"})
    assert Job.objects.get().kind == "e911.restore"


def test_orphans_are_drawn_with_all_that_is_told_of_them(staff, client_for, viewer):
    unknown = make_record(make_tn("+13125550102"), state="orphan")
    told = {"number": None, "accepted_caller_name": '<b>"&'}
    EmergencyRecord.objects.filter(pk=unknown.pk).update(**told)
    make_record(make_tn("+13125550101", state="aging"), state="orphan")
    page = " ".join(staff.get(reverse("e911:orphan-list")).content.decode().split())
    assert page.index("(312) 555-0101") < page.index("Aging") < page.index("(312) 555-0102")
    assert "Not in our inventory" in page
    assert "&lt;b&gt;&quot;&amp;" in page
    assert page.count("Keep it…") == 1
    assert 'href="/e911/remove/?tn=%2B13125550102"' in page
    read = client_for(viewer).get(reverse("e911:orphan-list")).content.decode()
    assert "Take off…" not in read
    assert "nd-select" not in read


def test_orphans_stand_apart(staff):
    orphan = make_record(make_tn(), state="orphan")
    page = staff.get(reverse("e911:orphan-list")).content.decode()
    assert "Take off…" in page
    assert "Keep it…" in page
    url = reverse("e911:record-keep", args=[orphan.tn])
    staff.post(url, {"reason": "Comes into service next week"})
    orphan.refresh_from_db()
    assert orphan.is_kept
    assert "No record stands alone" in staff.get(reverse("e911:orphan-list")).content.decode()


def test_a_viewer_reads_the_report_and_does_nothing(client_for, viewer, bare):
    stand()
    client = client_for(viewer)
    page = client.get(REPORT).content.decode()
    assert "Set address…" not in page
    assert client.post(deed("waive"), {"tns": bare[0].tn}).status_code == 403


def test_home_shows_figures_and_a_picture(staff, client_for, alice, bare):
    stand()
    home = staff.get("/").content.decode()
    assert "911 of numbers in service" in home
    assert "3 numbers in service without a 911 address" in home
    assert "911 addresses to set" in client_for(alice).get("/").content.decode()


def own_words(client, **query) -> dict[str, str]:
    """Return the state of each number that a customer reads."""
    page = " ".join(client.get(reverse("e911:own-list"), query).content.decode().split())
    found = re.findall(r'href="/e911/(\+\d+)/".*?data-label="State">(.*?)</td>', page)
    return {tn: re.sub(r"<[^>]+>", "", cell) for tn, cell in found}


def test_a_customer_reads_plain_words_of_his_own_numbers_only(client_for, alice, charlie, bare):
    make_record(bare[0])
    toll_free = make_tn("+18005550142", customer=bare[0].customer)
    stand()
    assert own_words(client_for(alice)) == {
        bare[0].tn: "In order",
        bare[1].tn: "No address",
        bare[2].tn: "No address",
        toll_free.tn: "Nobody calls out from it",
    }
    assert set(own_words(client_for(alice), only="todo")) == {bare[1].tn, bare[2].tn}
    assert own_words(client_for(charlie)) == {}


def test_a_report_that_is_not_complete_yet_says_so(staff, bare):
    first = staff.get(REPORT).content.decode()
    assert "Nothing was looked at yet" in first
    assert "No number is in service" not in first
    standings.catch_up()
    cache.clear()
    after = staff.get(REPORT).content.decode()
    assert "not complete yet" not in after
    assert bare[0].tn[-4:] in after
