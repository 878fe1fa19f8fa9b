"""What a balance sync writes: users one by one, balances by the hundred; a refusal stops no other (RUN-4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from payrelay.domain.groups import in_groups
from payrelay.domain.records import Applied, Outcome, Record
from payrelay.domain.runs import Link, Run, Trigger
from payrelay.errors import TROUBLE, OutcomeUnknown, Rejected, RetryLater, VendorError
from payrelay.flows.balance_sync import rules
from payrelay.flows.balance_sync.compare import name_of, shown_details
from payrelay.flows.balance_sync.people import EMPLOYEE, EXPRESS_LEAVE, SAVED_AT, Account, Owner
from payrelay.flows.balance_sync.read import following
from payrelay.flows.balance_sync.reasons import reason
from payrelay.flows.balance_sync.rows import account_of
from payrelay.flows.balance_sync.rules import folded
from payrelay.flows.balance_sync.words import on_screen
from payrelay.flows.balance_sync.writes import BalanceWrite, Planned, UserWrite
from payrelay.flows.engine.bulk import Refusal, refused
from payrelay.flows.flow import Interrupted
from payrelay.ledger.links import Links
from payrelay.systems.express_leave.client import LARGEST_WRITE, ExpressLeaveClient
from payrelay.systems.express_leave.models import BalanceRow, Sync, User
from payrelay.systems.registry import label
from payrelay.systems.rows import BadRow

# Somebody may be editing a user at the same time; each edit calls for another look.
EDITS = 3
_PARKED = "@swapping.payrelay.invalid"
DUPLICATE_EMAIL, DUPLICATE_CODE = "DuplicateEmail", "DuplicateEmployeeId"
STALE, SYNC_ENDED, NOT_FOUND = "VersionMismatch", "SyncNotRunning", "NotFound"
# So often a sync that somebody ended is followed by another; then it is time to wait.
RESTARTS, SYNC_SECONDS = 3, 15
WRITTEN_OUTCOMES = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED)
TRIGGERS: Mapping[Trigger, Literal["Login", "Connect"]] = {
    Trigger.LOGIN: "Login",
    Trigger.CONNECT: "Connect",
}
WRITTEN = ("Updated", "Unchanged")
# What Express Leave says of a balance that it did not take: outcome and reason of ours, the latter of the
# balance or of the employee.
REFUSALS = {
    "NotPayrollUser": (Outcome.BLOCKED, "NOT_PAYROLL_USER"),
    "UnknownEmployee": (Outcome.FAILED, "USER_MISSING"),
    "UnknownLeaveType": (Outcome.BLOCKED, "LEAVE_TYPE_NOT_IN_EXPRESS_LEAVE"),
    "OlderThanCurrent": (Outcome.BLOCKED, "OLDER_THAN_HELD"),
}
OF_EMPLOYEE = ("NOT_PAYROLL_USER", "USER_MISSING")


def open_sync(express_leave: ExpressLeaveClient, run: Run, after: str = "") -> Sync:
    """The sync that Express Leave shows for the run, or `after` one that was ended; the same if asked again.

    While it shows one already, that one is gone on with: a person's own refresh, or what a run that died
    left behind.
    """
    key = f"{run.run_id}-{after}" if after else run.run_id
    return express_leave.start_sync(TRIGGERS.get(run.trigger, "Manual"), key)


class Delivery(Struct):
    """The writes of a run to one company. `sync_id` is the sync that Express Leave shows meanwhile."""

    express_leave: ExpressLeaveClient
    links: Links
    run: Run
    sync_id: str

    # What is known so far, by record id, and whose answer is waited for.
    results: dict[str, Applied] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def apply(self, writes: Sequence[Planned]) -> list[Applied]:
        """Users first, since a balance needs its user; what became of every write.

        Interrupted by trouble, with all that was answered before it.
        """
        try:
            self._users([(one, one.payload) for one in writes if isinstance(one.payload, UserWrite)])
            balances = [(one, one.payload) for one in writes if isinstance(one.payload, BalanceWrite)]
            for group in in_groups(balances, LARGEST_WRITE):
                self.results.update(self._balances(group))
        except TROUBLE as trouble:
            lost = self.asked if isinstance(trouble, OutcomeUnknown) else []
            told = [one for one in self.results.values() if not _is_taken(one.record)]
            raise Interrupted(told, trouble, doubtful=lost) from trouble
        return [self.results[write.record.record_id] for write in writes]

    def tell(self, employees: int, written: int) -> None:
        """Let the balloons move: so many employees are looked at, so many of the run's records written.

        What is written is written, also where the balloons hang.
        """
        with suppress(VendorError):
            self.express_leave.change_sync(self.sync_id, employees=employees, balances=written)

    def _users(self, writes: Sequence[tuple[Planned, UserWrite]]) -> None:
        """One by one; whose e-mail was taken is tried again as long as others give theirs up."""
        left = list(writes)
        while left:
            for write, payload in left:
                self.asked = [write.record.record_id]
                self.results[write.record.record_id] = self._user(write, payload)
            waiting = [one for one in left if _is_taken(self.results[one[0].record.record_id].record)]
            left = waiting if len(waiting) < len(left) or self._make_way(waiting) else []

    def _make_way(self, waiting: Sequence[tuple[Planned, UserWrite]]) -> bool:
        """Whether somebody has given up an e-mail, of people who wait for each other's.

        Two who swap theirs can't be written one after the other. So one of them has none of their own for a
        moment: until the write that is planned for them, or the next run, whose plan has it again.
        """
        for _, payload in waiting:
            holder = payload.swaps_with
            now = self.express_leave.user(holder.user_id).take([]) if holder else []
            if not now or not now[0].payroll:
                continue
            account = account_of(now[0])
            if folded(account.details.email) == folded(payload.details.email):
                fields = {**fields_of(account), "Email": parked(account.user_id)}
                with suppress(Rejected):
                    self.express_leave.change_user(account.user_id, account.version, fields)
                    return True
        return False

    def _user(self, write: Planned, payload: UserWrite) -> Applied:
        wanted = in_their_words(shown_details(payload.details))
        try:
            if payload.as_read is None:
                more = {"EmployeeId": payload.code, "UserType": payload.new_user_type, "PayrollUser": "Yes"}
                return Applied(write.record, self.express_leave.add_user({**more, **wanted}).user_id)
            return self._change(write, payload.as_read, wanted)
        except Rejected as refusal:
            if refusal.code == DUPLICATE_CODE and payload.as_read is None:
                return self._there_already(write)
            if refusal.code == DUPLICATE_EMAIL:
                return _blocked(write, "EMAIL_TAKEN", other="another user")
            if refusal.code == NOT_FOUND:
                return _user_missing(write)
            return Applied(refused(write.record, Refusal.of(refusal)))

    def _there_already(self, write: Planned) -> Applied:
        """What the user is who has the new one's code: ours, whose answer came too late, or made by hand."""
        code, source_id = write.record.key, write.record.source_id
        bad: list[BadRow] = []
        for page in following(self.express_leave.users):
            user = next((one for one in page.rows.take(bad) if one.employee_id == code), None)
            if user and user.payroll:
                return Applied(write.record, user.user_id)
            if user:
                break
        else:
            spoilt = next((row for row in bad if row.number in ("", code)), None)
            if spoilt:
                return _unreadable(write, spoilt)
        known = self.links.get(self.run.tenant, self.run.connection_id, EMPLOYEE, [source_id])
        if known:
            name = user.name if user else None
            return _blocked(write, "REPLACED_BY_NON_PAYROLL_USER", user=rules.named(name, code))
        return _by_hand(write, account_of(user) if user else None)

    def _change(self, write: Planned, account: Account, wanted: Mapping[str, str | None]) -> Applied:
        """Change a user as it was read; one that was edited meanwhile is read again and decided on again."""
        planned = {change.field: change.old for change in write.record.changes}
        changed = {name: wanted[name] for name in in_their_words(planned)}
        for _ in range(EDITS):
            try:
                fields = {**fields_of(account), **changed}
                self.express_leave.change_user(account.user_id, account.version, fields)
                return Applied(write.record, account.user_id)
            except Rejected as refusal:
                if refusal.code != STALE:
                    raise
            bad: list[BadRow] = []
            found: User | None = next(iter(self.express_leave.user(account.user_id).take(bad)), None)
            if bad:
                return _unreadable(write, bad[0])
            if found is None or not found.payroll:
                return _user_missing(write)
            account = account_of(found)
            held = shown_details(account.details)
            held |= {"email": planned["email"]} if "email" in planned and is_parked(account) else {}
            moved = next((name for name in planned if held[name] != planned[name]), None)
            if moved and self.run.plan_of:
                values = {"system": label(EXPRESS_LEAVE), "field": moved, "value": planned[moved]}
                return _blocked(write, "MOVED_SINCE_PREVIEW", **values)
        return Applied(refused(write.record, Refusal(EXPRESS_LEAVE, "it is being edited all the time")))

    def _balances(self, writes: Sequence[tuple[Planned, BalanceWrite]]) -> dict[str, Applied]:
        """One call; every row has a state of its own."""
        self.asked = [write.record.record_id for write, _ in writes]
        try:
            states = self._put([row_of(payload) for _, payload in writes])
        except Rejected as refusal:
            if refusal.code == SYNC_ENDED:
                # Whoever keeps ending our syncs: it is no row's fault.
                raise RetryLater(refusal.system, refusal.message, seconds=SYNC_SECONDS) from None
            if len(writes) > 1:
                # It names no row that we could leave out: narrow it down, so that the others are right.
                half = len(writes) // 2
                self.results.update(self._balances(writes[:half]))
                return self._balances(writes[half:])
            record = refused(writes[0][0].record, Refusal.of(refusal))
            return {record.record_id: Applied(record)}
        return {
            write.record.record_id: Applied(_told(write, payload, state))
            for (write, payload), state in zip(writes, states, strict=True)
        }

    def _put(self, rows: Sequence[BalanceRow]) -> Sequence[str]:
        for _ in range(RESTARTS):
            try:
                return self.express_leave.put_balances(self.sync_id, rows)
            except Rejected as refusal:
                if refusal.code != SYNC_ENDED:
                    raise
            self.sync_id = open_sync(self.express_leave, self.run, after=self.sync_id).sync_id
        return self.express_leave.put_balances(self.sync_id, rows)


