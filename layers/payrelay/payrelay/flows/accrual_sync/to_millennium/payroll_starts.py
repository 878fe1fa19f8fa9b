"""Which run does what towards Millennium: payrolls that were started, and finalized periods (AC-7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct


class Payroll(Struct, frozen=True):
    """An entry of Millennium's calendar. One that was started again has another `started_at`."""

    calendar_id: int
    check_date: date
    is_started: bool
    started_at: str
    is_processed: bool

    @property
    def is_open(self) -> bool:
        """Whether it was started, and its checks are still to come."""
        return self.is_started and not self.is_processed


class Finalized(Struct, frozen=True):
    """The last finalized pay period of TimeWorksPlus; finalized once more, it has another moment."""

    begin: date
    end: date
    finalized_at: str


class Start(Struct, frozen=True):
    """What a scheduled run answers to: a payroll as it was started, and the period that was the last then."""

    calendar_id: int
    started_at: str
    end: str
    finalized_at: str


class Work(StrEnum):
    """What a run towards Millennium looks at."""

    EVERYBODY = "everybody"
    # What the last run had to leave blocked or failed.
    UNFINISHED = "unfinished"
    NOTHING = "nothing"


class Task(Struct, frozen=True):
    """What a run does; a code of `reasons.py` where it does nothing; the starts that it answers to."""

    work: Work
    code: str = ""
    starts: tuple[Start, ...] = ()


class Asked(Struct, frozen=True):
    """How a run was asked for: by the schedule or a person; by the batches or the finalized period."""

    is_scheduled: bool
    by_batch: bool


def open_payrolls(payrolls: Iterable[Payroll]) -> list[Payroll]:
    """The payrolls that were started and are not processed, in the order of their checks."""
    return sorted((one for one in payrolls if one.is_open), key=lambda one: (one.check_date, one.calendar_id))


def last_finalized(periods: Iterable[Finalized]) -> Finalized | None:
    """The last of the finalized pay periods (AC-7)."""
    return max(periods, key=lambda one: one.end, default=None)


def starts_of(payrolls: Iterable[Payroll], finalized: Finalized | None) -> tuple[Start, ...]:
    """What there is to answer to now: each open payroll, with the last finalized period (AC-7).

    A payroll that was started again, and a period that was finalized since, are news.
    """
    end, at = (finalized.end.isoformat(), finalized.finalized_at) if finalized else ("", "")
    return tuple(Start(one.calendar_id, one.started_at, end, at) for one in open_payrolls(payrolls))


def task_of(
    asked: Asked,
    payrolls: Sequence[Payroll],
    finalized: Finalized | None,
    handled: Mapping[int, Start],
) -> Task:
    """What a run does (AC-7).

    `handled` are, by payroll, the starts that runs which ended well have answered to last.
    """
    if asked.by_batch:
        there = bool(open_payrolls(payrolls))
        return Task(Work.EVERYBODY) if there else Task(Work.NOTHING, "NO_PAYROLL_STARTED")
    starts = starts_of(payrolls, finalized)
    is_news = any(handled.get(one.calendar_id) != one for one in starts)
    if asked.is_scheduled and not is_news:
        return Task(Work.UNFINISHED)
    if finalized is None:
        return Task(Work.NOTHING, "NO_PERIOD_FINALIZED", starts)
    return Task(Work.EVERYBODY, starts=starts)
