"""What the ledger costs: a job that asks an instant provider, beside a bare Celery task.

Both run on the same worker through the same broker. The job's time is its whole way: submit
(checks, rows, audit), the message, the claim, one recorded exchange with an instant answer, settling
and its audit entry. The bare task notes its end in a file.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from bench import instant
from bench.report import Row
from bench.tasks import note
from portal import jobs
from portal.models import Job, ProviderAccount, User

PART = "jobs"
PATIENCE = 120.0  # seconds
SINGLES = 60  # sent one after the other, each after the end of the one before


def measure(user: User, *, count: int) -> list[Row]:
    """Return the rows: one at a time, and `count` of them at once."""
    account, _ = ProviderAccount.objects.update_or_create(
        name="Instant",
        defaults={
            "slug": instant.Instant.slug,
            "base_url": "http://127.0.0.1:9",
            "calls_per_minute": 1_000_000,
        },
    )
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "ends"
        _bare(place, 5, one_by_one=True)
        _jobs(user, account, 5, one_by_one=True)
        singles = min(SINGLES, count)
        bare = _bare(place, singles, one_by_one=True)[0]
        job = _jobs(user, account, singles, one_by_one=True)[0]
        bare_rate = _bare(place, count, one_by_one=False)[1]
        job_rate = _jobs(user, account, count, one_by_one=False)[1]
    return [
        Row(
            part=PART,
            name="one job, submit to settled",
            ms=median(job) * 1000,
            beside_ms=median(bare) * 1000,
            ratio=median(job) / median(bare),
            note="beside one bare task",
            more={"p95_ms": _p95(job) * 1000, "bare_p95_ms": _p95(bare) * 1000},
        ),
        Row(part=PART, name="one job, 95 of 100", ms=_p95(job) * 1000, beside_ms=_p95(bare) * 1000),
        Row(
            part=PART,
            name=f"each of {count} at once",
            rows=count,
            ms=1000 / job_rate,
            beside_ms=1000 / bare_rate,
            ratio=bare_rate / job_rate,
            note=f"{job_rate:.0f} jobs a second, {bare_rate:.0f} bare tasks",
            more={"per_second": job_rate, "bare_per_second": bare_rate},
        ),
    ]


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def _bare(place: Path, count: int, *, one_by_one: bool) -> tuple[list[float], float]:
    """Send bare tasks; return the seconds of each, and how many ended per second."""
    place.write_text("")
    started = time.time()
    for sent in range(count):
        note.apply_async(args=[str(place), time.time()], queue="interactive")
        if one_by_one:
            _until(lambda sent=sent: place.read_bytes().count(b"\n") > sent)  # type: ignore[misc]
    _until(lambda: place.read_bytes().count(b"\n") >= count)
    lines = [line.split() for line in place.read_text().splitlines()]
    seconds = [float(taken) for taken, _ in lines]
    return seconds, count / (max(float(end) for _, end in lines) - started)


def _jobs(
    user: User, account: ProviderAccount, count: int, *, one_by_one: bool
) -> tuple[list[float], float]:
    """Submit jobs; return the seconds of each by its own times, and how many settled per second."""
    started = time.time()
    ids = []
    for _ in range(count):
        before = time.time()
        job = jobs.submit(instant.AskInstant.kind, actor=user, account=account)
        ids.append((job.pk, before))
        if one_by_one:
            _until(lambda job=job: _is_settled([job.pk]))  # type: ignore[misc]
    _until(lambda: _is_settled([pk for pk, _ in ids]))
    ends = dict(Job.objects.filter(pk__in=dict(ids)).values_list("pk", "finished_at"))
    failed = Job.objects.filter(pk__in=dict(ids)).exclude(status=Job.Status.SUCCEEDED).first()
    if failed:
        raise RuntimeError(f"{failed} is {failed.status}: {failed.reason}")
    seconds = [ends[pk].timestamp() - before for pk, before in ids]
    return seconds, count / (max(end.timestamp() for end in ends.values()) - started)


def _is_settled(ids: list[int]) -> bool:
    return not Job.objects.filter(pk__in=ids).exclude(status__in=Job.SETTLED).exists()


def _until(is_done: object) -> None:
    """Wait for a condition, looking often enough not to be what is measured."""
    limit = time.monotonic() + PATIENCE
    while not is_done():  # type: ignore[operator]
        if time.monotonic() > limit:
            raise TimeoutError("The workers do not finish; see the logs in bench-log.")
        time.sleep(0.002)
