"""Connections: made, mended, connected, read by those who may not change them, and taken away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from local.stack.seed import CREDENTIALS
from local.stack.stack import Stack
from tests.browser.looks import HOSTILE, axe, fits, look, settled
from tests.worlds.user import User

NARROW = {"width": 320, "height": 640}
TABS = ("", "settings", "credentials", "schedules", "hook", "changes")


@pytest.fixture
def made(stack: Stack, user: Callable[[str], User]) -> Iterator[dict[str, Any]]:
    """A connection of the test's own, not connected yet, with a name that would be markup."""
    systems = ("simployer", "xledger")
    settings = {system: {"base_url": stack.facts["sandboxes"][system]} for system in systems}
    body = {"name": HOSTILE, "kind": "simployer_xledger", "settings": settings, "credentials": CREDENTIALS}
    admin = user("admin")
    connection = admin("POST", "/connections", body).json()
    yield connection
    admin("POST", f"/connections/{connection['connection_id']}/disconnect")
    admin("DELETE", f"/connections/{connection['connection_id']}")


@pytest.mark.requirement("CON-1", "CON-2")
def test_a_wrong_setting_is_told_at_its_field_and_mended(
    page_of: Callable[..., Page], stack: Stack, user: Callable[[str], User]
) -> None:
    """From the list to a connection that is connected, and away with it."""
    page = page_of("admin", "#/connections")
    page.get_by_role("link", name="New connection").click()
    page.get_by_label("Simployer One to Xledger").check()
    page.get_by_label("Name (required)").fill("Fjord Kraft")
    for system, secret in (("Simployer One: Access token", "simployer"), ("Xledger: API token", "xledger")):
        field = page.get_by_label(system)
        expect(field).to_have_attribute("type", "password")
        field.fill(next(iter(CREDENTIALS[secret].values())))
    page.get_by_text("More settings").click()
    page.get_by_label("Simployer One: Address").fill(stack.facts["sandboxes"]["simployer"])
    page.get_by_label("Xledger: Address").fill("https://example.com")
    page.get_by_label("Employment types").fill("permanent_employment\ntemporary")
    page.get_by_label("Days that details of runs are kept").fill("0")
    page.get_by_role("button", name="Create connection").click()
    days = page.get_by_label("Days that details of runs are kept")
    expect(days).to_have_attribute("aria-invalid", "true")
    expect(days).to_be_focused()
    expect(page.locator(".field", has=days)).to_contain_text("greater than or equal to 1")
    axe(page)
    days.fill("90")
    page.get_by_role("button", name="Create connection").click()
    address = page.get_by_label("Xledger: Address")
    expect(address).to_be_focused()
    expect(page.locator(".field", has=address).locator(".error")).to_contain_text("xledger.net")
    address.fill(stack.facts["sandboxes"]["xledger"])
    page.get_by_role("button", name="Create connection").click()
    expect(page.locator("h1")).to_have_text("Fjord Kraft")
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.locator("main .subtitle")).to_contain_text(re.compile("^ *connected"))
    expect(page.get_by_text("Xledger entity 500")).to_be_visible()
    connection = re.search(r"con_\w+", page.url)
    assert connection
    stored = user("viewer")("GET", f"/connections/{connection[0]}").json()
    assert stored["settings"]["retention_days"] == 90
    assert stored["settings"]["selection"]["employment_types"] == ["permanent_employment", "temporary"]

    page.get_by_role("button", name="Disconnect").click()
    page.locator("dialog").get_by_role("button", name="Disconnect").click()
    expect(page.locator("main .subtitle")).to_contain_text("not connected")
    page.get_by_role("button", name="Delete connection").click()
    asked = page.locator("dialog")
    expect(asked.get_by_role("button", name="Delete connection")).to_be_disabled()
    asked.get_by_label("Type its name").fill("Fjord Kraft")
    asked.get_by_role("button", name="Delete connection").click()
    expect(page.locator("h1")).to_have_text("Connections")
    expect(page.get_by_text("Fjord Kraft", exact=True)).to_have_count(0)


def test_only_what_was_changed_is_sent_and_credentials_go_with_a_new_address(
    page_of: Callable[..., Page], made: dict[str, Any]
) -> None:
    page = page_of("admin", f"#/connections/{made['connection_id']}?tab=settings")
    look(page)
    page.get_by_label("Months looked back").fill("5")
    page.get_by_role("button", name="Add: Short days").click()
    page.get_by_label("Date (year-month-day)").fill("2026-12-24")
    page.get_by_label("Value").fill("4.5")
    with page.expect_request(lambda request: request.method == "PATCH") as sent:
        page.get_by_role("button", name="Save").click()
    assert sent.value.post_data_json == {
        "settings": {"time_off": {"look_back_months": 5, "short_days": {"2026-12-24": "4.5"}}}
    }
    expect(page.get_by_text("The settings are saved.")).to_be_visible()

    address = page.get_by_label("Xledger: Address")
    expect(page.get_by_label("Xledger: API token")).to_have_count(0)
    address.fill(f"{made['settings']['xledger']['base_url']}/elsewhere")
    token = page.get_by_label("Xledger: API token")
    page.get_by_role("button", name="Save").click()
    expect(token).to_have_attribute("aria-invalid", "true")
    expect(token).to_be_focused()
    axe(page)


