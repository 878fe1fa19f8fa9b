"""One person with all that a comparison needs of both systems, and many of them in little room (RUN-8).

Twenty thousand people with four balances each are gathered from five lists in one step, and only then cut
into pages. Until then each person's rows are kept as the text that the page is stored as.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from payrelay.domain.spelling import NUMBER, folded
from payrelay.flows.accrual_sync.records import MILLENNIUM
from payrelay.flows.accrual_sync.to_timeworksplus.rules import Check, Row
from payrelay.systems.rows import BadRow, Listed

T = TypeVar("T")


class Held(Struct, frozen=True, array_like=True, gc=False):
    """What TimeWorksPlus has of a category on a day; `value` is None where it has no balance.

    `is_hidden` is None where what was read does not tell it.
    """

    category: str
    day: date
    value: Decimal | None
    is_hidden: bool | None = None
    expires: date | None = None


class Bad(Struct, frozen=True, array_like=True):
    """A row of somebody that can't be used: of which code, if it is one balance's, and what is wrong."""

    code: str
    field: str
    problem: str
    system: str


class Person(Struct, frozen=True, array_like=True):
    """One employee of either system, or of both: `paid` is known to Millennium, `clocked` to TimeWorksPlus.

    `hired` is the start date in TimeWorksPlus, `left` the last one's end in Millennium. Balances of the
    `settled` codes agree and are too old to be looked at any closer. `alike` is an id of the other system
    that only looks the same.
    """

    employee: str
    name: str
    status: str
    left: date | None
    paid: bool
    clocked: bool
    hired: date | None
    rows: tuple[Row, ...]
    checks: tuple[Check, ...]
    held: tuple[Held, ...]
    bad: tuple[Bad, ...] = ()
    settled: tuple[str, ...] = ()
    alike: str = ""

    def held_on(self, category: str, day: date) -> Held | None:
        """What TimeWorksPlus has of a category on a day; None where nothing was read of it."""
        return next((one for one in self.held if one.category == category and one.day == day), None)


class Page(Struct, frozen=True):
    """The people of one page, as they were read."""

    people: tuple[Person, ...]


class _Texts(Struct, frozen=True):
    """The same, to be written: each person is text already."""

    people: list[Raw]


class Gathered:
    """One person while the lists are read: small texts that make a `Person` in the end."""

    __slots__ = (
        "alike", "bad", "checks", "clocked", "employee", "first", "head", "held", "hired", "paid", "rows",
        "settled",
    )  # fmt: skip

    def __init__(self, employee: str) -> None:
        self.employee = employee
        self.head = b'"","",null'
        self.paid = self.clocked = False
        self.hired: date | None = None
        # The earliest day on which one of the balances last accrued.
        self.first: date | None = None
        self.rows = self.checks = self.held = b""
        self.bad: tuple[Bad, ...] = ()
        self.settled: tuple[str, ...] = ()
        self.alike = ""

    @property
    def text(self) -> bytes:
        """The person as stored."""
        encode = msgspec.json.encode
        return b"[%b,%b,%b,%b,%b,[%b],[%b],[%b],%b,%b,%b]" % (
            encode(self.employee),
            self.head,
            b"true" if self.paid else b"false",
            b"true" if self.clocked else b"false",
            encode(self.hired),
            self.rows[:-1],
            self.checks[:-1],
            self.held[:-1],
            encode(self.bad),
            encode(self.settled),
            encode(self.alike),
        )

    @property
    def person(self) -> Person:
        """The person, with all that is gathered so far."""
        return _DECODER.decode(self.text)

    def named(self, name: str, status: str, left: date | None) -> None:
        """What a list of employees says: Millennium's, or for people that it does not know the other's."""
        self.head = msgspec.json.encode((name, status, left))[1:-1]


_DECODER = msgspec.json.Decoder(Person)


class People:
    """Everybody of whom something was read; where `only` some are wanted, the others are passed over."""

    def __init__(self, only: Iterable[str] | None = None) -> None:
        self._only = None if only is None else frozenset(only)
        self._found: dict[str, Gathered] = {}

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Gathered]:
        return iter(self._found.values())

    def wants(self, employee: str) -> bool:
        """Whether somebody is wanted."""
        return self._only is None or employee in self._only

    @property
    def has_all(self) -> bool:
        """Whether all who are wanted by name have been seen, so that no list need be read on."""
        return self._only is not None and self._only <= self._found.keys()

    def known(self, employee: str) -> Gathered | None:
        """Somebody, if anything was read of them."""
        return self._found.get(employee)

    def of(self, employee: str) -> Gathered | None:
        """Somebody who is wanted, from now on among them; None for anybody else."""
        if not self.wants(employee):
            return None
        found = self._found.get(employee)
        if found is None:
            found = self._found[employee] = Gathered(employee)
        return found

    def take(self, person: Person) -> None:
        """Somebody as the lists of employees had them, and nothing else of them."""
        found = self.of(person.employee)
        if found is not None:
            found.named(person.name, person.status, person.left)
            found.paid, found.clocked, found.hired = person.paid, person.clocked, person.hired
            found.alike = person.alike

    @property
    def ids(self) -> list[str]:
        """Who of them has anything to be looked at, in order."""
        found = self._found.items()
        return sorted(
            employee for employee, one in found if one.rows or one.bad or (one.held and not one.paid)
        )

    def page(self, ids: Iterable[str]) -> _Texts:
        """Some of them, to be kept as a `Page`."""
        return _Texts([Raw(self._found[one].text) for one in ids])

    def find_alike(self) -> None:
        """Note of people of one system only whose id in the other looks the same, blanks and zeros apart."""
        clocked = {folded(one.employee, NUMBER): one for one in self if one.clocked and not one.paid}
        for one in self if clocked else ():
            other = clocked.get(folded(one.employee, NUMBER)) if one.paid and not one.clocked else None
            if other:
                one.alike, other.alike = other.employee, one.employee

    def persons(self) -> list[Person]:
        """All of them, in order."""
        return [self._found[one].person for one in self.ids]


def texts(*values: object) -> bytes:
    """A row as it stands in a person's text."""
    return msgspec.json.encode(values) + b","


def text_of(day: date | None) -> str | None:
    """A day as it stands in a person's text."""
    return day.isoformat() if day else None


def taken(page: Listed[T], people: People, system: str, codes: Container[str] = ()) -> list[T]:
    """The rows of a page; whose can't be used is noted with the person.

    It is one balance's where its number is one of `codes`.
    """
    unusable: list[BadRow] = []
    rows = page.take(unusable)
    for one in unusable:
        found = people.of(one.id)
        if found:
            code = one.number if one.number in codes else ""
            found.paid = found.paid or system == MILLENNIUM
            found.bad = (*found.bad, Bad(code, one.field, one.problem, system))
    return rows
