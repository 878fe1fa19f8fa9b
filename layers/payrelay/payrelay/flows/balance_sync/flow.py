"""Employee details and leave balances from Attaché Payroll to Express Leave (LB-1 to LB-12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from msgspec import convert, to_builtins
from msgspec.structs import replace

from payrelay.domain.forecast import Load, Loads
from payrelay.domain.mirror import Part as MirrorPart
from payrelay.domain.records import Applied, Change, Outcome, PlannedPage, Record, Seen
from payrelay.domain.runs import Check, Link, Listing, Mode, Page, Run
from payrelay.errors import NeedsAttention
from payrelay.flows.balance_sync import diagnose as diagnosis
from payrelay.flows.balance_sync import rules
from payrelay.flows.balance_sync.compare import Comparer, Resaved, unreadable
from payrelay.flows.balance_sync.deliver import Delivery, notes, open_sync, savings
from payrelay.flows.balance_sync.glance import UNKNOWN
from payrelay.flows.balance_sync.joining import mismatch
from payrelay.flows.balance_sync.listing import ASKED_OF_PAID, Lister
from payrelay.flows.balance_sync.memory import Memory
from payrelay.flows.balance_sync.named import Reader, only, own_context
from payrelay.flows.balance_sync.people import (
    BALANCE,
    EMPLOYEE,
    SAVED_AT,
    Known,
    LeaveTypes,
    Part,
    Person,
)
from payrelay.flows.balance_sync.read import Sides
from payrelay.flows.balance_sync.rows import known_of
from payrelay.flows.balance_sync.writes import BalanceWrite, Planned, UserWrite
from payrelay.flows.connecting.lapse import not_connected
from payrelay.flows.flow import Flow
from payrelay.flows.opening import Container
from payrelay.flows.settings.attache_express_leave import Settings
from payrelay.ledger.parts import BATCH
from payrelay.systems.express_leave.client import LARGEST_WRITE
from payrelay.systems.express_leave.endpoint import SYSTEM as EXPRESS_LEAVE
from payrelay.systems.express_leave.models import Company

# Of so many people of a page it is asked why they were saved again: a call each, of which payroll takes 60 a
# minute.
ASKED_WHY = 60


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
        office = self.check_connected()
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
            return Listing((), 0, {**context, **self._reader.lists(run, ids, types)})
        full = None
        if codes:
            seen = self._lister.few(run, codes, context)
        else:
            seen, found = self._lister.everybody(run, types, office.company_id, context)
            full = found.full
        context |= {"employees": seen["employees"], "listed": seen["listed"], "paid": seen["paid"]}
        pages = tuple(Page(index) for index in range(len(context["starts"])))
        return Listing(pages, seen["records"], context, full=full)

    def keep(self, run: Run, parts: Sequence[MirrorPart], context: Mapping[str, Any]) -> None:
        """What the run has read of everybody is known to the next one."""
        del parts
        self.memory.put_head(run, context)

    @property
    def memory(self) -> Memory:
        """What is kept of both systems between runs."""
        where = (*self.connection_key, self.name)
        return Memory(self.ledger, self.links_of, *where, self.version)

    def check_connected(self) -> Company:
        """The company; NeedsAttention when it is not connected to the organisation (LB-9)."""
        company = self.sides.express_leave.company()
        own = self.sides.attache.organisation_id
        connection = self.ledger.connections.get(*self.connection_key)
        if connection and not company.connected:
            why = not_connected(connection)
        elif company.organisation_id != own:
            why = mismatch(company, connection, own)
        else:
            return company
        raise NeedsAttention(why.code, why.message, why.remedy)

    def _known(self) -> Iterator[tuple[str, Known]]:
        """What the links of all employees keep, by code."""
        for link in self.ledger.links.targets(*self.connection_key, EMPLOYEE):
            yield link["key"], known_of(link["target_id"], link["facts"])

    def links_of(self, codes: Iterable[str]) -> Mapping[str, Link]:
        """The links of these employees, by the names of their records."""
        return self.ledger.links.get(*self.connection_key, EMPLOYEE, [f"{EMPLOYEE}:{code}" for code in codes])

    @property
    def _lister(self) -> Lister:
        return Lister(self.sides, self.ledger, self.memory, self._known, self.links_of, self.comparer)

    @property
    def _reader(self) -> Reader:
        return Reader(self.sides, self.ledger, self._known, self.links_of, self.resaved)

    # --- planning ----------------------------------------------------------------------------------------

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Compare what was read for the page; records that are named are read again."""
        types = _types_of(context)
        if page.ids:
            here = run.mode is not Mode.APPLY and run.flow_version == self.version
            part, again = self._reader.people(run, page, context, types, planned_here=here)
            return only(page.ids, self._planned(run, page.index, part, types, again))
        part = self.ledger.plans.read(run, page.index, Part)
        paid = context.get("paid", 0)
        planned = self._planned(run, page.index, part, types, self.resaved(part.people, paid=paid))
        planned = replace(planned, drift=0 if page.index else context.get("drift", 0))
        if part.total is None:
            return planned
        linked = tuple(f"{EMPLOYEE}:{code}" for code in part.codes)
        return replace(planned, seen=Seen(part.codes, part.before, part.total, linked))

    def _planned(
        self, run: Run, index: int, part: Part, types: LeaveTypes, again: Mapping[str, Resaved]
    ) -> PlannedPage:
        comparer = self.comparer(types, date.fromisoformat(run.queued_at[:10]))
        unchanged, users, balances = part.settled, [], []
        records = [
            comparer.unmatched_user(account, part.owners.get(account.user_id))
            for account in part.unmatched_users
        ]
        records += [unreadable(fault) for fault in part.unreadable]
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

    def resaved(self, people: Sequence[Person], *, paid: int = 0) -> dict[str, Resaved]:
        """Who was saved again in payroll, and with which comments; `paid` were so many in the whole run.

        When very many are, nobody is asked: all balances of each are sent once more.
        """
        since, few = rules.to_be_asked(people, ASKED_WHY, most_paid=ASKED_OF_PAID, paid=paid)
        if not few:
            return dict.fromkeys(since)
        return {code: self.sides.comments(code, moment) for code, moment in since.items()}

    def comparer(self, types: LeaveTypes, today: date) -> Comparer:
        """What compares one employee on both sides."""
        return Comparer(types, self.settings.new_user_type, frozenset(self.settings.contractors), today)

    # --- writing -----------------------------------------------------------------------------------------

    def apply(self, run: Run, writes: Sequence[Planned]) -> list[Applied]:
        """Write users, then balances; the balloons of Express Leave move along."""
        context = own_context(self.ledger, run)
        balances = [one.payload for one in writes if isinstance(one.payload, BalanceWrite)]
        self.memory.touch(run, [one.employee_id for one in balances])
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
            # When it was written last is not known of what we wrote ourselves: then it is sent once more.
            written = was.synced_at not in (UNKNOWN, now.synced_at)
            if written and not fresh.record.changes:
                return None
        return replace(fresh, record=replace(planned.record, changes=_from_first(planned, fresh)))

    def loads(self, writes: Sequence[Planned]) -> Loads:
        """A call for each user, one for each 200 balances, and with each 200 one for the balloons."""
        users = sum(write.record.entity == EMPLOYEE for write in writes)
        return {
            "users": Load(EXPRESS_LEAVE, users),
            "balances": Load(EXPRESS_LEAVE, len(writes) - users, LARGEST_WRITE),
            "balloons": Load(EXPRESS_LEAVE, len(writes), LARGEST_WRITE),
        }

    @property
    def beyond(self) -> Mapping[str, int]:
        """The sync that Express Leave shows is opened."""
        return {EXPRESS_LEAVE: 1}

    def diagnose(self, key: str | None) -> list[Check]:
        """One employee in the order of the document, or everybody grouped by cause (LB-10)."""
        standing = self.ledger.connections.standing(*self.connection_key, self.name)
        kept_of = self.memory.kept_of
        return diagnosis.checks(self.sides, self._known, self.links_of, self.comparer, kept_of, standing, key)


def _types_of(context: Mapping[str, Any]) -> LeaveTypes:
    """The types of leave that the run has read."""
    kinds = {"known": context["leave_types"], "faults": context.get("leave_faults", ())}
    return convert(kinds, LeaveTypes)


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
        sides=Sides(
            lambda system: container.client_of(tenant, connection_id, settings, system), container.time_left
        ),
        ledger=container.ledger,
    )
