"""One employee's absences on both sides: which is which, what differs, and what is to be withdrawn (TO-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from payrelay.domain.absences import Absence
from payrelay.domain.reasons import reason
from payrelay.domain.records import Change, Outcome, Reason, Record, Write
from payrelay.domain.runs import Link
from payrelay.systems.xledger.models import AbsenceNode

ENTITY = "absence"
FIELDS = ("employee", "absenceCode", "fromDate", "toDate", "leavePercent", "text")


def percent(value: Decimal | None) -> str | None:
    """A percentage without needless zeros."""
    return None if value is None else f"{value.normalize():f}"


def wanted_values(absence: Absence, number: str) -> dict[str, str | None]:
    """An absence as changes show it."""
    return {
        "employee": number,
        "absenceCode": absence.code,
        "fromDate": absence.start.isoformat(),
        "toDate": absence.end.isoformat(),
        "leavePercent": percent(absence.extent),
        "text": absence.text or None,
    }


def held_values(node: AbsenceNode, number: str) -> dict[str, str | None]:
    """An absence of Xledger as changes show it."""
    return {
        "employee": number,
        "absenceCode": node.absence_code,
        "fromDate": node.from_date.isoformat(),
        "toDate": (node.to_date or node.from_date).isoformat(),
        "leavePercent": percent(node.leave_percent),
        "text": node.text or None,
    }


def source_id(absence: Absence) -> str:
    """How the source finds it again: its employee, its leave, its first day in the period."""
    return f"{absence.employee}:{absence.parent}:{absence.start}"


def record_key(number: str, start: str, code: str) -> str:
    """`145-2026-02-09-ABC`."""
    return f"{number}-{start}-{code}"


def label(key: str) -> str:
    """How messages name an absence."""
    return f"Absence {key}"


@dataclass(frozen=True, slots=True)
class Person:
    """One employee: number, dbId in Xledger, and Xledger's absences with our links to them."""

    number: str
    db_id: str
    held: Sequence[AbsenceNode]
    links: Mapping[str, Link]

    @property
    def ours(self) -> list[AbsenceNode]:
        """Those that Payrelay wrote."""
        return [node for node in self.held if node.db_id in self.links]


@dataclass(frozen=True, slots=True)
class Matched:
    """What became of one employee's absences."""

    unchanged: int
    records: list[Record]
    writes: list[Write]


def match(
    person: Person, wanted: Sequence[Absence], cuts: Mapping[str, Reason], in_scope: Sequence[AbsenceNode]
) -> Matched:
    """Compare one employee's wanted absences with those in Xledger.

    `in_scope` are our own absences there that this run is about; one that nothing is wanted for is
    withdrawn. An absence entered by hand is never touched: an equal one counts as done, one that overlaps
    blocks ours.
    """
    left = list(in_scope)
    pairs = [(absence, _take(left, absence, person, exact=True)) for absence in wanted]
    pairs = [(a, node or _take(left, a, person, exact=False)) for a, node in pairs]
    result = Matched(0, [], [])
    unchanged = 0
    for absence, node in pairs:
        found = _compare(person, absence, node, cuts.get(source_id(absence)))
        if found is None:
            unchanged += 1
        elif isinstance(found, Write):
            result.writes.append(found)
        else:
            result.records.append(found)
    withdrawals = [withdrawal(person.links[node.db_id], node, person.number) for node in left]
    return replace(result, unchanged=unchanged, writes=[*withdrawals, *result.writes])


def _take(left: list[AbsenceNode], absence: Absence, person: Person, *, exact: bool) -> AbsenceNode | None:
    """The absence of ours that is this one: same leave and first day, or the same leave, moved."""
    for node in left:
        facts = person.links[node.db_id].facts
        same = facts["parent"] == absence.parent and (
            not exact or facts["start"] == absence.start.isoformat()
        )
        if same:
            left.remove(node)
            return node
    return None


def _compare(
    person: Person, absence: Absence, node: AbsenceNode | None, cut: Reason | None
) -> Write | Record | None:
    key = record_key(person.number, absence.start.isoformat(), absence.code)
    want = wanted_values(absence, person.number)
    if node is None:
        foreign = [n for n in person.held if n.db_id not in person.links and _overlaps(absence, n)]
        if any(held_values(n, person.number) == want for n in foreign):
            return None
        if foreign:
            values = held_values(foreign[0], person.number)
            shown = f"{values['fromDate']} to {values['toDate']}"
            why = reason("OVERLAPS_OTHER_ABSENCE", label=label(key), value=shown)
            return Record(ENTITY, key, label(key), Outcome.BLOCKED, source_id(absence), why)
        changes = tuple(Change(name, None, want[name]) for name in FIELDS if want[name] is not None)
        return _write(absence, key, Outcome.CREATED, cut, changes, want, None, person)
    have = held_values(node, person.number)
    changes = tuple(Change(n, have[n], want[n]) for n in FIELDS if have[n] != want[n])
    if not changes:
        return None
    return _write(absence, key, Outcome.UPDATED, cut, changes, want, node.db_id, person)


def _write(
    absence: Absence,
    key: str,
    outcome: Outcome,
    cut: Reason | None,
    changes: tuple[Change, ...],
    want: Mapping[str, str | None],
    target_id: str | None,
    person: Person,
) -> Write:
    node: dict[str, Any] = {
        "employee": {"code": person.number},
        "absenceCode": {"code": want["absenceCode"]},
        "fromDate": want["fromDate"],
        "toDate": want["toDate"],
        "leavePercent": want["leavePercent"],
        "text": want["text"],
    }
    if target_id is not None:
        changed = {change.field for change in changes}
        node = {name: value for name, value in node.items() if name in changed}
    return Write(
        record=Record(ENTITY, key, label(key), outcome, source_id(absence), cut, changes),
        send={ENTITY: node},
        target_id=target_id,
        facts={
            "parent": absence.parent,
            "start": absence.start.isoformat(),
            "end": absence.end.isoformat(),
            "code": absence.code,
            "employee": absence.employee,
            "number": person.number,
            "db_id": person.db_id,
        },
    )


def withdrawal(link: Link, node: AbsenceNode | None, number: str) -> Write:
    """Taking back an absence that is gone from the source."""
    facts = link.facts
    key = record_key(number, facts["start"], facts["code"])
    have = held_values(node, number) if node else {}
    why = reason("WITHDRAWN_AT_SOURCE", label=label(key))
    changes = tuple(Change(name, have[name], None) for name in FIELDS if have.get(name) is not None)
    source = f"{facts['employee']}:{facts['parent']}:{facts['start']}"
    record = Record(ENTITY, key, label(key), Outcome.UPDATED, source, why, changes)
    return Write(record=record, send={}, target_id=link.target_id, facts=facts, removes=True)


def _overlaps(absence: Absence, node: AbsenceNode) -> bool:
    return node.absence_code == absence.code and absence.overlaps(
        node.from_date, node.to_date or node.from_date
    )


def starts_in(link: Link, start: date, end: date) -> bool:
    """Whether the link's absence begins on one of these days."""
    return start.isoformat() <= link.facts["start"] <= end.isoformat()
