"""One employee on both sides: what would be written, and why the rest is not (LB-3, LB-4, LB-5, LB-6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.domain.records import Change, Outcome, Reason, Record, Risk, Write
from payrelay.flows.balance_sync.people import (
    BALANCE,
    BALANCES,
    DETAILS,
    EMPLOYEE,
    SAVED_AT,
    USER,
    WRITES,
    Account,
    Fault,
    Owed,
    Person,
    Staff,
)
from payrelay.flows.balance_sync.rules import Amount, Verdict, hours_text, verdict
from payrelay.systems.registry import label as system_label

# What a sync writes of a user, by Express Leave's names; each with its value in payroll and the held one.
FIELDS: tuple[tuple[str, Callable[[Staff], str | None], Callable[[Account], str | None]], ...] = (
    ("Name", lambda staff: staff.name or None, lambda account: account.name),
    ("Location", lambda staff: staff.location, lambda account: account.location),
    ("Country", lambda staff: staff.country, lambda account: account.country),
    ("State", lambda staff: staff.state, lambda account: account.state),
    (
        "Hours",
        lambda staff: hours_text(staff.hours) if staff.hours else None,
        lambda account: hours_text(account.hours),
    ),
    ("Email", lambda staff: staff.email, lambda account: account.email),
)
REQUIRED = ("Name", "Country", "State", "Hours", "Email")
# Where payroll keeps them, for people.
IN_PAYROLL = {
    "Name": "Full name",
    "Location": "Location",
    "Country": "Country",
    "State": "State",
    "Hours": "Hours per day",
    "Email": "Attaché Online e-mail",
}
PAYROLL = "Attaché Payroll"


class LeaveType(Struct, frozen=True):
    """A type of leave in Express Leave: `visible_to` is the lowest user type that sees it."""

    income_code: str
    description: str
    visible_to: str


class Compared(Struct, frozen=True):
    """What comparing one employee gives: unchanged ones are counted."""

    unchanged: int
    records: list[Record]
    writes: list[Write[Any]]


def gathered(results: Iterable[Write[Any] | Record | None]) -> Compared:
    """The results of one employee, sorted by what they are; each balance knows how many are written."""
    every = list(results)
    writes = [result for result in every if isinstance(result, Write)]
    count = str(sum(write.record.entity == BALANCE for write in writes))
    return Compared(
        sum(result is None for result in every),
        [result for result in every if isinstance(result, Record)],
        [
            replace(write, facts={**write.facts, WRITES: count}) if write.record.entity == BALANCE else write
            for write in writes
        ],
    )


# What payroll saved again of an employee: comments by income code; None for all, if nobody knows which.
Resaved = Mapping[str, str] | None


def name_of(code: str) -> str:
    """How messages name an employee; no personal data."""
    return f"Employee {code}"


class Comparer(Struct, frozen=True):
    """Compares employees, as the settings want it on the day `today`."""

    leave_types: Sequence[LeaveType]
    new_user_type: str
    contractors: frozenset[str]
    today: date

    def compare(self, person: Person, resaved: Resaved) -> Compared:
        """An employee's details and balances. `resaved` is empty for who was not saved since."""
        if person.staff is None:
            return gathered(self._without_details(person, resaved))
        refusal = self.refusal(person)
        if refusal:
            return gathered([refusal])
        details = self._details(person)
        if person.account is None and not isinstance(details, Write):
            return gathered([details])
        balances = list(_with_risk(person, self._balances(person, resaved)))
        if isinstance(details, Write) and not any(isinstance(one, Write) for one in balances):
            saved = person.owed.saved_at if person.owed else None
            details = replace(details, facts=_saved_facts(saved))
        return gathered([details, *balances])

    def is_settled(self, person: Person) -> bool:
        """Whether an employee is equal on both sides, told at a glance; False says nothing yet."""
        staff, account, owed = person.staff, person.account, person.owed
        if staff is None or account is None or owed is None or person.faults:
            return False
        if not (staff.enabled and account.payroll) or person.linked != account.user_id:
            return False
        if person.saved_at != owed.saved_at or len(owed.amounts) != len(self.leave_types):
            return False
        if (staff.name, staff.location, staff.country, staff.state, staff.hours, staff.email) != (
            account.name,
            account.location,
            account.country,
            account.state,
            account.hours,
            account.email,
        ):
            return False
        amounts, held = owed.amounts, person.held
        return all(
            kind.income_code in amounts
            and kind.income_code in held
            and held[kind.income_code].amount == amounts[kind.income_code]
            for kind in self.leave_types
        )

    def _without_details(self, person: Person, resaved: Resaved) -> Iterator[Write[Any] | Record | None]:
        """Balances alone, of somebody who was read by themselves, or whose row of payroll can't be used."""
        spoilt = _fault(person, DETAILS)
        if spoilt:
            yield _record(person, Outcome.BLOCKED, _not_valid(spoilt))
        elif person.account is None or not person.account.payroll:
            why = reason("USER_MISSING", label=name_of(person.code))
            yield self._by_hand(person) or _record(person, Outcome.BLOCKED, why)
        else:
            yield from _with_risk(person, self._balances(person, resaved))

    def refusal(self, person: Person) -> Record | None:
        """Why nothing at all of an employee is synced, or None (LB-3, LB-4, LB-5)."""
        staff, label = person.staff, name_of(person.code)
        if staff is None:
            return None
        if not staff.online:
            return _record(person, Outcome.SKIPPED, reason("NOT_ENABLED_ONLINE", label=label))
        if not staff.email:
            return _record(person, Outcome.SKIPPED, reason("ONLINE_EMAIL_MISSING", label=label))
        by_hand = self._by_hand(person)
        if by_hand:
            return by_hand
        if person.account:
            return None
        rival = person.rival
        if rival and rival.account.payroll and not rival.in_payroll:
            why = reason("CODE_CHANGED", label=label, old=rival.account.employee_id)
            return _record(person, Outcome.BLOCKED, why)
        if staff.terminated and staff.terminated < self.today:
            why = reason("TERMINATED", label=label, value=staff.terminated)
            return _record(person, Outcome.SKIPPED, why)
        return None

    def _by_hand(self, person: Person) -> Record | None:
        """A user that was made directly in Express Leave is never touched; one kept on purpose is fine."""
        account, rival = person.account, person.rival
        if account and account.payroll:
            return None
        non_payroll = account or (rival.account if rival and not rival.account.payroll else None)
        if non_payroll is None:
            return None
        label = name_of(person.code)
        if non_payroll.employee_id in self.contractors:
            return _record(person, Outcome.SKIPPED, reason("KEPT_WITHOUT_PAYROLL", label=label))
        if person.is_synced:
            return _record(person, Outcome.BLOCKED, reason("REPLACED_BY_NON_PAYROLL_USER", label=label))
        return _record(person, Outcome.SKIPPED, reason("NOT_PAYROLL_USER", label=label))

    def _details(self, person: Person) -> Write[Any] | Record | None:
        """The write that makes a user equal to payroll, or a new one; a blocked record; None if equal."""
        staff, account = person.staff, person.account
        if staff is None:
            return None
        spoilt = _fault(person, DETAILS)
        if spoilt:
            return _record(person, Outcome.BLOCKED, _not_valid(spoilt))
        wanted = {name: value(staff) for name, value, _ in FIELDS}
        missing = next((name for name in REQUIRED if wanted[name] is None), None)
        if missing:
            values = {"label": name_of(person.code), "field": IN_PAYROLL[missing], "system": PAYROLL}
            return _record(person, Outcome.BLOCKED, reason("REQUIRED_FIELD_MISSING", **values))
        held = {name: value(account) if account else None for name, _, value in FIELDS}
        changes = tuple(
            Change(name.lower(), held[name], wanted[name]) for name in wanted if wanted[name] != held[name]
        )
        if not changes:
            return None
        taken = self._email_taken(person)
        if taken and any(change.field == "email" for change in changes):
            return taken
        send = {name: wanted[name] for name in wanted if account is None or wanted[name] != held[name]}
        if account is None:
            more = {"EmployeeId": person.code, "UserType": self.new_user_type, "PayrollUser": "Yes"}
            send = {**more, **send}
        outcome = Outcome.UPDATED if account else Outcome.CREATED
        return Write(
            record=Record(
                EMPLOYEE,
                person.code,
                name_of(person.code),
                outcome,
                f"{EMPLOYEE}:{person.code}",
                None,
                changes,
            ),
            payload={USER: send, "as_read": to_builtins(account) if account else {}},
            target_id=account.user_id if account else None,
            # As it was, until the balances are written, too.
            facts=_saved_facts(person.saved_at),
        )

    def _email_taken(self, person: Person) -> Record | None:
        """A record that says who has the employee's e-mail already, unless that one gives it up."""
        rival = person.rival
        other = person.twin
        if other is None and rival and rival.keeps:
            other = rival.account.employee_id
        if other is None:
            return None
        why = reason("EMAIL_TAKEN", label=name_of(person.code), other=name_of(other))
        return _record(person, Outcome.BLOCKED, why)

    def _balances(self, person: Person, resaved: Resaved) -> Iterator[Write[Any] | Record | None]:
        """Each type of leave that Express Leave has, and then those that it does not have."""
        faults = {fault.of: fault for fault in person.faults}
        if BALANCES in faults:
            why = _not_valid(faults[BALANCES])
            yield _balance_record(person, "", Outcome.BLOCKED, why, f"Leave of employee {person.code}")
            return
        owed = person.owed.amounts if person.owed else {}
        known = set()
        for kind in self.leave_types:
            code = kind.income_code
            known.add(code)
            label = f"{kind.description} of employee {person.code}"
            if code in faults:
                why = _not_valid(faults[code])
                yield _balance_record(person, code, Outcome.BLOCKED, why, label)
            elif code in owed:
                yield self._balance(person, code, label, owed[code], resaved)
            else:
                why = reason("LEAVE_TYPE_NOT_IN_LEAVE_TABLE", label=label, type=kind.description)
                # What is shown there and owed nowhere is wrong, until a person decides.
                outcome = Outcome.BLOCKED if code in person.held else Outcome.SKIPPED
                yield _balance_record(person, code, outcome, why, label)
        for code in sorted(set(owed) - known):
            label = f"{code} of employee {person.code}"
            why = reason("LEAVE_TYPE_NOT_IN_EXPRESS_LEAVE", label=label, type=code)
            yield _balance_record(person, code, Outcome.SKIPPED, why, label)

    def _balance(
        self, person: Person, code: str, label: str, owed: Amount, resaved: Resaved
    ) -> Write[Any] | Record | None:
        held = person.held.get(code)
        again = resaved is None or code in resaved
        what = verdict(held.amount if held else None, owed, resaved=again)
        if what is Verdict.LEAVE:
            return None
        if what is Verdict.OLDER and held:
            values = {"label": label, "as_at": owed.as_at, "held": held.amount.as_at}
            return _balance_record(person, code, Outcome.BLOCKED, reason("OLDER_THAN_HELD", **values), label)
        shown, now = _shown(held.amount if held else None), _shown(owed)
        changes = tuple(Change(name, shown[name], now[name]) for name in now if now[name] != shown[name])
        saved_at = _saved(person.owed, code)
        outcome = Outcome.CREATED if held is None else Outcome.UPDATED
        return Write(
            record=_balance_record(
                person, code, outcome, _comment(label, code, resaved, what), label, changes
            ),
            payload={BALANCE: {"employee_id": person.code, "income_code": code, **now}},
            digests={SAVED_AT: saved_at.isoformat() if saved_at else ""},
            facts={
                SAVED_AT: person.owed.saved_at.isoformat() if person.owed else "",
                "synced_at": (held.synced_at or "") if held else "",
                "user_id": person.account.user_id if person.account else "",
            },
        )

    def unmatched_user(self, account: Account) -> Record:
        """A user of Express Leave whom payroll does not have (LB-3)."""
        label = name_of(account.employee_id)
        if account.payroll:
            why = reason("NOT_IN_PAYROLL", label=label)
        elif account.employee_id in self.contractors or account.user_type == "Non-Employee":
            why = reason("KEPT_WITHOUT_PAYROLL", label=label)
        else:
            why = reason("NOT_PAYROLL_USER", label=label)
        source_id = f"{USER}:{account.user_id}"
        return Record(EMPLOYEE, account.employee_id, label, Outcome.SKIPPED, source_id, why)


