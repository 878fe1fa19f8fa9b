"""What a run says of an employee who is not written, or not any more (EX-4, EX-6, EX-9, RUN-2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from msgspec.structs import replace

from payrelay.domain.evidence import NATIONAL, Weighed, Who
from payrelay.domain.records import Change, Outcome, Reason, Record, Write
from payrelay.domain.runs import Link
from payrelay.domain.spelling import NUMBER, shown
from payrelay.domain.spelling import spelled_otherwise as words_for
from payrelay.flows.employee_export import rules
from payrelay.flows.employee_export.doubles import first_hired
from payrelay.flows.employee_export.mapping import Target
from payrelay.flows.employee_export.reasons import reason
from payrelay.flows.employee_export.rules import NUMBER as ASKED_BY_NUMBER
from payrelay.flows.employee_export.rules import Refusal
from payrelay.flows.employee_export.who import in_target, of_two
from payrelay.systems.rows import BadRow
from payrelay.systems.simployer.models import Employee

ENTITY = "employee"
SOURCE, TARGET = "Simployer One", "Xledger"
# What people call the days that Simployer's wire calls otherwise.
_SCREEN_WORDS = {"birthDate": "birth date", "hireDate": "hire date", "endDate": "end date"}
_NOTHING_TO_DO = "Nothing to do. "


def label_of(employee: Employee) -> str:
    """How records are labelled: `Employee 1042`; no personal data."""
    return f"Employee {employee.employee_number or employee.id}"


def named(employee: Employee) -> str:
    """How reasons name an employee: `Employee 1042 (Kari Berg)`."""
    return _with_name(label_of(employee), name_of(employee))


def name_of(employee: Employee) -> str | None:
    """The whole name."""
    return rules.full_name(employee.first_name, employee.last_name)


def _with_name(label: str, name: str | None) -> str:
    return f"{label} ({name})" if name else label


def there(target: Target) -> str:
    """How reasons name whom Xledger has: `employee 1042 (Ola Hansen)`."""
    person = in_target(target)
    return _with_name(f"employee {person.number}", person.name)


def record_of(
    employee: Employee, outcome: Outcome, why: Reason | None, changes: tuple[Change, ...] = ()
) -> Record:
    """The record of an employee, under their number."""
    key = employee.employee_number or employee.id
    return Record(ENTITY, key, label_of(employee), outcome, employee.id, why, changes)


def apart(record: Record) -> Record:
    """A record under the source's id: its number is that of another record."""
    return replace(record, key=record.source_id)


def all_apart(writes: Sequence[Write[Any]], records: Iterable[Record]) -> list[Record]:
    """The records, of which none has the id of a write or of another (one id is one thing to replay)."""
    taken = {write.record.record_id for write in writes}
    found = []
    for one in records:
        record = apart(one) if one.record_id in taken else one
        taken.add(record.record_id)
        found.append(record)
    return found


def unreadable_row(row: BadRow) -> Record:
    """The record of an employee of Simployer One who can't be used."""
    label = f"Employee {row.number or row.id}"
    words = _SCREEN_WORDS.get(row.field, row.field)
    why = replace(row, field=words).why(label, SOURCE)
    return Record(ENTITY, row.number or row.id, label, Outcome.BLOCKED, row.id, why)


def not_found(asked: str) -> Record:
    """The record of somebody who was asked for, by `number:1042` or by a record's id, and is not there."""
    key = asked.removeprefix(ASKED_BY_NUMBER)
    label = f"Employee {key}" if asked.startswith(ASKED_BY_NUMBER) else f"Employee record {key}"
    return Record(ENTITY, key, label, Outcome.BLOCKED, asked, reason("EMPLOYEE_NOT_FOUND", label=label))


def double(employee: Employee, winner: Employee, today: date) -> Record:
    """The record of an employee who gives way; its key is the source's id, since the number is taken.

    Of two people, the one who gives way would never be paid: that is blocked.
    """
    names = {"label": _on_record(employee), "winner": _on_record(winner)}
    first = first_hired([winner, employee]) is winner
    because = "was hired first" if first else "is in Xledger already"
    why = reason("DUPLICATE_NUMBER", **names, number=employee.employee_number, because=because)
    two = of_two(employee, winner, today).who is Who.OTHER
    return apart(record_of(employee, Outcome.BLOCKED if two else Outcome.SKIPPED, why))


def same_day(employee: Employee, other: Employee) -> Record:
    """The record of one of two employees with one number, of whom neither was hired first."""
    why = reason(
        "SAME_NUMBER_AND_HIRE_DATE",
        label=_on_record(employee),
        other=_on_record(other),
        number=employee.employee_number,
        day=employee.hire_date or "(none)",
    )
    return apart(record_of(employee, Outcome.BLOCKED, why))


