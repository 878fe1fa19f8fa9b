"""What a run says of one balance, or of a category as a whole, and how each is found again (AC-1)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, unquote

from payrelay.domain.records import Change, Outcome, Reason, Record

# One employee's balance of one category; and what is said once for the whole company.
ACCRUAL, CATEGORY = "accrual", "category"
MILLENNIUM, TIMEWORKSPLUS = "Millennium", "TimeWorksPlus"
# Employees' keys never begin so: a slash in an id is quoted.
_COMPANY_WIDE = "/"


def key_of(employee: str, description: str) -> str:
    """How a balance is known and found again: `1001:Vacation`."""
    return f"{quote(employee, safe=' ')}:{description}"


def employee_and_description(key: str) -> tuple[str, str]:
    """Whose balance a key is, and of what; of a key that is none, the whole as the employee."""
    employee, _, description = key.partition(":")
    return unquote(employee), description


def company_wide(source_ids: Sequence[str]) -> list[str]:
    """The keys of those ids that are about the company as a whole."""
    return [one.removeprefix(_COMPANY_WIDE) for one in source_ids if one.startswith(_COMPANY_WIDE)]


def of_employees(source_ids: Sequence[str]) -> list[str]:
    """Those ids that are about one employee's balance."""
    return [one for one in source_ids if not one.startswith(_COMPANY_WIDE)]


def named(employee: str, name: str) -> str:
    """An employee in messages: `Ann Lee (1001)`."""
    return f"{name} ({employee})" if name else f"Employee {employee}"


def label_of(employee: str, name: str, description: str) -> str:
    """A balance in messages: `Ann Lee (1001), Vacation`."""
    return f"{named(employee, name)}, {description}"


def balance_record(
    employee: str,
    name: str,
    description: str,
    outcome: Outcome,
    why: Reason | None = None,
    changes: tuple[Change, ...] = (),
) -> Record:
    """The record of one employee's balance."""
    key, label = key_of(employee, description), label_of(employee, name, description)
    return Record(ACCRUAL, key, label, outcome, key, why, changes)


def company_record(key: str, label: str, outcome: Outcome, why: Reason) -> Record:
    """The record of what is said once: of a category, or of the company as a whole."""
    return Record(CATEGORY, key, label, outcome, f"{_COMPANY_WIDE}{key}", why)
