"""Finalized pay periods: what keeps a balance back, and how that can be undone (AC-5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct


class Period(Struct, frozen=True, array_like=True):
    """A pay period of TimeWorksPlus; one that was fetched by the partner is `accepted`, too."""

    begin: date
    end: date
    finalized: bool = False
    accepted: bool = False

    @property
    def words(self) -> str:
        """`2025-12-08 to 2025-12-21`."""
        return f"{self.begin} to {self.end}"


def period_of(day: date, periods: Sequence[Period]) -> Period | None:
    """The period that a day lies in; None for a day outside of every period."""
    return next((one for one in periods if one.begin <= day <= one.end), None)


def closing(day: date, periods: Sequence[Period]) -> Period | None:
    """The finalized period that a day lies in, if it does."""
    found = period_of(day, periods)
    return found if found and found.finalized else None


def a_year_before(day: date) -> date:
    """The same day of the year before; 28 February for a leap day."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def way_out(closed: Period, periods: Sequence[Period], today: date) -> str:
    """What people do so that a balance of a finalized period can be written (AC-5).

    In the order in which it works: what was accepted is un-accepted first; periods are un-finalized the
    latest first; it is finalized again by night, 24 to 72 hours later.
    """
    if closed.end < a_year_before(today):
        return (
            f"The period {closed.words} ended more than a year ago and can't be un-finalized any more. "
            "Nothing to do: the next accrual in Millennium has a later date and settles it"
        )
    later = [one for one in periods if one.finalized and one.begin >= closed.begin]
    later.sort(key=lambda one: one.begin, reverse=True)
    accepted = [one for one in later if one.accepted]
    steps = []
    if accepted:
        steps.append(
            f"ask your TimeWorksPlus partner to un-accept {_listed(accepted)}, which was accepted and can't "
            "be un-finalized before"
        )
    order = ", in this order: the latest period first" if len(later) > 1 else ""
    steps.append(f"un-finalize {_listed(later)} in TimeWorksPlus{order}")
    steps.append(
        "start the run again within a day, since TimeWorksPlus finalizes it again after 24 to 72 hours"
    )
    again = ", the earliest period first" if len(later) > 1 else ""
    steps.append(f"finalize what you opened again{again}")
    text = "; then ".join(steps)
    return f"{text[0].upper()}{text[1:]}"


# More are told as a stretch.
_MOST = 4


def _listed(periods: Sequence[Period]) -> str:
    words = [one.words for one in periods]
    if len(words) > _MOST:
        return f"{words[0]}, {words[1]}, and so on back to {words[-1]} ({len(words)} periods)"
    return ", then ".join(words)
