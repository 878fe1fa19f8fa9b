"""Employees of Payroll Plus: details, employments, bank, payments, variable input and look-ups (PE, RQ).

Every write is a PUT or PATCH on a natural key: made again it changes nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, ClassVar, TypeAlias

from msgspec import Struct, field

from payrelay.domain.sensitive import Secret, SocialSecurityNumber
from payrelay.errors import Rejected
from payrelay.systems.rows import Day, Listed, R, Reader, Row

from .models import Amount

Body: TypeAlias = Mapping[str, Any]
NOT_THERE = frozenset({"EmployeeNotFound", "NotFound"})
# What a concept does not take yet, and what it is no more.
STILL_CONCEPT, ALREADY_EMPLOYEE = "StillConcept", "AlreadyEmployee"
PERIOD_CLOSED, ALL_INACTIVE = "PeriodClosed", "AllEmploymentsInactive"


class Fiscal(Row, frozen=True, kw_only=True):
    """The fiscal details of an employee."""

    named_by: ClassVar[tuple[str, ...]] = ()

    annual_salary: Secret | None = None


class Employee(Row, frozen=True, kw_only=True):
    """The personal details of a concept employee or an employee."""

    named_by: ClassVar[tuple[str, ...]] = ("employee_id", "status")

    employee_id: str
    status: str | None = None
    initials: str | None = None
    nickname: str | None = None
    birth_name: str | None = None
    prefix: str | None = None
    last_name_partner: str | None = None
    prefix_partner: str | None = None
    gender: str | None = None
    date_of_birth: Day | None = None
    place_of_birth: str | None = None
    email: str | None = None
    telephone: str | None = None
    mobile: str | None = None
    fax: str | None = None
    street: str | None = None
    house_number: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None
    csn: SocialSecurityNumber | None = None
    nationality: str | None = None
    marital_status: str | None = None
    date_of_death: Day | None = None
    type_of_employee: str | None = None
    employed: Day | None = None
    fiscal_details: Fiscal | None = None


class Employment(Row, frozen=True, kw_only=True):
    """An employment."""

    named_by: ClassVar[tuple[str, ...]] = ("number",)

    number: int = field(name="payrollNoEE")
    employed: Day
    term: Day | None = field(name="termDate", default=None)
    job_title: str | None = None
    cost_centre: str | None = None


class Payment(Row, frozen=True, kw_only=True):
    """A payment of the employment conditions."""

    named_by: ClassVar[tuple[str, ...]] = ("kind", "component", "start", "ref")

    kind: str
    component: str
    amount: Amount
    start: Day = field(name="startDate")
    end: Day | None = field(name="endDate", default=None)
    ref: str | None = field(name="sourceRef", default=None)


class Period(Row, frozen=True, kw_only=True):
    """A payroll period of one person."""

    named_by: ClassVar[tuple[str, ...]] = ("name", "status")

    name: str = field(name="prPeriod")
    start: Day = field(name="startDate")
    end: Day = field(name="endDate")
    status: str


class Component(Row, frozen=True, kw_only=True):
    """A payroll component: its unit, and where it belongs."""

    named_by: ClassVar[tuple[str, ...]] = ("name", "unit", "kind")

    name: str = field(name="component")
    unit: str
    kind: str


class Unit(Row, frozen=True, kw_only=True):
    """A dividing unit; the vendor spells it so."""

    named_by: ClassVar[tuple[str, ...]] = ("dividing_unit",)

    dividing_unit: str = field(name="devidingUnit")


class WorkDetails(Row, frozen=True, kw_only=True):
    """Somebody's shift."""

    named_by: ClassVar[tuple[str, ...]] = ("shift",)

    shift: str | None = None


EMPLOYEES = Reader(Employee, id_key="employeeId", number_key="employeeId")
EMPLOYMENTS = Reader(Employment, id_key="payrollNoEE", number_key="payrollNoEE")
PAYMENTS = Reader(Payment, id_key="sourceRef", number_key="component")
PERIODS = Reader(Period, id_key="prPeriod", number_key="prPeriod")
COMPONENTS = Reader(Component, id_key="component", number_key="component")
UNITS = Reader(Unit, id_key="devidingUnit", number_key="devidingUnit")
WORK = Reader(WorkDetails, id_key="shift", number_key="shift")
_EMPLOYEE = "/employees/{id}"
_CONCEPT = "/conceptEmployees/{id}"


class Calls(Struct, frozen=True):
    """How one employer is called: `get` an answer, `rows` of a list, `each` of a long one, `send` a write."""

    system: str
    get: Callable[[str, Mapping[str, str]], Any]
    rows: Callable[[str, Mapping[str, str], Sequence[tuple[str, str]]], list[Any]]
    each: Callable[[str, Mapping[str, str], Sequence[tuple[str, str]]], Iterator[Any]]
    send: Callable[[str, str, Mapping[str, str], Body], Any]


