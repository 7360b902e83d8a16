"""The token that goes along with messages to a web address: sent, shown nowhere, sent again."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from inventory import features
from inventory.drift.repair import REPAIRS, carry_out, plan
from inventory.feature_resend import NOT_KEPT
from inventory.feature_undo import look, undo
from inventory.models import CarrierNumber, Finding, TelephoneNumber
from inventory.operations import read_features
from inventory.operations.sync import sync_account
from portal.jobs.submit import new_key
from portal.models import AuditEntry, Exchange, Job, JobItem
from portal.sandbox.server import RunningSandbox
from portal.tasks import run_job
from tests.factories import make_account
from tests.inventory.desk import hidden
from tests.portal.pages import text_of

TOKEN = "hook-s3cret-91"
HOOK = "https://hooks.example.net/sms"
FEATURE = features.get("message_destination")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as running:
        yield running


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def held(sandbox, operator, run_jobs):
    """Return a function that syncs an account and gives some of its numbers."""

    def sync(slug: str = "voip_innovations", count: int = 1) -> list[TelephoneNumber]:
        sandbox.control("reset")
        account = make_account(slug, base_url=sandbox.url)
        sync_account(account, actor=operator)
        run_jobs()
        rows = TelephoneNumber.objects.filter(account=account).exclude(tn__startswith="+18")
        numbers = list(rows.order_by("tn")[:count])
        for number in numbers:
            read_features(number, actor=operator)
        run_jobs()
        return numbers

    return sync


def at_provider(sandbox, number: TelephoneNumber) -> dict[str, object]:
    """Return what the sandbox keeps of a number's messages."""
    row = sandbox.control("number", provider=number.account.slug, tn=number.tn[2:])
    return json.loads(row["data"])["sms"]


def shown_anywhere() -> str:
    """Return everything that our tables and their pages could show."""
    models = (Job, JobItem, Exchange, AuditEntry, TelephoneNumber, CarrierNumber)
    rows = [row for model in models for row in model.objects.values()]
    return json.dumps(rows, default=str)


def address(number: TelephoneNumber) -> str:
    return f"/numbers/{number.tn}/features/message_destination/"


def send(client, number: TelephoneNumber, **values: str):
    form = {"kind": "webhook", "value": HOOK, "token": TOKEN, "key": new_key()} | values
    return client.post(address(number), form)


def test_it_reaches_the_provider_and_is_nowhere_else(sandbox, held, client_for, operator, run_jobs):
    (number,) = held()
    client = client_for(operator)
    assert 'name="token"' in text_of(client.get(address(number)))
    assert send(client, number).status_code == 302
    run_jobs()
    sms = at_provider(sandbox, number)
    assert (sms["destination"], sms["token"]) == (HOOK, TOKEN)
    number.refresh_from_db()
    mirror = CarrierNumber.objects.get(tn=number.tn)
    assert number.wanted["message_destination"] == f"webhook:{HOOK}"
    assert mirror.values["message_destination"] == f"webhook:{HOOK}"
    assert TOKEN not in shown_anywhere()
    job = Job.objects.latest("pk")
    assert job.title.endswith("with a token")
    for page in (f"/jobs/{job.pk}/", f"/numbers/{number.tn}/", address(number)):
        text = text_of(client.get(page))
        assert TOKEN not in text
        assert "gAAAA" not in text  # nor as it was sealed


