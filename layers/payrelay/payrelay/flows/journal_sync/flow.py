"""Journal entries of processed payroll runs to the companies of Globe Next, each once (JRN-1, JRN-2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from payrelay.domain.forecast import Load, Loads
from payrelay.domain.records import Applied, Outcome, PlannedPage, Record, Write
from payrelay.domain.runs import Check, Listing, Mode, Page, Run
from payrelay.domain.spelling import trimmed
from payrelay.flows.exact import pages_of, seen_of
from payrelay.flows.flow import Flow
from payrelay.flows.journal_sync import deliver
from payrelay.flows.journal_sync.compare import Payload
from payrelay.flows.journal_sync.notes import Notebook
from payrelay.flows.journal_sync.planning import NOT_PROCESSED, Planner
from payrelay.flows.journal_sync.read import Sides
from payrelay.flows.journal_sync.records import ENTITY, SOURCE, run_and_entry, source_id_of
from payrelay.flows.last_run import (
    OVERLAP,
    STAMP,
    mark_of,
    moved_since,
    reading,
    stamp_of,
    standing_of,
    unfinished,
)
from payrelay.flows.opening import Container
from payrelay.systems.globe_next.client import SYSTEM as GLOBE
from payrelay.systems.payroll_plus.client import SYSTEM as PAYROLL
from payrelay.systems.rows import BadRow

PAGE_SIZE = 50
# Settings, journals, accounts, centres, units, periods, and what is booked.
LISTS_OF_A_COMPANY = 7


class JournalSync(Flow, frozen=True):
    """The flow over one connection; its pages are planned one after the other."""

    sides: Sides
    name: ClassVar[str] = "journal_sync"
    payload: ClassVar[type[Payload]] = Payload
    batch_size: ClassVar[int] = 10
    pages_at_once: ClassVar[int] = 1

    @property
    def notebook(self) -> Notebook:
        """What is kept of the connection's entries."""
        return Notebook(self.ledger, *self.connection_key)

    # --- listing -----------------------------------------------------------------------------------------

    def pages(self, run: Run) -> Listing:
        """Pages of entries: of payroll runs that moved, left by the last run, or on their way."""
        if run.only is not None:
            return Listing((), 0, {"ids": [], "bad": []}, moved_only=True)
        asked = run.options.get("payroll_runs")
        last = {} if asked or run.options.get("full") else standing_of(self)
        stamp = stamp_of(self.ledger, run)
        since = moved_since(run, last, PAYROLL, stamp)
        bad: list[BadRow] = []
        begun = list(self.notebook.on_their_way())
        if asked:
            ids, due = [], list(asked)
        else:
            left = [one.source_id for one in unfinished(self, last)] if since else []
            ids = [one for one in (*begun, *left) if run_and_entry(one)[1]]
            # A payroll run that could not be read is told again until it can be.
            every = len(ids) < len(begun) + len(left)
            moved = self.sides.payroll.payroll_runs(None if every else since).take(bad)
            before = mark_of(last, PAYROLL)
            if since and before and not before.holds(reading(run, self.sides.payroll.server_time()), OVERLAP):
                since, bad = None, []
                moved = self.sides.payroll.payroll_runs().take(bad)
            due = [row.run_id for row in moved if row.status != NOT_PROCESSED]
            due += [run_and_entry(one)[0] for one in ids]
        for run_id in dict.fromkeys(due):
            found = self.sides.entries_of(run_id)
            ids += [source_id_of(run_id, one.id) for one in found.entries]
            ids += [source_id_of(run_id, row.id or row.number) for row in found.bad]
        ids = list(dict.fromkeys(ids))
        pages = pages_of(len(ids), PAGE_SIZE)
        told = [[row.id, row.number, row.field, row.problem] for row in bad]
        mark = reading(run, self.sides.payroll.server_time())
        return Listing(
            pages,
            len(ids),
            {"ids": ids, "bad": told},
            moved_only=bool(asked or since),
            full=None if asked else not since,
            marks={STAMP: stamp, PAYROLL: mark.stored()},
        )

    # --- planning and applying ---------------------------------------------------------------------------

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Read the entries of a page once more, and what their companies have."""
        listed: Sequence[str] = context["ids"]
        ids = list(page.ids) or list(listed[page.offset : page.offset + page.limit])
        again = frozenset(run.options.get("book_again") or ())
        planner = Planner(self.sides, self.notebook, again, keeps=run.mode is not Mode.PREVIEW)
        said, writes = planner.planned(ids)
        if not page.ids and page.index == 0:
            said += [_unreadable_run(BadRow(*row)) for row in context["bad"]]
        return PlannedPage(page.index, planner.unchanged, tuple(said), tuple(writes), seen_of(page, listed))

    def apply(self, run: Run, writes: Sequence[Write[Payload]]) -> list[Applied]:
        """Book entry after entry; what is on its way is kept before it is sent."""
        del run
        return deliver.deliver(self.sides, self.notebook, writes)

    def ended(self, run: Run, writes: Sequence[Write[Payload]], records: Sequence[Record]) -> None:
        """What is booked, and kept as such, is not on its way any more."""
        del run, writes
        for record in records:
            if record.outcome is Outcome.CREATED:
                self.notebook.forget(record.source_id)

    def loads(self, writes: Sequence[Write[Payload]]) -> Loads:
        """Lines and headers, which Globe Next takes one by one."""
        return deliver.loads(writes)

    def looks(self, writes: Sequence[Write[Payload]]) -> Loads:
        """The entries of their payroll runs, and the lists of their companies."""
        runs = {run_and_entry(write.record.source_id)[0] for write in writes}
        companies = {write.payload.company for write in writes}
        return {
            "runs": Load(PAYROLL, len(runs)),
            "lists": Load(GLOBE, LISTS_OF_A_COMPANY * len(companies)),
        }

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems reached, each company; then one entry, or all of one payroll run."""
        from payrelay.flows.journal_sync import diagnose  # noqa: PLC0415  (no step of a run needs it)

        return diagnose.checks(self.sides, self.notebook, key)


def _unreadable_run(row: BadRow) -> Record:
    """The record of a payroll run that can't be read: none of its entries is known."""
    name = row.id or row.number
    label = f"Payroll run {name}"
    return Record(ENTITY, name, label, Outcome.BLOCKED, source_id_of(name, ""), row.why(label, SOURCE))


def companies_of(settings: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    """The companies that the settings name, by their Administratienummer."""
    rows: Iterable[Mapping[str, str]] = settings.get("globe_companies") or ()
    return {trimmed(row["administratienummer"]): row for row in rows}


def open_flow(
    container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]
) -> JournalSync:
    """The flow over one connection, with its stored credentials."""
    return JournalSync(
        tenant=tenant,
        connection_id=connection_id,
        ledger=container.ledger,
        sides=Sides(
            lambda system: container.client_of(tenant, connection_id, settings, system),
            companies=companies_of(settings),
        ),
    )
