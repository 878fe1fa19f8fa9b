"""Of several records with one number, the one that counts (EX-6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Protocol, TypeVar


class Hired(Protocol):
    """What tells who was hired first."""

    @property
    def id(self) -> str: ...
    @property
    def employee_number(self) -> str | None: ...
    @property
    def hire_date(self) -> date | None: ...


H = TypeVar("H", bound=Hired)


def first_hired(employees: Iterable[H]) -> H:
    """Of several records with one number, the one hired first; the id only makes an order."""
    return min(employees, key=lambda one: (one.hire_date or date.max, one.id))


def tied_with(employee: H, others: Iterable[H]) -> H | None:
    """Another record that was hired on the same day, so that neither was first."""
    return next(
        (one for one in others if one.id != employee.id and one.hire_date == employee.hire_date), None
    )


def one_per_number(
    employees: Iterable[H], holds: Callable[[H, H], bool] = lambda _one, _other: False
) -> tuple[list[H], list[tuple[H, H]], list[tuple[H, H]]]:
    """Who is kept, one per number; who gives way to whom; and of whom nobody was hired first, with another.

    `holds(one, first)` tells of a record that keeps the number although `first` was hired before.
    """
    by_number: dict[str, list[H]] = defaultdict(list)
    for employee in employees:
        by_number[employee.employee_number or ""].append(employee)
    keep: list[H] = []
    doubles: list[tuple[H, H]] = []
    ties: list[tuple[H, H]] = []
    for group in by_number.values():
        if len(group) == 1:
            keep += group
            continue
        winner = first_hired(group)
        winner = next((one for one in group if one is not winner and holds(one, winner)), winner)
        rest = [one for one in group if one is not winner]
        tied = tied_with(winner, rest)
        if tied is None:
            keep.append(winner)
        else:
            ties.append((winner, tied))
        for one in rest:
            same_day = tied is not None and one.hire_date == winner.hire_date
            (ties if same_day else doubles).append((one, winner))
    return keep, doubles, ties
