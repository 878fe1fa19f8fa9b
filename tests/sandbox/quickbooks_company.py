"""A small company in QuickBooks, and bodies to send it."""

from typing import Any

BASE = "/v3/company/9130357766900001"


def rates(rate_id: str) -> dict[str, Any]:
    return {"TaxRateDetail": [{"TaxRateRef": {"value": rate_id}}]}


STATE: dict[str, list[dict[str, Any]]] = {
    "CompanyInfo": [{"CompanyName": "Acme Ltd"}],
    "TaxRate": [
        {"Id": "1", "Name": "20 sales", "RateValue": 20},
        {"Id": "2", "Name": "20 purchases", "RateValue": "20"},
        {"Id": "3", "Name": "15 sales", "RateValue": 15},
    ],
    "TaxCode": [
        {"Id": "2", "Name": "20.0% S", "SalesTaxRateList": rates("1"), "PurchaseTaxRateList": rates("2")},
        {"Id": "3", "Name": "15.0% S", "SalesTaxRateList": rates("3")},
        {"Id": "4", "Name": "Also 15", "SalesTaxRateList": rates("3")},
    ],
    "Account": [
        {"Id": "35", "Name": "Income", "AcctNum": "4000"},
        {"Id": "39", "Name": "Materials", "AcctNum": "5000", "AccountType": "Expense"},
    ],
    "Item": [
        {"Id": "7", "Name": "Service", "IncomeAccountRef": {"name": "Income"}},
        {"Id": "8", "Name": "Old", "IncomeAccountRef": {"value": "35"}, "Active": False},
    ],
    "Customer": [
        {
            "Id": "1",
            "DisplayName": "Harper Ltd",
            "MetaData": {"LastUpdatedTime": "2026-01-05T02:11:09-08:00"},
        },
        {"DisplayName": "O'Neil & Sons"},
        {"DisplayName": "Gone Ltd", "Active": False},
        {"DisplayName": "Boilers", "ParentRef": {"name": "Harper Ltd"}},
    ],
    "Vendor": [{"Id": "7", "DisplayName": "Dales Electrical", "AcctNum": "D-1"}],
    "Employee": [{"DisplayName": "Kim Smith"}],
    "Invoice": [{"Id": "396", "DocNumber": "S1000", "CustomerRef": {"name": "Harper Ltd"}, "TotalAmt": 120}],
}


def sales_line(amount: object = 100, **detail: Any) -> dict[str, Any]:
    details = {"ItemRef": {"value": "7"}, "TaxCodeRef": {"value": "2"}, **detail}
    kept = {name: value for name, value in details.items() if value is not None}
    return {"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": kept}


def bill_line(amount: object = 40, **detail: Any) -> dict[str, Any]:
    details = {"AccountRef": {"value": "39"}, "TaxCodeRef": {"value": "2"}, **detail}
    kept = {name: value for name, value in details.items() if value is not None}
    return {
        "DetailType": "AccountBasedExpenseLineDetail",
        "Amount": amount,
        "AccountBasedExpenseLineDetail": kept,
    }


def invoice(number: str | None = "S1", *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body = {"DocNumber": number, "CustomerRef": {"value": "1"}, "Line": [*lines] or [sales_line()]}
    return {**body, **changes}


def bill(number: str = "PX-77", *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"DocNumber": number, "VendorRef": {"value": "7"}, "Line": [*lines] or [bill_line()], **changes}


def code_of(answer: Any) -> str:
    """The code of a refusal in the shape with capitals."""
    body = answer.json()
    assert answer.status_code == 400, body
    assert body["Fault"]["type"] == "ValidationFault"
    return str(body["Fault"]["Error"][0]["code"])
