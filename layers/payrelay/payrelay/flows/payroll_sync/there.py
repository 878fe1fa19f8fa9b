"""Who was changed in Payroll Plus, told by its lists of employees, and what these showed (RUN-11, PE-9).

A row tells the details as they are there, and not when they were changed, nor by whom. So each is held
against what was last sent: who has other details there was changed by a person. Who is shown as changed, has
what was sent, and was not written by us since then is looked at as well: it may be an employment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from payrelay.flows.exact import ExactSystems
from payrelay.flows.payroll_sync import mapping
from payrelay.flows.payroll_sync.facts import BANK, DETAILS, EMPLOYEE, Details, Facts
from payrelay.systems.payroll_plus.employees import EMPLOYEES

# So many bytes tell of an account; what tells that of the details nothing was kept yet.
ACCOUNT, _NOT_KEPT = 16, b"?"
# Of so many people the rows are kept; of more, each is read once more when they are compared.
MOST_KEPT = 5_000


class Sent(Struct):
    """What is kept of all people who were sent, by id: they are many, and so it is one text of bytes of each.

    That is the digest of the account, and behind it, of an employee of payroll whose end has not come, that
    of the details, or a mark that it was not kept yet. `ours` are those to whom we wrote since the time from
    which on the list of Payroll Plus is asked for.
    """

    digests: dict[int, bytes] = {}
    hidden: dict[int, tuple[str, ...]] = {}
    ours: set[int] = set()

    def add(self, person: int, digests: Mapping[str, str], kept: Facts, since: datetime, today: date) -> None:
        """Add somebody, as their link tells of them."""
        self.digests[person] = bytes.fromhex(digests.get(BANK, "")).ljust(ACCOUNT, b"\0")
        if kept.state != EMPLOYEE or kept.has_ended(today):
            return
        sent = Details.parse(digests.get(DETAILS, ""))
        self.digests[person] += bytes.fromhex(sent.digest) or _NOT_KEPT
        if sent.hidden:
            self.hidden[person] = sent.hidden
        if kept.written and datetime.fromisoformat(kept.written) >= since:
            self.ours.add(person)

    def employees(self) -> set[int]:
        """Those whom the list of Payroll Plus has to show."""
        return {person for person, told in self.digests.items() if len(told) > ACCOUNT}

    def is_employee(self, person: int) -> bool:
        """Whether somebody is one of them."""
        return len(self.digests.get(person, b"")) > ACCOUNT

    def details(self, person: int) -> Details:
        """What tells whether an employee has the details that were sent; no digest if it was not kept."""
        told = self.digests[person][ACCOUNT:]
        return Details("" if told == _NOT_KEPT else told.hex(), self.hidden.get(person, ()))


class There(Struct):
    """Who is to be compared because of these lists, and the rows of them; `kept` is whether that is all.

    `shown` are those whom the list of what was changed has shown.
    """

    people: set[int] = set()
    shown: set[int] = set()
    rows: dict[int, Any] = {}
    kept: bool = True

    def add(self, person: int, raw: Any) -> None:
        """Somebody who is to be compared, with their row."""
        self.people.add(person)
        self.keep(person, raw)

    def keep(self, person: int, raw: Any) -> None:
        """A row that need not be read again."""
        if self.kept and len(self.rows) < MOST_KEPT:
            self.rows[person] = raw
        else:
            self.kept = False
            self.rows.clear()

    def page(self, people: Iterable[int]) -> TheirRows | None:
        """The rows of the people of a page; None without any."""
        found = [self.rows[one] for one in people if one in self.rows]
        return TheirRows(found) if found else None


class TheirRows(Struct):
    """The rows of Payroll Plus of people of one page, as they came."""

    rows: list[Any]

    def __repr__(self) -> str:
        return f"TheirRows({len(self.rows)} people)"

    def by_person(self) -> dict[int, Any]:
        """By the person's id."""
        return {person_of(raw): raw for raw in self.rows}


def changed(sides: ExactSystems, sent: Sent, since: datetime, key: bytes) -> There:
    """Those whom a person has changed since, and those of whom it can't be told whether one has."""
    found = There()
    for raw in sides.payroll.employees.each(since):
        person = person_of(raw)
        if not sent.is_employee(person):
            continue
        found.shown.add(person)
        if person not in sent.ours or _differs(raw, person, sent, key):
            found.add(person, raw)
    return found


def compare_all(sides: ExactSystems, sent: Sent, found: There, key: bytes, *, keep: bool) -> None:
    """Add those who have other details there than were sent, or are not there, by the list of everybody.

    With `keep` everybody is compared anyway, and the rows are kept for it. Of whom it is not known yet what
    payroll was sent, nothing can be told.
    """
    missing = sent.employees() - found.people
    for raw in sides.payroll.employees.each():
        person = person_of(raw)
        if not sent.is_employee(person):
            continue
        missing.discard(person)
        if keep:
            found.keep(person, raw)
        elif sent.details(person).digest and _differs(raw, person, sent, key):
            found.add(person, raw)
    found.people |= missing


def _differs(raw: Any, person: int, sent: Sent, key: bytes) -> bool:
    """Whether payroll has other details of somebody than were sent; also where its row can't be read."""
    rows, _ = EMPLOYEES.read([raw])
    return not rows or not sent.details(person).are(mapping.held(rows[0]), key)


def person_of(raw: Any) -> int:
    """Whom a row is about; 0 for one of nobody that Exact Synergy may have."""
    number = raw.get("employeeId") if isinstance(raw, Mapping) else None
    return int(number) if isinstance(number, str) and number.isascii() and number.isdigit() else 0
