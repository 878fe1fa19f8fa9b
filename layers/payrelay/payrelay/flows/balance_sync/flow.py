"""Employee details and leave balances from Attaché Payroll to Express Leave (LB-1 to LB-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from math import ceil
from typing import Any, ClassVar

from msgspec import to_builtins
from msgspec.structs import replace

from payrelay.domain.groups import in_groups
from payrelay.domain.reasons import reason
from payrelay.domain.records import Applied, Change, Outcome, PlannedPage, Record, Seen, Write
from payrelay.domain.runs import Check, Link, Listing, Mode, Page, Run
from payrelay.errors import NeedsAttention
from payrelay.flows.balance_sync import diagnose as balance_diagnosis
from payrelay.flows.balance_sync import views as balance_view
from payrelay.flows.balance_sync.compare import (
    Comparer,
    LeaveType,
    Resaved,
    name_of,
    unreadable,
)
from payrelay.flows.balance_sync.deliver import ROWS_PER_CALL, Delivery, note_savings, open_sync
from payrelay.flows.balance_sync.people import (
    BALANCE,
    EMPLOYEE,
    SAVED_AT,
    USER,
    Part,
    Person,
    is_paid,
    joined,
    looks_right,
    saved_since,
)
from payrelay.flows.balance_sync.read import Sides
from payrelay.flows.connecting.lapse import not_connected
from payrelay.flows.flow import Flow
from payrelay.flows.opening import Container
from payrelay.flows.settings.attache_express_leave import Settings
from payrelay.ledger.parts import BATCH
from payrelay.ledger.plans import PlanExpired

PEOPLE_PER_PAGE = 500
# So few people are read each by themselves, from their own leave tables; more, from the lists.
READ_ALONE = 5
# So many people of a page are asked why they were saved again: a call each.
ASKED_WHY = 25


class BalanceSync(Flow, frozen=True):
    """The flow over one connection."""

    settings: Settings
    sides: Sides
    name: ClassVar[str] = "balance_sync"
    payload: ClassVar[type[Any]] = dict
    # Three calls of balances.
    batch_size: ClassVar[int] = 3 * ROWS_PER_CALL

    @property
    def at_once(self) -> int | None:
        """One call of balances, and then it is stored what became of them."""
        return ROWS_PER_CALL

    def pages(self, run: Run) -> Listing:
        """Both systems' lists, read once and joined; each page plans a part of them, and calls nobody."""
        self.check_connected()
        context: dict[str, Any] = {"leave_types": to_builtins(self.leave_types())}
        if run.mode is not Mode.PREVIEW:
            sync = open_sync(self.sides.express_leave, run)
            context["sync_id"] = sync.sync_id
            # Somebody's own refresh leaves the sync of all the others at work.
            context["joined"] = sync.running_elsewhere and bool(run.scope)
        codes = run.options.get("employees")
        if run.only is not None:
            return Listing((), 0, context)
        parts = self._parts_of(codes) if codes else self._unsettled(run, context)
        for index, part in enumerate(parts):
            self.ledger.plans.put_read(run, index, part.stored())
        context["employees"] = sum(len(part.codes) or len(part.people) for part in parts)
        total = sum(len(part.people) + part.settled + len(part.unmatched_users) for part in parts)
        return Listing(tuple(Page(index) for index in range(len(parts))), total, context)

    def check_connected(self) -> None:
        """NeedsAttention when Express Leave is not connected to the organisation (LB-9)."""
        company = self.sides.express_leave.company()
        own = self.sides.attache.organisation_id
        connection = None if company.connected else self.ledger.connections.get(*self.connection_key)
        if connection:
            why = not_connected(connection)
        elif company.organisation_id != own:
            why = reason("ORGANISATION_MISMATCH", held=company.organisation_id, own=own)
        else:
            return
        raise NeedsAttention(why.code, why.message, why.remedy)

    def leave_types(self) -> list[LeaveType]:
        """Express Leave's types of leave."""
        return [
            LeaveType(one.income_code, one.description, one.visible_to)
            for one in self.sides.express_leave.leave_types()
        ]

    def _parts(self) -> list[Part]:
        """Everybody, cut into pages."""
        read = self.sides.everyone()
        links = {link.source_id: link for link in self.ledger.links.all(*self.connection_key, EMPLOYEE)}
        people, unmatched_users = joined(read, links)
        groups = list(in_groups(people, PEOPLE_PER_PAGE)) or [[]]
        befores = [None, *(group[-1].code for group in groups[:-1])]
        total = len(people) if read.whole else None
        parts = [
            Part(tuple(group), codes=tuple(person.code for person in group), before=before, total=total)
            for group, before in zip(groups, befores, strict=True)
        ]
        told = {person.code for person in people}
        lost = tuple(fault for fault in read.bad if fault.code not in told)
        parts[-1] = replace(parts[-1], unmatched_users=tuple(unmatched_users), unreadable=lost)
        return parts

    def _unsettled(self, run: Run, context: Mapping[str, Any]) -> list[Part]:
        """Everybody, but for those who are equal on both sides: these are only counted."""
        comparer = self._comparer_of(run, context)
        found = []
        for part in self._parts():
            open_ones = tuple(person for person in part.people if not comparer.is_settled(person))
            settled = (len(part.people) - len(open_ones)) * (1 + len(comparer.leave_types))
            found.append(replace(part, people=open_ones, settled=settled))
        return found

    def _parts_of(self, codes: Sequence[str]) -> list[Part]:
        """Those who were asked for; whom payroll does not have is told of by an empty person."""
        wanted = list(dict.fromkeys(codes))
        if len(wanted) <= READ_ALONE:
            links = self.ledger.links.get(
                *self.connection_key, EMPLOYEE, [f"{EMPLOYEE}:{code}" for code in wanted]
            )
            found = [self.sides.alone(code, links.get(f"{EMPLOYEE}:{code}")) for code in wanted]
            people = [one or Person(code, unknown=True) for one, code in zip(found, wanted, strict=True)]
        else:
            everyone = {person.code: person for part in self._parts() for person in part.people}
            people = [everyone.get(code, Person(code, unknown=True)) for code in wanted]
        return [Part(tuple(group)) for group in in_groups(people, PEOPLE_PER_PAGE)]

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Compare what was read for the page; records that are named are read afresh."""
        if page.ids:
            return self._named(run, page, context)
        part = Part.restored(self.ledger.plans.read(run, page.index))
        planned = self._planned(run, page.index, part, context)
        if part.total is None:
            return planned
        linked = tuple(f"{EMPLOYEE}:{code}" for code in part.codes)
        return replace(planned, seen=Seen(part.codes, part.before, part.total, linked))

    def _named(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """The records with these ids (`employee:E0042`, `balance:E0042:AL`, `user:u-77`) as they are now."""
        wanted = dict.fromkeys(page.ids)
        codes = {_code_of(source_id) for source_id in wanted if not source_id.startswith(f"{USER}:")}
        # What a run over a few people looks up again is of them.
        parts = self._parts_of(sorted(codes)) if run.options.get("employees") else self._parts()
        unmatched_users = [
            unmatched_user
            for part in parts
            for unmatched_user in part.unmatched_users
            if f"{USER}:{unmatched_user.user_id}" in wanted
        ]
        people = [person for part in parts for person in part.people if person.code in codes]
        there = {person.code for person in people} | {
            unmatched_user.user_id for unmatched_user in unmatched_users
        }
        people += [Person(code, unknown=True) for code in sorted(codes - there)]
        planned = self._planned(
            run, page.index, Part(tuple(people), unmatched_users=tuple(unmatched_users)), context
        )
        writes = {write.record.source_id: write for write in planned.writes}
        told = {record.source_id: record for record in planned.records}
        balanced = {_code_of(name) for name in (*writes, *told) if name.startswith(f"{BALANCE}:")}
        records = []
        for name in wanted:
            code = _code_of(name)
            if name not in writes and name in told:
                records.append(told[name])
            elif name not in writes and code not in balanced and f"{EMPLOYEE}:{code}" in told:
                # Nothing of this employee is synced, and so is this balance not.
                records.append(_as_balance(told[f"{EMPLOYEE}:{code}"], name))
        found = tuple(writes[name] for name in wanted if name in writes)
        settled = len(wanted) - len(found) - len(records)
        return replace(planned, unchanged=settled, records=tuple(records), writes=found)

    def plan_absent(
        self, run: Run, index: int, gone: Sequence[Link], context: Mapping[str, Any]
    ) -> PlannedPage:
        """Nothing: a user whom payroll does not have is a unmatched_user, and told of as such."""
        del run, gone, context
        return PlannedPage(index, 0, (), ())

    def apply(self, run: Run, writes: Sequence[Write[Any]]) -> list[Applied]:
        """Write users, then balances; the balloons of Express Leave move along."""
        try:
            context = self.ledger.plans.context(run)
        except PlanExpired:
            # A plan of an earlier run is applied.
            context = {}
        express_leave = self.sides.express_leave
        sync_id = context.get("sync_id") or open_sync(express_leave, run).sync_id
        delivery = Delivery(express_leave, self.ledger.links, run, sync_id)
        try:
            results = delivery.apply(writes)
        finally:
            if delivery.sync_id != context.get("sync_id"):
                self.ledger.plans.put_context(run, {**context, "sync_id": delivery.sync_id})
        before = self.ledger.parts.summaries(run, BATCH)
        done = sum(item["counts"]["created"] + item["counts"]["updated"] for item in before)
        written = sum(one.record.outcome in (Outcome.CREATED, Outcome.UPDATED) for one in results)
        delivery.tell(context.get("employees", 0), done + written)
        return results

    def ended(self, run: Run, writes: Sequence[Write[Any]], records: Sequence[Record]) -> None:
        """Note when payroll had saved what is written now, of each employee whose balances all are.

        Crash before it is noted: the same balances are sent once more, which changes nothing.
        """
        del run
        note_savings(self.ledger.links, self.connection_key, writes, records)

    def remaining(self, planned: Write[Any], fresh: Write[Any] | None) -> Write[Any] | None:
        """What is left of a write that may have been sent: absolute values, so what still differs.

        One that only had to be sent again is done once Express Leave has written it since. The record tells
        of the values that are sent now, each beside what was there at first.
        """
        if fresh is None:
            return None
        again = not fresh.record.changes and fresh.record.entity == BALANCE
        if again and fresh.facts["synced_at"] != planned.facts["synced_at"]:
            return None
        return replace(fresh, record=replace(planned.record, changes=_from_first(planned, fresh)))

    def balances_of(self, code: str) -> list[dict[str, Any]] | None:
        """One employee's balances on both sides, live; None when payroll does not have them."""
        table = self.sides.attache.leave_table(code)
        if table is None:
            return None
        link = self.ledger.links.get(*self.connection_key, EMPLOYEE, [f"{EMPLOYEE}:{code}"]).get(
            f"{EMPLOYEE}:{code}"
        )
        account = self.sides.account_of(code, link)
        return balance_view.balances(table, self.sides.held_by(code), account, self.leave_types())

    def cost(self, writes: Sequence[Write[Any]]) -> int:
        """A call for each user, and one for each 200 balances; and the sync record's own."""
        users = sum(write.record.entity == EMPLOYEE for write in writes)
        return users + ceil((len(writes) - users) / ROWS_PER_CALL) + 1

    def diagnose(self, key: str | None) -> list[Check]:
        """One employee in the order of the document, or everybody grouped by cause (LB-10)."""
        return balance_diagnosis.checks(self, key)

    def comparer(self, leave_types: Sequence[LeaveType], today: date) -> Comparer:
        """What compares one employee on both sides."""
        contractors = frozenset(self.settings.contractors)
        return Comparer(leave_types, self.settings.new_user_type, contractors, today)

    def _comparer_of(self, run: Run, context: Mapping[str, Any]) -> Comparer:
        kinds = [LeaveType(**kind) for kind in context["leave_types"]]
        return self.comparer(kinds, date.fromisoformat(run.queued_at[:10]))

    def _planned(self, run: Run, index: int, part: Part, context: Mapping[str, Any]) -> PlannedPage:
        comparer = self._comparer_of(run, context)
        unchanged, users, balances = part.settled, [], []
        records: list[Record] = [
            comparer.unmatched_user(unmatched_user) for unmatched_user in part.unmatched_users
        ]
        records += [unreadable(fault) for fault in part.unreadable]
        again = self.resaved(part.people)
        notes: list[Link] = []
        for person in part.people:
            if person.unknown:
                records.append(_not_found(person.code))
                continue
            found = comparer.compare(person, again.get(person.code, {}))
            unchanged += found.unchanged
            records += found.records
            users += [write for write in found.writes if write.record.entity == EMPLOYEE]
            written = [write for write in found.writes if write.record.entity == BALANCE]
            balances += written
            if not found.writes:
                notes += _to_note(person)
        if run.mode is Mode.SYNC:
            self.ledger.links.put_many(*self.connection_key, notes)
        return PlannedPage(
            index, unchanged, tuple(records), (*users, *balances), matched=_matched(part.people)
        )

    def resaved(self, people: Sequence[Person]) -> dict[str, Resaved]:
        """Who was saved again in payroll, and with which comments.

        Whoever was paid is not asked why. When very many are left, only those are asked who look right; and
        when they are very many, too, nobody is: all balances of each are sent once more.
        """
        since = {
            person.code: moment
            for person in people
            if (moment := saved_since(person)) is not None and not is_paid(person)
        }
        if len(since) > ASKED_WHY:
            right = {person.code for person in people if looks_right(person)}
            since = {code: moment for code, moment in since.items() if code in right}
        if len(since) > ASKED_WHY:
            return dict.fromkeys(since)
        return {code: self._comments(code, moment) for code, moment in since.items()}

    def _comments(self, code: str, since: datetime) -> dict[str, str]:
        rows = self.sides.attache.leave_history(code)
        newest = sorted((row for row in rows if row.changed_at > since), key=lambda row: row.changed_at)
        return {row.income_code: row.comment for row in newest}


