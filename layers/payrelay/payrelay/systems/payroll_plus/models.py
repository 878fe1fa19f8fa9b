"""Payroll Plus's rows as they come over the wire, frozen; amounts of pay show in none of them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct, field

from payrelay.systems.rows import Listed, Reader, Row, TextAmount

Status: TypeAlias = Literal["Open", "Processed", "Approved"]
Text: TypeAlias = Annotated[str, Meta(min_length=1)]
Period: TypeAlias = Annotated[str, Meta(pattern=r"^20[0-9]{2}-[0-9]{2}$")]
Moment: TypeAlias = Annotated[datetime, Meta(tz=True)]


class Amount(TextAmount):
    """An amount of money, hours or kilometres as the text that Payroll Plus sends: `"2541.17"`."""

    form = re.compile(r"-?[0-9]{1,12}\.[0-9]{2}")
    problem = "is not an amount as text with two decimals"


class GeneralData(Row, frozen=True, kw_only=True):
    """The employer."""

    named_by: ClassVar[tuple[str, ...]] = ("employer_name",)

    employer_name: Text


class Employee(Row, frozen=True, kw_only=True):
    """What an employee is called; a card holds much more that is nobody's business here."""

    named_by: ClassVar[tuple[str, ...]] = ()

    birth_name: Text
    nickname: str | None = None
    initials: str | None = None
    prefix: str | None = None
    last_name_partner: str | None = None
    prefix_partner: str | None = None

    @property
    def name(self) -> str:
        """As people say it; a partner's name goes before one's own."""
        first = self.nickname or self.initials
        last = (
            (self.prefix_partner, self.last_name_partner)
            if self.last_name_partner
            else (self.prefix, self.birth_name)
        )
        return " ".join(part for part in (first, *last) if part)


class PayrollRun(Row, frozen=True, kw_only=True):
    """The calculation of a period's pay; slips and reports count once it is approved."""

    named_by: ClassVar[tuple[str, ...]] = ("run_id", "period", "status")

    run_id: Text
    period: Period = field(name="prPeriod")
    description: str
    status: Status
    processed_at: Moment | None = None
    approved_at: Moment | None = None


class ReportRow(Row, frozen=True, kw_only=True):
    """What one component of one employee's pay came to in a period."""

    named_by: ClassVar[tuple[str, ...]] = ("employee_id", "period", "component")

    employee_id: Text
    year: int
    period: Text = field(name="prPeriod")
    component: Text
    description: str
    amount: Amount


class ReportPage(Struct, frozen=True):
    """One page of a report; `next` is where to go on."""

    rows: Listed[ReportRow]
    next: str | None


GENERAL_DATA = Reader(GeneralData, id_key="administratienummer", number_key="administratienummer")
EMPLOYEES = Reader(Employee, id_key="employeeId", number_key="employeeId")
PAYROLL_RUNS = Reader(PayrollRun, id_key="runId", number_key="prPeriod")
REPORT_ROWS = Reader(ReportRow, id_key="employeeId", number_key="component")
