"""Provider accounts: health and budgets, settings with write-only secrets, pause and resume."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.models import (
    AuditEntry,
    BudgetSpend,
    Exchange,
    Job,
    ProviderAccount,
    ProviderToken,
)
from tests import factories
from tests.portal.pages import sql_count, text_of

SECRET = "a-secret-that-nobody-shows"


@pytest.fixture
def account(db) -> ProviderAccount:
    credentials = {"login": "the-login", "secret": SECRET}
    return factories.make_account(name="Main account", credentials=credentials)


@pytest.fixture
def form_values(account) -> dict[str, str]:
    """Return the settings form as the page draws it."""
    return {
        "name": account.name,
        "base_url": account.base_url,
        "is_enabled": "on",
        "is_sandbox": "on",
        "calls_per_minute": "10000",
        "sync_interval_minutes": "60",
        "setting_endpoint_group": "13550",
    }


def call(account: ProviderAccount, **fields) -> Exchange:
    fields = {"outcome": "answered", "seconds": 0.25, "is_write": False} | fields
    return Exchange.objects.create(
        account=account, operation="getDIDs", method="POST", url="/", **fields
    )


def test_the_list_shows_health_calls_and_budget(client_for, viewer, account):
    call(account)
    call(account, outcome="timeout", seconds=None)
    expires = timezone.now() + timedelta(minutes=1)
    for _ in range(3):
        BudgetSpend.objects.create(
            scope=f"account:{account.pk}", bucket="calls", allowed=120, expires_at=expires
        )
    factories.make_job(account=account, status="waiting")
    page = text_of(client_for(viewer).get("/providers/"))
    for shown in (
        "Main account",
        "All calls: 3 of 120",
        "1 failed",
        "0.2 s",
        f"account={account.pk}",
    ):
        assert shown in page


def test_a_budget_counted_by_address_shows_on_every_account_of_the_provider(
    client_for, viewer, account
):
    other = factories.make_account(name="Second account")
    BudgetSpend.objects.create(
        scope="source:voip_innovations",
        bucket="getInventory",
        allowed=1,
        expires_at=timezone.now() + timedelta(hours=1),
    )
    client = client_for(viewer)
    for one in (account, other):
        page = text_of(client.get(f"/providers/{one.pk}/"))
        assert "getInventory" in page
        assert "1 of 1 used; calls wait" in page
        assert "all accounts share it" in page


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_takes_few_queries_whatever_its_length(client_for, viewer, account, count):
    for _ in range(count):
        call(factories.make_account())
    assert sql_count(client_for(viewer), "/providers/") <= 10


def test_an_empty_list_says_what_to_do(client_for, viewer):
    assert "No provider account yet" in text_of(client_for(viewer).get("/providers/"))


def test_the_page_says_what_is_offered_and_why_not(client_for, viewer, account, monkeypatch):
    from portal import providers

    reason = "It has no list of routes."
    monkeypatch.setattr(
        providers, "why_not", lambda slug, name: reason if name == "route_list" else ""
    )
    page = text_of(client_for(viewer).get(f"/providers/{account.pk}/"))
    assert "Order numbers" in page
    assert reason in page
    assert "1 that it does not, and why" in page


def test_answer_times_and_failures_of_the_account_are_drawn(client_for, viewer, account):
    other = factories.make_account(name="Other account")
    for row, outcome in ((account, "answered"), (account, "timeout"), (other, "timeout")):
        Exchange.objects.create(
            account=row,
            operation="getDIDs",
            is_write=False,
            method="POST",
            outcome=outcome,
            seconds=0.2,
        )
    page = text_of(client_for(viewer).get(f"/providers/{account.pk}/"))
    assert 'data-plot="plot-latency"' in page
    assert 'data-plot="plot-failures"' in page
    assert "Other account" not in page


def test_a_viewer_gets_no_button(client_for, viewer, operator, account):
    page = text_of(client_for(viewer).get(f"/providers/{account.pk}/"))
    for button in ("Test call</button>", "Sync now", "Pause all calls", "/edit/"):
        assert button not in page
    page = text_of(client_for(operator).get(f"/providers/{account.pk}/"))
    assert "Sync now" in page
    assert "Pause all calls" not in page


@pytest.mark.parametrize("path", ["", "edit/"])
def test_no_secret_is_ever_rendered(client_for, admin, account, path):
    ProviderToken.objects.create(account=account, name="session", token="token-not-to-show")
    page = text_of(client_for(admin).get(f"/providers/{account.pk}/{path}"))
    for hidden in (SECRET, "the-login", "token-not-to-show"):
        assert hidden not in page


def test_the_back_office_shows_no_secret(client_for, admin, account):
    page = text_of(
        client_for(admin).get(f"/back-office/portal/provideraccount/{account.pk}/change/")
    )
    assert "Main account" in page
    assert SECRET not in page


def test_secrets_left_empty_stay_and_others_are_replaced(client_for, admin, account, form_values):
    token = ProviderToken.objects.create(account=account, name="session", token="old")
    client = client_for(admin)
    client.post(f"/providers/{account.pk}/edit/", form_values)
    account.refresh_from_db()
    assert account.credentials == {"login": "the-login", "secret": SECRET}
    assert ProviderToken.objects.filter(pk=token.pk).exists()
    client.post(f"/providers/{account.pk}/edit/", form_values | {"secret_secret": "newer"})
    account.refresh_from_db()
    assert account.credentials == {"login": "the-login", "secret": "newer"}
    assert not ProviderToken.objects.filter(pk=token.pk).exists()


def test_secrets_are_stored_encrypted(account):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT credentials FROM portal_provideraccount WHERE id = %s", [account.pk])
        assert SECRET not in str(cursor.fetchone()[0])


def test_a_change_is_audited_before_and_after_without_secrets(
    client_for, admin, account, form_values
):
    values = form_values | {"calls_per_minute": "60", "secret_secret": "newer"}
    response = client_for(admin).post(f"/providers/{account.pk}/edit/", values)
    assert response.status_code == 302
    entry = AuditEntry.objects.get(verb="portal.account.changed")
    assert entry.before == {"calls_per_minute": "10000"}
    assert entry.after == {"calls_per_minute": "60", "secret_secret": "(changed)"}


def test_saving_nothing_audits_nothing(client_for, admin, account, form_values):
    client_for(admin).post(f"/providers/{account.pk}/edit/", form_values)
    assert not AuditEntry.objects.filter(verb="portal.account.changed").exists()


def test_saving_leaves_what_a_worker_noted_meanwhile(client_for, admin, account, form_values):
    """The form is read, a worker notes a failure, the form is saved: the failure stays."""
    from portal.forms import ProviderAccountForm
    from portal.services import save_account

    values = form_values | {"name": "New name"}
    form = ProviderAccountForm(values, instance=account, slug=account.slug)
    assert form.is_valid(), form.errors
    ProviderAccount.objects.filter(pk=account.pk).update(failure_count=3)
    save_account(form, actor=admin)
    account.refresh_from_db()
    assert (account.name, account.failure_count) == ("New name", 3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"base_url": "ftp://127.0.0.1"},
        {"base_url": "javascript:alert(1)"},
        {"calls_per_minute": "many"},
        {"calls_per_minute": "-1"},
        {"setting_endpoint_group": "x" * 101},
    ],
)
def test_wrong_settings_are_refused_and_nothing_is_saved(
    client_for, admin, account, form_values, wrong
):
    response = client_for(admin).post(f"/providers/{account.pk}/edit/", form_values | wrong)
    page = text_of(response)
    assert response.status_code == 422
    assert "Nothing was saved." in page
    assert "Settings of Main account" in page
    account.refresh_from_db()
    assert account.base_url == "http://127.0.0.1:9"


def test_two_accounts_cannot_have_one_name(client_for, admin, account, form_values):
    factories.make_account(name="Taken")
    response = client_for(admin).post(
        f"/providers/{account.pk}/edit/", form_values | {"name": "Taken"}
    )
    assert response.status_code == 422


def test_an_account_is_added_with_its_secrets(client_for, admin, db):
    client = client_for(admin)
    address = "/providers/add/?provider=voip_innovations"
    page = text_of(client.get(address))
    assert "New VoIP Innovations account" in page
    assert 'type="password"' in page
    values = {
        "name": "Fresh",
        "base_url": "https://127.0.0.1/soap",
        "is_enabled": "on",
        "calls_per_minute": "60",
        "sync_interval_minutes": "60",
        "secret_login": "a",
        "secret_secret": SECRET,
        "setting_endpoint_group": "1",
    }
    response = client.post(address, values)
    fresh = ProviderAccount.objects.get(name="Fresh")
    assert response["Location"] == f"/providers/{fresh.pk}/"
    assert (fresh.slug, fresh.credentials["secret"]) == ("voip_innovations", SECRET)
    entry = AuditEntry.objects.get(verb="portal.account.added")
    assert SECRET not in str(entry.after)


def test_an_account_without_its_secrets_is_refused(client_for, admin, db):
    response = client_for(admin).post("/providers/add/?provider=voip_innovations", {"name": "x"})
    assert response.status_code == 422
    assert not ProviderAccount.objects.exists()


def test_there_is_no_account_of_a_provider_that_we_do_not_know(client_for, admin):
    assert client_for(admin).get("/providers/add/?provider=nobody").status_code == 404


def test_a_test_call_is_a_job(client_for, operator, account):
    response = client_for(operator).post(f"/providers/{account.pk}/test/")
    job = Job.objects.get(kind="inventory.check_account")
    assert response["Location"] == f"/jobs/{job.pk}/"
    assert (job.actor, job.account) == (operator, account)


def test_two_clicks_make_one_test_call(client_for, operator, account):
    client = client_for(operator)
    first, second = (client.post(f"/providers/{account.pk}/test/")["Location"] for _ in range(2))
    assert first == second


def test_a_pause_needs_a_reason(client_for, admin, account):
    response = client_for(admin).post(f"/providers/{account.pk}/pause/", {"reason": " "})
    assert response.status_code == 422
    assert "has-error" in text_of(response)
    account.refresh_from_db()
    assert account.paused_at is None


def test_a_pause_is_read_everywhere_and_audited(client_for, admin, viewer, account):
    client_for(admin).post(f"/providers/{account.pk}/pause/", {"reason": "Works at the carrier"})
    entry = AuditEntry.objects.get(verb="portal.account.paused")
    assert (entry.actor, entry.reason) == (admin, "Works at the carrier")
    client = client_for(viewer)
    for url in (f"/providers/{account.pk}/", "/providers/", "/"):
        assert "Works at the carrier" in text_of(client.get(url)), url
    assert "Calls are paused" in text_of(client.get(f"/providers/{account.pk}/"))


def test_an_open_breaker_says_when_the_next_call_is_tried(client_for, admin, account):
    ProviderAccount.objects.filter(pk=account.pk).update(
        breaker="open",
        breaker_until=timezone.now() + timedelta(minutes=4),
        failure_count=5,
        last_failure="No connection",
        last_failure_at=timezone.now(),
    )
    page = text_of(client_for(admin).get(f"/providers/{account.pk}/"))
    assert "Calls are paused after repeated failures." in page
    assert "No connection" in page
    assert "One call is tried" in page
    assert "Resume calls" in page
    assert "Pause all calls" not in page


def test_resume_closes_the_breaker_and_ends_the_pause(client_for, admin, account):
    ProviderAccount.objects.filter(pk=account.pk).update(
        breaker="open", failure_count=5, opened_count=2, paused_at=timezone.now(), pause_reason="x"
    )
    response = client_for(admin).post(f"/providers/{account.pk}/resume/", follow=True)
    account.refresh_from_db()
    assert "go on." in text_of(response)
    assert (account.breaker, account.failure_count, account.paused_at) == ("closed", 0, None)
    assert AuditEntry.objects.get(verb="portal.account.resumed").before["pause_reason"] == "x"


def test_a_paused_account_sends_nothing(client_for, admin, operator, account, run_jobs):
    client_for(admin).post(f"/providers/{account.pk}/pause/", {"reason": "Works at the carrier"})
    client_for(operator).post(f"/providers/{account.pk}/test/")
    job = Job.objects.get()
    run_jobs(rounds=1)
    job.refresh_from_db()
    assert "Works at the carrier" in job.reason
    assert not Exchange.objects.exists()


@pytest.mark.parametrize(
    ("reason", "is_paused"),
    [("the provider refused our credentials", False), ("Works at the carrier", True)],
)
def test_new_secrets_end_a_pause_for_refused_ones(
    client_for, admin, account, form_values, reason, is_paused
):
    ProviderAccount.objects.filter(pk=account.pk).update(
        paused_at=timezone.now(), pause_reason=reason
    )
    url, client = f"/providers/{account.pk}/edit/", client_for(admin)
    client.post(url, form_values)
    account.refresh_from_db()
    assert account.paused_at is not None  # nothing was mended by this
    client.post(url, form_values | {"secret_secret": "another-secret"})
    account.refresh_from_db()
    assert (account.paused_at is not None) == is_paused
    assert AuditEntry.objects.filter(verb="portal.account.resumed").exists() != is_paused
