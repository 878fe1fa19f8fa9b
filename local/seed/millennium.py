"""The two companies of `accruals.py` in Millennium: one accrues there, the other is told its hours."""

from collections.abc import Iterator
from typing import Any

from .accruals import (
    ACME,
    BETA,
    COMPANIES,
    NO_BATCH,
    OTHER_BATCH,
    P0,
    P1,
    P2,
    PAID,
    PERIODS,
    SICK,
    VACATION,
)
from .hours import Company, Worker
from .state import Row, State

NOTE = "Accrual Note"
# The calendar entries of each company: by the day that they pay, and the run of that day.
_ENTRIES = {
    (ACME.code, PAID[P0], 1): 86,
    (ACME.code, PAID[P1], 1): 87,
    (ACME.code, PAID[P2], 1): 88,
    (ACME.code, PAID[P2], 2): 90,
    (ACME.code, "2026-01-14", 1): 91,
    (ACME.code, "2026-01-23", 1): 92,
    (BETA.code, PAID[P0], 1): 86,
    (BETA.code, PAID[P1], 1): 87,
    (BETA.code, PAID[P2], 1): 88,
}
BLOCKED, OPEN = 90, 88
_NOT_STARTED = 92
_RATES = {SICK: "1.50", VACATION: "3.08"}
_READ_AT = "2026-01-08T22:10:00Z"


def millennium_state() -> State:
    """Payroll of ACME up to January, and a payroll of BETA that has been started."""
    return {
        "accrualcodes": [row for company in COMPANIES for row in _codes(company)],
        "employees": [_employee(company, one) for company, one in _everybody()],
        "calendar": [_entry(*named, number) for named, number in _ENTRIES.items()],
        "accruals": [row for company, one in _everybody() for row in _accruals(company, one)],
        "batches": [row for company in COMPANIES for row in _batches(company)],
        "checks": list(_checks()),
        "companynotes": [row for company in COMPANIES for row in _notes(company)],
        "scheduledtasks": [
            {
                "Name": "Accrual",
                "Enabled": False,
                "Companies": [company.code for company in COMPANIES],
                "EveryMinutes": 30,
                "LastRunAt": "2025-11-28T22:00:00Z",
            }
        ],
    }


def _everybody() -> Iterator[tuple[Company, Worker]]:
    return ((company, one) for company in COMPANIES for one in company.workers if one.in_payroll)


def _codes(company: Company) -> Iterator[Row]:
    """Those of BETA have nothing but what the time clock leaves to payroll."""
    for code, description in company.codes.items():
        row: dict[str, Any] = {"Co": company.code, "Code": code, "Description": description}
        if company is ACME:
            setup = {"AccrualRate": _RATES.get(description), "AccrueOn": "Check", "MaxBalance": "240"}
            row |= {"Model": "STD", "HasTable": True, "Setup": setup}
        yield {**row, "CheckStubDesc": description, "Divisor": "1", "Decimals": 2}


def _employee(company: Company, one: Worker) -> Row:
    names = {"FirstName": one.first, "LastName": one.last}
    return {"Co": company.code, "EmployeeId": one.id, **names, "Status": one.status, "TermDate": one.left}


def _entry(company: str, day: str, run: int, number: int) -> Row:
    row = {"Co": company, "CalendarId": number, "CheckDate": day, "RunNumber": run}
    started = number != _NOT_STARTED
    return {
        **row,
        "AccrualsBlocked": number == BLOCKED,
        "PayrollStarted": started,
        "Processed": started and not (company == BETA.code and number == OPEN),
    }


def _accruals(company: Company, one: Worker) -> Iterator[Row]:
    for accrual in one.accruals:
        yield {
            "Co": company.code,
            "EmployeeId": one.id,
            "Code": accrual.code,
            "Balance": accrual.balance,
            "LastAccrueDate": accrual.accrued,
            "AsOfDate": accrual.as_of,
            "Note": None if accrual.as_of is None else "TWP",
            "StartDate": accrual.start,
            "EndDate": accrual.end,
            "ModifiedAt": _READ_AT,
        }


def _batches(company: Company) -> Iterator[Row]:
    """One each period; at BETA somebody is paid by another that ends sooner, and somebody by none."""
    people = [one for one in company.workers if one.in_payroll]
    for number, period in enumerate(PERIODS[:3], 1):
        ids = [one.id for one in people if period in one.regular]
        if company is BETA and period == P2:
            ids = [one.id for one in people if one.id not in (OTHER_BATCH, NO_BATCH)]
        entry = _ENTRIES[company.code, PAID[period], 1]
        yield _batch(company, entry, number, "Biweekly", period, ids)
    if company is BETA:
        yield _batch(company, OPEN, 4, "Supplement", (P2[0], "2025-12-31"), [OTHER_BATCH])
    else:
        others = [(one.id, paid) for one in people for paid in one.checks if paid.batch > 3]
        for person, paid in others:
            entry = _ENTRIES[company.code, paid.day, paid.run]
            yield _batch(company, entry, paid.batch, "Correction", paid.period, [person])


def _batch(
    company: Company, entry: int, number: int, words: str, period: tuple[str, str], ids: list[str]
) -> Row:
    return {
        "Co": company.code,
        "CalendarId": entry,
        "BatchNumber": number,
        "Description": words,
        "PeriodBeginDate": period[0],
        "PeriodEndDate": period[1],
        "EmployeeIds": ids,
    }


def _checks() -> Iterator[Row]:
    number = 20_000
    for company, one in _everybody():
        usual = [(PAID[period], period, PERIODS.index(period) + 1, 1, False) for period in one.regular]
        others = [(paid.day, paid.period, paid.batch, paid.run, paid.voided) for paid in one.checks]
        for day, period, batch, run, voided in [*usual, *others]:
            number += 1
            yield {
                "Co": company.code,
                "EmployeeId": one.id,
                "CheckNumber": str(number),
                "CheckDate": day,
                "PeriodBeginDate": period[0],
                "PeriodEndDate": period[1],
                "BatchNumber": batch,
                "CalendarId": _ENTRIES[company.code, day, run],
                "Voided": voided,
            }


def _notes(company: Company) -> Iterator[Row]:
    for number, (name, memo) in enumerate({"Year end": "Ask for W-2 copies", NOTE: ""}.items(), 4):
        yield {
            "Co": company.code,
            "NoteId": number,
            "Name": name,
            "Memo": memo,
            "ModifiedAt": "2025-06-01T12:00:00Z",
        }
