"""Lookups over a real socket: answers, what the balance pays, and an answer that is lost."""

from __future__ import annotations

import pytest

from inventory.lookups import KINDS
from inventory.models import Lookup
from inventory.operations.lookups import look_up
from inventory.services.lookups import LOST
from portal.models import Exchange, Job
from portal.sandbox.server import RunningSandbox
from portal.tasks import run_job
from tests.factories import make_account

TN_1, TN_2 = "+13125550101", "+13125550102"
CNAM = "lookups.cnam"


@pytest.fixture(scope="module")
def sandbox():
    with RunningSandbox(scale=0.05) as running:
        running.control("setting", key="voicetel.rate_limit", value="off")
        yield running


@pytest.fixture(autouse=True)
def no_faults_left(sandbox, monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)
    yield
    sandbox.control("fault/clear")


@pytest.fixture
def ask(sandbox, operator, run_jobs):
    def do(slug: str, kind: str, *tns: str) -> Job:
        account = make_account(slug, base_url=sandbox.url)
        caller = "+13125550188" if kind == "lrn" else ""
        job = look_up(KINDS[kind], tns, account=account, actor=operator, caller=caller)
        run_jobs()
        job.refresh_from_db()
        return job

    return do


@pytest.mark.parametrize(
    ("slug", "kind", "field"),
    [
        ("voicetel", "cnam", "name"),
        ("voicetel", "lrn", "carrier"),
        ("voicetel", "portable", "is_portable"),
        ("voip_innovations", "portable", "is_portable"),
    ],
)
def test_each_kind_is_answered(ask, slug, kind, field):
    job = ask(slug, kind, TN_1, TN_2)
    assert job.status == "succeeded", job.reason
    assert all(lookup.answer[field] for lookup in Lookup.objects.filter(kind=kind))
    assert Lookup.objects.count() == 2


def test_an_answer_that_is_lost_is_paid_once(ask, sandbox):
    sandbox.control("fault", provider="voicetel", operation=CNAM, fault="drop_after", times=1)
    job = ask("voicetel", "cnam", TN_1, TN_2)
    assert list(job.items.order_by("position").values_list("code", flat=True)) == [LOST, ""]
    assert Exchange.objects.filter(operation__contains="cnam").count() == 2


def test_a_garbled_answer_is_not_asked_for_again(ask, sandbox):
    sandbox.control("fault", provider="voicetel", operation=CNAM, fault="garbage", times=1)
    job = ask("voicetel", "cnam", TN_1)
    assert job.items.get().code == LOST
    assert Exchange.objects.filter(operation__contains="cnam").count() == 1
