"""Reading both systems: which requests wait, their items, and what payroll has of a person (RQ-1 to RQ-7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property

from msgspec import Struct, field

from payrelay.domain.spelling import trimmed
from payrelay.errors import Rejected
from payrelay.flows.exact import ExactSystems
from payrelay.flows.request_sync import rules
from payrelay.flows.request_sync.payments import Payment
from payrelay.flows.request_sync.person import Known, Office
from payrelay.flows.request_sync.rules import Component, Item, Period, Problem, Request
from payrelay.flows.request_sync.types import VARIABLE_INPUT
from payrelay.systems.payroll_plus.employees import NOT_THERE, STILL_CONCEPT, Employment
from payrelay.systems.rows import BadRow
from payrelay.systems.synergy import requests as wire


class Sides(ExactSystems, dict=True):
    """Both systems, and the lists of them that are read once; `people` are names, None while unread."""

    people: dict[int, str | None] = field(default_factory=dict)

    def name_of(self, person: int) -> str:
        """How messages name a person: the name beside the number; all unread ones are read at once."""
        self.people.setdefault(person, None)
        if self.people[person] is None:
            unread = [number for number, name in self.people.items() if name is None]
            found = {one.id: trimmed(one.full_name) for one in self.synergy.people(unread).take([])}
            for number in unread:
                name = found.get(number)
                self.people[number] = f"employee {number} ({name})" if name else f"employee {number}"
        return self.people[person] or ""

    @cached_property
    def components(self) -> Mapping[str, Component]:
        """All components of payroll, by their name without outer blanks; read once."""
        bad: list[BadRow] = []
        rows = self.payroll.employees.components().take(bad)
        return {trimmed(row.name): Component(row.name, row.unit, row.kind) for row in rows}

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """All items of Synergy, by their code; read once."""
        bad: list[BadRow] = []
        rows = self.synergy.requests.items().take(bad)
        return {str(row.code): Item(str(row.code), row.component or "") for row in rows}

    @cached_property
    def steps(self) -> Mapping[str, wire.RequestType]:
        """All request types of Synergy, by their code; read once."""
        bad: list[BadRow] = []
        return {str(row.code): row for row in self.synergy.requests.types().take(bad)}


class Waiting(Struct, frozen=True):
    """The requests that wait, and the rows that can't be used."""

    requests: tuple[Request, ...]
    bad: tuple[BadRow, ...]


def waiting(sides: Sides) -> Waiting:
    """All that are realised or re-opened."""
    bad: list[BadRow] = []
    rows = sides.synergy.requests.waiting().take(bad)
    return Waiting(tuple(map(parsed, rows)), tuple(bad))


def taken_back(sides: Sides, since: datetime) -> Waiting:
    """Those that were taken back altogether since."""
    bad: list[BadRow] = []
    rows = sides.synergy.requests.taken_back(since).take(bad)
    return Waiting(tuple(map(parsed, rows)), tuple(bad))


def waiting_of(sides: Sides, person: int) -> list[Request]:
    """Those of one person; one that can't be read is told where it is listed."""
    return list(map(parsed, sides.synergy.requests.waiting_of(person).take([])))


def named(sides: Sides, hids: Collection[int]) -> Waiting:
    """The requests with these numbers, in whatever status."""
    bad: list[BadRow] = []
    rows = sides.synergy.requests.of(hids).take(bad)
    return Waiting(tuple(map(parsed, rows)), tuple(bad))


def parsed(row: wire.Request) -> Request:
    """A request as the rules know it; one that was taken back is as one that was re-opened."""
    known = (wire.REALISED, wire.REOPENED, wire.PROCESSED)
    return Request(
        hid=row.hid,
        type=str(row.type),
        status=row.status if row.status in known else wire.REOPENED,
        person=row.person,
        start=row.start,
        end=row.end,
        item=str(row.item or ""),
        quantity=row.quantity,
        amount=row.amount,
        number_1=row.number_1,
        number_2=row.number_2,
        number_3=row.number_3,
        salary_scale=bool(row.apply_salary_scale),
    )


def items_of(sides: Sides, requests: Iterable[Request]) -> dict[str, Item]:
    """The items that these requests name; one that is not there says so."""
    codes = {one.item for one in requests if one.item}
    return {code: sides.items.get(code, Item(code, found=False)) for code in codes} if codes else {}


def office(
    sides: Sides, person: int, requests: Sequence[Request], known: Mapping[int, Known], today: date
) -> Office | Problem:
    """What payroll has of a person, as far as these requests need it; Problem where all of them wait."""
    employees, number = sides.payroll.employees, str(person)
    problem = _employed(sides, number, today)
    if problem:
        return problem
    kinds = [kind for one in requests if (kind := rules.type_of(one))]
    bad: list[BadRow] = []
    paid: tuple[Payment, ...] = ()
    if any(kind.is_payment for kind in kinds):
        rows = employees.payments(number).take(bad)
        paid = tuple(
            Payment(row.kind, row.component, row.amount, row.start, row.end, row.ref or "") for row in rows
        )
    periods: tuple[Period, ...] = ()
    unit = shift = ""
    if any(not kind.is_payment for kind in kinds):
        periods = _periods(sides, number, requests, _years(requests, known), bad)
        unit, shift = employees.dividing_unit(number), employees.shift(number)
    if bad:
        return Problem("VALUE_NOT_VALID", {"field": bad[0].field, "problem": bad[0].problem})
    named_by_item = any(kind.by_item for kind in kinds)
    return Office(periods, paid, sides.components if named_by_item else {}, unit, shift)


def _employed(sides: Sides, number: str, today: date) -> Problem | None:
    """Whether a person can have requests: an employee, with an employment that has not ended."""
    employees = sides.payroll.employees
    bad: list[BadRow] = []
    try:
        rows: list[Employment] = employees.employments(number).take(bad)
    except Rejected as refusal:
        if refusal.code == STILL_CONCEPT:
            return Problem("REQUEST_WAITS_FOR_CONCEPT")
        if refusal.code in NOT_THERE:
            return Problem("NOT_IN_PAYROLL_PLUS")
        raise
    if rows and all(row.term is not None and row.term < today for row in rows):
        last = max(row.term for row in rows if row.term)
        return Problem("REQUEST_WAITS_FOR_EMPLOYMENT", {"date": f"{last}"})
    return None


def _periods(
    sides: Sides, number: str, requests: Sequence[Request], years: Iterable[int], bad: list[BadRow]
) -> tuple[Period, ...]:
    """A person's payroll periods of these years, and of the next ones where a request begins in none."""
    found: dict[str, Period] = {}

    def read(year: int) -> None:
        for row in sides.payroll.employees.periods(number, year).take(bad):
            found[row.name] = Period(row.name, row.start, row.end, row.status)

    asked = set(years)
    for year in sorted(asked):
        read(year)
    for request in requests:
        kind = rules.type_of(request)
        if kind is None or kind.is_payment:
            continue
        for year in rules.neighbours(request):
            held = any(one.start <= request.start <= one.end for one in found.values())
            if not held and year not in asked:
                asked.add(year)
                read(year)
    return tuple(found.values())


def _years(requests: Sequence[Request], known: Mapping[int, Known]) -> set[int]:
    """The calendar years whose periods are needed: those of the dates, and those of what was sent before."""
    found = {year for one in requests for year in rules.years(one)}
    cells = (cell for one in requests for cell in known.get(one.hid, Known()).cells)
    return found | {
        int(cell.at[:4]) for cell in cells if cell.place == VARIABLE_INPUT and cell.at[:4].isdigit()
    }
