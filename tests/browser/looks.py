"""What every view has to pass: the accessibility checks of axe, and text that stays text."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from local.console.chromium import BUSY

HOSTILE = "<img src=x onerror=\"document.title='taken over'\">"
# The console has no frames, and no rule of these reads the style sheets.
RUN = "axe.run({resultTypes: ['violations'], iframes: false, preload: false})"
GRAVE = ("serious", "critical")


def settled(page: Page) -> None:
    """Wait until the view shows what it has asked for."""
    expect(page.locator("main h1").first).to_be_visible()
    expect(page.locator(BUSY)).to_have_count(0)


def axe(page: Page) -> None:
    """No serious finding of axe on what the page shows now."""
    settled(page)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(RUN)["violations"]
    grave = [_told(finding) for finding in found if finding["impact"] in GRAVE]
    assert not grave, "\n".join(grave)


def look(page: Page, text: str = HOSTILE) -> None:
    """A name that would be markup is shown letter by letter, and nothing of it has happened."""
    expect(page.get_by_text(text).first).to_be_visible()
    assert not page.locator('img[src="x"]').count()
    assert page.title() != "taken over"


def fits(page: Page) -> None:
    """The page is no wider than the window: only tables within it may be moved sideways."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{wide} pixels wider than the window"


def _told(finding: dict[str, Any]) -> str:
    nodes = [
        f"    {' '.join(map(str, node['target']))}: {node['html'][:200]}" for node in finding["nodes"][:5]
    ]
    return "\n".join([f"{finding['impact']}: {finding['id']}: {finding['help']}", *nodes])
