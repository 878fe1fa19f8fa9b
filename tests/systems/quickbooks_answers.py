"""QuickBooks' answers, and postings to it, as its tests script them."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from payrelay.domain.invoices import Kind, Posting, PostingLine
from tests.systems.loopback import Loopback, Reply, reply

REALM = "9130357766900001"
HOME = reply(
    {
        "Preferences": {
            "Id": "1",
            "CurrencyPrefs": {"HomeCurrency": {"value": "GBP"}, "MultiCurrencyEnabled": False},
        }
    }
)
THROTTLED = reply(
    {
        "warnings": None,
        "fault": {
            "error": [{"message": "message=ThrottleExceeded; errorCode=003001", "code": "003001"}],
            "type": "THROTTLE",
        },
    },
    429,
)
OURS, OLD, OLDER = "a" * 8, "b" * 8, "c" * 8


def found(**rows: list[Any]) -> Reply:
    return reply({"QueryResponse": rows, "time": "2026-01-05T02:11:09.120-08:00"})


def batch(*items: dict[str, Any], attempt: str = OURS) -> Reply:
    return reply({"BatchItemResponse": [{"bId": f"{attempt}{n}", **item} for n, item in enumerate(items)]})


def fault(code: str, detail: str, kind: str = "ValidationFault") -> dict[str, Any]:
    return {"Fault": {"Error": [{"Message": "No", "Detail": detail, "code": code}], "type": kind}}


def made(number: str, row_id: str = "396", **changes: Any) -> dict[str, Any]:
    row = {"Id": row_id, "DocNumber": number, "TotalAmt": 120.0, "TxnDate": "2026-01-05"}
    return {"Invoice": {**row, "CustomerRef": {"value": "1", "name": "Harper Ltd"}, **changes}}


def query(loopback: Loopback, number: int = 0) -> str:
    return dict(loopback.seen[number].params)["query"]


def line(net: str = "100.00", **changes: object) -> PostingLine:
    """One unit; its tax is that of its rate, rounded by itself."""
    tax = Decimal(net) * Decimal(str(changes.get("rate", 20))) / 100
    values: dict[str, object] = {
        "text": "Boiler service",
        "nominal": "7",
        "quantity": Decimal(1),
        "unit_price": Decimal(net),
        "net": Decimal(net),
        "tax_code": "2",
        "rate": Decimal(20),
        "tax": tax.quantize(Decimal("0.01"), ROUND_HALF_UP),
        **changes,
    }
    return PostingLine(**values)  # type: ignore[arg-type]


def posting(number: str, kind: Kind = Kind.SALES_INVOICE, **changes: object) -> Posting:
    bill = kind is Kind.SUPPLIER_INVOICE
    values: dict[str, object] = {
        "document_id": f"doc-{number}",
        "key": hashlib.sha256(f"{kind}/{number}".encode()).hexdigest()[:32],
        "mark": f"AutoVu doc-{number}",
        "kind": kind,
        "number": number,
        "date": date(2026, 1, 5),
        "due_date": date(2026, 2, 4),
        "currency": "GBP",
        "account_id": "7" if bill else "1",
        "reference": "",
        "lines": (line(nominal="39") if bill else line(),),
        **changes,
    }
    return Posting(**values)  # type: ignore[arg-type]
