"""What one employee's leave comes to, what Xledger has of it, and the writes that are made of both (TO-1)."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct, field

from payrelay.domain.records import Change, Outcome, Reason, Record, Write
from payrelay.flows.time_off_export.earlier import Exported, never
from payrelay.flows.time_off_export.reasons import reason
from payrelay.flows.time_off_export.records import ENTITY, blocked, key_of, label_of
from payrelay.flows.time_off_export.rules import AND, Absence, Held, LeaveDay, Written
from payrelay.flows.time_off_export.shares import shown
from payrelay.flows.time_off_export.worked import Worked

FIELDS = ("employee", "absenceCode", "fromDate", "toDate", "leavePercent", "text")


class Payload(Struct, frozen=True):
    """The fields of an absence that are sent, under Xledger's names; none of one that is withdrawn."""

    node: Mapping[str, Any]


class Person(Struct, frozen=True):
    """One employee record: its id, number and dbId in Xledger, the absences and the name that Xledger has.

    With a `refusal`, not all of these can be read: then none of the person's absences can be compared.
    """

    record: str
    number: str
    db_id: str
    held: Sequence[Held]
    refusal: Reason | None = None
    name: str = ""

    @property
    def who(self) -> str:
        """How messages name the person, who may have no leave that says their name."""
        return called(self.name, self.number)

    @property
    def own(self) -> list[Held]:
        """Those that an export wrote for this record."""
        return [one for one in self.held if one.ours and one.ours.employee == self.record]


class Wanted(Struct, frozen=True):
    """What one employee's leave comes to: the absences of the period, and what is to be known of their days.

    `days` are all that were read and can be told of; `stuck` and `unsure` the leaves of which some can't, in
    the period and before it; `collided` those that take one day together with another.
    """

    who: str
    absences: Sequence[Absence]
    worked: Worked
    days: Sequence[LeaveDay] = ()
    cuts: Mapping[str, Reason] = {}
    stuck: Collection[str] = ()
    unsure: Mapping[str, Record] = {}
    collided: Mapping[str, tuple[str, Reason]] = {}
    exported: Exported = never

    def is_stuck(self, parent: str) -> bool:
        """Whether one of these leaves can't be told of."""
        return any(one in self.stuck for one in parent.split(AND))

    def collides(self, parent: str) -> bool:
        """Whether one of these leaves takes a day that another takes, too."""
        return any(one in self.collided for one in parent.split(AND))

    def collision(self, absence: Absence, *, is_there: bool, there: Container[str]) -> Reason | None:
        """Why an absence is kept back for another on one of its days; the only one that is there stays."""
        for parent in absence.parents:
            other, why = self.collided.get(parent, ("", None))
            if why and not (is_there and all(one not in there for one in other.split(AND))):
                return why
        return None

    def still_has(self, parent: str) -> bool:
        """Whether one of these leaves has days in the period still."""
        return any(one in absence.parents for one in parent.split(AND) for absence in self.absences)


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


def write_of(
    absence: Absence, record: Record, want: Mapping[str, str | None], held: Held | None, person: Person
) -> Write[Payload]:
    """The write of an absence as it is wanted: all of it, or what its record says is changed of `held`."""
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


def withdrawal(
    held: Held, ours: Written, number: str, who: str, taken: Container[str] = ()
) -> Write[Payload]:
    """Taking back an absence that is gone from the source; `taken` are the keys of other records."""
    key = key_of(ours, number)
    if key in taken:
        key = f"{key}-{held.db_id}"
    have = values_of(held, number)
    why = reason("WITHDRAWN_AT_SOURCE", label=label_of(key), who=who)
    changes = tuple(Change(name, have[name], None) for name in FIELDS if have[name] is not None)
    record = Record(ENTITY, key, label_of(key), Outcome.UPDATED, ours.source_id, why, changes)
    return Write(record=record, payload=Payload({}), target_id=held.db_id, removes=True)


def beyond(held: Held, ours: Written, number: str, who: str) -> Record:
    """The record of an absence that has changed, and of which the period holds only a part."""
    key = key_of(ours, number)
    return blocked(key, ours.source_id, reaches_beyond(key, held, who))


def reaches_beyond(key: str, held: Held, who: str) -> Reason:
    """The words for what can only be put right with all days of an absence that Xledger has."""
    return reason("REACHES_BEYOND_PERIOD", label=label_of(key), who=who, start=held.start, end=held.end)


def percent(value: Decimal | None) -> str | None:
    """A percentage as changes show it."""
    return None if value is None else shown(value)


def values_of(one: Absence | Held, number: str) -> dict[str, str | None]:
    """An absence, as it is wanted or as Xledger has it, in the words of changes."""
    return {
        "employee": number,
        "absenceCode": one.code,
        "fromDate": one.start.isoformat(),
        "toDate": one.end.isoformat(),
        "leavePercent": percent(one.extent),
        "text": one.text or None,
    }


def called(name: str, number: str) -> str:
    """How messages name a person, as far as the name is known."""
    return f"{name} ({number or 'without a number'})" if name else f"employee {number}"


def days_in(held: Held) -> str:
    """The first and the last day, as messages show them."""
    return f"{held.start} to {held.end}"
