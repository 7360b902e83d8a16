"""A port whose worker is killed: submitted and paid once, whatever breaks between request and reply."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest

from portal import jobs
from portal.celery import app
from portal.models import Job
from portal.sandbox.server import RunningSandbox
from porting import operations, services
from porting.models import PortOrder
from tests.factories import make_account, make_port, make_user
from tests.ledger.test_faults import hold_budget, lose_all_messages, status
from tests.ledger.world import Worker, database_url, environment, eventually

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
TNS = ("+12125553901", "+12125553902")


@pytest.fixture
def sandbox(tmp_path):
    with RunningSandbox(directory=tmp_path / "sandbox", scale=0.05) as running:
        yield running


@pytest.fixture(autouse=True)
def real_broker():
    """Send messages to the broker instead of running them here, and leave it empty."""
    before = app.conf.task_always_eager
    app.conf.task_always_eager = False
    lose_all_messages()
    yield
    lose_all_messages()
    app.conf.task_always_eager = before


@pytest.fixture
def workers(tmp_path):
    """Return a function that starts a worker; all are killed at the end."""
    running: list[Worker] = []

    def start() -> Worker:
        log = tmp_path / f"worker-{len(running)}.log"
        running.append(Worker(environment(database_url()), log).start())
        return running[-1]

    yield start
    for worker in running:
        worker.kill()


@pytest.fixture
def order(sandbox, transactional_db) -> PortOrder:
    """Return an order that is ready."""
    account = make_account("voicetel", base_url=sandbox.url)
    made = make_port(*TNS, account=account, price_per_number=6)
    services.move(made, "ready", actor=make_user("operator"))
    return made


def submit(order: PortOrder) -> Job:
    """Submit the order, and return its job."""
    actor = make_user("operator")
    return operations.submit(order, actor=actor, key="once", price_total=Decimal(12))


def ports(sandbox) -> list[str]:
    """Return the ports that the sandbox carried out."""
    return [row["pid"] for row in sandbox.store.query("SELECT pid FROM voicetel_port", ())]


def balance(sandbox) -> float:
    """Return what is left on the account."""
    sql = "SELECT balance FROM account WHERE provider = 'voicetel' AND login = '2125550100'"
    return float(sandbox.store.query(sql, ())[0]["balance"])


def settled_by_sweeping(job: Job) -> None:
    """Sweep as beat does until the job is settled."""

    def done() -> bool:
        jobs.sweep()
        return status(job) in Job.SETTLED

    eventually(done, what="job settled")


def test_killed_between_submission_and_reply_it_is_found_in_the_list(order, sandbox, workers):
    before = balance(sandbox)
    sandbox.control(
        "fault", provider="voicetel", operation="ports.create", fault="stall", seconds=60
    )
    first = workers()
    job = submit(order)
    eventually(lambda: ports(sandbox), what="port carried out")
    first.kill()
    workers()
    settled_by_sweeping(job)
    order.refresh_from_db()
    assert status(job) == "succeeded"
    assert ports(sandbox) == [order.provider_ref]
    assert (order.state, before - balance(sandbox)) == ("submitted", 12.0)
    assert job.exchanges.filter(is_write=True).get().outcome == "lost"


def test_killed_before_the_request_left_it_is_submitted_once(order, sandbox, workers):
    with psycopg.connect(database_url()) as blocker:
        hold_budget(blocker, order.account)
        first = workers()
        job = submit(order)
        eventually(lambda: status(job) == "running", what="claimed")
        first.kill()
    assert not ports(sandbox)
    workers()
    settled_by_sweeping(job)
    order.refresh_from_db()
    assert ports(sandbox) == [order.provider_ref]
