"""What breaks in production, with real workers, a real broker and real sockets.

Each test fails when its guard is taken away: the exchange and the mark “sent” before the bytes
leave, asking instead of sending again, the sweeper, the conditional claim, patience with a database
that restarts.
"""

from __future__ import annotations

import subprocess
import sys
import time

import psycopg
import pytest

from inventory.models import CartLine, TelephoneNumber
from inventory.operations.order import place_order
from portal import jobs
from portal.celery import app
from portal.jobs.runtime import _BUDGET_LOCK
from portal.jobs.submit import deliver, new_key
from portal.models import Job
from portal.sandbox.server import RunningSandbox
from tests.factories import make_account, make_user
from tests.ledger.world import (
    QUEUES,
    ROOT,
    Worker,
    database_url,
    environment,
    eventually,
)

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
OPERATION = "assignDID"


@pytest.fixture
def sandbox(tmp_path):
    with RunningSandbox(directory=tmp_path / "sandbox") as running:
        yield running


@pytest.fixture
def account(sandbox, transactional_db):
    return make_account("voip_innovations", base_url=sandbox.url)


def lose_all_messages() -> None:
    """Empty every queue of the broker, as a broker without a disk does when it restarts."""
    with app.connection_for_write() as broker, broker.channel() as channel:
        for queue in QUEUES.split(","):
            channel.queue_declare(queue, durable=True, auto_delete=False)
            channel.queue_purge(queue)


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
        worker = Worker(environment(database_url()), log).start()
        running.append(worker)
        return worker

    yield start
    for worker in running:
        worker.kill()


@pytest.fixture
def free_tn(sandbox) -> str:
    """Return a number that the sandbox has for sale."""
    row = sandbox.store.query(
        "SELECT tn FROM number WHERE provider = 'voip_innovations' AND status = 'available'"
        " AND npa = '312' AND substr(tn, 7) NOT LIKE '99%' ORDER BY tn LIMIT 1",
        (),
    )[0]
    return f"+1{row['tn']}"


def order(account, *tns: str) -> Job:
    """Order numbers and return the job at the provider."""
    user = make_user("operator")
    lines = [CartLine.objects.create(user=user, account=account, tn=tn) for tn in tns]
    return place_order(lines, actor=user, key=new_key()).job.children.get()


def _orders(sandbox, tn: str) -> list[dict]:
    """Return the purchases of a number that the sandbox carried out."""
    rows = sandbox.log(provider="voip_innovations", operation=OPERATION, tn=tn[2:])
    return [row for row in rows if row["carried_out"]]


def hold_budget(blocker: psycopg.Connection, account) -> None:
    """Make workers wait after their claim and before an exchange is recorded."""
    blocker.execute(
        "SELECT pg_advisory_xact_lock(%s, hashtext(%s))",
        [_BUDGET_LOCK, f"account:{account.pk} calls"],
    )


def status(job: Job) -> str:
    return Job.objects.values_list("status", flat=True).get(pk=job.pk)


def settled_by_sweeping(job: Job) -> None:
    """Sweep as beat does until the job is settled."""

    def done() -> bool:
        jobs.sweep()
        return status(job) in Job.SETTLED

    eventually(done, what=f"job settled, it is {status(job)}")


def test_killed_after_the_provider_carried_it_out_and_before_the_reply(
    account, sandbox, workers, free_tn
):
    sandbox.control(
        "fault", provider="voip_innovations", operation=OPERATION, fault="stall", seconds=60
    )
    first = workers()
    job = order(account, free_tn)
    eventually(lambda: _orders(sandbox, free_tn), what="order carried out")
    first.kill()
    workers()
    settled_by_sweeping(job)
    assert status(job) == "succeeded"
    assert len(_orders(sandbox, free_tn)) == 1
    assert TelephoneNumber.objects.get(tn=free_tn).state == "stock"
    assert job.exchanges.filter(operation=OPERATION).get().outcome == "lost"
    assert job.exchanges.filter(operation="queryDID").exists()


def test_killed_before_the_request_left(account, sandbox, workers, free_tn):
    with psycopg.connect(database_url()) as blocker:
        hold_budget(blocker, account)
        first = workers()
        job = order(account, free_tn)
        eventually(lambda: status(job) == "running", what="claimed")
        first.kill()
    assert job.exchanges.count() == 0
    workers()
    settled_by_sweeping(job)
    assert status(job) == "succeeded"
    assert len(_orders(sandbox, free_tn)) == 1


