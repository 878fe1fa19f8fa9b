"""Who is who: people of both sides as evidence, and one person under two numbers (EX-9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from payrelay.domain.evidence import BORN, EMAIL, NAME, NATIONAL, Person, Weighed, Who, name_weight, weigh
from payrelay.domain.national import national_key
from payrelay.domain.sensitive import MASK
from payrelay.flows.employee_export import rules
from payrelay.flows.employee_export.mapping import Target
from payrelay.systems.simployer.models import Employee

_WHOLE_NAME = 2


def in_source(employee: Employee) -> Person:
    """What Simployer One says of a person."""
    name = rules.full_name(employee.first_name, employee.last_name)
    return Person(employee.employee_number, employee.ssn, employee.birth_date, name, employee.work_email)


def in_target(target: Target) -> Person:
    """What Xledger says of a person; a social security number that it masks says nothing."""
    node, contact = target.employee, target.contact
    national = contact.social_sec if contact else None
    if national and MASK[0] in national.reveal():
        national = None
    own = rules.full_name(contact.first_name, contact.last_name) if contact else None
    email = (node.email if node else None) or (contact.email if contact else None)
    return Person(
        node.code if node else None,
        national,
        contact.birthday if contact else None,
        own or (node.description if node else None),
        email,
    )


def is_there(employee: Employee, target: Target, today: date) -> Weighed:
    """Whether whom Xledger has is this employee."""
    return weigh(in_source(employee), in_target(target), today)


def of_two(one: Employee, other: Employee, today: date) -> Weighed:
    """Whether two records of Simployer One are about one person."""
    return weigh(in_source(one), in_source(other), today)


def one_person(one: Employee, other: Employee, today: date) -> str | None:
    """By what two records with two numbers are surely one person: "social security number"; None if not.

    A birth date and a first name, which many share, are not enough to keep somebody from being paid.
    """
    ours, theirs = in_source(one), in_source(other)
    weighed = weigh(ours, theirs, today)
    if NATIONAL in weighed.agrees:
        return NATIONAL
    if weighed.who is not Who.SAME:
        return None
    names = name_weight(ours.name, theirs.name)
    if BORN in weighed.agrees and names >= _WHOLE_NAME:
        return f"{BORN} and {NAME}"
    if EMAIL in weighed.agrees and (BORN in weighed.agrees or names > 0):
        return f"{EMAIL} and {BORN if BORN in weighed.agrees else NAME}"
    return None


class People:
    """Records of Simployer One by what may tell that two are one person."""

    def __init__(self, employees: Iterable[Employee]) -> None:
        self._by: dict[tuple[str, object], list[Employee]] = defaultdict(list)
        self._ids: set[str] = set()
        self.add(employees)

    def add(self, employees: Iterable[Employee]) -> None:
        """More of them; one that is known already is not added again."""
        for employee in employees:
            if employee.id not in self._ids:
                self._ids.add(employee.id)
                for key in _keys(employee):
                    self._by[key].append(employee)

    def alike(self, employee: Employee, today: date) -> list[tuple[Employee, str]]:
        """Records with other numbers that are about the same person, each with what says so."""
        near = {one.id: one for key in _keys(employee) for one in self._by[key]}
        others = [one for one in near.values() if one.employee_number != employee.employee_number]
        found = [(one, one_person(employee, one, today)) for one in others if one.id != employee.id]
        return [(one, words) for one, words in found if words]


def _keys(employee: Employee) -> list[tuple[str, object]]:
    keys: list[tuple[str, object]] = []
    if employee.ssn:
        keys.append((NATIONAL, national_key(employee.ssn.reveal())))
    if employee.birth_date:
        keys.append((BORN, employee.birth_date))
    if employee.work_email:
        keys.append((EMAIL, employee.work_email.strip().casefold()))
    return keys
