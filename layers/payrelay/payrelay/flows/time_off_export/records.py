"""How a run names an absence, and what it says of leave that is not written (TO-1, RUN-2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from payrelay.domain.records import Outcome, Reason, Record
from payrelay.flows.time_off_export.earlier import Difference
from payrelay.flows.time_off_export.reasons import reason
from payrelay.flows.time_off_export.rules import Absence, Held, Written
from payrelay.flows.time_off_export.shares import shown
from payrelay.systems.rows import BadRow

ENTITY = "absence"
SOURCE, TARGET = "Simployer One", "Xledger"


def key_of(absence: Absence | Written, number: str) -> str:
    """`145-2026-02-09-ABC`."""
    return f"{number}-{absence.start}-{absence.code}"


def label_of(key: str) -> str:
    """How messages name an absence."""
    return f"Absence {key}"


def blocked(key: str, source_id: str, why: Reason) -> Record:
    """The record of an absence that is not written."""
    return Record(ENTITY, key, label_of(key), Outcome.BLOCKED, source_id, why)


def leave_blocked(number: str, employee: str, parent: str, why: Reason) -> Record:
    """The record of a whole leave, of whoever has the number; its source id names all of its days."""
    return blocked(f"{number}-{parent}", f"{employee}:{parent}:", why)


def unknown_employee(absence: Absence, number: str, who: str) -> Record:
    """The record of an absence whose employee is not in Xledger."""
    key = key_of(absence, number or absence.employee)
    why = reason("EMPLOYEE_UNKNOWN", label=label_of(key), who=who)
    return blocked(key, absence.source_id, why)


def ownerless(employee: str, parent: str, label: str) -> Record:
    """The record of a leave whose employee is not in Simployer One any more."""
    why = reason("EMPLOYEE_NOT_SHOWN", label=label, value=employee)
    return leave_blocked(employee, employee, parent, why)


def earlier(one: Difference, record: str, number: str, who: str) -> Record:
    """The record of days in months that were exported before, on which both sides differ."""
    if one.there and one.there.ours:
        key, source_id = key_of(one.there.ours, number), one.there.ours.source_id
    elif one.wanted:
        key, source_id = key_of(one.wanted, number), one.wanted.source_id
    else:
        key, source_id = number, f"{record}::"
    months = one.months
    values: Mapping[str, Any] = {
        "who": who,
        "months": span(f"{months.start:%B %Y}", f"{months.end:%B %Y}"),
        "start": months.start,
        "end": months.end,
        "wanted": _stretch(one.wanted.start, one.wanted.end, one.wanted.extent) if one.wanted else "no leave",
        "have": _stretch(one.there.start, one.there.end, one.there.extent) if one.there else "none",
    }
    return blocked(key, source_id, reason("EARLIER_MONTH_DIFFERS", label=label_of(key), **values))


def span(first: object, last: object) -> str:
    """From when to when, or the one day or month that it is."""
    return f"{first}" if first == last else f"{first} to {last}"


def _stretch(start: date, end: date, extent: Decimal | None) -> str:
    days = span(start, end)
    return days if extent is None else f"{days} at {shown(extent)} %"


def gone_earlier(held: Held, ours: Written, who: str) -> Record:
    """The record of an absence in an earlier month, whose leave is gone from Simployer One."""
    return earlier(Difference(None, held), ours.employee, ours.number, who)


def unreadable_day(row: BadRow) -> Record:
    """The record of a day of leave that can't be used."""
    label = f"Leave transaction {row.id}"
    return Record(ENTITY, row.id, label, Outcome.BLOCKED, f"{row.number}::", row.why(label, SOURCE))


def unreadable_there(row: BadRow) -> Reason:
    """Why nothing can be told of a person's absences: one of them in Xledger can't be used."""
    return row.why(f"Absence {row.id} in Xledger", TARGET)


def named_by(ids: tuple[str, ...], known: list[str]) -> frozenset[str]:
    """Those of the `known` source ids that `ids` name.

    An id that is not there any more, since its leave was moved, or that never had a first day, since its
    leave could not be exported, names all of its leave; one without a leave names all of its employee.
    """
    named = set(ids) & set(known)
    for source_id in set(ids) - named:
        employee, _, rest = source_id.partition(":")
        parent = rest.partition(":")[0]
        start = f"{employee}:{parent}:" if parent else f"{employee}:"
        named |= {one for one in known if one.startswith(start)}
    return frozenset(named)
