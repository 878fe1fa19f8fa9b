"""The company's data, with the indexes that make long lists quick."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from itertools import islice

from local.sandbox.frame.kinds import instant
from local.sandbox.frame.room import Row, State
from local.sandbox.frame.table import Table

from .query import Place

RESOURCES = ("company", "users", "leavetypes", "balances", "syncs")
_COUNTED = re.compile(r"(.*?)(\d{0,18})", re.ASCII | re.DOTALL)


@lru_cache(maxsize=65_536)
def natural(key: str) -> tuple[str, int, str]:
    """`u-9` comes before `u-10`, so that ids are in the order in which they were given."""
    counted = _COUNTED.fullmatch(key)
    return (counted[1], int(counted[2] or 0), key) if counted else (key, 0, key)


def default_company(now: datetime) -> Row:
    """The company of a state that says nothing else."""
    return {
        "CompanyId": "c-9",
        "CompanyName": "Acme",
        "Connection": connection("org-17", "Acme Pty Ltd", instant(now)),
        "LastSyncAt": None,
    }


def connection(organisation_id: str, name: str, at: str) -> Row:
    """A link to an organisation."""
    return {
        "Connected": True,
        "OrganisationId": organisation_id,
        "OrganisationName": name,
        "ConnectedAt": at,
    }


def no_connection() -> Row:
    """The green "Connect to Organisation" button shows."""
    return {"Connected": False, "OrganisationId": None, "OrganisationName": None, "ConnectedAt": None}


class Balances:
    """Rows by employee and income code, listed in that order."""

    def __init__(self) -> None:
        self.version = 0
        self._rows: dict[str, dict[str, Row]] = {}
        self._sorted: list[tuple[str, str]] | None = None

    def get(self, employee_id: str, code: str) -> Row | None:
        """The balance of one leave type."""
        return self._rows.get(employee_id, {}).get(code)

    def put(self, row: Row) -> None:
        """Add a balance, or replace the one of its employee and income code."""
        owned = self._rows.setdefault(row["EmployeeId"], {})
        if row["IncomeCode"] not in owned:
            self._sorted = None
        owned[row["IncomeCode"]] = row
        self.version += 1

    def take(self, employee_id: str) -> list[Row]:
        """All balances of an employee, taken out."""
        self._sorted = None
        self.version += 1
        return list(self._rows.pop(employee_id, {}).values())

    def of(self, employee_id: str) -> list[Row]:
        """All balances of an employee."""
        return [row for _, row in sorted(self._rows.get(employee_id, {}).items())]

    def behind(self, place: Place) -> Iterator[Row]:
        """The rows that come after a place, or all."""
        if self._sorted is None:
            self._sorted = sorted(
                (employee, code) for employee, owned in self._rows.items() for code in owned
            )
        keys = self._sorted
        start = 0 if place is None else bisect_right(keys, (place[0], place[1]))
        return (self._rows[employee][code] for employee, code in islice(keys, start, None))


class Store:
    """One company and what belongs to it."""

    def __init__(self, now: datetime, base_version: int = 0) -> None:
        self.company = default_company(now)
        self.users = Table("UserId", ("EmployeeId",), order=natural)
        self.leave_types = Table("IncomeCode")
        self.balances = Balances()
        self.syncs = Table("SyncId", ("Status",), order=natural)
        # What was answered under an idempotency key, and when; a new state forgets it.
        self.started: dict[str, tuple[datetime, Row]] = {}
        self._user_of_email: dict[str, str] = {}
        self._newest = {"u": 0, "sy": 0}
        self._base_version = base_version

    @property
    def version(self) -> int:
        """Grows with every change, also over a replaced state."""
        parts = (self.users, self.leave_types, self.balances, self.syncs)
        return self._base_version + sum(part.version for part in parts)

    def state(self) -> State:
        """All rows by resource."""
        tables: tuple[Iterable[Row], ...] = (
            [self.company],
            self.users.rows(),
            self.leave_types.rows(),
            self.balances.behind(None),
            self.syncs.rows(),
        )
        return {name: list(rows) for name, rows in zip(RESOURCES, tables, strict=True)}

    def change_company(self, changes: Row) -> Row:
        """The company with other values."""
        self.company = {**self.company, **changes}
        self._base_version += 1
        return self.company

    def employee(self, employee_id: str) -> Row | None:
        """The user who has this code, of payroll or not."""
        return next(iter(self.users.find("EmployeeId", [employee_id])), None)

    def user_of_email(self, email: str) -> Row | None:
        """The user who has this address, in any case."""
        user_id = self._user_of_email.get(email.casefold())
        return None if user_id is None else self.users.get(user_id)

    def put_user(self, row: Row) -> None:
        """Add a user, or replace the one with its id; balances follow a new code."""
        old = self.users.get(row["UserId"])
        if old:
            del self._user_of_email[old["Email"].casefold()]
            if old["EmployeeId"] != row["EmployeeId"]:
                for balance in self.balances.take(old["EmployeeId"]):
                    self.balances.put({**balance, "EmployeeId": row["EmployeeId"]})
        self.users.put(row)
        self._user_of_email[row["Email"].casefold()] = row["UserId"]
        self._count("u", row["UserId"])

    def remove_user(self, row: Row) -> None:
        """Take a user out, with the balances."""
        self.users.remove(row["UserId"])
        del self._user_of_email[row["Email"].casefold()]
        self.balances.take(row["EmployeeId"])

    def put_sync(self, row: Row) -> None:
        """Add a sync, or replace the one with its id."""
        self.syncs.put(row)
        self._count("sy", row["SyncId"])

    def next_id(self, letters: str) -> str:
        """`u-78` after `u-77`, `sy-32` after `sy-31`; an id that was taken is not given again."""
        return f"{letters}-{self._newest[letters] + 1}"

    def _count(self, letters: str, key: str) -> None:
        before, number, _ = natural(key)
        if before == f"{letters}-":
            self._newest[letters] = max(self._newest[letters], number)
