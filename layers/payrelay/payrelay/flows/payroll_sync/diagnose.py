"""Why a person is not in Exact Payroll Plus: both systems, then each condition by itself (LB-10, PE-1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from payrelay.domain.records import Record, Write
from payrelay.domain.runs import Check, Link
from payrelay.flows.diagnosis import reached
from payrelay.flows.exact import ExactSystems
from payrelay.flows.payroll_sync import rules
from payrelay.flows.payroll_sync.changes import DRIFTED, has_details
from payrelay.flows.payroll_sync.compare import Comparer, Equal
from payrelay.flows.payroll_sync.facts import Facts
from payrelay.flows.payroll_sync.read import Payroll, account_of, in_payroll, people
from payrelay.flows.payroll_sync.records import SOURCE, TARGET, label_of
from payrelay.flows.payroll_sync.wanted import Said
from payrelay.systems.synergy.cards import Card

_CARD = "on the person card in Exact Synergy (HRM, Person)"


def checks(sides: ExactSystems, comparer: Comparer, key: str | None, link: Link | None) -> list[Check]:
    """Both systems reached; then the person with this ID, if one is asked for."""
    found = [reached(SOURCE, sides.synergy), reached(TARGET, sides.payroll)]
    if not key or not all(check.passed for check in found):
        return found
    return [*found, *_of_person(sides, comparer, key, link)]


def _of_person(sides: ExactSystems, comparer: Comparer, key: str, link: Link | None) -> Iterator[Check]:
    number = int(key) if key.isdigit() else 0
    there = people(sides, [number] if number else [])
    card = there.cards.get(number)
    seen = f"person {key}" if card else "nobody"
    remedy = None if card else f"Create the person {key} in Exact Synergy, or look for another ID."
    yield Check(f"exists in {SOURCE}", card is not None, seen, remedy)
    if card is None:
        return
    role = rules.ROLE in sides.synergy.roles_of(number)
    yield from _conditions(card, has_role=role)
    now = in_payroll(sides, number, Facts.of(link).state if link else "")
    yield _in_payroll(key, now)
    yield _last_sent(link)
    yield from _open_requests(sides, number)
    comparer = replace(comparer, members=frozenset([number] if role else []))
    bank = account_of(there.accounts.get(number, []))
    one = comparer.wanted(card, there.contracts.get(number, []), bank, link)
    result: Any = one.record if isinstance(one, Said) else comparer.compare(one, now, link)
    yield _verdict(result)


def _conditions(card: Card, *, has_role: bool) -> Iterator[Check]:
    """The four conditions of PE-1, each by itself."""
    remedy = (
        None if has_role else "Give the role Payroll Plus employee in Exact Synergy (System, Role, Member)."
    )
    yield Check(
        "has the role Payroll Plus employee", has_role, "member" if has_role else "not a member", remedy
    )
    country = card.country if isinstance(card.country, str) else ""
    types, statuses = {**rules.TYPES, **rules.OTHER_TYPES}, {**rules.STATUSES, **rules.OTHER_STATUSES}
    for name, value, words, right, wanted in (
        ("Type", card.employee_type, types, rules.TYPES, "Employee, Contractor, Student or Temporary"),
        ("Status", card.employee_status, statuses, rules.STATUSES, "Active or Hired"),
        ("Country", country, {}, {rules.COUNTRY: rules.COUNTRY}, rules.COUNTRY),
    ):
        passed = value in right
        shown = words.get(value, value or rules.NOT_GIVEN)
        remedy = None if passed else f"{name} must be {wanted}: correct it {_CARD}, if it is wrong."
        yield Check(f"{name} is {wanted}", passed, shown, remedy)


def _in_payroll(key: str, now: Payroll) -> Check:
    if now.state == "concept":
        remedy = "Make them an employee in Exact Payroll Plus (Employer, HRM, Sollicitanten)."
        return Check(f"is an employee in {TARGET}", False, f"concept employee {key}", remedy)
    if now.state:
        return Check(
            f"is an employee in {TARGET}", True, f"employee {key}, {len(now.employments)} employments"
        )
    return Check(
        f"is an employee in {TARGET}", False, "nobody", "Start a run of payroll_sync, which sends them."
    )


def _last_sent(link: Link | None) -> Check:
    if link is None:
        return Check("was sent before", False, "never", "Start a run of payroll_sync.")
    known = Facts.of(link)
    ends = f", inactive date {known.inactive}" if known.inactive else ""
    waits = f"; waits: {known.waits}" if known.waits else ""
    return Check("was sent before", True, f"as {known.state}{ends}{waits}")


def _open_requests(sides: ExactSystems, number: int) -> Iterator[Check]:
    """Each request of theirs that is realised or re-opened, and still waits; why, its own diagnosis tells."""
    for request in sides.synergy.requests.waiting_of(number).take([]):
        name = f"request {request.hid} ({request.type}) is processed"
        remedy = f"Ask for the diagnosis of request {request.hid}, which says what it waits for."
        yield Check(name, False, f"{request.status}, from {request.start} on", remedy)


def _verdict(result: Any) -> Check:
    """What the next run would do."""
    if isinstance(result, Equal):
        result = result.said or result
    if isinstance(result, Record) and result.reason:
        return Check(f"{label_of(result.key)} is in step", False, result.reason.message, result.reason.remedy)
    if isinstance(result, Write) and result.record.reason and result.record.reason.code == DRIFTED:
        when = "next reconciliation overwrites it"
        if has_details(result.record.changes):
            when = (
                f"next run overwrites it if {TARGET} lists it as changed, and else the next full comparison"
            )
        remedy = f"The {when}; to have it now, start a run with the option full."
        return Check("is in step", False, result.record.reason.message, remedy)
    if isinstance(result, Write):
        fields = ", ".join(change.field for change in result.record.changes)
        return Check("is in step", False, f"would be written: {fields}", "Start a run of payroll_sync.")
    return Check("is in step", True, "nothing differs")
