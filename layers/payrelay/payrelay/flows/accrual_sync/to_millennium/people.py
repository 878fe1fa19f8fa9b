"""Reading both sides, of everybody in one go or of named people: what the balances of each are (AC-6, AC-7).

What is kept of a row while a whole company is read is a few words of text: it is parsed page by page.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from msgspec import Struct

from payrelay.domain.groups import in_groups
from payrelay.flows.accrual_sync.rules import trimmed
from payrelay.flows.accrual_sync.systems import Systems
from payrelay.flows.accrual_sync.to_millennium.as_of import There
from payrelay.flows.accrual_sync.to_millennium.batches import Undated
from payrelay.systems.millennium.models import Accrual
from payrelay.systems.rows import BadRow
from payrelay.systems.timeworksplus.models import Balance

# How many employees are named in one call.
NAMED_AT_ONCE = 50
# Of a person the day that their balances are of.
DayOf: TypeAlias = Callable[[str], date | Undated]
_LEFT = "T"
# Up to so many people are read one by one; more are read with everybody.
_FEW = 100


class Standing(Struct, frozen=True, array_like=True, gc=False):
    """A balance in Millennium as it was read; `version` is what a write gives back."""

    code: str
    balance: str
    as_of: date | None
    version: str | None

    @property
    def there(self) -> There:
        """What it says."""
        return There(Decimal(self.balance), self.as_of)


class Person(Struct, array_like=True):
    """One employee, with the balances that matter: by category here, and there in Millennium.

    `unreadable` is a row of theirs that can't be used, of either side: field and problem.
    """

    id: str
    name: str = ""
    is_here: bool = False
    is_there: bool = False
    has_left: bool = False
    here: list[tuple[str, str]] = []
    there: list[Standing] = []
    unreadable: list[tuple[str, str, str]] = []


class Part(Struct):
    """The people of one page."""

    people: list[Person] = []


class _Kept(Struct, gc=False):
    """What is kept of one employee while everybody is read: a line of text for each balance."""

    name: str = ""
    is_here: bool = False
    is_there: bool = False
    has_left: bool = False
    here: str = ""
    there: str = ""
    unreadable: tuple[tuple[str, str, str], ...] = ()


class Reading:
    """Reads the balances of some categories and codes. `codes` are those of Millennium by category."""

    def __init__(self, systems: Systems, codes: dict[str, str], day_of: DayOf) -> None:
        self.systems, self.codes, self.day_of = systems, codes, day_of
        self._wanted = frozenset(codes.values())
        self._people: dict[str, _Kept] = {}

    # --- of everybody ------------------------------------------------------------------------------------

    def everybody(self, days: Collection[date]) -> list[str]:
        """Read all people of both sides, as of these days; their ids, in order."""
        for day in sorted(days):
            self._read_here(day)
        self._read_names()
        bad: list[BadRow] = []
        for page in self.systems.millennium.accruals():
            for row in page.take(bad):
                self._keep_there(row)
        self._keep_bad(bad, "Millennium")
        return sorted(self._people)

    def named(self, ids: Iterable[str], days: Collection[date]) -> list[str]:
        """Read these people only, or everybody as of these days where they are many; their ids, in order."""
        asked = list(dict.fromkeys(ids))
        if len(asked) > _FEW:
            wanted = set(asked)
            return [one for one in self.everybody(days) if one in wanted]
        by_day: dict[date, list[str]] = {}
        for one in asked:
            day = self.day_of(one)
            if isinstance(day, date):
                by_day.setdefault(day, []).append(one)
            else:
                # Whether there is a balance is the same on any day of their batches.
                by_day.setdefault(max(each.end for each in day.batches), []).append(one)
        for day, those in by_day.items():
            self._read_named_here(day, those)
        self._read_names(asked)
        bad: list[BadRow] = []
        for one in asked:
            for row in self.systems.millennium.accruals_of(one).take(bad):
                self._keep_there(row)
        self._keep_bad(bad, "Millennium")
        return sorted(one for one in asked if one in self._people)

    def people(self, ids: Iterable[str]) -> list[Person]:
        """What was read of these."""
        return [_unpacked(one, self._people[one]) for one in ids]

    # --- TimeWorksPlus -----------------------------------------------------------------------------------

    def _read_here(self, day: date) -> None:
        bad: list[BadRow] = []
        for page in self.systems.timeworksplus.balances(day):
            for row in page.take(bad):
                kept = self._of(row.employee_code)
                kept.is_here = True
                kept.name = kept.name or _name(row.first_name, row.last_name)
                if self._is_of(row.employee_code, day):
                    self._keep_here(kept, row.balances)
        self._keep_bad(bad, "TimeWorksPlus")

    def _read_named_here(self, day: date, ids: Sequence[str]) -> None:
        bad: list[BadRow] = []
        for group in in_groups(ids, NAMED_AT_ONCE):
            for page in self.systems.timeworksplus.activity(day, day, group):
                for row in page.take(bad):
                    if row.employee_code in ids:
                        kept = self._of(row.employee_code)
                        kept.is_here = True
                        self._keep_here(kept, row.ending_values)
        self._keep_bad(bad, "TimeWorksPlus")

    def _is_of(self, person: str, day: date) -> bool:
        own = self.day_of(person)
        return own == (day if isinstance(own, date) else own) or (
            isinstance(own, Undated) and day == max(one.end for one in own.batches)
        )

    def _keep_here(self, kept: _Kept, balances: Iterable[Balance]) -> None:
        for one in balances:
            name = trimmed(one.category)
            if name in self.codes and one.value:
                kept.here += f"{one.value}\t{name}\n"

    # --- Millennium --------------------------------------------------------------------------------------

    def _read_names(self, only: Collection[str] | None = None) -> None:
        """The names of everybody, or of those who are asked for: no further than they are listed."""
        bad: list[BadRow] = []
        left = set(only) if only is not None else None
        for page in self.systems.millennium.employees():
            for row in page.take(bad):
                if left is not None and row.employee_id not in left:
                    continue
                kept = self._of(row.employee_id)
                kept.is_there = True
                kept.name = _name(row.first_name, row.last_name) or kept.name
                kept.has_left = row.status == _LEFT
                if left is not None:
                    left.discard(row.employee_id)
            if left is not None and not left:
                return
        self._keep_bad([one for one in bad if left is None or one.id in left], "Millennium")

    def _keep_there(self, row: Accrual) -> None:
        if row.code in self._wanted:
            kept = self._of(row.employee_id)
            kept.is_there = True
            day = row.as_of_date.isoformat() if row.as_of_date else ""
            kept.there += f"{row.balance}\t{day}\t{row.modified_at or ''}\t{row.code}\n"

    # --- what is kept ------------------------------------------------------------------------------------

    def _of(self, employee: str) -> _Kept:
        found = self._people.get(employee)
        if found is None:
            found = self._people[employee] = _Kept()
        return found

    def _keep_bad(self, rows: Iterable[BadRow], system: str) -> None:
        """A row that can't be used is told of with whose it is; one that does not say, as nobody's."""
        for row in rows:
            kept = self._of(row.id)
            kept.is_here = kept.is_there = True
            kept.unreadable = (*kept.unreadable, (system, row.field, row.problem))


def _unpacked(employee: str, kept: _Kept) -> Person:
    here = [one.split("\t", 1) for one in kept.here.split("\n")[:-1]]
    there = [one.split("\t", 3) for one in kept.there.split("\n")[:-1]]
    return Person(
        employee,
        kept.name,
        kept.is_here,
        kept.is_there,
        kept.has_left,
        [(name, value) for value, name in here],
        [
            Standing(code, balance, date.fromisoformat(day) if day else None, version or None)
            for balance, day, version, code in there
        ],
        list(kept.unreadable),
    )


def _name(first: str | None, last: str | None) -> str:
    return " ".join(part.strip() for part in (first, last) if part and part.strip())
