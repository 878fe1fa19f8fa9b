"""Why a slip or statement is not in a dossier: both systems, the settings, then a person or a run (LB-10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from payrelay.domain.runs import Check
from payrelay.errors import Rejected
from payrelay.flows.diagnosis import as_far_as_answered, reached
from payrelay.flows.document_pull.compare import Compared, Comparer, Listed
from payrelay.flows.document_pull.due import Groups, read_groups
from payrelay.flows.document_pull.names import FIELDS, SOURCE, TARGET, document_label
from payrelay.flows.document_pull.reasons import NO_TYPE, reason
from payrelay.flows.document_pull.rules import (
    ENTITY,
    PREFIXES,
    Announced,
    Group,
    Kind,
    key_of,
    wrong_with,
)
from payrelay.flows.document_pull.walk import announced
from payrelay.flows.exact import today_of
from payrelay.flows.exact_ids import resource_id
from payrelay.systems.rows import BadRow

if TYPE_CHECKING:
    from payrelay.flows.document_pull.flow import DocumentPull

# Of so many pages at most: somebody waits for the answer, and payroll takes five calls a second.
MOST_PAGES = 40
MOST_NAMED = 5


def checks(flow: DocumentPull, key: str | None) -> list[Check]:
    """Both systems reached and the document types defined; then what the key names.

    It is a person's ID, a payroll run's or a year's, or the key of a record.
    """
    found = [reached(TARGET, flow.sides.synergy), reached(SOURCE, flow.sides.payroll)]
    if not all(check.passed for check in found):
        return found
    return [*found, *as_far_as_answered(lambda: _of(flow, key))]


def _of(flow: DocumentPull, key: str | None) -> Iterator[Check]:
    types = flow.document_types()
    for kind in Kind:
        number, name = types[kind.value], f"{FIELDS[kind]} is defined"
        remedy = reason("DOCUMENT_TYPE_MISSING", label="the documents", field=FIELDS[kind]).remedy
        if number is None:
            yield Check(name, False, NO_TYPE, remedy)
        else:
            yield Check(name, True, f"document type {number}")
    if not key:
        return
    groups = read_groups(flow.sides)
    group = next((groups.all[one] for one in (key, f"run:{key}") if one in groups.all), None)
    if group is not None:
        yield from _of_group(flow, group, groups.labels[group.key])
    elif resource_id(key) is not None:
        yield from _of_person(flow, groups, resource_id(key) or 0)
    else:
        yield from _of_document(flow, groups, key)


def _of_group(flow: DocumentPull, group: Group, label: str) -> Iterator[Check]:
    """One payroll run, or one year: whether its documents are out, and how many are stored."""
    word = "approved" if group.kind is Kind.SLIP else "closed"
    remedy = None if group.is_out else f"Its documents are pulled once it is {word} in {SOURCE}."
    yield Check(f"{label} is {word}", group.is_out, group.stamp.partition(" ")[0], remedy)
    if not group.is_out:
        return
    rows, whole = _rows(flow, group, [MOST_PAGES])
    links = flow.ledger.links.get(*flow.connection_key, ENTITY, [key_of(group.kind, row.id) for row in rows])
    stored = sum(key_of(group.kind, row.id) in links for row in rows)
    seen = f"{stored} of {len(rows)} are in their dossiers" + ("" if whole else f", of the first {len(rows)}")
    missing = None if stored == len(rows) else "Start a run of document_pull: it says of each one why."
    yield Check(f"{label} has documents in the language {flow.language}", bool(rows), f"{len(rows)}")
    yield Check(f"the documents of {label} are in {TARGET}", stored == len(rows), seen, missing)


def _of_person(flow: DocumentPull, groups: Groups, number: int) -> Iterator[Check]:
    """One person: a dossier, and each slip and statement of the newest runs and years."""
    there = number in flow.sides.synergy.documents.persons([number])
    remedy = None if there else reason("UNKNOWN_EMPLOYEE", number=number, label="their documents").remedy
    yield Check("has a card in Exact Synergy", there, f"ID {number}" if there else "nobody", remedy)
    bad: list[BadRow] = []
    filed = flow.sides.synergy.documents.filed_for(number, *PREFIXES).take(bad)
    newest = ", ".join(f"{row.subject} ({row.key})" for row in filed[-MOST_NAMED:])
    yield Check("documents in the dossier", True, f"{len(filed)}" + (f", such as {newest}" if newest else ""))
    room = [MOST_PAGES]
    out = [group for group in groups.all.values() if group.is_out]
    for group in sorted(out, key=lambda one: (one.period, one.id), reverse=True):
        rows, whole = _rows(flow, group, room)
        own = [row for row in rows if resource_id(row.employee) == number]
        if not whole:
            seen = f"not looked at any further: {groups.labels[group.key]} and what is older"
            yield Check("all documents were looked at", None, seen, "Ask for one payroll run by its number.")
            return
        yield from _of_rows(flow, group, groups.labels[group.key], own)


def _of_document(flow: DocumentPull, groups: Groups, key: str) -> Iterator[Check]:
    """One document, by the key of its record; it is looked for in the newest runs or years."""
    room = [MOST_PAGES]
    for group in sorted(groups.all.values(), key=lambda one: (one.period, one.id), reverse=True):
        if group.is_out and key.startswith(f"{group.kind}:"):
            rows, _ = _rows(flow, group, room)
            own = [row for row in rows if key_of(group.kind, row.id, row.version) == key]
            if own:
                yield from _of_rows(flow, group, groups.labels[group.key], own)
                return
    yield Check(f"{key} is listed in {SOURCE}", False, "not found", "Look for another number, run or year.")


def _rows(flow: DocumentPull, group: Group, room: list[int]) -> tuple[list[Announced], bool]:
    """The rows of a group as they are listed now, as far as there is room; and whether these are all."""
    rows: list[Announced] = []
    documents, cursor = flow.sides.payroll.documents, None
    while room[0] > 0:
        room[0] -= 1
        if group.kind is Kind.SLIP:
            page = documents.slips(group.id, flow.language, cursor)
        else:
            page = documents.statements(group.year, flow.language, cursor)
        rows += map(announced, page.rows.take([]))
        cursor = page.next
        if cursor is None:
            return rows, True
    return rows, False


def _of_rows(flow: DocumentPull, group: Group, label: str, rows: Iterable[Announced]) -> Iterator[Check]:
    """What the next run would do with these documents, and why; contents are held against their rows."""
    found, listed = Compared(), tuple(rows)
    comparer = Comparer(
        flow.ledger,
        flow.sides,
        flow.connection_key,
        flow.language,
        flow.document_types(),
        today_of(None, flow.zone),
    )
    comparer.compare(Listed(group, label, listed), found, look=True)
    said = {record.key: record for record in found.records}
    writes = {write.record.key: write for write in found.writes}
    for row in listed:
        key = key_of(group.kind, row.id, row.version)
        name = f"{document_label(group, row.employee, None)} ({key}) is in the dossier"
        if key in said and said[key].reason:
            why = said[key].reason
            yield Check(name, False, why.message if why else "", why.remedy if why else None)
        elif key in writes:
            yield _unstored(flow, name, row)
        else:
            yield Check(name, True, "stored")


def _unstored(flow: DocumentPull, name: str, row: Announced) -> Check:
    """A document that the next run would store, if its content is the one that was announced."""
    try:
        content = flow.sides.payroll.documents.content(row.id, row.language)
    except Rejected as error:
        return Check(name, False, error.message, "Look at the document in Exact Payroll Plus.")
    wrong = wrong_with(content, row.sha256)
    if not wrong:
        return Check(name, False, "not yet: the next run stores it", "Start a run of document_pull.")
    values = {"label": name.partition(" (")[0], "id": row.id, "size": len(content), "seen": "another"}
    why = reason(wrong, **values, announced=row.sha256[:8])
    return Check(name, False, why.message, why.remedy)
