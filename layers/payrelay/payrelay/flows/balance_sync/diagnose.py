"""Why a balance is not right: the document's checks in their order, live (LB-7, LB-10)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from msgspec.structs import replace

from payrelay.domain.addresses import same_address
from payrelay.domain.records import Reason
from payrelay.domain.runs import Check, Link, Status
from payrelay.domain.spelling import shown
from payrelay.errors import RetryLater
from payrelay.flows.balance_sync import rules, whose
from payrelay.flows.balance_sync.causes import (
    LOG_IN,
    SAVED_AGAIN,
    SETTLED,
    causes_of,
    remedy_of_hidden,
    shown_cause,
    type_name,
)
from payrelay.flows.balance_sync.company import Company, Counterparts, everybody
from payrelay.flows.balance_sync.compare import Comparer, not_valid, type_not_valid
from payrelay.flows.balance_sync.joining import mismatch
from payrelay.flows.balance_sync.mirror import Kept
from payrelay.flows.balance_sync.people import (
    BALANCE,
    BALANCES,
    EMPLOYEE,
    EXPRESS_LEAVE,
    Account,
    Amount,
    Fault,
    Known,
    LeaveType,
    LeaveTypes,
    Person,
)
from payrelay.flows.balance_sync.read import Sides
from payrelay.flows.balance_sync.rows import known_of
from payrelay.flows.balance_sync.rules import hours_text
from payrelay.flows.diagnosis import later, reached
from payrelay.systems.express_leave.models import sees
from payrelay.systems.registry import label as system_label

# What the links of employees keep, by code.
Noted: TypeAlias = Iterable[tuple[str, Known]]
LinksOf: TypeAlias = Callable[[Iterable[str]], Mapping[str, Link]]
KeptOf: TypeAlias = Callable[[str], Kept | None]
DONE = (Status.SUCCEEDED.value, Status.PARTIAL.value)
EXISTS = "exists in Payroll, enabled for Attaché Online"


def checks(
    sides: Sides,
    known: Callable[[], Noted],
    links_of: LinksOf,
    comparer_of: Callable[[LeaveTypes, date], Comparer],
    kept_of: KeptOf,
    standing: Mapping[str, Any],
    key: str | None,
) -> list[Check]:
    """The connection first; then one employee, by code or e-mail, or everybody, by cause.

    `kept_of` tells what the next login would take from before, `standing` how the last sync ended. Nothing is
    written. Where a system has had enough for now, what was seen until then is told, and when to go on.
    """
    found = [reached("Attaché Payroll", sides.attache), reached("Express Leave", sides.express_leave)]
    if not all(check.passed for check in found):
        return found
    try:
        found.append(_connected(sides))
        if not found[-1].passed:
            return found
        comparer = comparer_of(sides.leave_types(), datetime.now(UTC).date())
        last = _last_sync(standing)
        if key is None:
            people, causes = causes_of(sides.everyone(known()), comparer)
            types = [_unreadable_type(fault) for fault in comparer.leave_types.faults]
            return [*found, _dates(people), last, *types, *causes]
        found.extend(_one(sides, known, links_of, comparer, kept_of, key, last))
    except RetryLater as error:
        label = system_label(error.system)
        found.append(later(f"{label} answers", label, error))
    return found


def _connected(sides: Sides) -> Check:
    """Whether Express Leave is connected to the organisation of this connection."""
    name = "Express Leave is connected to the organisation"
    company, own = sides.express_leave.company(), sides.attache.organisation_id
    remedy = "Express Leave, Company Admin, Company Details: choose Connect to Organisation."
    if not company.connected:
        return Check(name, False, "no organisation is connected", remedy, code="NOT_CONNECTED")
    if company.organisation_id != own:
        why = mismatch(company, None, own)
        return Check(name, False, why.message, why.remedy, code=why.code)
    return Check(name, True, f"connected to {company.organisation_name} ({company.organisation_id})")


def _last_sync(last: Mapping[str, Any]) -> Check:
    if not last:
        return Check("last sync", False, "never", LOG_IN)
    seen = f"{last['last_status']} at {last['last_finished_at']}"
    if last["last_status"] in DONE:
        return Check("last sync", True, seen)
    return Check("last sync", False, seen, f"Look at what the run {last['last_run_id']} says. {LOG_IN}")


def _one(
    sides: Sides,
    known: Callable[[], Noted],
    links_of: LinksOf,
    comparer: Comparer,
    kept_of: KeptOf,
    key: str,
    last: Check,
) -> Iterator[Check]:
    """The checks of one employee, up to the first after which nothing more can be said."""
    asked = key.removeprefix(f"{EMPLOYEE}:").removeprefix(f"{BALANCE}:").split(":")[0]
    person = _usual_person(sides, links_of, asked)
    if person is None:
        company = sides.everyone(known(), balances=False)
        codes = whose.meant(asked, company.staff.values())
        people = {one.code: one for one in everybody(company).people}
        if len(codes) > 1:
            yield _several(asked, [people[code] for code in codes])
            return
        person = people.get(codes[0] if codes else asked)
        if person is None:
            yield _unknown(comparer, asked, company)
            return
    if person.account and person.staff and not person.staff.enabled:
        # What stands still is told as a run tells it.
        person = replace(person, held=sides.held_by(person.code, []))
    exists = _enabled(comparer, person)
    yield exists
    if not exists.passed:
        return
    is_user = _payroll_user(comparer, person)
    yield is_user
    account = person.user
    if not is_user.passed or account is None:
        return
    person = sides.with_leave(person)
    for kind in comparer.leave_types.known:
        yield from _leave_type(person, account, kind)
    for fault in comparer.leave_types.faults:
        yield _unreadable_type(fault)
    if rules.looks_right(person) and rules.saved_since(person):
        seen = "Payroll has saved balances again since they were synced"
        yield Check(shown_cause(SAVED_AGAIN), False, seen, LOG_IN, code=SAVED_AGAIN)
    yield from _details(comparer, person)
    kept = kept_of(person.code)
    if kept is not None:
        yield _kept(person, kept)
    yield last


def _usual_person(sides: Sides, links_of: LinksOf, asked: str) -> Person | None:
    """Somebody who was synced before, is asked for by code, and has the same e-mail on both sides.

    About them no list has to be read to its end, as about anybody whom somebody else may be in the way of: a
    support desk that looks at many people must not use up the calls that the next sync needs.
    """
    name = f"{EMPLOYEE}:{asked}"
    link = links_of([asked]).get(name)
    staff = next((one for one in sides.staff() if one.code == asked), None) if link else None
    if link is None or staff is None or not staff.enabled:
        return None
    faults: dict[str, list[Fault]] = {asked: []}
    account = sides.account(link.target_id, asked, faults[asked])
    if account is None or not account.payroll or faults[asked]:
        return None
    if not rules.same_value("email", account.details.email, staff.details.email):
        return None
    return Person(asked, staff=staff, account=account, known=known_of(link.target_id, link.facts))


def _several(asked: str, people: Sequence[Person]) -> Check:
    """A text that names more than one employee."""
    names = ", ".join(rules.named(one.name, one.code) for one in people)
    return Check(EXISTS, False, f"{shown(asked)} names several employees: {names}", "Ask for one by code.")


def _unknown(comparer: Comparer, asked: str, company: Company) -> Check:
    """Somebody whom payroll does not have, and Express Leave perhaps does."""
    meant = (
        one
        for one in company.accounts
        if whose.same_code(asked, one.employee_id) or same_address(asked, one.details.email)
    )
    account = next(meant, None)
    spoilt = next((fault for fault in company.bad if fault.code == asked), None)
    if account is not None:
        owner = Counterparts(company).owners([account]).get(account.user_id)
        return _judged(EXISTS, comparer.unmatched_user(account, owner).reason)
    if spoilt:
        return _judged(EXISTS, not_valid(spoilt))
    remedy = f"Create the employee in Payroll, or look for another code than {asked}."
    return Check(EXISTS, False, f"Payroll has nobody with the code or e-mail {asked}", remedy)


def _judged(name: str, why: Reason | None) -> Check:
    """A check that ends here: it passes where nobody has anything to do."""
    if why is None:
        return Check(name, True, "")
    settled = why.code in SETTLED
    return Check(name, settled, why.message, None if settled else why.remedy)


def _enabled(comparer: Comparer, person: Person) -> Check:
    staff = person.staff
    if staff is None:
        return _judged(EXISTS, not_valid(person.faults[0], person.name))
    if staff.enabled:
        who = rules.named(person.name, person.code)
        return Check(EXISTS, True, f"{who}: enabled, with an e-mail")
    return _judged(EXISTS, _refused(comparer, person))


def _refused(comparer: Comparer, person: Person) -> Reason | None:
    record = comparer.refused(person)
    return record.reason if record else None


def _payroll_user(comparer: Comparer, person: Person) -> Check:
    name = "the user in Express Leave is a Payroll User"
    why = _refused(comparer, person)
    if why:
        return _judged(name, why)
    if person.account is None:
        details = [one for one in comparer.compare(person, {}).records if one.entity == EMPLOYEE]
        why = details[0].reason if details else None
        if why:
            return _judged(name, why)
        return Check(name, False, "there is no user for this employee yet", LOG_IN)
    return Check(name, True, f"user {person.account.user_id}: Payroll User is Yes")


def _unreadable_type(fault: Fault) -> Check:
    """A type of leave of which Express Leave's row can't be used."""
    return _judged(f"{fault.of or 'A leave type'}: can be read in Express Leave", type_not_valid(fault))


def _leave_type(person: Person, account: Account, kind: LeaveType) -> list[Check]:
    """One type of leave: in the leave table and set up, visible, and the same on both sides."""
    name, code = type_name(kind), kind.income_code
    fault = next((one for one in person.faults if one.of in (code, BALANCES)), None)
    if fault and fault.system == EXPRESS_LEAVE:
        return [_judged(f"{name}: can be read in Express Leave", not_valid(fault, person.name))]
    if fault:
        seen = not_valid(fault, person.name).message
        return [Check(f"{name}: set up in the leave table", False, seen, _leave_tab(code))]
    owed = person.owed.amounts.get(code) if person.owed else None
    held = person.held.get(code)
    if owed is None and held is None:
        seen = "not applicable: not in the leave table, and not shown in Express Leave"
        return [Check(f"{name}: in the leave table", True, f"{seen}. If it is owed: {_leave_tab(code)}")]
    if owed is None:
        seen = (
            f"not in the leave table, and Express Leave shows {_amount(held.amount) if held else 'nothing'}"
        )
        what = f"If it is owed: {_leave_tab(code)} If it is not: the same, with 0 hours."
        return [Check(f"{name}: in the leave table", False, seen, what)]
    found = [Check(f"{name}: in the leave table, and set up", True, _amount(owed))]
    visible = sees(kind.visible_to, account.user_type)
    seen = f"visible to {kind.visible_to} and higher; the user is {account.user_type}"
    remedy = None if visible else remedy_of_hidden(kind)
    found.append(Check(f"{name}: visible to the user", visible, seen, remedy))
    same = held is not None and held.amount == owed
    shown = _amount(held.amount) if held else "nothing"
    seen = f"Express Leave shows {shown}, Payroll has {_amount(owed)}"
    remedy = None if same else _remedy_of(held.amount if held else None, owed)
    found.append(Check(f"{name}: balance and As At agree", same, seen, remedy))
    return found


def _remedy_of(held: Amount | None, owed: Amount) -> str:
    if held and owed.as_at < held.as_at:
        return (
            "Process the pay in Payroll, or correct Leave accrued up to and including on the Leave tab: a "
            "later balance is never replaced by an earlier one."
        )
    return (
        f"{LOG_IN} If it still differs, overtype the same Entitlement Owing on the employee's Leave tab in "
        "Payroll, with a comment, and log in again."
    )


def _leave_tab(code: str) -> str:
    return f"Payroll, Masterfiles, Employee Details, Maintain, Leave tab: set up {code}, and accept with F9."


def _details(comparer: Comparer, person: Person) -> list[Check]:
    """Whether the employee's details are the same on both sides."""
    compared = comparer.compare(person, {})
    for record in compared.records:
        if record.entity == EMPLOYEE and record.reason:
            return [Check("details agree", False, record.reason.message, record.reason.remedy)]
    for write in compared.writes:
        if write.record.entity == EMPLOYEE:
            fields = ", ".join(change.field for change in write.record.changes)
            return [Check("details agree", False, f"these differ: {fields}", LOG_IN)]
    return [Check("details agree", True, "every field that is synced is equal")]


