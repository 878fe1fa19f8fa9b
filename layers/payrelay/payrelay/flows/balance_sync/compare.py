"""One employee on both sides: what would be written, and why the rest is not (LB-6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from msgspec import Struct, structs

from payrelay.domain.records import Change, Outcome, Reason, Record, Risk, Write
from payrelay.flows.balance_sync import rules
from payrelay.flows.balance_sync.people import (
    ATTACHE,
    BALANCE,
    BALANCES,
    DETAILS,
    EMPLOYEE,
    SAVED_AT,
    USER,
    Account,
    Amount,
    Details,
    Fault,
    LeaveTypes,
    Owner,
    Person,
)
from payrelay.flows.balance_sync.reasons import reason
from payrelay.flows.balance_sync.rules import Refusal, Verdict, hours_text, verdict
from payrelay.flows.balance_sync.writes import BalanceWrite, Planned, UserWrite, together
from payrelay.systems.registry import label as system_label

# What comparing one thing gives: a write, a record that says why there is none, or None where all is equal.
Result: TypeAlias = Planned | Record | None
# What payroll saved again of an employee: comments by income code; None for all, if nobody knows which.
Resaved = Mapping[str, str] | None


class Compared(Struct, frozen=True):
    """What comparing one employee gives: unchanged ones are counted."""

    unchanged: int
    records: list[Record]
    writes: list[Planned]


class Comparer(Struct, frozen=True):
    """Compares employees, as the settings want it on the day `today`."""

    leave_types: LeaveTypes
    new_user_type: str
    contractors: frozenset[str]
    today: date

    def compare(self, person: Person, resaved: Resaved) -> Compared:
        """An employee's details and balances. `resaved` is empty for who was not saved since."""
        if person.unknown:
            return _gathered([_refused(person, (Outcome.BLOCKED, "EMPLOYEE_NOT_IN_PAYROLL", {}))])
        if person.staff is None:
            return _gathered(self._without_details(person, resaved))
        refused = self.refused(person)
        if refused:
            return _gathered([refused])
        details = self._details(person)
        if person.account is None and not isinstance(details, Write):
            return _gathered([details])
        balances = list(_with_risk(person, self._balances(person, resaved)))
        if isinstance(details, Write) and not any(isinstance(one, Write) for one in balances):
            # Nothing more is to come of this person: what payroll saved is written with the details.
            saved = person.owed.saved_at if person.owed else None
            details = structs.replace(details, facts=_saved(saved) or details.facts)
        return _gathered([details, *balances])

    def refused(self, person: Person) -> Record | None:
        """Why nothing at all of an employee is synced, or None (LB-3, LB-4, LB-5)."""
        found = rules.refusal(person, self.contractors, self.today)
        return _refused(person, found) if found else None

    def _without_details(self, person: Person, resaved: Resaved) -> Iterator[Result]:
        """Balances alone, of somebody who was read by themselves, or whose row of payroll can't be used."""
        spoilt = _fault(person, DETAILS)
        by_hand = rules.by_hand(person, self.contractors)
        if spoilt:
            yield _employee(person, Outcome.BLOCKED, not_valid(spoilt, person.name))
        elif by_hand or not person.user:
            yield _refused(person, by_hand or (Outcome.BLOCKED, "USER_MISSING", {}))
        else:
            yield from _with_risk(person, self._balances(person, resaved))

    def _details(self, person: Person) -> Result:
        """The write that makes a user equal to payroll, or a new one; a blocked record; None if equal."""
        staff, account = person.staff, person.account
        spoilt = _fault(person, DETAILS)
        if staff is None or spoilt:
            return _employee(person, Outcome.BLOCKED, not_valid(spoilt, person.name)) if spoilt else None
        empty = rules.missing(staff.details)
        if empty:
            values = {"field": empty, "system": system_label(ATTACHE)}
            return _refused(person, (Outcome.BLOCKED, "REQUIRED_FIELD_MISSING", values))
        changes = differences(account.details if account else None, staff.details)
        if not changes:
            return None
        holder = rules.email_holder(person)
        if holder is not None and any(change.field == "email" for change in changes):
            return _refused(person, (Outcome.BLOCKED, "EMAIL_TAKEN", {"other": holder}))
        outcome = Outcome.UPDATED if account else Outcome.CREATED
        return Write(
            record=_employee(person, outcome, None, changes),
            payload=UserWrite(
                staff.code,
                staff.details,
                account,
                self.new_user_type,
                person.rival.account if person.rival and person.rival.swaps else None,
            ),
            target_id=account.user_id if account else None,
            # As it was, until the balances are written, too.
            facts=_saved(person.known.saved_at if person.known else None),
        )

    def _balances(self, person: Person, resaved: Resaved) -> Iterator[Result]:
        """Each type of leave that Express Leave has, and then those that it does not have."""
        faults = {fault.of: fault for fault in person.faults}
        if BALANCES in faults:
            why = not_valid(faults[BALANCES], person.name)
            yield _balance(person, "", Outcome.BLOCKED, why, "Leave")
            return
        owed = person.owed.amounts if person.owed else {}
        kinds = {kind.income_code: kind for kind in self.leave_types.known}
        for code, kind in kinds.items():
            title = kind.description
            if code in faults:
                why = not_valid(faults[code], person.name)
                yield _balance(person, code, Outcome.BLOCKED, why, title)
            elif code in owed:
                yield self._balance(person, code, title, owed[code], resaved)
            else:
                why = reason("LEAVE_TYPE_NOT_IN_LEAVE_TABLE", label=_of(title, person), type=title)
                # What is shown there and owed nowhere is wrong, until a person decides.
                outcome = Outcome.BLOCKED if code in person.held else Outcome.SKIPPED
                yield _balance(person, code, outcome, why, title)
        others = {*owed, *(code for code in person.held if self.leave_types.fault_of(code))}
        for code in sorted(others - kinds.keys()):
            yield self._of_no_type(person, code)

    def _of_no_type(self, person: Person, code: str) -> Record:
        """A balance whose type of leave Express Leave does not have, or shows in a way that can't be read."""
        spoilt = self.leave_types.fault_of(code)
        if spoilt:
            return _balance(person, code, Outcome.BLOCKED, type_not_valid(spoilt), code)
        why = reason("LEAVE_TYPE_NOT_IN_EXPRESS_LEAVE", label=_of(code, person), type=code)
        return _balance(person, code, Outcome.SKIPPED, why, code)

    def _balance(self, person: Person, code: str, title: str, owed: Amount, resaved: Resaved) -> Result:
        held = person.held.get(code)
        again = resaved is None or code in resaved
        what = verdict(held.amount if held else None, owed, resaved=again)
        if what is Verdict.LEAVE:
            return None
        if what is Verdict.OLDER and held:
            values = {"label": _of(title, person), "as_at": owed.as_at, "held": held.amount.as_at}
            return _balance(person, code, Outcome.BLOCKED, reason("OLDER_THAN_HELD", **values), title)
        shown, now = _shown(held.amount if held else None), _shown(owed)
        changes = tuple(Change(name, shown[name], now[name]) for name in now if now[name] != shown[name])
        row_saved = person.owed.row_saved(code) if person.owed else None
        outcome = Outcome.CREATED if held is None else Outcome.UPDATED
        why = _comment(_of(title, person), code, resaved, what)
        return Write(
            record=_balance(person, code, outcome, why, title, changes),
            payload=BalanceWrite(
                employee_id=person.code,
                income_code=code,
                amount=owed,
                user_id=person.account.user_id if person.account else None,
                synced_at=held.synced_at if held else None,
                saved_at=person.owed.saved_at if person.owed else None,
            ),
            digests={SAVED_AT: row_saved.isoformat() if row_saved else ""},
        )

    def unmatched_user(self, account: Account, owner: Owner | None = None) -> Record:
        """A user of Express Leave whose code payroll does not have; `owner` is who they are there (LB-3)."""
        outcome, code, values = rules.unmatched(account, self.contractors, owner)
        label = rules.named(account.details.name, account.employee_id)
        why = reason(code, label=label, **values)
        source_id = f"{USER}:{account.user_id}"
        return Record(EMPLOYEE, account.employee_id, name_of(account.employee_id), outcome, source_id, why)