def test_another_token_for_the_same_address_is_sent(sandbox, held, client_for, operator, run_jobs):
    (number,) = held()
    client = client_for(operator)
    for token in (TOKEN, "another-one"):
        send(client, number, token=token)
        run_jobs()
    assert at_provider(sandbox, number)["token"] == "another-one"
    send(client, number, token="", kind="email", value="desk@example.net")
    run_jobs()
    assert at_provider(sandbox, number)["token"] == ""


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "email", "value": "desk@example.net"}, "sends no token along to a target"),
        ({"value": f"{HOOK} token:guess"}, "A web address has no blanks"),
        ({"token": "x" * 201}, "at most 200 characters"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_the_token_not_shown(
    held, client_for, operator, values, words
):
    (number,) = held()
    before = Job.objects.count()
    response = send(client_for(operator), number, **values)
    assert response.status_code == 422
    text = text_of(response)
    assert words in text
    assert TOKEN not in text
    assert Job.objects.count() == before


def test_a_provider_whose_wire_has_none_is_not_asked_for_one(held, client_for, operator):
    (number,) = held("voicetel")
    client = client_for(operator)
    assert 'name="token"' not in text_of(client.get(address(number)))
    assert not FEATURE.takes_token("voicetel")


def test_it_travels_sealed_through_the_plan_of_many(sandbox, held, client_for, operator, run_jobs):
    numbers = held(count=2)
    client = client_for(operator)
    chosen = {"tns": " ".join(number.tn for number in numbers), "feature": FEATURE.name}
    form = client.post("/numbers/features/", chosen)
    wanted = {"kind": "webhook", "value": HOOK, "token": TOKEN}
    plan = client.post("/numbers/features/", hidden(form) | wanted)
    assert TOKEN not in text_of(plan)
    client.post("/numbers/features/", hidden(plan))
    run_jobs()
    assert {at_provider(sandbox, number)["token"] for number in numbers} == {TOKEN}
    broken = client.post("/numbers/features/", hidden(plan) | {"sealed_token": "nonsense"})
    assert broken.status_code == 422


def test_a_former_address_comes_back_with_its_token(sandbox, held, client_for, operator, run_jobs):
    (number,) = held()
    client = client_for(operator)
    send(client, number)
    run_jobs()
    send(client, number, token="", kind="email", value="desk@example.net")
    run_jobs()
    assert at_provider(sandbox, number)["token"] == ""
    job = Job.objects.latest("pk")
    page = text_of(client.get(f"/changes/{job.pk}/undo/"))
    assert "with a token" in page
    assert TOKEN not in page
    undo(job, actor=operator, key="back")
    run_jobs()
    sms = at_provider(sandbox, number)
    assert (sms["destination"], sms["token"]) == (HOOK, TOKEN)


def test_a_former_address_whose_job_is_gone_does_not_come_back_without_its_token(
    held, client_for, operator, run_jobs
):
    (number,) = held()
    client = client_for(operator)
    send(client, number)
    run_jobs()
    send(client, number, token="", kind="email", value="desk@example.net")
    run_jobs()
    latest = Job.objects.latest("pk")
    JobItem.objects.exclude(job=latest).delete()
    assert [row.problem for row in look(latest).rows] == [NOT_KEPT]


@pytest.mark.parametrize("is_kept", [True, False])
def test_our_address_is_pushed_with_its_token_or_not_at_all(
    is_kept, sandbox, held, client_for, operator, run_jobs
):
    (number,) = held()
    send(client_for(operator), number)
    run_jobs()
    row = sandbox.control("number", provider=number.account.slug, tn=number.tn[2:])
    behind = json.loads(row["data"])
    behind["sms"] |= {"destination": "https://elsewhere.example.net/", "token": ""}
    sandbox.control(
        "number", provider=number.account.slug, tn=number.tn[2:], data=json.dumps(behind)
    )
    read_features(number, actor=operator)
    run_jobs()
    finding = Finding.objects.live().get(field=FEATURE.name)
    if not is_kept:
        JobItem.objects.all().delete()
        found = plan(REPAIRS["push"], [finding])
        assert (found.going, found.staying) == ([], {NOT_KEPT: 1})
        return
    carry_out(REPAIRS["push"], [finding.pk], actor=operator, key="push")
    run_jobs()
    sms = at_provider(sandbox, number)
    assert (sms["destination"], sms["token"]) == (HOOK, TOKEN)
    assert TOKEN not in shown_anywhere()


def test_a_lost_answer_about_a_new_token_is_for_a_person():
    sealed = FEATURE.with_token(f"webhook:{HOOK}", TOKEN)
    assert FEATURE.can_tell(sealed, "email:desk@example.net")
    assert not FEATURE.can_tell(sealed, f"webhook:{HOOK}")
    assert FEATURE.can_tell(f"webhook:{HOOK}", f"webhook:{HOOK}")