def _code_of(source_id: str) -> str:
    """The employee whom a record's source id is about."""
    kind, _, rest = source_id.partition(":")
    return rest.rpartition(":")[0] or rest if kind == BALANCE else rest


def _as_balance(record: Record, source_id: str) -> Record:
    """What is told of an employee, told of one of their balances."""
    key = source_id.removeprefix(f"{BALANCE}:")
    return replace(record, entity=BALANCE, key=key, source_id=source_id)


def _not_found(code: str) -> Record:
    why = reason("EMPLOYEE_NOT_IN_PAYROLL", label=name_of(code))
    return Record(EMPLOYEE, code, name_of(code), Outcome.BLOCKED, f"{EMPLOYEE}:{code}", why)


def _from_first(planned: Write[Any], fresh: Write[Any]) -> tuple[Change, ...]:
    """The changes of a write that was planned twice: from what was there at first to what is sent last."""
    changes = {change.field: change for change in planned.record.changes}
    for change in fresh.record.changes:
        first = changes.get(change.field, change)
        changes[change.field] = Change(change.field, first.old, change.new)
    return tuple(changes.values())


def _to_note(person: Person) -> list[Link]:
    """The link of somebody who is right as they are, if there is news to be kept in it."""
    if person.account is None or not person.account.payroll:
        return []
    saved = person.owed.saved_at if person.owed else None
    if person.linked == person.account.user_id and person.saved_at == saved:
        return []
    facts = {SAVED_AT: saved.isoformat()} if saved else {}
    return [Link(EMPLOYEE, f"{EMPLOYEE}:{person.code}", person.code, person.account.user_id, facts=facts)]


def _matched(people: Sequence[Person]) -> dict[str, str]:
    return {
        f"{EMPLOYEE}:{person.code}": person.account.user_id
        for person in people
        if person.account and person.account.payroll
    }


def open_flow(
    container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]
) -> BalanceSync:
    """The flow over one connection, with its stored credentials; a client is made when it is first used."""
    return BalanceSync(
        tenant=tenant,
        connection_id=connection_id,
        settings=Settings.model_validate(settings),
        sides=Sides(lambda system: container.client_of(tenant, connection_id, settings, system)),
        ledger=container.ledger,
    )
