"""A small business as Sage has it, and bodies that fit it."""

from __future__ import annotations

from typing import Any

LEAD, OURS = "1" * 32, "2" * 32
HARPER, PENNINE, SERVICES, MATERIALS, TRAINING = "a" * 32, "b" * 32, "c" * 32, "d" * 32, "e" * 32
KEY = "f" * 32
STATE: dict[str, list[dict[str, Any]]] = {
    "businesses": [
        {"id": LEAD, "name": "Old Shop", "lead": True},
        {"id": OURS, "name": "Payrelay Demo"},
    ],
    "ledger_accounts": [
        {
            "id": SERVICES,
            "nominal_code": 4000,
            "name": "Services",
            "visible_in_sales": True,
            "tax_rate": {"id": "GB_STANDARD"},
        },
        {"id": TRAINING, "nominal_code": 4300, "name": "Training", "visible_in_sales": True},
        {"id": MATERIALS, "nominal_code": 5000, "name": "Materials", "visible_in_expenses": True},
    ],
    "contacts": [
        {"id": HARPER, "name": "Harper Ltd", "reference": "HARP01", "contact_types": [{"id": "CUSTOMER"}]},
        {"id": PENNINE, "name": "Pennine", "contact_type_ids": ["VENDOR"]},
    ],
    "settings": [{"write_ms": 0}],
}


def line(**changes: Any) -> dict[str, Any]:
    usual = {
        "description": "Boiler service",
        "ledger_account_id": SERVICES,
        "quantity": 1,
        "unit_price": 100.00,
        "tax_rate_id": "GB_STANDARD",
        "tax_amount": 20,
    }
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def invoice(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    usual = {
        "contact_id": HARPER,
        "date": "2026-01-05",
        "reference": "S1234",
        "invoice_lines": [*lines] or [line()],
    }
    whole = {**usual, **changes}
    return {"sales_invoice": {name: value for name, value in whole.items() if value is not None}}


def purchase(**changes: Any) -> dict[str, Any]:
    usual = {
        "contact_id": PENNINE,
        "date": "2026-01-05",
        "due_date": "2026-02-04",
        "vendor_reference": "P1",
        "invoice_lines": [line(ledger_account_id=MATERIALS)],
    }
    whole = {**usual, **changes}
    return {"purchase_invoice": {name: value for name, value in whole.items() if value is not None}}


def made(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()
    return row


def refused(answer: Any) -> tuple[int, str, str, str]:
    (error,) = answer.json()
    assert error["$severity"] == "error"
    return answer.status_code, error["$dataCode"], error["$message"], error["$source"]
