"""Which employees are exported, and how their values are written at the target (EX-3, EX-6, EX-8)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from msgspec import Struct

from payrelay.domain.records import Outcome, Reason
from payrelay.domain.spelling import trimmed
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
    def end_date(self) -> date | None: ...
    @property
    def employment(self) -> SourceEmployment | None: ...
    @property
    def employment_type(self) -> SourceType | None: ...


class SelectionRule(Struct, frozen=True):
    """Which employees a connection exports; the default is the vendor's published selection (EX-6)."""

    active_only: bool = True
    employment_types: frozenset[str] = frozenset({"permanent_employment"})
    full_rate_only: bool = True
    require: frozenset[str] = frozenset({"email", "hire_date", "job_title"})


class Employed(Struct, frozen=True):
    """The employment that counts, and its type's name; `ended` is its last day, where nobody left by then."""

    current: SourceEmployment | None
    count: int
    type_name: str | None
    ended: date | None = None


Refusal = tuple[Outcome, Reason]


def employed(employee: SourceEmployee, today: date) -> Employed:
    """How many employments there are today, and the one that counts: the named one, else the only one.

    One that begins later does not count yet, unless there is no other: then it is the next to begin.
    """
    going_on = [one for one in employee.employments if not _ended(one, today)]
    begun = [one for one in going_on if one.start_date is None or one.start_date <= today]
    current = begun or sorted(going_on, key=lambda one: one.start_date or today)[:1]
    named = employee.employment if employee.employment in current else None
    chosen = named or (current[0] if len(current) == 1 else employee.employment)
    kind = employee.employment_type
    ended = None
    if chosen is not None and not current and employee.active and not employee.end_date:
        ended = _end(chosen) or today
    return Employed(chosen, len(current), kind.name if kind else None, ended)


def _end(employment: SourceEmployment) -> date | None:
    return employment.effective_end_date or employment.end_date


def _ended(employment: SourceEmployment, today: date) -> bool:
    end = _end(employment)
    return end < today if end else bool(employment.terminated)


def end_of(employee: SourceEmployee) -> date | None:
    """When somebody leaves: their end date; of who is inactive, else the last day of all employments."""
    if employee.end_date or employee.active:
        return employee.end_date
    ends = [_end(one) for one in employee.employments]
    known = [end for end in ends if end]
    return max(known) if known and len(known) == len(ends) else None


def has_left(employee: SourceEmployee, today: date) -> bool:
    """Whether the source tells of a leaving: the end has come, or the inactive person has one ahead."""
    end = end_of(employee)
    return end is not None and (end <= today or (not employee.active and employee.end_date is not None))


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
    if employed.ended:
        return Outcome.SKIPPED, reason("EMPLOYMENT_ENDED", label=label, end=employed.ended)
    types = rule.employment_types
    if types and employed.type_name not in types:
        value = employed.type_name or "(none)"
        return Outcome.SKIPPED, reason("NOT_PERMANENT", label=label, value=value)
    if rule.full_rate_only and current.rate != FULL_RATE:
        value = "(unknown)" if current.rate is None else f"{current.rate.normalize():f}"
        return Outcome.SKIPPED, reason("NOT_FULL_RATE", label=label, value=value)
    return None


def full_name(first: str | None, last: str | None) -> str | None:
    """First and last name as one text."""
    return f"{text(first) or ''} {text(last) or ''}".strip() or None


def initials(first: str | None, last: str | None) -> str | None:
    """The first letter of every name: Anna-Karin Berg → AKB."""
    whole = f"{first or ''} {last or ''}".replace("-", " ")
    words: Iterable[str | None] = whole.split()
    if not whole.isascii():
        words = map(text, unicodedata.normalize("NFC", whole).split())
    return "".join([word[0] for word in words if word]).upper() or None


GENDERS: Mapping[str, str] = {"male": "M", "m": "M", "female": "F", "f": "F"}


def gender(value: str | None) -> str | None:
    """M or F; blank for everything else, as the vendor's mapping says."""
    return GENDERS.get(value.lower()) if value else None


def text(value: str | None) -> str | None:
    """A text without blanks and invisible signs around it; an empty one is no value."""
    if not value:
        return None
    return (value.strip() if value.isascii() else trimmed(value)) or None


def day(value: date | None) -> str | None:
    """A day as YYYY-MM-DD."""
    return value.isoformat() if value else None
