"""Which payroll runs and years have documents to look at, and what was seen of them before (DOC-1, DOC-4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from payrelay.domain.records import Outcome, Record
from payrelay.domain.runs import Link, Mode, Run
from payrelay.flows.document_pull.names import SOURCE, Place, group_label
from payrelay.flows.document_pull.reasons import reason
from payrelay.flows.document_pull.rules import (
    APPROVED,
    ENTITY,
    Group,
    Kind,
    is_again,
    is_due,
    run_group,
    year_group,
)
from payrelay.flows.exact import ExactSystems
from payrelay.flows.last_run import is_full_due, stamp_of
from payrelay.ledger import Ledger
from payrelay.ledger.parts import BATCH, PAGE
from payrelay.systems.rows import BadRow

# What is kept of a payroll run or a year is a link of this name.
MARK = "document_group"
_LEFT = (Outcome.BLOCKED, Outcome.FAILED, Outcome.SKIPPED)


class Groups(Struct):
    """All runs and years, by key; what people call them; and what can't be read of the lists."""

    all: dict[str, Group] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    bad: list[tuple[str, BadRow]] = field(default_factory=list)


class Mark(Struct, frozen=True):
    """What is kept of a group: the stamp that a complete run saw, and the one that a later run listed."""

    done: str = ""
    listed: str = ""
    by: str = ""

    @classmethod
    def of(cls, link: Link | None) -> Mark:
        """That of a link."""
        facts = link.facts if link else {}
        return cls(facts.get("done", ""), facts.get("listed", ""), facts.get("by", ""))


class Due(Struct):
    """The groups that a run looks at, and the years whose pay was calculated again after they were closed.

    `left` are those that were listed before and of which some had to be left.
    """

    groups: list[str]
    again: dict[str, str]
    withdrawn: list[str]
    done: dict[str, str]
    left: list[str]
    full: bool = False


def read_groups(sides: ExactSystems) -> Groups:
    """All payroll runs and all years; one call for 200 of each."""
    found, bad = Groups(), list[BadRow]()
    for run in sides.payroll.payroll_runs().take(bad):
        stamps = (_text(run.processed_at), _text(run.approved_at))
        group = run_group(run.run_id, run.period, run.status, *stamps)
        found.all[group.key] = group
        found.labels[group.key] = group_label(group, run.description)
    found.bad += [(Place(Kind.SLIP, row.id or row.number).source_id, row) for row in bad]
    bad = []
    for year in sides.payroll.documents.years().take(bad):
        group = year_group(year.year, year.status)
        found.all[group.key] = group
        found.labels[group.key] = group_label(group)
    found.bad += [(Place(Kind.STATEMENT, row.id or row.number).source_id, row) for row in bad]
    return found


def find_due(ledger: Ledger, run: Run, standing: Mapping[str, Any], groups: Groups) -> Due:
    """What is due of all groups, held against what the last complete run that listed each saw and left."""
    where = (run.tenant, run.connection_id)
    links = ledger.links.get(*where, MARK, groups.all)
    marks = {key: Mark.of(link) for key, link in links.items()}
    complete = [one for one in _runs(ledger, run, marks) if _is_complete(one)]
    known = {one.run_id for one in complete}
    done = {key: mark.listed if mark.by in known else mark.done for key, mark in marks.items()}
    left = {Place.parse(record.source_id).group_key for one in complete for record in _left(ledger, one)}
    full = bool(run.options.get("full")) or is_full_due(run, standing, stamp_of(ledger, run))
    again: dict[str, str] = {}
    for key, group in groups.all.items():
        year = groups.all.get(f"year:{group.year}")
        if group.kind is Kind.SLIP and is_again(
            group, done.get(key), year, done.get(year.key) if year else None
        ):
            again[key] = str(group.year)
    moved = set(again.values())
    due = [
        key
        for key, group in groups.all.items()
        if is_due(group, done.get(key), left=key in left, full=full, moved=key.removeprefix("year:") in moved)
    ]
    withdrawn = [
        key
        for key, group in groups.all.items()
        if group.kind is Kind.SLIP and not group.is_out and done.get(key, "").startswith(APPROVED)
    ]
    due.sort(key=lambda key: key.startswith("year:"))
    return Due(due, again, withdrawn, done, [key for key in due if key in left], full)


def mark(ledger: Ledger, run: Run, groups: Groups, due: Due) -> None:
    """Note what this run lists, so that the next one knows it once this one is complete; no preview does."""
    if run.mode is not Mode.SYNC:
        return
    where = (run.tenant, run.connection_id)
    links = []
    for key, group in groups.all.items():
        done = due.done.get(key, "")
        if key in due.groups:
            facts = {"done": done, "listed": group.stamp, "by": run.run_id}
        elif done != group.stamp:
            facts = {"done": group.stamp}
        else:
            facts = {"done": done}
        links.append(Link(MARK, key, key, key, {}, facts))
    known = ledger.links.get(*where, MARK, [link.source_id for link in links])
    ledger.links.put_many(*where, [link for link in links if known.get(link.source_id) != link])


def _runs(ledger: Ledger, run: Run, marks: Mapping[str, Mark]) -> Iterator[Run]:
    """The runs that listed a group last; mostly that is one."""
    for one in sorted({mark.by for mark in marks.values() if mark.by}):
        found = ledger.runs.get(run.tenant, one)
        if found:
            yield found


def _is_complete(run: Run) -> bool:
    return run.complete and run.status.well


def _left(ledger: Ledger, before: Run) -> Iterator[Record]:
    """What a run left blocked or failed, or skipped because it was not there yet."""
    for kind in (PAGE, BATCH):
        for _, records in ledger.parts.records(before, kind):
            yield from (one for one in records if one.outcome in _LEFT)


def notes_of(groups: Groups, withdrawn: Iterable[str] = ()) -> Iterable[Record]:
    """What is to be said of groups as a whole, beside their documents."""
    for source_id, row in groups.bad:
        label = "A payroll run" if source_id.startswith("run") else "A payroll year"
        label = f"{label} ({row.id or row.number})" if row.id or row.number else label
        yield group_record(source_id, label, Outcome.BLOCKED, row.why(label, SOURCE))
    for key in withdrawn:
        label = groups.labels[key]
        why = reason("RUN_WITHDRAWN", label=label)
        yield group_record(place_of(groups.all[key]), label, Outcome.SKIPPED, why)


def place_of(group: Group) -> str:
    """How a replay finds all documents of a group."""
    return Place(group.kind, group.id).source_id


def group_record(source_id: str, label: str, outcome: Outcome, why: Any) -> Record:
    """What is said of a run or year as a whole."""
    return Record(ENTITY, source_id, label, outcome, source_id, why)


def _text(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
