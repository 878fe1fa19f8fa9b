"""A view that waits for something asks seldom, one question at a time, and not at all while nobody looks."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from local.stack.stack import Stack
from tests.browser.looks import settled
from tests.worlds.user import User

EVERY_MS = 2000
# From what a view decides to what the browser is asked.
MOMENT_MS = 100
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


# By the page's own clock, which is the test's.
NOTED = """() => {
  const usual = window.fetch;
  window.asked = [];
  window.fetch = (where, how) => {
    if (/\\/runs\\/[^/]+$/.test(String(where))) asked.push(Date.now());
    return usual(where, how);
  };
}"""


@pytest.mark.parametrize("view", ["", "/plan"], ids=["run", "plan"])
def test_a_run_in_progress_is_asked_once_in_two_seconds_and_not_while_the_page_is_hidden(
    page_of: Callable[..., Page], run: dict[str, Any], view: str
) -> None:
    told = {**run, "status": "running", "finished_at": None, "progress": {"done": 1, "total": 10}}
    page = page_of("operator", "#/connections", alone=True)
    page.route(re.compile(rf"/runs/{run['run_id']}$"), lambda route: route.fulfill(json=told))
    page.clock.install()
    page.evaluate(NOTED)
    page.evaluate(f"location.hash = '#/runs/{run['run_id']}{view}'")
    expect(page.locator("progress")).to_be_visible()
    settled(page)
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)

    def asked(milliseconds: int = 0) -> list[int]:
        """When it has been asked for, once so much time has gone by."""
        for _ in range(milliseconds // 100):
            page.clock.run_for(100)
            page.wait_for_timeout(5)  # of ours: an answer comes in by itself
        times: list[int] = page.evaluate("asked")
        return times

    # Whoever comes and goes in a hurry begins no more questions.
    asked(4 * EVERY_MS)
    for hidden in (True, False) * 4:
        page.evaluate(HIDE, hidden)
    times = asked(4 * EVERY_MS)
    assert len(times) >= 4
    gaps = [later - one for one, later in pairwise(times)]
    assert min(gaps) >= EVERY_MS - MOMENT_MS, gaps
    page.evaluate(HIDE, True)
    assert asked(10 * EVERY_MS) == times
    # It is asked at once when somebody looks again, and no more once it has ended.
    told |= {"status": run["status"], "finished_at": run["finished_at"]}
    page.evaluate(HIDE, False)
    assert len(asked()) == len(times) + 1
    assert len(asked(5 * EVERY_MS)) == len(times) + 1
