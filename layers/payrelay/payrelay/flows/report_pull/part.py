"""The people of one part of a period: whose report is kept anew, and whose is not and why (REP-1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from payrelay.domain.records import PlannedPage, Reason, Record, Write
from payrelay.flows.exact import ExactSystems
from payrelay.flows.exact_ids import resource_id
from payrelay.flows.report_pull import compare
from payrelay.flows.report_pull.compare import Kept, NewVersion, blocked
from payrelay.flows.report_pull.read import (
    Components,
    components_of,
    names_in_payroll,
    names_in_synergy,
    read_resources,
)
from payrelay.flows.report_pull.reasons import reason
from payrelay.flows.report_pull.rules import ReportName, in_words_of, without_resource
from payrelay.flows.report_pull.walk import Part
from payrelay.flows.report_pull.whose import by_person, doubtful, in_words
from payrelay.ledger.reports import Reports
from payrelay.systems.registry import label
from payrelay.systems.rows import BadRow


class Planner(Struct, frozen=True):
    """Compares the people of one period, part by part, with what is kept of them."""

    systems: ExactSystems
    reports: Reports
    connection_key: tuple[str, str]
    key: bytes
    period: str
    members: frozenset[int]

    def planned(
        self, index: int, part: Part, kept: Mapping[str, Kept], only: Collection[str] | None = None
    ) -> PlannedPage:
        """The reports of a part, of everybody in it or of a few."""
        spellings = by_person((*part.rows, *(one for one in part.flawed if one not in part.rows)))
        people = [one for one in sorted({*spellings, *kept}) if only is None or one in only]
        records = dict(self._unusable(people, spellings, part))
        rest = [person for person in people if person not in records]
        records |= self._strange([person for person in rest if person in spellings], spellings)
        there = [person for person in rest if person not in records]
        now = {one: components_of(part.rows[spellings[one][0]]) for one in there if one in spellings}
        writes = self._writes(there, now, kept)
        unchanged = len(there) - len(writes)
        return PlannedPage(index, unchanged, tuple(records[one] for one in sorted(records)), writes)

    def _unusable(
        self, people: Sequence[str], spellings: Mapping[str, list[str]], part: Part
    ) -> Iterator[tuple[str, Record]]:
        """Who has rows under two ids, or rows that can't be used, or may be there under another's id."""
        several = {one: spellings[one] for one in people if len(spellings.get(one, ())) > 1}
        bad = {
            one: part.flawed[spellings[one][0]]
            for one in people
            if one not in several and one in spellings and spellings[one][0] in part.flawed
        }
        gone = doubtful([one for one in people if one not in spellings], spellings)
        called = self._names([*several, *bad, *gone])
        for person, ids in several.items():
            name = called[person]
            values = {"ids": in_words(ids), "number": person, "period": self.period}
            yield person, blocked(name, reason("SPELLED_TWICE", label=name.label, **values))
        for person, row in bad.items():
            yield person, flawed(called[person], row)
        for person, ids in gone.items():
            name = called[person]
            values = {"ids": in_words(ids), "number": person, "period": self.period}
            yield person, blocked(name, reason("SPELLED_OTHERWISE", label=name.label, **values))

    def _strange(self, people: Sequence[str], spellings: Mapping[str, list[str]]) -> dict[str, Record]:
        """The records of those who are in payroll only, or may be for all that can be read, by person."""
        resources = read_resources(self.systems.synergy, people, self.members)
        missing = sorted(without_resource(people, self.members, resources.ids))
        ids = [] if resources.anybodys else [spellings[person][0] for person in missing]
        names, found = names_in_payroll(self.systems.payroll, ids), {}
        for person in missing:
            name = ReportName(self.period, person, names.get(spellings[person][0], ""))
            why = reason("NO_SYNERGY_RESOURCE", label=name.label, number=in_words(spellings[person]))
            if resources.anybodys:
                why = resources.anybodys.why(name.label, label("synergy"))
            found[person] = blocked(name, why)
        return found

    def _names(self, people: Sequence[str]) -> dict[str, ReportName]:
        """The reports of people of whom something is to be said, with the names on their cards."""
        numbers = [number for one in people if (number := resource_id(one)) is not None]
        names = names_in_synergy(self.systems.synergy, numbers)
        return {one: ReportName(self.period, one, names.get(one, "")) for one in people}

    def _writes(
        self, people: Iterable[str], now: Mapping[str, Components], kept: Mapping[str, Kept]
    ) -> tuple[Write[NewVersion], ...]:
        """What is to be kept anew; only of that is read what is kept, and who is emptied is named."""
        writes = []
        anew = [one for one in people if compare.differs(now.get(one, {}), kept.get(one), self.key)]
        called = self._names([one for one in anew if one not in now])
        for person in anew:
            components, head = now.get(person, {}), kept.get(person)
            former = self._former(person) if head else {}
            name = called.get(person) or ReportName(self.period, person)
            writes.append(compare.write_of(name, components, head, former, self.key))
        return tuple(writes)

    def _former(self, person: str) -> Components:
        ((newest, *_),) = self.reports.of(*self.connection_key, person, self.period)
        return dict(newest.components)


def flawed(name: ReportName, bad: BadRow) -> Record:
    """The record of a report that is not kept, since something of it can't be used."""
    why: Reason = BadRow(bad.id, bad.number, in_words_of(bad.field), bad.problem).why(
        name.label, label("payroll_plus")
    )
    return blocked(name, why, bad.number if name.person else "")
