"""Why a journal is not in Globe Next: systems, companies, then the entry or the payroll run (LB-10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from payrelay.domain.records import Record, Write
from payrelay.domain.runs import Check
from payrelay.domain.spelling import shown
from payrelay.flows.diagnosis import reached
from payrelay.flows.journal_sync.compare import Payload
from payrelay.flows.journal_sync.notes import Notebook
from payrelay.flows.journal_sync.planning import NOT_PROCESSED, Planner
from payrelay.flows.journal_sync.read import Sides, Unusable
from payrelay.flows.journal_sync.reasons import reason
from payrelay.flows.journal_sync.records import SOURCE, TARGET, label_of, source_id_of
from payrelay.flows.journal_sync.rules import Company, Problem, journal_problem, mismatch


def checks(sides: Sides, notebook: Notebook, key: str | None) -> list[Check]:
    """Both systems reached and each company sound; then the payroll run, or the entry, with this id."""
    found = [reached(SOURCE, sides.payroll)]
    if not sides.companies:
        remedy = "Put globe_companies, and the credentials of Exact Globe Next, into the connection."
        return [*found, Check(f"a company of {TARGET} is named", False, "none", remedy)]
    found.append(reached(TARGET, sides.globe))
    if not all(check.passed for check in found):
        return found
    found += [_company(sides, number) for number in sides.companies]
    return [*found, *_of(sides, notebook, key)] if key else found


def _company(sides: Sides, number: str) -> Check:
    """Whether a company can take a journal: its number, and its general journal."""
    name, company = f"company {number} of {TARGET} takes the journal", sides.company(number)
    label = f"Company {number}"
    if isinstance(company, Unusable):
        why = company.why(label)
        return Check(name, False, why.message, why.remedy)
    problem = mismatch(number, company) or journal_problem(company)
    if problem:
        why = reason(problem.code, **_values(sides, number, label, problem))
        return Check(name, False, why.message, why.remedy)
    return Check(name, True, _seen(company))


def _values(sides: Sides, number: str, label: str, problem: Problem) -> dict[str, str]:
    database = shown(sides.companies[number]["database_name"])
    return {"label": label, "company": number, "database": database, **problem.values}


def _seen(company: Company) -> str:
    closed = sum(one.closed for one in company.periods)
    return f"journal {company.journal}; {len(company.periods)} periods, {closed} of them closed"


def _of(sides: Sides, notebook: Notebook, key: str) -> Iterator[Check]:
    """The payroll run with this id and its entries, or the entry with it."""
    if key in sides.runs:
        run = sides.runs[key]
        is_processed = run.status != NOT_PROCESSED
        remedy = None if is_processed else f"Process the payroll run {key} in {SOURCE}."
        yield Check(f"payroll run {key} is processed", is_processed, run.status, remedy)
        if is_processed:
            ids = [one.id for one in sides.entries_of(key).entries]
            seen = ", ".join(ids) or "none"
            remedy = None if ids else f"See in {SOURCE} why the run gives no journal entry."
            yield Check(f"payroll run {key} gives journal entries", bool(ids), seen, remedy)
            for one in ids:
                yield from _entry(sides, notebook, key, one)
        return
    run_id = _run_of(sides, notebook, key)
    there = run_id is not None
    remedy = (
        None if there else f"Look for another id: {SOURCE} has no payroll run and no journal entry {key}."
    )
    yield Check(f"{key} is there", there, f"of payroll run {run_id}" if there else "no such", remedy)
    if run_id is not None:
        yield from _entry(sides, notebook, run_id, key)


def _run_of(sides: Sides, notebook: Notebook, entry_id: str) -> str | None:
    """The payroll run of an entry: as it was booked, or of all that are processed."""
    for run_id, booked in notebook.booked():
        if booked.entry_id == entry_id:
            return run_id
    for run in sides.runs.values():
        if run.status != NOT_PROCESSED and any(
            one.id == entry_id for one in sides.entries_of(run.run_id).entries
        ):
            return run.run_id
    return None


def _entry(sides: Sides, notebook: Notebook, run_id: str, entry_id: str) -> Iterator[Check]:
    """Whether an entry is booked, in which company and under which number; else what stands in its way."""
    name = f"{label_of(entry_id)} is in {TARGET}"
    said, writes = Planner(sides, notebook, (), keeps=False).planned([source_id_of(run_id, entry_id)])
    own = [one for _, one in notebook.booked() if one.entry_id == entry_id]
    number = ", ".join(f"{one.number} in company {one.company}" for one in own)
    yield from (_told(name, one, number) for one in _records(said, writes))
    if not said and not writes:
        yield Check(name, True, number or "found there under its mark")


def _records(said: Sequence[Record], writes: Sequence[Write[Payload]]) -> Iterator[Record]:
    yield from said
    yield from (write.record for write in writes)


def _told(name: str, record: Record, number: str) -> Check:
    if record.reason:
        seen = f"{number}: {record.reason.message}" if number else record.reason.message
        return Check(name, False, seen, record.reason.remedy)
    return Check(name, None, "not yet: the next run books it", None)
