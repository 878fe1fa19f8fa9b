"""What becomes of the documents of one page: held against what is stored, and against the persons (DOC)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.records import Change, Outcome, PlannedPage, Record, Write
from payrelay.domain.runs import Link
from payrelay.domain.spelling import trimmed
from payrelay.flows.document_pull.deliver import Payload
from payrelay.flows.document_pull.names import (
    FIELDS,
    SOURCE,
    Place,
    document_label,
    person_label,
    subject,
)
from payrelay.flows.document_pull.reasons import reason
from payrelay.flows.document_pull.rules import (
    ENTITY,
    Again,
    Announced,
    Decision,
    Group,
    Kind,
    Known,
    Stored,
    Verdict,
    as_stored,
    decide,
    facts_of,
    key_of,
    stored_of,
)
from payrelay.flows.exact import ExactSystems
from payrelay.flows.exact_ids import resource_id
from payrelay.ledger import Ledger
from payrelay.systems.rows import BadRow

# Of a document that is found and can't be read, nobody knows whose it is.
NOBODY = -1


class Listed(Struct, frozen=True):
    """Rows of one group, as they are listed, with what can only be told of all of its pages."""

    group: Group
    label: str
    rows: Sequence[Announced]
    bad: Sequence[BadRow] = ()
    twice: frozenset[str] = frozenset()
    spelled_twice: frozenset[int] = frozenset()
    again: Mapping[str, Again] = {}
    after: str = ""


class Compared(Struct):
    """What is planned of documents; `linked` are the keys of links that may be kept, `links` new ones."""

    unchanged: int = 0
    records: list[Record] = []
    writes: list[Write[Payload]] = []
    matched: dict[str, str] = {}
    linked: list[str] = []
    links: list[Link] = []

    def page(self, index: int) -> PlannedPage:
        """All of it as a page."""
        return PlannedPage(
            index, self.unchanged, tuple(self.records), tuple(self.writes), matched=dict(self.matched)
        )


class Comparer(Struct, frozen=True):
    """Compares the documents of one run; `types` are the document types of Exact Synergy by kind."""

    ledger: Ledger
    sides: ExactSystems
    where: tuple[str, str]
    language: str
    types: Mapping[str, int | None]
    today: date

    def compare(self, listed: Listed, found: Compared, *, look: bool) -> None:
        """Decide each document; `look` is whether unknown ones are looked for in Exact Synergy first."""
        group = listed.group
        links = self.ledger.links.get(
            *self.where, ENTITY, [key_of(group.kind, row.id) for row in listed.rows]
        )
        stored = {one: stored_of(link.facts) for one, link in links.items()}
        first = {row.id: self._known(listed, row, stored) for row in listed.rows}
        open_rows = [
            row for row in listed.rows if self._decide(group, row, first[row.id]) is not Verdict.THERE
        ]
        filed = self._filed(group, open_rows) if look else {}
        persons = self._persons(open_rows, first, filed)
        for row in listed.rows:
            key, number = key_of(group.kind, row.id, row.version), resource_id(row.employee)
            known = replace(
                first[row.id],
                person=persons.get(number) if number is not None else None,
                filed=filed.get(key),
            )
            found.linked.append(key_of(group.kind, row.id))
            self._add(listed, row, known, persons, found)
        found.records += [self._unreadable(group, bad) for bad in listed.bad]

    def _decide(self, group: Group, row: Announced, known: Known) -> Verdict:
        return decide(group, self.language, row, known).verdict

    def _known(self, listed: Listed, row: Announced, stored: Mapping[str, Stored]) -> Known:
        """What is known of a document before anybody is asked."""
        kind, number = listed.group.kind, resource_id(row.employee)
        return Known(
            person="",
            type=self.types.get(kind),
            stored=stored.get(key_of(kind, row.id)),
            again=listed.again.get(str(number)) if kind is Kind.STATEMENT else None,
            announced_twice=row.id in listed.twice,
            spelled_twice=number in listed.spelled_twice,
        )

    def _filed(self, group: Group, rows: Sequence[Announced]) -> dict[str, int]:
        """Whose dossiers these documents are in, by key."""
        bad: list[BadRow] = []
        keys = [key_of(group.kind, row.id, row.version) for row in rows]
        filed = {row.key: row.resource_id for row in self.sides.synergy.documents.filed(keys).take(bad)}
        return {**dict.fromkeys((row.id for row in bad), NOBODY), **filed}

    def _persons(
        self, rows: Sequence[Announced], known: Mapping[str, Known], filed: Mapping[str, int]
    ) -> dict[int, str]:
        """What the persons of these documents are called, and those in whose dossiers others are."""
        numbers = {resource_id(row.employee) for row in rows} | {one for one in filed.values() if one >= 0}
        others = (known[row.id].stored for row in rows)
        numbers |= {one.person for one in others if one}
        asked = sorted(number for number in numbers if number is not None)
        return self.sides.synergy.documents.persons(asked) if asked else {}

    def _add(
        self, listed: Listed, row: Announced, known: Known, persons: Mapping[int, str], found: Compared
    ) -> None:
        group = listed.group
        decision = decide(group, self.language, row, known)
        link = key_of(group.kind, row.id)
        record = self._record(listed, row, known, decision, persons)
        if decision.stale and known.stored:
            stale = replace(known.stored, stale=decision.stale, stale_run=decision.stale_run)
            found.links.append(_link(group, row, stale))
        match decision.verdict:
            case Verdict.STORE:
                found.writes.append(self._write(listed, row, known, record))
            case Verdict.THERE | Verdict.FOUND:
                found.unchanged += 1
                found.matched[record.record_id] = link
                if decision.verdict is Verdict.FOUND:
                    found.links.append(_link(group, row, as_stored(row, listed.after)))
            case _:
                found.records.append(record)

    def _record(
        self, listed: Listed, row: Announced, known: Known, decision: Decision, persons: Mapping[int, str]
    ) -> Record:
        group, employee = listed.group, trimmed(row.employee)
        label = document_label(group, employee, known.person)
        why = None
        if decision.code:
            other = known.stored.person if known.stored else known.filed
            values: dict[str, Any] = {
                "label": label,
                "id": row.id,
                "number": employee,
                "field": FIELDS[group.kind],
                "group": listed.label,
                "language": self.language,
                "year": row.year,
                "version": row.version,
                "before": known.stored.version if known.stored else "",
                "run": decision.stale_run,
                "key": key_of(group.kind, row.id, row.version),
                "other": "somebody" if other == NOBODY else person_label(other, persons.get(other or NOBODY)),
                "announced": row.sha256[:8],
                "seen": known.stored.sha256[:8] if known.stored else "",
                "what": _said(row),
            }
            why = reason(decision.code, **values)
        return Record(
            ENTITY,
            key_of(group.kind, row.id, row.version),
            label,
            _OUTCOMES[decision.verdict],
            Place(group.kind, group.id, row.id).source_id,
            why,
        )

    def _write(self, listed: Listed, row: Announced, known: Known, record: Record) -> Write[Payload]:
        number, group = resource_id(row.employee) or 0, listed.group
        link = key_of(group.kind, row.id)
        payload = Payload(
            document=row.id,
            language=row.language,
            sha256=row.sha256,
            link=link,
            key=record.key,
            person=number,
            type=known.type or 0,
            subject=subject(group, row.version),
            day=self.today.isoformat(),
            file_name=row.file_name,
        )
        changes = (
            Change("ResourceID", None, str(number)),
            Change("DocumentType", None, str(known.type)),
            Change("Subject", None, payload.subject),
            Change("FileName", None, row.file_name),
            Change("version", str(known.stored.version) if known.stored else None, str(row.version)),
        )
        return Write(
            record=replace(record, changes=changes),
            payload=payload,
            target_id=link if known.stored else None,
            digests={"sha256": row.sha256},
            facts=facts_of(as_stored(row, listed.after)),
        )

    def _unreadable(self, group: Group, bad: BadRow) -> Record:
        """The record of a row that can't be used."""
        place = Place(group.kind, group.id, bad.id)
        label = document_label(group, "an employee whom the row does not show", None)
        label = label.partition(" of ")[0] + f" {bad.id or 'without a number'}"
        key = key_of(group.kind, bad.id) if bad.id else group.key
        return Record(ENTITY, key, label, Outcome.BLOCKED, place.source_id, bad.why(label, SOURCE))


_OUTCOMES = {
    Verdict.STORE: Outcome.CREATED,
    Verdict.THERE: Outcome.UNCHANGED,
    Verdict.FOUND: Outcome.UNCHANGED,
    Verdict.SKIP: Outcome.SKIPPED,
    Verdict.BLOCK: Outcome.BLOCKED,
}


def _said(row: Announced) -> str:
    """What a row says of itself."""
    of = f"of run {row.run_id}" if row.run_id else f"of {row.year}"
    return f"a {row.kind} {of} in the language {row.language}"


def _link(group: Group, row: Announced, stored: Stored) -> Link:
    """What is kept of a document that is in its dossier."""
    key = key_of(group.kind, row.id)
    digests = {"sha256": stored.sha256}
    return Link(ENTITY, key, key_of(group.kind, row.id, stored.version), key, digests, facts_of(stored))