def name_of(code: str) -> str:
    """How messages name an employee; no personal data."""
    return f"Employee {code}" if code else "An employee without a code"


def differences(held: Details | None, wanted: Details) -> tuple[Change, ...]:
    """Each field that a sync writes, with its old and its new value, if they differ."""
    if held == wanted:
        return ()
    old, new = shown_details(held), shown_details(wanted)
    return tuple(
        Change(name, old[name], new[name])
        for name in new
        if not (old[name] == new[name] if held is None else rules.same_value(name, old[name], new[name]))
    )


def shown_details(details: Details | None) -> dict[str, str | None]:
    """The fields that a sync writes, as they are told and sent."""
    if details is None:
        return dict.fromkeys(Details.__struct_fields__)
    found: dict[str, str | Decimal | None] = structs.asdict(details)
    return {name: hours_text(one) if isinstance(one, Decimal) else one for name, one in found.items()}


def unreadable(fault: Fault) -> Record:
    """A row that can't be used, of somebody whom nothing else tells of."""
    source_id = f"{EMPLOYEE}:{fault.code}"
    return Record(EMPLOYEE, fault.code, name_of(fault.code), Outcome.BLOCKED, source_id, not_valid(fault))


def not_valid(fault: Fault, name: str | None = None) -> Reason:
    """Why a row can't be used: whose it is, by `name` if it is known, which field, and what is wrong."""
    return _why(fault, rules.named(name, fault.code))


