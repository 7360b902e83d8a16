"""Saved places, and what differs at the providers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from e911.models import AddressCheck, CarrierRecord, Difference, EmergencyRecord, Location
from portal.models import Job
from tests.factories import ADDRESS, make_customer, make_place, make_record, make_tn

LIST = reverse("e911:location-list")
DIFFERENCES = reverse("e911:difference-list")


@pytest.fixture
def staff(client_for, operator):
    """Return the operator's browser."""
    return client_for(operator)


def names(response) -> set[str]:
    return {place["name"] for place in response.context["page"].rows}


def test_a_place_is_added_changed_and_archived(staff, lakeside):
    values = {**ADDRESS, "name": "Main office", "customer": lakeside.pk}
    assert staff.post(reverse("e911:location-new"), {**values, "zip": "6"}).status_code == 422
    staff.post(reverse("e911:location-new"), values)
    place = Location.objects.get()
    assert (place.customer, str(place.lines)) == (lakeside, "12 Main St, Chicago, IL 60601")
    edit = reverse("e911:location-edit", args=[place.pk])
    staff.post(edit, {**values, "house_number": "14"})
    place.refresh_from_db()
    assert (place.house_number, place.customer) == ("14", lakeside)
    again = staff.post(reverse("e911:location-new"), values)
    assert "There is a place of this name already" in again.content.decode()
    archive = reverse("e911:location-archive", args=[place.pk])
    staff.post(archive)
    assert names(staff.get(LIST)) == set()
    assert names(staff.get(LIST, {"state": "archived"})) == {"Main office"}
    staff.post(archive, {"back": "1"})
    assert names(staff.get(LIST)) == {"Main office"}


def test_places_are_found_by_text_and_customer(staff, lakeside):
    make_place("Here", customer=lakeside)
    make_place("There", customer=make_customer("Other"), street="Harbor")
    assert names(staff.get(LIST, {"q": "harbor"})) == {"There"}
    assert names(staff.get(LIST, {"customer": lakeside.pk})) == {"Here"}
    assert "No place fits" in staff.get(LIST, {"q": "nowhere"}).content.decode()


def test_a_customer_sees_his_own_places(client_for, bob, lakeside):
    make_place("Here", customer=lakeside)
    other = make_place("There", customer=make_customer("Other"))
    client = client_for(bob)
    assert names(client.get(LIST)) == {"Here"}
    assert client.get(reverse("e911:location-detail", args=[other.pk])).status_code == 404


def test_numbers_that_lag_behind_their_place_are_moved(staff, lakeside):
    place = make_place("Main office", customer=lakeside)
    behind = make_record(make_tn(customer=lakeside), location=place)
    place.house_number = "14"
    place.save()
    there = make_record(make_tn(customer=lakeside), location=place, house_number="14")
    strayed = make_record(make_tn(customer=make_customer("Other")), location=place)
    page = staff.get(reverse("e911:location-detail", args=[place.pk])).content.decode()
    assert "have another address" in page
    move = reverse("e911:location-move", args=[place.pk])
    preview = staff.get(move)
    assert preview.context["count"] == 1
    assert "It belongs to somebody else now" in preview.content.decode()
    response = staff.post(move)
    check = AddressCheck.objects.get()
    assert response["Location"] == f"{reverse('e911:check-list')}?id={check.pk}"
    assert check.tns == [behind.tn]
    assert check.house_number == "14"
    assert not {there.tn, strayed.tn} & set(check.tns)
    assert Job.objects.get().kind == "e911.validate"


def test_a_place_without_lagging_numbers_moves_nothing(staff, lakeside):
    place = make_place(customer=lakeside)
    move = reverse("e911:location-move", args=[place.pk])
    assert "Nothing to move" in staff.get(move).content.decode()
    staff.post(move)
    assert not Job.objects.exists()


@pytest.fixture
def difference(lakeside) -> Difference:
    """Return an address that differs at the provider."""
    record = make_record(make_tn(customer=lakeside), differs=True)
    CarrierRecord.objects.create(
        account=record.account,
        tn=record.tn,
        address1="7 OAK AVE",
        city="CHICAGO",
        region="IL",
        zip="60602",
        caller_name="EXAMPLE LLC",
        state="provisioned",
        synced_at=timezone.now(),
    )
    now = timezone.now()
    return Difference.objects.create(
        record=record,
        kind="address",
        ours=str(record.accepted),
        theirs="7 OAK AVE, CHICAGO, IL 60602",
        first_seen_at=now,
        last_seen_at=now,
    )


def repair(name: str) -> str:
    return reverse("e911:difference-repair", args=[name])


def test_a_difference_is_listed_with_its_repairs(staff, client_for, viewer, difference):
    page = staff.get(DIFFERENCES).content.decode()
    assert "nd-changed" in page
    for words in ("Set ours again…", "Take theirs…", "Ignore…"):
        assert words in page
    assert "Take theirs" not in client_for(viewer).get(DIFFERENCES).content.decode()
    exported = b"".join(staff.get(reverse("e911:difference-export")).streaming_content).decode()
    assert "7 OAK AVE" in exported


def test_theirs_is_taken_over_with_a_reason(staff, difference):
    values = {"difference": difference.pk}
    assert staff.get(repair("adopt"), values).status_code == 200
    assert staff.post(repair("adopt"), values).status_code == 422
    staff.post(repair("adopt"), {**values, "reason": "They moved"})
    record = EmergencyRecord.objects.get()
    assert (record.accepted_address1, record.state) == ("7 OAK AVE", "verified")
    assert not Difference.objects.filter(status="open").exists()


def test_ours_is_sent_again_as_a_job(staff, difference):
    staff.post(repair("push"), {"difference": difference.pk, "key": "k"})
    job = Job.objects.get()
    assert (job.kind, [item.target for item in job.items.all()]) == (
        "e911.provision",
        [difference.record.tn],
    )


def test_a_difference_is_ignored_until_a_day_and_opened_again(staff, difference):
    values = {"difference": difference.pk, "reason": "Known", "until": timezone.localdate()}
    late = staff.post(repair("ignore"), values)
    assert "still to come" in late.content.decode()
    day = timezone.localdate() + timedelta(days=3)
    staff.post(repair("ignore"), {**values, "until": day})
    difference.refresh_from_db()
    assert (difference.status, difference.ignored_until) == ("ignored", day)
    assert staff.get(DIFFERENCES).context["page"].rows == []
    assert len(staff.get(DIFFERENCES, {"state": "ignored"}).context["page"].rows) == 1
    staff.post(repair("open"), {"difference": difference.pk})
    difference.refresh_from_db()
    assert difference.status == "open"


def test_nothing_chosen_changes_nothing(staff, difference):
    response = staff.post(repair("adopt"), {"reason": "x"}, follow=True)
    assert "Nothing was changed" in response.content.decode()
    assert staff.get(repair("nonsense")).status_code == 404


def test_the_record_shows_its_difference(staff, difference):
    url = reverse("e911:record-detail", args=[difference.record.tn])
    page = staff.get(url).content.decode()
    assert "Address differs" in page
    assert "7 OAK AVE" in page
