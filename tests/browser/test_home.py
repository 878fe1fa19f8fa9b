"""The overview: every connection and flow, what needs somebody on top, and a sync from there to its end."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.looks import HOSTILE, axe, fits, look, settled
from tests.worlds.one_process import OneProcess

NARROW = {"width": 320, "height": 640}
A_RUN = 60_000
HELD_RUN = "run_01JD9Z4A6B8C0D2E4F6G8H0J2K"
LOST = {
    "code": "SCHEDULE_LOST",
    "message": "The scheduler does not have the schedule.",
    "remedy": "Put it again as it is.",
}


def changed(page: Page, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    """Let the connections be told otherwise than they are."""

    def answer(route: Route) -> None:
        response = route.fetch()
        body = response.json()
        route.fulfill(response=response, json={**body, "items": change(body["items"])})

    page.route(re.compile(r"/connections\?"), answer)


def troubled(connections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One that needs attention, one whose run is held, one whose run was missed; many that are well."""
    first = next(one for one in connections if "employee_export" in one["flows"])
    well = {**first, "status": "connected", "reason": None}
    standing = well["standings"]["employee_export"]
    calm = {**standing, "missed_at": None, "next_run_problem": None, "recent": []}

    def one(number: int, name: str, standing: dict[str, Any], **more: Any) -> dict[str, Any]:
        standings = {"employee_export": {**calm, **standing}}
        told = {"connection_id": f"con_{number}", "name": name, "flows": ["employee_export"]}
        return {**well, **told, "standings": standings, **more}

    run = {"run_id": HELD_RUN, "mode": "sync", "status": "held", "counts": {"skipped": 1}, "reasons": {}}
    held = {"recent": [{**run, "finished_at": "2026-11-23T05:02:11.480Z"}]}
    missed = {"missed_at": "2026-11-23T05:00:00.000Z", "missed_reason": LOST}
    return [
        *(one(number, f"Customer {number:02}", {}) for number in range(10, 57)),
        one(1, HOSTILE, held),
        one(2, "Missing Ltd", missed),
        one(3, "Locked Ltd", {}, status="attention", reason=LOST),
    ]


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize("role", ["admin", "operator", "viewer"])
def test_each_role_sees_its_connections_and_the_buttons_that_it_may_press(
    page_of: Callable[..., Page], role: str
) -> None:
    page = page_of(role)
    row = page.get_by_role("row", name=re.compile("Nordlys Energi.*Employees"))
    expect(row).to_contain_text("Simployer One to Xledger")
    expect(row.get_by_role("button", name="Sync now")).to_have_count(int(role != "viewer"))
    expect(page.get_by_text("takes the role operator")).to_have_count(int(role == "viewer"))
    expect(page.get_by_role("link", name="New connection")).to_have_count(int(role == "admin"))
    axe(page)
    page.set_viewport_size(NARROW)
    fits(page)


@pytest.mark.requirement("TRG-2", "RUN-3")
def test_a_sync_from_the_overview_is_followed_to_its_end(
    page_of: Callable[..., Page], stack: OneProcess
) -> None:
    page = page_of("operator")
    with stack.machines.held():
        page.get_by_role("button", name="Sync now: Nordlys Energi, Employees").click()
        expect(page.locator("h1")).to_have_text("Employees: sync")
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.locator(".run-status")).to_contain_text("partly done", timeout=A_RUN)
    expect(page.get_by_role("button", name=re.compile(r"blocked [1-9]"))).to_be_visible()
    run = page.url.rpartition("/")[2]
    page.get_by_role("link", name="Overview").first.click()
    row = page.get_by_role("row", name=re.compile("Nordlys Energi.*Employees"))
    expect(row.locator(f'a[href="#/runs/{run}"]')).to_be_visible()
    expect(row).to_contain_text("partly done")


@pytest.mark.requirement("TRG-5")
def test_what_needs_somebody_is_on_top_and_says_what_to_do(
    page_of: Callable[..., Page],
) -> None:
    """Fifty connections, one with a hostile name; they come with one call, and are narrowed by a word."""
    page = page_of("operator")
    changed(page, troubled)
    page.reload()
    settled(page)
    needs = page.locator(".home-needs li")
    expect(needs).to_have_count(3)
    look(page)
    held = needs.filter(has_text="held")
    expect(held.get_by_role("link", name="Look at the plan")).to_have_attribute(
        "href", f"#/runs/{HELD_RUN}/plan"
    )
    missed = needs.filter(has_text="Missing Ltd")
    expect(missed).to_contain_text(LOST["remedy"])
    expect(missed.get_by_role("button", name="Sync now")).to_be_visible()
    locked = needs.filter(has_text="Locked Ltd")
    expect(locked.get_by_role("link", name="Open the connection")).to_have_attribute(
        "href", "#/connections/con_3"
    )
    rows = page.locator(".home-all tbody tr")
    expect(rows).to_have_count(50)
    expect(rows.first).to_contain_text("needs attention")
    axe(page)
    page.get_by_label("Find a connection").fill("customer 33")
    expect(rows).to_have_count(1)
    assert page.url.endswith("?search=customer+33")
    page.set_viewport_size(NARROW)
    fits(page)


def test_without_a_connection_an_admin_is_led_to_the_first(page_of: Callable[..., Page]) -> None:
    page = page_of("other_tenant_admin")
    page.get_by_role("main").get_by_role("link", name="New connection").last.click()
    expect(page).to_have_url(re.compile("#/connections/new$"))
