"""Employee details and leave balances from Attaché Payroll to Express Leave (LB-1 to LB-12)."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from math import ceil
from typing import Any, ClassVar

from msgspec import convert, to_builtins
from msgspec.structs import replace

from payrelay.domain.groups import in_groups
from payrelay.domain.records import Applied, Change, Outcome, PlannedPage, Record, Seen
from payrelay.domain.runs import Check, Link, Listing, Mode, Page, Run
from payrelay.errors import NeedsAttention
from payrelay.flows.balance_sync import diagnose as diagnosis
from payrelay.flows.balance_sync import rules
from payrelay.flows.balance_sync.company import PEOPLE_PER_PAGE, everybody, parts
from payrelay.flows.balance_sync.compare import Comparer, Resaved, unreadable
from payrelay.flows.balance_sync.deliver import Delivery, notes, open_sync, savings
from payrelay.flows.balance_sync.people import (
    BALANCE,
    EMPLOYEE,
    SAVED_AT,
    USER,
    LeaveTypes,
    Part,
    Person,
)
from payrelay.flows.balance_sync.read import Sides
from payrelay.flows.balance_sync.reasons import reason
from payrelay.flows.balance_sync.writes import BalanceWrite, Planned, UserWrite
from payrelay.flows.connecting.lapse import not_connected
from payrelay.flows.flow import Flow
from payrelay.flows.opening import Container
from payrelay.flows.settings.attache_express_leave import Settings
from payrelay.ledger.parts import BATCH
from payrelay.ledger.plans import PlanExpired
from payrelay.systems.express_leave.client import LARGEST_WRITE

# So few people are read each by themselves, from their own leave tables; more, from the lists.
READ_ALONE = 5
# Of one alone: the leave table, the user, the balances that are shown.
CALLS_ALONE = 3
# So many people of a page are asked why they were saved again: a call each.
ASKED_WHY = 25


class BalanceSync(Flow, frozen=True):
    """The flow over one connection."""

    settings: Settings
    sides: Sides

    name: ClassVar[str] = "balance_sync"
    payload: ClassVar[Any] = UserWrite | BalanceWrite
    # Three calls of balances.
    batch_size: ClassVar[int] = 3 * LARGEST_WRITE
    # Express Leave itself refuses an older balance, and a user who was edited since.
    plans_age: ClassVar[bool] = False

    @property
    def at_once(self) -> int | None:
        """One call of balances, and then it is stored what became of them."""
        return LARGEST_WRITE

    # --- reading -----------------------------------------------------------------------------------------

    def pages(self, run: Run) -> Listing:
        """Both systems' lists, read once and joined; each page plans a part of them, and calls nobody."""
        self.check_connected()
        types = self.sides.leave_types()
        context: dict[str, Any] = to_builtins({"leave_types": types.known, "leave_faults": types.faults})
        if run.mode is not Mode.PREVIEW:
            sync = open_sync(self.sides.express_leave, run)
            context["sync_id"] = sync.sync_id
            # Somebody's own refresh leaves the sync of all the others at work.
            context["joined"] = sync.running_elsewhere and bool(run.scope)
        codes = run.options.get("employees")
        if run.only is not None:
            ids = self.ledger.plans.only(run)
            return Listing((), 0, {**context, **self._lists_for(run, ids, types)})
        found = self._few(codes) if codes else parts(self.sides.everyone(self._links()), types)
        seen = Counter[str]()
        context["starts"] = self._put(run, counted(found, seen))
        context["employees"] = seen["employees"]
        pages = tuple(Page(index) for index in range(len(context["starts"])))
        return Listing(pages, seen["records"], context)

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

    def _few(self, codes: Sequence[str]) -> Iterable[Part]:
        """Those who were asked for; whom payroll does not have is told of by an empty person."""
        wanted = sorted(set(codes))
        if len(wanted) <= READ_ALONE:
            people = self.sides.alone(wanted, self.links_of(wanted))
        else:
            read, _ = everybody(self.sides.everyone(self._links()))
            everyone = {one.code: one for one in read}
            people = [everyone.get(code, Person(code, unknown=True)) for code in wanted]
        return (Part(tuple(group)) for group in in_groups(people, PEOPLE_PER_PAGE))

    def _links(self) -> Iterable[Link]:
        return self.ledger.links.all(*self.connection_key, EMPLOYEE)

    def links_of(self, codes: Iterable[str]) -> Mapping[str, Link]:
        return self.ledger.links.get(*self.connection_key, EMPLOYEE, [f"{EMPLOYEE}:{code}" for code in codes])

    # --- planning ----------------------------------------------------------------------------------------

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Compare what was read for the page; records that are named are read again."""
        types = _types_of(context)
        if page.ids:
            part = self._named(run, page.ids, context, types)
            return only(page.ids, self._planned(run, page.index, part, types))
        part = self.ledger.plans.read(run, page.index, Part)
        planned = self._planned(run, page.index, part, types)
        if part.total is None:
            return planned
        linked = tuple(f"{EMPLOYEE}:{code}" for code in part.codes)
        return replace(planned, seen=Seen(part.codes, part.before, part.total, linked))

    def _named(self, run: Run, ids: Sequence[str], context: Mapping[str, Any], types: LeaveTypes) -> Part:
        """Whom these records are about, read again: no more of both systems than is needed for them.

        In the run that planned them payroll is known, and Express Leave is asked about each. A replay, or a
        plan that people looked at, needs both as they are now: in each run the lists are read once at most.
        """
        codes = _codes_of(ids)
        planned_here = run.mode is not Mode.APPLY and run.only is None and run.flow_version == self.version
        if not planned_here and run.only is None:
            context = self._lists_kept(run, ids, types)
        if "starts" not in context:
            return Part(tuple(self.sides.alone(codes, self.links_of(codes))))
        named = self._stored(run, context["starts"], ids)
        if not planned_here:
            return named
        return replace(named, people=tuple(self.sides.as_now(named.people, self.links_of(codes))))

    def _lists_for(self, run: Run, ids: Sequence[str], types: LeaveTypes) -> Mapping[str, Any]:
        """The lists, kept for these records; or nothing, where asking about each takes fewer calls.

        A plan is applied in batches, each with such records. Details are in the lists alone.
        """
        codes, applies = _codes_of(ids), run.mode is Mode.APPLY
        owed = any(name.startswith(f"{BALANCE}:") for name in ids)
        if all(name.startswith(f"{BALANCE}:") for name in ids):
            calls = CALLS_ALONE * len(codes) * (run.batches or 1)
            if len(codes) <= READ_ALONE or calls <= self.sides.calls_of_lists(len(types.known)):
                return {}
        company = self.sides.everyone(self._links(), balances=owed or applies)
        found = parts(company, types)
        return {"starts": self._put(run, found if applies else about(codes, found))}

    def _lists_kept(self, run: Run, ids: Sequence[str], types: LeaveTypes) -> Mapping[str, Any]:
        """The lists as they were when the run first asked for them, if they are read at all."""
        context = self.own_context(run)
        if "starts" not in context:
            context = {**context, **self._lists_for(run, ids, types)}
            self.ledger.plans.put_context(run, context)
        return context

    def _stored(self, run: Run, starts: Sequence[str], ids: Sequence[str]) -> Part:
        """What this run has read of these people: whom it settled is left out, as in any part."""
        codes = _codes_of(ids)
        places = {max(bisect_right(starts, code) - 1, 0) for code in codes}
        if len(codes) < len(ids):
            places.add(len(starts) - 1)
        found = [self.ledger.plans.read(run, place, Part) for place in sorted(places)]
        people = {one.code: one for part in found for one in part.people}
        there = {*people, *(code for part in found for code in part.codes)}
        named = [people[code] for code in codes if code in people]
        named += [Person(code, unknown=True) for code in codes if code not in there]
        return Part(tuple(named), unmatched_users=found[-1].unmatched_users)

    def _put(self, run: Run, found: Iterable[Part]) -> list[str]:
        """Keep parts with the run; with which code each begins."""
        starts = []
        for index, part in enumerate(found):
            self.ledger.plans.put_read(run, index, part)
            starts.append(part.codes[0] if part.codes else part.people[0].code if part.people else "")
        return starts

    def _planned(self, run: Run, index: int, part: Part, types: LeaveTypes) -> PlannedPage:
        comparer = self.comparer(types, date.fromisoformat(run.queued_at[:10]))
        unchanged, users, balances = part.settled, [], []
        records = [comparer.unmatched_user(account) for account in part.unmatched_users]
        records += [unreadable(fault) for fault in part.unreadable]
        again = self.resaved(part.people)
        news: list[Link] = []
        for person in part.people:
            found = comparer.compare(person, again.get(person.code, {}))
            unchanged += found.unchanged
            records += found.records
            users += [write for write in found.writes if write.record.entity == EMPLOYEE]
            balances += [write for write in found.writes if write.record.entity == BALANCE]
            if not found.writes:
                news += _to_note(person)
        if run.mode is Mode.SYNC:
            self.ledger.links.put_many(*self.connection_key, news)
        writes = (*users, *balances)
        return PlannedPage(index, unchanged, tuple(records), writes, matched=_matched(part.people))

    def resaved(self, people: Sequence[Person]) -> dict[str, Resaved]:
        """Who was saved again in payroll, and with which comments.

        When very many are, nobody is asked: all balances of each are sent once more.
        """
        since, few = rules.to_be_asked(people, ASKED_WHY)
        if not few:
            return dict.fromkeys(since)
        return {code: self.sides.comments(code, moment) for code, moment in since.items()}

    def comparer(self, types: LeaveTypes, today: date) -> Comparer:
        """What compares one employee on both sides."""
        return Comparer(types, self.settings.new_user_type, frozenset(self.settings.contractors), today)

    # --- writing -----------------------------------------------------------------------------------------

    def apply(self, run: Run, writes: Sequence[Planned]) -> list[Applied]:
        """Write users, then balances; the balloons of Express Leave move along."""
        context = self.own_context(run)
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

    def own_context(self, run: Run) -> Mapping[str, Any]:
        """What the run keeps for itself; nothing at first, where it applies the plan of an earlier one."""
        try:
            return self.ledger.plans.context(run)
        except PlanExpired:
            return {}

    def ended(self, run: Run, writes: Sequence[Planned], records: Sequence[Record]) -> None:
        """Note when payroll had saved what is written now, of each employee whose balances all are.

        Crash before it is noted: the same balances are sent once more, which changes nothing.
        """
        del run
        saved = savings(writes, records)
        known = self.links_of(saved)
        self.ledger.links.put_many(*self.connection_key, list(notes(saved, known)))

    def remaining(self, planned: Planned, fresh: Planned | None) -> Planned | None:
        """What is left of a write that may have been sent: absolute values, so what still differs.

        One that only had to be sent again is done once Express Leave has written it since. The record tells
        of the values that are sent now, each beside what was there at first.
        """
        if fresh is None:
            return None
        was, now = planned.payload, fresh.payload
        if isinstance(was, BalanceWrite) and isinstance(now, BalanceWrite):
            written = now.synced_at != was.synced_at
            if written and not fresh.record.changes:
                return None
        return replace(fresh, record=replace(planned.record, changes=_from_first(planned, fresh)))

    def cost(self, writes: Sequence[Planned]) -> int:
        """A call for each user, and one for each 200 balances; and the sync record's own."""
        users = sum(write.record.entity == EMPLOYEE for write in writes)
        return users + ceil((len(writes) - users) / LARGEST_WRITE) + 1

    def diagnose(self, key: str | None) -> list[Check]:
        """One employee in the order of the document, or everybody grouped by cause (LB-10)."""
        standing = self.ledger.connections.standing(*self.connection_key, self.name)
        return diagnosis.checks(self.sides, self._links, self.comparer, standing, key)


