"""The extended inventory: searched beside the usual stock, and bought by its own operation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.models import CartLine, SearchOffer, TelephoneNumber
from inventory.operations.order import place_order
from inventory.operations.reserve import reserve
from inventory.operations.search import extended_tns, start_search
from portal import jobs
from portal.jobs.submit import new_key
from portal.models import Job
from portal.providers.dto import SearchCriteria
from portal.sandbox.server import RunningSandbox
from portal.tasks import run_job
from tests.factories import make_account


@pytest.fixture(scope="module")
def sandbox():
    with RunningSandbox(scale=0.1) as running:
        yield running


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


def settle_all() -> None:
    for _ in range(10):
        due = Job.objects.open().filter(is_group=False)
        for pk in list(due.values_list("pk", flat=True)):
            Job.objects.filter(pk=pk).update(run_after=timezone.now() - timedelta(seconds=1))
            jobs.execute(pk)


def found(actor, accounts, *, is_extended: bool, npa: str):
    criteria = SearchCriteria(npa=npa, quantity=5)
    search = start_search(
        criteria, actor=actor, accounts=accounts, key=new_key(), is_extended=is_extended
    )
    settle_all()
    return search


@pytest.fixture
def npa(sandbox) -> str:
    """Return an area code in which the extended stock has numbers."""
    (row, *_) = sandbox.store.query(
        "SELECT substr(tn, 1, 3) AS npa FROM number WHERE provider = 'voip_innovations'"
        " AND status = 'available' AND network = 'Peerless' ORDER BY tn LIMIT 1"
    )
    return row["npa"]


def test_it_is_searched_and_bought_by_its_own_operation(sandbox, operator, npa):
    vi = make_account("voip_innovations", base_url=sandbox.url)
    voicetel = make_account("voicetel", base_url=sandbox.url)
    search = found(operator, [vi, voicetel], is_extended=True, npa=npa)
    assert [entry["reason"] for entry in search.left_out] == ["VoiceTel has one stock only."]
    offer = SearchOffer.objects.filter(search=search).first()
    assert offer.network == "Peerless"
    line = CartLine.objects.create(user=operator, account=vi, tn=offer.tn)
    placed = place_order([line], actor=operator, key=new_key())
    settle_all()
    placed.job.refresh_from_db()
    assert placed.job.status == "succeeded", [i.message for i in placed.lines.all()]
    assert TelephoneNumber.objects.get(tn=offer.tn).state == "stock"
    calls = sandbox.log(provider="voip_innovations", tn=offer.tn[2:])
    assert "assignDIDExtended" in {row["operation"] for row in calls}
    assert "assignDID" not in {row["operation"] for row in calls}


def test_it_is_held_like_other_stock_and_bought_out_of_the_hold(sandbox, operator, npa):
    """The wire has one way to hold; where it says no, the number can still be ordered as it is."""
    vi = make_account("voip_innovations", base_url=sandbox.url)
    search = found(operator, [vi], is_extended=True, npa=npa)
    taken, other = SearchOffer.objects.filter(search=search).order_by("-tn")[:2]
    fault = {"provider": "voip_innovations", "operation": "reserveDID", "fault": "refuse"}
    sandbox.control("fault", **fault, match_tn=other.tn[-4:])
    lines = [CartLine.objects.create(user=operator, account=vi, tn=o.tn) for o in (taken, other)]
    for line in lines:
        reserve([line], actor=operator, key=new_key())
    settle_all()
    for line in lines:
        line.refresh_from_db()
    assert (lines[0].hold, lines[1].hold) == ("active", "failed")
    assert lines[0].expires_at is not None
    placed = place_order(lines, actor=operator, key=new_key())
    settle_all()
    placed.job.refresh_from_db()
    assert placed.job.status == "succeeded", [i.message for i in placed.lines.all()]
    assert TelephoneNumber.objects.filter(tn__in=[taken.tn, other.tn], state="stock").count() == 2
    calls = {row["operation"] for row in sandbox.log(provider="voip_innovations", tn=taken.tn[2:])}
    assert {"reserveDID", "assignDIDExtended"} <= calls
    assert "assignDID" not in calls


def test_what_cannot_be_searched_there_says_so(operator, sandbox):
    vi = make_account("voip_innovations", base_url=sandbox.url)
    criteria = SearchCriteria(state="IL")
    search = start_search(criteria, actor=operator, accounts=[vi], key=new_key(), is_extended=True)
    assert "area code" in search.left_out[0]["reason"]
    assert search.job is None


def test_the_last_offer_decides_which_stock_a_number_is_of(operator):
    account = make_account()
    line = CartLine(user=operator, account=account, tn="+13125550142")
    assert extended_tns([line]) == set()
    for is_extended in (False, True, False):
        search = start_search(
            SearchCriteria(npa="312"),
            actor=operator,
            accounts=[],
            key=new_key(),
            is_extended=is_extended,
        )
        SearchOffer.objects.create(
            search=search, account=account, tn=line.tn, seen_at=timezone.now()
        )
        assert bool(extended_tns([line])) is is_extended


def test_the_form_offers_it(client_for, operator, sandbox):
    vi = make_account("voip_innovations", base_url=sandbox.url)
    client = client_for(operator)
    form = {"kind": "local", "npa": "312", "quantity": "5", "accounts": [vi.pk], "key": "k"}
    answer = client.post("/find/", form | {"is_extended": "on"})
    assert Job.objects.get(is_group=False).kind == "inventory.search_extended"
    page = client.get(answer["Location"]).content.decode()
    assert "Extended inventory" in page
    assert "is_extended=True" in page
    usual = client.post("/find/", form | {"key": "k2"})
    assert "is_extended" not in client.get(usual["Location"]).content.decode()
