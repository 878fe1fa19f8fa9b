"""One balance of one person: judged by its date, and what is written or said of it (AC-2 to AC-5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct, field
from msgspec.structs import replace

from payrelay.domain.records import Change, Outcome, Reason, Record, Risk, Write
from payrelay.domain.spelling import shown
from payrelay.flows.accrual_sync.facts import Facts
from payrelay.flows.accrual_sync.payload import Payload
from payrelay.flows.accrual_sync.reasons import reason
from payrelay.flows.accrual_sync.records import balance_record, key_of, label_of
from payrelay.flows.accrual_sync.rules import Category
from payrelay.flows.accrual_sync.to_timeworksplus.notes import joined, notes_of
from payrelay.flows.accrual_sync.to_timeworksplus.people import Held, Person
from payrelay.flows.accrual_sync.to_timeworksplus.periods import Period, closing, way_out
from payrelay.flows.accrual_sync.to_timeworksplus.rules import Dating, Row, dating, differs, hours, in_effect

NOTHING = "no balance"
TERMINATED = "T"


class Compared(Struct):
    """What came of comparing: as a `PlannedPage` has it, and what is to be kept of each balance."""

    unchanged: int = 0
    records: list[Record] = field(default_factory=list)
    writes: list[Write[Payload]] = field(default_factory=list)
    facts: dict[str, Facts] = field(default_factory=dict)
    matched: dict[str, str] = field(default_factory=dict)
    people: int = 0


class Around(Struct, frozen=True):
    """What holds for all balances of a run: periods, what is kept of each, and when it was asked for."""

    periods: Sequence[Period]
    known: Mapping[str, Facts]
    now: datetime

    @property
    def today(self) -> date:
        """The day on which the run was asked for."""
        return self.now.date()


class Balance:
    """One balance of one person, in the circumstances of a run."""

    def __init__(
        self, around: Around, person: Person, category: Category, rows: Sequence[Row], into: Compared
    ) -> None:
        self.around, self.person, self.category = around, person, category
        self.rows, self.into = rows, into
        self.key = key_of(person.employee, category.description)
        self.label = label_of(person.employee, person.name, category.description)
        self.before = around.known.get(self.key, Facts())

    def judged(self, *, watched: bool) -> bool:
        """Decide; whether it is a write that the brake watches, which it does once a person."""
        chosen = in_effect(self.rows, self.person.checks)
        row = chosen[0]
        if not self.person.clocked:
            self._not_clocked(chosen)
        elif len(chosen) > 1:
            codes = ", ".join(f"{one.code} ({self._value(one)})" for one in chosen)
            self._say(Outcome.BLOCKED, reason("SEVERAL_IN_EFFECT", label=self.label, codes=codes))
        elif code := next((one for one in self.category.codes if one.code == row.code and one.divides), None):
            why = reason("DIVISOR_NOT_ONE", label=self.label, codes=code.code, divisor=code.divides)
            self._say(Outcome.BLOCKED, why)
        elif row.code in self.person.settled:
            self.into.unchanged += 1
        elif row.accrued is None:
            values = {"value": self._value(row), "accrual": row.code}
            self._say(Outcome.BLOCKED, reason("NO_LAST_ACCRUE_DATE", label=self.label, **values))
        else:
            return self._dated(row, row.accrued, watched=watched)
        return False

    def _not_clocked(self, chosen: Sequence[Row]) -> None:
        """Somebody whom TimeWorksPlus does not know: to be added there, unless they have left."""
        outcome = Outcome.SKIPPED if self.person.status == TERMINATED else Outcome.BLOCKED
        value = ", ".join(self._value(one) for one in chosen)
        values = {"value": value, "employee": self.person.employee}
        why = reason("NOT_IN_TIMEWORKSPLUS", label=self.label, **values)
        self._say(outcome, with_alike(why, self.person))

    # --- a balance with its date -------------------------------------------------------------------------

    def _dated(self, row: Row, accrued: date, *, watched: bool) -> bool:
        """Compare on the day on which a later check left the balance, then on the effective date."""
        dated = dating(accrued, self.person.checks)
        if dated.later:
            held = self._held(dated.later.end)
            if held and held.value is not None:
                if not self._differs(row, held):
                    self._equal(row, dated, held)
                    return False
                if not self._is_as_accrued(row):
                    self._moved(row, accrued, dated, held)
                    return False
        held = self._held(dated.day) or Held(self.category.category, dated.day, None)
        if held.value is not None:
            self.into.matched[f"accrual:{self.key}"] = self.person.employee
        if not self._differs(row, held):
            self._equal(row, dated, held)
            return False
        closed = closing(dated.day, self.around.periods)
        if closed:
            self._parked(row, dated, held, closed)
            return False
        return self._write(row, dated, held, watched=watched)

    def _held(self, day: date) -> Held | None:
        return self.person.held_on(self.category.category, day)

    def _differs(self, row: Row, held: Held) -> bool:
        decimals = self.category.decimals_of(row.code)
        return differs(row.balance, held.value, decimals)

    def _is_as_accrued(self, row: Row) -> bool:
        """Whether the balance is the one that was seen before any later check: no hours were used since."""
        return self.before.accrued == f"{row.accrued}" and self.before.balance == f"{row.balance}"

    def _facts(self, row: Row, dated: Dating) -> Facts:
        """What is known now; nothing parked. With a later check what was seen before it stays."""
        cleared = replace(self.before, parked_since="", parked_day="", parked_value="")
        if dated.later:
            return cleared
        return replace(cleared, accrued=f"{row.accrued}", balance=f"{row.balance}", dated=f"{dated.day}")

    def _equal(self, row: Row, dated: Dating, held: Held) -> None:
        self._keep(self._facts(row, dated))
        if held.value is not None:
            self.into.matched[f"accrual:{self.key}"] = self.person.employee
        note = self._superseded(row, held.day)
        if note:
            self._say(Outcome.UNCHANGED, note)
        else:
            self.into.unchanged += 1

    def _moved(self, row: Row, accrued: date, dated: Dating, held: Held) -> None:
        then, later = self._held(dated.day), dated.later
        if later is None:
            return
        values = {
            "accrued": accrued,
            "check": later.day,
            "later": later.end,
            "value": self._value(row),
            "there": _shown(held),
            "then": _shown(then),
            "day": dated.day,
        }
        self._say(Outcome.BLOCKED, reason("BALANCE_MOVED_SINCE_ACCRUAL", label=self.label, **values))

    def _parked(self, row: Row, dated: Dating, held: Held, closed: Period) -> None:
        """Kept back by a finalized period: since when is kept, what it was for, and nothing is replayed."""
        day, value, before = f"{dated.day}", self._value(row), self.before
        same = before.parked_day == day and before.parked_value == value
        since = before.parked_since if same and before.parked_since else self.around.now.isoformat()
        facts = replace(self._facts(row, dated), parked_since=since, parked_day=day, parked_value=value)
        self._keep(facts)
        first = datetime.fromisoformat(since).date()
        days = (self.around.today - first).days
        why = reason(
            "PERIOD_FINALIZED",
            label=self.label,
            value=value,
            there=_shown(held),
            day=day,
            period=closed.words,
            since=first,
            days="today" if days == 0 else "1 day" if days == 1 else f"{days} days",
            way=way_out(closed, self.around.periods, self.around.today),
        )
        self._say(Outcome.BLOCKED, joined(why, self._notes(row, dated)))

    def _write(self, row: Row, dated: Dating, held: Held, *, watched: bool) -> bool:
        old, value = held.value, self._value(row)
        falls = old is not None and row.balance < old
        changes = (
            Change("balance", None if old is None else hours(old), value),
            Change("effective", None, f"{dated.day}"),
        )
        outcome = Outcome.CREATED if old is None else Outcome.UPDATED
        notes = self._notes(row, dated)
        why = joined(notes[0], notes[1:]) if notes else None
        written = {"written_day": f"{dated.day}", "written_value": value}
        facts = replace(self._facts(row, dated), **written, written_at=self.around.now.isoformat())
        employee, name = self.person.employee, self.category.description
        expires = f"{held.expires}" if held.expires else None
        self.into.writes.append(
            Write(
                record=balance_record(employee, self.person.name, name, outcome, why, changes),
                payload=Payload(
                    employee, self.category.category, value, f"{dated.day}", held.is_hidden, expires
                ),
                target_id=None if old is None else employee,
                risks=(Risk.EMPTY,) if falls and watched else (),
                facts=facts.stored(),
            )
        )
        return falls

    # --- what is said ------------------------------------------------------------------------------------

    def _notes(self, row: Row, dated: Dating) -> list[Reason]:
        superseded = self._superseded(row, dated.day)
        found = notes_of(self.person, self.label, self._value(row), dated, self.around.periods)
        return [superseded, *found] if superseded else found

    def _superseded(self, row: Row, day: date) -> Reason | None:
        """That a value which was kept back is not written any more, since there is another one."""
        before, value = self.before, self._value(row)
        if not before.parked_since or before.parked_value == value:
            return None
        values = {
            "parked": before.parked_value,
            "parked_day": before.parked_day,
            "since": before.parked_since[:10],
            "value": value,
            "day": day,
        }
        return reason("PARKED_VALUE_SUPERSEDED", label=self.label, **values)

    def _value(self, row: Row) -> str:
        return hours(row.balance, self.category.decimals_of(row.code))

    def _keep(self, facts: Facts) -> None:
        if facts != self.before:
            self.into.facts[self.key] = facts

    def _say(self, outcome: Outcome, why: Reason) -> None:
        person = self.person
        record = balance_record(person.employee, person.name, self.category.description, outcome, why)
        self.into.records.append(record)


def with_alike(why: Reason, person: Person) -> Reason:
    """The same, and that the other system has an id which only looks the same."""
    if not person.alike:
        return why
    return replace(why, message=f"{why.message} It has {shown(person.alike)}, which is another text.")


def _shown(held: Held | None) -> str:
    return NOTHING if held is None or held.value is None else hours(held.value)
