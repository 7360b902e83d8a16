"""What a machine can say of a page's looks: what axe finds, and what reaches beyond the window."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Desk

NARROW = (390, 360)
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
EXCESS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Names what reaches beyond the window.
STICKS_OUT = """[...document.querySelectorAll('main *')].filter(
    e => e.getBoundingClientRect().right > document.documentElement.clientWidth
).map(e => e.tagName + '.' + e.className).slice(0, 5)"""


def faults(desk: Desk, *paths: str) -> list[str]:
    """Open pages one after the other; return a line for each thing that is wrong with one.

    axe looks at the window as it is; then the same page is made as narrow as telephones.
    """
    found = []
    size = desk.page.viewport_size
    for path in paths:
        desk.visit(path)
        found += [f"{path}: {words}" for words in [*_violations(desk.page), *_too_wide(desk.page)]]
        desk.page.set_viewport_size(size)
    return found


def _violations(page: Any) -> list[str]:
    """Return what axe finds, a line for each kind with the first place."""
    result = Axe().run(page, options=OPTIONS).response
    return [
        f"{rule['id']} ({len(rule['nodes'])}): {rule['nodes'][0]['html'][:200]}"
        for rule in result["violations"]
    ]


def _too_wide(page: Any) -> list[str]:
    """Return by how much the page is wider than a telephone, and what sticks out."""
    found = []
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 740})
        if (excess := page.evaluate(EXCESS)) > 0:
            found.append(f"{excess} px wider than {width}: {page.evaluate(STICKS_OUT)}")
    return found
