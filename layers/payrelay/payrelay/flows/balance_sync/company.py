"""The whole company as it was read, as compact as it can be, and everybody in it with their counterpart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct, field

from payrelay.domain.evidence import name_words
from payrelay.domain.groups import in_groups
from payrelay.flows.balance_sync import rules
from payrelay.flows.balance_sync.people import (
    ATTACHE,
    BALANCES,
    DETAILS,
    Account,
    Fault,
    Held,
    Known,
    LeaveTypes,
    Owed,
    Owner,
    Part,
    Person,
    Rival,
    Staff,
)
from payrelay.flows.balance_sync.rows import owed_of, staff_of

if TYPE_CHECKING:
    from payrelay.systems.attache.client import AttacheClient
    from payrelay.systems.attache.models import Balances, Employee

PEOPLE_PER_PAGE = 500
NOTHING_HELD: Mapping[str, Held] = {}


class Company(Struct):
    """Both systems' lists as they were read; `whole` tells whether nothing moved between their pages.

    Payroll's began to be read at a time of its own clock, which was `ahead` of ours, and are long if they
    have several pages. Whoever was saved there `since` a time has `moved`.
    """

    staff: dict[str, Staff] = field(default_factory=dict)
    owed: dict[str, Owed] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)
    users: dict[str, Account] = field(default_factory=dict)
    held: dict[str, dict[str, Held]] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    bad: list[Fault] = field(default_factory=list)
    whole: bool = True
    began: datetime | None = None
    ahead: timedelta = timedelta()
    long: bool = False
    since: datetime | None = None
    moved: set[str] = field(default_factory=set)

    def note_begin(self, attache: AttacheClient) -> None:
        """What time it is in payroll, at the first answer of the reading."""
        if self.began is None:
            self.began, self.ahead = attache.server_time, attache.ahead

    def code(self, code: str) -> str:
        """An employee's code: one text for all that is kept of them."""
        staff = self.staff.get(code)
        if staff is not None:
            return staff.code
        account = self.users.get(code)
        return code if account is None else account.employee_id

    def put_account(self, account: Account) -> None:
        """A user; one by one, as they come."""
        self.accounts.append(account)
        self.users[account.employee_id] = account

    def put_held(self, code: str, income_code: str, held: Held) -> None:
        """A balance that Express Leave shows."""
        own = self.held.get(code)
        if own is None:
            own = self.held[self.code(code)] = {}
        own[income_code] = held

    def put_staff(self, employee: Employee) -> None:
        """An employee of payroll."""
        staff = staff_of(employee, self.users.get(employee.code))
        self.staff[staff.code] = staff
        if self.since is not None and employee.modified_at >= self.since:
            self.moved.add(staff.code)

    def put_owed(self, row: Balances) -> None:
        """What payroll owes an employee."""
        self.owed[self.code(row.code)] = owed_of(row, self.held.get(row.code))
        if self.since is not None and row.modified_at >= self.since:
            self.moved.add(row.code)

    def put_known(self, code: str, known: Known) -> None:
        """What the link of an employee keeps."""
        account = self.users.get(code)
        if account is not None and account.user_id == known.user_id:
            known = Known(account.user_id, known.saved_at)
        self.known[self.code(code)] = known

    def keep(self, staff: Collection[str], owed: Collection[str]) -> None:
        """Forget whoever was in an earlier read of payroll's lists, and is not in the one that counts."""
        for code in self.staff.keys() - staff:
            del self.staff[code]
        for code in self.owed.keys() - owed:
            del self.owed[code]

    def lacking(self, staff: Collection[str], owed: Collection[str], bad: Collection[Fault]) -> set[str]:
        """Whom only one of payroll's two lists has, among those who are to be users."""
        listed = {*staff, *(fault.code for fault in bad if fault.of == DETAILS)}
        owing = {*owed, *(fault.code for fault in bad if fault.of == BALANCES)}
        return {code for code in owing if code not in listed} | {
            code for code in staff if code not in owing and self.staff[code].enabled
        }


