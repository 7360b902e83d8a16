"""The order of a run: what is filled, started and measured when."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection

from bench import (
    browser,
    export,
    fill,
    fill_desks,
    fill_e911,
    jobs,
    pages,
    ports,
    streams,
    sync,
    uploads,
    world,
)
from bench.report import Row
from inventory.models import TelephoneNumber

STEPS = (10_000, 100_000)  # measured on the way, to show how the times grow
NO_BROKER = "left out: the broker is no Redis or Valkey, and cannot be shared by key prefix"


class Bench:
    """One run; `rows` and `facts` hold what was measured, also after one that was cut short."""

    def __init__(self, wanted: argparse.Namespace, *, say: Callable[[str], None]) -> None:
        self.wanted = wanted
        self.rows: list[Row] = []
        self.facts: dict[str, Any] = {"repeat": wanted.repeat}
        self._say = say
        self._web_port = world.free_port()
        self._sandbox_port = world.free_port()

    def run(self) -> None:
        """Measure every part that is wanted."""
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            self.facts["postgresql"] = cursor.fetchone()[0]
        self.user = fill.people(f"http://127.0.0.1:{self._sandbox_port}")
        web = world.web(self._web_port)
        with world.running(web):
            self._grow()
            if "export" in self.wanted.parts:
                self._say("Exporting …")
                assert web.pid is not None  # noqa: S101 - it runs
                self.rows += export.measure(self._web_port, self.user, web.pid)
        if "jobs" in self.wanted.parts:
            self._jobs()
        if "sync" in self.wanted.parts:
            self._say(f"Syncing {self.wanted.sync_rows:,} numbers …")
            self.rows += sync.measure(rows=self.wanted.sync_rows, repeat=self.wanted.runs)
        if "streams" in self.wanted.parts:
            self._say(f"Reading lists of {self.wanted.sync_rows:,} records …")
            self.rows += streams.measure(rows=self.wanted.sync_rows)
        if "bulk" in self.wanted.parts:
            self._say(f"Changing {self.wanted.upload_rows:,} numbers by a file …")
            repeat = min(self.wanted.runs, 2)
            self.rows += uploads.measure(rows=self.wanted.upload_rows, repeat=repeat)
        if "ports" in self.wanted.parts:
            self._say(f"Following {self.wanted.port_orders:,} ports for an hour …")
            self.rows += ports.measure(orders=self.wanted.port_orders)
        if "browser" in self.wanted.parts:
            self._browser()

    def _grow(self) -> None:
        """Fill step by step, and measure the pages at each; what was kept is measured as it is."""
        for step in [n for n in STEPS if n < self.wanted.rows] + [self.wanted.rows]:
            if TelephoneNumber.objects.count() > step and step != self.wanted.rows:
                continue
            self._say(f"Filling up to {step:,} numbers …")
            seconds = fill.numbers(step)
            if seconds:
                self.facts[f"fill_to_{step}_seconds"] = round(seconds, 1)
                self.facts[f"e911_report_{step}_seconds"] = round(fill_e911.records(), 1)
            fill_desks.desks(self.user)
            if "pages" in self.wanted.parts:
                self._say(f"Visiting the pages at {step:,} numbers …")
                self.rows += pages.measure(self._web_port, self.user, repeat=self.wanted.repeat)
        self.rows += pages.growth(self.rows)

    def _jobs(self) -> None:
        if not settings.IS_BROKER_SHAREABLE:
            self._say(f"jobs {NO_BROKER}")
            return
        self._say(f"Carrying out {self.wanted.jobs} jobs …")
        with world.running(*world.workers()):
            self.rows += jobs.measure(self.user, count=self.wanted.jobs)

    def _browser(self) -> None:
        if browser.CHROMIUM is None or not settings.IS_BROKER_SHAREABLE:
            self._say("browser left out: no Chromium" if not browser.CHROMIUM else NO_BROKER)
            return
        self._say("Searching in a browser …")
        sandbox = world.sandbox(self._sandbox_port, scale=self.wanted.scale)
        with world.running(sandbox, world.web(self._web_port), *world.workers()):
            self.rows += browser.measure(self._web_port, self.user, times=self.wanted.searches)
