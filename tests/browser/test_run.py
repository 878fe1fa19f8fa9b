"""A run: how it ended, its records and their reasons, and a replay that says first what it would do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from local.stack.stack import Stack
from tests.browser.looks import HOSTILE, axe, fits, look
from tests.browser.outside import mend
from tests.worlds.one_process import OneProcess
from tests.worlds.user import User

NARROW = {"width": 320, "height": 640}
A_RUN = 60_000
# Whose cost centre is not in Xledger (local/sandbox/simployer), and that cost centre.
WITHOUT_COST_CENTRE, COST_CENTRE = "1233", "990"


@pytest.fixture(scope="module")
def run(stack: Stack) -> dict[str, Any]:
    """A sync that has ended, in which a record with a hostile name is blocked."""

    def rename(state: dict[str, Any]) -> None:
        person = next(one for one in state["employee"] if one["employeeNumber"] == WITHOUT_COST_CENTRE)
        person["firstName"] = HOSTILE

    mend(stack, "simployer", rename)
    operator = User(stack, "operator")
    return operator.follow(operator.start(stack.facts["connections"]["simployer_xledger"]))


@pytest.mark.requirement("RUN-2", "TRG-4")
@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_a_run_shows_its_counts_and_records_and_what_each_role_may_do(
    page_of: Callable[..., Page], run: dict[str, Any], role: str
) -> None:
    page = page_of(role, f"#/runs/{run['run_id']}?outcome=blocked")
    expect(page.locator("h1")).to_have_text("Employees: sync")
    expect(page.get_by_role("button", name=f"blocked {run['counts']['blocked']}")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page.locator(".records tbody tr")).to_have_count(run["counts"]["blocked"])
    look(page)
    expect(page.get_by_role("button", name="Replay …")).to_have_count(int(role != "viewer"))
    axe(page)
    page.get_by_label("Name or number").fill(WITHOUT_COST_CENTRE)
    expect(page.locator(".records tbody tr")).to_have_count(1)
    page.get_by_role("link", name=f"Employee {WITHOUT_COST_CENTRE}").click()
    record = page.get_by_role("dialog")
    expect(record).to_contain_text(COST_CENTRE)
    expect(record.get_by_text("What to do:")).to_be_visible()
    expect(record.get_by_role("link", name=re.compile("over time"))).to_have_attribute(
        "href", f"#/history/{run['connection_id']}?entity=employee&key={WITHOUT_COST_CENTRE}"
    )
    expect(record.get_by_text("Log lines")).to_have_count(int(role != "viewer"))
    if role == "operator":
        record.get_by_text("Log lines").click()
        expect(record.locator(".log li, .log p").first).to_be_visible()
    assert "search=1233" in page.url
    assert "record=employee%3A1233" in page.url
    axe(page)
    page.set_viewport_size(NARROW)
    fits(page)


@pytest.mark.requirement("OPS-1")
def test_a_replay_shows_first_what_it_would_do_and_then_cures(
    page_of: Callable[..., Page], run: dict[str, Any], stack: Stack
) -> None:
    page = page_of("operator", f"#/runs/{run['run_id']}?record=employee%3A{WITHOUT_COST_CENTRE}")

    def add(state: dict[str, Any]) -> None:
        known = state["objectValues"][0]
        state["objectValues"].append({**known, "dbId": "310990", "code": COST_CENTRE, "description": "New"})

    mend(stack, "xledger", add)
    page.get_by_role("dialog").get_by_role("button", name="Replay this record").click()
    replay = page.get_by_role("dialog")
    expect(replay.get_by_role("button", name="Replay", exact=True)).to_have_count(0)
    replay.get_by_role("button", name="Show what it would do").click()
    expect(replay).to_contain_text("It would write 1 record.", timeout=A_RUN)
    axe(page)
    replay.get_by_role("button", name="Replay", exact=True).click()
    expect(page.locator(".run-summary")).to_contain_text("as a replay")
    expect(page.locator(".run-status")).to_contain_text("succeeded", timeout=A_RUN)
    expect(page.get_by_role("button", name=re.compile("(created|updated) 1"))).to_be_visible()


def test_a_run_is_stopped_once_that_is_confirmed(page_of: Callable[..., Page], stack: OneProcess) -> None:
    page = page_of("operator")
    with stack.machines.held():
        page.get_by_role("button", name="Preview: Nordlys Energi, Employees").click()
        page.get_by_role("button", name="Stop").click()
        page.get_by_role("dialog").get_by_role("button", name="Stop").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".run-status")).to_contain_text("stopped", timeout=A_RUN)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)


def test_a_run_of_very_many_records_is_read_by_the_page(
    page_of: Callable[..., Page], run: dict[str, Any]
) -> None:
    many, asked = 100_000, list[int]()

    def records(route: Route) -> None:
        start = int((re.search(r"cursor=(\d+)", route.request.url) or ["", "0"])[1])
        if "reason=" not in route.request.url:
            asked.append(start)
        rows = [
            {**record, "record_id": f"employee:{number}", "key": f"{number}", "label": f"Employee {number}"}
            for number in range(start, start + 100)
        ]
        route.fulfill(json={"items": rows, "next_cursor": str(start + 100)})

    def big(route: Route) -> None:
        route.fulfill(json={**run, "counts": {**run["counts"], "updated": many}})

    change = {"field": "phone", "old": "1", "new": "2"}
    record = {
        "entity": "employee", "outcome": "updated", "attempts": 1, "reason": None, "request": None,
        "changes": [change],
    }  # fmt: skip
    page = page_of("viewer")
    page.route(re.compile(rf"/runs/{run['run_id']}$"), big)
    page.route(re.compile(rf"/runs/{run['run_id']}/records"), records)
    page.goto(page.url.replace("#/", f"#/runs/{run['run_id']}"))
    rows = page.locator(".records tbody tr")
    expect(rows).to_have_count(100)
    assert len(asked) <= 2, "it is opened with what is near, never all"
    for pages in range(2, 8):
        rows.last.scroll_into_view_if_needed()
        expect(page.get_by_role("link", name=f"Employee {pages * 100 - 1}", exact=True)).to_be_attached()
    assert sorted(asked)[:7] == [*range(0, 700, 100)]
    assert rows.count() < 500, "rows that are far from what is seen are not drawn"
