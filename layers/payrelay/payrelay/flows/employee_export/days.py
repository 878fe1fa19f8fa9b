"""Days of somebody's life and employment that can't be right, found before anything is written (EX-9)."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple, Protocol

EARLIEST = 1900
# Nobody is hired so many years ahead, and nobody's end is known so long before.
HIRED_AHEAD, LEAVES_AHEAD = 10, 60


class Days(Protocol):
    """The days that are looked at."""

    @property
    def birth_date(self) -> date | None: ...
    @property
    def hire_date(self) -> date | None: ...
    @property
    def end_date(self) -> date | None: ...


class Wrong(NamedTuple):
    """A day that can't be right: what it is called, what is wrong with it, and what a person corrects.

    `problem` is the end of a sentence; of two days that contradict each other, either may be wrong.
    """

    field: str
    problem: str
    what: str


def wrong_day(person: Days, today: date) -> Wrong | None:
    """The first day that can't be right, or None. A birth date is told by its year alone."""
    born, hired, end = person.birth_date, person.hire_date, person.end_date
    if born and (born.year < EARLIEST or born > today):
        return Wrong("birth date", f"lies in the year {born.year:04}", "the birth date")
    if born and hired and born >= hired:
        return Wrong("birth date", f"is not before the hire date {hired}", "the birth date or the hire date")
    if hired and not EARLIEST <= hired.year <= today.year + HIRED_AHEAD:
        return Wrong("hire date", f"is {hired}", "the hire date")
    if end and not EARLIEST <= end.year <= today.year + LEAVES_AHEAD:
        return Wrong("end date", f"is {end}", "the end date")
    if hired and end and end < hired:
        what = "the end date (or empty it) or the hire date"
        return Wrong("end date", f"is {end}, before the hire date {hired}", what)
    return None
