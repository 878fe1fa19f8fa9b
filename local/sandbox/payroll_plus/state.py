"""Reading a state: rows checked, and completed where a tester gives them in part."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from local.sandbox.frame.kinds import Kind, instant, misfits
from local.sandbox.frame.room import Row
from local.sandbox.frame.state import StateReader
from local.sandbox.frame.table import Table

from .fields import (
    COMPONENT,
    CONCEPT,
    CONCEPT_EMPLOYEE,
    EMPLOYEE,
    EMPLOYER,
    EMPLOYMENT,
    PAYROLL_PERIOD,
    PAYROLL_RUN,
    REPORT_ROW,
    person_misfits,
)
from .store import DEFAULT_EMPLOYER, RESOURCES, Store

Complete = Callable[[Row], Row]


def read_state(state: Any, now: datetime, base_version: int) -> Store:
    """A store of the given rows; raises StateRefusedError with every problem found."""
    reader = _Reader(state, Store(base_version), instant(now))
    reader.read()
    reader.refuse_if_wrong()
    return reader.store


class _Reader(StateReader):
    def __init__(self, state: Any, store: Store, now: str) -> None:
        super().__init__(state, RESOURCES)
        self.store = store
        self._now = now

    def read(self) -> None:
        """Employees before their employments."""
        store = self.store
        for number, row in self._each("employer"):
            if number:
                self._say(number, "", "there is one employer")
            elif self._fits(number, misfits(EMPLOYER, row)):
                store.employer = {**DEFAULT_EMPLOYER, **row}
        made = {"typeOfEmployee": "Employee", "modifiedAt": self._now}
        self._read_table("employees", EMPLOYEE, store.employees, (), lambda row: {**made, **row})
        self._read_table(
            "conceptEmployees", CONCEPT_EMPLOYEE, store.concepts, (), lambda row: {"status": CONCEPT, **row}
        )
        for number, row in self._each("employments"):
            self._read_employment(number, row)
        self._read_table("payrollPeriods", PAYROLL_PERIOD, store.periods, tuple(PAYROLL_PERIOD), dict)
        self._read_table("payrollRuns", PAYROLL_RUN, store.runs, ("prPeriod", "status"), self._whole_run)
        self._read_table("components", COMPONENT, store.components, tuple(COMPONENT), dict)
        for number, row in self._each("componentReport"):
            self._read_report_row(number, row)

    def _read_table(
        self,
        resource: str,
        fields: Mapping[str, Kind],
        table: Table,
        needed: tuple[str, ...],
        complete: Complete,
    ) -> None:
        of_people = "typeOfEmployee" in fields
        needed = tuple(dict.fromkeys((table.key, *needed)))
        for number, row in self._each(resource):
            found = person_misfits(fields, row, needed) if of_people else misfits(fields, row, needed)
            if not self._fits(number, found):
                continue
            if row[table.key] in table:
                self._say(number, table.key, f"{row[table.key]} is used twice")
            else:
                table.put(_ordered(fields, complete(row)))

    def _read_employment(self, number: int, row: Any) -> None:
        if not self._fits(number, misfits(EMPLOYMENT, row, ("employeeId", "payrollNoEE", "employed"))):
            return
        employee_id = row["employeeId"]
        employee = self.store.employees.get(employee_id)
        if employee is None:
            self._say(number, "employeeId", f"{employee_id} is no employee")
            return
        kind = employee["typeOfEmployee"]
        made = {"termDate": None, "jobTitle": "", "costCentre": "", "typeOfEmployee": kind}
        if not self.store.employments.put(employee_id, _ordered(EMPLOYMENT, {**made, **row})):
            self._say(number, "payrollNoEE", f"{row['payrollNoEE']} of {employee_id} is used twice")

    def _whole_run(self, row: Row) -> Row:
        """A run that is processed was processed at some time, and one that is approved also approved."""
        processed = None if row["status"] == "Open" else self._now
        approved = self._now if row["status"] == "Approved" else None
        made = {"description": row["prPeriod"], "processedAt": processed, "approvedAt": approved}
        return {**made, **row}

    def _read_report_row(self, number: int, row: Any) -> None:
        needed = ("employeeId", "prPeriod", "component", "amount")
        if not self._fits(number, misfits(REPORT_ROW, row, needed)):
            return
        made = {"year": int(row["prPeriod"][:4]), "description": row["component"]}
        whole = _ordered(REPORT_ROW, {**made, **row})
        if not self.store.report.put((whole["year"], whole["prPeriod"]), whole):
            said = f"{row['component']} of {row['employeeId']} in {row['prPeriod']} is used twice"
            self._say(number, "component", said)


def _ordered(fields: Mapping[str, Kind], row: Row) -> Row:
    return {name: row[name] for name in fields if name in row}
