"""Settings, sub-accounts, sign-up and recovery; a password is shown once and stands nowhere else."""

from __future__ import annotations

import re

import pytest
from django.core import serializers
from django.db import models
from django.utils import timezone

from portal import jobs, passwords
from portal.jobs.submit import new_key
from portal.models import AccountFact, AuditEntry, Exchange, Job, JobItem, ProviderAccount
from portal.operations import Item
from portal.providers.errors import ProviderRefused, ProviderTimeout
from portal.sandbox.server import RunningSandbox
from portal.tasks import run_job
from tests import factories
from tests.portal.bank import PASSWORD, Bank, banks
from tests.portal.pages import text_of

__all__ = ["banks"]


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def bank(banks) -> ProviderAccount:
    return banks["bank"]


@pytest.fixture
def send(client_for, admin, bank, run_jobs):
    """Return a function that posts a form about the account and lets its job run."""

    def do(path: str, **values: str) -> Job:
        answer = client_for(admin).post(
            f"/providers/{bank.pk}/{path}/", {"key": new_key()} | values
        )
        assert answer.status_code == 302, text_of(answer)
        run_jobs()
        return Job.objects.latest("pk")

    return do


@pytest.fixture
def told(bank, operator, run_jobs) -> ProviderAccount:
    """Return the account after its profile was read."""
    jobs.submit("portal.read_profile", actor=operator, account=bank)
    run_jobs()
    return bank


def everything_stored() -> str:
    """Return all that the ledger and the audit log hold, as text."""
    tables: list[type[models.Model]] = [Job, JobItem, Exchange, AuditEntry, AccountFact]
    return "".join(serializers.serialize("json", table._default_manager.all()) for table in tables)


NEW = {"username": "2125550188", "name": "Lakeside", "email": "a@example.net", "billing_ref": ""}


def test_the_form_holds_what_was_told_and_only_changes_travel(told, send, client_for, admin):
    form = text_of(client_for(admin).get(f"/providers/{told.pk}/profile/"))
    assert 'value="America/New_York" selected' in form
    job = send("profile", time_zone="America/Chicago", warn_below="20", is_warned="off")
    assert job.status == "succeeded"
    assert Bank.state["settings"] == {"time_zone": "America/Chicago", "is_warned": False}
    content = AccountFact.objects.get(account=told, kind="profile").content
    assert (content["time_zone"], content["is_warned"]) == ("America/Chicago", False)
    entry = AuditEntry.objects.get(verb="portal.account.profile_changed")
    assert entry.before == {"time_zone": "America/New_York", "is_warned": True}


@pytest.mark.parametrize(
    "values",
    [
        {"time_zone": "America/New_York", "warn_below": "20", "is_warned": "on"},
        {},
        {"caller_id": "12"},
        {"caller_id": "+442079460123"},
        {"warn_below": "-1"},
        {"time_zone": "Mars/Base"},
    ],
)
def test_a_form_that_changes_nothing_or_is_wrong_sends_nothing(values, told, client_for, admin):
    answer = client_for(admin).post(f"/providers/{told.pk}/profile/", {"key": "k"} | values)
    assert answer.status_code == 422
    assert not Job.objects.filter(kind="portal.change_settings").exists()


def test_what_the_provider_does_not_confirm_is_told(told, send):
    Bank.state["stubborn"] = {"warn_below"}
    job = send("profile", warn_below="50", caller_id="312 555 0177")
    assert job.status == "succeeded"
    assert "Not confirmed: warn below" in job.items.get().message
    assert send("profile", warn_below="60").status == "failed"


@pytest.mark.parametrize("code", ["done", ""])
def test_a_lost_change_is_settled_by_reading_the_profile(code, told, send):
    Bank.script.append(ProviderTimeout("No answer.", code=code))
    job = send("profile", caller_id="(312) 555-0177", warn_below="50")
    assert (job.status == "succeeded") == (code == "done")
    assert Exchange.objects.filter(operation="settings").count() == 1


def test_a_password_is_sealed_shown_once_and_then_gone(send, client_for, admin):
    job = send("accounts/new", **NEW)
    assert job.status == "succeeded"
    assert PASSWORD not in everything_stored()
    client = client_for(admin)
    url = f"/jobs/{job.pk}/password/"
    assert url in text_of(client.get(f"/jobs/{job.pk}/"))
    assert PASSWORD not in text_of(client.get(url))  # looking at the question shows nothing
    shown = client.post(url)
    assert PASSWORD in text_of(shown)
    assert "no-store" in shown["Cache-Control"]
    assert PASSWORD not in text_of(client.post(url))
    assert url not in text_of(client.get(f"/jobs/{job.pk}/"))
    assert PASSWORD not in everything_stored()
    assert AuditEntry.objects.filter(verb="portal.password.shown").count() == 1


def test_only_administrators_get_at_a_password(send, client_for, operator, viewer):
    job = send("accounts/new", **NEW)
    for user in (operator, viewer):
        assert client_for(user).post(f"/jobs/{job.pk}/password/").status_code == 403
        page = text_of(client_for(user).get(f"/jobs/{job.pk}/"))
        assert f"/jobs/{job.pk}/password/" not in page
    assert passwords.is_there(job)


