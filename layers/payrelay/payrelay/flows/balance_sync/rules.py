"""Who is synced, who is told why not, and when a balance is written: pure rules (LB-3 to LB-8, LB-11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from payrelay.domain.records import Outcome
from payrelay.domain.spelling import seen, shown, trimmed
from payrelay.flows.balance_sync.people import (
    Account,
    Amount,
    Details,
    Held,
    Known,
    Owed,
    Owner,
    Person,
    Rival,
    Staff,
)
from payrelay.flows.balance_sync.whose import same_code

_HUNDREDTH = Decimal("0.01")
_TEXTS = ("name", "location", "country", "state")
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
    if not staff.enabled:
        # Whoever is a user already keeps balances that stand still: somebody has to look at that.
        if staff.online and staff.details.email:
            # Express Leave would refuse it, and the balances with it.
            values = {"email": shown(staff.details.email), **frozen(person)}
            return Outcome.BLOCKED, "ONLINE_EMAIL_NOT_VALID", values
        code = "ONLINE_EMAIL_MISSING" if staff.online else "NOT_ENABLED_ONLINE"
        outcome = Outcome.BLOCKED if person.user else Outcome.SKIPPED
        return outcome, code, frozen(person)
    found = by_hand(person, contractors)
    if found or person.account:
        return found
    if rival and rival.account.payroll and not rival.in_payroll:
        return (
            Outcome.BLOCKED,
            "CODE_CHANGED",
            {"old": named(rival.account.details.name, rival.account.employee_id)},
        )
    if staff.terminated and staff.terminated < today:
        return Outcome.SKIPPED, "TERMINATED", {"value": staff.terminated}
    return None


def frozen(person: Person) -> dict[str, str]:
    """What stands still in Express Leave, and since when, of somebody who is a user and no longer synced."""
    if not person.user:
        by_hand = "Express Leave has a user of theirs that was made by hand: delete it first (Manage Users). "
        return {"frozen": "", "otherwise": by_hand if person.account else ""}
    left = person.staff.terminated if person.staff else None
    since = max((one.synced_at[:10] for one in person.held.values() if one.synced_at), default=None)
    shown = ", ".join(
        f"{code} {hours_text(one.amount.hours)} hours as at {one.amount.as_at}"
        for code, one in sorted(person.held.items())
    )
    gone = f", has left on {left}" if left else ""
    still = f"what is shown there stands still{f' since {since}' if since else ''}"
    return {
        "frozen": f"{gone}, and is a user of Express Leave: {still}{f' ({shown})' if shown else ''}",
        "otherwise": "If they should not use it any more: delete the user in Express Leave (Manage Users). ",
    }


def by_hand(person: Person, contractors: Collection[str]) -> Refusal | None:
    """A user that was made directly in Express Leave is never touched; one kept on purpose is fine."""
    if person.user:
        return None
    rival = person.rival.account if person.rival and not person.rival.account.payroll else None
    found = person.account or rival
    if found is None:
        return None
    user = named(found.details.name, found.employee_id)
    if is_acknowledged(found, contractors):
        return Outcome.SKIPPED, "KEPT_WITHOUT_PAYROLL", {"user": user}
    if person.known:
        return Outcome.BLOCKED, "REPLACED_BY_NON_PAYROLL_USER", {"user": user}
    by = "code" if found is person.account else "e-mail"
    return Outcome.SKIPPED, "NOT_PAYROLL_USER", made_by_hand(found, Owner(person.code, person.name, by))


def unmatched(account: Account, contractors: Collection[str], owner: Owner | None = None) -> Refusal:
    """What is said of a user whose code payroll does not have; `owner` is who they are there (LB-3)."""
    kept = is_acknowledged(account, contractors) or account.user_type == "Non-Employee"
    if not account.payroll and kept:
        return (
            Outcome.SKIPPED,
            "KEPT_WITHOUT_PAYROLL",
            {"user": named(account.details.name, account.employee_id)},
        )
    if not account.payroll:
        return Outcome.SKIPPED, "NOT_PAYROLL_USER", made_by_hand(account, owner)
    # A user of payroll whom payroll does not have any more keeps balances that stand still.
    who = f"; {named(owner.name, owner.code)} has the same {owner.by}" if owner else ""
    return Outcome.BLOCKED, "NOT_IN_PAYROLL", {"owner": who}


def is_acknowledged(account: Account, contractors: Collection[str]) -> bool:
    """Whether a user is kept without payroll on purpose; the settings may spell the code otherwise."""
    return any(same_code(code, account.employee_id) for code in contractors)


def made_by_hand(account: Account, owner: Owner | None) -> dict[str, str]:
    """Whose a user is who was made in Express Leave, and what follows."""
    user = named(account.details.name, account.employee_id)
    if owner is None:
        return {
            "user": user,
            "owner": "",
            "then": (
                "; if they are on payroll, create the user in Payroll (Employee Details, Maintain, Online "
                "Services), and the next login of an administrator syncs it. If they are a contractor who is "
                f"not: {_acknowledge(account)}"
            ),
        }
    # Two people may have one name.
    perhaps = (
        f". If that is somebody else, who is not on payroll: {_acknowledge(account)}"
        if owner.by == "name"
        else ""
    )
    return {
        "user": user,
        "owner": f" It is the user of {named(owner.name, owner.code)}, by the {owner.by}.",
        "then": (
            f"; Payroll has {named(owner.name, owner.code)} already: create nobody there, see that Enable "
            "Attaché Online is ticked, and the next login of an administrator creates the payroll user"
            f"{perhaps}"
        ),
    }


def _acknowledge(account: Account) -> str:
    """What keeps a user without payroll on purpose."""
    return f"leave the user, and add the employee id {account.employee_id} to the connection's `contractors`"


def named(name: str | None, code: str) -> str:
    """A person as messages name them: by name, with the code beside it, in which no sign is invisible."""
    quoted = shown(code)
    code = quoted if "<U+" in quoted or code != code.strip() else code
    if not name:
        return f"Employee {code}" if code else "An employee without a code"
    return f"{name} ({code})" if code else name


def same_details(one: Details, other: Details) -> bool:
    """Whether two sides say the same of a user, though perhaps not in the same signs."""
    return one == other or all(
        same_value(name, getattr(one, name), getattr(other, name)) for name in IN_PAYROLL
    )


def same_value(name: str, one: object, other: object) -> bool:
    """Whether two values of a field mean the same: an e-mail in any case, a text with other blanks."""
    if one == other:
        return True
    if name == "email":
        return folded(trimmed(str(one or ""))) == folded(trimmed(str(other or "")))
    return name in _TEXTS and seen(str(one or "")) == seen(str(other or ""))


def missing(details: Details) -> str | None:
    """The first of the required fields that payroll leaves empty, in payroll's words."""
    return next((IN_PAYROLL[name] for name in REQUIRED if getattr(details, name) is None), None)


