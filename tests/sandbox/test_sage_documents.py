"""Sage's sandbox: documents, what they come to, and each of their refusals."""

from typing import Any

import pytest

from tests.sandbox.sage_books import (
    HARPER,
    MATERIALS,
    PENNINE,
    TRAINING,
    invoice,
    line,
    made,
    purchase,
    refused,
)

# --- documents ----------------------------------------------------------------------------------------------


def test_a_sales_invoice_gets_number_totals_and_status(books: Any) -> None:
    lines = (
        line(quantity=3, unit_price=33.35, tax_amount=20.01),
        line(tax_amount=0.005, unit_price=0.01),
    )
    row = made(books.call("POST", "/v3.1/sales_invoices", json=invoice(*lines, notes="mark")))
    assert (row["displayed_as"], row["invoice_number_prefix"], row["invoice_number"]) == ("SI-1", "SI-", "1")
    assert (row["net_amount"], row["tax_amount"], row["total_amount"]) == ("100.06", "20.02", "120.08")
    assert (row["status"]["id"], row["sent"], row["due_date"]) == ("UNPAID", False, "2026-02-04")
    assert (row["reference"], row["notes"], row["contact"]["id"]) == ("S1234", "mark", HARPER)
    assert books.get(f"{'/v3.1'}{row['$path']}?mark_as_sent=false").json() == row


def test_numbers_run_on_and_each_kind_has_its_own(books: Any) -> None:
    credit = {"sales_credit_note": {**invoice()["sales_invoice"], "credit_note_lines": [line()]}}
    del credit["sales_credit_note"]["invoice_lines"]
    titles = [
        made(books.call("POST", f"/v3.1/{name}", json=body))["displayed_as"]
        for name, body in (
            ("sales_invoices", invoice()),
            ("sales_invoices", invoice()),
            ("sales_credit_notes", credit),
            ("purchase_invoices", purchase()),
        )
    ]
    assert titles == ["SI-1", "SI-2", "SCN-1", "PI-1"]


def test_the_next_number_can_only_go_up(books: Any) -> None:
    made(books.call("POST", "/v3.1/sales_invoices", json=invoice()))
    settings = {"next_invoice_number": 1000, "sales_invoice_number_prefix": "INV"}
    answer = books.call("PUT", "/v3.1/invoice_settings", json={"invoice_settings": settings})
    assert answer.json()["next_invoice_number"] == 1000
    assert made(books.call("POST", "/v3.1/sales_invoices", json=invoice()))["displayed_as"] == "INV1000"
    back = books.call(
        "PUT", "/v3.1/invoice_settings", json={"invoice_settings": {"next_invoice_number": 1000}}
    )
    assert refused(back)[:2] == (422, "RecordInvalid")
    assert books.get("/v3.1/invoice_settings").json()["next_invoice_number"] == 1001


REQUIRED = "This field is required."


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (invoice(colour="red"), (400, "Validation", "sales_invoice[colour] is invalid", "")),
        (invoice(date="5 Jan"), (400, "Validation", "sales_invoice[date] is invalid", "")),
        (invoice(line(unit_price="much")), (400, "Validation", None, "")),
        # An amount is a JSON number, as Sage's schema says (fidelity B1).
        (invoice(line(unit_price="100.00")), (400, "Validation", None, "")),
        (invoice(line(tax_amount="20.00")), (400, "Validation", None, "")),
        (invoice(line(unit_price=True)), (400, "Validation", None, "")),
        (invoice(line(colour="red")), (400, "Validation", None, "")),
        (invoice(vendor_reference="x"), (400, "Validation", None, "")),
        (invoice(idempotency_id="short"), (400, "Validation", None, "")),
        (invoice(status_id="PAID"), (400, "Validation", None, "")),
        (invoice(invoice_number="7"), (400, "Validation", None, "")),
        ({"invoice": {}}, (400, "Validation", None, "")),
        ({**invoice(), "more": {}}, (400, "Validation", None, "")),
        ([], (400, "Validation", None, "")),
        (invoice(contact_id=None), (422, "RecordInvalid", REQUIRED, "sales_invoice.contact_id")),
        (invoice(date=None), (422, "RecordInvalid", REQUIRED, "sales_invoice.date")),
        (invoice(invoice_lines=None), (422, "RecordInvalid", REQUIRED, "sales_invoice.invoice_lines")),
        (invoice(invoice_lines=[]), (422, "RecordInvalid", REQUIRED, "invoice_lines")),
        (invoice(line(description=" ")), (422, "RecordInvalid", REQUIRED, "invoice_lines.description")),
        (invoice(line(unit_price=None)), (422, "RecordInvalid", REQUIRED, "invoice_lines.unit_price")),
        (invoice(line(tax_amount=None)), (422, "RecordInvalid", REQUIRED, "invoice_lines.tax_amount")),
        (
            invoice(line(ledger_account_id=TRAINING, tax_rate_id=None)),
            (422, "RecordInvalid", REQUIRED, "invoice_lines.tax_rate_id"),
        ),
        (invoice(contact_id=PENNINE), (422, "RecordInvalid", "Couldn't find Customer.", "")),
        (invoice(contact_id="9" * 32), (422, "RecordInvalid", "Couldn't find Customer.", "")),
        (invoice(line(ledger_account_id=MATERIALS)), (422, "RecordNotFound", None, "")),
        (invoice(line(ledger_account_id="9" * 32)), (422, "RecordNotFound", None, "")),
        (invoice(line(tax_rate_id="GB_MADE_UP")), (422, "RecordNotFound", None, "")),
        (invoice(line(product_id="9" * 32)), (422, "RecordNotFound", None, "")),
        (invoice(line(net_amount=99)), (422, "RecordInvalid", None, "invoice_lines.net_amount")),
        (invoice(currency_id="XXX"), (422, "RecordNotFound", None, "")),
        (invoice(reference="S" * 26), (422, "RecordInvalid", None, "sales_invoice.reference")),
        (purchase(due_date=None), (422, "RecordInvalid", REQUIRED, "purchase_invoice.due_date")),
        (purchase(contact_id=HARPER), (422, "RecordInvalid", "Couldn't find Supplier.", "")),
        (
            purchase(invoice_lines=[line(ledger_account_id=MATERIALS, quantity=None)]),
            (422, "RecordInvalid", REQUIRED, "invoice_lines.quantity"),
        ),
        (purchase(invoice_lines=[line()]), (422, "RecordNotFound", None, "")),
    ],
)
def test_a_document_that_does_not_fit_is_refused(
    body: Any, said: tuple[int, str, str | None, str], books: Any
) -> None:
    before = books.state()
    resource = "purchase_invoices" if "purchase_invoice" in body else "sales_invoices"
    status, code, message, source = refused(books.call("POST", f"/v3.1/{resource}", json=body))
    assert (status, code, source) == (said[0], said[1], said[3])
    assert said[2] in (None, message)
    assert books.state() == before