class Counterparts:
    """Who is whose counterpart in a company.

    A user is an employee's by the employee code. The e-mail only tells that somebody else has it.
    `among` are those whom a sync is about, if that is not everybody: nobody else gives up an e-mail.
    """

    def __init__(self, company: Company, among: Collection[str] | None = None) -> None:
        self._company, self._among = company, among
        self.faults: dict[str, list[Fault]] = defaultdict(list)
        for fault in company.bad:
            self.faults[fault.code].append(fault)
        self._twins = rules.twins(company.staff.values(), company.users)
        sought = {rules.folded(one.details.email) for one in company.staff.values() if self._is_apart(one)}
        accounts = company.accounts if sought else ()
        folded = ((rules.folded(account.details.email), account) for account in accounts)
        self._by_email = {email: account for email, account in folded if email in sought}
        details = {fault.code for fault in company.bad if (fault.system, fault.of) == (ATTACHE, DETAILS)}
        self._spoilt = details - company.staff.keys()
        self.codes = sorted((*company.staff, *self._spoilt))

    def person(self, code: str) -> Person:
        """One employee of payroll with what Express Leave has of them."""
        company = self._company
        staff, account = company.staff.get(code), company.users.get(code)
        other = self._by_email.get(rules.folded(staff.details.email)) if staff and staff.enabled else None
        in_the_way = other if other is not None and other is not account else None
        twin = self._twins.get(code)
        return Person(
            code=code,
            staff=staff,
            owed=company.owed.get(code),
            account=account,
            rival=self._rival(code, in_the_way) if in_the_way else None,
            twin=twin,
            twin_name=company.staff[twin].details.name if twin in company.staff else None,
            held=company.held.get(code, NOTHING_HELD),
            known=company.known.get(code),
            faults=tuple(self.faults.get(code, ())),
        )

    def _rival(self, code: str, account: Account) -> Rival:
        """Who has an employee's e-mail; whether, from one to the next, they wait for the employee's own.

        Whoever waits for an e-mail that somebody keeps does not give up their own.
        """
        staff, passed = self._company.staff, set[str]()
        holder: Account | None = account
        while holder is not None and holder.employee_id not in passed:
            own = staff.get(holder.employee_id)
            stays = self._among is not None and holder.employee_id not in self._among
            if stays or own is None or not rules.moves_on(holder, own) or holder.employee_id in self._twins:
                return Rival(account, account.employee_id in staff, keeps=True)
            if holder.employee_id == code:
                return rules.rival(account, staff.get(account.employee_id), swaps=True)
            passed.add(holder.employee_id)
            holder = self._by_email.get(rules.folded(own.details.email))
        return rules.rival(account, staff.get(account.employee_id))

    def owners(self, accounts: Sequence[Account]) -> dict[str, Owner]:
        """The employees whom users without one are about, by user id: the same e-mail, else the same name."""
        by_email: dict[str, Account] = {}
        by_name: dict[tuple[str, ...], Account] = {}
        for account in accounts:
            by_email[rules.folded(account.details.email)] = account
            if len(words := tuple(name_words(account.details.name or ""))) > 1:
                by_name[words] = account
        found: dict[str, Owner] = {}
        for staff in self._company.staff.values() if accounts else ():
            name = staff.details.name
            mailed = by_email.get(rules.folded(staff.details.email)) if staff.details.email else None
            if mailed is not None:
                found[mailed.user_id] = Owner(staff.code, name, "e-mail")
            alike = by_name.get(tuple(name_words(name or ""))) if by_name else None
            if alike is not None:
                found.setdefault(alike.user_id, Owner(staff.code, name, "name"))
        return found

    def unmatched_users(self, rivals: Collection[str]) -> list[Account]:
        """The users who are nobody's, but for those who are told of as somebody's rivals, by user id."""
        return [
            account
            for account in self._company.accounts
            if not self._has(account.employee_id) and account.user_id not in rivals
        ]

    def unreadable(self) -> list[Fault]:
        """The rows that can't be used, of those whom nothing else tells of."""
        return [fault for fault in self._company.bad if not self._has(fault.code)]

    def _has(self, code: str) -> bool:
        """Whether payroll has this employee, be it in a row that can't be used."""
        return code in self._company.staff or code in self._spoilt

    def _is_apart(self, staff: Staff) -> bool:
        """Whether an employee's e-mail is not that of their own user: it may be another's."""
        account = self._company.users.get(staff.code)
        return (account is None or account.details.email != staff.details.email) and staff.enabled


class Everybody(Struct, frozen=True):
    """Each employee of payroll with their counterpart; the users who are nobody's, and who they are."""

    people: list[Person]
    unmatched_users: list[Account]
    owners: Mapping[str, Owner]


def everybody(company: Company) -> Everybody:
    """All of both systems, matched."""
    matched = Counterparts(company)
    people = [matched.person(code) for code in matched.codes]
    rivals = {one.rival.account.user_id for one in people if one.rival}
    users = matched.unmatched_users(rivals)
    return Everybody(people, users, matched.owners(users))


def parts(company: Company, leave_types: LeaveTypes) -> Iterator[Part]:
    """Everybody by code, cut into pages, each made when it is asked for.

    Who is equal on both sides is counted there, and is nowhere looked at again.
    """
    matched = Counterparts(company)
    kinds = {kind.income_code for kind in leave_types.known}
    total = len(matched.codes) if company.whole else None
    groups = list(in_groups(matched.codes, PEOPLE_PER_PAGE)) or [[]]
    rivals: set[str] = set()
    before = None
    for number, group in enumerate(groups, 1):
        people = [
            matched.person(code)
            for code in group
            if leave_types.faults or code in matched.faults or not _is_settled(company, code, kinds)
        ]
        rivals |= {one.rival.account.user_id for one in people if one.rival}
        last = number == len(groups)
        users = matched.unmatched_users(rivals) if last else []
        yield Part(
            tuple(people),
            codes=tuple(group),
            settled=(len(group) - len(people)) * (1 + len(kinds)),
            unmatched_users=tuple(users),
            owners=matched.owners(users),
            unreadable=tuple(matched.unreadable()) if last else (),
            before=before,
            total=total,
        )
        before = group[-1] if group else None


def _is_settled(company: Company, code: str, kinds: Collection[str]) -> bool:
    return rules.is_settled(
        company.staff.get(code),
        company.users.get(code),
        company.owed.get(code),
        company.held.get(code, NOTHING_HELD),
        company.known.get(code),
        kinds,
    )
