"""Delft Techniek's payroll periods: months for most, four weeks for temporary people."""

from collections.abc import Iterator
from datetime import date, timedelta

from .state import Row

_WEEKS = timedelta(days=28)
PAID = 3


def months(today: date) -> list[date]:
    """The first days of the months of last year and this one."""
    return [date(year, month, 1) for year in (today.year - 1, today.year) for month in range(1, 13)]


def paid_months(today: date) -> list[date]:
    """The months whose runs give a report, slips and entries: the last three that are approved."""
    return [month for month in months(today) if month < today.replace(day=1)][-PAID:]


def monthly(today: date) -> Iterator[Row]:
    """Everything up to last month is approved."""
    for month in months(today):
        last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        yield _period(f"{month:%Y-%m}", month, last, today)


def four_weekly(today: date) -> Iterator[Row]:
    """Thirteen a year, and a fourteenth of one week in a year of 53 weeks."""
    for year in sorted({today.year - 1, today.year, today.isocalendar().year}):
        first, end = date.fromisocalendar(year, 1, 1), date.fromisocalendar(year + 1, 1, 1)
        for number in range(1, 15):
            start = first + (number - 1) * _WEEKS
            if start < end:
                last = min(start + _WEEKS, end) - timedelta(days=1)
                yield _period(f"{year}-{number:02d}", start, last, today)


def four_weeks(today: date) -> tuple[date, date]:
    """First and last day of the four weeks that a day lies in."""
    spans = (
        (date.fromisoformat(row["startDate"]), date.fromisoformat(row["endDate"]))
        for row in four_weekly(today)
    )
    return next(span for span in spans if span[0] <= today <= span[1])


def _period(name: str, first: date, last: date, today: date) -> Row:
    approved = last < today.replace(day=1)
    return {
        "prPeriod": name,
        "startDate": str(first),
        "endDate": str(last),
        "status": "Approved" if approved else "Open",
    }
