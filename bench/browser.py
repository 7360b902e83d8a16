"""In a real browser: from pressing Search until the first numbers stand there.

Beside it the sandbox's own time for the same questions on the wire, as the ledger recorded them.
"""

from __future__ import annotations

import os
import shutil
from statistics import median

from bench.pages import Visitor
from bench.report import Row
from inventory.models import NumberSearch
from portal.embedded import ports
from portal.models import Exchange, User

PART = "browser"
PATIENCE_MS = 120_000
ROW = "#search-results tbody tr"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
# Notes in the page itself when the button was pressed, and when the first row was painted: waiting
# from outside would add up to half a second of its own.
WATCH = """
addEventListener("click", () => sessionStorage.setItem("pressed", Date.now()), true);
const watch = new MutationObserver(() => {
  if (!document.querySelector("%s")) return;
  watch.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.shownAt = Date.now(); }));
});
watch.observe(document, { childList: true, subtree: true });
"""
TAKEN = "(window.shownAt - Number(sessionStorage.getItem('pressed'))) / 1000"
# The area code of each search: another one each time, so that no provider answers from a cache.
AREAS = ("312", "201", "212", "305", "404", "415", "512", "617", "702", "713", "718")


def measure(port: int, user: User, *, times: int) -> list[Row]:
    """Return the rows, from `times` searches; the web server, both workers and the sandbox are up."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in this thread
    cookie = Visitor(port, user).session
    shown, answered, settled = _search_all(f"http://{ports.HOST}:{port}", cookie, times)
    return [
        Row(
            part=PART,
            name="Search pressed to first numbers",
            ms=median(shown) * 1000,
            beside_ms=median(answered) * 1000,
            ratio=median(shown) / median(answered),
            note="beside the sandbox's own answer on the wire, the quickest provider's",
            more={"slowest_ms": max(shown) * 1000},
        ),
        Row(
            part=PART,
            name="submit to the first provider settled",
            ms=median(settled) * 1000,
            beside_ms=median(answered) * 1000,
            note="the part of it that workers and wire take",
        ),
    ]


def _search_all(url: str, cookie: str, times: int) -> tuple[list[float], list[float], list[float]]:
    """Return, for each search but the first, the seconds to the first rows, wire and settling."""
    from playwright.sync_api import sync_playwright

    shown, answered, settled = [], [], []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--disable-dev-shm-usage"])
        context = browser.new_context()
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": url}])
        context.add_init_script(WATCH % ROW)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        for area in AREAS[: times + 1]:
            page.goto(f"{url}/find/?npa={area}")
            button = page.get_by_role("button", name="Search", exact=True)
            button.click()
            page.locator(ROW).first.wait_for()
            page.locator(".nd-part .nd-spinner").first.wait_for(state="detached")
            shown.append(float(page.evaluate(TAKEN)))
            search = NumberSearch.objects.order_by("-pk")[0]
            answered.append(_wire_seconds(search))
            settled.append(_first_settled(search))
        browser.close()
    return shown[1:], answered[1:], settled[1:]  # the first one warms up


def _wire_seconds(search: NumberSearch) -> float:
    """Return the seconds that the quickest provider took to answer on the wire."""
    calls = Exchange.objects.filter(job__parent_id=search.job_id, outcome="answered")
    totals: dict[int, float] = {}
    for job_id, seconds in calls.values_list("job_id", "seconds"):
        totals[job_id] = totals.get(job_id, 0.0) + seconds
    return min(totals.values())


def _first_settled(search: NumberSearch) -> float:
    assert search.job is not None  # noqa: S101 - somebody was asked
    ends = search.job.children.filter(status="succeeded").values_list("finished_at", flat=True)
    return (min(ends) - search.created_at).total_seconds()
