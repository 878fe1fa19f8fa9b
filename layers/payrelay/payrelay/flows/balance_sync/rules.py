"""Who is synced, who is told why not, and when a balance is written: pure rules (LB-3 to LB-8, LB-11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from payrelay.domain.records import Outcome
from payrelay.flows.balance_sync.people import (
    Account,
    Amount,
    Details,
    Held,
    Known,
    Owed,
    Person,
    Rival,
    Staff,
)

_HUNDREDTH = Decimal("0.01")
# What a sync writes of a user, and where payroll keeps it, for people.
IN_PAYROLL: Mapping[str, str] = {
    "name": "Full name",
    "location": "Location",
    "country": "Country",
    "state": "State",
    "hours": "Hours per day",
    "email": "Attaché Online e-mail",
}
# What a user can't be without.
REQUIRED = tuple(name for name in IN_PAYROLL if name != "location")
# An outcome, the code of its reason, and the values that the reason names.
Refusal = tuple[Outcome, str, Mapping[str, object]]


class Verdict(StrEnum):
    """What is to be done about a balance."""

    SET = "set"
    CHANGE = "change"
    REFRESH = "refresh"
    LEAVE = "leave"
    OLDER = "older"


def verdict(held: Amount | None, owed: Amount, *, resaved: bool) -> Verdict:
    """What to do when the target holds one balance and payroll owes another.

    A balance that payroll has `resaved` is written although nothing differs: people overtype the same
    amount to have it sent once more. One that is true for an earlier day never replaces a later one.
    """
    if held is None:
        return Verdict.SET
    if owed.as_at < held.as_at:
        return Verdict.OLDER
    if owed != held:
        return Verdict.CHANGE
    return Verdict.REFRESH if resaved else Verdict.LEAVE


def hours_text(hours: Decimal) -> str:
    """Hours with all their decimals, and at least two: `107.4512`, `38.00`. Equal hours are one text."""
    if not hours:
        return "0.00"
    short = hours.quantize(_HUNDREDTH)
    return f"{short if short == hours else hours.normalize():f}"


# --- one employee ----------------------------------------------------------------------------------------


def refusal(person: Person, contractors: Collection[str], today: date) -> Refusal | None:
    """Why nothing at all of an employee is synced, or None (LB-3, LB-4, LB-5)."""
    staff, rival = person.staff, person.rival
    if staff is None:
        return None
    if not staff.online:
        return Outcome.SKIPPED, "NOT_ENABLED_ONLINE", {}
    if not staff.details.email:
        return Outcome.SKIPPED, "ONLINE_EMAIL_MISSING", {}
    found = by_hand(person, contractors)
    if found or person.account:
        return found
    if rival and rival.account.payroll and not rival.in_payroll:
        return Outcome.BLOCKED, "CODE_CHANGED", {"old": rival.account.employee_id}
    if staff.terminated and staff.terminated < today:
        return Outcome.SKIPPED, "TERMINATED", {"value": staff.terminated}
    return None


def by_hand(person: Person, contractors: Collection[str]) -> Refusal | None:
    """A user that was made directly in Express Leave is never touched; one kept on purpose is fine."""
    if person.user:
        return None
    rival = person.rival.account if person.rival and not person.rival.account.payroll else None
    found = person.account or rival
    if found is None:
        return None
    if found.employee_id in contractors:
        return Outcome.SKIPPED, "KEPT_WITHOUT_PAYROLL", {}
    if person.known:
        return Outcome.BLOCKED, "REPLACED_BY_NON_PAYROLL_USER", {}
    return Outcome.SKIPPED, "NOT_PAYROLL_USER", {}


def unmatched(account: Account, contractors: Collection[str]) -> str:
    """What is said of a user whom payroll does not have (LB-3)."""
    if account.payroll:
        return "NOT_IN_PAYROLL"
    if account.employee_id in contractors or account.user_type == "Non-Employee":
        return "KEPT_WITHOUT_PAYROLL"
    return "NOT_PAYROLL_USER"


def missing(details: Details) -> str | None:
    """The first of the required fields that payroll leaves empty, in payroll's words."""
    return next((IN_PAYROLL[name] for name in REQUIRED if getattr(details, name) is None), None)


