"""What may be taken from what was read before, and of whom Express Leave is asked: pure rules (RUN-11)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby

from msgspec import Struct, field
from msgspec.structs import replace

from payrelay.domain.records import Outcome, Record
from payrelay.domain.runs import Mode, Run, Status, Trigger
from payrelay.flows.balance_sync.company import NOTHING_HELD, Company
from payrelay.flows.balance_sync.mirror import Kept, user_of
from payrelay.flows.balance_sync.people import BALANCE, EMPLOYEE, Amount, Held, Known, Owed, Staff
from payrelay.flows.balance_sync.rows import shared

# What Express Leave holds is taken from the last reading for so long, and then read again.
AGE = timedelta(days=1)
# Payroll's clock may go back an hour in autumn, and its desktop's may be behind its own.
SLACK = timedelta(hours=2)
# Of so many people Express Leave is asked by themselves; of more, its list is read.
ASKED_ALONE = 10
# What is not known of a balance that we wrote ourselves: when that was, by Express Leave's clock.
UNKNOWN = ""
# What a run wrote is read again from its records if they are no more than these: else both lists are.
MOST_WRITTEN = 30_000
WRITTEN = (Outcome.CREATED, Outcome.UPDATED)
# Triggers after which nothing is taken from before: a person wants to have everything looked at.
AFRESH = (Trigger.CONNECT, Trigger.REPLAY)


class Written(Struct, frozen=True, gc=False):
    """What a balance was set to, as far as that changed it."""

    units: int | None
    as_at: date | None

    def over(self, before: Amount | None) -> Amount | None:
        """The amount that is there now; None if that can't be told."""
        units = before.units if before and self.units is None else self.units
        as_at = before.as_at if before and self.as_at is None else self.as_at
        return None if units is None or as_at is None else Amount(units, as_at)


class Since(Struct):
    """What a run wrote after it had kept what it read: balances, users; `unsure` is of whom perhaps more."""

    balances: dict[str, dict[str, Written]] = field(default_factory=dict)
    users: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)

    @property
    def codes(self) -> frozenset[str]:
        """Of whom it tells anything."""
        return frozenset((*self.balances, *self.users, *self.unsure))

    def put(self, record: Record) -> None:
        """How a write ended: what was answered is known, what was refused or lost is not."""
        if record.entity == EMPLOYEE:
            if record.outcome is Outcome.CREATED:
                self.users.add(record.key)
            return
        code, _, kind = record.key.rpartition(":")
        if record.entity != BALANCE or record.outcome not in WRITTEN:
            self.unsure.add(code or record.key)
        else:
            self.balances.setdefault(code, {})[shared(kind)] = _written(record)

    def of(self, kept: Kept, known: Known | None) -> Kept:
        """An employee with what was written; `known` is what their link keeps."""
        code, held = kept.code, dict(kept.held)
        unsure = kept.unsure or code in self.unsure
        for kind, one in self.balances.get(code, {}).items():
            amount = one.over(held[kind].amount if kind in held else None)
            if amount is None:
                unsure = True
            else:
                owed = kept.owed.amounts.get(kind) if kept.owed else None
                held[kind] = Held(owed if owed is not None and owed == amount else amount, UNKNOWN)
        made = known.user_id if known is not None and code in self.users else None
        if not unsure and held == kept.held and made is None:
            return kept
        return replace(kept, held=held, unsure=unsure, user_id=made or kept.user_id)


def _written(record: Record) -> Written:
    """What a record says was written."""
    new = {change.field: change.new for change in record.changes}
    hours, as_at = new.get("hours"), new.get("as_at")
    day = shared(date.fromisoformat(as_at)) if as_at else None
    return Written(Amount.of(Decimal(hours), date.min).units if hours else None, day)


def is_afresh(run: Run) -> bool:
    """Whether a run is to look at everything, whatever is known from before."""
    return bool(run.options.get("full")) or run.trigger in AFRESH