def only(ids: Sequence[str], planned: PlannedPage) -> PlannedPage:
    """Of a plan just these records: `employee:E0042`, `balance:E0042:AL`, `user:u-77`."""
    wanted = dict.fromkeys(ids)
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


def counted(found: Iterable[Part], seen: Counter[str]) -> Iterator[Part]:
    """The parts; `seen` are then the employees and the records of all of them."""
    for part in found:
        seen["employees"] += len(part.codes) or len(part.people)
        seen["records"] += len(part.people) + part.settled + len(part.unmatched_users)
        yield part


def about(codes: Collection[str], found: Iterable[Part]) -> Iterator[Part]:
    """The parts without those who are not asked for."""
    for part in found:
        yield replace(part, people=tuple(one for one in part.people if one.code in codes))


def _types_of(context: Mapping[str, Any]) -> LeaveTypes:
    """The types of leave that the run has read."""
    kinds = {"known": context["leave_types"], "faults": context.get("leave_faults", ())}
    return convert(kinds, LeaveTypes)


def _code_of(source_id: str) -> str:
    """The employee whom a record's source id is about."""
    kind, _, rest = source_id.partition(":")
    return rest.rpartition(":")[0] or rest if kind == BALANCE else rest


def _codes_of(ids: Iterable[str]) -> list[str]:
    """The employees whom these records are about."""
    return sorted({_code_of(name) for name in ids if not name.startswith(f"{USER}:")})


