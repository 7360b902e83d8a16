"""The main job at each of the four wires: hold, order, lost answers, refusals, giving back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.models import CarrierNumber, CartLine, TelephoneNumber
from inventory.operations.order import place_order
from inventory.operations.release import release
from inventory.operations.reserve import reserve
from portal import jobs
from portal.jobs.submit import new_key
from portal.models import Job
from portal.sandbox.server import RunningSandbox
from portal.tasks import run_job
from tests.factories import make_account

# The operation that buys, as the sandbox's log and faults name it.
BUYS = {
    "voip_innovations": "assignDID",
    "voicetel": "orders.create",
    "intelepeer": "my.tf.order",
    "custom_toll_free": "copyrecord",
}
SLUGS = list(BUYS)


@pytest.fixture(scope="module")
def sandbox():
    with RunningSandbox(scale=0.1) as running:
        running.control("setting", key="voicetel.rate_limit", value="off")
        running.control("setting", key="intelepeer.order_delay", value="0")
        yield running


@pytest.fixture(autouse=True)
def quiet(sandbox, monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)
    yield
    sandbox.control("fault/clear")


@pytest.fixture
def free_tns(sandbox):
    """Return a function that gives numbers of a provider that nobody has taken yet."""

    def find(slug: str, count: int) -> list[str]:
        rows = sandbox.store.query(
            "SELECT tn FROM number WHERE provider = ? AND status = 'available'"
            " AND substr(tn, 7) NOT LIKE '99%' AND network <> 'EXT' ORDER BY tn",
            (slug,),
        )
        return [f"+1{row['tn']}" for row in rows[:count]]

    return find


def settle(job: Job) -> Job:
    """Carry out a job until it is settled; waiting is skipped."""
    for _ in range(12):
        Job.objects.filter(pk=job.pk).update(run_after=timezone.now() - timedelta(seconds=1))
        jobs.execute(job.pk)
        job.refresh_from_db()
        if not job.is_open:
            break
    return job


def order(slug, sandbox, operator, tns):
    """Hold where the provider holds, order, and return the settled job at the provider."""
    account = make_account(slug, base_url=sandbox.url)
    lines = [CartLine.objects.create(user=operator, account=account, tn=tn) for tn in tns]
    for hold in reserve(lines, actor=operator, key=new_key()):
        settle(hold)
    lines = list(CartLine.objects.filter(user=operator, tn__in=tns))
    placed = place_order(lines, actor=operator, key=new_key())
    return placed, settle(placed.job.children.get())


def bought(sandbox, slug: str, tn: str) -> int:
    """Return how often the sandbox carried out a purchase of a number."""
    rows = sandbox.log(provider=slug, operation=BUYS[slug], tn=tn[2:])
    return sum(tn[2:] in row["done"] for row in rows)


@pytest.mark.parametrize("slug", SLUGS)
def test_held_ordered_filed(slug, sandbox, operator, free_tns):
    tns = free_tns(slug, 2)
    placed, job = order(slug, sandbox, operator, tns)
    assert job.status == "succeeded", [(i.status, i.code, i.message) for i in job.items.all()]
    assert set(TelephoneNumber.objects.filter(tn__in=tns).values_list("state", flat=True)) == {
        "stock"
    }
    assert CarrierNumber.objects.filter(tn__in=tns).count() == 2
    assert [bought(sandbox, slug, tn) for tn in tns] == [1, 1]
    placed.job.refresh_from_db()
    assert (placed.job.status, CartLine.objects.count()) == ("succeeded", 0)


@pytest.mark.parametrize("fault", ["drop_after", "garbage", "truncated"])
@pytest.mark.parametrize("slug", SLUGS)
def test_a_lost_answer_is_settled_without_a_second_purchase(
    slug, fault, sandbox, operator, free_tns
):
    (tn,) = free_tns(slug, 1)
    sandbox.control("fault", provider=slug, operation=BUYS[slug], fault=fault)
    _, job = order(slug, sandbox, operator, [tn])
    assert job.status == "succeeded", [(i.status, i.code, i.message) for i in job.items.all()]
    assert TelephoneNumber.objects.get(tn=tn).state == "stock"
    assert bought(sandbox, slug, tn) == 1


@pytest.mark.parametrize("slug", SLUGS)
def test_what_somebody_else_took_is_refused_with_words(slug, sandbox, operator, free_tns):
    taken, free = free_tns(slug, 2)
    sandbox.control("number", provider=slug, tn=taken[2:], status="foreign", account="")
    placed, job = order(slug, sandbox, operator, [taken, free])
    line = placed.lines.get(tn=taken)
    assert (line.status, bool(line.message)) == ("failed", True)
    assert not TelephoneNumber.objects.filter(tn=taken).exists()
    assert bought(sandbox, slug, taken) == 0
    assert job.status in {"partial", "failed"}


@pytest.mark.parametrize("slug", SLUGS)
def test_no_secret_reaches_an_exchange(slug, sandbox, operator, free_tns):
    _, job = order(slug, sandbox, operator, free_tns(slug, 1))
    account = job.account
    kept = " ".join(
        f"{e.url} {e.request_headers} {e.request_body} {e.reply_body} {e.note}"
        for e in job.exchanges.all()
    )
    assert kept
    for secret in account.credentials.values():
        assert secret not in kept.replace("sandbox.", "")


@pytest.mark.parametrize("slug", SLUGS)
def test_given_back(slug, sandbox, operator, free_tns):
    (tn,) = free_tns(slug, 1)
    order(slug, sandbox, operator, [tn])
    if slug == "custom_toll_free":  # live after 15 minutes, then disconnected, spare after aging
        sandbox.control("clock", advance="20m")
    number = TelephoneNumber.objects.get(tn=tn)
    (job,) = release([number], actor=operator, reason="not_needed", key=new_key())
    settle(job)
    number.refresh_from_db()
    item = job.items.get()
    assert job.status == "succeeded", (job.status, item.status, item.code, item.message)
    assert number.state == "released"
    assert not CarrierNumber.objects.filter(tn=tn).exists()
