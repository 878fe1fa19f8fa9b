"""On call: what is wrong still, the runbook one click away, dead letters; and the service (OPS-2, CON-5)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from local.stack.stack import Stack
from tests.browser.looks import axe, fits

NARROW = {"width": 320, "height": 700}


def left(stack: Stack) -> None:
    """A start of the leave connection that could not be handed over."""
    letter = {
        "tenant": "demo",
        "connection_id": stack.facts["connections"]["attache_express_leave"],
        "flow": "balance_sync",
    }
    stack.client("sqs").send_message(
        QueueUrl=stack.outputs["DeadLetterQueueUrl"], MessageBody=json.dumps(letter)
    )


@pytest.mark.requirement("OPS-2")
def test_what_is_wrong_leads_to_records_and_to_the_runbook(page_of: Callable[..., Page]) -> None:
    page = page_of("viewer", "#/on-call")
    reason = page.locator(".choice .chip").first
    reason.click()
    expect(page).to_have_url(re.compile("reason=[A-Z_]+"))
    expect(page.locator(".remedy").first).to_contain_text("What to do:")
    axe(page)
    page.get_by_role("link", name="What to do: the runbook").first.click()
    expect(page.locator(".prose pre").first).to_contain_text("./payrelay")
    axe(page)


@pytest.mark.requirement("OPS-3")
def test_a_dead_letter_is_redriven(page_of: Callable[..., Page], stack: Stack) -> None:
    left(stack)
    page = page_of("operator", "#/on-call")
    row = page.get_by_role("row", name="a start that could not be handed over")
    row.get_by_role("button", name="Redrive").click()
    expect(page.locator("#said")).to_contain_text("run")
    expect(row).to_have_count(0)


@pytest.mark.parametrize("view", ["#/on-call", "#/on-call/runbook", "#/on-call/runbook/dead-letters"])
def test_a_narrow_window_has_it_all(page_of: Callable[..., Page], view: str) -> None:
    fits(page_of("operator", view, viewport=NARROW))


@pytest.mark.requirement("CON-5")
def test_the_service_takes_access_looks_and_ends_it(page_of: Callable[..., Page]) -> None:
    page = page_of("service")
    axe(page)
    page.get_by_role("button", name="Take access").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Tenant").fill("demo")
    dialog.get_by_label("Reason").fill("A customer called")
    dialog.get_by_role("button", name="Take access").click()
    expect(page.locator(".who")).to_contain_text("demo")
    expect(page.locator("h1")).to_have_text("On call")
    page.get_by_role("link", name="Service").click()
    page.get_by_role("button", name="End it").click()
    expect(page.locator("#said")).to_contain_text("has ended")
    fits(page)
