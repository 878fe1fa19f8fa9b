"""What Sage answers, and documents on their way there."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

from payrelay.domain.invoices import Kind, Posting, PostingLine

HARPER = "cced5085c2d24394a758c5d16b38fca1"
NOMINAL = "7a5ecfcf884911ed84fa0252b90cda0d"


def page(*rows: object, following: str | None = None) -> dict[str, Any]:
    return {"$total": len(rows), "$page": 1, "$next": following, "$itemsPerPage": 200, "$items": list(rows)}


def refusal(code: str, message: str, source: str = "") -> list[dict[str, str]]:
    return [{"$severity": "error", "$dataCode": code, "$message": message, "$source": source}]


def contact(name: str, contact_id: str = HARPER, kind: str = "CUSTOMER", **more: object) -> dict[str, Any]:
    return {"id": contact_id, "name": name, "contact_types": [{"id": kind}], **more}


def document(reference: str, **more: object) -> dict[str, Any]:
    return {
        "id": f"{reference:0>32}",
        "contact": {"id": HARPER},
        "date": "2026-01-05",
        "status": {"id": "UNPAID"},
        "total_amount": "120.0",
        "reference": reference,
        "notes": "payrelay:d-501",
        **more,
    }


def line(**changes: Any) -> PostingLine:
    usual: dict[str, Any] = {
        "text": "Boiler service",
        "nominal": NOMINAL,
        "quantity": Decimal(1),
        "unit_price": Decimal("100.00"),
        "net": Decimal("100.00"),
        "tax_code": "GB_STANDARD",
        "rate": Decimal(20),
        "tax": Decimal("20.00"),
    }
    return PostingLine(**{**usual, **changes})


def posting(number: str = "S1234", **changes: Any) -> Posting:
    usual: dict[str, Any] = {
        "document_id": f"d-{number}",
        "key": hashlib.md5(number.encode()).hexdigest(),
        "mark": f"payrelay:d-{number}",
        "kind": Kind.SALES_INVOICE,
        "number": number,
        "date": date(2026, 1, 5),
        "due_date": date(2026, 2, 4),
        "currency": "GBP",
        "account_id": HARPER,
        "reference": "Job 88",
        "lines": (line(),),
    }
    return Posting(**{**usual, **changes})
