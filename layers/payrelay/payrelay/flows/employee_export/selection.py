"""Who is for export, what both sides have of each, and who gives way to another record (EX-6, EX-8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.evidence import Who
from payrelay.domain.records import Record
from payrelay.domain.runs import Link
from payrelay.flows.employee_export.doubles import first_hired, tied_with
from payrelay.flows.employee_export.mapping import NOWHERE, Target
from payrelay.flows.employee_export.numbers import joined, tidy
from payrelay.flows.employee_export.records import double, named, rival_unreadable, same_day
from payrelay.flows.employee_export.rules import Employed, Refusal, SelectionRule, employed, selection
from payrelay.flows.employee_export.who import is_there, of_two
from payrelay.systems.rows import BadRow
from payrelay.systems.simployer.models import Employee, Employment, EmploymentType


class Judged(Struct, frozen=True):
    """An employee as of one day, and why they are not exported (None: they are)."""

    employee: Employee
    refusal: Refusal | None


def _counts(employee: Employee, state: Employed) -> Employment | None:
    """The employment that counts today, where it is another than the one that the employee names."""
    if state.current is employee.employment:
        return None
    return next((one for one in employee.employments if one is state.current), None)


def is_named(employee: Employee, today: date) -> bool:
    """Whether the employment that counts today is the one that the employee names."""
    has_others = any(one is not employee.employment for one in employee.employments)
    return not has_others or _counts(employee, employed(employee, today)) is None


def _kind(employee: Employee, counts: Employment) -> EmploymentType | None:
    """The type of an employment, where the row tells it."""
    own = employee.employment_type
    return counts.kind or (own if own and own.id == counts.type_id else None)


def types_wanted(employees: Iterable[Employee], today: date) -> list[str]:
    """The types of employments that count today, where the rows do not tell them."""
    found = []
    for employee in employees:
        counts = _counts(employee, employed(employee, today)) if len(employee.employments) > 1 else None
        if counts and counts.type_id and _kind(employee, counts) is None:
            found.append(counts.type_id)
    return found


def judge(
    employees: Iterable[Employee],
    rule: SelectionRule,
    today: date,
    types: Mapping[str, EmploymentType],
) -> list[Judged]:
    """Who is for export today, and why the others are not; the employment that counts is the named one."""
    found = []
    for employee in employees:
        state = employed(employee, today)
        counts = _counts(employee, state)
        if counts:
            kind = _kind(employee, counts) or types.get(counts.type_id or "")
            employee = replace(employee, employment=counts, employment_type=kind)  # noqa: PLW2901
            state = Employed(counts, state.count, kind.name if kind else None, state.ended)
        refused = selection(employee, state, rule, "") is not None
        refusal = selection(employee, state, rule, named(employee)) if refused else None
        found.append(Judged(employee, refusal))
    return found


def select(
    employees: Iterable[Employee], rule: SelectionRule, today: date, types: Mapping[str, EmploymentType]
) -> list[Employee]:
    """Those of some employees who are for export."""
    return [one.employee for one in judge(employees, rule, today, types) if one.refusal is None]


class Case(Struct, frozen=True):
    """One employee, and what both sides and the ledger have of them.

    `target` is what their link leads to, else what Xledger has under their number; `own` says that it is
    what the link leads to. `before` is what the link leads to where the number changed since.
    """

    employee: Employee
    refusal: Refusal | None
    link: Link | None
    target: Target = NOWHERE
    own: bool = False
    before: Target = NOWHERE

    @property
    def numbers(self) -> tuple[str, ...]:
        """The number, and the code in Xledger where it is another."""
        number, node = self.employee.employee_number or "", self.target.employee
        code = (tidy(node.code) if node else None) or number
        return (number,) if code == number else (number, code)


def case_of(
    judged: Judged, link: Link | None, by_number: Mapping[str, Target], by_id: Mapping[str, Target]
) -> Case:
    """The employee with what belongs to them. Who is not exported goes by the number that Xledger knows."""
    employee, refusal = judged.employee, judged.refusal
    number = employee.employee_number or ""
    under = by_number.get(number, NOWHERE)
    if link is None:
        return Case(employee, refusal, None, under)
    same = joined(link.key, number)
    own = own_target(link, number, by_number) or by_id.get(link.target_id, NOWHERE)
    if own.employee is None:
        if refusal is None and not same and not own.unreadable:
            # Xledger has them no more, so that the number may be a new one.
            return Case(employee, None, None, under)
        lost = under if same or refusal is None else by_number.get(link.key, NOWHERE)
        return Case(_under(employee, link) if refusal else employee, refusal, link, lost)
    if refusal is None and not same and own is not under:
        return Case(employee, None, link, under, before=own)
    return Case(_under(employee, link) if refusal else employee, refusal, link, own, own=True)


def own_target(link: Link, number: str, by_number: Mapping[str, Target]) -> Target | None:
    """What a link leads to, if it stands under the person's number or under the one of the link."""
    for key in (number, link.key):
        target = by_number.get(key, NOWHERE)
        if target.employee and target.employee.db_id == link.target_id:
            return target
    return None


