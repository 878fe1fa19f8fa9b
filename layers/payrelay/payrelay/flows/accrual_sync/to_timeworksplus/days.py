"""On which days somebody's balances are compared, and which of their codes hold them (AC-2, AC-3)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from payrelay.flows.accrual_sync.to_timeworksplus.people import Person
from payrelay.flows.accrual_sync.to_timeworksplus.rules import Row, dating, in_effect

# One in so many balances that last accrued on a day makes it a pay day, and no slip of somebody's pen.
_ONE_IN = 100


def usual_span(accrued: Counter[date], near: timedelta) -> tuple[date, date]:
    """From when to when balances last accrued that are read with everybody's: around the latest pay day.

    Those of other days are looked at one by one.
    """
    total = accrued.total()
    latest = max([day for day, count in accrued.items() if count * _ONE_IN >= total] or accrued)
    return min(day for day in accrued if day >= latest - near), latest + near


def by_description(person: Person, codes: Mapping[str, str]) -> dict[str, list[Row]]:
    """Somebody's rows of each description; one that was listed twice, while the list moved, is one."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in {row.code: row for row in person.rows}.values():
        if row.code in codes:
            found[codes[row.code]].append(row)
    return found


def holding(person: Person, codes: Mapping[str, str]) -> list[Row]:
    """The rows that hold a balance: one of each description, where it is not ambiguous."""
    found = (in_effect(rows, person.checks) for rows in by_description(person, codes).values())
    return [rows[0] for rows in found if len(rows) == 1]


def older(person: Person, codes: Mapping[str, str], since: date) -> list[Row]:
    """Those that last accrued before a day."""
    return [row for row in holding(person, codes) if row.accrued and row.accrued < since]


def has_older(person: Person, codes: Mapping[str, str], since: date) -> bool:
    """Whether there are any: told in short, since hardly anybody has one."""
    return any(row.accrued and row.accrued < since for row in person.rows) and bool(
        older(person, codes, since)
    )


def days_of(person: Person, codes: Mapping[str, str], since: date) -> set[date]:
    """The days on which somebody's balances are compared, of those that accrued `since` then."""
    days: set[date] = set()
    for row in holding(person, codes):
        if row.accrued is None:
            continue
        dated = dating(row.accrued, person.checks)
        if row.accrued >= since:
            days.add(dated.day)
        if dated.later:
            days.add(dated.later.end)
    return days
