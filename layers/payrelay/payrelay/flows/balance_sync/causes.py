"""Why everybody's balances are not right: each cause once, with its values and whom it concerns (LB-10)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, field

from payrelay.domain.records import Outcome, Record
from payrelay.domain.runs import Check
from payrelay.flows.balance_sync import rules
from payrelay.flows.balance_sync.company import Company, everybody
from payrelay.flows.balance_sync.compare import Comparer, unreadable
from payrelay.flows.balance_sync.people import BALANCE, Account, LeaveType, Owner, Person
from payrelay.flows.balance_sync.reasons import reason
from payrelay.systems.express_leave.models import sees

NAMED = 10
LOG_IN = "Log in to Express Leave as an administrator or HR manager; the balances sync then."
SAVED_AGAIN = "SAVED_AGAIN_IN_PAYROLL"
# What nobody has to do anything about.
SETTLED = ("KEPT_WITHOUT_PAYROLL", "TERMINATED")
# Reasons whose remedies name a person: here each is said of all whom it concerns.
_OF_ALL = {
    "REPLACED_BY_NON_PAYROLL_USER": {"label": "", "user": "that each of these was replaced by"},
    "CODE_CHANGED": {"label": "", "old": "with the old code"},
}


class Cause(Struct, frozen=True, order=True):
    """One cause: its code, what it is about (a type of leave, a field), and what is to be done."""

    code: str
    about: str
    remedy: str

    @property
    def name(self) -> str:
        """As a check is called."""
        return f"{shown_cause(self.code)}: {self.about}" if self.about else shown_cause(self.code)


class Causes(Struct):
    """Everything that is the matter, by cause; of each the people, by code, with their names."""

    comparer: Comparer
    found: dict[Cause, dict[str, str | None]] = field(default_factory=lambda: defaultdict(dict))

    def put(self, cause: Cause, code: str, name: str | None) -> None:
        """Somebody whom a cause concerns."""
        self.found[cause][code] = name

    def put_record(self, record: Record, name: str | None, owner: Owner | None = None) -> None:
        """What a run would say of somebody, if that asks for anything."""
        why = record.reason
        if why is None or why.code in SETTLED:
            return
        code, income_code = record.key, ""
        if record.entity == BALANCE:
            code, _, income_code = record.key.rpartition(":")
            code, income_code = code or record.key, income_code if code else ""
        about, remedy = self._type(income_code), why.remedy
        if why.code == "NOT_PAYROLL_USER":
            about, remedy = _by_hand(owned=owner is not None)
        elif why.code in _OF_ALL:
            remedy = reason(why.code, **_OF_ALL[why.code]).remedy
        self.put(Cause(why.code, about, remedy), code, name)

    def put_user(self, account: Account, owner: Owner | None) -> None:
        """A user of Express Leave whom payroll does not have."""
        self.put_record(self.comparer.unmatched_user(account, owner), account.details.name, owner)

    def put_person(self, person: Person, usual: frozenset[str]) -> None:
        """Everything that is the matter with one employee, each under its cause."""
        resaved: dict[str, str] | None = (
            None if rules.looks_right(person) and rules.saved_since(person) else {}
        )
        compared = self.comparer.compare(person, resaved)
        owner = Owner(person.code, person.name, "")
        for record in compared.records:
            income_code = record.key.rpartition(":")[2]
            missing = record.reason is not None and record.reason.code == "LEAVE_TYPE_NOT_IN_LEAVE_TABLE"
            if not missing or income_code in usual or income_code in person.held:
                self.put_record(record, person.name, owner)
        for write in compared.writes:
            cause = "NOT_SYNCED_YET" if write.record.outcome is Outcome.CREATED else "DIFFERS"
            if not write.record.changes:
                cause = SAVED_AGAIN
            self.put(Cause(cause, "", LOG_IN), person.code, person.name)
        if person.user is not None and person.owed is not None:
            self._put_hidden(person, person.user, person.owed.amounts)

    def _put_hidden(self, person: Person, account: Account, owed: Iterable[str]) -> None:
        for kind in self.comparer.leave_types.known:
            if kind.income_code in owed and not sees(kind.visible_to, account.user_type):
                self.put(
                    Cause("LEAVE_TYPE_HIDDEN", type_name(kind), remedy_of_hidden(kind)),
                    person.code,
                    person.name,
                )

    def _type(self, income_code: str) -> str:
        if not income_code:
            return ""
        return next(
            (type_name(kind) for kind in self.comparer.leave_types.known if kind.income_code == income_code),
            income_code,
        )

    def checks(self) -> Iterator[Check]:
        """The causes, the most frequent first."""
        for cause, people in sorted(self.found.items(), key=lambda one: (-len(one[1]), one[0])):
            names = [rules.named(name, code) for code, name in people.items()]
            labels = {code: name for code, name in people.items() if name}
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            count = "1 employee" if len(names) == 1 else f"{len(names)} employees"
            seen = f"{count}: {', '.join(names[:NAMED])}{more}"
            yield Check(
                cause.name, False, seen, cause.remedy, code=cause.code, keys=tuple(people), labels=labels
            )


def causes_of(company: Company, comparer: Comparer) -> tuple[list[Person], list[Check]]:
    """Everybody, and what is the matter with them."""
    every, causes = everybody(company), Causes(comparer)
    for account in every.unmatched_users:
        causes.put_user(account, every.owners.get(account.user_id))
    told = {person.code for person in every.people}
    for fault in company.bad:
        if fault.code not in told:
            causes.put_record(unreadable(fault), None)
    usual = _usual(every.people)
    for person in every.people:
        causes.put_person(person, usual)
    return every.people, list(causes.checks())


def shown_cause(code: str) -> str:
    """A cause in words: `NOT_ENABLED_ONLINE` is "not enabled online"."""
    return code.replace("_", " ").lower()


def type_name(kind: LeaveType) -> str:
    """A type of leave with its code: Annual Leave (AL)."""
    return f"{kind.description} ({kind.income_code})"


def remedy_of_hidden(kind: LeaveType) -> str:
    """Where it is changed who sees a type of leave."""
    return (
        f"If they should see {type_name(kind)}: Express Leave, Company Admin, Leave Types, Edit: change "
        f"Visible To, which is {kind.visible_to} now."
    )


def _by_hand(*, owned: bool) -> tuple[str, str]:
    """What is said of many users who were made by hand: of employees whom payroll has, or of nobody there."""
    if owned:
        return "of an employee in Payroll", (
            "Delete these users in Express Leave (Manage Users); the next login of an administrator creates "
            "the payroll users. Payroll has the employees already: create nobody there."
        )
    return "of nobody in Payroll", (
        "Delete these users in Express Leave (Manage Users), and create in Payroll (Employee Details, "
        "Maintain, Online Services) who is on payroll. If they are contractors who are not: leave the users, "
        "and add their employee ids to the connection's `contractors`."
    )


def _usual(people: Sequence[Person]) -> frozenset[str]:
    """The types of leave that more than half of the employees are owed: whoever is not may miss them."""
    owed = Counter(code for one in people if one.owed for code in one.owed.amounts)
    return frozenset(code for code, count in owed.items() if count > len(people) / 2)
