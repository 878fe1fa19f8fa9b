"""History: who changed a person's bank account on that day, by which run, from what to what."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from local.stack.stack import Stack
from tests.browser.looks import HOSTILE, axe, fits, look
from tests.browser.outside import people
from tests.worlds.user import User

NARROW = {"width": 320, "height": 640}
PERSON = "1160"
BANK = "employee.bankAccount"


@pytest.fixture(scope="module")
def written(stack: Stack) -> list[dict[str, Any]]:
    """Two runs that wrote somebody: their name and phone, then another bank account."""
    connection = stack.facts["connections"]["simployer_xledger"]
    operator = User(stack, "operator")
    order = {"flow": "employee_export", "options": {"employees": [PERSON]}}
    runs = []
    for change in (
        {"lastName": HOSTILE, "privatePhone": "+4790011160"},
        {"bankAccount": {"iban": "NO5999990000553", "bic": "TESTNOKK", "country": "NO"}},
    ):
        people(stack, {PERSON: change})
        run = operator.follow(operator("POST", f"/connections/{connection}/runs", order).json())
        assert run["counts"]["updated"] + run["counts"]["created"] == 1, run
        runs.append(run)
    return runs


@pytest.mark.requirement("RUN-6")
def test_history_leads_from_a_name_a_field_and_a_day_to_the_run(
    page_of: Callable[..., Page], written: list[dict[str, Any]], stack: Stack
) -> None:
    connection = stack.facts["connections"]["simployer_xledger"]
    page = page_of("viewer", f"#/history/{connection}")
    axe(page)
    page.get_by_label("Employee number").press_sequentially("<img src=x")
    page.get_by_role("button", name=re.compile(f"Employee {PERSON}")).click()
    entries = page.locator(".timeline > li")
    expect(entries).to_have_count(2)
    expect(entries.first).to_contain_text("asked for by operator@demo.example")
    look(page)
    axe(page)
    page.get_by_label("Field").select_option(BANK)
    today = f"{datetime.now(ZoneInfo('Europe/Oslo')).date()}"
    page.get_by_label("From").fill(today)
    page.get_by_label("Until").fill(today)
    rows = page.locator(".history .table tbody tr")
    expect(rows.first).to_contain_text("*")
    expect(rows.first).to_contain_text("operator@demo.example")
    expect(rows.first).to_contain_text("bankAccount.iban")
    assert f"field={BANK}" in page.url
    assert f"from={today}" in page.url
    axe(page)
    page.set_viewport_size(NARROW)
    fits(page)
    rows.first.get_by_role("link", name="Employees").click()
    expect(page).to_have_url(re.compile(rf"#/runs/{written[-1]['run_id']}\?record=employee%3A{PERSON}"))
    expect(page.get_by_role("dialog")).to_contain_text(BANK)


def test_days_and_numbers_of_which_nothing_is_told_say_so(
    page_of: Callable[..., Page], written: list[dict[str, Any]], stack: Stack
) -> None:
    connection = stack.facts["connections"]["simployer_xledger"]
    page = page_of(
        "viewer", f"#/history/{connection}?entity=employee&key={PERSON}&from=2020-01-01&to=2020-01-02"
    )
    expect(page.get_by_text("Nothing was written of 1160 on these days.")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.locator(".timeline > li")).to_have_count(len(written))
    page.get_by_label("Employee number").fill("no such person")
    expect(page.get_by_text("The last runs tell of nothing called")).to_be_visible()
    page.get_by_role("button", name="Show history").click()
    expect(page.get_by_text("Nothing was ever written of no such person here.")).to_be_visible()