@pytest.mark.parametrize("rate", ["GB_ZERO", "GB_EXEMPT", "GB_NO_TAX"])
def test_a_line_without_tax_needs_no_tax_amount(rate: str, books: Any) -> None:
    body = invoice(line(tax_rate_id=rate, tax_amount=None))
    assert made(books.call("POST", "/v3.1/sales_invoices", json=body))["total_amount"] == "100.0"


@pytest.mark.parametrize(
    ("changes", "net", "total"),
    [
        ({"quantity": None}, "100.0", "120.0"),
        ({"discount_percentage": 10}, "90.0", "110.0"),
        ({"discount_amount": 0.5}, "99.5", "119.5"),
        ({"unit_price_includes_tax": True, "unit_price": 120}, "100.0", "120.0"),
        ({"quantity": 0.333, "unit_price": 1.5, "tax_amount": 0.1}, "0.5", "0.6"),
    ],
)
def test_a_line_comes_to(changes: dict[str, Any], net: str, total: str, books: Any) -> None:
    row = made(books.call("POST", "/v3.1/sales_invoices", json=invoice(line(**changes))))
    assert (row["net_amount"], row["total_amount"]) == (net, total)


def test_a_duplicate_reference_is_taken_unless_the_switch_says_otherwise(books: Any) -> None:
    for _ in range(2):
        made(books.call("POST", "/v3.1/sales_invoices", json=invoice()))
    state = books.state()
    books.put_state({**state, "settings": [{"refuse_duplicate_references": True, "write_ms": 0}]})
    answer = books.call("POST", "/v3.1/sales_invoices", json=invoice())
    assert refused(answer)[3] == "sales_invoice.reference"
    made(books.call("POST", "/v3.1/sales_invoices", json=invoice(reference="S1235")))


def test_reading_marks_as_sent_unless_told_not_to(books: Any) -> None:
    path = "/v3.1" + made(books.call("POST", "/v3.1/sales_invoices", json=invoice()))["$path"]
    assert books.get(f"{path}?mark_as_sent=false").json()["sent"] is False
    assert books.get("/v3.1/sales_invoices?attributes=sent").json()["$items"][0]["sent"] is False
    assert books.get(path).json()["sent"] is True
    assert refused(books.get(f"{path}?mark_as_sent=maybe"))[0] == 400


def test_a_document_is_void_for_a_reason_and_a_draft_is_released_or_gone(books: Any) -> None:
    path = "/v3.1" + made(books.call("POST", "/v3.1/sales_invoices", json=invoice()))["$path"]
    assert refused(books.call("DELETE", path))[3] == "void_reason"
    assert books.call("DELETE", f"{path}?void_reason=wrong").json()["status"]["id"] == "VOID"
    assert refused(books.call("DELETE", f"{path}?void_reason=wrong"))[0] == 422
    drafts = [
        "/v3.1" + made(books.call("POST", "/v3.1/sales_invoices", json=invoice(status_id="DRAFT")))["$path"]
        for _ in range(2)
    ]
    assert made(books.call("POST", f"{drafts[0]}/release"))["status"]["id"] == "UNPAID"
    assert refused(books.call("POST", f"{drafts[0]}/release"))[0] == 422
    assert books.call("DELETE", drafts[1]).status_code == 200
    assert refused(books.get(drafts[1]))[0] == 404


@pytest.mark.parametrize(
    "query", ["search=s123", "search=harper", "search=SI-1", f"contact_id={HARPER}", "status_id=UNPAID"]
)
def test_documents_are_found_by_what_they_show(query: str, books: Any) -> None:
    row = made(books.call("POST", "/v3.1/sales_invoices", json=invoice()))
    asked = f"/v3.1/sales_invoices?{query}&attributes=reference,status,total_amount&sort=created_at:desc"
    (found,) = books.get(asked).json()["$items"]
    assert found == {
        name: row[name] for name in ("id", "displayed_as", "$path", "reference", "status", "total_amount")
    }