def test_a_form_that_nobody_touches_changes_nothing_and_none_is_no_default(
    page_of: Callable[..., Page], stack: Stack
) -> None:
    page = page_of("admin", "#/connections")
    for connection in stack.facts["connections"].values():
        page.goto(page.url.split("#")[0] + f"#/connections/{connection}?tab=settings")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Nothing has been changed.")).to_be_visible()
        page.evaluate("document.getElementById('said').textContent = ''")
    payroll = stack.facts["connections"]["synergy_payroll_plus"]
    page.goto(page.url.split("#")[0] + f"#/connections/{payroll}?tab=settings")
    day = page.get_by_label("Day of the month when everybody is compared", exact=True)
    page.get_by_label("Day of the month when everybody is compared: None").check()
    expect(day).to_be_disabled()
    for wanted in (None, 1):
        with page.expect_request(lambda request: request.method == "PATCH") as sent:
            page.get_by_role("button", name="Save").click()
        assert sent.value.post_data_json == {"settings": {"reconcile_day": wanted}}
        expect(page.get_by_text("The settings are saved.")).to_be_visible()
        page.evaluate("document.getElementById('said').textContent = ''")
        if wanted is None:
            page.get_by_label("Day of the month when everybody is compared: None").uncheck()


@pytest.mark.requirement("CON-3")
def test_credentials_are_replaced_and_never_shown(
    page_of: Callable[..., Page], made: dict[str, Any], user: Callable[[str], User]
) -> None:
    page = page_of("admin", f"#/connections/{made['connection_id']}?tab=credentials", alone=True)
    answers: list[str] = []
    page.on("response", lambda answer: answers.append(answer.text()) if answer.ok else None)
    card = page.locator("section", has=page.get_by_role("heading", name="Xledger"))
    expect(card).to_contain_text("Entered by admin@demo.example")
    card.get_by_role("button", name="Replace").click()
    field = card.get_by_label("API token")
    expect(field).to_have_attribute("autocomplete", "off")
    card.get_by_role("button", name="Save").click()
    expect(card.locator(".error")).to_have_text("is required")
    field.fill("another-sandbox-token")
    card.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The credentials of Xledger are replaced.")).to_be_visible()
    expect(field).to_have_count(0)
    page.get_by_role("link", name="Changes").click()
    expect(
        page.get_by_role("row", name=re.compile("changed it.*Credentials › Xledger › API token"))
    ).to_be_visible()
    assert not [text for text in answers if "sandbox-token" in text]
    assert "sandbox-token" not in page.content()


@pytest.mark.requirement("TRG-4", "CON-5")
@pytest.mark.parametrize("role", ["admin", "operator", "viewer"])
def test_each_role_sees_every_part_and_only_an_admin_changes_one(
    page_of: Callable[..., Page], stack: Stack, role: str
) -> None:
    leave = stack.facts["connections"]["attache_express_leave"]
    page = page_of(role, "#/connections")
    axe(page)
    for tab in TABS:
        page.goto(page.url.split("#")[0] + f"#/connections/{leave}" + (f"?tab={tab}" if tab else ""))
        settled(page)
        expect(page.locator("main .loading")).to_have_count(0)
        axe(page)
        if role != "admin":
            expect(
                page.get_by_role("button", name=re.compile("Save|Replace|Delete|Disconnect|Pause|secret|Set"))
            ).to_have_count(0)
        page.set_viewport_size(NARROW)
        fits(page)
    page.goto(page.url.split("?")[0])
    expect(page.get_by_role("button", name="Preview: Leave balances")).to_have_count(int(role != "viewer"))


@pytest.mark.requirement("TRG-2")
def test_a_preview_is_started_with_options(page_of: Callable[..., Page], stack: Stack) -> None:
    connection = stack.facts["connections"]["simployer_xledger"]
    page = page_of("operator", f"#/connections/{connection}")
    page.get_by_role("button", name="Preview: Employees").click()
    asked = page.locator("dialog")
    asked.get_by_label("Employees").fill("1001\n1002")
    axe(page)
    with page.expect_request(lambda request: request.method == "POST") as sent:
        asked.get_by_role("button", name="Preview").click()
    assert sent.value.post_data_json == {
        "flow": "employee_export",
        "mode": "preview",
        "options": {"employees": ["1001", "1002"]},
    }
    expect(page).to_have_url(re.compile("#/runs/run_"))


@pytest.mark.requirement("TRG-3")
def test_the_secret_of_the_login_hook_is_shown_once(page_of: Callable[..., Page], stack: Stack) -> None:
    leave = stack.facts["connections"]["attache_express_leave"]
    page = page_of("admin", f"#/connections/{leave}?tab=hook")
    expect(page.get_by_label("Address")).to_have_value(re.compile(f"/hooks/login/{leave}$"))
    page.get_by_role("button", name="Change the secret").click()
    asked = page.locator("dialog")
    expect(asked).to_contain_text("good for another day")
    axe(page)
    asked.get_by_role("button", name="Change the secret").click()
    expect(page.get_by_label("Secret", exact=True)).to_have_value(re.compile(r"^whsec_.{44}$"))
    expect(page.get_by_text("The one before it is good until")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Changes").click()
    page.get_by_role("link", name="Login hook").click()
    expect(page.get_by_role("button", name="Change the secret")).to_be_visible()
    assert "whsec_" not in page.content()
