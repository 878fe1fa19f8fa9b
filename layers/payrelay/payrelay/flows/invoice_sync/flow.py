"""Documents from AutoVu to an accounting package: check, post once, take off the list (IN-1 to IN-12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from msgspec.structs import replace

from payrelay.domain.forecast import Loads
from payrelay.domain.invoices import Document
from payrelay.domain.records import Applied, Outcome, PlannedPage, Record, Write
from payrelay.domain.runs import Check, Link, Listing, Mode, Page, Run
from payrelay.flows.flow import AutoFlow, Batch, Interrupted
from payrelay.flows.invoice_sync import calls
from payrelay.flows.invoice_sync import diagnose as diagnosis
from payrelay.flows.invoice_sync.check import look_at, open_books, utc_now
from payrelay.flows.invoice_sync.compare import ENTITY, lacks_nominal, planned
from payrelay.flows.invoice_sync.deliver import apply
from payrelay.flows.invoice_sync.listed import KEPT, WITHOUT_ID, Shown, as_listed_now, id_of, keep, kept
from payrelay.flows.invoice_sync.nominals import Nominals
from payrelay.flows.invoice_sync.read import (
    ACCOUNT,
    AccountsSeen,
    Books,
    Chart,
    document_of,
    with_nominals,
)
from payrelay.flows.invoice_sync.reasons import reason
from payrelay.flows.invoice_sync.rules import BATCH, Seen
from payrelay.flows.invoice_sync.writes import Payload, Post
from payrelay.flows.opening import Container
from payrelay.systems.autovu.client import SYSTEM
from payrelay.systems.registry import label
from payrelay.systems.rows import BadRow

# In how many rows an earlier session's nominals were wrong.
DRIFT = "nominals_drift"


class InvoiceSync(AutoFlow, frozen=True):
    """The flow over one connection."""

    books: Books
    clock: Callable[[], datetime] = utc_now
    settings: Mapping[str, Any] = {}
    name: ClassVar[str] = "invoice_sync"
    payload: ClassVar[Any] = Payload
    batch_size: ClassVar[int] = BATCH

    def pages(self, run: Run) -> Listing:
        """The first five listed documents as one page (IN-2); none of a session that asks batch by batch."""
        chart, full = self._chart(run)
        if run.mode is Mode.AUTO:
            return Listing((), 0, chart, full=full)
        listed = self._read(limit=BATCH)
        ids = tuple(listed.known())
        keep(self.ledger.plans, run, listed)
        page = Page(0, limit=BATCH, ids=ids)
        return Listing((page,) if ids else (), len(ids), chart, full=full)

    def _chart(self, run: Run) -> tuple[Mapping[str, Any], bool | None]:
        """What every page needs; whether what an earlier session has read was compared with all there is."""
        read = self._nominals.read(run)
        context = self.books.chart(read.nominals, moved=read.moved).as_context()
        return {**context, DRIFT: read.drift or 0}, None if read.drift is None else True

    @property
    def _nominals(self) -> Nominals:
        return Nominals(self.books, self.settings, self.clock())

    def next_batch(self, run: Run, tried: Mapping[str, str]) -> Batch:
        """The next five documents that were not tried in this session, or have changed since (IN-2).

        Taken from what the list showed just now, as long as that has five; else the list is read. `tried`
        tells for each document that was tried what it looked like. How its account and its link look
        is seen once nothing new is left: most are posted by then, and a document that was tried before that
        is tried once more.
        """
        known = kept(self.ledger.plans, run, self._now())
        if known:
            looks = known.known()
            fresh = [one for one in looks if one not in tried]
            if len(fresh) >= BATCH:
                return _batch(fresh[:BATCH], looks, len(fresh) - BATCH + known.others)
        listed = self._read()
        looks = listed.known()
        fresh = [one for one in looks if one not in tried]
        rows = {one.document_id: one for one in listed.documents}
        waiting = [one for one in looks if one in tried] if len(fresh) < BATCH else []
        looks |= self._looks([rows[one] for one in waiting if one in rows])
        moved = [one for one in waiting if looks[one] != tried[one]]
        chosen = [*fresh[:BATCH], *moved][:BATCH]
        next_ones = {*chosen, *fresh[BATCH:KEPT]}
        keep(self.ledger.plans, run, listed.of(next_ones, others=len(fresh[KEPT:])))
        return _batch(chosen, looks, len(fresh[BATCH:]), listed=len(looks))

    def _looks(self, documents: Sequence[Document]) -> dict[str, str]:
        """What may move a document that is blocked: its own version, its account's, its account's link."""
        unusable: list[BadRow] = []
        rows = self.books.autovu.accounts([one.account_id for one in documents]).take(unusable)
        accounts = {row.account_id: row for row in rows}
        problems = {one.id: f"{one.field} {one.problem}" for one in unusable}
        found = {}
        for one in documents:
            account = accounts.get(one.account_id)
            link = self.books.link_of(account, one.kind.side) if account else problems.get(one.account_id)
            # No version has a blank in it.
            found[one.document_id] = (
                f"{one.row_version} {account.row_version if account else ''} {link or ''}"
            )
        return found

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Run the checks on the page's documents: what would be posted, and why the rest is not."""
        documents, others = self._documents(run, page)
        accounts = AccountsSeen(self.books.package, context)
        writing = run.mode in (Mode.SYNC, Mode.AUTO)
        chart = Chart.of_context(context)
        noted: Mapping[str, Any] = {}
        if chart.moved and any(lacks_nominal(one, chart, self.books.package) for one in documents):
            # It may be there all the same: no document waits for what an earlier session has read.
            chart = with_nominals(chart, self._nominals.whole(run))
            noted = chart.as_context()
        # What a sync has to look up, it is told when it is about to post; a preview says the same before.
        sent = self._sent(page.doubtful if writing else page.ids)
        seen = look_at(self.books, documents, chart, accounts, all_numbers=not writing, sent=sent)
        if writing:
            self._remember(seen)
        found = [planned(one) for one in seen]
        records = [one for one in found if isinstance(one, Record)]
        return PlannedPage(
            page.index,
            0,
            (*records, *others),
            tuple(one for one in found if isinstance(one, Write)),
            matched={f"{ENTITY}:{one.document.document_id}": one.own.id for one in seen if one.own},
            noted={**noted, **(accounts.as_context() if accounts.grew and run.mode is Mode.AUTO else {})},
            drift=context.get(DRIFT, 0) if page.index == 0 else 0,
            spared={} if writing else calls.spared(self.books, seen),
        )

    def name_of(self, write: Write[Payload]) -> str:
        """The number that a document is posted under."""
        return write.payload.posting.number if isinstance(write.payload, Post) else ""

    def _sent(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """The numbers under which these documents may have been posted by a call without an answer."""
        names = self.ledger.deliveries.names(*self.connection_key, [f"{ENTITY}:{one}" for one in ids])
        return {record_id.removeprefix(f"{ENTITY}:"): found for record_id, found in names.items()}

    def remaining(self, planned: Write[Payload], fresh: Write[Payload] | None) -> Write[Payload] | None:
        """What is left of a write that may have been sent: the package is asked whether it arrived.

        Also of one that AutoVu lists no more, for a person may have taken it off meanwhile.
        """
        if not isinstance(planned.payload, Post):
            return fresh
        if fresh is None:
            return replace(planned, payload=replace(planned.payload, doubtful=True, listed=False))
        if isinstance(fresh.payload, Post):
            return replace(fresh, payload=replace(fresh.payload, doubtful=True))
        return fresh

    def apply(self, run: Run, writes: Sequence[Write[Payload]]) -> list[Applied]:
        """Post, take off the list, and say there why the rest stays.

        A document that was edited since it was planned is planned anew, unless a person wished the plan.
        """
        if any(isinstance(one.payload, Post) for one in writes):
            self.books.package.prepare()
        afresh = None if run.mode is Mode.APPLY else partial(self._afresh, run)
        try:
            applied = apply(self.books, as_listed_now(self.books.autovu, writes, afresh), self.clock())
        except Interrupted as stop:
            self._nominals.distrust(one.record for one in stop.applied)
            raise
        self._nominals.distrust(one.record for one in applied)
        return applied

    def _afresh(self, run: Run, ids: Sequence[str]) -> dict[str, Write[Payload] | Record]:
        """Documents read and planned anew."""
        context = self.ledger.plans.context(replace(run, run_id=run.plan_run_id))
        found = self.plan(run, Page(0, ids=tuple(ids), at=self.clock().isoformat()), context)
        again: dict[str, Write[Payload] | Record] = {one.source_id: one for one in found.records}
        return again | {one.record.source_id: one for one in found.writes}

    def loads(self, writes: Sequence[Write[Payload]]) -> Loads:
        """The documents seen once more, posted, and told of in AutoVu."""
        return calls.loads(self.books, writes)

    def looks(self, writes: Sequence[Write[Payload]]) -> Loads:
        """The documents with their accounts, and all their numbers."""
        return calls.looks(self.books, writes)

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems reached; then all checks of one document, or of every listed one (IN-12)."""
        return diagnosis.checks(self.books, key)

    def _now(self) -> float:
        return self.clock().timestamp()

    def _read(self, limit: int | None = None) -> Shown:
        """The list as it is now."""
        at, bad = self._now(), list[BadRow]()
        documents = self.books.autovu.queue(limit).documents.take(bad)
        return Shown(at, tuple(document_of(one) for one in documents), tuple(bad))

    def _documents(self, run: Run, page: Page) -> tuple[list[Document], list[Record]]:
        """The documents as the list showed them just now, or as they are now; records of those not to be had.

        What is planned anew is read anew.
        """
        anew = page.at or page.doubtful
        shown = None if anew else kept(self.ledger.plans, run, self._now())
        documents = {one.document_id: one for one in shown.documents} if shown else {}
        bad = {id_of(one): one for one in shown.unusable} if shown else {}
        others = self._others([one for one in page.ids if one not in documents and one not in bad])
        found = []
        records = []
        for document_id in page.ids:
            one = documents.get(document_id) or others.get(document_id)
            if isinstance(one, Document):
                found.append(one)
            else:
                records.append(one or _unreadable(document_id, bad.get(document_id)))
        return found, records

    def _others(self, ids: Sequence[str]) -> dict[str, Document | Record]:
        """Documents as they are now, or why they can't be synced: unreadable, or not listed any more."""
        unusable: list[BadRow] = []
        asked = [one for one in ids if not one.startswith(WITHOUT_ID)]
        rows = {row.document_id: row for row in self.books.autovu.documents(asked).take(unusable)}
        found: dict[str, Document | Record] = {one.id: _unreadable(one.id, one) for one in unusable}
        for document_id in asked:
            row = rows.get(document_id)
            if row is None:
                found.setdefault(document_id, _gone(document_id, f"Document {document_id}"))
            elif row.synced_at is not None or not row.marked_for_sync:
                found[document_id] = _gone(document_id, document_of(row).label)
            else:
                found[document_id] = document_of(row)
        return found

    def _remember(self, seen: Sequence[Seen]) -> None:
        """Know whose account was linked once: when its id is removed, it is found by its name (IN-6)."""
        if not self.books.package.takes_account_ids:
            return
        links = {}
        for one in seen:
            if one.accs_id:
                source_id = f"{one.document.account_id}:{one.document.kind.side}"
                links[source_id] = Link(ACCOUNT, source_id, one.document.account_name, "")
        self.ledger.links.adopt(*self.connection_key, links.values())


def _batch(ids: Sequence[str], looks: Mapping[str, str], untried: int, listed: int | None = None) -> Batch:
    """These of the list, with so many behind them that were not tried yet."""
    in_all = len(ids) + untried if listed is None else listed
    return Batch(tuple(ids), {one: looks[one] for one in ids}, in_all, untried)


def _unreadable(document_id: str, bad: BadRow | None) -> Record:
    """The record of a document whose row can't be used; without a row it is its id that is missing."""
    named = None if document_id.startswith(WITHOUT_ID) else bad
    row = named or BadRow("", document_id.removeprefix(WITHOUT_ID), "DocumentId", "is missing")
    name = f"Document {row.number or document_id}"
    return Record(ENTITY, document_id, name, Outcome.BLOCKED, document_id, row.why(name, label(SYSTEM)))


def _gone(document_id: str, name: str) -> Record:
    why = reason("DOCUMENT_GONE", label=name)
    return Record(ENTITY, document_id, name, Outcome.SKIPPED, document_id, why)


def open_flow(
    container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]
) -> InvoiceSync:
    """The flow over one connection."""
    books = open_books(container, tenant, connection_id, settings)
    return InvoiceSync(tenant, connection_id, container.ledger, books, settings=settings)
