"""`make bench`: fill, measure, print, and leave nothing behind.

BENCH_ROWS=1000000    how many numbers; 10,000 and 100,000 are measured on the way
KEEP=1                keep the database, and take it up again the next time
ARGS="pages export"   only these parts
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from types import FrameType

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"

import django

PARTS = ("pages", "export", "jobs", "sync", "streams", "bulk", "ports", "browser")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return what the command line and the environment ask for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--rows", type=int, default=int(os.environ.get("BENCH_ROWS") or 1_000_000))
    parser.add_argument("--keep", action="store_true", default=os.environ.get("KEEP") == "1")
    parser.add_argument("--repeat", type=int, default=25, help="visits of each page")
    parser.add_argument("--runs", type=int, default=3, help="of each sync; two of them of a file")
    parser.add_argument("--jobs", type=int, default=300, help="jobs and bare tasks")
    parser.add_argument(
        "--sync-rows", type=int, default=200_000, help="numbers in the big sync and in each list"
    )
    parser.add_argument("--upload-rows", type=int, default=100_000, help="lines of the big file")
    parser.add_argument("--port-orders", type=int, default=10_000, help="open ports at each list")
    parser.add_argument("--searches", type=int, default=10, help="in the browser, up to 10")
    parser.add_argument("--scale", type=float, default=1.0, help="of the sandbox's stock")
    wanted = parser.parse_args(arguments)
    if unknown := set(wanted.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    wanted.parts = wanted.parts or list(PARTS)
    return wanted


def main(arguments: list[str]) -> int:
    """Measure what the command line asks for; the exit code tells of failures, not of misses."""
    wanted = parse(arguments)
    django.setup()
    signal.signal(signal.SIGTERM, _interrupt)
    from bench import report, world
    from bench.run import Bench

    started = time.monotonic()
    world.make_database(is_kept=wanted.keep)
    bench = Bench(wanted, say=_say)
    code = 0
    try:
        bench.run()
    except KeyboardInterrupt:
        _say("Stopped. What was measured so far:")
        code = 130
    finally:
        if not wanted.keep:
            world.drop_database()
    print(f"\n{report.table(bench.rows)}\n")
    path = report.write(bench.rows, bench.facts | {"seconds": time.monotonic() - started})
    misses = sum(row.verdict == report.MISS for row in bench.rows)
    print(f"{misses} figure(s) miss a target. Everything is in {path}.")
    return code


def _say(text: str) -> None:
    print(text, flush=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