def test_the_broker_loses_every_message(account, sandbox, workers, free_tn, settings):
    settings.JOB_REDELIVER_SECONDS = 1
    job = order(account, free_tn)
    lose_all_messages()
    workers()
    settled_by_sweeping(job)
    assert status(job) == "succeeded"
    assert len(_orders(sandbox, free_tn)) == 1


def test_the_broker_is_down_when_the_order_is_placed(
    account, sandbox, workers, free_tn, monkeypatch
):
    from portal.tasks import run_job

    def refuse(**options):
        raise ConnectionError("broker away")

    with monkeypatch.context() as patch:
        patch.setattr(run_job, "apply_async", refuse)
        job = order(account, free_tn)
    assert status(job) == "queued"
    workers()
    settled_by_sweeping(job)
    assert status(job) == "succeeded"


def test_two_workers_and_ten_messages_for_one_job_make_one_call(account, sandbox, workers, free_tn):
    """All who got past the claim meet at the budget's lock; two would send together."""
    workers()
    workers()
    with psycopg.connect(database_url()) as blocker:
        hold_budget(blocker, account)
        job = order(account, free_tn)
        for _ in range(10):
            deliver(job.pk, job.queue, 5)
        eventually(lambda: status(job) == "running", what="claimed")
        time.sleep(1.5)
    eventually(lambda: status(job) in Job.SETTLED, what="settled")
    assert (status(job), len(_orders(sandbox, free_tn))) == ("succeeded", 1)
    assert job.exchanges.filter(operation=OPERATION).count() == 1


def test_a_cut_connection_after_the_order_is_settled_by_asking(account, sandbox, workers, free_tn):
    sandbox.control("fault", provider="voip_innovations", operation=OPERATION, fault="drop_after")
    workers()
    job = order(account, free_tn)
    settled_by_sweeping(job)
    assert (status(job), len(_orders(sandbox, free_tn))) == ("succeeded", 1)
    assert job.exchanges.filter(operation=OPERATION).get().outcome == "timeout"


SCENARIO = """
import django; django.setup()
from inventory.operations.order import place_order
from inventory.models import CartLine
from portal.models import Job
from tests.factories import make_account, make_user
from tests.ledger.world import eventually
import sys
account = make_account("voip_innovations", base_url=sys.argv[1])
user = make_user("operator")
line = CartLine.objects.create(user=user, account=account, tn=sys.argv[2])
print(place_order([line], actor=user, key="k").job.children.get().pk)
"""


def test_the_database_restarts_in_the_middle(sandbox, tmp_path, free_tn, own_postgres):
    url = own_postgres.url()
    env = environment(url)
    run = [sys.executable, "manage.py"]
    subprocess.run([*run, "migrate", "--skip-checks", "-v0"], cwd=ROOT, env=env, check=True)
    sandbox.control(
        "fault", provider="voip_innovations", operation=OPERATION, fault="stall", seconds=4
    )
    worker = Worker(env, tmp_path / "worker.log").start()
    try:
        placed = subprocess.run(
            [sys.executable, "-c", SCENARIO, sandbox.url, free_tn],
            cwd=ROOT,
            env=env | {"PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
            text=True,
        )
        job_id = int(placed.stdout.strip().splitlines()[-1])

        def ask(sql: str) -> object:
            with psycopg.connect(url) as db:
                return db.execute(sql, [job_id]).fetchone()[0]

        eventually(
            lambda: ask("SELECT status FROM portal_jobitem WHERE job_id = %s") == "sent",
            what="sent",
        )
        own_postgres.stop(immediate=True)
        own_postgres.start()

        def done() -> bool:
            sweep = "import django; django.setup(); from portal import jobs; jobs.sweep()"
            subprocess.run([sys.executable, "-c", sweep], cwd=ROOT, env=env, check=True)
            return ask("SELECT status FROM portal_job WHERE id = %s") == "succeeded"

        eventually(done, what=(tmp_path / "worker.log").read_text()[-2000:])
    finally:
        worker.kill()
    assert len(_orders(sandbox, free_tn)) == 1
