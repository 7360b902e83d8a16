"""Giving numbers back: the number's page says whether it can go, the preview what goes."""

from __future__ import annotations

import pytest

from inventory.models import TelephoneNumber
from portal.jobs.submit import new_key
from portal.models import AuditEntry, Job, JobItem, ProviderAccount
from tests import factories
from tests.portal.pages import text_of

TN = "+13125550142"
PAGE = f"/numbers/{TN}/"


@pytest.fixture
def account(db) -> ProviderAccount:
    return factories.make_account(name="VoiceTel main")


@pytest.fixture
def number(account, lakeside) -> TelephoneNumber:
    return factories.make_tn(TN, account=account, customer=lakeside)


def test_the_page_says_who_takes_it_back_or_why_it_cannot_go(client_for, operator, number, stock):
    client = client_for(operator)
    page = text_of(client.get(f"/numbers/{stock[0].tn}/"))
    assert "VoIP Innovations takes it back for good; nobody can undo that." in page
    assert "/numbers/release/?tn=%2B13125550100" in page
    assert "Only stock and aging numbers can be given back." in text_of(client.get(PAGE))


@pytest.fixture
def stock(account) -> list[TelephoneNumber]:
    return [factories.make_tn(f"+1312555010{n}", account=account) for n in range(3)]


def sent(*tns: str, typed: str, **fields: str) -> dict[str, object]:
    return {"tn": list(tns), "typed": typed, "reason": "not_needed", "key": new_key()} | fields


def test_the_preview_says_what_goes_and_what_to_type(client_for, operator, stock):
    client = client_for(operator)
    one = text_of(client.get("/numbers/release/?tn=%2B13125550101"))
    assert "Type 0101 to confirm" in one
    assert "VoIP Innovations takes it back for good. Nobody can undo that." in one
    three = text_of(client.get("/numbers/release/?all=1&filters=state%3Dstock"))
    assert "Type 3 to confirm" in three
    assert "3 numbers at VoiceTel main" in three


def test_numbers_go_once_typed_and_confirmed(client_for, operator, stock, settings):
    settings.APPROVAL_ABOVE = 0
    tns = [number.tn for number in stock]
    response = client_for(operator).post("/numbers/release/", sent(*tns, typed="3"))
    job = Job.objects.get(kind="inventory.release_tns")
    assert response["Location"] == f"/jobs/{job.pk}/"
    assert sorted(job.items.values_list("target", flat=True)) == tns
    assert set(TelephoneNumber.objects.values_list("state", flat=True)) == {"releasing"}
    entry = AuditEntry.objects.filter(verb="inventory.tn.releasing").first()
    assert (entry.actor, entry.reason) == (operator, "Not needed any more")


def test_the_same_form_twice_gives_back_once(client_for, operator, stock):
    form = sent(stock[0].tn, typed="0100")
    client = client_for(operator)
    first, second = (client.post("/numbers/release/", form)["Location"] for _ in range(2))
    assert first == second
    assert Job.objects.count() == 1


def test_numbers_at_several_accounts_are_several_jobs(client_for, operator, stock, settings):
    settings.APPROVAL_ABOVE = 0
    other = factories.make_tn("+14355550161", account=factories.make_account())
    form = sent(stock[0].tn, other.tn, typed="2")
    response = client_for(operator).post("/numbers/release/", form, follow=True)
    assert Job.objects.count() == 2
    assert "2 numbers are being given back, by one job for each" in text_of(response)


@pytest.mark.parametrize(
    "wrong",
    [{"typed": "0101"}, {"typed": ""}, {"typed": "yes"}, {"reason": ""}, {"reason": "because"}],
)
def test_a_wrong_confirmation_gives_nothing_back(client_for, operator, stock, wrong):
    form = sent(stock[0].tn, typed="0100") | wrong
    response = client_for(operator).post("/numbers/release/", form)
    assert response.status_code == 422
    assert 'name="tns" value="+13125550100"' in text_of(response)
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"deletion_lock": True}, "has a deletion lock."),
        ({"state": "port_out"}, "Only stock and aging numbers can be given back."),
    ],
)
def test_what_stands_in_the_way_is_said_before_and_after(
    client_for, operator, stock, fields, sentence
):
    TelephoneNumber.objects.filter(pk=stock[0].pk).update(**fields)
    client = client_for(operator)
    preview = client.get("/numbers/release/?tn=%2B13125550100")
    assert sentence in text_of(preview)
    assert "It cannot be given back now" in text_of(preview)
    assert "Give back for good" not in text_of(preview)
    form = sent(stock[0].tn, stock[1].tn, typed="2")
    response = client.post("/numbers/release/", form)
    assert response.status_code == 409
    assert sentence in text_of(response)
    assert not Job.objects.exists()  # all or nothing


def test_what_can_go_is_given_back_without_what_cannot(client_for, operator, stock):
    TelephoneNumber.objects.filter(pk=stock[0].pk).update(e911_state="verified")
    TelephoneNumber.objects.filter(pk=stock[1].pk).update(deletion_lock=True)
    client = client_for(operator)
    page = text_of(client.get("/numbers/release/?all=1&filters="))
    assert "1 number: it has an E911 record." in page
    assert "1 number: it has a deletion lock." in page
    assert "2 of 3" in page
    assert f'name="tns" value="{stock[2].tn}"' in page
    assert "Type 0102 to confirm" in page
    client.post("/numbers/release/", sent(stock[2].tn, typed="0102"))
    assert Job.objects.get().items.get().target == stock[2].tn


def test_stock_can_be_set_aside_instead(client_for, operator, stock):
    client = client_for(operator)
    page = text_of(client.get("/numbers/release/?all=1&filters=state%3Dstock"))
    address = "/numbers/out/?all=1&filters=state%3Dstock&after=release"
    assert address.replace("&", "&amp;") in page
    assert '<option value="release" selected>' in text_of(client.get(address))


def test_a_number_in_an_open_job_cannot_go(client_for, operator, stock):
    job = factories.make_job(
        account=stock[0].account, status="unknown", kind="inventory.release_tns"
    )
    JobItem.objects.create(job=job, position=0, target=stock[0].tn, status="unknown", is_lock=True)
    response = client_for(operator).post("/numbers/release/", sent(stock[0].tn, typed="0100"))
    assert response.status_code == 409
    assert f"is part of job {job.pk}" in text_of(response)
    assert TelephoneNumber.objects.get(pk=stock[0].pk).state == "stock"


@pytest.mark.parametrize("address", ["/numbers/release/", "/numbers/release/?tn=x&tn=%00"])
def test_no_choice_gives_nothing_back(client_for, operator, stock, address):
    response = client_for(operator).get(address, follow=True)
    assert "nothing is given back" in text_of(response)


def test_a_mistyped_filter_never_means_everything(client_for, operator, stock):
    response = client_for(operator).get("/numbers/release/?all=1&filters=state%3Dstok")
    assert response["Location"] == "/numbers/"


def test_more_than_the_limit_is_refused(client_for, operator, stock, monkeypatch):
    from inventory import release_page

    monkeypatch.setattr(release_page, "LIMIT", 2)
    client = client_for(operator)
    page = text_of(client.get("/numbers/release/?all=1&filters="))
    assert "These are more than 2 numbers." in page
    tns = [number.tn for number in stock]
    assert client.post("/numbers/release/", sent(*tns, typed="3")).status_code == 422
    assert not Job.objects.exists()