def type_not_valid(fault: Fault) -> Reason:
    """Why no balance of a type of leave can be synced."""
    return _why(fault, f"The leave type {fault.of}" if fault.of else "A leave type without a code")


def _why(fault: Fault, label: str) -> Reason:
    values = {"label": label, "field": fault.field or "a row", "problem": fault.problem}
    return reason("VALUE_NOT_VALID", **values, system=system_label(fault.system))


def _gathered(results: Iterable[Result]) -> Compared:
    """The results of one employee, sorted by what they are."""
    every = list(results)
    return Compared(
        sum(result is None for result in every),
        [result for result in every if isinstance(result, Record)],
        together([result for result in every if isinstance(result, Write)]),
    )


def _with_risk(person: Person, results: Iterable[Result]) -> Iterator[Result]:
    """The results, of which the first write carries the risk, since the brake counts people."""
    at_risk = rules.is_emptied(person)
    for result in results:
        if at_risk and isinstance(result, Write):
            at_risk = False
            yield structs.replace(result, risks=(Risk.EMPTY,))
        else:
            yield result


def _saved(moment: datetime | None) -> dict[str, str]:
    return {SAVED_AT: moment.isoformat()} if moment else {}


def _comment(label: str, code: str, resaved: Resaved, what: Verdict) -> Reason | None:
    """What the audit trail says beside the values: why payroll saved it again (LB-8)."""
    comment = (resaved or {}).get(code, "")
    if comment:
        return reason("SAVED_AGAIN_IN_PAYROLL", label=label, comment=f": {comment}")
    return reason("SAVED_AGAIN_IN_PAYROLL", label=label, comment="") if what is Verdict.REFRESH else None


def _shown(amount: Amount | None) -> dict[str, str | None]:
    if amount is None:
        return {"hours": None, "as_at": None}
    return {"hours": hours_text(amount.hours), "as_at": amount.as_at.isoformat()}


def _fault(person: Person, of: str) -> Fault | None:
    return next((fault for fault in person.faults if fault.of == of), None)


def _refused(person: Person, refusal: Refusal) -> Record:
    outcome, code, values = refusal
    return _employee(person, outcome, reason(code, label=rules.named(person.name, person.code), **values))


def _employee(
    person: Person, outcome: Outcome, why: Reason | None, changes: tuple[Change, ...] = ()
) -> Record:
    source_id = f"{EMPLOYEE}:{person.code}"
    return Record(EMPLOYEE, person.code, name_of(person.code), outcome, source_id, why, changes)


def _of(title: str, person: Person) -> str:
    """A type of leave of somebody, for messages: Annual Leave of Mia Chen (E42)."""
    return f"{title} of {rules.named(person.name, person.code)}" if person.name else _label(title, person)


def _label(title: str, person: Person) -> str:
    """How a record of a balance is called; no personal data."""
    return f"{title} of employee {person.code}"


def _balance(
    person: Person,
    code: str,
    outcome: Outcome,
    why: Reason | None,
    title: str,
    changes: tuple[Change, ...] = (),
) -> Record:
    key = f"{person.code}:{code}" if code else person.code
    return Record(BALANCE, key, _label(title, person), outcome, f"{BALANCE}:{key}", why, changes)
