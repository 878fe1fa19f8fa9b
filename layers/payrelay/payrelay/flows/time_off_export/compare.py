"""One employee's absences on both sides: which is which, what differs, and what is to be withdrawn (TO-1)."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.domain.records import Change, Outcome, Reason, Record, Write
from payrelay.domain.runs import Link
from payrelay.flows.time_off_export.rules import Absence, Period, touches_end, touches_start
from payrelay.systems.xledger.models import AbsenceNode

ENTITY = "absence"
FIELDS = ("employee", "absenceCode", "fromDate", "toDate", "leavePercent", "text")

Pair = tuple[Absence, AbsenceNode | None]
Fits = Callable[[Absence, Mapping[str, str]], bool]


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


class Person(Struct, frozen=True):
    """One employee record: its id, number and dbId in Xledger, Xledger's absences, and our links to them."""

    record: str
    number: str
    db_id: str
    held: Sequence[AbsenceNode]
    links: Mapping[str, Link]

    @property
    def ours(self) -> list[AbsenceNode]:
        """Those that Payrelay wrote, also for another record with the same number."""
        return [node for node in self.held if node.db_id in self.links]

    @property
    def own(self) -> list[AbsenceNode]:
        """Those that Payrelay wrote for this record."""
        return [node for node in self.ours if self.facts(node)["employee"] == self.record]

    def facts(self, node: AbsenceNode) -> Mapping[str, str]:
        """What was written of one of ours."""
        return self.links[node.db_id].facts


class Matched(Struct):
    """What became of absences: source ids of unchanged ones, records, writes.

    `at_target` holds the target id by record id of what the target has; `linked` the ids of our absences
    that belong to what was looked at.
    """

    unchanged: list[str] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    writes: list[Write[Any]] = field(default_factory=list)
    at_target: dict[str, str] = field(default_factory=dict)
    linked: list[str] = field(default_factory=list)

    def add(self, other: Matched) -> None:
        """Take another employee's along."""
        self.unchanged += other.unchanged
        self.records += other.records
        self.writes += other.writes
        self.at_target |= other.at_target
        self.linked += other.linked


def match(
    person: Person,
    wanted: Sequence[Absence],
    period: Period,
    cuts: Mapping[str, Reason],
    due: Sequence[AbsenceNode],
    *,
    withdraws: bool,
) -> Matched:
    """Compare one employee's wanted absences with those in Xledger.

    `due` are the absences there that this run is about; one that nothing is wanted for is withdrawn if
    `withdraws`. An absence entered by hand is never touched: an equal one counts as done, one that overlaps
    blocks ours.
    """
    left = list(due)
    pairs = list(_pairs(person, wanted, left, period))
    found = Matched(linked=[node.db_id for node in person.own])
    written: list[Absence] = []
    # Those that are there come first: of two leaves on the same days, the one that was exported stays.
    for absence, node in sorted(pairs, key=lambda pair: pair[1] is None):
        key = record_key(person.number, absence.start.isoformat(), absence.code)
        other = next((one for one in written if _overlap(one, absence)), None)
        if other:
            key = f"{key}-{absence.parent}"
            shown = f"{other.start} to {other.end}"
            why = reason("OVERLAPS_OTHER_LEAVE", label=label(key), value=shown)
            found.records.append(_blocked(absence, key, why))
            continue
        written.append(absence)
        _compare(person, absence, node, period, cuts.get(source_id(absence)), found)
    if withdraws:
        keys = {write.record.key for write in found.writes}
        found.writes[:0] = [withdrawal(person.links[node.db_id], node, person.number, keys) for node in left]
    return found


def _pairs(
    person: Person, wanted: Sequence[Absence], left: list[AbsenceNode], period: Period
) -> Iterator[Pair]:
    """Each wanted absence with its counterpart, which is taken out of `left`.

    It is, in this order: of the same leave and first day; of the same leave, moved; of the same first day
    and code, so that another leave took its place; of the same leave, reaching into the period.
    """
    found: dict[Absence, AbsenceNode] = {}

    def take(nodes: Sequence[AbsenceNode], fits: Fits) -> None:
        for absence in wanted:
            taken = {node.db_id for node in found.values()}
            free = (node for node in nodes if node.db_id not in taken)
            node = next((n for n in free if absence not in found and fits(absence, person.facts(n))), None)
            if node:
                found[absence] = node

    take(left, lambda a, facts: (facts["parent"], facts["start"]) == (a.parent, a.start.isoformat()))
    take(left, lambda a, facts: facts["parent"] == a.parent)
    take(person.ours, lambda a, facts: (facts["start"], facts["code"]) == (a.start.isoformat(), a.code))
    take(person.own, lambda a, facts: facts["parent"] == a.parent and _reaches_in(a, facts, period))
    left[:] = [node for node in left if node not in found.values()]
    return ((absence, found.get(absence)) for absence in wanted)