def email_holder(person: Person) -> str | None:
    """Whoever has the employee's e-mail already, and does not give it up in this run."""
    if person.twin is not None:
        return named(person.twin_name, person.twin)
    if person.rival is None or not person.rival.keeps:
        return None
    account = person.rival.account
    return named(account.details.name, account.employee_id)


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
    if not same_details(staff.details, account.details) or not (
        staff.online and account.payroll and staff.details.email
    ):
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
    since = person.known.saved_at if person.known else None
    if since is None:
        synced = [datetime.fromisoformat(held.synced_at) for held in person.held.values() if held.synced_at]
        since = min(synced, default=None)
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


def to_be_asked(
    people: Iterable[Person], most: int, *, most_paid: int, paid: int = 0
) -> tuple[dict[str, datetime], bool]:
    """Of whom to ask why payroll saved them again, since when; and whether they are few enough to ask.

    Whoever was paid may have been overtyped before, with a comment. In a run with more than `most_paid` of
    them, `paid` as far as they are counted, nobody is asked for that: a pay run pays everybody. When very
    many are left, only those count who look right.
    """
    since = {
        person.code: (moment, person) for person in people if (moment := saved_since(person)) is not None
    }
    others = {code: one for code, one in since.items() if not is_paid(one[1])}
    if max(paid, len(since) - len(others)) > most_paid:
        since = others
    if len(since) > most:
        since = {code: one for code, one in since.items() if looks_right(one[1])}
    return {code: moment for code, (moment, _) in since.items()}, len(since) <= most


# --- one e-mail, several people --------------------------------------------------------------------------


def twins(staff: Collection[Staff], users: Collection[str]) -> dict[str, str]:
    """Of employees with the same e-mail all but the first: users, then who has no last day, then by code.

    An address is given to somebody new once its owner has left.
    """
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
        keeps, *others = sorted(
            several, key=lambda one: (one.code not in users, bool(one.terminated), one.code)
        )
        found.update({other.code: keeps.code for other in others})
    return found


def rival(account: Account, own: Staff | None, *, swaps: bool = False) -> Rival:
    """A user in an employee's way, and whether payroll, where they are `own`, gives them another e-mail."""
    return Rival(account, own is not None, not moves_on(account, own), swaps)


def moves_on(account: Account, own: Staff | None) -> bool:
    """Whether a sync gives this user, who is `own` in payroll, another e-mail."""
    if own is None or not account.payroll or not own.enabled or missing(own.details):
        return False
    return folded(own.details.email) != folded(account.details.email)


def folded(email: str | None) -> str:
    """An e-mail as it is compared: in any case. The text itself if it is in lower case, to save memory."""
    text = email or ""
    return text if text.islower() else text.lower()
