"""Leave: who is not right and why, one employee's checks, the cure; an employee's own page (LB-10, LB-12)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from local.stack.stack import Stack
from tests.browser.looks import axe, fits

NARROW = {"width": 320, "height": 700}
NOT_RIGHT = "not right"


@pytest.fixture
def leave(stack: Stack) -> str:
    return str(stack.facts["connections"]["attache_express_leave"])


@pytest.mark.requirement("LB-10")
def test_a_diagnosis_leads_to_its_cure(page_of: Callable[..., Page]) -> None:
    page = page_of("operator", "#/leave")
    page.get_by_role("button", name="Compare everybody now").click()
    cause = page.locator(".cause").filter(has_text="DIFFERS")
    expect(cause).to_contain_text("What to do:")
    axe(page)
    cause.locator(".people a").first.click()
    checks = page.locator(".checks li")
    expect(checks.filter(has_text=NOT_RIGHT).first).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Refresh", exact=True).click()
    expect(page.get_by_role("button", name="On its way …")).to_be_disabled()
    expect(page.locator("tbody .status", has_text="the same").first).to_be_visible()
    expect(page.locator("tbody .status", has_text="differs")).to_have_count(0)
    page.get_by_role("button", name="Check again").click()
    expect(checks.filter(has_text="balance and As At agree").filter(has_text=NOT_RIGHT)).to_have_count(0)


def test_who_may_not_refresh_has_no_button(page_of: Callable[..., Page], leave: str) -> None:
    page = page_of("viewer", f"#/leave/{leave}/E1001", viewport=NARROW)
    expect(page.locator(".checks li").first).to_be_visible()
    expect(page.get_by_role("button", name="Refresh", exact=True)).to_have_count(0)
    fits(page)


def test_an_admin_finds_the_green_button(page_of: Callable[..., Page], leave: str) -> None:
    page = page_of("admin", f"#/leave/{leave}")
    page.get_by_role("button", name="Check the connection again").click()
    expect(page.locator("#said")).to_contain_text("as it should be")
    page.get_by_role("link", name="Connect to Organisation").click()
    expect(page).to_have_url(re.compile(f"#/connections/{leave}$"))


@pytest.mark.requirement("LB-12")
def test_an_employee_sees_and_refreshes_what_is_theirs(page_of: Callable[..., Page]) -> None:
    page = page_of("employee", viewport=NARROW)
    expect(page.locator("h1")).to_have_text("My leave and pay")
    expect(page.get_by_role("row", name=re.compile("Annual Leave .* As At: "))).to_be_visible()
    fits(page)
    axe(page)
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator("#said")).to_contain_text("up to date")
    expect(page.locator("main")).to_contain_text("Last checked:")
    expect(page.locator("#navigation a")).to_have_count(1)
