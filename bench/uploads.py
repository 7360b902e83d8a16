"""A file of changes: its check with the difference, and writing it, beside the least that could be done.

The least is a bare COPY of the same file and one set-based UPDATE of the same columns, taken back
afterwards. Check and write run in processes of their own, whose peak memory tells whether they read as
a stream:

    python -m bench.uploads check FILE
    python -m bench.uploads write UPLOAD
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

PART = "bulk"
MOST_TIMES = 6.0
SMALL = 10  # the small file has a tenth of the lines, for the memory
HEAD = ("number", "label", "tags", "billing_id", "note", "deletion_lock")
_TABLE = f"""
CREATE TEMP TABLE bench_lines ({", ".join(f"{name} text" for name in HEAD)}) ON COMMIT DROP
"""
_UPDATE = """
UPDATE inventory_telephonenumber n SET label = b.label, tags = string_to_array(b.tags, ', '),
    billing_id = b.billing_id, note = b.note, deletion_lock = b.deletion_lock = 'yes',
    updated_at = now()
FROM bench_lines b WHERE n.tn = b.number
"""


def measure(*, rows: int, repeat: int) -> list[Any]:
    """Return the rows of the report: a small and a big file, each checked and written."""
    from django.conf import settings

    found: list[Any] = []
    folder = Path(settings.VAR_DIR) / "bench-uploads"
    folder.mkdir(parents=True, exist_ok=True)
    for size in (rows // SMALL, rows):
        bare, checks, writes = [], [], []
        for turn in range(repeat):
            path = folder / f"numbers-{size}-{turn}.csv"
            count = _write_file(path, size, turn)
            bare.append(_bare(path))
            checks.append(_child("check", str(path)))
            writes.append(_child("write", str(checks[-1]["upload"])))
            path.unlink()
        for name, runs in (("check and difference", checks), ("write", writes)):
            found.append(_row(name, runs, bare, count, is_judged=size == rows))
    return found


def _row(
    name: str, runs: list[dict[str, Any]], bare: list[float], count: int, *, is_judged: bool
) -> Any:
    from bench.report import Row

    if any(run["count"] != count for run in runs):
        raise RuntimeError(f"{name}: not every one of {count:,} lines went through: {runs}")
    best, least = min(run["seconds"] for run in runs), min(bare)
    return Row(
        part=PART,
        name=f"a file, {name}",
        rows=count,
        ms=best * 1000,
        beside_ms=least * 1000,
        ratio=best / least,
        at_most=MOST_TIMES if is_judged else None,
        peak_mb=max(run["peak_mb"] for run in runs),
        note=f"{runs[0]['idle_mb']:.0f} MB before it began; beside COPY and one UPDATE",
    )


def _write_file(path: Path, size: int, turn: int) -> int:
    """Write a file that changes every one of its numbers; return how many these are."""
    from inventory.models import TelephoneNumber
    from portal.tn import TN, InvalidTN

    numbers = TelephoneNumber.objects.exclude(state__in=TelephoneNumber.GONE).order_by("tn")
    count, stamp = 0, f"{time.time_ns():x}"  # no run says what an earlier one left in the database
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        for tn in numbers.values_list("tn", flat=True).iterator():
            if count == size:
                break
            try:
                TN.parse(tn)
            except InvalidTN:  # the fill makes some that nobody could type
                continue
            name = f"{stamp} {count}"
            lock = "yes" if turn % 2 else "no"
            writer.writerow([tn, f"Desk {name}", f"a{turn}, b", f"B-{name}", f"Note {name}", lock])
            count += 1
    return count


def _bare(path: Path) -> float:
    """Return the seconds that COPY and one UPDATE of the same file take; nothing of it stays."""
    from django.db import connection, transaction

    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TABLE)
        with (
            path.open("rb") as file,
            cursor.copy("COPY bench_lines FROM STDIN (FORMAT csv, HEADER)") as copy,
        ):
            while piece := file.read(1 << 16):
                copy.write(piece)
        cursor.execute(_UPDATE)
        seconds = time.perf_counter() - started
        transaction.set_rollback(True)
    return seconds


def check(path: str) -> dict[str, Any]:
    """Upload a file and check it; return its upload and how many lines would change something."""
    from bench.fill import ADMIN
    from portal import jobs
    from portal.bulk import intake, kinds
    from portal.models import Upload, User

    user = User.objects.get(email=ADMIN)
    with Path(path).open("rb") as file:
        pieces = iter(lambda: file.read(1 << 16), b"")
        upload = intake.receive(kinds.get("numbers"), actor=user, name=path, pieces=pieces)
    upload = Upload.objects.get(pk=upload.pk)
    if upload.check_job_id is not None:
        jobs.execute(upload.check_job_id)
        upload.refresh_from_db()
    return {"upload": upload.pk, "count": upload.counts.get("ready", 0)}


def write(pk: str) -> dict[str, Any]:
    """Run an upload; return how many lines were done."""
    from portal import jobs
    from portal.bulk import running
    from portal.models import Upload

    upload = Upload.objects.get(pk=int(pk))
    group = running.confirm(upload, actor=upload.actor)
    jobs.execute(group.children.get().pk)
    upload.refresh_from_db()
    return {"upload": upload.pk, "count": upload.counts.get("ok", 0)}


def _child(verb: str, argument: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.uploads", verb, argument],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"bench.uploads {verb} failed: {done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(verb: str, argument: str) -> None:
    """Do one thing and print seconds, count and peak memory as JSON."""
    import django

    from bench.world import peak_mb

    django.setup()
    work = {"check": check, "write": write}[verb]
    idle = peak_mb()
    started = time.perf_counter()
    told = work(argument)
    seconds = time.perf_counter() - started
    print(json.dumps(told | {"seconds": seconds, "idle_mb": idle, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
