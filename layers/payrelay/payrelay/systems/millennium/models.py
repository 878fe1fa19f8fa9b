"""Millennium's rows as they come over the wire: PascalCase, days without a zone, balances as text."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta, Struct, field

from payrelay.systems.rows import Day, Reader, Row, TextAmount

Text = Annotated[str, Meta(min_length=1)]
# As a header of a call can carry it.
Stamp = Annotated[str, Meta(pattern=r"^[0-9TZ:.+-]{1,40}$")]


class Amount(TextAmount):
    """Hours as the text that Millennium sends: `"24.5000"`. It may be negative."""

    form = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")
    problem = 'is not a number as text, such as "24.5000"'


class Setup(Struct, frozen=True, rename="pascal", gc=False):
    """The Accrual Setup tab but for Desc, Check Stub/Desc, Divisor and Decimals; None is an empty field."""

    accrual_rate: str | None = None
    accrue_on: str | None = None
    max_balance: str | None = None
    carry_over: str | None = None
    reset_date: str | None = None
    waiting_days: str | None = None


class AccrualCode(Row, frozen=True, rename="pascal", kw_only=True):
    """A kind of leave. Its description is what is matched, as it stands, outer blanks and all.

    `decimals` says how many of a balance count; `has_table` that Millennium calculates it by a table.
    """

    named_by: ClassVar[tuple[str, ...]] = ("code", "description")

    code: Text
    description: str
    model: str | None = None
    divisor: Amount
    decimals: Annotated[int, Meta(ge=0, le=12)]
    has_table: bool = False
    setup: Setup | None = None


class Employee(Row, frozen=True, rename="pascal", kw_only=True):
    """An employee, also one who left (`T`) or is on leave (`L`)."""

    named_by: ClassVar[tuple[str, ...]] = ("employee_id",)

    employee_id: Text
    first_name: str | None = None
    last_name: str | None = None
    status: str
    term_date: Day | None = None


class Accrual(Row, frozen=True, rename="pascal", kw_only=True):
    """A balance of an employee: in effect from `start_date` to `end_date`, either of which may be open.

    `as_of_date` and `note` are what a write gave. `modified_at` goes back with a write, as it stands.
    """

    named_by: ClassVar[tuple[str, ...]] = ("employee_id", "code")

    employee_id: Text
    code: Text
    description: str
    balance: Amount
    last_accrue_date: Day | None = None
    as_of_date: Day | None = None
    note: str | None = None
    start_date: Day | None = None
    end_date: Day | None = None
    modified_at: Stamp | None = None


class Check(Row, frozen=True, rename="pascal", kw_only=True):
    """A check of an employee. A number may come twice: batch and number together tell one."""

    named_by: ClassVar[tuple[str, ...]] = ("employee_id", "batch_number", "check_number")

    employee_id: Text
    check_number: Text
    check_date: Day
    period_begin_date: Day
    period_end_date: Day
    batch_number: int
    calendar_id: int
    voided: bool = False


class CalendarEntry(Row, frozen=True, rename="pascal", kw_only=True):
    """A payroll of the calendar. One that was started again has another `started_at`."""

    named_by: ClassVar[tuple[str, ...]] = ("calendar_id", "check_date")

    calendar_id: int
    check_date: Day
    accruals_blocked: bool = False
    payroll_started: bool = False
    started_at: str | None = None
    processed: bool = False


class Batch(Row, frozen=True, rename="pascal", kw_only=True):
    """A batch of a payroll of the calendar, and the period that it pays."""

    named_by: ClassVar[tuple[str, ...]] = ("batch_number",)

    batch_number: int
    description: str | None = None
    period_begin_date: Day
    period_end_date: Day


class CompanyNote(Row, frozen=True, rename="pascal", kw_only=True):
    """A note of the company; of the Accrual Note anything in the memo turns scheduled runs off."""

    named_by: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    entered: str | None = field(name="Memo", default=None)
    modified_at: str | None = None

    @property
    def memo(self) -> str:
        """What stands in the memo; blanks alone are nothing."""
        return (self.entered or "").strip()


class ScheduledTask(Row, frozen=True, rename="pascal", kw_only=True):
    """A task of the process server, and the companies that it runs for."""

    named_by: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    enabled: bool
    companies: tuple[str, ...] = ()
    every_minutes: int | None = None
    last_run_at: str | None = None


class Put(StrEnum):
    """What became of a balance that was written.

    `MISSING`: the employee lacks the code, or there is no such employee; `EXISTS`: the employee has it
    already; `CHANGED`: somebody changed it since it was read; `LOCKED`: a payroll is being processed.
    """

    DONE = "done"
    MISSING = "missing"
    EXISTS = "exists"
    CHANGED = "changed"
    LOCKED = "locked"


CODES = Reader(AccrualCode, id_key="Code", number_key="Description")
EMPLOYEES = Reader(Employee, id_key="EmployeeId", number_key="EmployeeId")
ACCRUALS = Reader(Accrual, id_key="EmployeeId", number_key="Code")
CHECKS = Reader(Check, id_key="EmployeeId", number_key="CheckNumber")
CALENDAR = Reader(CalendarEntry, id_key="CalendarId", number_key="CheckDate")
BATCHES = Reader(Batch, id_key="BatchNumber", number_key="BatchNumber")
NOTES = Reader(CompanyNote, id_key="NoteId", number_key="Name")
TASKS = Reader(ScheduledTask, id_key="Name", number_key="Name")
