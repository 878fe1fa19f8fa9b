"""Somebody's hours of leave, as payroll and the time clock have them, before they become rows of either."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Accrual:
    """A line of somebody's Accrual tab in payroll; `accrued` is its Last Accrue Date."""

    code: str
    category: str
    balance: str
    accrued: str | None = None
    start: str | None = None
    end: str | None = None
    as_of: str | None = None


@dataclass(frozen=True)
class Told:
    """A balance that the time clock was told; an empty one is none."""

    category: str
    value: str
    effective: str
    hidden: bool = False
    expires: str | None = None


@dataclass(frozen=True)
class Used:
    """Hours taken on a day, as the time cards have them."""

    category: str
    day: str
    hours: str


@dataclass(frozen=True)
class Paid:
    """A check that is not the usual one of a period."""

    day: str
    period: tuple[str, str]
    batch: int = 3
    run: int = 1
    voided: bool = False


@dataclass(frozen=True)
class Worker:
    """One person. `regular` are the periods that they have the usual check of."""

    id: str
    first: str
    last: str
    hired: str
    status: str = "A"
    left: str | None = None
    in_payroll: bool = True
    in_clock: bool = True
    accruals: tuple[Accrual, ...] = ()
    told: tuple[Told, ...] = ()
    used: tuple[Used, ...] = ()
    regular: tuple[tuple[str, str], ...] = ()
    checks: tuple[Paid, ...] = ()


@dataclass(frozen=True)
class Company:
    """A company of Millennium and its site of TimeWorksPlus; `codes` are accrual codes with descriptions."""

    code: str
    site: str
    codes: Mapping[str, str]
    categories: tuple[str, ...]
    workers: tuple[Worker, ...] = field(repr=False)
