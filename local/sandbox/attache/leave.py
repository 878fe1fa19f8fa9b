"""The two views of one leave table, days in hours, and the overtyping of an entitlement."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from local.sandbox.frame.room import Row

from .fields import BALANCE, DECIMALS, PREFIXES, decimals_of, entitled, pro_rata
from .store import Books

USER = "payroll1"
_DESCRIPTIONS = {
    "AL": "Annual Leave",
    "SL": "Sick Leave",
    "LSL": "Long Service Leave",
    "RDO": "Rostered Days Off",
    "STL": "Short Term Leave",
}
_SMALLEST = Decimal("0.0001")
_NOTHING = Decimal("0.0")


def at(moment: datetime) -> str:
    """A time as Attaché writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def last_pay(now: datetime) -> str:
    """The Sunday before: the end of the last pay period where none is named."""
    today = now.astimezone(UTC).date()
    return (today - timedelta(days=today.isoweekday())).isoformat()


def hours(row: Row, owing: Decimal) -> Decimal:
    """What a leave row owes, in hours, with at most four decimals."""
    if row["DisplayIn"] == "Hours":
        return owing
    product: Decimal = owing * row["HoursPerDay"]
    return product if decimals_of(product) <= DECIMALS else product.quantize(_SMALLEST, ROUND_HALF_UP)


def leave_row(row: Row, employee: Row, accrued_to: str, now: str) -> Row:
    """A whole row of the leave table; income code and entitlement are there."""
    to = date.fromisoformat(row.get("LeaveAccruedUpToAndIncluding", accrued_to))
    first_of_march = date(to.year if to.month >= 3 else to.year - 1, 3, 1)
    made: Row = {
        "Description": _DESCRIPTIONS.get(row["IncomeCode"], row["IncomeCode"]),
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
        "ModifiedAt": now,
    }
    return {**made, **row}


def table_of(balance: Row, employee: Row) -> Iterable[Row]:
    """The leave table that a row of the balances stands for."""
    for prefix in PREFIXES:
        if entitled(prefix) in balance:
            owing = {
                "IncomeCode": prefix,
                "EntitlementOwing": balance[entitled(prefix)],
                "ProRataOwing": balance[pro_rata(prefix)],
            }
            yield leave_row(owing, employee, balance["LeaveAccrueTo"], balance["ModifiedAt"])


def balance_of(employee: Row, table: Iterable[Row], accrued_to: str) -> Row:
    """The row of the balances that a leave table comes to; without one it names no leave type."""
    rows = list(table)
    made: Row = {
        "EmployeeCode": employee["EmployeeCode"],
        "LeaveAccrueTo": max((row["LeaveAccruedUpToAndIncluding"] for row in rows), default=accrued_to),
        "ModifiedAt": max((row["ModifiedAt"] for row in rows), default=employee["ModifiedAt"]),
    }
    for row in rows:
        made |= _pair(row)
    return _in_order(made)


def overtype(books: Books, code: str, old: Row, owing: Decimal, comment: str, now: datetime) -> Row:
    """Another entitlement, or the same again: either way the rows are newer than before."""
    employee = books.employees.get(code)
    assert employee is not None
    balance = books.balances.get(code) or balance_of(employee, books.table(code), last_pay(now))
    moment = max(at(now), _after(old["ModifiedAt"]), _after(balance["ModifiedAt"]))
    row = {**old, "EntitlementOwing": owing, "ModifiedAt": moment}
    books.put_leave(code, row)
    pair = _pair(row)
    if entitled(row["IncomeCode"]) in balance:
        pair.pop(pro_rata(row["IncomeCode"]), None)
    books.balances.put(_in_order({**balance, **pair, "ModifiedAt": moment}))
    books.put_history(
        code,
        {
            "IncomeCode": row["IncomeCode"],
            "ChangedAt": moment,
            "OldEntitlementOwing": old["EntitlementOwing"],
            "NewEntitlementOwing": owing,
            "Comment": comment,
            "User": USER,
        },
    )
    return row


def _pair(row: Row) -> Row:
    """The two bulk fields of a leave row; a type of leave that is not exchanged has none."""
    prefix = row["IncomeCode"]
    if prefix not in PREFIXES:
        return {}
    towards = hours(row, row["ProRataOwing"]) if row["ProRataApplicable"] else _NOTHING
    return {entitled(prefix): hours(row, row["EntitlementOwing"]), pro_rata(prefix): towards}


def _in_order(balance: Row) -> Row:
    return {name: balance[name] for name in BALANCE if name in balance}


def _after(moment: str) -> str:
    return at(datetime.fromisoformat(moment) + timedelta(seconds=1))
