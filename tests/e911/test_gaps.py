"""The gap report: every number in service is in exactly one bucket, the first that applies."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from e911 import gaps
from e911.addresses import Lines
from e911.models import AlertContact, EmergencyRecord, Location, Standing
from e911.services import standings
from inventory.lifecycle import VERBS, Choice
from inventory.models import TelephoneNumber
from inventory.services.lifecycle import carry_out
from tests.factories import make_account, make_customer, make_tn

# An example takes a second: making it smaller would take many minutes.
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
B = Standing.Bucket
STATES = [str(state) for state in EmergencyRecord.State.values]
ALERTING = "voip_innovations"


@pytest.fixture
def people(db):
    """Return two customers and an account at each of two providers."""
    return {
        "customers": [make_customer(), make_customer()],
        "accounts": {slug: make_account(slug) for slug in (ALERTING, "voicetel")},
    }


def expected(number: TelephoneNumber, record: EmergencyRecord | None, has_alert: bool) -> int:
    """Return the bucket as the words of the report have it; the slow and plain way."""
    state = record.state if record else "none"
    if state == "orphan":
        record, state = None, "none"
    if record is None:
        return B.NOT_REQUIRED if number.e911_state == "not_required" else B.NONE
    if state == "not_required":
        return B.NOT_REQUIRED
    if record.is_location_lost:
        return B.LOST
    if state in {"invalid", "provision_failed"}:
        return B.INVALID
    if state in {"none", "removed", "draft", "validating", "suggested", "valid"}:
        return B.NONE
    if state in {"provisioning", "provisioned", "removing"} and not record.differs:
        return B.UNCONFIRMED
    place = record.location
    is_moved = bool(place and record.accepted_at and place.updated_at > record.accepted_at)
    if (
        record.differs
        or state == "changing"
        or record.customer_id != number.customer_id
        or is_moved
    ):
        return B.CHANGED
    if record.is_multi_unit and not record.accepted_address2:
        return B.NO_UNIT
    if number.account.slug == ALERTING and not has_alert:
        return B.NO_ALERT
    if record.tested_at is None or record.tested_at < timezone.now() - timedelta(days=365):
        return B.NO_TEST
    return B.VERIFIED


case = st.fixed_dictionaries(
    {
        "number_state": st.sampled_from(
            ["in_service", "suspended", "in_service", "stock", "aging", "held", "released"]
        ),
        "word": st.sampled_from(["none", "not_required"]),
        "state": st.sampled_from([None, *STATES, "verified", "verified", "verified"]),
        "slug": st.sampled_from([ALERTING, "voicetel"]),
        "owner": st.sampled_from([0, 0, 0, 1]),
        "is_lost": st.sampled_from([False, False, False, True]),
        "differs": st.sampled_from([False, False, False, True]),
        "is_multi_unit": st.booleans(),
        "unit": st.sampled_from(["", "STE 4"]),
        "tested": st.sampled_from([None, 10, 400]),
        "alert": st.sampled_from([None, "active", "refused", "adding"]),
        "place": st.sampled_from([None, "before", "after"]),
    }
)


def make(people, place: int, facts) -> tuple[TelephoneNumber, EmergencyRecord | None, bool]:
    """Make a number with its record as the facts say."""
    now = timezone.now()
    customer = people["customers"][0]
    needs_customer = facts["number_state"] in {"in_service", "suspended", "held"}
    number = make_tn(
        f"+1312555{place:04}",
        account=people["accounts"][facts["slug"]],
        state=facts["number_state"],
        customer=customer if needs_customer else None,
        e911_state=facts["word"],
    )
    if facts["state"] is None:
        return number, None, False
    location = None
    if facts["place"]:
        location = Location.objects.create(name=f"Place {place}", customer=customer)
        moved = now + timedelta(days=1 if facts["place"] == "after" else -1)
        Location.objects.filter(pk=location.pk).update(updated_at=moved)
        location.refresh_from_db()
    record = EmergencyRecord(
        account=number.account,
        tn=number.tn,
        number=number,
        customer=people["customers"][facts["owner"]],
        location=location,
        state=facts["state"],
        state_since=now,
        is_location_lost=facts["is_lost"],
        lost_at=now,
        differs=facts["differs"],
        is_multi_unit=facts["is_multi_unit"],
        tested_at=now - timedelta(days=facts["tested"]) if facts["tested"] else None,
        accepted_at=now,
        verified_at=now,
        not_required_reason="No voice.",
    )
    record.take_accepted(Lines(address1="12 MAIN ST", address2=facts["unit"]), "EXAMPLE")
    record.save()
    if facts["alert"]:
        AlertContact.objects.create(record=record, email="a@example.net", state=facts["alert"])
    return number, record, facts["alert"] == "active"


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=NO_SHRINKING,
)
@given(cases=st.lists(case, min_size=1, max_size=12))
def test_every_number_in_service_is_in_exactly_one_bucket(people, cases):
    for model in (AlertContact, Standing, EmergencyRecord, Location, TelephoneNumber):
        model.objects.all().delete()
    made = [make(people, place, facts) for place, facts in enumerate(cases)]
    gaps.refresh([number.pk for number, _, _ in made])
    found = dict(Standing.objects.values_list("tn", "bucket"))
    wanted = {
        number.tn: expected(number, record, has_alert)
        for number, record, has_alert in made
        if number.state in {"in_service", "suspended"}
    }
    assert found == wanted
    counts = gaps.counts(Standing.objects.all())
    assert sum(counts.values()) == len(wanted)
    assert list(counts) == sorted(B.values)
    assert gaps.refresh([number.pk for number, _, _ in made]) == 0  # again: nothing changes


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=NO_SHRINKING,
)
@given(
    cases=st.lists(case, min_size=1, max_size=6),
    moves=st.lists(
        st.tuples(
            st.integers(0, 7),
            st.sampled_from(["in_service", "suspended", "stock", "aging", "released"]),
            st.sampled_from([0, 1]),
            st.sampled_from(["", "none", "not_required"]),
        ),
        max_size=8,
    ),
)
def test_records_follow_their_numbers_and_following_again_changes_nothing(people, cases, moves):
    for model in (AlertContact, Standing, EmergencyRecord, Location, TelephoneNumber):
        model.objects.all().delete()
    made = [make(people, place, facts)[0] for place, facts in enumerate(cases)]
    for which, state, owner, word in moves:
        number = made[which % len(made)]
        is_used = state in {"in_service", "suspended"}
        changes = {"state": state, "customer": people["customers"][owner] if is_used else None}
        resting = ("none", "removed", "not_required")
        if word and number.e911_state in resting:  # as the inventory decides on assigning
            changes["e911_state"] = word
        TelephoneNumber.objects.filter(pk=number.pk).update(**changes)
        number.refresh_from_db()
        standings.rebuild()
    standings.rebuild()
    before = list(EmergencyRecord.objects.order_by("pk").values())
    standings.rebuild()
    assert list(EmergencyRecord.objects.order_by("pk").values()) == before
    for record in EmergencyRecord.objects.select_related("number"):
        in_use = record.number.state not in {"stock", "aging", "released"}
        assert not (record.state in {"provisioned", "verified"} and not in_use), record.state
        assert not (record.state == "orphan" and in_use)
    counted = TelephoneNumber.objects.filter(state__in=gaps.COUNTED)
    assert set(Standing.objects.values_list("tn", flat=True)) == {number.tn for number in counted}


def test_what_the_inventory_decides_is_followed_with_its_reason(people, operator):
    number = make_tn("+13125550100", account=people["accounts"][ALERTING])
    choice = Choice(customer=people["customers"][0], e911="not_required", e911_reason="A fax line.")
    ids = TelephoneNumber.objects.filter(pk=number.pk)
    carry_out(VERBS["assign"], ids, choice, actor=operator)
    standings.catch_up()
    record = EmergencyRecord.objects.get()
    assert (record.state, record.not_required_reason) == ("not_required", "A fax line.")
    assert record.not_required_by == operator
    assert Standing.objects.get().bucket == B.NOT_REQUIRED

    later = Choice(customer=people["customers"][1], e911="later", is_same_subscriber=True)
    carry_out(VERBS["move"], ids, later, actor=operator)
    standings.catch_up()
    record.refresh_from_db()
    assert record.state == "none"
    assert Standing.objects.get().bucket == B.NONE


def test_catching_up_looks_only_at_what_changed(people):
    numbers = [
        make_tn(f"+1312555{n:04}", account=people["accounts"]["voicetel"]) for n in range(100, 108)
    ]
    long_ago = timezone.now() - timedelta(days=1)
    TelephoneNumber.objects.update(updated_at=long_ago)
    assert standings.catch_up() == 8
    TelephoneNumber.objects.filter(pk=numbers[3].pk).update(
        state="in_service", customer=people["customers"][0], updated_at=timezone.now()
    )
    assert standings.catch_up() == 1
    assert Standing.objects.get().number_id == numbers[3].pk
    Standing.objects.all().delete()
    TelephoneNumber.objects.update(updated_at=long_ago - timedelta(days=1))
    assert standings.catch_up() == 0  # nothing is newer
    standings.rebuild()
    assert Standing.objects.count() == 1


def test_numbers_of_providers_without_911_need_no_record(people):
    account = make_account("custom_toll_free")
    number = make_tn("+18005550142", account=account, customer=people["customers"][0])
    gaps.refresh([number.pk])
    standing = Standing.objects.get()
    assert standing.bucket == B.NOT_REQUIRED
    assert "toll-free numbers only" in gaps.why_not_required(standing.account.slug)


def test_many_numbers_of_one_time_are_all_looked_at(people, monkeypatch):
    monkeypatch.setattr(standings, "CHUNK", 3)
    customer = people["customers"][0]
    for n in range(100, 108):
        make_tn(f"+1312555{n:04}", account=people["accounts"]["voicetel"], customer=customer)
    TelephoneNumber.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    assert standings.catch_up(chunks=1) == 3  # the rest is for the next call
    assert standings.catch_up() == 5
    assert Standing.objects.count() == 8
    assert standings.catch_up() == 0


def test_a_test_grows_old_by_the_night(people):
    record = make(
        people,
        1,
        {
            "number_state": "in_service",
            "word": "none",
            "state": "verified",
            "slug": "voicetel",
            "owner": 0,
            "is_lost": False,
            "differs": False,
            "is_multi_unit": False,
            "unit": "",
            "tested": 10,
            "alert": None,
            "place": None,
        },
    )[1]
    standings.rebuild()
    assert Standing.objects.get().bucket == B.VERIFIED
    EmergencyRecord.objects.filter(pk=record.pk).update(
        tested_at=timezone.now() - timedelta(days=366)
    )
    standings.rebuild()
    assert Standing.objects.get().bucket == B.NO_TEST
