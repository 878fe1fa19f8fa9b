"""Which employees are exported, and how their values are written at the target (EX-3, EX-6, EX-8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

from msgspec import Struct

from payrelay.domain.records import Outcome, Reason
from payrelay.flows.employee_export.reasons import reason

FULL_RATE = Decimal(100)
# Stands before a number where a source id is wanted and nobody has the number.
NUMBER = "number:"


class SourceEmployment(Protocol):
    """An employment as the source tells it."""

    @property
    def start_date(self) -> date | None: ...
    @property
    def end_date(self) -> date | None: ...
    @property
    def effective_end_date(self) -> date | None: ...
    @property
    def terminated(self) -> bool | None: ...
    @property
    def rate(self) -> Decimal | None: ...


class SourceType(Protocol):
    """A type of employment."""

    @property
    def name(self) -> str: ...


class SourceEmployee(Protocol):
    """What the selection looks at; `employment` is the one that the employee names."""

    @property
    def id(self) -> str: ...
    @property
    def active(self) -> bool: ...
    @property
    def company_id(self) -> str | None: ...
    @property
    def employee_number(self) -> str | None: ...
    @property
    def title(self) -> str | None: ...
    @property
    def work_email(self) -> str | None: ...
    @property
    def hire_date(self) -> date | None: ...
    @property
    def employments(self) -> Sequence[SourceEmployment]: ...
    @property
    def employment(self) -> SourceEmployment | None: ...
    @property
    def employment_type(self) -> SourceType | None: ...


E = TypeVar("E", bound=SourceEmployee)


class SelectionRule(Struct, frozen=True):
    """Which employees a connection exports; the default is the vendor's published selection (EX-6)."""

    active_only: bool = True
    employment_types: frozenset[str] = frozenset({"permanent_employment"})
    full_rate_only: bool = True
    require: frozenset[str] = frozenset({"email", "hire_date", "job_title"})


class Employed(Struct, frozen=True):
    """The employment that counts, and the name of its type."""

    current: SourceEmployment | None
    count: int
    type_name: str | None


Refusal = tuple[Outcome, Reason]


def employed(employee: SourceEmployee, today: date) -> Employed:
    """How many employments have not ended, and the one that counts: the named one, else the only one."""
    current = [one for one in employee.employments if not _ended(one, today)]
    named = employee.employment if employee.employment in current else None
    chosen = named or (current[0] if len(current) == 1 else employee.employment)
    kind = employee.employment_type
    return Employed(chosen, len(current), kind.name if kind else None)


def _ended(employment: SourceEmployment, today: date) -> bool:
    end = employment.end_date or employment.effective_end_date
    return bool(employment.terminated) or (end is not None and end < today)


def selection(
    employee: SourceEmployee, employed: Employed, rule: SelectionRule, label: str
) -> Refusal | None:
    """Why this employee is not exported, or None; the first rule that fails counts (EX-6, EX-8).

    A value without which there is no employee at the target at all blocks; what the vendor's selection
    leaves out is skipped, and is taken by the next run once it is complete.
    """
    if rule.active_only and not employee.active:
        return Outcome.SKIPPED, reason("NOT_ACTIVE", label=label)
    for field, value in (("employee number", employee.employee_number), ("company", employee.company_id)):
        if not value:
            values = {"label": label, "field": field, "system": "Simployer One"}
            return Outcome.BLOCKED, reason("REQUIRED_FIELD_MISSING", **values)
    required = (
        ("email", "EMAIL_MISSING", employee.work_email),
        ("hire_date", "HIRE_DATE_MISSING", employee.hire_date),
        ("job_title", "JOB_TITLE_MISSING", employee.title),
    )
    for name, code, given in required:
        if name in rule.require and not given:
            return Outcome.SKIPPED, reason(code, label=label)
    return _employment(employed, rule, label)


def _employment(employed: Employed, rule: SelectionRule, label: str) -> Refusal | None:
    if employed.count > 1:
        return Outcome.SKIPPED, reason("SEVERAL_EMPLOYMENTS", label=label, count=employed.count)
    current = employed.current
    if current is None:
        return Outcome.SKIPPED, reason("EMPLOYMENT_MISSING", label=label)
    if current.start_date is None:
        return Outcome.SKIPPED, reason("EMPLOYMENT_START_MISSING", label=label)
    types = rule.employment_types
    if types and employed.type_name not in types:
        value = employed.type_name or "(none)"
        return Outcome.SKIPPED, reason("NOT_PERMANENT", label=label, value=value)
    if rule.full_rate_only and current.rate != FULL_RATE:
        value = "(unknown)" if current.rate is None else f"{current.rate.normalize():f}"
        return Outcome.SKIPPED, reason("NOT_FULL_RATE", label=label, value=value)
    return None


def first_hired(employees: Iterable[E]) -> E:
    """Of several records with one number, the one hired first; the id decides between equals (EX-6)."""
    return min(employees, key=lambda one: (one.hire_date or date.max, one.id))


def one_per_number(employees: Iterable[E]) -> tuple[list[E], list[tuple[E, E]]]:
    """One employee per number, and those who give way, each with the one hired first (EX-6)."""
    by_number: dict[str, list[E]] = defaultdict(list)
    for employee in employees:
        by_number[employee.employee_number or ""].append(employee)
    keep: list[E] = []
    doubles: list[tuple[E, E]] = []
    for group in by_number.values():
        winner = first_hired(group)
        keep.append(winner)
        doubles += [(employee, winner) for employee in group if employee is not winner]
    return keep, doubles


def full_name(first: str | None, last: str | None) -> str | None:
    """First and last name as one text."""
    return f"{(first or '').strip()} {(last or '').strip()}".strip() or None


def initials(first: str | None, last: str | None) -> str | None:
    """The first letter of every name: Anna-Karin Berg → AKB."""
    words = f"{first or ''} {last or ''}".replace("-", " ").split()
    return "".join([word[0] for word in words]).upper() or None


GENDERS: Mapping[str, str] = {"male": "M", "m": "M", "female": "F", "f": "F"}


def gender(value: str | None) -> str | None:
    """M or F; blank for everything else, as the vendor's mapping says."""
    return GENDERS.get(value.lower()) if value else None


def text(value: str | None) -> str | None:
    """A text without blanks around it; an empty one is no value."""
    stripped = value.strip() if value else ""
    return stripped or None


def day(value: date | None) -> str | None:
    """A day as YYYY-MM-DD."""
    return value.isoformat() if value else None


def numbers_of(employees: Collection[SourceEmployee]) -> list[str]:
    """The employee numbers, each once, in order."""
    return list(dict.fromkeys(one.employee_number for one in employees if one.employee_number))