def _on_record(employee: Employee) -> str:
    """An employee whose number does not tell who it is: `Kari Berg (record 65d3…)`."""
    name = name_of(employee)
    return f"{name} (record {employee.id})" if name else f"record {employee.id}"


def rival_unreadable(employee: Employee, rival: BadRow) -> Record:
    """The record of an employee whose number another record has that nobody can read: who was hired first?"""
    why = rival.why(f"{named(employee)}, record {rival.id}", SOURCE)
    return apart(record_of(employee, Outcome.BLOCKED, why))


def number_changed(employee: Employee, link: Link, target: Target, before: Target) -> Reason:
    """Why somebody is not written whose number is not that of Xledger any more, which somebody may have.

    `before` is whom Xledger has of them; the code there may have been changed since, too.
    """
    values = {"label": named(employee), "old": link.key, "new": employee.employee_number}
    values["held"] = before.employee.code if before.employee else link.key
    values["there"] = there(before) if before.employee else f"employee {link.key}"
    if target.employee is None:
        return reason("NUMBER_CHANGED", **values)
    return reason("NUMBER_CHANGED_TO_ONE_IN_USE", **values, holder=there(target))


def another(employee: Employee, target: Target, weighed: Weighed, *, known: bool) -> Reason:
    """Why somebody is not written who is another person in Xledger: `known`, their record was that one's."""
    *first, last = weighed.contradicts
    return reason(
        "RECORD_OF_ANOTHER" if known else "NUMBER_OF_ANOTHER",
        number=employee.employee_number,
        there=target.employee.code if target.employee else "",
        ours=name_of(employee) or f"record {employee.id}",
        theirs=in_target(target).name or "(without a name)",
        evidence=f"{', '.join(first)} and {last}" if first else last,
    )


def spelled_otherwise(employee: Employee, target: Target) -> Reason:
    """Why somebody is not written whose number Xledger may have in another spelling."""
    number = employee.employee_number or ""
    code = target.employee.code if target.employee else ""
    return reason(
        "NUMBER_SPELLED_OTHERWISE",
        label=named(employee),
        number=shown(number),
        holder=there(target),
        there=shown(code),
        signs=words_for(number, code, NUMBER),
    )


def twice(employee: Employee, other: Employee, target: Target, evidence: str, *, exported: bool) -> Record:
    """The record of somebody who is there, or would be, under another number already.

    Where the other record is `exported`, too, one of the two is too many; else this one takes its place.
    """
    label, own = named(employee), employee.employee_number
    there_already = target.employee is not None
    code = target.employee.code if target.employee else other.employee_number
    if exported:
        which = f"the record of {label}" if there_already else "one of the two records"
        one_person = f"delete {which} in {SOURCE}, or set it inactive"
    else:
        one_person = (
            f"give {label} the number {code} in {SOURCE}, or change the code of employee {code} in {TARGET} "
            f"to {own}"
        )
    why = reason(
        "PERSON_TWICE",
        label=label,
        other=named(other)[0].lower() + named(other)[1:],
        evidence=evidence,
        one_person=one_person,
        or_fill_in="" if evidence == NATIONAL else f", or fill in both {NATIONAL}s there, which then decide",
    )
    return record_of(employee, Outcome.BLOCKED, why)


def still_employed(employee: Employee, refusal: Refusal, target: Target) -> Record:
    """The record of somebody who is not exported (any more), and whom Xledger goes on to pay."""
    node = target.employee
    end = node.employment_to if node else None
    said = refusal[1]
    why = reason(
        "STILL_EMPLOYED",
        why=said.message,
        label=named(employee),
        open=f"Employment to is {end}" if end else "Employment to is empty",
        there=node.code if node else employee.employee_number,
        remedy=said.remedy.removeprefix(_NOTHING_TO_DO),
    )
    return record_of(employee, Outcome.BLOCKED, why)


def gone(link: Link, target: Target, *, taken: bool) -> Record | None:
    """The record of somebody who is gone from the source; None once they are not employed in Xledger either.

    Whoever can't be read there may still be employed. Where the number is `taken` by a record of another
    person, its key is the source's id.
    """
    label, node = f"Employee {link.key}", target.employee
    if target.unreadable and node is None:
        why = target.unreadable.why(label, TARGET)
    elif node is None or node.employment_to or node.date_to:
        return None
    else:
        name = _with_name(label, in_target(target).name)
        why = reason("GONE_FROM_SOURCE", label=name, there=node.code)
    record = Record(ENTITY, link.key, label, Outcome.BLOCKED, link.source_id, why)
    return apart(record) if taken else record
