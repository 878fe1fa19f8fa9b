"""One employee's absences on both sides: what differs, and what is to be withdrawn (TO-1)."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct, field

from payrelay.domain.records import Change, Outcome, Reason, Record, Write
from payrelay.flows.time_off_export import rules
from payrelay.flows.time_off_export.reasons import reason
from payrelay.flows.time_off_export.records import ENTITY, blocked, key_of, label_of
from payrelay.flows.time_off_export.rules import Absence, Held, Scope, Written

FIELDS = ("employee", "absenceCode", "fromDate", "toDate", "leavePercent", "text")


class Payload(Struct, frozen=True):
    """The fields of an absence that are sent, under Xledger's names; none of one that is withdrawn."""

    node: Mapping[str, Any]


class Person(Struct, frozen=True):
    """One employee record: its id, number and dbId in Xledger, and the absences that Xledger has of it.

    With a `refusal`, not all of these can be read: then none of the person's absences can be compared.
    """

    record: str
    number: str
    db_id: str
    held: Sequence[Held]
    refusal: Reason | None = None

    @property
    def own(self) -> list[Held]:
        """Those that an export wrote for this record."""
        return [one for one in self.held if one.ours and one.ours.employee == self.record]


class Matched(Struct):
    """What became of absences: source ids of unchanged ones, records, writes.

    `at_target` holds the target id by record id of what the target has; `linked` the ids of our absences
    that belong to what was looked at.
    """

    unchanged: list[str] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    writes: list[Write[Payload]] = field(default_factory=list)
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
    scope: Scope,
    cuts: Mapping[str, Reason],
    stuck: Container[str],
    *,
    withdraws: bool,
) -> Matched:
    """Compare one employee's wanted absences with those in Xledger.

    One of ours that nothing is wanted for is withdrawn if `withdraws`, unless its leave is `stuck`. An
    absence entered by hand is never touched: an equal one counts as done, one that overlaps blocks ours.
    """
    own = [(one, one.ours) for one in person.own if one.ours]
    due = [one for one, ours in own if scope.is_about(ours) and ours.parent not in stuck]
    found = Matched(linked=[one.db_id for one, _ in own])
    pairs, left = rules.pairs(wanted, due, person.held, person.record, scope.period)
    if person.refusal:
        found.records += _refused(person, person.refusal, wanted, left)
        return found
    written: list[Absence] = []
    # Those that are there come first: of two leaves on the same days, the one that was exported stays.
    for absence, held in sorted(pairs, key=lambda pair: pair[1] is None):
        other = next((one for one in written if _overlap(one, absence)), None)
        if other:
            key = f"{key_of(absence, person.number)}-{absence.parent}"
            shown = f"{other.start} to {other.end}"
            why = reason("OVERLAPS_OTHER_LEAVE", label=label_of(key), value=shown)
            found.records.append(blocked(key, absence.source_id, why))
            continue
        written.append(absence)
        _compare(person, absence, held, scope, cuts.get(absence.source_id), found)
    if withdraws:
        keys = {write.record.key for write in found.writes}
        found.writes[:0] = [withdrawal(one, one.ours, person.number, keys) for one in left if one.ours]
    return found


def _refused(person: Person, why: Reason, wanted: Sequence[Absence], left: Sequence[Held]) -> list[Record]:
    """A record for each absence that would be compared or withdrawn, if Xledger's could be read."""
    found: dict[str, Record] = {}
    named: list[Absence | Written] = [*wanted, *(held.ours for held in left if held.ours)]
    for one in named:
        key = key_of(one, person.number)
        key = f"{key}-{one.parent}" if key in found else key
        found[key] = blocked(key, one.source_id, why)
    return list(found.values())


def _compare(
    person: Person, absence: Absence, held: Held | None, scope: Scope, cut: Reason | None, found: Matched
) -> None:
    """Put one absence where it belongs: among the unchanged ones, the records or the writes."""
    whole: Absence | None = absence
    if held and held.ours:
        whole = rules.whole(absence, held.ours, scope.period)
        if whole is None:
            key = key_of(absence, person.number)
            why = reason("REACHES_BEYOND_PERIOD", label=label_of(key), value=_days(held))
            found.records.append(blocked(key, absence.source_id, why))
            return
    whole = whole or absence
    key = key_of(whole, person.number)
    want = wanted_values(whole, person.number)
    others = [one for one in person.held if one.ours is None and _meets(whole, one)]
    there = held or next((one for one in others if held_values(one, person.number) == want), None)
    have = held_values(there, person.number) if there else dict.fromkeys(FIELDS)
    changes = tuple(Change(n, have[n], want[n]) for n in FIELDS if have[n] != want[n])
    if there:
        found.at_target[f"{ENTITY}:{key}"] = there.db_id
        found.linked.append(there.db_id)
    if not changes:
        found.unchanged.append(whole.source_id)
    elif others:
        why = reason("OVERLAPS_OTHER_ABSENCE", label=label_of(key), value=_days(others[0]))
        found.records.append(blocked(key, whole.source_id, why))
    else:
        said = cut if whole == absence else None
        record = Record(
            ENTITY,
            key,
            label_of(key),
            Outcome.UPDATED if held else Outcome.CREATED,
            whole.source_id,
            said,
            changes,
        )
        found.writes.append(_write(whole, record, want, held, person))


def _write(
    absence: Absence, record: Record, want: Mapping[str, str | None], held: Held | None, person: Person
) -> Write[Payload]:
    node: dict[str, Any] = {
        **want,
        "employee": {"code": person.number},
        "absenceCode": {"code": want["absenceCode"]},
    }
    if held:
        changed = {change.field for change in record.changes}
        node = {name: value for name, value in node.items() if name in changed}
    return Write(
        record=record,
        payload=Payload(node),
        target_id=held.db_id if held else None,
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


def withdrawal(held: Held, ours: Written, number: str, taken: Container[str] = ()) -> Write[Payload]:
    """Taking back an absence that is gone from the source; `taken` are the keys of other records."""
    key = key_of(ours, number)
    if key in taken:
        key = f"{key}-{held.db_id}"
    have = held_values(held, number)
    why = reason("WITHDRAWN_AT_SOURCE", label=label_of(key))
    changes = tuple(Change(name, have[name], None) for name in FIELDS if have[name] is not None)
    record = Record(ENTITY, key, label_of(key), Outcome.UPDATED, ours.source_id, why, changes)
    return Write(record=record, payload=Payload({}), target_id=held.db_id, removes=True)


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


def held_values(held: Held, number: str) -> dict[str, str | None]:
    """An absence of Xledger as changes show it."""
    return {
        "employee": number,
        "absenceCode": held.code,
        "fromDate": held.start.isoformat(),
        "toDate": held.end.isoformat(),
        "leavePercent": percent(held.extent),
        "text": held.text or None,
    }


def _overlap(one: Absence, other: Absence) -> bool:
    return one.code == other.code and one.overlaps(other.start, other.end)


def _meets(absence: Absence, held: Held) -> bool:
    return held.code == absence.code and absence.overlaps(held.start, held.end)


def _days(held: Held) -> str:
    return f"{held.start} to {held.end}"