def _as_balance(record: Record, source_id: str) -> Record:
    """What is told of an employee, told of one of their balances."""
    key = source_id.removeprefix(f"{BALANCE}:")
    return replace(record, entity=BALANCE, key=key, source_id=source_id)


def _from_first(planned: Planned, fresh: Planned) -> tuple[Change, ...]:
    """The changes of a write that was planned twice: from what was there at first to what is sent last."""
    changes = {change.field: change for change in planned.record.changes}
    for change in fresh.record.changes:
        first = changes.get(change.field, change)
        changes[change.field] = Change(change.field, first.old, change.new)
    return tuple(changes.values())


def _to_note(person: Person) -> list[Link]:
    """The link of somebody who is right as they are, if there is news to be kept in it."""
    if person.user is None:
        return []
    saved, known = person.owed.saved_at if person.owed else None, person.known
    if known and known.user_id == person.user.user_id and known.saved_at == saved:
        return []
    facts = {SAVED_AT: saved.isoformat()} if saved else {}
    return [Link(EMPLOYEE, f"{EMPLOYEE}:{person.code}", person.code, person.user.user_id, facts=facts)]


def _matched(people: Sequence[Person]) -> dict[str, str]:
    return {f"{EMPLOYEE}:{one.code}": one.user.user_id for one in people if one.user}


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
