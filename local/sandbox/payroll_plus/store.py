"""One employer's data, kept so that long lists are quick."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, TypeAlias

from local.sandbox.frame.room import Row, State
from local.sandbox.frame.table import Table

RESOURCES = (
    "employer",
    "employees",
    "conceptEmployees",
    "employments",
    "payrollPeriods",
    "payrollRuns",
    "components",
    "componentReport",
)
# What each list is in order of.
ORDERS = {
    "employees": ("employeeId",),
    "employments": ("payrollNoEE",),
    "payrollPeriods": ("prPeriod",),
    "payrollRuns": ("prPeriod", "runId"),
    "components": ("component",),
    "componentReport": ("employeeId", "component"),
}
DEFAULT_EMPLOYER: Row = {
    "employerId": "emp-500",
    "employerName": "Acme BV",
    "administratienummer": "500",
    "accountActive": True,
}
Natural: TypeAlias = tuple[str, int, str]
_COUNTED = re.compile(r"(.*?)(\d{0,18})", re.ASCII | re.DOTALL)


@lru_cache(maxsize=65_536)
def natural(key: str) -> Natural:
    """`999` comes before `1000`, and `run-9` before `run-10`."""
    counted = _COUNTED.fullmatch(key)
    return (counted[1], int(counted[2] or 0), key) if counted else (key, 0, key)


def in_order(resource: str) -> Callable[[Row], tuple[Natural, ...]]:
    """What the rows of a list are sorted by."""
    names = ORDERS[resource]
    return lambda row: tuple(natural(str(row[name])) for name in names)


class Groups:
    """Rows in groups (those of an employee, of a period), each listed in the order of its resource."""

    def __init__(self, resource: str) -> None:
        self._order = in_order(resource)
        self._names = ORDERS[resource]
        self._groups: defaultdict[Any, dict[tuple[Any, ...], Row]] = defaultdict(dict)
        self._sorted: dict[Any, list[Row]] = {}

    def put(self, group: Any, row: Row) -> bool:
        """Add a row; False when its group has one like it."""
        rows, key = self._groups[group], tuple(row[name] for name in self._names)
        if key in rows:
            return False
        rows[key] = row
        self._sorted.pop(group, None)
        return True

    def of(self, group: Any) -> list[Row]:
        """All rows of a group; not to be changed by the caller."""
        if group not in self._groups:
            return []
        if group not in self._sorted:
            self._sorted[group] = sorted(self._groups[group].values(), key=self._order)
        return self._sorted[group]

    def rows(self) -> Iterable[Row]:
        """All rows, group by group."""
        return (row for group in self._groups for row in self.of(group))


class Store:
    """One employer and what belongs to it."""

    def __init__(self, base_version: int = 0) -> None:
        self.employer = DEFAULT_EMPLOYER
        self.employees = Table("employeeId", order=natural)
        self.concepts = Table("employeeId", order=natural)
        self.employments = Groups("employments")
        self.periods = Table("prPeriod")
        self.runs = Table("runId", order=natural)
        self.components = Table("component")
        self.report = Groups("componentReport")
        self._base_version = base_version

    @property
    def version(self) -> int:
        """Grows with every change, also over a replaced state."""
        return self._base_version + self.employees.version + self.concepts.version

    def state(self) -> State:
        """All rows by resource."""
        tables: tuple[Iterable[Row], ...] = (
            [self.employer],
            self.employees.rows(),
            self.concepts.rows(),
            self.employments.rows(),
            self.periods.rows(),
            self.runs.rows(),
            self.components.rows(),
            self.report.rows(),
        )
        return {name: list(rows) for name, rows in zip(RESOURCES, tables, strict=True)}
