"""Acme in Express Leave before the first sync: as of the pay before the last one, and not connected."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from .leave_people import (
    ADMINISTRATOR,
    APPROVER,
    COMPANY,
    COMPANY_NAME,
    CREATED_BY_HAND,
    EMPLOYEE,
    GONE,
    HIRED_HAND,
    HR,
    MOVED,
    NOT_THERE,
    OTHER_HOURS,
    PEOPLE,
    RECODED,
    RECODED_FROM,
    RENAMED,
    Worker,
)
from .leave_table import DESCRIPTIONS, FORTNIGHT, hours, last_pay, leave_table
from .state import Row, State

NON_EMPLOYEE = "Non-Employee"
# Each is seen by users of this type and of every higher one.
VISIBLE_TO = {"AL": NON_EMPLOYEE, "SL": EMPLOYEE, "LSL": HR, "RDO": EMPLOYEE}
_OUTDATED: dict[str, Row] = {
    MOVED: {"Location": "Newcastle", "State": "NSW"},
    RENAMED: {"Name": "Amelia Rowe", "Email": "amelia.rowe@acme.example"},
    OTHER_HOURS: {"Hours": "7.60"},
}


def express_leave_state(today: date | None = None) -> State:
    """38 payroll users, two who are none, and their balances of the pay before the last."""
    pay_end = last_pay(today)
    before = pay_end - FORTNIGHT
    there = list(_payroll_users())
    balances = [row for worker in there for row in _balances(worker, pay_end)]
    return {
        "company": [
            {
                "CompanyId": COMPANY,
                "CompanyName": COMPANY_NAME,
                "Connection": {
                    "Connected": False,
                    "OrganisationId": None,
                    "OrganisationName": None,
                    "ConnectedAt": None,
                },
                "LastSyncAt": f"{before}T22:01:19Z",
            }
        ],
        "users": [*_users(there), *_made_by_hand(len(there))],
        "leavetypes": [_leave_type(code) for code in VISIBLE_TO],
        "balances": balances,
        "syncs": [
            _sync("sy-30", "Completed", before, "22:01:19", len(there), len(balances)),
            _sync("sy-31", "NotConnected", pay_end, "22:01:10", 0, 0),
        ],
    }


def _payroll_users() -> Iterator[Worker]:
    """Who was in payroll when it last synced; one had another code then, one has left since."""
    for worker in PEOPLE:
        if worker.role != NOT_THERE:
            yield worker
        elif worker.code == RECODED:
            yield worker._replace(code=RECODED_FROM, role=EMPLOYEE)
    yield GONE


def _users(workers: Iterable[Worker]) -> Iterator[Row]:
    ids = {worker.code: f"u-{number}" for number, worker in enumerate(workers, 1)}
    named = {worker.role: ids[worker.code] for worker in PEOPLE if worker.role in (ADMINISTRATOR, HR)}
    approvers = {worker.state: ids[worker.code] for worker in PEOPLE if worker.role == APPROVER}
    above = {ADMINISTRATOR: None, HR: named[ADMINISTRATOR], APPROVER: named[HR]}
    for number, worker in enumerate(workers):
        yield {
            **_details(worker),
            "UserId": ids[worker.code],
            "DefaultApprover": above.get(worker.role, approvers[worker.state]),
            "UserType": worker.role,
            "PayrollUser": "Yes",
            "WelcomeEmailSentAt": None,
            "Version": 1 + number % 5,
            **_OUTDATED.get(worker.code, {}),
        }


def _made_by_hand(others: int) -> Iterator[Row]:
    """One by mistake, one on purpose."""
    worker = next(one for one in PEOPLE if one.code == CREATED_BY_HAND)
    for number, (who, user_type) in enumerate(((worker, EMPLOYEE), (HIRED_HAND, NON_EMPLOYEE)), others + 1):
        yield {
            **_details(who),
            "UserId": f"u-{number}",
            "DefaultApprover": "u-2",
            "UserType": user_type,
            "PayrollUser": "",
            "WelcomeEmailSentAt": f"{who.started}T01:30:00Z",
            "Version": 1,
        }


def _details(worker: Worker) -> Row:
    return {
        "EmployeeId": worker.code,
        "Name": worker.name,
        "Location": worker.location,
        "Country": "Australia",
        "State": worker.state,
        "Hours": f"{worker.hours_per_day:.2f}",
        "Email": worker.email,
    }


def _balances(worker: Worker, pay_end: date) -> Iterator[Row]:
    """Entitled and pro-rata together, as they were one pay before."""
    for row in leave_table(worker, pay_end, pays_ago=1):
        yield {
            "EmployeeId": worker.code,
            "IncomeCode": row["IncomeCode"],
            "BalanceHours": _hours(sum(hours(row))),
            "AsAt": row["LeaveAccruedUpToAndIncluding"],
            "SyncedAt": f"{row['LeaveAccruedUpToAndIncluding']}T22:01:15Z",
        }


def _hours(amount: Decimal | int) -> str:
    """`107.4512`; at least two decimals."""
    four = f"{amount:.4f}"
    return four.removesuffix("00")


def _leave_type(code: str) -> Row:
    return {
        "IncomeCode": code,
        "Description": DESCRIPTIONS[code],
        "AssociatedLeaveBalance": code,
        "LeavePolicyNotes": "",
        "VisibleTo": VISIBLE_TO[code],
    }


def _sync(key: str, status: str, day: date, ended: str, employees: int, balances: int) -> Row:
    return {
        "SyncId": key,
        "Trigger": "Login",
        "Status": status,
        "StartedAt": f"{day}T22:01:10Z",
        "FinishedAt": f"{day}T{ended}Z",
        "Employees": employees,
        "Balances": balances,
        "Errors": [],
    }
