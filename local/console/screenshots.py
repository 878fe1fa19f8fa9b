"""`python -m local.console.screenshots`: a picture of each view at two sizes, into docs/console.

A stack of its own is started, the demo's stories happen on it, and the pictures are taken in the machine's
own Chromium. Names of views (`home run`) take only those.
"""

from __future__ import annotations

import argparse
import base64
import sys
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as BrowserError

from local.stack.stack import THROW_AWAY, Stack, running_stack

from .chromium import BUSY, WITHOUT, chromium, launched, signed_in
from .document import DOCUMENT, PICTURES, SIZES, document
from .story import happen
from .views import VIEWS, View

QUALITY = 82
PATIENCE, MOMENT = 60_000, 500


def take(only: Collection[str]) -> int:
    """Take the pictures and write their document; 1 where there is no browser or a view shows no content."""
    path = chromium()
    if path is None:
        print(f"No pictures: {WITHOUT}.", file=sys.stderr)
        return 1
    PICTURES.mkdir(exist_ok=True)
    wrong = 0
    with (
        running_stack(plan=replace(THROW_AWAY, rate_limits=False), say=print) as stack,
        launched(path) as browser,
    ):
        ids = happen(stack)
        for view in VIEWS:
            if not only or view.name in only:
                wrong += not _of_view(browser, stack, view, ids)
    DOCUMENT.write_text(document())
    return min(wrong, 1)


def _of_view(browser: Browser, stack: Stack, view: View, ids: Mapping[str, str]) -> bool:
    for size in SIZES:
        for scheme in ("light", "dark") if view.dark else ("light",):
            context = browser.new_context(
                viewport={"width": size.width, "height": size.height},
                locale="en-GB",
                timezone_id="Europe/Oslo",
                reduced_motion="reduce",
                color_scheme="dark" if scheme == "dark" else "light",
            )
            signed_in(context, stack.facts["tokens"][view.role])
            page = context.new_page()
            page.goto(f"{stack.facts['console']['url']}{view.address.format(**ids)}")
            shown = _settled(page, view)
            _picture(page, PICTURES / size.file(view, scheme))
            context.close()
            print(f"{size.file(view, scheme)}{'' if shown else '  WITHOUT CONTENT'}")
            if not shown:
                return False
    return True


def _settled(page: Page, view: View) -> bool:
    """Wait until the view shows what it has asked for; False if it does not."""
    try:
        page.locator("main h1").first.wait_for(timeout=PATIENCE)
        page.wait_for_load_state("networkidle", timeout=PATIENCE)
        expect(page.locator(BUSY)).to_have_count(0, timeout=PATIENCE)
        if view.press:
            page.get_by_role("button", name=view.press).click(timeout=PATIENCE)
            page.wait_for_timeout(MOMENT)
            expect(page.locator(BUSY)).to_have_count(0, timeout=PATIENCE)
    except (BrowserError, AssertionError):
        return False
    broken = page.locator("main .notice.bad").count()
    page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")
    page.wait_for_timeout(MOMENT)
    return not broken


def _picture(page: Page, path: Path) -> None:
    """WebP, which is a third of a PNG."""
    asked = {"format": "webp", "quality": QUALITY}
    taken = page.context.new_cdp_session(page).send("Page.captureScreenshot", asked)
    path.write_bytes(base64.b64decode(taken["data"]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("views", nargs="*", help=f"only these: {', '.join(view.name for view in VIEWS)}")
    sys.exit(take(parser.parse_args().views))
