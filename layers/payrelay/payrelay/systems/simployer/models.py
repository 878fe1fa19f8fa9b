"""Simployer One's rows as they come over the wire, with the related rows put in their place."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Generic, TypeVar

from payrelay.domain.sensitive import BankAccount, Salary, SocialSecurityNumber
from payrelay.systems.rows import BadRow, Day, Row

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Rows `offset` to `offset + count` of `total`; `bad_rows` are those of them that can't be used."""

    rows: list[R]
    bad_rows: list[BadRow]
    total: int
    offset: int
    count: int

    @property
    def is_last(self) -> bool:
        return self.offset + self.count >= self.total


class CostCenter(Row):
    id: str
    code: str
    name: str | None = None


class Department(Row):
    id: str
    name: str
    cost_center_id: str | None = None
    effective_cost_center_id: str | None = None


class EmploymentType(Row):
    id: str
    name: str
    country: str | None = None


class Employment(Row):
    id: str
    employee_id: str
    type_id: str | None = None
    start_date: Day | None = None
    end_date: Day | None = None
    effective_end_date: Day | None = None
    terminated: bool | None = None
    rate: Decimal | None = None
    country: str | None = None


class Compensation(Row):
    id: str
    amount: Salary | None = None
    base_amount: Salary | None = None
    currency: str | None = None
    effective_date: Day | None = None
    payout_period: str | None = None
    payout_frequency: str | None = None


class Manager(Row):
    """An employee as others name them."""

    id: str
    employee_number: str | None = None
    company_id: str | None = None


class BankDetails(Row):
    named_by: ClassVar[tuple[str, ...]] = ()

    bank: str | None = None
    clearing: BankAccount | None = None
    number: BankAccount | None = None
    iban: BankAccount | None = None
    bic: str | None = None
    country: str | None = None


class HomeAddress(Row):
    named_by: ClassVar[tuple[str, ...]] = ()

    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None


class Employee(Row):
    """One employee. Fields that rules ask for may be absent here: the rule says so, with its reason.

    The last seven are the related rows: `employments` are all that the page holds for this employee,
    `employment` the one that `employment_id` names, `cost_center` their own or else their department's.
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
    hire_date: Day | None = None
    end_date: Day | None = None
    birth_date: Day | None = None
    gender: str | None = None
    nationality: str | None = None
    ssn: SocialSecurityNumber | None = None
    department_id: str | None = None
    cost_center_id: str | None = None
    manager_employee_id: str | None = None
    employment_id: str | None = None
    employment_type_id: str | None = None
    employment_country: str | None = None
    compensation_id: str | None = None
    bank_account: BankDetails | None = None
    home_address: HomeAddress | None = None
    custom: dict[str, Any] | None = None
    updated: str | None = None

    department: Department | None = None
    cost_center: CostCenter | None = None
    employments: tuple[Employment, ...] = ()
    employment: Employment | None = None
    employment_type: EmploymentType | None = None
    compensation: Compensation | None = None
    manager: Manager | None = None


class LeaveTypeCode(Row):
    """The payroll code of a leave type, per company."""

    id: str
    leave_type_id: str
    company_id: str
    code: str


class LeaveType(Row):
    id: str
    name: str
    kind: str | None = None
    disabled: bool | None = None
    archived: bool | None = None

    codes: tuple[LeaveTypeCode, ...] = ()

    def code_for(self, company_id: str) -> str | None:
        """The payroll code in that company; None if it has none there."""
        return next((code.code for code in self.codes if code.company_id == company_id), None)


class Leave(Row):
    """One leave from its first to its last day."""

    id: str
    start_date: Day
    end_date: Day


class LeaveParent(Row):
    """What a transaction belongs to: type Leave or TimesheetEntry."""

    id: str
    type: str


class LeaveTransaction(Row):
    """One day of leave; `hours` is what was taken, `extent` the percentage of the day."""

    id: str
    status: str
    leave_type_id: str
    employee_id: str
    date: Day
    hours: Decimal | None = None
    extent: Decimal | None = None
    description: str | None = None
    child_id: str | None = None
    parent: LeaveParent | None = None

    employee: Manager | None = None


EmployeePage = Page[Employee]
LeaveTransactionPage = Page[LeaveTransaction]