def unreadable(fault: Fault) -> Record:
    """A row that can't be used, of somebody whom nothing else tells of."""
    label = name_of(fault.code)
    return Record(EMPLOYEE, fault.code, label, Outcome.BLOCKED, f"{EMPLOYEE}:{fault.code}", _not_valid(fault))


def _with_risk(
    person: Person, results: Iterable[Write[Any] | Record | None]
) -> Iterator[Write[Any] | Record | None]:
    """The results, of which the first write carries the risk, since the brake counts people."""
    at_risk = _emptied(person)
    for result in results:
        if at_risk and isinstance(result, Write):
            at_risk = False
            yield replace(result, risks=(Risk.EMPTY,))
        else:
            yield result


def _saved_facts(saved: datetime | None) -> dict[str, str]:
    return {SAVED_AT: saved.isoformat()} if saved else {}


def _emptied(person: Person) -> bool:
    """Whether somebody who is owed something would be shown nothing at all."""
    owed = person.owed.amounts if person.owed else {}
    held = [one.amount.hours for code, one in person.held.items() if code in owed]
    return bool(owed) and any(held) and not any(amount.hours for amount in owed.values())


def _saved(owed: Owed | None, code: str) -> datetime | None:
    return owed.rows_saved.get(code, owed.saved_at) if owed else None


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


def _not_valid(fault: Fault) -> Reason:
    values = {"label": name_of(fault.code), "field": fault.field or "a row", "problem": fault.problem}
    return reason("VALUE_NOT_VALID", **values, system=system_label(fault.system))


def _fault(person: Person, of: str) -> Fault | None:
    return next((fault for fault in person.faults if fault.of == of), None)


def _record(person: Person, outcome: Outcome, why: Reason) -> Record:
    return Record(EMPLOYEE, person.code, name_of(person.code), outcome, f"{EMPLOYEE}:{person.code}", why)


def _balance_record(
    person: Person,
    code: str,
    outcome: Outcome,
    why: Reason | None,
    label: str,
    changes: tuple[Change, ...] = (),
) -> Record:
    key = f"{person.code}:{code}" if code else person.code
    return Record(BALANCE, key, label, outcome, f"{BALANCE}:{key}", why, changes)
