"""Nordlys Energi, invented: 250 people in Simployer, most of them already in Xledger.

The people and what is notable about them are the same every time. Dates that must lie ahead or just
behind (a notice, a probation, a sick leave of this week) count from `today`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from .invented import social_security
from .notable_people import notable_people, reasons
from .person import Person, invent
from .simployer_rows import simployer_rows
from .state import Row, State
from .time_off import simployer_time_off, xledger_absences
from .xledger_rows import contact_row, drifted, employee_row, xledger_rows

SEED = "nordlys"
REGULAR = 222
ALREADY_THERE = 170
# Notable people who stand in Xledger already: left, temporary, other gender, leaving, Swede, letters.
_NOTABLE_THERE = frozenset({"1228", "1229", "1238", "1239", "1243", "1250"})
_CHANGED_BY_HAND, _CLOSED = "1245", "1246"


class BothSides(NamedTuple):
    """Data for the two sandboxes that belongs together."""

    simployer: State
    xledger: State


def _today() -> date:
    return datetime.now(UTC).date()


def simployer_state(today: date | None = None) -> State:
    """250 employees with employments, pay and time off."""
    day = today or _today()
    return {**simployer_rows(_people(day)), **simployer_time_off(day)}


def xledger_state(today: date | None = None) -> State:
    """Some 180 of the employees as Xledger has them: equal, drifted or closed; and three of its own."""
    day = today or _today()
    people = _people(day)
    there = [drifted(person) for person in people[:ALREADY_THERE]]
    there += [person for person in people[REGULAR:] if person.number in _NOTABLE_THERE]
    state = xledger_rows(there)
    by_number = {person.number: person for person in people}
    changed = replace(
        by_number[_CHANGED_BY_HAND], title="Sjef", private_phone="+4799999999", cost_center="100"
    )
    for person, extra in ((changed, {}), (by_number[_CLOSED], {"dateTo": "2025-06-30"})):
        state["employees"].append({**employee_row(person, set()), **extra})
        state["contacts"].append(contact_row(person))
    state["employees"].extend(_only_in_xledger())
    state["absences"] = xledger_absences()
    return state


def notable(today: date | None = None) -> dict[str, list[str]]:
    """Employee number to why that employee is in the data; the number may be empty."""
    return reasons(today or _today())


def generate(
    employees: int, seed: str = SEED, already_there: float = 0.9, *, alike: bool = False
) -> BothSides:
    """Ordinary employees; the given share is in Xledger already, every fifth of them with a difference.

    Where all are `alike`, nobody has one.
    """
    known = round(employees * already_there)
    people = list(_apart(invent(serial, seed) for serial in range(1, employees + 1)))
    there = (person if alike else drifted(person) for person in people[:known])
    return BothSides(simployer_rows(people), xledger_rows(there))


def _apart(people: Iterable[Person]) -> Iterator[Person]:
    """The people, of whom no two are taken for one: whoever would be is born a day later."""
    taken: set[str | tuple[str, date]] = set()
    for person in people:
        one = person
        while not taken.isdisjoint(own := _signs(one)):
            one = replace(one, born=one.born + timedelta(days=1))
        taken |= own
        yield one


def _signs(person: Person) -> set[str | tuple[str, date]]:
    """What two people are taken for one by."""
    number = social_security(person.country, person.born, person.serial)
    return {number, (person.name, person.born)}


def _people(today: date) -> list[Person]:
    regular = [invent(serial, SEED) for serial in range(1, REGULAR + 1)]
    return [*regular, *notable_people(today, SEED)]


def _only_in_xledger() -> Iterator[Row]:
    for number, name in ((9001, "Styre Leder"), (9002, "Berit Varamedlem"), (9003, "Konsulent Ekstern")):
        yield {
            "dbId": str(790_000 + number),
            "code": str(number),
            "description": name,
            "employeeGroup": {"code": "STYRE"},
            "employmentFrom": "2020-01-01",
            "ownerDbId": "500",
        }