def _under(employee: Employee, link: Link) -> Employee:
    number = employee.employee_number
    return employee if number and joined(number, link.key) else replace(employee, employee_number=link.key)


def concerns(case: Case, rule: SelectionRule, today: date) -> bool:
    """Whether somebody who is not exported is in Xledger by our doing, or is a leaver whom it still pays.

    A leaver who was never exported counts where all but the leaving would be for export, and it may well be
    them.
    """
    if case.link:
        return case.target.employee is not None or case.target.unreadable is not None
    if case.refusal is None or case.employee.active or not case.target.employed(today):
        return False
    in_scope = replace(rule, active_only=False)
    left = selection(case.employee, employed(case.employee, today), in_scope, "")
    return left is None and is_there(case.employee, case.target, today).who is not Who.OTHER


class Rivals(Struct, frozen=True):
    """Other records that have the numbers of planned writes, by number; and those that can't be used."""

    employees: Mapping[str, Sequence[Employee]]
    unreadable: Mapping[str, BadRow]


def giving_way(
    employees: Iterable[Employee], rivals: Rivals, today: date, own: Collection[str] = ()
) -> dict[str, Record]:
    """Whose write gives way to another record with the same number, by source id, and why (EX-6).

    A person hired again has a new record and the old number: only a record that is for export itself is a
    rival. One that can't be read may be one. Whom Xledger has by their `own` link keeps the number, whoever
    else was hired before.
    """
    found = {}
    for employee in employees:
        number = employee.employee_number or ""
        others = rivals.employees.get(number, ())
        held = employee.id in own
        before = [one for one in others if not held or of_two(employee, one, today).who is not Who.OTHER]
        winner = first_hired([employee, *before])
        tied = tied_with(employee, others)
        if number in rivals.unreadable:
            found[employee.id] = rival_unreadable(employee, rivals.unreadable[number])
        elif tied and tied.hire_date == winner.hire_date:
            found[employee.id] = same_day(employee, tied)
        elif winner is not employee:
            found[employee.id] = double(employee, winner, today)
    return found


def numbered(employees: Iterable[Employee]) -> dict[str, list[Employee]]:
    """The employees of each number."""
    found: dict[str, list[Employee]] = defaultdict(list)
    for one in employees:
        found[tidy(one.employee_number) or ""].append(one)
    return found


def one_of(case: Case, others: Mapping[str, Sequence[Employee]], today: date) -> bool:
    """Whether one of these records, with a number of the case, is about the same person, or may be."""
    return any(
        one.id != case.employee.id and of_two(case.employee, one, today).who is not Who.OTHER
        for number in case.numbers
        for one in others.get(tidy(number) or "", ())
    )
