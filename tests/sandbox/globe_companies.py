"""Two companies of Globe Next, 500 and 600, whose look-ups differ, and the entry that both can book."""

from typing import Any

Row = dict[str, Any]
SERVICE = "/services/Exact.Entity.REST.EG"
NO_KEY = "6f0b8c1a-0000-4000-8000-0000000000ff"


def company(database: str, **more: list[Row]) -> dict[str, list[Row]]:
    """A company with a journal, two accounts and January; `more` rows are its own."""
    rows: dict[str, list[Row]] = {
        "CompanySetting": [
            {"Company": database, "GeneralJournalExactPayrollPlus": "90", "DefaultCurrency": "EUR"}
        ],
        "Journal": [
            {"Code": "90", "Description": "Salarisjournaal"},
            {"Code": "91", "Description": "Oud", "Blocked": True},
        ],
        "GLAccount": [
            {"Code": "4000", "Description": "Salarissen"},
            {"Code": "1700", "Description": "Netto loon"},
            {"Code": "4099", "Description": "Oud", "Blocked": True},
            {"Code": "4010", "Description": "Sociale lasten", "CostCenterMandatory": True},
        ],
        "FinancialPeriod": [
            period(2025, 12, "2025-12-01", "2025-12-31", Closed=True),
            period(2026, 1, "2026-01-01", "2026-01-31"),
            period(2026, 2, "2026-02-01", "2026-02-28"),
        ],
    }
    return {
        name: [{"DatabaseName": database, **row} for row in (*rows.get(name, ()), *more.get(name, ()))]
        for name in (*rows, *(name for name in more if name not in rows))
    }


def period(year: int, number: int, first: str, last: str, **more: Any) -> Row:
    return {"FinancialYear": year, "Period": number, "StartDate": first, "EndDate": last, **more}


def _both() -> dict[str, list[Row]]:
    centers = [
        {"Code": "001", "Description": "Delft"},
        {"Code": "002", "Description": "Oud", "Blocked": True},
    ]
    of_500 = company("500", CostCenter=centers)
    of_600 = company("600", CostUnit=[{"Code": "P1", "Description": "Project 1"}])
    return {
        name: [*of_500.get(name, []), *of_600.get(name, [])] for name in dict.fromkeys([*of_500, *of_600])
    }


STATE = _both()


def line(amount: float = 3500.0, account: str = "4000", **more: Any) -> Row:
    """A line as it is sent."""
    dates = dict.fromkeys(("EntryDate", "ReportingDate", "FulfillmentDate"), "2026-01-31T00:00:00")
    return {
        "GLAccount": account,
        "Amount": amount,
        "Description": "Salaris",
        "CurrencyCode": "EUR",
        **dates,
        **more,
    }


def header(key: str, **more: Any) -> Row:
    """A header as it is sent."""
    return {
        "TransactionKey": key,
        "Journal": "90",
        "Description": "Januari 2026 [je-55]",
        "FinancialYear": 2026,
        "FinancialPeriod": 1,
        "CurrencyCode": "EUR",
        **more,
    }
