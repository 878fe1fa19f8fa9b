"""Why a person's payroll report is not there: both systems, then the person (LB-10)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from payrelay.domain.runs import Check
from payrelay.flows.diagnosis import as_far_as_answered, reached
from payrelay.flows.exact import ExactSystems
from payrelay.flows.exact_ids import resource_id
from payrelay.flows.report_pull.rules import ROLE, person_in
from payrelay.flows.report_pull.whose import person_of
from payrelay.ledger.reports import Report

# A person's reports, newest period first, each with its versions.
ReportsOf = Callable[[str], Sequence[tuple[Report, ...]]]


def checks(systems: ExactSystems, reports_of: ReportsOf, key: str | None) -> list[Check]:
    """Both systems reached; then one person: in Synergy, with the role, and with reports.

    `key` is a person's id, or the key of a report's record; that of everybody's is about the systems alone.
    """
    found = [
        reached("Exact Synergy", systems.synergy),
        reached("Exact Payroll Plus", systems.payroll),
    ]
    person = person_of(person_in(key)) if key else ""
    if not person or not all(check.passed for check in found):
        return found
    return [*found, *as_far_as_answered(lambda: _of_person(systems, reports_of, person))]


def _of_person(systems: ExactSystems, reports_of: ReportsOf, person_id: str) -> Iterator[Check]:
    number = resource_id(person_id)
    there = number is not None and systems.synergy.person(number) is not None
    remedy = None if there else f"Create the person {person_id} in Exact Synergy, or look for another id."
    yield Check("exists in Exact Synergy", there, f"resource {person_id}" if there else "nobody", remedy)
    if number is None or not there:
        return
    member = ROLE in systems.synergy.roles_of(number)
    remedy = None if member else "Give the role Payroll Plus employee (System, Role, Member)."
    yield Check("has the Payroll Plus employee role", member, ROLE if member else "not a member", remedy)
    kept = reports_of(person_id)
    seen = "none"
    if kept:
        newest = kept[0][0]
        seen = f"{len(kept)} periods, the newest {newest.period} of {newest.pulled_at}"
    remedy = None if kept else "Start a run of report_pull once a payroll run is approved."
    yield Check("has reports", bool(kept), seen, remedy)
