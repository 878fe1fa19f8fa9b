"""The plan of a held run or a preview: whom the brake means, what has moved since, applying exactly that."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from local.stack.stack import Stack
from tests.browser.looks import HOSTILE, axe, fits, look
from tests.browser.outside import people
from tests.worlds.user import User

NARROW = {"width": 320, "height": 640}
A_RUN = 60_000
# None of whom another test tells.
LEAVERS = [str(number) for number in range(1100, 1112)]
MOVED, STAYS = LEAVERS[:2]
NAMED = "1150"


def ends(days: int) -> dict[str, str]:
    """A last day in Simployer One."""
    return {"endDate": f"{datetime.now(UTC).date() + timedelta(days=days)}T00:00:00.000Z"}


@pytest.fixture(scope="module")
def held(stack: Stack) -> dict[str, Any]:
    """A run that the brake holds: a department leaves."""
    operator = User(stack, "operator")
    path = f"/connections/{stack.facts['connections']['simployer_xledger']}/runs"
    order = {"flow": "employee_export", "options": {"employees": [*LEAVERS, NAMED]}}
    operator.follow(operator("POST", path, order).json())
    people(stack, {number: ends(40) for number in LEAVERS} | {NAMED: {"lastName": HOSTILE}})
    run = operator.follow(operator("POST", path, order).json())
    assert (run["status"], run["held"]["people"]) == ("held", len(LEAVERS)), run
    return run


@pytest.mark.requirement("RUN-10")
def test_a_held_run_shows_whom_the_brake_means_and_what_has_moved_since(
    page_of: Callable[..., Page], stack: Stack, held: dict[str, Any]
) -> None:
    page = page_of("operator", f"#/runs/{held['run_id']}/plan")
    brake = page.get_by_role("region", name="The brake holds this run")
    expect(brake).to_contain_text(held["held"]["message"])
    expect(brake.get_by_role("button", name="Whom the brake means")).to_have_attribute("aria-pressed", "true")
    rows = page.locator(".records tbody tr")
    expect(rows).to_have_count(len(LEAVERS))
    expect(rows.filter(has_text=MOVED)).to_contain_text("is ended")
    expect(page.get_by_text("an admin decides")).to_be_visible()
    expect(page.get_by_role("button", name="Apply exactly this")).to_have_count(0)
    axe(page)
    people(stack, {MOVED: ends(80), STAYS: {"endDate": None}})
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_text(f"2 of {len(LEAVERS)} records shown have moved since")).to_be_visible(
        timeout=A_RUN
    )
    expect(rows.filter(has_text=MOVED)).to_contain_text("planned otherwise now")
    expect(rows.filter(has_text=MOVED)).to_contain_text(ends(80)["endDate"][:10])
    expect(rows.filter(has_text=STAYS)).to_contain_text("not needed any more")
    assert "again=run_" in page.url
    axe(page)
    page.set_viewport_size(NARROW)
    fits(page)
    brake.get_by_role("button", name="Everything planned").click()
    page.get_by_label("Name or number").fill("title='taken")
    expect(rows).to_have_count(1)
    look(page)


@pytest.mark.requirement("RUN-9", "RUN-10")
def test_an_admin_applies_a_held_plan_once_and_what_has_moved_is_marked(
    page_of: Callable[..., Page], stack: Stack, held: dict[str, Any]
) -> None:
    people(stack, {MOVED: ends(80)})
    view = f"#/runs/{held['run_id']}/plan"
    page, other = page_of("admin", view), page_of("admin", view)
    for one in (page, other):
        one.get_by_role("button", name="Apply exactly this").click()
        dialog = one.get_by_role("dialog")
        expect(dialog).to_contain_text("In Xledger:")
        expect(dialog.get_by_role("button", name="Apply exactly this")).to_be_disabled()
        dialog.get_by_label(f"I have looked at the {len(LEAVERS)} people").check()
    axe(page)
    page.get_by_role("dialog").get_by_role("button", name="Apply exactly this").click()
    expect(page.locator("h1")).to_have_text("Employees: plan applied")
    expect(page.locator(".run-status")).to_contain_text("partly done", timeout=A_RUN)
    other.get_by_role("dialog").get_by_role("button", name="Apply exactly this").click()
    expect(other.get_by_role("dialog")).to_contain_text("applied already")
    expect(other.get_by_role("dialog").get_by_role("link", name="Open the run")).to_have_attribute(
        "href", re.compile(r"#/runs/run_")
    )
    other.get_by_role("button", name="Cancel").click()
    expect(other.get_by_text("This plan was applied")).to_be_visible()
    expect(other.locator(".records tbody tr").filter(has_text=MOVED)).to_contain_text("left alone")
    expect(other.get_by_role("button", name="Apply exactly this")).to_have_count(0)


@pytest.mark.requirement("RUN-7", "RUN-9")
@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_a_preview_is_grouped_by_field_and_reason_and_applied_by_operators(
    page_of: Callable[..., Page], stack: Stack, held: dict[str, Any], role: str
) -> None:
    connection = stack.facts["connections"]["simployer_xledger"]
    page = page_of("operator", f"#/runs/{held['run_id']}/plan")
    page.get_by_role("button", name="New preview").click()
    page.get_by_label("Employees", exact=True).fill("1151\n1152")
    people(stack, {number: {"privatePhone": f"+47900{number}{len(role)}"} for number in ("1151", "1152")})
    page.get_by_role("dialog").get_by_role("button", name="Start a preview").click()
    expect(page.get_by_text("2 records would be written in Xledger")).to_be_visible(timeout=A_RUN)
    page = page_of(role, page.url[page.url.index("#") :])
    page.get_by_role("button", name="contact.phone 2").click()
    expect(page.get_by_role("button", name="contact.phone 2")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".records tbody tr")).to_have_count(2)
    assert "field=contact.phone" in page.url
    expect(page.get_by_role("button", name="Apply exactly this")).to_have_count(int(role == "operator"))
    expect(page.get_by_text("takes the role operator")).to_have_count(int(role == "viewer"))
    expect(page.get_by_role("link", name="Nordlys Energi")).to_have_attribute(
        "href", f"#/connections/{connection}"
    )
    axe(page)


def test_a_plan_that_is_not_kept_any_more_says_what_to_do(
    page_of: Callable[..., Page], held: dict[str, Any]
) -> None:
    def expired(route: Route) -> None:
        problem = {
            "type": "about:blank",
            "title": "The plan is not kept any more",
            "status": 409,
            "code": "PLAN_EXPIRED",
            "detail": "The plan of this run is not kept any more.",
            "remedy": "Make a new preview.",
        }
        route.fulfill(status=409, json=problem, content_type="application/problem+json")

    page = page_of("operator")
    page.route(re.compile(rf"/runs/{held['run_id']}/records"), expired)
    page.goto(page.url.split("#")[0] + f"#/runs/{held['run_id']}/plan")
    expect(page.get_by_text("Make a new preview.")).to_be_visible()
    expect(page.get_by_role("button", name="New preview")).to_be_visible()
