"""Reading a period's component report by the vendor's cursor, over as many steps as it takes (RUN-8).

What is read is kept with the plan of the run, cut by person, so that a page of the plan needs only its part,
and a step that ends early goes on where it stopped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from zlib import crc32

from msgspec import Struct

from payrelay.domain.runs import Run
from payrelay.errors import Unfinished
from payrelay.flows.exact import Budget
from payrelay.flows.report_pull.compare import Kept
from payrelay.flows.report_pull.read import PeriodRows, read_page
from payrelay.flows.report_pull.whose import likely
from payrelay.ledger import Ledger
from payrelay.systems.rows import BadRow

if TYPE_CHECKING:
    from payrelay.systems.payroll_plus.client import PayrollPlusClient

# How many people make a page of the plan, and how many parts a period has whose people are not counted yet.
PEOPLE_A_PART, PARTS = 1000, 64


class Part(Struct):
    """The rows of some people, as they came; amounts in clear, as in any plan, and never shown."""

    rows: dict[str, list[tuple[str, str, str]]] = {}
    flawed: dict[str, BadRow] = {}

    def __repr__(self) -> str:
        return f"Part({len(self.rows)} people)"

    def add(self, other: Part) -> None:
        """Put what was read later behind."""
        for person, rows in other.rows.items():
            self.rows.setdefault(person, []).extend(rows)
        self.flawed.update(other.flawed)


class Heads(Struct, frozen=True):
    """What is kept of the people of a part: number and digest of each report's newest version."""

    kept: dict[str, Kept]


class Walk(Struct):
    """How far a period is read: where to go on, in how many pieces, and how many parts each has."""

    cursor: str | None = None
    pieces: int = 0
    parts: int = 0
    people: int = 0
    done: bool = False
    nameless: BadRow | None = None


class Walks(Struct, frozen=True):
    """The readings of one run; `name` tells those apart that a run makes one after the other."""

    ledger: Ledger
    payroll: PayrollPlusClient
    run: Run
    name: str

    def finished(self, period: str, budget: Budget) -> Walk:
        """The reading of a period, once all of it is read; Unfinished if that takes another step."""
        walk = self.ledger.plans.kept(self.run, self._name(period), Walk) or Walk()
        if not walk.done:
            self._go_on(period, walk, budget)
        if not walk.done:
            raise Unfinished
        return walk

    def part(self, period: str, walk: Walk, number: int) -> Part:
        """One part of a period that is read."""
        found = Part()
        for piece in range(walk.pieces):
            one = self.ledger.plans.kept(self.run, self._name(period, number, piece), Part)
            if one:
                found.add(one)
        return found

    def heads(self, period: str, number: int) -> Mapping[str, Kept]:
        """What was kept of a part's people when the period was read."""
        found = self.ledger.plans.kept(self.run, self._name(period, number, "kept"), Heads)
        return found.kept if found else {}

    def _go_on(self, period: str, walk: Walk, budget: Budget) -> None:
        """Read on as far as the budget goes, and keep it."""
        read = PeriodRows({}, {})
        while budget.take():
            walk.cursor = read_page(self.payroll, period, walk.cursor, read)
            walk.nameless = walk.nameless or read.flawed.pop("", None)
            if walk.cursor is None:
                walk.done = True
                break
        people = read.rows.keys() | read.flawed.keys()
        walk.people += len(people)
        walk.parts = walk.parts or (max(1, -(-len(people) // PEOPLE_A_PART)) if walk.done else PARTS)
        if people:
            self._keep(period, walk, read)
            walk.pieces += 1
        if walk.done:
            self._keep_heads(period, walk)
        self.ledger.plans.keep(self.run, self._name(period), walk)

    def _keep(self, period: str, walk: Walk, read: PeriodRows) -> None:
        found = defaultdict[int, Part](Part)
        for person, rows in read.rows.items():
            found[part_of(person, walk.parts)].rows[person] = rows
        for person, bad in read.flawed.items():
            found[part_of(person, walk.parts)].flawed[person] = bad
        for number, part in found.items():
            self.ledger.plans.keep(self.run, self._name(period, number, walk.pieces), part)

    def _keep_heads(self, period: str, walk: Walk) -> None:
        """The list of what is kept, cut like the rows, so that it is read once and not by each page."""
        found: dict[int, dict[str, Kept]] = defaultdict(dict)
        heads = self.ledger.reports.heads(self.run.tenant, self.run.connection_id, period)
        for person, head in heads.items():
            found[part_of(person, walk.parts)][person] = head
        for number, kept in found.items():
            self.ledger.plans.keep(self.run, self._name(period, number, "kept"), Heads(kept))
        walk.people = max(walk.people, len(heads))

    def _name(self, *names: object) -> str:
        return "-".join(map(str, ("report", self.name, *names)))


def part_of(person: str, parts: int) -> int:
    """In which part a person is; ids that may be one person's are in the same."""
    return crc32(likely(person).encode()) % parts


def parts_of(people: Iterable[str], parts: int) -> dict[int, set[str]]:
    """The people of each part."""
    found: dict[int, set[str]] = defaultdict(set)
    for person in people:
        found[part_of(person, parts)].add(person)
    return dict(found)
