"""The Sync page: documents, what keeps them back, and how their accounts are linked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from local.stack.stack import Stack
from tests.browser.looks import HOSTILE, axe, fits, look
from tests.browser.watched import Watched
from tests.worlds.invoices import Row, invoice, lines
from tests.worlds.sandboxes import Sandboxed
from tests.worlds.user import User

NARROW = {"width": 320, "height": 700}
BROOK = {"AccountId": "a-12", "AccountName": "Brook Farm Ltd"}
NORTHGATE = {"AccountId": "a-17", "AccountName": "Northgate Surgery"}
# A run is looked at every two seconds, and its batches take their time.
A_RUN_MS = 60_000


@dataclass
class Office(Sandboxed):
    """A connection whose AutoVu lists what a test puts there."""

    package: str
    urls: dict[str, str]
    connection: str

    @property
    def autovu(self) -> str:
        return f"autovu_{self.package}"

    @property
    def view(self) -> str:
        return f"#/invoices/{self.connection}"

    def book(self, *documents: Row) -> None:
        """These documents wait, and no others."""
        self.put(self.autovu, {**self.state(self.autovu), "documents": list(documents)})


@pytest.fixture(params=["quickbooks"])
def office(request: pytest.FixtureRequest, stack: Stack) -> Iterator[Office]:
    """One of the seeded connections; what its AutoVu had is there again afterwards."""
    package = str(request.param)
    connection = stack.facts["connections"][f"autovu_{package}"]
    made = Office(package, stack.facts["sandboxes"], connection)
    before = made.state(made.autovu)
    yield made
    made.put(made.autovu, before)


def row(page: Page, number: str) -> Locator:
    return page.locator("tbody tr").filter(has=page.get_by_role("button", name=number, exact=True))


def opened(page: Page, number: str) -> Locator:
    """The actions of a document."""
    page.get_by_role("button", name=number, exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"Accounts Sync (Actions): {number}")
    return dialog


def press(where: Page | Locator, name: str) -> None:
    where.get_by_role("button", name=name, exact=True).click()


@pytest.mark.requirement("IN-1", "IN-5")
def test_an_account_is_linked_and_its_document_syncs(office: Office, page_of: Callable[..., Page]) -> None:
    office.book(invoice("B1001", **BROOK), invoice("B1002", Date="2026-02-03"))
    page = page_of("operator", office.view)
    expect(row(page, "B1001")).to_contain_text("exists in QuickBooks, and is not linked yet")
    expect(row(page, "B1002")).to_contain_text("ready to sync")
    expect(page.get_by_role("heading", name="What would free the most documents")).to_be_visible()
    expect(page.get_by_role("button", name="Disconnect")).to_have_count(0)
    dialog = opened(page, "B1001")
    expect(dialog).to_contain_text("the very name: ")
    expect(dialog).to_contain_text("office@brookfarm.example")
    axe(page)
    dialog.get_by_role("button", name=re.compile("^Link This: Brook Farm Ltd")).click()
    expect(dialog.get_by_role("status")).to_contain_text("Brook Farm Ltd is linked with Brook Farm Ltd.")
    expect(dialog).to_contain_text("Nothing keeps it back")
    page.keyboard.press("Escape")
    expect(row(page, "B1001")).to_contain_text("ready to sync")
    press(page, "Sync")
    expect(page.locator("#said")).to_have_text(
        "The sync has ended: 2 documents posted, 0 not.", timeout=A_RUN_MS
    )
    expect(page.locator("main")).to_contain_text("No document waits for sync.")
    expect(page.get_by_label("What each batch has done")).to_contain_text("Sales invoice B1001")
    axe(page)


@pytest.mark.requirement("IN-2")
@pytest.mark.parametrize("office", ["xero"], indirect=True)
def test_auto_sync_goes_on_past_a_blocked_document_until_the_list_is_empty(
    office: Office, page_of: Callable[..., Page]
) -> None:
    waiting = [invoice(f"B20{place:02}") for place in range(7)]
    waiting[1]["Sent"] = False
    office.book(*waiting)
    page = page_of("operator", office.view)
    expect(row(page, "B2001")).to_contain_text("Cannot sync until marked as sent.")
    press(page, "Auto Sync")
    expect(page.get_by_role("timer")).to_contain_text("ends by itself in 19:")
    expect(row(page, "B2006")).to_have_count(0, timeout=A_RUN_MS)
    expect(page.locator(".invoices-grid tbody tr")).to_have_count(1)
    expect(row(page, "B2001")).to_be_visible()
    expect(page.get_by_label("What each batch has done")).to_contain_text("Cannot sync until marked as sent.")
    office.edit(office.autovu, "documents", {"Number": "B2001"}, Sent=True, RowVersion="99")
    expect(page.locator("#said")).to_contain_text("The sync has ended: 7 documents posted", timeout=A_RUN_MS)
    expect(page.locator("main")).to_contain_text("No document waits for sync.")


@pytest.mark.requirement("IN-6")
def test_a_wrong_id_is_removed(
    office: Office, user: Callable[[str], User], page_of: Callable[..., Page]
) -> None:
    office.book(invoice("B3001", **NORTHGATE))
    page = page_of("operator", f"{office.view}?kind=SalesInvoice")
    dialog = opened(page, "B3001")
    expect(dialog).to_contain_text("AccountsID (99999) is not correct, QuickBooks requires")
    expect(dialog.get_by_role("button", name=re.compile("^Link This"))).to_have_count(0)
    press(dialog, "Remove this id …")
    expect(dialog).to_contain_text("Remove 99999 from Northgate Surgery?")
    axe(page)
    press(dialog, "Remove")
    expect(dialog.get_by_role("status")).to_contain_text("Northgate Surgery is not linked any more.")
    expect(dialog.get_by_label("AccsID")).to_be_visible()
    (document,) = user("viewer")("GET", f"/connections/{office.connection}/documents").json()["items"]
    assert document["linked"] is None


@pytest.mark.requirement("IN-5", "IN-6")
@pytest.mark.parametrize("office", ["sage"], indirect=True)
def test_an_account_that_is_there_is_not_created_twice(office: Office, page_of: Callable[..., Page]) -> None:
    office.book(invoice("B4001", **BROOK))
    page = page_of("operator", office.view)
    dialog = opened(page, "B4001")
    expect(dialog.get_by_label("AccsID")).to_have_count(0)
    press(dialog, "Create New")
    expect(dialog).to_contain_text("Create Brook Farm Ltd as a new customer in Sage?")
    press(dialog, "Create New")
    expect(dialog.get_by_role("alert")).to_contain_text("Sage has Brook Farm Ltd")
    axe(page)


@pytest.mark.requirement("IN-1", "TRG-4")
def test_a_viewer_sees_everything_and_can_press_nothing(
    office: Office, user: Callable[[str], User], page_of: Callable[..., Page]
) -> None:
    hostile = {"AccountId": "a-16", "AccountName": HOSTILE}
    nothing = [{**lines("100.00", nominal="4999")[0], "Text": " "}]
    office.book({**invoice("B5001", **hostile), "Sent": False, "Lines": nothing, "StatusCode": HOSTILE})
    (document,) = user("viewer")("GET", f"/connections/{office.connection}/documents").json()["items"]
    page = page_of("viewer", office.view)
    look(page)
    expect(page.locator("main")).to_contain_text("take the role operator")
    dialog = opened(page, "B5001")
    assert len(document["reasons"]) >= 3
    for why in document["reasons"]:
        expect(dialog).to_contain_text(why["message"])
    axe(page)
    page.keyboard.press("Escape")
    for name in ("Sync", "Auto Sync", "Disconnect", "Create New", "Link"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    axe(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_narrow_window(office: Office, page_of: Callable[..., Page], scheme: str) -> None:
    office.book(invoice("B6001", **BROOK))
    page = page_of("admin", office.view, viewport=NARROW, color_scheme=scheme)
    expect(row(page, "B6001")).to_be_visible()
    fits(page)
    axe(page)
    opened(page, "B6001")
    fits(page)
    axe(page)


@pytest.mark.requirement("CON-2", "CON-3", "IN-8")
@pytest.mark.parametrize("office", ["sage"], indirect=True)
def test_it_is_disconnected_and_connected_by_a_consent_in_a_window_of_its_own(
    office: Office, page_of: Callable[..., Page], watched: list[Watched]
) -> None:
    page = page_of("admin", office.view)
    watched[-1].expect(office.urls["sage"])
    press(page, "Disconnect")
    press(page.get_by_role("dialog").locator("footer"), "Disconnect")
    expect(page.locator("#said")).to_have_text("Disconnected from Sage.")
    expect(page.locator("main")).to_contain_text("Not Connected")
    axe(page)
    with page.expect_popup() as window:
        press(page, "Connect to Sage")
    expect(window.value.locator("h1")).to_have_text("Thank you")
    expect(page.locator("#said")).to_have_text("Connected to Sage.")
    press(page, "Disconnect")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Auto Sync", exact=True)).to_be_visible()


@pytest.mark.requirement("IN-8")
def test_a_connection_that_lapsed_says_so_and_needs_no_new_consent(
    office: Office, page_of: Callable[..., Page]
) -> None:
    why = {
        "code": "LAPSED",
        "message": "It was not used for 20 minutes, and has ended.",
        "remedy": "Connect it again.",
    }
    page = page_of("admin", office.view)
    lapsed: dict[str, Any] = {"status": "not_connected", "reason": why}

    def answer(route: Route) -> None:
        found = route.fetch()
        route.fulfill(response=found, json={**found.json(), **lapsed})

    page.route(re.compile(rf"/connections/{office.connection}$"), answer)
    page.reload()
    expect(page.locator("main")).to_contain_text("It was not used for 20 minutes, and has ended.")
    expect(page.get_by_role("button", name="Sync", exact=True)).to_have_count(0)
    axe(page)
    lapsed.clear()
    press(page, "Connect to QuickBooks")
    expect(page.locator("#said")).to_have_text("Connected to QuickBooks.")
    expect(page.get_by_role("button", name="Sync", exact=True)).to_be_visible()
