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
# What the colours of a theme decide; the rest of a page is the same in both.
OF_COLORS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
DARK = "html[data-bs-theme=dark]"
# Colours that are still on their way to the other theme would be judged halfway.
AT_ONCE = "document.getAnimations().forEach(a => a instanceof CSSTransition && a.finish())"
EXCESS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Names what reaches beyond the window.
STICKS_OUT = """[...document.querySelectorAll('main *')].filter(
    e => e.getBoundingClientRect().right > document.documentElement.clientWidth
).map(e => e.tagName + '.' + e.className).slice(0, 5)"""


def faults(desk: Desk, *paths: str) -> list[str]:
    """Open pages one after the other; return a line for each thing that is wrong with one.

    axe looks at the window as it is, and at its colours in the other theme; then the same page is
    made as narrow as telephones.
    """
    found = []
    page, size = desk.page, desk.page.viewport_size
    for path in paths:
        desk.visit(path)
        words = [*_violations(page, OPTIONS), *_in_the_dark(page), *_too_wide(page)]
        found += [f"{path}: {line}" for line in words]
        page.set_viewport_size(size)
    return found


def _in_the_dark(page: Any) -> list[str]:
    """Return what axe finds in the dark theme."""
    assert page.locator(DARK).count() == 0
    page.emulate_media(color_scheme="dark")
    page.locator(DARK).wait_for(state="attached")
    page.evaluate(AT_ONCE)
    found = [f"dark: {words}" for words in _violations(page, OF_COLORS)]
    page.emulate_media(color_scheme="light")
    return found


def _violations(page: Any, options: dict[str, Any]) -> list[str]:
    """Return what axe finds, a line for each kind with the first place."""
    result = Axe().run(page, options=options).response
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
