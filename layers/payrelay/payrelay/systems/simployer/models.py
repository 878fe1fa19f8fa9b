"""Simployer One's rows as they come over the wire, with the related rows put in their place."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar, Generic, Self, TypeVar

from msgspec import Struct

from payrelay.domain.sensitive import BankAccount, SocialSecurityNumber
from payrelay.systems.rows import Day, Listed, Row

R = TypeVar("R", bound=Row)


_WHOLE_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:T(?P<time>\d\d:\d\d)(?P<rest>(?::[\d.]+)?)(?:Z|[+-]00:?00)?)?")
_YEAR = re.compile(r"(\d{1,6})-")


class WholeDay(Day):
    """A day of somebody's life or employment: midnight UTC, since the wire has no dates without a time.

    Behind any other time stands a day in somebody's own zone, and nobody can tell which.
    """

    @classmethod
    def from_wire(cls, raw: object) -> Self:
        """The day; ValueError for what is none, without the value: it may be a birthday."""
        found = cls._midnight(raw) if isinstance(raw, str) else None
        if isinstance(found, cls):
            return found
        if isinstance(found, str):
            raise ValueError(f"a time of day ({found}) stands behind the day")
        year = _YEAR.match(raw) if isinstance(raw, str) else None
        raise ValueError("it is not a day such as 2026-02-09" + (f" (year {int(year[1])})" if year else ""))

    @classmethod
    @lru_cache(maxsize=1 << 15)  # many people share a day
    def _midnight(cls, text: str) -> Self | str | None:
        shape = _WHOLE_DAY.fullmatch(text)
        if shape is None:
            return None
        if (shape["time"] or "00:00") != "00:00" or (shape["rest"] or "").strip(":0."):
            return str(shape["time"]) + str(shape["rest"]).partition(".")[0]
        try:
            return cls.fromisoformat(text[:10])
        except ValueError:
            return None


class Page(Struct, Generic[R], frozen=True):
    """The rows from `offset` on, of `total`."""

    listed: Listed[R]
    total: int
    offset: int

    @property
    def is_last(self) -> bool:
        return self.offset + len(self.listed) >= self.total


class CostCenter(Row, frozen=True):
    id: str
    code: str
    name: str | None = None


class Department(Row, frozen=True):
    id: str
    name: str
    cost_center_id: str | None = None
    effective_cost_center_id: str | None = None


class EmploymentType(Row, frozen=True):
    id: str
    name: str


class Employment(Row, frozen=True):
    """One employment; `kind` is the related row of its type, where the employee has several employments."""

    id: str
    employee_id: str
    type_id: str | None = None
    start_date: WholeDay | None = None
    end_date: WholeDay | None = None
    effective_end_date: WholeDay | None = None
    terminated: bool | None = None
    rate: Decimal | None = None

    kind: EmploymentType | None = None


class Compensation(Row, frozen=True):
    """How an employee is paid; not how much, which nobody asks for."""

    id: str
    payout_period: str | None = None


class Colleague(Row, frozen=True):
    """An employee as other rows name them."""

    id: str
    employee_number: str | None = None
    company_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None


class BankDetails(Row, frozen=True):
    named_by: ClassVar[tuple[str, ...]] = ()

    number: BankAccount | None = None
    iban: BankAccount | None = None


class HomeAddress(Row, frozen=True):
    named_by: ClassVar[tuple[str, ...]] = ()

    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None


class Employee(Row, frozen=True):
    """One employee. Fields that rules ask for may be absent here: the rule says so, with its reason.

    The last six are the related rows: `employments` are all that the page holds for this employee,
    `employment` the one that its `employmentId` names, `cost_center` their own or else their department's.
    """

    id: str
    active: bool
    company_id: str | None = None
    employee_number: str | None = None
    title: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    work_email: str | None = None
    private_email: str | None = None
    work_phone: str | None = None
    private_phone: str | None = None
    hire_date: WholeDay | None = None
    end_date: WholeDay | None = None
    birth_date: WholeDay | None = None
    gender: str | None = None
    ssn: SocialSecurityNumber | None = None
    department_id: str | None = None
    cost_center_id: str | None = None
    bank_account: BankDetails | None = None
    home_address: HomeAddress | None = None
    custom: dict[str, Any] | None = None

    department: Department | None = None
    cost_center: CostCenter | None = None
    employments: tuple[Employment, ...] = ()
    employment: Employment | None = None
    employment_type: EmploymentType | None = None
    compensation: Compensation | None = None


class LeaveTypeCode(Row, frozen=True):
    """The payroll code of a leave type, per company."""

    id: str
    leave_type_id: str
    company_id: str
    code: str


class LeaveType(Row, frozen=True):
    id: str
    name: str
    kind: str | None = None

    codes: tuple[LeaveTypeCode, ...] = ()


class Leave(Row, frozen=True):
    """One leave from its first to its last day; `duration` is minutes, half_day, one_day or longer."""

    id: str
    start_date: Day
    end_date: Day
    duration: str | None = None


class LeaveParent(Row, frozen=True):
    """What a transaction belongs to: type Leave or TimesheetEntry."""

    id: str
    type: str


class LeaveTransaction(Row, frozen=True):
    """One day of leave; `hours` is what was taken, `extent` the percentage of the day."""

    id: str
    status: str
    leave_type_id: str
    employee_id: str
    date: Day
    hours: Decimal | None = None
    extent: Decimal | None = None
    description: str | None = None
    parent: LeaveParent | None = None

    employee: Colleague | None = None


EmployeePage = Page[Employee]
LeaveTransactionPage = Page[LeaveTransaction]
