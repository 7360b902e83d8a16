"""The benchmark itself: a tiny run of every part, and the sums behind its table. No times are judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bench import report, streams
from bench.browser import CHROMIUM
from bench.pages import growth
from bench.report import Row
from tests.ledger.world import database_url

ROOT = Path(__file__).resolve().parent.parent.parent
DATABASE = f"numberdesk_bench_test_{os.getpid()}"
pytestmark = pytest.mark.processes
ROWS = 1500
PARTS = (
    "pages",
    "export",
    "jobs",
    "sync",
    "bulk",
    "ports",
    "browser",
)  # the streams have a test of their own


@pytest.fixture(scope="module")
def outcome(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> dict[str, Any]:
    """Run the benchmark once; return what it wrote, what it printed and whether it cleaned up."""
    folder = tmp_path_factory.mktemp("bench")
    env = os.environ | {
        "BENCH_DATABASE": DATABASE,
        "BENCH_RESULTS": str(folder / "results"),
        "VAR_DIR": str(folder),
    }
    env.pop("DJANGO_SETTINGS_MODULE", None)
    sizes = ["--rows", str(ROWS), "--repeat", "3", "--jobs", "6", "--sync-rows", "300"]
    sizes += ["--port-orders", "60", "--upload-rows", "1200", "--searches", "2", "--runs", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *PARTS, *sizes, "--scale", "0.05"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    logs = "".join(path.read_text()[-1500:] for path in folder.glob("bench-log/*.log"))
    assert done.returncode == 0, done.stderr[-3000:] + logs
    with django_db_blocker.unblock():
        url = database_url()
    with psycopg.connect(url) as link:
        question = "SELECT count(*) FROM pg_database WHERE datname = %s"
        left = link.execute(question, [DATABASE]).fetchone()
    results = json.loads((folder / "results" / "latest.json").read_text())
    return {"results": results, "printed": done.stdout, "left": left and left[0]}


def rows_of(outcome: dict[str, Any], part: str) -> list[dict[str, Any]]:
    return [row for row in outcome["results"]["rows"] if row["part"] == part]


def test_it_drops_its_database_and_prints_a_table(outcome):
    assert outcome["left"] == 0
    assert "# pages" in outcome["printed"]
    assert "miss a target" in outcome["printed"]


def test_every_page_is_visited_and_counted(outcome):
    pages = {row["name"]: row for row in rows_of(outcome, "pages")}
    wanted = {
        *("numbers", "numbers, one state", "numbers, biggest customer", "search, 3 digits"),
        *("search, 4 digits", "search, 7 digits", "sorted by label", "sorted by label, down"),
        *("page 2", "page in the middle", "last page", "home", "number page", "jobs", "audit"),
    }
    assert wanted <= set(pages)
    assert all(row["rows"] == ROWS and row["ms"] > 0 for row in pages.values())
    assert pages["numbers"]["ratio"] > 1
    too_many = {name: row["queries"] for name, row in pages.items() if row["most_queries"]}
    assert all(0 < queries <= 10 for queries in too_many.values()), too_many


def test_export_jobs_and_sync_are_measured_beside_something(outcome):
    (export,) = rows_of(outcome, "export")
    assert export["rows"] == ROWS
    assert export["ratio"] > 0
    assert export["peak_mb"] > 0
    jobs = rows_of(outcome, "jobs")
    assert [row["ratio"] is not None for row in jobs] == [True, False, True]
    small, big = rows_of(outcome, "sync")
    assert (small["rows"], big["rows"]) == (30, 300)
    assert big["peak_mb"] > 0
    assert big["more"]["first_sync_ms"] > 0


def test_lists_are_read_as_streams_beside_a_bare_parse(tmp_path, settings):
    settings.VAR_DIR = tmp_path
    names = ("getDIDs", "GET /v2.2/numbers")
    found = streams.measure(rows=200, repeat=1, names=names)
    assert [row.name for row in found] == list(names)
    for row in found:
        assert row.ratio > 0
        assert row.peak_mb > 0
        assert "bare parse" in row.note


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: chromium is not in PATH")
def test_the_search_is_timed_in_a_browser(outcome):
    first, settled = rows_of(outcome, "browser")
    assert first["ms"] > settled["ms"] > 0
    assert first["beside_ms"] > 0


def test_a_verdict_tells_misses_of_ratio_and_of_queries():
    assert (
        Row(part="p", name="n", ratio=2.9, at_most=3.0, queries=9, most_queries=10).verdict == "ok"
    )
    assert Row(part="p", name="n", ratio=3.1, at_most=3.0).verdict == report.MISS
    assert Row(part="p", name="n", ratio=1.0, at_most=3.0, queries=11, most_queries=10).verdict == (
        report.MISS
    )
    assert Row(part="p", name="n", ratio=99.0).verdict == ""


def test_growth_compares_the_largest_with_the_smallest():
    facts = {"part": "pages", "name": "numbers", "at_most": 3.0}
    measured = [
        Row(**facts, rows=10_000, ratio=2.0, ms=10.0),
        Row(**facts, rows=100_000, ratio=2.2, ms=11.0),
        Row(**facts, rows=1_000_000, ratio=2.4, ms=12.0),
    ]
    (found,) = growth(measured)
    assert found.ratio == pytest.approx(1.2)
    assert (found.ms, found.beside_ms) == (12.0, 10.0)
    assert "1,000,000" in found.part