def savings(writes: Sequence[Planned], records: Sequence[Record]) -> dict[str, BalanceWrite]:
    """By employee, one balance of whomever's balances are all written: payroll's saving is settled.

    Nobody's of whom one was refused, or is in another batch.
    """
    outcomes = {record.record_id: record.outcome for record in records}
    found: dict[str, BalanceWrite] = {}
    here: Counter[str] = Counter()
    bad = set()
    for write in writes:
        payload = write.payload
        if isinstance(payload, BalanceWrite):
            found[payload.employee_id] = payload
            here[payload.employee_id] += 1
            if outcomes[write.record.record_id] not in WRITTEN_OUTCOMES:
                bad.add(payload.employee_id)
    return {code: one for code, one in found.items() if code not in bad and one.planned == here[code]}


def notes(saved: Mapping[str, BalanceWrite], known: Mapping[str, Link]) -> Iterator[Link]:
    """The links that tell until when payroll's savings are written; `known` are those that stand.

    A person's own refresh may have noted a later one meanwhile.
    """
    for code, payload in saved.items():
        name = f"{EMPLOYEE}:{code}"
        link, moment = known.get(name), payload.saved_at
        noted = link.facts.get(SAVED_AT) if link else None
        if noted and (moment is None or datetime.fromisoformat(noted) > moment):
            continue
        user_id = payload.user_id or (link.target_id if link else None)
        if user_id:
            yield Link(EMPLOYEE, name, code, user_id, facts={SAVED_AT: moment.isoformat()} if moment else {})


