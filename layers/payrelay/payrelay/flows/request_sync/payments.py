"""Payments of the employment conditions: one in force at a time, which a new request ends (RQ-4, RQ-6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from payrelay.flows.request_sync.rules import Cell, Problem, Request, Value
from payrelay.flows.request_sync.types import BASIC_WAGE, Reopened, RequestType

_DAY = timedelta(days=1)


class Payment(Struct, frozen=True):
    """A payment as it stands in Payroll Plus; `ref` is empty where somebody entered it there."""

    kind: str
    component: str
    amount: Decimal
    start: date
    end: date | None = None
    ref: str = ""

    @property
    def in_force(self) -> bool:
        """Whether it pays anything."""
        return self.amount != 0

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.in_force and self.start <= day and (self.end is None or self.end >= day)


class Placed(Struct, frozen=True):
    """A payment that a request wants, what it ends, and what of its own it leaves behind."""

    payment: Payment
    ends: tuple[Payment, ...] = ()
    leaves: tuple[Payment, ...] = ()


def placed(
    request: Request, kind: RequestType, value: Value, there: Sequence[Payment], *, by_component: bool
) -> Placed | Problem:
    """Where a payment goes among those that are there: it ends the one in force, and none later (RQ-4)."""
    wanted = Payment(kind.place, value.component, value.value, request.start, request.end, request.ref)
    others = [
        one
        for one in there
        if one.kind == kind.place
        and one.ref != request.ref
        and one.in_force
        and (one.component == value.component or not (by_component and kind.by_item))
    ]
    for one in sorted(others, key=lambda other: other.start):
        if one.start >= request.start and (request.end is None or one.start <= request.end):
            return _in_the_way("STARTS_BEFORE_ANOTHER", wanted, one)
    ends = []
    for one in others:
        if one.holds(request.start):
            if not one.ref:
                return _in_the_way("RECORD_BY_HAND", wanted, one)
            ends.append(replace(one, end=request.start - _DAY))
    ends += _emptied(wanted, there)
    leaves = tuple(
        replace(one, amount=Decimal(0), end=one.start)
        for one in there
        if one.ref == request.ref and one.in_force and cell_of(one) != cell_of(wanted)
    )
    return Placed(wanted, tuple(ends), leaves)


def _emptied(wanted: Payment, there: Sequence[Payment]) -> list[Payment]:
    """Payments of the same component that were set to zero and still stand on its days: they make room."""
    found = []
    for one in there:
        same = (one.kind, one.component) == (wanted.kind, wanted.component)
        if not same or one.in_force or one.start == wanted.start or not _overlap(one, wanted):
            continue
        end = wanted.start - _DAY if one.start < wanted.start else one.start
        found.append(replace(one, end=end))
    return [one for one in found if one not in there]


def _overlap(one: Payment, other: Payment) -> bool:
    """Whether there is a day on which both stand."""
    return (one.end is None or one.end >= other.start) and (other.end is None or other.end >= one.start)


def _in_the_way(code: str, wanted: Payment, other: Payment) -> Problem:
    values = {
        "start": f"{wanted.start}",
        "other": other.ref or f"{other.component}, which was entered there by hand,",
        "other_start": f"{other.start}",
        "component": other.component,
        "until": f"{wanted.start - _DAY}",
    }
    return Problem(code, values)


def cell_of(payment: Payment) -> Cell:
    """Where a payment stands."""
    return Cell(payment.kind, payment.component, payment.start.isoformat())


def after(there: Sequence[Payment], written: Iterable[Payment]) -> list[Payment]:
    """The payments once these are written, for the requests that come after."""
    changed = {cell_of(one): one for one in written}
    return [*(one for one in there if cell_of(one) not in changed), *changed.values()]


class Undone(Struct, frozen=True):
    """What a re-opened request takes back, and what of it stays."""

    zeroed: tuple[Payment, ...] = ()
    stays: tuple[Payment, ...] = ()


def undone(request: Request, kind: RequestType, there: Sequence[Payment]) -> Undone:
    """What becomes of the payments of a request that was re-opened (RQ-6).

    A basic wage without an end is set to zero, unless it was made by a salary scale; all else remains.
    """
    own = [one for one in there if one.ref == request.ref and one.in_force]
    if kind.reopened is not Reopened.WAGE or request.salary_scale:
        return Undone(stays=tuple(own))
    zeroed = tuple(replace(one, amount=Decimal(0)) for one in own if one.end is None)
    return Undone(zeroed, tuple(one for one in own if one.end is not None))


def no_wage_from(there: Sequence[Payment], day: date) -> bool:
    """Whether no basic wage is in force on a day."""
    return not any(one.kind == BASIC_WAGE and one.holds(day) for one in there)