def email_holder(person: Person) -> str | None:
    """The code of whoever has the employee's e-mail already, and does not give it up in this run."""
    if person.twin is not None:
        return person.twin
    return person.rival.account.employee_id if person.rival and person.rival.keeps else None


def is_emptied(person: Person) -> bool:
    """Whether somebody who is owed something would be shown nothing at all (RUN-10)."""
    owed = person.owed.amounts if person.owed else {}
    held = [one.amount.units for code, one in person.held.items() if code in owed]
    return bool(owed) and any(held) and not any(amount.units for amount in owed.values())


def is_settled(
    staff: Staff | None,
    account: Account | None,
    owed: Owed | None,
    held: Mapping[str, Held],
    known: Known | None,
    kinds: Collection[str],
) -> bool:
    """Whether an employee is equal on both sides, so that there is nothing to compare, write or note."""
    if staff is None or account is None or owed is None or known is None:
        return False
    if staff.details != account.details or not (staff.online and account.payroll and staff.details.email):
        return False
    if known.user_id != account.user_id or known.saved_at != owed.saved_at:
        return False
    amounts = owed.amounts
    if len(amounts) != len(kinds):
        return False
    for kind in kinds:
        there = held.get(kind)
        if there is None or amounts.get(kind) != there.amount:
            return False
    return True


# --- saved again in payroll ------------------------------------------------------------------------------


def saved_since(person: Person) -> datetime | None:
    """Since when payroll has saved the employee's balances again, unknown to the last sync; None if not.

    Somebody whom no sync has linked yet is compared with the times at which Express Leave was written.
    """
    if person.owed is None or not person.held:
        return None
    synced = [datetime.fromisoformat(held.synced_at) for held in person.held.values() if held.synced_at]
    noted = person.known.saved_at if person.known else None
    since = noted or min(synced, default=None)
    return since if since and person.owed.saved_at > since else None


def looks_right(person: Person) -> bool:
    """Whether some balance is as payroll has it, so that only the saving itself can call for a write."""
    owed = person.owed.amounts if person.owed else {}
    return any(code in owed and held.amount == owed[code] for code, held in person.held.items())


def is_paid(person: Person) -> bool:
    """Whether every balance has another As At since: a pay says why they were saved, and all are written."""
    owed = person.owed.amounts if person.owed else {}
    both = [(held.amount.as_at, owed[code].as_at) for code, held in person.held.items() if code in owed]
    return bool(both) and all(held != now for held, now in both)


def to_be_asked(people: Iterable[Person], most: int) -> tuple[dict[str, datetime], bool]:
    """Of whom to ask why payroll saved them again, since when; and whether they are few enough to ask.

    Whoever was paid is not asked. When very many are left, only those count who look right.
    """
    since = {
        person.code: (moment, person)
        for person in people
        if (moment := saved_since(person)) is not None and not is_paid(person)
    }
    if len(since) > most:
        since = {code: one for code, one in since.items() if looks_right(one[1])}
    return {code: moment for code, (moment, _) in since.items()}, len(since) <= most


# --- one e-mail, several people --------------------------------------------------------------------------


def twins(staff: Collection[Staff], users: Collection[str]) -> dict[str, str]:
    """Of employees with the same e-mail all but the first: users come first, then the lower code."""
    # First what is shared at all: of a hundred thousand people next to nothing is.
    seen: set[str] = set()
    shared: set[str] = set()
    for one in staff:
        if one.enabled:
            email = folded(one.details.email)
            (shared if email in seen else seen).add(email)
    sharing: dict[str, list[Staff]] = defaultdict(list)
    for one in staff if shared else ():
        email = folded(one.details.email)
        if one.enabled and email in shared:
            sharing[email].append(one)
    found = {}
    for several in sharing.values():
        keeps, *others = sorted(several, key=lambda one: (one.code not in users, one.code))
        found.update({other.code: keeps.code for other in others})
    return found


def rival(account: Account, own: Staff | None) -> Rival:
    """A user in an employee's way, and whether payroll, where they are `own`, gives them another e-mail."""
    moves_on = own is not None and own.enabled and folded(own.details.email) != folded(account.details.email)
    return Rival(account, own is not None, not (moves_on and account.payroll))


def folded(email: str | None) -> str:
    """An e-mail as it is compared: in any case. The text itself if it is in lower case, to save memory."""
    text = email or ""
    return text if text.islower() else text.lower()
