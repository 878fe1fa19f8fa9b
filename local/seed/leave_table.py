"""An employee's leave table in Attaché after a pay, and what its rows come to in hours."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from .leave_people import IN_DAYS, PRO_RATA_NOT_APPLICABLE, Worker
from .state import Row

FORTNIGHT = timedelta(days=14)
# What a fortnight's pay adds to the pro-rata part, in hours.
ACCRUALS = {"AL": Decimal("5.8462"), "SL": Decimal("2.9231")}
DESCRIPTIONS = {
    "AL": "Annual Leave",
    "SL": "Sick Leave",
    "LSL": "Long Service Leave",
    "RDO": "Rostered Days Off",
}
# Who has been there since before this day has long service leave.
_LONG_SERVICE_SINCE = date(2016, 1, 1)
_A_YEAR, _A_PAY = Decimal("32.9333"), Decimal("1.2667")
_NOTHING = Decimal("0.0")


def last_pay(today: date | None = None) -> date:
    """The Sunday before today: the end of the last pay period."""
    day = today or datetime.now(UTC).date()
    return day - timedelta(days=day.isoweekday())


def pay_run(pay_end: date) -> str:
    """When a pay was processed: early on Monday in Sydney."""
    return f"{pay_end}T20:12:00Z"


def number(amount: object) -> float:
    """An amount as it stands in JSON; a float's shortest text has just the digits of such an amount."""
    return float(Decimal(str(amount)))


def accrual(code: str, row: Mapping[str, object]) -> Decimal:
    """What a pay adds to a leave row, in the unit that the row is kept in."""
    hours = ACCRUALS.get(code, _NOTHING)
    if row["DisplayIn"] == "Hours":
        return hours
    day = Decimal(str(row["HoursPerDay"]))
    # Three decimals of a day are four of an hour: the product is exact.
    return (hours / day).quantize(Decimal("0.001")) if day else _NOTHING


def hours(row: Mapping[str, object]) -> tuple[Decimal, Decimal]:
    """Entitled and pro-rata hours of a leave row, as the balances carry them."""
    factor = Decimal(str(row["HoursPerDay"])) if row["DisplayIn"] == "Days" else Decimal(1)
    counts = factor if row["ProRataApplicable"] else _NOTHING
    return factor * Decimal(str(row["EntitlementOwing"])), counts * Decimal(str(row["ProRataOwing"]))


def leave_table(worker: Worker, pay_end: date, pays_ago: int = 0) -> list[Row]:
    """The rows of one employee, or as they were `pays_ago` pays before `pay_end`."""
    started = date.fromisoformat(worker.started)
    years, pays = _service(started, pay_end)
    pays = max(pays - pays_ago, 0)
    dates = {
        "LeaveAccruedUpToAndIncluding": str(pay_end - pays_ago * FORTNIGHT),
        "LeaveStartDate": worker.started,
        "LastEntitlementDate": str(_anniversary(started, years)),
    }
    table = [
        _row(worker, "AL", dates, Decimal(worker.annual), pays),
        _row(worker, "SL", dates, Decimal(worker.sick), pays),
    ]
    if started < _LONG_SERVICE_SINCE:
        long_service = _row(worker, "LSL", dates, years * _A_YEAR, pays)
        table.append(long_service | {"ProRataOwing": number(pays * _A_PAY), "CalculateBy": "Date"})
    if worker.rostered:
        table.append(_row(worker, "RDO", dates, Decimal(worker.rostered), pays))
    return table


def _row(worker: Worker, code: str, dates: Row, entitled: Decimal, pays: int) -> Row:
    in_days = (worker.code, code) == (IN_DAYS, "AL")
    row = {
        "EmployeeCode": worker.code,
        "IncomeCode": code,
        "Description": DESCRIPTIONS[code],
        **dates,
        "EntitlementOwing": number(entitled / worker.hours_per_day if in_days else entitled),
        "ProRataOwing": 0.0,
        "ContingentOwing": 0.0,
        "HoursPerDay": number(worker.day),
        "DaysPerWeek": 5,
        "DisplayIn": "Days" if in_days else "Hours",
        "ProRataApplicable": (worker.code, code) != (PRO_RATA_NOT_APPLICABLE, "AL"),
        "CalculateBy": "Pay",
    }
    return row | {"ProRataOwing": number(pays * accrual(code, row))}


def _service(started: date, pay_end: date) -> tuple[int, int]:
    """Full years, and the pays since the last of them was full."""
    years = max(pay_end.year - started.year, 0)
    if years and _anniversary(started, years) > pay_end:
        years -= 1
    pays = ((pay_end - _anniversary(started, years)).days + 1) // FORTNIGHT.days
    # Two at least, so that no anniversary leaves a story without its pro-rata part.
    return years, max(pays, 2) if years else pays


def _anniversary(started: date, years: int) -> date:
    return started.replace(year=started.year + years)
