"""Acme in Attaché Payroll: two organisations, their employees and leave, and what the next pay changes."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from .leave_people import (
    AUSTRALIA,
    NEW_ZEALAND,
    NEW_ZEALANDERS,
    NEWCOMER,
    NO_EMAIL,
    NO_SICK_LEAVE,
    NOT_ENABLED,
    OLDER_AS_AT,
    ORGANISATIONS,
    PEOPLE,
    SET_UP_WRONG,
    TAKES_LEAVE,
    TERMINATED,
    Worker,
)
from .leave_table import FORTNIGHT, accrual, hours, last_pay, leave_table, number, pay_run
from .state import Row, State

WEEK_OFF = Decimal(38)
_REVERSED_PAYS = 2
_CORRECTED_AT = "2026-01-05T03:12:00Z"
_AMOUNTS = frozenset(
    {"HourPerDay", "EntitlementOwing", "ProRataOwing", "ContingentOwing", "HoursPerDay", "DaysPerWeek"}
    | {"OldEntitlementOwing", "NewEntitlementOwing"}
)


def attache_state(today: date | None = None) -> State:
    """60 employees in Australia, three in New Zealand, with leave as of the last pay."""
    pay_end = last_pay(today)
    state: State = {
        "organisations": [
            {"OrganisationId": key, "OrganisationName": name, "Country": country}
            for key, (name, country) in ORGANISATIONS.items()
        ],
        "employees": [],
        "leavebalances": [],
        "leave": [],
        "leavehistory": [_corrected_once()],
    }
    for organisation, workers in ((AUSTRALIA, PEOPLE), (NEW_ZEALAND, NEW_ZEALANDERS)):
        for worker in workers:
            _add(state, organisation, worker, pay_end)
    return state


def next_pay(state: State, now: datetime | None = None) -> State:
    """The same after the next pay, processed `now`: leave accrues, one had a week off, one has started.

    Amounts may be floats, Decimals or text; those of the answer can be written as JSON.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    after: State = {name: [_plain(row) for row in rows] for name, rows in state.items()}
    left = {_key(row) for row in after["employees"] if row["TerminationDate"]}
    tables: dict[tuple[str, str], list[Row]] = {}
    for row in after["leave"]:
        _accrue(row, paid=_key(row) not in left)
        row["ModifiedAt"] = _later(row["ModifiedAt"], moment)
        tables.setdefault(_key(row), []).append(row)
    for balance in after["leavebalances"]:
        balance["LeaveAccrueTo"] = _next(balance["LeaveAccrueTo"])
        balance["ModifiedAt"] = _later(balance["ModifiedAt"], moment)
        balance.update(_pairs(tables.get(_key(balance), [])))
    _start(after, moment)
    return after


def _add(state: State, organisation: str, worker: Worker, pay_end: date, modified: str = "") -> None:
    """An employee with balances and leave table."""
    reversed_pays = _REVERSED_PAYS if worker.code == OLDER_AS_AT else 0
    marked = {"OrganisationId": organisation, "ModifiedAt": modified or pay_run(pay_end)}
    table = list(_stories(leave_table(worker, pay_end, reversed_pays)))
    state["employees"].append(_employee(worker, pay_end) | marked)
    state["leave"] += ({**row, **marked} for row in table)
    accrued_to = str(pay_end - reversed_pays * FORTNIGHT)
    balance = {"EmployeeCode": worker.code, "LeaveAccrueTo": accrued_to, **_pairs(table)}
    state["leavebalances"].append(balance | marked)


def _employee(worker: Worker, pay_end: date) -> Row:
    gone = worker.code == TERMINATED
    return {
        "EmployeeCode": worker.code,
        "FullName": worker.name,
        "AOemail": None if worker.code == NO_EMAIL else worker.email,
        "EnableAttacheOnline": worker.code != NOT_ENABLED,
        "Location": worker.location,
        "State": worker.state,
        "Country": "New Zealand" if worker in NEW_ZEALANDERS else "Australia",
        "HourPerDay": number(worker.day),
        "TerminationDate": str(pay_end - timedelta(days=30)) if gone else None,
    }


def _stories(table: Iterable[Row]) -> Iterator[Row]:
    """The rows with what went wrong for some."""
    for row in table:
        match row["EmployeeCode"], row["IncomeCode"]:
            case code, "SL" if code == NO_SICK_LEAVE:
                continue
            case code, "AL" if code == SET_UP_WRONG:
                # Ten days and a bit: as many as there were, yet nobody knows how long a day is.
                yield row | {
                    "EntitlementOwing": 10.0,
                    "ProRataOwing": 4.153,
                    "DisplayIn": "Days",
                    "HoursPerDay": 0.0,
                }
            case code, _ if code == TERMINATED:
                yield row | {"EntitlementOwing": 0.0, "ProRataOwing": 0.0}
            case _:
                yield row


def _pairs(table: Iterable[Row]) -> Row:
    """The fields of the balances; without a length of the day there are none."""
    pairs: Row = {}
    for row in table:
        if row["DisplayIn"] == "Hours" or Decimal(str(row["HoursPerDay"])):
            entitled, pro_rata = map(number, hours(row))
            pairs[f"{row['IncomeCode']}EntitleHourAcc"] = entitled
            pairs[f"{row['IncomeCode']}ProRataHourAcc"] = pro_rata
    return pairs


def _corrected_once() -> Row:
    return {
        "OrganisationId": AUSTRALIA,
        "EmployeeCode": "E1006",
        "IncomeCode": "AL",
        "ChangedAt": _CORRECTED_AT,
        "OldEntitlementOwing": 68.4,
        "NewEntitlementOwing": 76.0,
        "Comment": "Day of 22 December was worked",
        "User": "payroll1",
    }


def _accrue(row: Row, *, paid: bool) -> None:
    row["LeaveAccruedUpToAndIncluding"] = _next(row["LeaveAccruedUpToAndIncluding"])
    if not paid:
        return
    added = accrual(row["IncomeCode"], row)
    row["ProRataOwing"] = number(Decimal(str(row["ProRataOwing"])) + added)
    if (row["EmployeeCode"], row["IncomeCode"]) == (TAKES_LEAVE, "AL"):
        row["EntitlementOwing"] = number(Decimal(str(row["EntitlementOwing"])) - WEEK_OFF)


def _start(state: State, moment: datetime) -> None:
    """Somebody new, paid for the first time."""
    if any(_key(row) == (AUSTRALIA, NEWCOMER.code) for row in state["employees"]):
        return
    accrued = (row["LeaveAccrueTo"] for row in state["leavebalances"] if row["OrganisationId"] == AUSTRALIA)
    pay_end = date.fromisoformat(max(accrued))
    first_day = pay_end - FORTNIGHT + timedelta(days=1)
    _add(state, AUSTRALIA, NEWCOMER._replace(started=str(first_day)), pay_end, _at(moment))


def _key(row: Row) -> tuple[str, str]:
    return row["OrganisationId"], row["EmployeeCode"]


def _next(pay_end: str) -> str:
    return str(date.fromisoformat(pay_end) + FORTNIGHT)


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _later(modified: str, moment: datetime) -> str:
    """Now, but in any case after the last change."""
    return _at(max(moment, datetime.fromisoformat(modified) + timedelta(seconds=1)))


def _plain(row: Row) -> Row:
    """A copy whose amounts are numbers of JSON."""

    def value_of(name: str, value: Any) -> Any:
        return number(value) if name in _AMOUNTS or name.endswith("HourAcc") else value

    return {name: value_of(name, value) for name, value in row.items()}