def test_an_answer_without_a_password_says_what_to_do(send):
    Bank.state["password"] = ""
    job = send("accounts/new", **NEW)
    assert "have the account recovered" in job.items.get().message
    assert not passwords.is_there(job)


def test_a_lost_opening_is_never_sent_again(send, run_jobs):
    Bank.script.append(ProviderTimeout("No answer.", code="done"))
    job = send("accounts/new", **NEW)
    run_jobs(rounds=20)
    job.refresh_from_db()
    assert job.status == "needs_review"
    assert Exchange.objects.filter(operation="create").count() == 1


def test_a_refused_opening_says_why(send):
    Bank.script.append(ProviderRefused("Account creation failed", code="409"))
    job = send("accounts/new", **NEW)
    assert job.status == "failed"
    assert job.items.get().message == "Account creation failed"


@pytest.mark.parametrize("wrong", [{"username": "12"}, {"email": "x"}, {"billing_ref": "7"}])
def test_a_wrong_sub_account_form_sends_nothing(wrong, bank, client_for, admin):
    answer = client_for(admin).post(
        f"/providers/{bank.pk}/accounts/new/", NEW | {"key": "k"} | wrong
    )
    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_clients_and_opened_accounts_are_listed(send, bank, operator, run_jobs, client_for):
    send("accounts/new", **NEW)
    jobs.submit("portal.read_clients", actor=operator, account=bank)
    run_jobs()
    page = text_of(client_for(operator).get(f"/providers/{bank.pk}/accounts/"))
    for words in ("Lakeside &lt;Dental&gt;", "2125550188", "a@example.net"):
        assert words in page
    assert "accounts/new/" not in page


SIGN_UP = {
    "label": "Bank two",
    "base_url": "http://127.0.0.1:9",
    "name": "Example Desk",
    "email": "b@example.net",
    "promo": "",
}


def test_an_account_that_was_signed_up_has_its_credentials_and_waits(
    bank, client_for, admin, run_jobs
):
    client, values = client_for(admin), SIGN_UP | {"key": new_key()}
    assert "provider=bank" in text_of(client.get("/providers/"))
    client.post("/providers/sign-up/?provider=bank", values)
    client.post("/providers/sign-up/?provider=bank", values)
    run_jobs()
    account = ProviderAccount.objects.get(name="Bank two")
    assert account.credentials == {"username": "1000000001", "password": PASSWORD}
    assert "follow the link" in account.pause_reason
    assert Exchange.objects.filter(operation="sign up").count() == 1
    assert PASSWORD not in everything_stored()
    assert passwords.is_there(Job.objects.get())


def test_a_name_that_is_taken_opens_nothing(bank, client_for, admin):
    values = SIGN_UP | {"key": new_key(), "label": bank.name}
    answer = client_for(admin).post("/providers/sign-up/?provider=bank", values)
    assert answer.status_code == 422
    assert ProviderAccount.objects.count() == 2


def test_a_provider_that_opens_no_accounts_has_no_form(banks, client_for, admin):
    client = client_for(admin)
    for slug in ("kiosk", "nobody", ""):
        assert client.get(f"/providers/sign-up/?provider={slug}").status_code == 404
    assert client.get(f"/providers/{banks['kiosk'].pk}/recover/").status_code == 404


def test_recovery_is_mailed_once(send):
    job = send("recover", email="a@example.net")
    assert job.status == "succeeded"
    assert job.items.get().message == "Recovery email sent"
    entry = AuditEntry.objects.get(verb="portal.account.recovery_mailed")
    assert entry.after == {"email": "a@example.net"}


@pytest.fixture
def sandbox(tmp_path):
    with RunningSandbox(directory=tmp_path) as running:
        yield running


def test_voicetel_opens_accounts_and_no_secret_is_kept(sandbox, admin, run_jobs, db):
    account = factories.make_account(
        "voicetel",
        base_url=sandbox.url,
        credentials={"username": "2125550111", "password": "Sandbox9"},
    )
    job = jobs.submit(
        "portal.open_subaccount",
        actor=admin,
        account=account,
        params=NEW,
        items=[Item(target=f"account:{account.pk}")],
    )
    run_jobs()
    job.refresh_from_db()
    assert job.status == "succeeded", job.reason
    stored = everything_stored()
    username, password = passwords.take(job, actor=admin)
    assert username == "2125550188"
    assert len(password) == 10
    assert password not in stored


def test_what_a_provider_counts_of_a_client_is_named_in_words(client_for, viewer):
    account = factories.make_account("voip_innovations")
    row = {
        "ref": "7001",
        "name": "Example <b>",
        "details": {"didgroups": 2, "faxtoemails": 5, "x": ""},
    }
    AccountFact.objects.create(
        account=account,
        kind="clients",
        content={"rows": [row]},
        fetched_at=timezone.now(),
    )
    page = client_for(viewer).get(f"/providers/{account.pk}/accounts/").content.decode()
    assert "Example &lt;b&gt;" in page
    words = " ".join(re.sub("<[^>]+>", " ", page).split())
    assert "Groups of numbers 2 · Fax to e-mail 5" in words
