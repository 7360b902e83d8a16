"""Sync on demand, the brake, and numbers that a provider lists and we do not."""

from __future__ import annotations

import pytest
from django.utils import timezone

from inventory.models import CarrierNumber, TelephoneNumber
from portal.models import AuditEntry, Job, ProviderAccount
from portal.providers.dto import OwnedNumber
from portal.tn import TN
from tests import factories
from tests.ledger.fake import fake
from tests.portal.pages import sql_count, text_of

__all__ = ["fake"]


@pytest.fixture
def account(db, fake) -> ProviderAccount:
    return ProviderAccount.objects.create(
        slug="fake", name="Fake account", base_url="http://127.0.0.1:9", calls_per_minute=10_000
    )


@pytest.fixture
def found(account) -> ProviderAccount:
    """Have the provider list two numbers that we lack."""
    for n in range(2):
        CarrierNumber.objects.create(
            account=account,
            tn=f"+1312555010{n}",
            state_word="assigned",
            rate_center="CHICAGO",
            region="IL",
            synced_at=timezone.now(),
        )
    return account


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
        assert ("apply the list all the same</button>" in page) is (user == admin)
    assert TelephoneNumber.objects.filter(state="stock").count() == 60


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


def test_findings_are_listed_by_provider(client_for, operator, found):
    other = factories.make_account(name="Other account")
    CarrierNumber.objects.create(account=other, tn="+14355550161", synced_at=timezone.now())
    client = client_for(operator)
    everything = text_of(client.get("/numbers/unknown/"))
    assert "(435) 555-0161" in everything
    assert "Choose a provider above" in everything
    one = text_of(client.get(f"/numbers/unknown/?account={found.pk}"))
    assert "(435) 555-0161" not in one
    assert "Take all 2 into stock" in one


@pytest.mark.parametrize("wanted", ["x", "999999", "%C2%B2"])
def test_findings_of_no_account_are_not_found(client_for, operator, found, wanted):
    assert client_for(operator).get(f"/numbers/unknown/?account={wanted}").status_code == 404


def test_findings_are_taken_into_stock_and_audited(client_for, operator, found):
    response = client_for(operator).post(
        "/numbers/unknown/import/", {"account": found.pk}, follow=True
    )
    assert "2 numbers are in stock now, at Fake account." in text_of(response)
    number = TelephoneNumber.objects.get(tn="+13125550100")
    assert (number.state, number.rate_center, number.sync_state) == ("stock", "CHICAGO", "in_sync")
    entry = AuditEntry.objects.get(verb="inventory.tn.imported", object_id=number.pk)
    assert (entry.actor, entry.object_text) == (operator, "(312) 555-0100")
    assert AuditEntry.objects.get(verb="inventory.unknown.imported").after == {"count": 2}


def test_taking_twice_changes_nothing(client_for, operator, found):
    client = client_for(operator)
    client.post("/numbers/unknown/import/", {"account": found.pk})
    again = client.post("/numbers/unknown/import/", {"account": found.pk}, follow=True)
    assert "Nothing was changed." in text_of(again)
    assert TelephoneNumber.objects.count() == 2


@pytest.mark.parametrize("wanted", ["", "x", "999999"])
def test_nothing_is_taken_without_an_account(client_for, operator, found, wanted):
    response = client_for(operator).post("/numbers/unknown/import/", {"account": wanted})
    assert response.status_code == 404
    assert not TelephoneNumber.objects.exists()


def test_home_forgets_its_count_when_they_are_taken_in(client_for, operator, found):
    client = client_for(operator)
    assert "2 numbers at a provider that we do not list" in text_of(client.get("/"))
    client.post("/numbers/unknown/import/", {"account": found.pk})
    assert "that we do not list" not in text_of(client.get("/"))


def test_nothing_unknown_says_so(client_for, operator, account):
    assert "Nothing unknown" in text_of(client_for(operator).get("/numbers/unknown/"))


@pytest.mark.parametrize("count", [10, 200])
def test_the_findings_take_few_queries_whatever_their_number(client_for, operator, account, count):
    for n in range(count):
        CarrierNumber.objects.create(
            account=account, tn=f"+1312555{n:04}", synced_at=timezone.now()
        )
    assert sql_count(client_for(operator), "/numbers/unknown/?size=250") <= 10
