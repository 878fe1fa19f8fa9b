"""Reading a state: rows checked, and completed where a tester gives them in part."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any

from local.sandbox.frame.kinds import instant, misfits
from local.sandbox.frame.room import Row
from local.sandbox.frame.state import StateReader

from . import leave_types
from .fields import (
    BALANCE,
    BALANCE_SENT,
    COMPANY,
    CONNECTION,
    LEAVE_TYPE,
    SYNC,
    SYNC_ERROR,
    USER,
    list_misfits,
)
from .store import RESOURCES, Store, connection, default_company, no_connection

_USER_NEEDED = ("EmployeeId", "Name", "Email", "PayrollUser")


def read_state(state: Any, now: datetime, base_version: int) -> Store:
    """A store of the given rows; raises StateRefusedError with every problem found."""
    reader = _Reader(state, Store(now, base_version), now)
    reader.read()
    reader.refuse_if_wrong()
    return reader.store


class _Reader(StateReader):
    def __init__(self, state: Any, store: Store, now: datetime) -> None:
        super().__init__(state, RESOURCES)
        self.store = store
        self._now = now

    def read(self) -> None:
        """Users and leave types before balances, which name both."""
        for number, row in self._each("company"):
            self._read_company(number, row)
        if "leavetypes" not in self._given and {"users", "balances"} & self._given.keys():
            for row in leave_types.defaults():
                self.store.leave_types.put(row)
        for number, row in self._each("leavetypes"):
            self._read_leave_type(number, row)
        fresh = self._fresh_ids("users", "UserId", "u")
        for number, row in self._each("users"):
            self._read_user(number, row, fresh)
        for number, row in self._each("balances"):
            self._read_balance(number, row)
        fresh = self._fresh_ids("syncs", "SyncId", "sy")
        for number, row in self._each("syncs"):
            self._read_sync(number, row, fresh)

    def _read_company(self, number: int, row: Any) -> None:
        if number:
            self._say(number, "", "there is one company")
        elif self._fits(number, misfits(COMPANY, row)) and self._fits_connection(row):
            whole = {**default_company(self._now), **row}
            if "Connection" in row:
                whole["Connection"] = self._connection(row["Connection"])
            self.store.company = {name: whole[name] for name in COMPANY}

    def _fits_connection(self, row: Row) -> bool:
        given = row.get("Connection", {"Connected": False})
        found = misfits(CONNECTION, given, ("Connected",))
        if not found and given["Connected"] and not given.get("OrganisationId"):
            found = [("OrganisationId", "is required where the company is connected")]
        return self._fits(0, [(f"Connection.{field}", message) for field, message in found])

    def _connection(self, given: Row) -> Row:
        """A company that is not connected names no organisation."""
        if not given["Connected"]:
            return no_connection()
        name = given.get("OrganisationName") or given["OrganisationId"]
        return connection(given["OrganisationId"], name, given.get("ConnectedAt") or instant(self._now))

    def _read_leave_type(self, number: int, row: Any) -> None:
        if self._fits(number, misfits(LEAVE_TYPE, row, ("IncomeCode", "Description"))):
            if row["IncomeCode"] in self.store.leave_types:
                self._say(number, "IncomeCode", f"{row['IncomeCode']} is used twice")
            else:
                self.store.leave_types.put(leave_types.completed(row))

    def _read_user(self, number: int, row: Any, fresh: Iterator[str]) -> None:
        if not self._fits(number, misfits(USER, row, _USER_NEEDED)):
            return
        made = {
            "UserId": row["UserId"] if "UserId" in row else next(fresh),
            "Location": None,
            "Country": "Australia",
            "State": "NSW",
            "Hours": "7.60",
            "DefaultApprover": None,
            "UserType": "Employee (Non-Approver)",
            "WelcomeEmailSentAt": None,
            "Version": 1,
        }
        whole = {**made, **row}
        taken = {
            "UserId": self.store.users.get(whole["UserId"]),
            "EmployeeId": self.store.employee(row["EmployeeId"]),
            "Email": self.store.user_of_email(row["Email"]),
        }
        if self._fits(number, [(name, f"{row[name]} is used twice") for name in taken if taken[name]]):
            self.store.put_user({name: whole[name] for name in USER})

    def _read_balance(self, number: int, row: Any) -> None:
        if not self._fits(number, misfits(BALANCE, row, tuple(BALANCE_SENT))):
            return
        employee_id, code = row["EmployeeId"], row["IncomeCode"]
        user = self.store.employee(employee_id)
        if user is None:
            self._say(number, "EmployeeId", f"{employee_id} is no user's EmployeeId")
        elif user["PayrollUser"] != "Yes":
            self._say(number, "EmployeeId", f"{employee_id} is no payroll user")
        elif code not in self.store.leave_types:
            self._say(number, "IncomeCode", f"{code} is no leave type")
        elif self.store.balances.get(employee_id, code):
            self._say(number, "IncomeCode", f"{code} of {employee_id} is used twice")
        else:
            whole = {**row, "SyncedAt": row.get("SyncedAt") or instant(self._now)}
            self.store.balances.put({name: whole[name] for name in BALANCE})

    def _read_sync(self, number: int, row: Any, fresh: Iterator[str]) -> None:
        if not self._fits(number, misfits(SYNC, row, ("Trigger", "Status"))):
            return
        errors = row.get("Errors", [])
        if not self._fits(number, list_misfits("Errors", SYNC_ERROR, errors, tuple(SYNC_ERROR))):
            return
        made: Row = {
            "SyncId": row["SyncId"] if "SyncId" in row else next(fresh),
            "StartedAt": instant(self._now),
            "Employees": 0,
            "Balances": 0,
            "Errors": [],
        }
        whole = {"FinishedAt": None, **made, **row}
        if row["Status"] != "Running":
            whole["FinishedAt"] = whole["FinishedAt"] or whole["StartedAt"]
        elif whole["FinishedAt"] is not None:
            self._say(number, "FinishedAt", "must be null while the sync is running")
        if whole["SyncId"] in self.store.syncs:
            self._say(number, "SyncId", f"{whole['SyncId']} is used twice")
        else:
            self.store.put_sync({name: whole[name] for name in SYNC})

    def _fresh_ids(self, resource: str, field: str, letters: str) -> Iterator[str]:
        """`u-1`, `u-2` …, without those that are given."""
        rows = self._given.get(resource, [])
        given = {str(row[field]) for row in rows if isinstance(row, dict) and field in row}
        return (name for name in (f"{letters}-{number}" for number in count(1)) if name not in given)