def _reaches_in(absence: Absence, facts: Mapping[str, str], period: Period) -> bool:
    start, end = date.fromisoformat(facts["start"]), date.fromisoformat(facts["end"])
    return start < period.start and absence.overlaps(start, end)


def _overlap(one: Absence, other: Absence) -> bool:
    return one.code == other.code and one.overlaps(other.start, other.end)


def _compare(
    person: Person,
    absence: Absence,
    node: AbsenceNode | None,
    period: Period,
    cut: Reason | None,
    found: Matched,
) -> None:
    """Put one absence where it belongs: among the unchanged ones, the records or the writes."""
    whole = _whole(absence, person.facts(node), period) if node else absence
    if node and whole is None:
        key = record_key(person.number, absence.start.isoformat(), absence.code)
        why = reason("REACHES_BEYOND_PERIOD", label=label(key), value=_days(node))
        found.records.append(_blocked(absence, key, why))
        return
    whole = whole or absence
    key = record_key(person.number, whole.start.isoformat(), whole.code)
    want = wanted_values(whole, person.number)
    others = [n for n in person.held if n.db_id not in person.links and _meets(whole, n)]
    there = node or next((n for n in others if held_values(n, person.number) == want), None)
    have = held_values(there, person.number) if there else dict.fromkeys(FIELDS)
    changes = tuple(Change(n, have[n], want[n]) for n in FIELDS if have[n] != want[n])
    if there:
        found.at_target[f"{ENTITY}:{key}"] = there.db_id
        found.linked.append(there.db_id)
    if not changes:
        found.unchanged.append(source_id(whole))
    elif others:
        why = reason("OVERLAPS_OTHER_ABSENCE", label=label(key), value=_days(others[0]))
        found.records.append(_blocked(whole, key, why))
    else:
        said = cut if whole == absence else None
        found.writes.append(_write(whole, key, said, changes, want, node, person))


def _whole(absence: Absence, facts: Mapping[str, str], period: Period) -> Absence | None:
    """The absence with the days that an export of a longer period wrote beyond this one.

    These are none of this run's business. None when the days within the period are not of one piece with
    them any more.
    """
    start, end = date.fromisoformat(facts["start"]), date.fromisoformat(facts["end"])
    if start < period.start and not touches_start(absence, period):
        return None
    whole = replace(
        absence,
        start=min(start, absence.start) if start < period.start else absence.start,
        end=end if end > period.end and touches_end(absence, period) else absence.end,
    )
    return whole if whole == absence or facts["extent"] == percent(absence.extent) else None


def _write(
    absence: Absence,
    key: str,
    cut: Reason | None,
    changes: tuple[Change, ...],
    want: Mapping[str, str | None],
    node: AbsenceNode | None,
    person: Person,
) -> Write[Any]:
    send: dict[str, Any] = {
        **want,
        "employee": {"code": person.number},
        "absenceCode": {"code": want["absenceCode"]},
    }
    if node:
        changed = {change.field for change in changes}
        send = {name: value for name, value in send.items() if name in changed}
    outcome = Outcome.UPDATED if node else Outcome.CREATED
    return Write(
        record=Record(ENTITY, key, label(key), outcome, source_id(absence), cut, changes),
        payload={ENTITY: send},
        target_id=node.db_id if node else None,
        facts={
            "parent": absence.parent,
            "start": absence.start.isoformat(),
            "end": absence.end.isoformat(),
            "extent": percent(absence.extent) or "",
            "code": absence.code,
            "employee": absence.employee,
            "number": person.number,
            "db_id": person.db_id,
        },
    )


def withdrawal(link: Link, node: AbsenceNode, number: str, taken: Container[str] = ()) -> Write[Any]:
    """Taking back an absence that is gone from the source; `taken` are the keys of other records."""
    facts = link.facts
    key = record_key(number, facts["start"], facts["code"])
    if key in taken:
        key = f"{key}-{link.target_id}"
    have = held_values(node, number)
    why = reason("WITHDRAWN_AT_SOURCE", label=label(key))
    changes = tuple(Change(name, have[name], None) for name in FIELDS if have[name] is not None)
    source = f"{facts['employee']}:{facts['parent']}:{facts['start']}"
    record = Record(ENTITY, key, label(key), Outcome.UPDATED, source, why, changes)
    return Write(record=record, payload={}, target_id=link.target_id, facts=facts, removes=True)


def _blocked(absence: Absence, key: str, why: Reason) -> Record:
    return Record(ENTITY, key, label(key), Outcome.BLOCKED, source_id(absence), why)


def _days(node: AbsenceNode) -> str:
    return f"{node.from_date} to {node.to_date or node.from_date}"


def _meets(absence: Absence, node: AbsenceNode) -> bool:
    return node.absence_code == absence.code and absence.overlaps(
        node.from_date, node.to_date or node.from_date
    )


def starts_in(link: Link, start: date, end: date) -> bool:
    """Whether the link's absence begins on one of these days."""
    return start.isoformat() <= link.facts["start"] <= end.isoformat()
