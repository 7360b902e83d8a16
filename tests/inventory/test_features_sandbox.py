"""Features over a real socket: what each provider takes, tells again, and lets go of."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from inventory import features
from inventory.feature_changes import change
from inventory.feature_undo import undo
from inventory.models import CarrierNumber, TelephoneNumber
from inventory.operations.reading import read_features
from inventory.operations.sync import sync_account
from portal.jobs.submit import new_key
from portal.models import Exchange, Job, JobItem, ProviderAccount
from portal.sandbox.server import RunningSandbox
from portal.tasks import run_job
from tests.factories import make_account

TARGET = "+13125550177"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as running:
        yield running


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def held(sandbox, operator, run_jobs):
    """Return a function that syncs an account of a provider and gives one of its numbers."""

    def sync(slug: str) -> TelephoneNumber:
        sandbox.control("reset")
        account = make_account(slug, base_url=sandbox.url)
        sync_account(account, actor=operator)
        run_jobs()
        mirrors = CarrierNumber.objects.filter(account=account).exclude(tn__startswith="+18")
        if slug == "voip_innovations":  # not every number can have an outbound name there
            mirrors = mirrors.filter(details__cnamStorageAvailability="true")
        number = TelephoneNumber.objects.get(tn=mirrors.order_by("tn")[0].tn)
        read_features(number, actor=operator)
        run_jobs()
        return number

    return sync


@pytest.fixture
def carry_out(operator, run_jobs):
    def do(number: TelephoneNumber, name: str, value: str) -> Job:
        job = change(features.get(name), {number.tn: value}, actor=operator, key=new_key())
        run_jobs()
        job.refresh_from_db()
        assert job.status == "succeeded", (job.reason, list(job.items.values("code", "message")))
        return job

    return do


def told(number: TelephoneNumber, name: str) -> str | None:
    mirror = CarrierNumber.objects.get(account_id=number.account_id, tn=number.tn)
    return features.get(name).present(mirror)


SET_AND_CLEAR = {
    "voip_innovations": [
        ("forward_to", TARGET),
        ("failover_to", TARGET),
        ("cnam_name", "LAKESIDE DENTAL"),
        ("fax_email", "desk@example.net"),
        ("email_to_fax", "a@example.net, b@example.net"),
        ("message_destination", "email:desk@example.net"),
    ],
    "voicetel": [
        ("forward_to", TARGET),
        ("translated_to", "4142"),
        ("fax_email", "desk@example.net"),
        ("message_destination", "email:desk@example.net"),
    ],
}


@pytest.mark.parametrize(
    ("slug", "name", "value"),
    [(slug, *pair) for slug, pairs in SET_AND_CLEAR.items() for pair in pairs],
)
def test_set_read_back_and_take_off(slug, name, value, held, carry_out, operator, run_jobs):
    number = held(slug)
    before = told(number, name)
    job = carry_out(number, name, value)
    assert told(number, name) == value
    CarrierNumber.objects.filter(tn=number.tn).update(values={})
    read_features(number, actor=operator)
    run_jobs()
    if features.get(name).has_question(slug) or slug == "voicetel":
        assert told(number, name) == value
    undo(job, actor=operator, key="back")
    run_jobs()
    number.refresh_from_db()
    assert number.wanted[name] == before == told(number, name)
    if before:
        carry_out(number, name, "")
    assert told(number, name) == ""


@pytest.mark.parametrize("slug", ["voip_innovations", "voicetel"])
def test_a_switch_goes_on_and_off(slug, held, carry_out):
    number = held(slug)
    values = ("true", "false") if told(number, "inbound_cnam") == "false" else ("false", "true")
    for value in values:
        carry_out(number, "inbound_cnam", value)
        assert told(number, "inbound_cnam") == value


@pytest.mark.parametrize(
    ("slug", "name", "secret"),
    [("voip_innovations", "conference", "86420975"), ("voicetel", "port_out_pin", "8642")],
)
def test_a_secret_reaches_the_provider_and_is_nowhere_else(slug, name, secret, held, carry_out):
    number = held(slug)
    carry_out(number, name, secret)
    assert told(number, name) == "set"
    rows = [*Job.objects.values(), *JobItem.objects.values(), *Exchange.objects.values()]
    shown = json.dumps([{k: str(v) for k, v in row.items() if k != "uid"} for row in rows])
    values = (f">{secret}<", f'"{secret}"', f'\\"{secret}\\"', f"={secret}")
    assert not [value for value in values if value in shown]


def test_a_route_is_changed_and_taken_away(held, carry_out, operator, run_jobs):
    number = held("voip_innovations")
    before = told(number, "route")
    job = carry_out(number, "route", "13551")
    assert told(number, "route") == "13551"
    undo(job, actor=operator, key="back")
    run_jobs()
    assert told(number, "route") == before
    carry_out(number, "route", "")
    assert told(number, "route") == ""


def test_what_a_question_told_stays_after_the_next_list(held, carry_out, operator, run_jobs):
    number = held("voip_innovations")
    carry_out(number, "fax_email", "desk@example.net")
    sync_account(ProviderAccount.objects.get(), actor=operator)
    run_jobs()
    assert told(number, "fax_email") == "desk@example.net"


def test_a_lost_answer_is_settled_by_reading_back(sandbox, held, operator, run_jobs):
    number = held("voip_innovations")
    fault = {"provider": "voip_innovations", "operation": "UpdateDIDFailover"}
    sandbox.control("fault", fault="drop_after", **fault)
    job = change(features.get("failover_to"), {number.tn: TARGET}, actor=operator, key="k")
    run_jobs()
    sandbox.control("fault/clear")
    job.refresh_from_db()
    assert job.status == "succeeded", job.reason
    assert job.exchanges.filter(operation="UpdateDIDFailover").count() == 1
    assert told(number, "failover_to") == TARGET


def test_a_provider_that_is_down_changes_nothing(sandbox, held, operator, run_jobs):
    number = held("voicetel")
    ProviderAccount.objects.update(base_url="http://127.0.0.1:9")
    job = change(features.get("forward_to"), {number.tn: TARGET}, actor=operator, key="k")
    run_jobs()
    job.refresh_from_db()
    assert job.status in {"failed", "waiting"}
    number.refresh_from_db()
    assert number.wanted == {}
