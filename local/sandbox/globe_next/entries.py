"""How an entry comes about: its lines wait under one key, and a header books them if all is right."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from uuid import uuid4

from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Store
from local.sandbox.frame.room import Row
from local.sandbox.odata.entities import bad

from .entities import ACCOUNT, CENTER, DATABASE, HEADER, JOURNAL, LINE, PERIOD, UNIT

_CENT = Decimal("0.01")
# Entry numbers begin with the year: 20260017.
_A_YEAR = 10_000


# --- lines --------------------------------------------------------------------------------------------------


def check_line(store: Store, row: Row) -> None:
    """A line that is about to be sent; raises Refused."""
    if row["TransactionKey"] is not None:
        pending(store, row)
    if _exact(row) != _cents(row):
        raise bad(f"Amount {row['Amount']} has more than two decimals.")
    _check_parts(store, row)


def keyed(row: Row) -> Row:
    """The first line of an entry is given the key of the others."""
    return {**row, "TransactionKey": row["TransactionKey"] or str(uuid4())}


def check_removal(store: Store, row: Row) -> None:
    """A line that is about to be taken out; raises Refused."""
    if _header(store, row) is not None:
        raise bad(f"FinancialLine {row['ID']} is processed and can not be removed.")


def pending(store: Store, row: Row) -> list[Row]:
    """The lines that wait under a row's key; raises Refused where there are none."""
    key = row["TransactionKey"]
    if _header(store, row) is not None:
        raise bad(f"Transaction {key} is already processed.")
    lines = _lines(store, row)
    if not lines:
        raise Refused("NotFound", f"Transaction {key} does not exist.")
    return lines


def _check_parts(store: Store, row: Row) -> None:
    """Account, cost centre and cost unit of a line, as they are now."""
    account = _found(store, ACCOUNT, row, row["GLAccount"])
    if account["CostCenterMandatory"] and not row["CostCenter"]:
        raise Refused("Business", f"Cost center is mandatory for general ledger account {row['GLAccount']}.")
    _check_costs(store, row)


def _check_costs(store: Store, row: Row) -> None:
    for name in (CENTER, UNIT):
        if row[name]:
            _found(store, name, row, row[name])


_SAID = {ACCOUNT: "General ledger account", CENTER: "Cost center", UNIT: "Cost unit", JOURNAL: "Journal"}


def _found(store: Store, of: str, row: Row, code: str, refusal: str = "Business") -> Row:
    """What a code stands for in the company of a row: it has to be there, and not blocked."""
    found = store[of].get((row[DATABASE], code))
    if found is None:
        raise Refused(refusal, f"{_SAID[of]} {code} does not exist.")
    if found["Blocked"]:
        raise Refused(refusal, f"{_SAID[of]} {code} is blocked.")
    return found


# --- headers ------------------------------------------------------------------------------------------------


def check_header(store: Store, row: Row) -> None:
    """A header that is about to book the lines of its key; raises Refused."""
    lines = pending(store, row)
    _found(store, JOURNAL, row, row["Journal"], "Bad")
    _check_costs(store, row)
    _check_periods(store, row, lines)
    for line in lines:
        _check_parts(store, line)
    balance = sum(map(_cents, lines), Decimal(0))
    if balance:
        raise bad(f"The entry is not balanced: the difference is {balance}.")


def processed(store: Store, row: Row) -> Row:
    """The header, with the number of the entry, which its lines have too."""
    year = row["FinancialYear"]
    numbers = [other["EntryNumber"] for other in store[HEADER].of(row[DATABASE])]
    of_year = [number for number in numbers if number is not None and number // _A_YEAR == year]
    number = max(of_year, default=year * _A_YEAR) + 1
    for line in _lines(store, row):
        store[LINE].put({**line, "EntryNumber": number})
    return {**row, "EntryNumber": number, "IsProcessed": True}


def _check_periods(store: Store, row: Row, lines: Iterable[Row]) -> None:
    """The period that is named has to be open, and that of each date and reporting date of a line."""
    year, number = row["FinancialYear"], row["FinancialPeriod"]
    named = store[PERIOD].get((row[DATABASE], year, number))
    if named is None:
        raise bad(f"Financial period {year}/{number} does not exist.")
    spans = [named, *(other for other in store[PERIOD].of(row[DATABASE]) if other is not named)]
    for day in sorted({line[name] for line in lines for name in ("EntryDate", "ReportingDate")} - {None}):
        _check_open(next((span for span in spans if _holds(span, day)), named))
    _check_open(named)
    for line in lines:
        if line["EntryDate"] is not None and not _holds(named, line["EntryDate"]):
            words = f"Entry date {line['EntryDate'][:10]} is not in financial period {year}/{number}."
            raise Refused("Business", words)


def _check_open(period: Row) -> None:
    if period["Closed"]:
        raise bad(f"Financial period {period['FinancialYear']}/{period['Period']} is closed.")


def _holds(period: Row, time: str) -> bool:
    """Whether a day is one of a period's, of which the last counts whole."""
    return bool(period["StartDate"][:10] <= time[:10] <= period["EndDate"][:10])


# --- both ---------------------------------------------------------------------------------------------------


def _header(store: Store, row: Row) -> Row | None:
    return next(iter(_same_key(store, HEADER, row)), None)


def _lines(store: Store, row: Row) -> list[Row]:
    return _same_key(store, LINE, row)


def _same_key(store: Store, of: str, row: Row) -> list[Row]:
    """The rows of a row's company that have its key."""
    found = store[of].find("TransactionKey", [row["TransactionKey"]])
    return [other for other in found if other[DATABASE] == row[DATABASE]]


def _exact(row: Row) -> Decimal:
    return Decimal(str(row["Amount"]))


def _cents(row: Row) -> Decimal:
    return _exact(row).quantize(_CENT, ROUND_HALF_UP)
