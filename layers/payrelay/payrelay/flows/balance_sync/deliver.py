"""What a balance sync writes: users one by one, balances by the hundred; a refusal stops no other (RUN-4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.groups import in_groups
from payrelay.domain.reasons import reason
from payrelay.domain.records import Applied, Outcome, Record, Write
from payrelay.domain.runs import Link, Run, Trigger
from payrelay.errors import Rejected, RetryLater, VendorError
from payrelay.flows.balance_sync.compare import FIELDS, name_of
from payrelay.flows.balance_sync.people import BALANCE, EMPLOYEE, SAVED_AT, USER, WRITES, Account
from payrelay.flows.balance_sync.read import account_of, following
from payrelay.flows.engine.bulk import Refusal, refused
from payrelay.ledger.links import Links
from payrelay.systems.express_leave.client import ExpressLeaveClient
from payrelay.systems.express_leave.models import BalanceRow, Sync, User

ROWS_PER_CALL = 200
# Somebody may be editing a user at the same time; each edit calls for another look.
EDITS = 3
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

    def apply(self, writes: Sequence[Write[Any]]) -> list[Applied]:
        """Users first, since a balance needs its user; what became of every write."""
        results = self._users([write for write in writes if write.record.entity == EMPLOYEE])
        balances = [write for write in writes if write.record.entity == BALANCE]
        for group in in_groups(balances, ROWS_PER_CALL):
            results.update(self._balances(group))
        return [results[write.record.record_id] for write in writes]

    def tell(self, employees: int, written: int) -> None:
        """Let the balloons move: so many employees are looked at, so many of the run's records written.

        What is written is written, also where the balloons hang.
        """
        with suppress(VendorError):
            self.express_leave.change_sync(self.sync_id, employees=employees, balances=written)

    def _users(self, writes: Sequence[Write[Any]]) -> dict[str, Applied]:
        """One by one; whose e-mail was taken is tried again as long as others give theirs up."""
        results: dict[str, Applied] = {}
        left = list(writes)
        while left:
            tried = {write.record.record_id: self._user(write) for write in left}
            results |= tried
            waiting = [write for write in left if _is_taken(tried[write.record.record_id].record)]
            left = waiting if len(waiting) < len(left) else []
        return results

    def _user(self, write: Write[Any]) -> Applied:
        send = write.payload[USER]
        try:
            if write.target_id is None:
                return Applied(write.record, self.express_leave.add_user(send).user_id)
            return self._change(write, msgspec.convert(write.payload["as_read"], Account, strict=False), send)
        except Rejected as refusal:
            if refusal.code == DUPLICATE_CODE and write.target_id is None:
                return self._there_already(write)
            if refusal.code == DUPLICATE_EMAIL:
                return _blocked(write, "EMAIL_TAKEN", other="another user")
            if refusal.code == NOT_FOUND:
                return _user_missing(write)
            return Applied(refused(write.record, Refusal.of(refusal)))

    def _there_already(self, write: Write[Any]) -> Applied:
        """What the user is who has the new one's code: ours, whose answer came too late, or made by hand."""
        code, source_id = write.record.key, write.record.source_id
        for page in following(self.express_leave.users):
            user = next((one for one in page.rows if one.employee_id == code), None)
            if user and user.payroll:
                return Applied(write.record, user.user_id)
        known = self.links.get(self.run.tenant, self.run.connection_id, EMPLOYEE, [source_id])
        return _blocked(write, "REPLACED_BY_NON_PAYROLL_USER" if known else "NOT_PAYROLL_USER")

    def _change(self, write: Write[Any], account: Account, send: Mapping[str, str | None]) -> Applied:
        """Change a user as it was read; one that was edited meanwhile is read again and decided on again."""
        planned = {change.field: change.old for change in write.record.changes}
        for _ in range(EDITS):
            try:
                self.express_leave.change_user(user_of(account), send)
                return Applied(write.record, account.user_id)
            except Rejected as refusal:
                if refusal.code != STALE:
                    raise
            found = self.express_leave.user(account.user_id)
            if found is None or not found.payroll:
                return _user_missing(write)
            account = account_of(found)
            moved = next((name for name in planned if _held(account)[name] != planned[name]), None)
            if moved and self.run.plan_of:
                values = {"label": write.record.label, "system": "Express Leave", "field": moved}
                why = reason("MOVED_SINCE_PREVIEW", **values, value=planned[moved])
                return Applied(replace(write.record, outcome=Outcome.BLOCKED, reason=why))
        return Applied(refused(write.record, Refusal("express_leave", "it is being edited all the time")))

    def _balances(self, writes: Sequence[Write[Any]]) -> dict[str, Applied]:
        """One call; every row has a state of its own."""
        rows = [row_of(write) for write in writes]
        try:
            states = self._put(rows)
        except Rejected as refusal:
            if refusal.code == SYNC_ENDED:
                # Whoever keeps ending our syncs: it is no row's fault.
                raise RetryLater(refusal.system, refusal.message, seconds=SYNC_SECONDS) from None
            if len(writes) > 1:
                # It names no row that we could leave out: narrow it down, so that the others are right.
                half = len(writes) // 2
                return {**self._balances(writes[:half]), **self._balances(writes[half:])}
            record = refused(writes[0].record, Refusal.of(refusal))
            return {record.record_id: Applied(record)}
        return {
            write.record.record_id: Applied(_told(write, state))
            for write, state in zip(writes, states, strict=True)
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


def note_savings(
    links: Links, connection_key: tuple[str, str], writes: Sequence[Write[Any]], records: Sequence[Record]
) -> None:
    """Note in the links of employees until when payroll's savings are written.

    Of none with a balance that was refused, or that is in another batch.
    """
    outcomes = {record.record_id: record.outcome for record in records}
    saved: dict[str, Write[Any]] = {}
    here: Counter[str] = Counter()
    bad = set()
    for write in writes:
        if write.record.entity != BALANCE:
            continue
        code = str(write.payload[BALANCE]["employee_id"])
        saved[code] = write
        here[code] += 1
        if outcomes[write.record.record_id] not in WRITTEN_OUTCOMES:
            bad.add(code)
    good = {
        f"{EMPLOYEE}:{code}": write
        for code, write in saved.items()
        if code not in bad and int(write.facts[WRITES]) == here[code]
    }
    known = links.get(*connection_key, EMPLOYEE, good)
    news = []
    for name, write in good.items():
        facts = {SAVED_AT: write.facts[SAVED_AT]}
        link, code = known.get(name), str(write.payload[BALANCE]["employee_id"])
        if link and _moment_of(link) > _moment_of(write):
            continue
        if link or write.facts["user_id"]:
            user_id = write.facts["user_id"] or (link.target_id if link else "")
            news.append(Link(EMPLOYEE, name, code, user_id, facts=facts))
    links.put_many(*connection_key, news)


def _moment_of(one: Link | Write[Any]) -> float:
    """The saving that is noted, or would be (epoch seconds); a person's own refresh may know a later one."""
    saved = one.facts.get(SAVED_AT)
    return datetime.fromisoformat(saved).timestamp() if saved else 0.0


def _blocked(write: Write[Any], code: str, **values: object) -> Applied:
    why = reason(code, label=write.record.label, **values)
    return Applied(replace(write.record, outcome=Outcome.BLOCKED, reason=why))


def _user_missing(write: Write[Any]) -> Applied:
    why = reason("USER_MISSING", label=write.record.label)
    return Applied(replace(write.record, outcome=Outcome.FAILED, reason=why))


def _is_taken(record: Record) -> bool:
    return record.reason is not None and record.reason.code == "EMAIL_TAKEN"


def row_of(write: Write[Any]) -> BalanceRow:
    """A planned balance as it is sent."""
    send: Mapping[str, Any] = write.payload[BALANCE]
    return BalanceRow(
        employee_id=send["employee_id"],
        income_code=send["income_code"],
        hours=Decimal(send["hours"]),
        as_at=date.fromisoformat(send["as_at"]),
    )


def _told(write: Write[Any], state: str) -> Record:
    if state in WRITTEN:
        return write.record
    send = write.payload[BALANCE]
    if state not in REFUSALS:
        return refused(write.record, Refusal("express_leave", state))
    outcome, code = REFUSALS[state]
    values = {
        "label": name_of(send["employee_id"]) if code in OF_EMPLOYEE else write.record.label,
        "type": send["income_code"],
        "as_at": send["as_at"],
        "held": "one as at another day",
    }
    return replace(write.record, outcome=outcome, reason=reason(code, **values))


def _held(account: Account) -> dict[str, str | None]:
    return {name.lower(): value(account) for name, _, value in FIELDS}


def user_of(account: Account) -> User:
    """A user as the room knows it."""
    return User(**msgspec.structs.asdict(account))