def is_old(full_at: str, run: Run) -> bool:
    """Whether what was read then is too old for a run, or newer than it."""
    age = datetime.fromisoformat(run.queued_at) - datetime.fromisoformat(full_at)
    return not timedelta() <= age < AGE


def is_told(run: Run | None) -> bool:
    """Whether it is known of all that a run wrote what became of it."""
    if run is None or run.mode is not Mode.SYNC:
        return False
    # One that is held has written nothing.
    return run.status.well or run.status is Status.HELD


def since_when(mark: str | None) -> datetime | None:
    """From when on payroll is asked what it has saved; None if it is read whole."""
    return datetime.fromisoformat(mark) - SLACK if mark else None


def has_gone_back(now: datetime | None, since: datetime, further: timedelta = timedelta()) -> bool:
    """Whether payroll's clock is no measure any more: it says nothing, or an earlier time than before, or has
    gone back since then, which it may have made up for: it is `further` ahead of ours than it was."""
    return now is None or now < since or further < -SLACK


def differs(
    rows: Iterable[tuple[str, str, Amount]], held: Mapping[str, Mapping[str, Held]], but: Collection[str]
) -> set[str]:
    """Of whom a page of Express Leave's balances shows something else than is `held`, `but` for some.

    Where it has the balances of each together, one that is missing between others shows, too.
    """
    groups = [(code, list(own)) for code, own in groupby(rows, key=lambda row: row[0])]
    together = len({code for code, _ in groups}) == len(groups) and any(len(own) > 1 for _, own in groups)
    found = set()
    for place, (code, own) in enumerate(groups):
        there = held.get(code, NOTHING_HELD)
        same = all(kind in there and there[kind].amount == amount for _, kind, amount in own)
        inner = together and 0 < place < len(groups) - 1
        if not same or (inner and len(own) != len(there)):
            found.add(code)
    return found - set(but)


class Doubts(Struct):
    """Of whom Express Leave is asked: those who have to be, and those whom it is better to ask."""

    must: list[str]
    may: list[str]


def doubts(company: Company, then: Mapping[str, str | None], unsure: Collection[str]) -> Doubts:
    """Who is another user than `then`, or whose balances are not sure; and who is blocked by what is held.

    A user who was made by hand has no balances: what stood there went with the user before.
    """
    must, may = [], []
    users, everybodys, everybody_owed = company.users, company.held, company.owed
    for code, staff in company.staff.items():
        account = users.get(code)
        if account is None:
            if then.get(code) is not None or code in unsure:
                must.append(code)
        elif account.payroll:
            if account.user_id != then.get(code) or code in unsure:
                must.append(code)
            elif _is_odd(staff, everybody_owed.get(code), everybodys.get(code, NOTHING_HELD)):
                may.append(code)
    return Doubts(sorted(must), sorted(may))


def _is_odd(staff: Staff, owed: Owed | None, held: Mapping[str, Held]) -> bool:
    """Whether what a user holds can't be overwritten, or is no longer: people are told of it."""
    if not (staff.online and staff.details.email):
        return True
    amounts = owed.amounts if owed else {}
    for kind, one in held.items():
        there = amounts.get(kind)
        if there is None or there.as_at < one.amount.as_at:
            return True
    return False


def is_wrong(row: Kept, company: Company, but: Collection[str], *, marked: bool) -> bool:
    """Whether a reading of what moved would have taken something of an employee that is not so any more.

    `company` is both systems read whole, with those who have `moved` in payroll; without a mark payroll is
    read whole each time. Who was deleted there is no fault: no list of what moved shows it. Nothing is taken
    of those whom others wrote about: `but` for them.
    """
    code = row.code
    staff, owed = company.staff.get(code), company.owed.get(code)
    there = marked and code not in company.moved and staff is not None
    if there and (staff != row.staff or owed != row.owed):
        return True
    if staff is None or row.unsure or code in but or user_of(company, code) != row.user_id:
        return False
    held = company.held.get(code, NOTHING_HELD)
    if held == row.held:
        return False
    return {kind: one.amount for kind, one in held.items()} != {
        kind: one.amount for kind, one in row.held.items()
    }
