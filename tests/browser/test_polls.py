"""A view that waits for something asks seldom, one question at a time, and not at all while nobody looks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from local.stack.stack import Stack
from tests.browser.looks import settled
from tests.stack.user import User

EVERY_MS = 2000
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture(scope="module")
def run(stack: Stack) -> dict[str, Any]:
    """A run as the API tells it."""
    operator = User(stack, "operator")
    connection = stack.facts["connections"]["simployer_xledger"]
    return operator.follow(operator.start(connection, "preview"))


class Asked:
    """Notes when a run was asked for; it is in progress for ever, or until it is told otherwise."""

    def __init__(self, page: Page, run: dict[str, Any]) -> None:
        self.times = 0
        self.run = {**run, "status": "running", "finished_at": None, "progress": {"done": 1, "total": 10}}
        page.route(re.compile(rf"/runs/{run['run_id']}$"), self._answer)

    def _answer(self, route: Route) -> None:
        self.times += 1
        route.fulfill(json=self.run)


@pytest.mark.parametrize("view", ["", "/plan"], ids=["run", "plan"])
def test_a_run_in_progress_is_asked_once_in_two_seconds_and_not_while_the_page_is_hidden(
    page_of: Callable[..., Page], run: dict[str, Any], view: str
) -> None:
    page = page_of("operator", "#/connections")
    page.clock.install()
    asked = Asked(page, run)
    page.evaluate(f"location.hash = '#/runs/{run['run_id']}{view}'")
    expect(page.locator("progress")).to_be_visible()
    settled(page)
    # From here on the page's time is the test's.
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)
    page.clock.run_for(EVERY_MS)

    def later(milliseconds: int) -> int:
        """How often it was asked in that time."""
        before = asked.times
        for _ in range(milliseconds // 100):
            page.clock.run_for(100)
            page.wait_for_timeout(5)  # of ours: an answer comes in by itself
        return asked.times - before

    assert later(6 * EVERY_MS) in range(3, 7)
    # Whoever comes and goes in a hurry begins no more questions.
    for hidden in (True, False) * 4:
        page.evaluate(HIDE, hidden)
    assert later(EVERY_MS) <= 1
    page.evaluate(HIDE, True)
    assert later(10 * EVERY_MS) == 0
    # It is asked at once when somebody looks again.
    with page.expect_request(re.compile(rf"/runs/{run['run_id']}$")):
        page.evaluate(HIDE, False)
    asked.run = run
    assert later(2 * EVERY_MS) == 1
    assert later(5 * EVERY_MS) == 0
