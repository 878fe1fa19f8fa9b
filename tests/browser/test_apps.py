"""The keys of apps: made and shown once, listed without them, revoked."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page, expect

from local.stack.stack import Stack
from tests.browser.looks import HOSTILE, axe, fits, look

NARROW = {"width": 320, "height": 640}


@pytest.mark.requirement("TRG-4")
def test_a_key_is_shown_once_used_and_revoked(page_of: Callable[..., Page], stack: Stack) -> None:
    page = page_of("admin", "#/apps")
    page.get_by_role("button", name="New app key").click()
    asked = page.locator("dialog")
    asked.get_by_role("button", name="Make the key").click()
    name = asked.get_by_label("Name")
    expect(name).to_be_focused()
    expect(asked.locator(".error")).to_have_count(2)
    axe(page)
    name.fill(HOSTILE)
    asked.get_by_label("Role").select_option("viewer")
    asked.get_by_role("button", name="Make the key").click()
    shown = page.get_by_label("Key", exact=True)
    expect(shown).to_have_value(re.compile(r"^prk_.{43}$"))
    look(page)
    axe(page)
    page.set_viewport_size(NARROW)
    fits(page)
    key = {"Authorization": f"Bearer {shown.input_value()}"}
    assert requests.get(f"{stack.api_url}/connections", headers=key, timeout=60).ok

    page.reload()
    row = page.get_by_role("row", name=re.compile("admin@demo.example"))
    expect(row).to_contain_text(re.compile("viewer"))
    assert "prk_" not in page.content()
    row.get_by_role("button", name="Revoke").click()
    page.locator("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("No app has a key.")).to_be_visible()
    assert requests.get(f"{stack.api_url}/connections", headers=key, timeout=60).status_code == 401
