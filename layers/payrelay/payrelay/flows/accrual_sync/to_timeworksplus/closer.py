"""A closer look at balances that accrued long ago and that the systems do not agree on (AC-3, RUN-11).

Of people who have left, mostly. Where TimeWorksPlus has what payroll has, nothing would be written on
whatever day. Else their own checks are read, once: what dated such a balance is kept, and while its period
stays finalized it is not looked up again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from msgspec import Struct, field

from payrelay.domain.runs import Run
from payrelay.errors import Unfinished
from payrelay.flows.accrual_sync.facts import Facts, Notebook
from payrelay.flows.accrual_sync.records import key_of
from payrelay.flows.accrual_sync.rules import Category
from payrelay.flows.accrual_sync.to_timeworksplus.clock import TimeClock
from payrelay.flows.accrual_sync.to_timeworksplus.days import days_of, older
from payrelay.flows.accrual_sync.to_timeworksplus.payroll import Payroll
from payrelay.flows.accrual_sync.to_timeworksplus.people import Gathered, People, Person, text_of, texts
from payrelay.flows.accrual_sync.to_timeworksplus.periods import Period, closing
from payrelay.flows.accrual_sync.to_timeworksplus.rules import Row, dating, differs
from payrelay.ledger.plans import Plans

# One step looks at so many people, at five calls a second.
LOOKS_A_STEP = 1500
_KEPT = "looked"


class Looked(Struct):
    """The checks of people who were looked at in earlier steps of a run, by employee."""

    checks: dict[str, str] = field(default_factory=dict)


class Memory(Struct, frozen=True):
    """Where it is kept what dated a balance, and how far a run has come."""

    notebook: Notebook
    plans: Plans
    run: Run

    def known(self, keys: list[str]) -> dict[str, Facts]:
        """What is known of these balances; nothing, where everything is to be read anew."""
        return {} if self.run.options.get("full") else self.notebook.facts(keys)

    def looked(self) -> Looked:
        """Who was looked at before in this run."""
        return self.plans.kept(self.run, _KEPT, Looked) or Looked()

    def keep(self, looked: Looked) -> None:
        """Keep who was looked at, for the steps to come."""
        self.plans.keep(self.run, _KEPT, looked)


class Closer(Struct):
    """Who is looked at closer, and by which calls."""

    payroll: Payroll
    clock: TimeClock
    going: Mapping[str, Category]
    codes: Mapping[str, str]
    memory: Memory

    def look(self, people: People, since: date, last: date) -> set[date]:
        """Look at all of them; the days on which balances were read. `last` is when all were read."""
        doubtful: dict[str, list[Row]] = {}
        for one in people:
            if one.first is None or one.first >= since or not one.clocked:
                continue
            person = one.person
            old = older(person, self.codes, since)
            agreed = [row.code for row in old if self._agrees(person, row, last)]
            one.settled = tuple(agreed)
            if len(agreed) < len(old):
                doubtful[one.employee] = old
        if not doubtful:
            return set()
        known = self._remembered(doubtful)
        looked, fresh = self.memory.looked(), 0
        wanted: dict[str, set[date]] = {}
        for employee, rows in doubtful.items():
            found = people.known(employee)
            if found is None:
                continue
            if employee in known:
                found.checks += known[employee]
            elif employee in looked.checks:
                found.checks = looked.checks[employee].encode()
            else:
                self._read(people, found, rows)
                looked.checks[employee], fresh = found.checks.decode(), fresh + 1
            if fresh == LOOKS_A_STEP:
                self.memory.keep(looked)
                raise Unfinished(f"{fresh} people looked at")
            person = found.person
            wanted[employee] = days_of(person, self.codes, date.min) - {held.day for held in person.held}
        return self.clock.of_people(people, wanted)

    def _read(self, people: People, found: Gathered, rows: list[Row]) -> None:
        self.payroll.checks_of(people, found.employee, min(row.accrued for row in rows if row.accrued))

    def _agrees(self, person: Person, row: Row, last: date) -> bool:
        """Whether TimeWorksPlus has this balance at the end of the last period."""
        if row.accrued is None:
            return False
        category = self.going[self.codes[row.code]]
        later = dating(row.accrued, person.checks).later
        held = person.held_on(category.category, later.end if later else last)
        return held is not None and not differs(row.balance, held.value, category.decimals_of(row.code))

    def _remembered(self, doubtful: Mapping[str, list[Row]]) -> dict[str, bytes]:
        """By employee a check that dates each old balance, where all are known and can't be written now."""
        keys = [key_of(employee, self.codes[row.code]) for employee, rows in doubtful.items() for row in rows]
        facts = self.memory.known(keys)
        days = {date.fromisoformat(one.dated) for one in facts.values() if one.dated}
        periods = self.clock.periods(days)
        found: dict[str, bytes] = {}
        for employee, rows in doubtful.items():
            told = [_dated(row, facts.get(key_of(employee, self.codes[row.code])), periods) for row in rows]
            if all(one is not None for one in told):
                found[employee] = b"".join(one for one in told if one)
        return found


def _dated(row: Row, facts: Facts | None, periods: list[Period]) -> bytes | None:
    """A check that dates a balance as it was dated before, as a person's text has it; None if it may not."""
    if facts is None or row.accrued is None or not facts.dated:
        return None
    day = date.fromisoformat(facts.dated)
    if facts.accrued != f"{row.accrued}" or facts.balance != f"{row.balance}" or not closing(day, periods):
        return None
    if day == row.accrued:
        return b""
    begin = text_of(day - timedelta(days=1))
    return texts(text_of(row.accrued), begin, facts.dated, "", "", True, False)