def _kept(person: Person, kept: Kept) -> Check:
    """Whether what a login would take from before is what the systems say now."""
    name = "what is kept of both systems is so"
    now = {code: one.amount for code, one in person.held.items()}
    before = {code: one.amount for code, one in kept.held.items()}
    wrong = [f"Express Leave shows {_amounts(now)}, and {_amounts(before)} is kept"] if now != before else []
    owed, then = person.owed, kept.owed
    if owed and then and owed.saved_at == then.saved_at and owed.amounts != then.amounts:
        wrong.append(f"Payroll has {_amounts(owed.amounts)}, and {_amounts(then.amounts)} is kept")
    if not wrong:
        return Check(name, True, "as it was last read or written")
    remedy = (
        "Start a sync with the option full, which compares everything; a login does so by itself once what "
        "is kept is a day old. If it happens again, look for who else changes these balances."
    )
    return Check(name, False, "; ".join(wrong), remedy)


def _amounts(amounts: Mapping[str, Amount]) -> str:
    """Balances by income code."""
    return ", ".join(f"{code} {_amount(one)}" for code, one in sorted(amounts.items())) or "nothing"


def _amount(amount: Amount) -> str:
    return f"{hours_text(amount.hours)} hours as at {amount.as_at}"


def _dates(people: Iterable[Person]) -> Check:
    """Whether the As At dates have moved: the first thing to look at when everybody is wrong."""
    payroll = max(
        (amount.as_at for one in people if one.owed for amount in one.owed.amounts.values()), default=None
    )
    shown = max((held.amount.as_at for one in people for held in one.held.values()), default=None)
    name = "As At dates are those of Payroll"
    seen = f"the latest is {shown or 'none'} in Express Leave, {payroll or 'none'} in Payroll"
    same = payroll is None or (shown is not None and shown >= payroll)
    return Check(name, same, seen, None if same else LOG_IN)
