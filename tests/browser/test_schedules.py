"""Schedules: the next five runs before one is saved, over a change of the clock, and what was saved."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, Route, expect

from local.stack.stack import Stack
from payrelay.domain.schedules import next_runs, schedule_of
from tests.browser.looks import axe, fits
from tests.worlds.user import User

ZONE = ZoneInfo("Europe/Oslo")
# Two days before the clocks go forward in Oslo, on 28 March 2027.
BEFORE = datetime(2027, 3, 26, 12, tzinfo=UTC)
NARROW = {"width": 320, "height": 640}


def as_of(page: Page, moment: datetime) -> None:
    """Let the API tell the next runs as it would at a moment, and the page take that for now."""

    def answer(route: Route) -> None:
        response = route.fetch()
        if not response.ok or route.request.method == "DELETE":
            return route.fulfill(response=response)
        body: dict[str, Any] = response.json()
        runs = next_runs(schedule_of(body), moment, 5)
        told = [f"{run:%Y-%m-%dT%H:%M:%S}.000Z" for run in runs]
        route.fulfill(response=response, json={**body, "next_runs": told})
        return None

    page.route(re.compile(r"/schedules/"), answer)
    page.clock.set_fixed_time(moment)


@pytest.mark.requirement("TRG-1")
def test_five_runs_over_a_change_of_the_clock_are_shown_saved_and_read_again(
    page_of: Callable[..., Page], stack: Stack, user: Callable[[str], User]
) -> None:
    connection = stack.facts["connections"]["simployer_xledger"]
    page = page_of("admin", f"#/connections/{connection}", alone=True)
    as_of(page, BEFORE)
    page.get_by_role("link", name="Schedules").click()
    page.get_by_role("button", name="Set a schedule: Employees").click()
    for one in ("Mon", "Tue", "Wed", "Thu", "Fri"):
        page.get_by_label(one).uncheck()
    expect(page.get_by_text("must be a list of different days")).to_be_visible()
    for one in ("Sat", "Sun", "Mon"):
        page.get_by_label(one).check()
    page.get_by_label("Time", exact=True).fill("02:30")
    page.get_by_label("Time zone").fill("Nowhere/Else")
    expect(page.get_by_text("must be an IANA time zone")).to_be_visible()
    page.get_by_role("button", name="Use mine: Europe/Oslo").click()
    runs = page.locator(".runs-ahead li")
    expect(runs).to_have_count(5)
    expect(runs.nth(0)).to_contain_text(re.compile(r"Sat, 27 Mar 2027.*02:30 GMT\+1"))
    expect(runs.nth(1)).to_contain_text("Clocks go forward by 1 hour here")
    expect(runs.nth(1)).to_contain_text(re.compile(r"Sun, 28 Mar 2027.*03:00 GMT\+2"))
    expect(runs.nth(1)).to_contain_text("There is no 02:30 on that day")
    expect(runs.nth(2)).to_contain_text(re.compile(r"Mon, 29 Mar 2027.*02:30 GMT\+2"))
    axe(page)
    page.set_viewport_size(NARROW)
    fits(page)
    page.get_by_role("button", name="Save schedule").click()
    expect(page.get_by_text("Mon, Sat and Sun at 02:30, Europe/Oslo")).to_be_visible()
    stored = user("viewer")("GET", f"/connections/{connection}/schedules/employee_export").json()
    assert (stored["days"], stored["time"], stored["enabled"]) == (["MON", "SAT", "SUN"], "02:30", True)

    page.get_by_role("button", name="Pause: Employees").click()
    expect(page.get_by_text("paused", exact=True)).to_be_visible()
    page.get_by_role("button", name="Delete: Employees").click()
    page.locator("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Set a schedule: Employees")).to_be_visible()
    missing = user("viewer")("GET", f"/connections/{connection}/schedules/employee_export")
    assert missing.status_code == 404


def test_a_flow_that_may_runs_all_day_long(page_of: Callable[..., Page], stack: Stack) -> None:
    connection = stack.facts["connections"]["synergy_payroll_plus"]
    page = page_of("admin", f"#/connections/{connection}?tab=schedules&flow=request_sync")
    page.get_by_role("button", name="All day long").click()
    page.get_by_label("Every").select_option("60")
    page.get_by_label("Until").fill("05:00")
    expect(page.get_by_text("must be later than from")).to_be_visible()
    page.get_by_label("Until").fill("21:00")
    expect(page.locator(".runs-ahead li")).to_have_count(5 + 4 * 5)
    page.get_by_role("button", name="Save schedule").click()
    expect(page.get_by_text("every 1 hour from 06:00 until 21:00, Europe/Amsterdam")).to_be_visible()
    axe(page)


@pytest.mark.requirement("TRG-4")
def test_who_may_not_change_a_schedule_reads_it(page_of: Callable[..., Page], stack: Stack) -> None:
    connection = stack.facts["connections"]["synergy_payroll_plus"]
    page = page_of("operator", f"#/connections/{connection}?tab=schedules&flow=payroll_sync")
    expect(page.get_by_text("Every day at 05:00, Europe/Amsterdam")).to_be_visible()
    expect(page.get_by_text("An admin can change it.")).to_be_visible()
    expect(page.locator("main button")).to_have_count(0)
