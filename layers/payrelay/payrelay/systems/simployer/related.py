"""Puts the related rows of a page in the place of the ids that name them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from msgspec.structs import replace

from payrelay.systems.rows import BadRow, Listed, Reader, Row, Unusable

from .models import (
    Colleague,
    Compensation,
    CostCenter,
    Department,
    Employee,
    Employment,
    EmploymentType,
    Leave,
    LeaveTransaction,
    LeaveType,
    LeaveTypeCode,
)

R = TypeVar("R", bound=Row)
_SEVERAL = 2
Relations = Mapping[str, Sequence[Any]]

EMPLOYEES = Reader(Employee, id_key="id", number_key="employeeNumber")
LEAVES = Reader(Leave, id_key="id", number_key="employeeId")
LEAVE_TYPES = Reader(LeaveType, id_key="id", number_key="name")
LEAVE_TRANSACTIONS = Reader(LeaveTransaction, id_key="id", number_key="employeeId")
_COST_CENTERS = Reader(CostCenter, id_key="id", number_key="code")
_DEPARTMENTS = Reader(Department, id_key="id", number_key="name")
_EMPLOYMENTS = Reader(Employment, id_key="id", number_key="employeeId")
EMPLOYMENT_TYPES = Reader(EmploymentType, id_key="id", number_key="name")
_COMPENSATIONS = Reader(Compensation, id_key="id", number_key="employeeId")
_PEOPLE = Reader(Colleague, id_key="id", number_key="employeeNumber")
_CODES = Reader(LeaveTypeCode, id_key="id", number_key="leaveTypeId")


class _UnusableError(Exception):
    """A related row is missing or does not read."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field, self.problem = field, problem


class _Table(Generic[R]):
    """The rows of one kind of relation, by id."""

    def __init__(self, name: str, reader: Reader[R], raws: Sequence[Any]) -> None:
        self.name = name
        rows, self.bad = reader.read(raws)
        self.by_id: dict[str, R] = {row.id: row for row in rows}  # type: ignore[attr-defined]
        self._unusable = Unusable(self.bad, lambda row: row.id)

    def named(self, row_id: Any, *, required: bool = True) -> R | None:
        """The row that the id names. A name that leads nowhere is no blank: it would empty a field there.

        Where the row is not `required`, one that did not come is None; one that does not read never is.
        """
        if not row_id or not isinstance(row_id, str):
            return None
        row = self.by_id.get(row_id)
        if row is None:
            bad = self._unusable.instead_of(row_id)
            if bad is not None:
                raise _UnusableError(f"{self.name}.{bad.field}", bad.problem)
            if required:
                raise _UnusableError(f"{self.name}Id", f"names a {self.name} that did not come with the page")
        return row


def read_employees(raws: Sequence[Any], relations: Relations) -> Listed[Employee]:
    """The page's employees with what belongs to them, and those that can't be used."""
    related = _Related(relations)
    whole, unusable = [], []
    for raw in raws:
        try:
            if isinstance(raw, dict):
                raw.update(related.of(raw))
            whole.append(raw)
        except _UnusableError as problem:
            unusable.append(EMPLOYEES.bad_row(raw, problem.field, problem.problem))
    rows, bad = EMPLOYEES.read(whole)
    return Listed(rows, unusable + bad)


def read_leave_types(raws: Sequence[Any], relations: Relations) -> Listed[LeaveType]:
    """Leave types with their payroll codes. A code that does not read spoils its leave type.

    One that does not tell its leave type stands among the rows that can't be used, without an id.
    """
    codes, bad_codes = _CODES.read(relations.get("leaveTypeCode", ()))
    by_type = defaultdict(list)
    for code in codes:
        by_type[code.leave_type_id].append(code)
    spoilt = {bad.number: bad for bad in bad_codes}
    whole: list[Any] = []
    unusable = [
        BadRow("", bad.id, f"leaveTypeCode.{bad.field}", bad.problem) for bad in bad_codes if not bad.number
    ]
    for raw in raws:
        type_id = raw.get("id") if isinstance(raw, dict) else None
        if not isinstance(type_id, str):
            whole.append(raw)
        elif type_id in spoilt:
            bad = spoilt[type_id]
            unusable.append(LEAVE_TYPES.bad_row(raw, f"leaveTypeCode.{bad.field}", bad.problem))
        else:
            whole.append(raw | {"codes": tuple(by_type[type_id])})
    rows, bad_rows = LEAVE_TYPES.read(whole)
    return Listed(rows, unusable + bad_rows)


def read_leave_transactions(raws: Sequence[Any], relations: Relations) -> Listed[LeaveTransaction]:
    """Leave transactions with their employee; None where the page does not hold that employee."""
    people = _Table("employee", _PEOPLE, relations.get("employee", ()))
    whole, unusable = [], []
    for raw in raws:
        try:
            if isinstance(raw, dict):
                raw["employee"] = people.named(raw.get("employeeId"), required=False)
            whole.append(raw)
        except _UnusableError as problem:
            unusable.append(LEAVE_TRANSACTIONS.bad_row(raw, problem.field, problem.problem))
    rows, bad = LEAVE_TRANSACTIONS.read(whole)
    return Listed(rows, unusable + bad)


class _Related:
    def __init__(self, relations: Relations) -> None:
        centers = [*relations.get("effectiveCostCenter", ()), *relations.get("costCenter", ())]
        self._cost_centers = _Table("costCenter", _COST_CENTERS, centers)
        self._departments = _Table("department", _DEPARTMENTS, relations.get("department", ()))
        self._employments = _Table("employment", _EMPLOYMENTS, relations.get("employment", ()))
        self._types = _Table("employmentType", EMPLOYMENT_TYPES, relations.get("employmentType", ()))
        self._compensations = _Table("compensation", _COMPENSATIONS, relations.get("compensation", ()))
        self._by_employee: dict[str, list[Employment]] = defaultdict(list)
        for employment in self._employments.by_id.values():
            self._by_employee[employment.employee_id].append(employment)
        self._spoilt = {bad.number: bad for bad in self._employments.bad}
        # It does not tell whose it is: of those who would have none, it may be anybody's.
        self._nobodys = self._spoilt.pop("", None)

    def of(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The related rows of one employee, under names that Employee reads them by."""
        department = self._departments.named(raw.get("departmentId"))
        employment = self._employments.named(raw.get("employmentId"))
        own = self._all_employments(raw.get("id"))
        if employment is not None and len(own) >= _SEVERAL:
            employment = next((one for one in own if one.id == employment.id), employment)
        return {
            "department": department,
            "costCenter": self._cost_centers.named(raw.get("costCenterId") or _inherited(department)),
            "employments": own,
            "employment": employment,
            "employmentType": self._types.named(raw.get("employmentTypeId") or _type_of(employment)),
            "compensation": self._compensations.named(raw.get("compensationId")),
        }

    def _all_employments(self, employee_id: Any) -> tuple[Employment, ...]:
        if not isinstance(employee_id, str):
            return ()
        own = self._by_employee.get(employee_id, ())
        bad = self._spoilt.get(employee_id) or (None if own else self._nobodys)
        if bad:
            raise _UnusableError(f"employment.{bad.field}", bad.problem)
        if len(own) < _SEVERAL:
            return tuple(own)
        return tuple(replace(one, kind=self._types.named(one.type_id, required=False)) for one in own)


def _inherited(department: Department | None) -> str | None:
    if department is None:
        return None
    return department.effective_cost_center_id or department.cost_center_id


def _type_of(employment: Employment | None) -> str | None:
    return employment.type_id if employment else None