class Employees:
    """One employer's people. A refusal is Rejected, with the vendor's code."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    # --- people ------------------------------------------------------------------------------------------

    def concept(self, person: str) -> Employee | None:
        """A concept employee, converted ones too; None where there is none."""
        return self._one(EMPLOYEES, _CONCEPT, person)

    def employee(self, person: str) -> Employee | None:
        """An employee; None where there is none, a concept too."""
        return self._one(EMPLOYEES, _EMPLOYEE, person)

    def each(self, since: datetime | None = None) -> Iterator[Any]:
        """All employees, or those that were changed at that time or later, as raw rows with all details.

        Concepts are not among them. `EMPLOYEES` reads a row.
        """
        params = () if since is None else (("modifiedSince", written(since)),)
        return self._calls.each("/employees", {}, params)

    def put_concept(self, person: str, values: Body) -> None:
        """Create or replace a concept employee; Rejected `AlreadyEmployee` once it was made an employee."""
        self._calls.send("PUT", _CONCEPT, {"id": person}, values)

    def put_employee(self, person: str, values: Body) -> None:
        """Replace the personal details of an employee."""
        self._calls.send("PUT", _EMPLOYEE, {"id": person}, values)

    # --- employments and bank ----------------------------------------------------------------------------

    def employments(self, person: str) -> Listed[Employment]:
        """All employments of an employee."""
        return self._all(EMPLOYMENTS, f"{_EMPLOYEE}/employments", person)

    def patch_employment(self, person: str, number: int, values: Body) -> None:
        """Change fields of an employment; None empties the term date."""
        path = f"{_EMPLOYEE}/employments/{{number}}"
        self._calls.send("PATCH", path, {"id": person, "number": str(number)}, values)

    def put_bank(self, person: str, values: Body) -> None:
        """Where the net pay goes."""
        path = f"{_EMPLOYEE}/sepaBankPayments/{{component}}"
        self._calls.send("PUT", path, {"id": person, "component": values["component"]}, values)

    # --- payments and variable input ---------------------------------------------------------------------

    def payments(self, person: str) -> Listed[Payment]:
        """All payments of an employee's employment conditions."""
        return self._all(PAYMENTS, f"{_EMPLOYEE}/payments", person)

    def put_payment(self, person: str, kind: str, component: str, start: date, values: Body) -> None:
        """Create or replace a payment; Rejected `OverlappingPayment` beside another open one."""
        parts = {"id": person, "kind": kind, "component": component, "start": start.isoformat()}
        self._calls.send("PUT", f"{_EMPLOYEE}/payments/{{kind}}/{{component}}/{{start}}", parts, values)

    def put_input(self, person: str, values: Body) -> None:
        """Create or replace a variable input; Rejected `PeriodClosed` once the period is processed."""
        parts = {
            "id": person,
            "period": values["prPeriod"],
            "component": values["component"],
            "ref": values["sourceRef"],
        }
        path = f"{_EMPLOYEE}/variableInputs/{{period}}/{{component}}/{{ref}}"
        self._calls.send("PUT", path, parts, values)

    # --- look-ups ----------------------------------------------------------------------------------------

    def periods(self, person: str, year: int) -> Listed[Period]:
        """The payroll periods of a person that belong to a year."""
        return self._all(PERIODS, f"{_EMPLOYEE}/payrollPeriods", person, (("year", str(year)),))

    def dividing_unit(self, person: str) -> str:
        """The first dividing unit of a person's organizational entity; empty where there is none."""
        bad: list[Any] = []
        units = self._all(UNITS, f"{_EMPLOYEE}/organizationalEntities", person).take(bad)
        return units[0].dividing_unit if units else ""

    def shift(self, person: str) -> str:
        """The shift of a person's work details; empty where there is none."""
        return (self._one(WORK, f"{_EMPLOYEE}/workDetails", person) or WorkDetails()).shift or ""

    def components(self) -> Listed[Component]:
        """All components of the employer."""
        return Listed(*COMPONENTS.read(self._calls.rows("/components", {}, ())))

    # --- reading -----------------------------------------------------------------------------------------

    def _one(self, reader: Reader[R], path: str, person: str) -> R | None:
        try:
            answer = self._calls.get(path, {"id": person})
        except Rejected as refusal:
            if refusal.code not in NOT_THERE:
                raise
            return None
        return reader.one(answer, self._calls.system, safe=True)

    def _all(
        self, reader: Reader[R], path: str, person: str, params: Sequence[tuple[str, str]] = ()
    ) -> Listed[R]:
        return Listed(*reader.read(self._calls.rows(path, {"id": person}, params)))


def written(moment: datetime) -> str:
    """A time as Payroll Plus takes it, to the second: a fraction is cut off, so that nothing is missed."""
    if moment.tzinfo is None:
        raise ValueError("a time without its zone is none")
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
