"""Delft Techniek and its second company in Exact Globe Next: where the entries of payroll are booked."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from .payroll_outputs import COST_UNIT, NET, SECOND_ADMINISTRATION
from .payroll_people import ADMINISTRATION
from .payroll_periods import months, paid_months
from .state import Row, State

JOURNAL = "90"
# A cost centre of payroll that is blocked in Globe Next; 006 is not there at all.
BLOCKED_CENTRE = "005"
_CENTRES = {
    "001": "Directie",
    "002": "Werkplaats",
    "003": "Engineering",
    "004": "Verkoop",
    BLOCKED_CENTRE: "Magazijn (oud)",
}
_ACCOUNTS = {
    "1100": "Bank",
    NET: "Te betalen nettolonen",
    "1710": "Af te dragen loonheffing",
    "1720": "Te betalen premies",
    "1730": "Inhoudingen personeel",
    "4000": "Lonen en salarissen",
    "4010": "Sociale lasten",
    "4020": "Reis- en overige vergoedingen",
    "4099": "Lonen (oud)",
}
_BLOCKED_ACCOUNT, _NEEDS_CENTRE = "4099", "4010"
# An entry that was booked by hand, before there was anything else to do it.
BOOKED_KEY = "6f0b8c1a-0000-4000-8000-000000000016"
_BOOKED_NUMBER, _BOOKED_AMOUNT = 16, 118_250.75


def globe_next_state(today: date | None = None) -> State:
    """Two companies; what was closed before the runs that are to be booked stays closed."""
    day = today or datetime.now(UTC).date()
    companies = (ADMINISTRATION, SECOND_ADMINISTRATION)
    lookups: dict[str, dict[str, list[Row]]] = {
        ADMINISTRATION: {
            "CostCenter": [
                {"Code": code, "Description": words, "Blocked": code == BLOCKED_CENTRE}
                for code, words in _CENTRES.items()
            ],
            "CostUnit": [],
        },
        SECOND_ADMINISTRATION: {
            "CostCenter": [],
            "CostUnit": [{"Code": COST_UNIT, "Description": "Montage Rotterdam"}],
        },
    }
    rows = {company: {**_company(company, day), **lookups[company]} for company in companies}
    state: State = {
        name: [{"DatabaseName": company, **row} for company in companies for row in rows[company][name]]
        for name in rows[ADMINISTRATION]
    }
    return {**state, **_booked(day)}


def _company(company: str, day: date) -> dict[str, list[Row]]:
    return {
        "CompanySetting": [
            {"Company": company, "GeneralJournalExactPayrollPlus": JOURNAL, "DefaultCurrency": "EUR"}
        ],
        "Journal": [
            {"Code": JOURNAL, "Description": "Salarisjournaal", "Type": "M"},
            {"Code": "95", "Description": "Memoriaal (oud)", "Type": "M", "Blocked": True},
        ],
        "GLAccount": [
            {
                "Code": code,
                "Description": words,
                "Blocked": code == _BLOCKED_ACCOUNT,
                "CostCenterMandatory": code == _NEEDS_CENTRE,
            }
            for code, words in _ACCOUNTS.items()
        ],
        "FinancialPeriod": list(_periods(day)),
    }


def _periods(day: date) -> Iterator[Row]:
    first_open = paid_months(day)[0]
    for month in months(day):
        yield {
            "FinancialYear": month.year,
            "Period": month.month,
            "StartDate": f"{month}T00:00:00",
            "EndDate": f"{_last(month)}T00:00:00",
            "Closed": month < first_open,
        }


def _booked(day: date) -> State:
    """The entry of the month before those that are to be booked."""
    month = paid_months(day)[0] - timedelta(days=1)
    end, number = f"{month}T00:00:00", month.year * 10_000 + _BOOKED_NUMBER
    common: dict[str, Any] = {
        "DatabaseName": ADMINISTRATION,
        "TransactionKey": BOOKED_KEY,
        "CurrencyCode": "EUR",
        "EntryNumber": number,
    }
    line = {"Description": "Salaris", "EntryDate": end, "ReportingDate": end, "FulfillmentDate": end}
    amounts = {"4000": _BOOKED_AMOUNT, NET: -_BOOKED_AMOUNT}
    header = {
        "Journal": JOURNAL,
        "Description": f"Salarissen {month:%Y-%m}",
        "FinancialYear": month.year,
        "FinancialPeriod": month.month,
    }
    return {
        "FinancialLine": [
            {**common, **line, "GLAccount": account, "Amount": amount} for account, amount in amounts.items()
        ],
        "FinancialHeader": [{**common, **header}],
    }


def _last(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
