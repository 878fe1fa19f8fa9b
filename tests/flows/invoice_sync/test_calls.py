"""How many calls a posted document costs at its package and at AutoVu, in Auto Sync over clean documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from payrelay.domain.invoices import Side
from tests.worlds.invoices import Books, Row, bill, credit_note, invoice

DOCUMENTS = 30
# Calls for each posted document, and the reads once a session (nominals, tax codes, how the books are kept).
ALLOWED = {"quickbooks": 2.0, "xero": 0.6, "sage": 2.0}
# Written back, its account, and the lists.
OF_AUTOVU = 2.6
FIXED_OF_AUTOVU = ("get syncsettings", "list chartofaccounts")
FIXED = {"quickbooks": 5, "xero": 3, "sage": 3}
ACCOUNTS = ("query Customer", "query Vendor", "GET Contacts", "get contacts")
CUSTOMERS = ("Harper Ltd", "Brook Farm Ltd", "O'Neil & Sons")
SUPPLIER = "Pennine Plumbing Supplies"


def sales(books: Books) -> list[Row]:
    """Sales invoices of three customers in turn."""
    customers = whose(books)
    return [invoice(f"S{number:05}", **customers[number % 3]) for number in range(DOCUMENTS)]


def mixed(books: Books) -> list[Row]:
    """Every batch holds every kind: the worst that a list can do."""
    customers = whose(books)
    rows = []
    for number in range(DOCUMENTS):
        day, customer = {"Date": days_later(number // 3)}, customers[number // 3 % 3]
        match number % 3:
            case 0:
                rows.append(invoice(f"S{number:05}", **day, **customer))
            case 1:
                rows.append(credit_note(f"C{number:05}", **day, **customer))
            case _:
                rows.append(bill(f"P{number:05}", **day))
    return rows


def days_later(days: int) -> str:
    return str(date(2026, 1, 1) + timedelta(days=days))


def whose(books: Books) -> list[Row]:
    """The three customers as documents name them."""
    return [{"AccountId": books.account_of(name), "AccountName": name} for name in CUSTOMERS]


@pytest.mark.requirement("IN-2", "RUN-11")
@pytest.mark.parametrize("made", [sales, mixed], ids=["sales invoices", "every kind in every batch"])
def test_a_posted_document_costs_no_more_calls_than_allowed(
    books: Books, made: Callable[[Books], list[Row]]
) -> None:
    for name in CUSTOMERS:
        books.link(name)
    books.link(SUPPLIER, Side.SUPPLIER)
    books.book(*made(books))
    books.forget_requests()
    run = books.auto()
    assert run.status == "succeeded", run.error
    assert run.counts
    assert run.counts["created"] == DOCUMENTS
    assert set(books.posted().values()) == {1}
    calls = Counter(str(one["operation"] or one["path"]) for one in books.calls())
    accounts = sum(count for name, count in calls.items() if name in ACCOUNTS)
    each = (sum(calls.values()) - FIXED[books.package] - accounts) / DOCUMENTS
    print(f"{books.package}, {made.__name__}: {each:.2f} calls a document; {dict(calls)}")  # noqa: T201
    assert accounts <= len(CUSTOMERS) + 1, "each is asked for once"
    assert each <= ALLOWED[books.package], calls
    of_autovu = Counter(str(one["operation"]) for one in books.requests(books.source))
    fixed = sum(of_autovu.pop(name) for name in FIXED_OF_AUTOVU)
    print(f"AutoVu: {sum(of_autovu.values()) / DOCUMENTS:.2f} calls a document; {dict(of_autovu)}")  # noqa: T201
    assert fixed == len(FIXED_OF_AUTOVU)
    assert sum(of_autovu.values()) / DOCUMENTS <= OF_AUTOVU
