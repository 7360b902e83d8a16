"""One provider in trouble: its sentence stands on the page, and the others' numbers still come."""

from __future__ import annotations

import html
import re

import pytest
from django.urls import reverse

from inventory.operations.search import start_search
from portal import jobs
from portal.jobs.submit import new_key
from portal.models import Job
from portal.providers.dto import SearchCriteria
from portal.sandbox.server import RunningSandbox
from tests.factories import make_account

OPERATIONS = {
    "voip_innovations": "getDIDs",
    "voicetel": "inventory.search",
    "intelepeer": "carrier.tf.search",
    "custom_toll_free": "search",
}
LOCAL = SearchCriteria(npa="312", quantity=20)
TOLL_FREE = SearchCriteria(is_toll_free=True, npa="888", contains="226", quantity=20)
# (slug in trouble, slug that must still answer, what is looked for)
PAIRS = [
    ("voip_innovations", "voicetel", LOCAL),
    ("voicetel", "voip_innovations", LOCAL),
    ("intelepeer", "custom_toll_free", TOLL_FREE),
    ("custom_toll_free", "intelepeer", TOLL_FREE),
]
FAULTS = {
    "drop_before": "broke off",
    "garbage": "not",
    "rate_limit": "often",
    "http_500": "internal error",
}


@pytest.fixture(scope="module")
def sandbox():
    with RunningSandbox(scale=0.3) as running:
        # Each test has accounts of its own, which sign in for themselves.
        running.control("setting", key="voicetel.rate_limit", value="off")
        yield running


@pytest.fixture(autouse=True)
def no_faults_left(sandbox):
    yield
    sandbox.control("fault/clear")


@pytest.fixture
def search(sandbox, operator, client_for):
    """Return a function that searches at two accounts and gives the page of results as text."""

    def run(troubled: str, healthy: str, criteria: SearchCriteria, **fields) -> str:
        accounts = [
            make_account(troubled, name="The troubled one", base_url=sandbox.url, **fields)
            if "base_url" not in fields
            else make_account(troubled, name="The troubled one", **fields),
            make_account(healthy, name="The healthy one", base_url=sandbox.url),
        ]
        found = start_search(criteria, actor=operator, accounts=accounts, key=new_key())
        for child in found.job.children.all():
            for _ in range(3):
                Job.objects.filter(pk=child.pk).update(run_after=child.created_at)
                jobs.execute(child.pk)
        page = client_for(operator).get(reverse("inventory:search-detail", args=[found.pk]))
        assert page.status_code == 200
        return html.unescape(re.sub(r"\s+", " ", page.content.decode()))

    return run


def _sentence(page: str, account: str) -> str:
    """Return what the page says under an account's name."""
    part = page.split(f'class="nd-part-name">{account}<')[1]
    return re.sub(r"<[^>]+>", " ", part.split('class="nd-part"')[0])


@pytest.mark.parametrize(("troubled", "healthy", "criteria"), PAIRS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_and_the_others_answer(
    search, sandbox, troubled, healthy, criteria, fault
):
    sandbox.control(
        "fault", provider=troubled, operation=OPERATIONS[troubled], fault=fault, times=-1
    )
    page = search(troubled, healthy, criteria)
    said = _sentence(page, "The troubled one")
    assert FAULTS[fault] in said, said
    assert said.rstrip().count(".") >= 1
    assert page.count('id="offer-row-') > 0


@pytest.mark.parametrize(("troubled", "healthy", "criteria"), PAIRS)
def test_a_provider_that_is_down_is_named(search, troubled, healthy, criteria):
    page = search(troubled, healthy, criteria, base_url="http://127.0.0.1:9")
    assert "could not be reached" in _sentence(page, "The troubled one")
    assert page.count('id="offer-row-') > 0


@pytest.mark.parametrize(("troubled", "healthy", "criteria"), PAIRS)
def test_refused_credentials_are_named_and_the_account_is_paused(
    search, troubled, healthy, criteria
):
    wrong = {"login": "x", "secret": "wrong-secret", "username": "2125550100"}
    wrong |= {"password": "Wrong1234", "key": "WRONGKEY"}
    page = search(troubled, healthy, criteria, credentials=wrong)
    said = _sentence(page, "The troubled one")
    assert re.search("sign-in|password|key", said), said
    assert "wrong-secret" not in page
    assert "Wrong1234" not in page
    assert page.count('id="offer-row-') > 0


def test_a_slow_one_keeps_searching_while_the_others_show(sandbox, operator, client_for):
    slow = make_account("voip_innovations", name="The slow one", base_url=sandbox.url)
    quick = make_account("voicetel", name="The quick one", base_url=sandbox.url)
    found = start_search(LOCAL, actor=operator, accounts=[slow, quick], key=new_key())
    jobs.execute(found.job.children.get(account=quick).pk)
    page = client_for(operator).get(reverse("inventory:search-detail", args=[found.pk]))
    text = html.unescape(page.content.decode())
    assert "data-poll" in text
    assert "Waiting" in _sentence(text, "The slow one")
    assert "20 found" in _sentence(text, "The quick one")
    assert text.count('id="offer-row-') == 20
