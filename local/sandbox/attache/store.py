"""Attaché's data: for each organisation its employees, balances, leave tables and their history."""

from collections import defaultdict
from collections.abc import Iterable

from local.sandbox.frame.room import Row
from local.sandbox.frame.table import Table


class Books:
    """One organisation. Rows are as on the wire, amounts are Decimals; none is changed in place."""

    def __init__(self, organisation: Row) -> None:
        self.organisation = organisation
        self.employees = Table("EmployeeCode")
        self.balances = Table("EmployeeCode")
        self.version = 0
        self._leave: dict[str, dict[str, Row]] = {}
        self._history: defaultdict[str, list[Row]] = defaultdict(list)

    def leave(self, code: str, income_code: str) -> Row | None:
        """One row of an employee's leave table."""
        return self._leave.get(code, {}).get(income_code)

    def table(self, code: str) -> list[Row]:
        """An employee's leave table, by income code."""
        rows = self._leave.get(code, {})
        return [rows[income_code] for income_code in sorted(rows)]

    def put_leave(self, code: str, row: Row) -> None:
        """Add a row to an employee's leave table, or replace it."""
        self._leave.setdefault(code, {})[row["IncomeCode"]] = row
        self.version += 1

    def history(self, code: str) -> list[Row]:
        """What was overtyped for an employee, newest first."""
        newest_first = reversed(self._history.get(code, []))
        return sorted(newest_first, key=lambda row: str(row["ChangedAt"]), reverse=True)

    def put_history(self, code: str, row: Row) -> None:
        """One more change."""
        self._history[code].append(row)
        self.version += 1

    def all_leave(self) -> Iterable[tuple[str, Row]]:
        """Every row of every leave table with its employee's code."""
        return ((code, row) for code in sorted(self._leave) for row in self.table(code))

    def all_history(self) -> Iterable[tuple[str, Row]]:
        """Every change with its employee's code, oldest first for each."""
        return ((code, row) for code in sorted(self._history) for row in reversed(self.history(code)))


class Store:
    """All organisations by id."""

    def __init__(self, base_version: int = 0) -> None:
        self.organisations: dict[str, Books] = {}
        self._base_version = base_version

    @property
    def version(self) -> int:
        """Grows with every change, also over a replaced state."""
        every = self.organisations.values()
        return self._base_version + sum(
            books.version + books.employees.version + books.balances.version for books in every
        )

    def books(self) -> list[Books]:
        """Every organisation, by id."""
        return [self.organisations[key] for key in sorted(self.organisations)]
