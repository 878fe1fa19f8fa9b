"""AutoVu's answers, as its tests script them: the contract's own examples."""

from __future__ import annotations

import copy
from typing import Any

from payrelay.systems.autovu.models import AutoVuAccount, Document
from payrelay.systems.rows import Reader
from tests.systems.loopback import Reply, reply

DOCUMENT: dict[str, Any] = {
    "DocumentId": "d-501",
    "Type": "SalesInvoice",
    "Number": "S1234",
    "Date": "2026-01-05",
    "DueDate": "2026-02-04",
    "Currency": "GBP",
    "Reference": "Job 88",
    "Sent": True,
    "MarkedForSync": True,
    "SyncedAt": None,
    "StatusCode": "",
    "ExternalId": None,
    "AccountId": "a-12",
    "AccountKind": "Company",
    "AccountName": "Harper Ltd",
    "CareOfAccountId": None,
    "Lines": [
        {
            "LineNo": 1,
            "Text": "Boiler service",
            "NominalCode": "4000",
            "Quantity": "1",
            "UnitPrice": "100.00",
            "Net": "100.00",
            "TaxCode": "T1",
            "Tax": "20.00",
        }
    ],
    "Net": "100.00",
    "Tax": "20.00",
    "Gross": "120.00",
    "RowVersion": "r7",
}
ACCOUNT: dict[str, Any] = {
    "AccountId": "a-12",
    "Kind": "Company",
    "Name": "Harper Ltd",
    "Email": "ap@harper.example",
    "Address": {"Line1": "1 High St", "Line2": "", "Town": "Leeds", "Postcode": "LS1 1AA", "Country": "GB"},
    "AccsID": "129",
    "SupplierAccsID": "7",
    "CareOfID": None,
    "RowVersion": "r3",
}


def raw_document(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(DOCUMENT) | changes


def document(**changes: Any) -> Document:
    (row,), _ = Reader(Document, id_key="DocumentId", number_key="Number").read([raw_document(**changes)])
    return row


def account(**changes: Any) -> AutoVuAccount:
    (row,), _ = Reader(AutoVuAccount, id_key="AccountId", number_key="Name").read([ACCOUNT | changes])
    return row


def listing(rows: list[Any], total: int | None = None, page: int = 1) -> Reply:
    return reply(
        {"Items": rows, "Total": len(rows) if total is None else total, "Page": page, "PageSize": 50}
    )


def refused(status: int, code: str, field: str | None = None, **headers: str) -> Reply:
    return reply({"Code": code, "Message": f"Said {code}.", "Field": field}, status, **headers)
