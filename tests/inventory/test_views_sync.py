"""Sync on demand, and the brake."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from inventory.models import TelephoneNumber
from portal.jobs.submit import new_key
from portal.models import Job, ProviderAccount
from portal.providers.dto import OwnedNumber
from portal.providers.errors import ProviderProtocolError
from portal.tn import TN
from tests.ledger.fake import fake
from tests.portal.pages import text_of

__all__ = ["fake"]


@pytest.fixture
def account(db, fake) -> ProviderAccount:
    return ProviderAccount.objects.create(
        slug="fake", name="Fake account", base_url="http://127.0.0.1:9", calls_per_minute=10_000
    )


def listing(count: int) -> list[OwnedNumber]:
    return [OwnedNumber(tn=TN(f"+13125550{n:03}"), rate_center="CHICAGO") for n in range(count)]


def test_two_clicks_make_one_sync(client_for, operator, account):
    client = client_for(operator)
    first, second = (client.post(f"/providers/{account.pk}/sync/")["Location"] for _ in range(2))
    assert first == second == f"/jobs/{Job.objects.get().pk}/"


def test_a_sync_shows_what_it_did(client_for, operator, account, fake, run_jobs):
    fake.listed = listing(60)
    client = client_for(operator)
    address = client.post(f"/providers/{account.pk}/sync/")["Location"]
    run_jobs()
    page = text_of(client.get(address))
    assert "Taken into stock</dt><dd>60<" in page.replace("\n", "")


@pytest.fixture
def braked(client_for, operator, account, fake, run_jobs) -> Job:
    """Return a sync that the brake stopped: half of the numbers are gone from the list."""
    client = client_for(operator)
    for count in (60, 20):
        fake.listed = listing(count)
        client.post(f"/providers/{account.pk}/sync/")
        run_jobs()
    return Job.objects.order_by("-pk").first()


def test_the_brake_says_what_was_not_done(client_for, operator, admin, braked):
    assert braked.status == "failed"
    for user in (operator, admin):
        page = text_of(client_for(user).get(f"/jobs/{braked.pk}/"))
        assert "no longer holds 40. Nothing was applied." in page
        assert ("apply it all the same</button>" in page) is (user == admin)
        assert "(312) 555-0020</span>" in page
    assert TelephoneNumber.objects.filter(state="stock").count() == 60


def test_home_says_that_a_list_was_not_applied_until_one_is(
    client_for, operator, admin, account, braked, run_jobs
):
    title = "The list of Fake account was not applied"
    page = text_of(client_for(operator).get("/"))
    assert title in page
    assert f'href="/jobs/{braked.pk}/"' in page
    client_for(admin).post(f"/providers/{account.pk}/sync/", {"force": "1"})
    run_jobs()
    cache.clear()
    assert title not in text_of(client_for(operator).get("/"))


def test_only_an_administrator_overrules_the_brake(
    client_for, operator, admin, account, braked, run_jobs
):
    address = f"/providers/{account.pk}/sync/"
    assert client_for(operator).post(address, {"force": "1"}).status_code == 403
    assert Job.objects.count() == 2
    client_for(admin).post(address, {"force": "1"})
    run_jobs()
    forced = Job.objects.order_by("-pk").first()
    assert (forced.status, forced.actor, forced.result["absent"]) == ("succeeded", admin, 40)


def test_a_forced_sync_that_failed_is_not_forced_again_by_an_operator(
    client_for, operator, admin, account, braked, fake, run_jobs
):
    fake.script = [ProviderProtocolError("the list broke off")]
    client_for(admin).post(f"/providers/{account.pk}/sync/", {"force": "1"})
    run_jobs()
    failed = Job.objects.order_by("-pk").first()
    response = client_for(operator).post(
        f"/jobs/{failed.pk}/retry/", {"key": new_key()}, follow=True
    )
    assert "Only an administrator applies a list" in text_of(response)
    assert Job.objects.order_by("-pk").first() == failed


def test_a_force_beside_an_open_sync_says_that_nothing_was_forced(
    client_for, admin, operator, account
):
    client_for(operator).post(f"/providers/{account.pk}/sync/")
    response = client_for(admin).post(f"/providers/{account.pk}/sync/", {"force": "1"}, follow=True)
    assert "nothing was forced" in text_of(response)


def test_an_account_without_a_list_is_not_synced(client_for, operator, account, monkeypatch):
    from portal import providers

    monkeypatch.setattr(providers, "offers", lambda slug, capability: False)
    monkeypatch.setattr(providers, "why_not", lambda slug, capability: "It lists nothing.")
    response = client_for(operator).post(f"/providers/{account.pk}/sync/", follow=True)
    assert "It lists nothing. Nothing was sent." in text_of(response)
    assert not Job.objects.exists()