def fields_of(account: Account) -> dict[str, str | None]:
    """Everything that a user is written with, as it was read: what is left out is emptied there."""
    return {
        **in_their_words(shown_details(account.details)),
        "EmployeeId": account.employee_id,
        "DefaultApprover": account.default_approver,
        "UserType": account.user_type,
        "PayrollUser": "Yes" if account.payroll else "",
    }


def in_their_words(fields: Mapping[str, str | None]) -> dict[str, str | None]:
    """Fields of a user by Express Leave's names."""
    return {name.title(): value for name, value in fields.items()}


def row_of(payload: BalanceWrite) -> BalanceRow:
    """A planned balance as it is sent."""
    amount = payload.amount
    return BalanceRow(payload.employee_id, payload.income_code, amount.hours, amount.as_at)


def _blocked(write: Planned, code: str, **values: object) -> Applied:
    why = reason(code, label=_who(write), **values)
    return Applied(replace(write.record, outcome=Outcome.BLOCKED, reason=why))


def _who(write: Planned) -> str:
    """Whom a write of a user is about, as messages name them."""
    name = write.payload.details.name if isinstance(write.payload, UserWrite) else None
    return rules.named(name, write.record.key)


def _by_hand(write: Planned, account: Account | None) -> Applied:
    """What is told of an employee whose user was made by hand while the run went on."""
    code = write.record.key
    if account is None:
        return _blocked(write, "NOT_PAYROLL_USER", user=_who(write), owner="", then="")
    values = rules.made_by_hand(account, Owner(code, account.details.name, "code"))
    return _blocked(write, "NOT_PAYROLL_USER", **values)


def parked(user_id: str) -> str:
    """The e-mail of somebody who makes way for a moment: nobody's, by RFC 2606."""
    return f"{''.join(char for char in user_id if char.isalnum() and char.isascii())}{_PARKED}"


def is_parked(account: Account) -> bool:
    """Whether somebody's e-mail is one of these."""
    return (account.details.email or "").endswith(_PARKED)


def _unreadable(write: Planned, row: BadRow) -> Applied:
    why = replace(row, field=on_screen(row.field)).why(_who(write), label(EXPRESS_LEAVE))
    return Applied(replace(write.record, outcome=Outcome.BLOCKED, reason=why))


def _user_missing(write: Planned) -> Applied:
    why = reason("USER_MISSING", label=_who(write))
    return Applied(replace(write.record, outcome=Outcome.FAILED, reason=why))


def _is_taken(record: Record) -> bool:
    return record.reason is not None and record.reason.code == "EMAIL_TAKEN"


def _told(write: Planned, payload: BalanceWrite, state: str) -> Record:
    if state in WRITTEN:
        return write.record
    if state not in REFUSALS:
        return refused(write.record, Refusal(EXPRESS_LEAVE, state))
    outcome, code = REFUSALS[state]
    values = {
        "label": name_of(payload.employee_id) if code in OF_EMPLOYEE else write.record.label,
        "type": payload.income_code,
        "as_at": payload.amount.as_at,
        "held": "one as at another day",
        "user": name_of(payload.employee_id),
        "owner": "",
        "then": "",
    }
    return replace(write.record, outcome=outcome, reason=reason(code, **values))
