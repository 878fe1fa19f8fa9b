"""Whom a run is about, read and cut into parts: everybody, or the few who were asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from payrelay.domain.groups import in_groups
from payrelay.domain.runs import Run
from payrelay.flows.balance_sync import rules, whose
from payrelay.flows.balance_sync.company import PEOPLE_PER_PAGE, Counterparts, parts
from payrelay.flows.balance_sync.compare import Comparer, Resaved
from payrelay.flows.balance_sync.memory import Found, LinksOf, Memory
from payrelay.flows.balance_sync.moved import ByWhatMoved, Noted
from payrelay.flows.balance_sync.named import READ_ALONE, keep
from payrelay.flows.balance_sync.people import LeaveTypes, Part, Person
from payrelay.flows.balance_sync.read import Sides

if TYPE_CHECKING:
    from payrelay.ledger import Ledger

# Of so many people of a run who were paid since it is asked why they were saved: a call each, of which
# payroll takes 60 a minute.
ASKED_OF_PAID = 10


class Lister(Struct, frozen=True):
    """Reads people for a run, and keeps them with it."""

    sides: Sides
    ledger: Ledger
    memory: Memory
    known: Noted
    links_of: LinksOf
    comparer: Callable[[LeaveTypes, date], Comparer]

    def everybody(
        self, run: Run, types: LeaveTypes, company_id: str, context: dict[str, Any]
    ) -> tuple[Counter[str], Found]:
        """Everybody, kept with the run, and for the next one; what was seen of them is counted.

        What payroll has not just given is not written while somebody may be gone there.
        """
        comparer = self.comparer(types, date.fromisoformat(run.queued_at[:10]))
        reading = ByWhatMoved(self.sides, self.memory, self.known)
        found = reading.read(run, types, company_id)
        while True:
            seen, written = Counter[str](), Counter[str]()
            listed = _watched(parts(found.company, types), found.moved, comparer, written)
            context["starts"] = keep(self.ledger, run, _counted(listed, seen))
            if not written["people"] or reading.is_nobody_gone(found.company):
                break
            reading.read_payroll_again(found)
        context |= {"drift": found.drift, **self.memory.keep_read(run, found)}
        return seen, found

    def few(self, run: Run, codes: Sequence[str], context: dict[str, Any]) -> Counter[str]:
        """Those who were asked for, kept with the run; what was seen of them is counted."""
        seen = Counter[str]()
        found = (Part(tuple(group)) for group in in_groups(self._asked_for(codes), PEOPLE_PER_PAGE))
        context["starts"] = keep(self.ledger, run, _counted(found, seen))
        return seen

    def _asked_for(self, codes: Sequence[str]) -> list[Person]:
        """Whom payroll does not have is told of by an empty person."""
        wanted = sorted(set(codes))
        if len(wanted) <= READ_ALONE:
            people = self.sides.alone(wanted, self.links_of(wanted))
            spelled = self._spelled([one.code for one in people if one.unknown])
            if not spelled:
                return people
            wanted = sorted({spelled.get(code, code) for code in wanted})
            return self.sides.alone(wanted, self.links_of(wanted))
        company = self.sides.everyone(self.known())
        there = set(Counterparts(company).codes)
        spelled = _one_each(whose.found(set(wanted) - there, company.staff.values()))
        wanted = sorted({spelled.get(code, code) for code in wanted})
        matched = Counterparts(company, among=set(wanted))
        return [matched.person(one) if one in there else Person(one, unknown=True) for one in wanted]

    def _spelled(self, unknown: Sequence[str]) -> Mapping[str, str]:
        """Whom payroll has under codes that it does not have just so, or under these e-mails."""
        return _one_each(whose.found(unknown, self.sides.staff())) if unknown else {}


def _counted(found: Iterable[Part], seen: Counter[str]) -> Iterator[Part]:
    """The parts; `seen` are then the employees and the records of all of them.

    `listed` are the employees of a list that was read whole.
    """
    for part in found:
        seen["employees"] += len(part.codes) or len(part.people)
        seen["listed"] += len(part.codes)
        seen["records"] += len(part.people) + part.settled + len(part.unmatched_users)
        if seen["paid"] <= ASKED_OF_PAID:
            seen["paid"] += sum(
                rules.is_paid(one) and rules.saved_since(one) is not None for one in part.people
            )
        yield part


def _watched(
    found: Iterable[Part], moved: Collection[str] | None, comparer: Comparer, written: Counter[str]
) -> Iterator[Part]:
    """The parts; `written` counts who would be, of whom payroll has told nothing just now."""
    for part in found:
        for person in part.people:
            if moved is not None and person.code not in moved:
                again: Resaved = None if rules.saved_since(person) else {}
                written["people"] += bool(comparer.compare(person, again).writes)
        yield part


def _one_each(found: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Who is meant by each text that means one employee alone."""
    return {text: codes[0] for text, codes in found.items() if len(codes) == 1}
