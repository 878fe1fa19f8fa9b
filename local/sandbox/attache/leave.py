"""The two views of one leave table: its rows, in days or in hours, and the hours of the balances."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from local.sandbox.frame.kinds import instant
from local.sandbox.frame.room import Row

# What a field of the leave balances begins with is the income code of the leave table.
PREFIXES = {
    "AL": "Annual Leave",
    "SL": "Sick Leave",
    "LSL": "Long Service Leave",
    "RDO": "Rostered Days Off",
    "STL": "Short Term Leave",
}
DECIMALS = 4
_SMALLEST = Decimal("0.0001")
_NOTHING = Decimal("0.0")


def entitled(prefix: str) -> str:
    """The bulk field of what an employee is entitled to, in hours."""
    return f"{prefix}EntitleHourAcc"


def pro_rata(prefix: str) -> str:
    """The bulk field of what has built up towards the next entitlement, in hours."""
    return f"{prefix}ProRataHourAcc"


def decimals_of(number: Decimal) -> int:
    """How many digits stand after the point: two in 76.00."""
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


@lru_cache(maxsize=4)
def last_pay(now: datetime) -> str:
    """The Sunday before: the end of the last pay period where none is named."""
    today = now.astimezone(UTC).date()
    return (today - timedelta(days=today.isoweekday())).isoformat()


def a_second_after(moment: str) -> str:
    """The next time that can be told apart from this one."""
    return instant(datetime.fromisoformat(moment) + timedelta(seconds=1))


def leave_row(row: Row, employee: Row, accrued_to: str, at: str) -> Row:
    """A whole row of the leave table; income code and entitlement are there."""
    to = date.fromisoformat(row.get("LeaveAccruedUpToAndIncluding", accrued_to))
    first_of_march = date(to.year if to.month >= 3 else to.year - 1, 3, 1)
    made: Row = {
        "Description": PREFIXES.get(row["IncomeCode"], row["IncomeCode"]),
        "LeaveAccruedUpToAndIncluding": to.isoformat(),
        "LeaveStartDate": first_of_march.replace(year=first_of_march.year - 5).isoformat(),
        "LastEntitlementDate": first_of_march.isoformat(),
        "ProRataOwing": _NOTHING,
        "ContingentOwing": _NOTHING,
        "HoursPerDay": employee["HourPerDay"],
        "DaysPerWeek": Decimal(5),
        "DisplayIn": "Hours",
        "ProRataApplicable": True,
        "CalculateBy": "Pay",
        "ModifiedAt": at,
    }
    return {**made, **row}


def table_of(balance: Row, employee: Row) -> Iterable[Row]:
    """The leave table that a row of the balances stands for."""
    of = {name: balance[name] for name in ("OrganisationId", "EmployeeCode")}
    for prefix in PREFIXES:
        if entitled(prefix) in balance:
            owing = {
                "IncomeCode": prefix,
                "EntitlementOwing": balance[entitled(prefix)],
                "ProRataOwing": balance[pro_rata(prefix)],
            }
            yield leave_row({**of, **owing}, employee, balance["LeaveAccrueTo"], balance["ModifiedAt"])


def balance_of(employee: Row, table: Iterable[Row], accrued_to: str) -> Row:
    """The row of the balances that a leave table comes to; without one it names no leave type."""
    rows = list(table)
    made: Row = {
        "OrganisationId": employee["OrganisationId"],
        "EmployeeCode": employee["EmployeeCode"],
        "LeaveAccrueTo": max([row["LeaveAccruedUpToAndIncluding"] for row in rows], default=accrued_to),
        "ModifiedAt": max([row["ModifiedAt"] for row in rows], default=employee["ModifiedAt"]),
    }
    for row in rows:
        made |= pair(row)
    return made


def pair(row: Row) -> Row:
    """The two bulk fields of a leave row; a type of leave that is not exchanged has none."""
    prefix = row["IncomeCode"]
    if prefix not in PREFIXES:
        return {}
    towards = _hours(row, row["ProRataOwing"]) if row["ProRataApplicable"] else _NOTHING
    return {entitled(prefix): _hours(row, row["EntitlementOwing"]), pro_rata(prefix): towards}


def _hours(row: Row, owing: Decimal) -> Decimal:
    """What a leave row owes, in hours, with at most four decimals."""
    if row["DisplayIn"] == "Hours":
        return owing
    product: Decimal = owing * row["HoursPerDay"]
    return product if decimals_of(product) <= DECIMALS else product.quantize(_SMALLEST, ROUND_HALF_UP)
