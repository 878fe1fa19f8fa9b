"""Why a balance is not right: the document's checks in their order, live (LB-7, LB-10)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from payrelay.domain.records import Reason, Record
from payrelay.domain.runs import Check, Status
from payrelay.flows.balance_sync import rules
from payrelay.flows.balance_sync.company import everybody
from payrelay.flows.balance_sync.compare import (
    Comparer,
    not_valid,
    type_not_valid,
    unreadable,
)
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
from payrelay.flows.balance_sync.rules import hours_text
from payrelay.flows.diagnosis import reached
from payrelay.systems.express_leave.models import sees

# What the links of employees keep, by code.
Noted: TypeAlias = Iterable[tuple[str, Known]]
NAMED = 10
LOG_IN = "Log in to Express Leave as an administrator or HR manager; the balances sync then."
DONE = (Status.SUCCEEDED.value, Status.PARTIAL.value)
# What nobody has to do anything about.
SETTLED = ("KEPT_WITHOUT_PAYROLL", "TERMINATED")


def checks(
    sides: Sides,
    known: Callable[[], Noted],
    comparer_of: Callable[[LeaveTypes, date], Comparer],
    standing: Mapping[str, Any],
    key: str | None,
) -> list[Check]:
    """The connection first; then one employee, by code or e-mail, or everybody, by cause.

    `standing` is how the last sync ended. Nothing is written.
    """
    found = [reached("Attaché Payroll", sides.attache), reached("Express Leave", sides.express_leave)]
    if not all(check.passed for check in found):
        return found
    found.append(_connected(sides))
    if not found[-1].passed:
        return found
    comparer = comparer_of(sides.leave_types(), datetime.now(UTC).date())
    last = _last_sync(standing)
    if key is None:
        return [*found, *_everybody(sides, known(), comparer, last)]
    return [*found, *_one(sides, known(), comparer, key, last)]


def _connected(sides: Sides) -> Check:
    """Whether Express Leave is connected to the organisation of this connection."""
    name = "Express Leave is connected to the organisation"
    company, own = sides.express_leave.company(), sides.attache.organisation_id
    remedy = "Express Leave, Company Admin, Company Details: choose Connect to Organisation."
    if not company.connected:
        return Check(name, False, "no organisation is connected", remedy, code="NOT_CONNECTED")
    seen = f"connected to {company.organisation_name} ({company.organisation_id})"
    if company.organisation_id != own:
        again = "Express Leave, Company Admin, Company Details: disconnect, and connect again"
        remedy = f"{again}, choosing that organisation."
        return Check(name, False, f"{seen}, and not to {own}", remedy, code="ORGANISATION_MISMATCH")
    return Check(name, True, seen)


def _last_sync(last: Mapping[str, Any]) -> Check:
    if not last:
        return Check("last sync", False, "never", LOG_IN)
    seen = f"{last['last_status']} at {last['last_finished_at']}"
    if last["last_status"] in DONE:
        return Check("last sync", True, seen)
    return Check("last sync", False, seen, f"Look at what the run {last['last_run_id']} says. {LOG_IN}")


def _one(
    sides: Sides, known: Iterable[tuple[str, Known]], comparer: Comparer, key: str, last: Check
) -> list[Check]:
    """The checks of one employee, up to the first after which nothing more can be said."""
    company = sides.everyone(known, balances=False)
    people, _ = everybody(company)
    code = key.removeprefix(f"{EMPLOYEE}:").removeprefix(f"{BALANCE}:").split(":")[0]
    person = next((one for one in people if _is_meant(one, code)), None)
    if person is None:
        return [_unknown(comparer, code, company.accounts, company.bad)]
    found = [_enabled(comparer, person)]
    if not found[-1].passed:
        return found
    found.append(_payroll_user(comparer, person))
    account = person.account
    if not found[-1].passed or account is None:
        return found
    person = sides.with_leave(person)
    for kind in comparer.leave_types.known:
        found += _leave_type(person, account, kind)
    found += [_unreadable_type(fault) for fault in comparer.leave_types.faults]
    return [*found, *_details(comparer, person), last]


def _is_meant(person: Person, code: str) -> bool:
    email = person.staff.details.email if person.staff else None
    return person.code == code or _same(code, email)


def _same(code: str, email: str | None) -> bool:
    """Whether what was asked for is this e-mail, in any case."""
    return email is not None and email.lower() == code.lower()


def _unknown(comparer: Comparer, code: str, accounts: Iterable[Account], bad: Iterable[Fault]) -> Check:
    """Somebody whom payroll does not have, and Express Leave perhaps does."""
    name = "exists in Payroll, enabled for Attaché Online"
    meant = (one for one in accounts if code == one.employee_id or _same(code, one.details.email))
    account = next(meant, None)
    spoilt = next((fault for fault in bad if fault.code == code), None)
    why = comparer.unmatched_user(account).reason if account else not_valid(spoilt) if spoilt else None
    if why:
        return Check(name, False, why.message, why.remedy)
    remedy = f"Create the employee in Payroll, or look for another code than {code}."
    return Check(name, False, f"Payroll has nobody with the code or e-mail {code}", remedy)


def _enabled(comparer: Comparer, person: Person) -> Check:
    name, staff = "exists in Payroll, enabled for Attaché Online", person.staff
    if staff is None:
        why = not_valid(person.faults[0])
        return Check(name, False, why.message, why.remedy)
    if staff.enabled:
        return Check(name, True, f"employee {person.code}, enabled, with an e-mail")
    return _failing(name, _refused(comparer, person))


def _failing(name: str, why: Reason | None) -> Check:
    return Check(name, False, why.message if why else "", why.remedy if why else None)


def _refused(comparer: Comparer, person: Person) -> Reason | None:
    record = comparer.refused(person)
    return record.reason if record else None


def _payroll_user(comparer: Comparer, person: Person) -> Check:
    name = "the user in Express Leave is a Payroll User"
    why = _refused(comparer, person)
    if why:
        return Check(name, False, why.message, why.remedy)
    if person.account is None:
        details = [one for one in comparer.compare(person, {}).records if one.entity == EMPLOYEE]
        why = details[0].reason if details else None
        if why:
            return Check(name, False, why.message, why.remedy)
        return Check(name, False, "there is no user for this employee yet", LOG_IN)
    return Check(name, True, f"user {person.account.user_id}: Payroll User is Yes")


def _unreadable_type(fault: Fault) -> Check:
    """A type of leave of which Express Leave's row can't be used."""
    return _failing(f"{fault.of or 'A leave type'}: can be read in Express Leave", type_not_valid(fault))


def _leave_type(person: Person, account: Account, kind: LeaveType) -> list[Check]:
    """One type of leave: in the leave table and set up, visible, and the same on both sides."""
    name, code = f"{kind.description} ({kind.income_code})", kind.income_code
    fault = next((one for one in person.faults if one.of in (code, BALANCES)), None)
    if fault and fault.system == EXPRESS_LEAVE:
        return [_failing(f"{name}: can be read in Express Leave", not_valid(fault))]
    if fault:
        return [
            Check(f"{name}: set up in the leave table", False, not_valid(fault).message, _leave_tab(code))
        ]
    owed = person.owed.amounts.get(code) if person.owed else None
    held = person.held.get(code)
    if owed is None:
        shown = _amount(held.amount) if held else "nothing"
        seen = f"not in the leave table, and Express Leave shows {shown}"
        return [Check(f"{name}: in the leave table", False, seen, f"If it is owed: {_leave_tab(code)}")]
    found = [Check(f"{name}: in the leave table, and set up", True, _amount(owed))]
    visible = sees(kind.visible_to, account.user_type)
    seen = f"visible to {kind.visible_to} and higher; the user is {account.user_type}"
    remedy = None if visible else "Express Leave, Company Admin, Leave Types, Edit: change Visible To."
    found.append(Check(f"{name}: visible to the user", visible, seen, remedy))
    same = held is not None and held.amount == owed
    shown = _amount(held.amount) if held else "nothing"
    seen = f"Express Leave shows {shown}, Payroll has {_amount(owed)}"
    remedy = None if same else _remedy_of(held.amount if held else None, owed)
    found.append(Check(f"{name}: balance and As At agree", same, seen, remedy))
    return found


def _remedy_of(held: Amount | None, owed: Amount) -> str:
    if held and owed.as_at < held.as_at:
        return "Process the pay in Payroll: a later balance is never replaced by an earlier one."
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


def _amount(amount: Amount) -> str:
    return f"{hours_text(amount.hours)} hours as at {amount.as_at}"


def _everybody(
    sides: Sides, known: Iterable[tuple[str, Known]], comparer: Comparer, last: Check
) -> list[Check]:
    """The dates, the last sync, and then each cause with those whom it concerns, the most frequent first."""
    company = sides.everyone(known)
    people, unmatched_users = everybody(company)
    causes: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for account in unmatched_users:
        _put(causes, comparer.unmatched_user(account))
    told = {person.code for person in people}
    for fault in company.bad:
        if fault.code not in told:
            _put(causes, unreadable(fault))
    usual = _usual(people)
    for person in people:
        _of_person(causes, comparer, person, usual)
    groups = sorted(causes.items(), key=lambda cause: (-len({code for code, _ in cause[1]}), cause[0]))
    types = [_unreadable_type(fault) for fault in comparer.leave_types.faults]
    return [_dates(people), last, *types, *(_group(name, concerned) for name, concerned in groups)]


def _put(causes: dict[str, list[tuple[str, str]]], record: Record) -> None:
    if record.reason and record.reason.code not in SETTLED:
        code = record.key.split(":")[0] if record.entity == BALANCE else record.key
        causes[record.reason.code].append((code, record.reason.remedy))


def _usual(people: Sequence[Person]) -> frozenset[str]:
    """The types of leave that more than half of the employees are owed: whoever is not may miss them."""
    owed = Counter(code for one in people if one.owed for code in one.owed.amounts)
    return frozenset(code for code, count in owed.items() if count > len(people) / 2)


def _of_person(
    causes: dict[str, list[tuple[str, str]]], comparer: Comparer, person: Person, usual: frozenset[str]
) -> None:
    """Everything that is the matter with one employee, each under its cause."""
    again: dict[str, str] | None = None if rules.looks_right(person) and rules.saved_since(person) else {}
    compared = comparer.compare(person, again)
    for record in compared.records:
        code = record.key.rpartition(":")[2]
        missing = record.reason is not None and record.reason.code == "LEAVE_TYPE_NOT_IN_LEAVE_TABLE"
        if not missing or code in usual or code in person.held:
            _put(causes, record)
    for write in compared.writes:
        cause = "NOT_SYNCED_YET" if write.record.outcome.value == "created" else "DIFFERS"
        if not write.record.changes:
            cause = "SAVED_AGAIN_IN_PAYROLL"
        causes[cause].append((person.code, LOG_IN))
    if person.user is None or person.owed is None:
        return
    for kind in comparer.leave_types.known:
        owed = person.owed.amounts.get(kind.income_code)
        if owed and not sees(kind.visible_to, person.user.user_type):
            remedy = "Express Leave, Company Admin, Leave Types, Edit: change Visible To."
            causes["LEAVE_TYPE_HIDDEN"].append((person.code, remedy))


def _group(cause: str, concerned: Sequence[tuple[str, str]]) -> Check:
    codes = tuple(dict.fromkeys(code for code, _ in concerned))
    more = f" and {len(codes) - NAMED} more" if len(codes) > NAMED else ""
    people = "1 employee" if len(codes) == 1 else f"{len(codes)} employees"
    name = cause.replace("_", " ").lower()
    return Check(
        name, False, f"{people}: {', '.join(codes[:NAMED])}{more}", concerned[0][1], code=cause, keys=codes
    )


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
