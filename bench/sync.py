"""A sync in which nothing changed, beside the bare streaming parse of the same answer.

The sandbox writes the answer once; then a plain file server gives the same bytes to both, so that
its time is no part of the comparison. Parse and sync run in processes of their own, whose peak
memory tells whether they read as a stream:

    python -m bench.sync parse URL
    python -m bench.sync run JOB
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

PART = "sync"
MOST_TIMES = 3.0
SMALL = 10  # the small list is a tenth of the big one, for the memory
OPERATION = "auditDIDs"
PATH = "/Services/APIService.asmx"
NAMESPACE = "http://tempuri.org/"
LOGIN, SECRET = "sandbox2", "sandbox2-secret"
ENVELOPE = f"""<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>
<{OPERATION} xmlns="{NAMESPACE}"><login>{LOGIN}</login><secret>{SECRET}</secret></{OPERATION}>
</soap:Body></soap:Envelope>"""


def ask(url: str) -> Any:
    """Send the question for all owned numbers; return the streamed answer."""
    import requests

    answer = requests.post(
        url + PATH,
        data=ENVELOPE.encode(),
        headers={
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{NAMESPACE}{OPERATION}"',
        },
        stream=True,
        timeout=600,
    )
    answer.raise_for_status()
    answer.raw.decode_content = True
    return answer


def parse(url: str) -> int:
    """Read the answer by the bare streaming parse; return how many records it has."""
    from bench.bare import parse_xml

    return parse_xml(ask(url).raw, "DID")


def run_job(job_id: int) -> int:
    """Carry out a submitted sync in this process; return how many numbers it read."""
    from portal import jobs
    from portal.models import Job

    jobs.execute(job_id)
    job = Job.objects.get(pk=job_id)
    if job.status != Job.Status.SUCCEEDED:
        raise RuntimeError(f"{job} is {job.status}: {job.reason}")
    return int(job.result["listed"])


def measure(*, rows: int, repeat: int) -> list[Any]:
    """Return the rows of the report: a small and a big list."""
    from bench.report import Row

    found: list[Row] = []
    for size in (rows // SMALL, rows):
        with _answering(size) as url:
            account = _account(url, size)
            first = _run(account)
            parsed = [_child("parse", url) for _ in range(repeat)]
            synced = [_run(account) for _ in range(repeat)]
            account.is_enabled = False  # nobody answers there any more
            account.save(update_fields=["is_enabled"])
        _check_all(size, [*parsed, *synced, first])
        bare = min(result["seconds"] for result in parsed)
        best = min(result["seconds"] for result in synced)
        peak = max(result["peak_mb"] for result in synced)
        parse_peak = max(result["peak_mb"] for result in parsed)
        idle = synced[0]["idle_mb"]
        found.append(
            Row(
                part=PART,
                name="nothing changed, beside the bare parse",
                rows=size,
                ms=best * 1000,
                beside_ms=bare * 1000,
                ratio=best / bare,
                at_most=MOST_TIMES if size == rows else None,
                peak_mb=peak,
                note=f"{idle:.0f} MB before it began; the bare parse has {parse_peak:.0f} MB",
                more={"first_sync_ms": first["seconds"] * 1000},
            )
        )
    return found


def _check_all(size: int, results: list[dict[str, Any]]) -> None:
    for result in results:
        if result["count"] != size:
            raise RuntimeError(f"{result['count']:,} numbers were read, not {size:,}")


@contextmanager
def _answering(size: int) -> Iterator[str]:
    """Have a file server give the sandbox's answer for `size` owned numbers; yield its address."""
    from django.conf import settings

    from bench import world
    from portal.embedded import ports

    folder = Path(settings.VAR_DIR) / "bench-sync"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"answer-{size}.xml"
    _record(path, size)
    port = world.free_port()
    server = world.python(
        f"files-{size}",
        *("-m", "bench.file_server", str(path), str(port)),
        is_ready=lambda: ports.answers(port, "/"),
    )
    with world.running(server):
        yield f"http://{ports.HOST}:{port}"
    path.unlink()


def _record(path: Path, size: int) -> None:
    """Write the sandbox's own answer for an account that owns `size` numbers to a file."""
    from portal.sandbox.server import RunningSandbox

    with RunningSandbox(scale=0.05) as sandbox:
        with sandbox.store.transaction():
            sandbox.store.execute(
                "DELETE FROM number WHERE provider = 'voip_innovations' AND account = ?", (LOGIN,)
            )
            sandbox.store.execute_many(
                "INSERT OR REPLACE INTO number (provider, tn, npa, nxx, state, rate_center, city,"
                " lata, tier, network, status, account, data) VALUES ('voip_innovations', ?, ?, ?,"
                " 'IL', 'CHICAGO', 'Chicago', 358, '1', 'VI', 'owned', ?, ?)",
                (_owned(turn) for turn in range(size, 2 * size)),  # no two lists share a number
            )
        with path.open("wb") as file:
            for piece in ask(sandbox.url).raw.stream(1 << 20):
                file.write(piece)


def _owned(turn: int) -> tuple[str, str, str, str, str]:
    npa, nxx = str(220 + turn // 100_000), f"{200 + turn // 1000 % 100}"
    facts = {"epg": 13550, "refId": f"R{turn}", "forward": "" if turn % 7 else "3125550142"}
    return f"{npa}{nxx}{turn % 1000:04}", npa, nxx, LOGIN, json.dumps(facts)


def _account(url: str, size: int) -> Any:
    from portal.models import ProviderAccount

    account, _ = ProviderAccount.objects.update_or_create(
        name=f"Sync of {size}",
        defaults={
            "slug": "voip_innovations",
            "base_url": url,
            "credentials": {"login": LOGIN, "secret": SECRET},
            "is_sandbox": True,
            "is_enabled": True,
            "calls_per_minute": 100_000,
        },
    )
    return account


def _run(account: Any) -> dict[str, Any]:
    """Submit a sync and carry it out in a process of its own; no worker listens meanwhile."""
    from inventory.operations.sync import sync_account

    return _child("run", str(sync_account(account, actor=None).pk))


def _child(verb: str, argument: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.sync", verb, argument],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"bench.sync {verb} failed: {done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(verb: str, argument: str) -> None:
    """Do one thing and print seconds, count and peak memory as JSON."""
    import django

    from bench.world import peak_mb

    if verb == "run":
        django.setup()
        from portal.providers import soap
        from portal.providers.voip_innovations.client.core import WSDL

        soap.load(WSDL)  # a worker reads it once; libraries are no part of the time
        work = lambda: run_job(int(argument))  # noqa: E731
    else:
        import lxml.etree
        import requests  # noqa: F401

        assert lxml.etree  # noqa: S101 - loaded before the clock starts
        work = lambda: parse(argument)  # noqa: E731
    idle = peak_mb()
    started = time.perf_counter()
    count = work()
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "count": count, "idle_mb": idle, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
