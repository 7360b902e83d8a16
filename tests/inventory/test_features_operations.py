"""Changing features as jobs: carried out, refused, lost, secret, and read back."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from inventory import features
from inventory.feature_changes import change, plan
from inventory.models import CarrierNumber, TelephoneNumber
from inventory.operations.reading import read_features
from portal import jobs
from portal.jobs.submit import new_key
from portal.models import AuditEntry, Exchange, Job, JobItem
from portal.providers.errors import ProviderTimeout, ProviderUnavailable
from portal.tasks import run_job
from tests import factories
from tests.inventory.desk import Booth, Desk, desks, make_number

__all__ = ["desks"]
TN_1, TN_2, TARGET = "+13125550101", "+13125550102", "+13125550177"


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def number(desks) -> TelephoneNumber:
    return make_number(desks["desk"], TN_1)


def mirror() -> CarrierNumber:
    return CarrierNumber.objects.get(tn=TN_1)


@pytest.fixture
def carry_out(operator, run_jobs):
    def do(name: str, *values: str, tns: tuple[str, ...] = (TN_1,)) -> Job:
        wanted = dict(zip(tns, values * len(tns), strict=False))
        job = change(features.get(name), wanted, actor=operator, key=new_key())
        run_jobs()
        job.refresh_from_db()
        return job

    return do


@pytest.mark.parametrize(
    ("name", "value", "kept", "shown"),
    [
        ("route", "13551", "route", "13551"),
        ("forward_to", TARGET, "forward", "(312) 555-0177"),
        ("failover_to", TARGET, "failover", "(312) 555-0177"),
        ("inbound_cnam", "true", "lookup", "On"),
        ("cnam_name", "LAKESIDE", "name", "LAKESIDE"),
        ("email_to_fax", "a@example.net, b@example.net", "senders", "a@example.net, b@example.net"),
        ("group_ref", "7", "group", "7"),
    ],
)
def test_a_value_reaches_provider_mirror_wanted_and_audit(
    name, value, kept, shown, number, carry_out
):
    feature = features.get(name)
    job = carry_out(name, value)
    assert job.status == "succeeded", job.reason
    assert Desk.held[TN_1][kept]
    number.refresh_from_db()
    assert number.wanted == {name: value}
    assert number.sync_state == "in_sync"
    assert feature.present(mirror()) == value
    assert feature.shown(value) == shown
    entry = AuditEntry.objects.get(verb="inventory.tn.feature_changed")
    assert entry.after == {name: value}
    assert entry.job_id == job.pk


def test_what_was_not_known_is_read_before_it_is_changed(number, carry_out):
    Desk.held[TN_1]["failover"] = "+13125550199"
    job = carry_out("failover_to", TARGET)
    assert job.items.get().before["value"] == "+13125550199"
    assert AuditEntry.objects.get(verb="inventory.tn.feature_changed").before == {
        "failover_to": "+13125550199"
    }


def test_what_holds_already_is_not_sent(number, carry_out):
    Desk.held[TN_1]["failover"] = TARGET
    job = carry_out("failover_to", TARGET)
    assert job.status == "succeeded"
    assert Desk.sent == []
    assert "already" in job.items.get().message
    with pytest.raises(jobs.NotAccepted, match="already"):
        carry_out("failover_to", TARGET)


@pytest.mark.parametrize(
    ("name", "value", "kept"), [("forward_to", TARGET, "forward"), ("group_ref", "7", "group")]
)
def test_a_feature_is_taken_off(name, value, kept, number, carry_out):
    carry_out(name, value)
    job = carry_out(name, "")
    assert job.status == "succeeded"
    assert not Desk.held[TN_1][kept]
    number.refresh_from_db()
    assert number.wanted[name] == ""
    assert features.get(name).present(mirror()) == ""


def test_without_a_route_a_number_lies_in_the_personal_inventory(number, carry_out):
    carry_out("route", "")
    assert Desk.held[TN_1]["route"] == ""
    assert mirror().route_ref == ""


def test_senders_of_faxes_are_added_and_taken_off_one_by_one(number, carry_out):
    Desk.held[TN_1]["senders"] = ("a@example.net", "b@example.net")
    carry_out("email_to_fax", "b@example.net, c@example.net")
    assert Desk.held[TN_1]["senders"] == ("b@example.net", "c@example.net")
    assert len(Desk.sent) == 2


def test_a_refusal_keeps_what_was_wanted_and_says_why(number, carry_out):
    Desk.script = ["The target is not allowed."]
    job = carry_out("forward_to", TARGET)
    number.refresh_from_db()
    assert (job.status, number.wanted, number.sync_state) == ("failed", {}, "push_failed")
    assert "not allowed" in number.sync_note
    assert "forward_to" not in mirror().values
    entry = AuditEntry.objects.get(verb="inventory.tn.feature_refused")
    assert entry.reason == "The target is not allowed."


def test_what_the_wire_cannot_carry_is_refused_with_nothing_sent(number, carry_out):
    job = carry_out("route", "no-number")
    assert job.status == "failed"
    assert "Nothing was changed" in job.items.get().message
    assert not Exchange.objects.filter(is_write=True).exists()


def test_a_name_that_only_the_provider_took_is_wanted_and_marked(number, carry_out):
    Desk.stored_only = "The carriers did not take it."
    job = carry_out("cnam_name", "LAKESIDE")
    number.refresh_from_db()
    assert job.status == "failed"
    assert number.wanted == {"cnam_name": "LAKESIDE"}
    assert mirror().values == {"cnam_name": "LAKESIDE", "cnam_status": "refused"}


# --- Lost answers


@pytest.mark.parametrize(("code", "is_done"), [("done", True), ("", False)])
def test_a_lost_answer_is_settled_by_reading_back(
    code, is_done, number, carry_out, run_jobs, monkeypatch
):
    monkeypatch.setattr("portal.jobs.reconcile.NOT_DONE_AFTER", timedelta(0))
    mirror_row = mirror()
    mirror_row.values = {"failover_to": ""}
    mirror_row.save()
    Desk.script = [ProviderTimeout("No answer.", code=code)]
    job = carry_out("failover_to", TARGET)
    assert job.status == "succeeded"
    assert Desk.held[TN_1]["failover"] == TARGET
    writes = Exchange.objects.filter(operation="failover", is_write=True).count()
    assert writes == (1 if is_done else 2)  # again only after it was heard twice: not done
    assert features.get("failover_to").present(mirror()) == TARGET


def test_a_lost_value_that_nobody_tells_waits_for_a_person(number, operator, carry_out):
    Desk.script = [ProviderTimeout("No answer.", code="done")]
    job = carry_out("inbound_cnam", "true")
    assert job.status == "needs_review"  # asked once: the provider never tells it
    assert job.reason == "The provider does not tell: Inbound lookup. Look there whether it holds."
    assert Exchange.objects.filter(is_write=True).count() == 1
    number.refresh_from_db()
    assert number.sync_state == "pending_push"


def test_a_provider_that_is_away_is_tried_again(number, carry_out):
    Desk.script = [ProviderUnavailable("Busy.")]
    assert carry_out("inbound_cnam", "true").status == "succeeded"
    number.refresh_from_db()
    assert number.wanted == {"inbound_cnam": "true"}


# --- Secrets


def test_a_pin_is_nowhere_in_clear(number, carry_out):
    job = carry_out("conference", "86420975")
    assert Desk.held[TN_1]["conference"] == "86420975"
    assert mirror().values == {"conference": "set"}
    number.refresh_from_db()
    assert number.wanted == {"conference": "set"}
    rows = [
        *Job.objects.values(),
        *JobItem.objects.values(),
        *AuditEntry.objects.values(),
        *Exchange.objects.values(),
        *TelephoneNumber.objects.values(),
        *CarrierNumber.objects.values(),
    ]
    assert "86420975" not in json.dumps(rows, default=str)
    assert job.title == "Conference line of (312) 555-0101: set"


def test_failed_rows_of_a_secret_can_be_sent_again(number, operator, carry_out, run_jobs):
    Desk.script = ["Try later."]
    job = carry_out("conference", "86420975")
    jobs.retry_failed(job, actor=operator, key=new_key())
    run_jobs()
    assert Desk.held[TN_1]["conference"] == "86420975"


@pytest.mark.parametrize(("before", "status"), [("", "succeeded"), ("1111", "needs_review")])
def test_a_lost_pin_is_known_only_where_there_was_none(before, status, number, carry_out):
    Desk.held[TN_1]["conference"] = before
    Desk.script = [ProviderTimeout("No answer.", code="done")]
    assert carry_out("conference", "86420975").status == status


# --- Leaving


def test_a_removed_number_is_gone(number, carry_out):
    carry_out("removal", "true")
    number.refresh_from_db()
    assert number.state == "released"
    assert not CarrierNumber.objects.exists()


def test_a_refused_removal_brings_the_number_back(number, carry_out):
    Desk.script = ["It is being ported."]
    carry_out("removal", "true")
    number.refresh_from_db()
    assert number.state == "stock"


def test_a_lost_removal_is_settled_by_asking(number, carry_out):
    Desk.script = [ProviderTimeout("No answer.", code="done")]
    Desk.gone = {TN_1}
    assert carry_out("removal", "true").status == "succeeded"


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"deletion_lock": True}, "deletion lock"), ({"legal_hold": True}, "legal hold")],
)
def test_a_locked_number_does_not_leave(fields, words, desks, operator):
    make_number(desks["desk"], TN_1, **fields)
    with pytest.raises(jobs.NotAccepted, match=words):
        change(features.get("removal"), {TN_1: "true"}, actor=operator, key=new_key())


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"e911_state": "provisioned"}, "E911 record"),
        ({"port_state": "foc_set"}, "port"),
        ({"messaging_state": "assigned"}, "campaign"),
    ],
)
def test_a_number_that_others_still_count_on_is_not_removed(fields, words, desks, operator):
    make_number(desks["desk"], TN_1, **fields)
    with pytest.raises(jobs.NotAccepted, match=words):
        change(features.get("removal"), {TN_1: "true"}, actor=operator, key=new_key())


def test_a_number_that_is_porting_out_does_not_move(desks, operator):
    other = factories.make_account("desk", name="Desk two", credentials={}, settings={})
    make_number(desks["desk"], TN_1, state="port_out")
    with pytest.raises(jobs.NotAccepted, match="Porting out"):
        change(features.get("transfer"), {TN_1: f"{other.pk}:1:4"}, actor=operator, key=new_key())


def test_a_number_in_service_is_not_removed(desks, operator, lakeside):
    make_number(desks["desk"], TN_1, customer=lakeside)
    with pytest.raises(jobs.NotAccepted, match="out of service"):
        change(features.get("removal"), {TN_1: "true"}, actor=operator, key=new_key())


def test_a_number_moves_to_another_account_with_its_customer(desks, carry_out, lakeside):
    other = factories.make_account("desk", name="Desk two", credentials={}, settings={})
    number = make_number(desks["desk"], TN_1, customer=lakeside)
    job = carry_out("transfer", f"{other.pk}:9001:4")
    assert job.status == "succeeded", job.reason
    number.refresh_from_db()
    assert (number.account, number.customer) == (other, lakeside)
    assert mirror().account == other
    assert mirror().route_ref == "4"
    assert Desk.held[TN_1]["transfer"] == "9001/4"


# --- What stands against it


def test_each_number_that_cannot_has_its_reason(desks, operator):
    make_number(desks["desk"], TN_1)
    make_number(desks["desk"], "+18005550100")
    make_number(desks["booth"], TN_2)
    make_number(desks["desk"], "+13125550103", state="released")
    tns = [TN_1, TN_2, "+13125550103", "+18005550100"]
    plans = plan(features.get("cnam_name"), dict.fromkeys(tns, "LAKESIDE"))
    reasons = {row.tn: row.reason for entry in plans for row in entry.blocked}
    assert "booth does not offer" in reasons[TN_2]
    assert "Released" in reasons["+13125550103"]
    assert reasons["+18005550100"] == "Toll-free numbers have none."
    assert [c.number.tn for entry in plans for c in entry.changes] == [TN_1]


def test_a_locked_number_waits_for_its_job(number, operator):
    first = change(features.get("route"), {TN_1: "13551"}, actor=operator, key=new_key())
    with pytest.raises(jobs.NotAccepted, match=f"job {first.pk}"):
        change(features.get("forward_to"), {TN_1: TARGET}, actor=operator, key=new_key())


def test_one_key_is_one_change(number, operator, run_jobs):
    jobs_made = {
        change(features.get("route"), {TN_1: "13551"}, actor=operator, key="same").pk
        for _ in range(2)
    }
    assert len(jobs_made) == 1


def test_several_accounts_are_one_group(desks, operator, run_jobs):
    tns = [f"+1312555010{n}" for n in range(5)]
    for position, tn in enumerate(tns):
        make_number(desks["desk" if position < 4 else "booth"], tn)
    job = change(features.get("route"), dict.fromkeys(tns, "13551"), actor=operator, key="k")
    run_jobs()
    job.refresh_from_db()
    assert (job.is_group, job.status, job.done_count) == (True, "succeeded", 5)
    assert [len(Desk.sent), len(Booth.sent)] == [4, 1]
    assert {item.slice for item in JobItem.objects.filter(job__account=desks["desk"])} == {0, 1}


def test_a_number_that_moved_meanwhile_is_left_alone(number, desks, operator, run_jobs):
    job = change(features.get("route"), {TN_1: "13551"}, actor=operator, key="k")
    TelephoneNumber.objects.filter(tn=TN_1).update(account=desks["booth"])
    run_jobs()
    job.refresh_from_db()
    assert job.status == "failed"
    assert "no longer at" in job.items.get().message
    assert Desk.sent == []
    number.refresh_from_db()
    assert number.sync_state == "stale"


# --- Reading


def test_reading_tells_every_feature_that_the_provider_knows(number, operator, run_jobs):
    Desk.held[TN_1] = {"route": "13551", "forward": TARGET, "conference": "1234", "group": "7"}
    job = read_features(number, actor=operator)
    run_jobs()
    job.refresh_from_db()
    assert job.status == "succeeded", job.reason
    row = mirror()
    assert row.route_ref == "13551"
    assert row.values == {
        "forward_to": TARGET,
        "failover_to": "",
        "conference": "set",
        "email_to_fax": "",
        "group_ref": "7",
    }
    assert "1234" not in json.dumps(list(Job.objects.values()), default=str)


def test_reading_a_number_that_is_gone_says_so(number, operator, run_jobs):
    Desk.gone = {TN_1}
    read_features(number, actor=operator)
    run_jobs()
    number.refresh_from_db()
    assert number.sync_state == "missing"
