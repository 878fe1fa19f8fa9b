"""Documents from AutoVu to an accounting package: check, post once, take off the list (IN-1 to IN-12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from msgspec.structs import replace

from payrelay.domain.invoices import Posted, Posting
from payrelay.domain.reasons import reason
from payrelay.domain.records import Applied, Change, Outcome, PlannedPage, Reason, Record, Write
from payrelay.domain.runs import Check, Link, Listing, Mode, Page, Run
from payrelay.flows.flow import AutoFlow, Batch
from payrelay.flows.invoice_sync import diagnose as invoice_diagnosis
from payrelay.flows.invoice_sync import writeback as invoice_writeback
from payrelay.flows.invoice_sync.books import ACCOUNT, AccountsSeen, Books, Chart, Pair
from payrelay.flows.invoice_sync.deliver import Delivery, deliver
from payrelay.flows.invoice_sync.posting import changes_of, from_send, posting_of, to_send
from payrelay.flows.invoice_sync.rules import first_failing, label_of
from payrelay.flows.opening import Container
from payrelay.flows.settings.autovu_accounting import Settings
from payrelay.systems.autovu.client import SYSTEM
from payrelay.systems.autovu.models import Document
from payrelay.systems.registry import label
from payrelay.systems.rows import BadRow

ENTITY = "document"
BATCH = 5
# The parts of a write: post and take off the list, only take off the list, only say why not.
POST, SYNCED, STATUS = "post", "synced", "status"
LINK = "link"
# With POST: it may have been posted before, and AutoVu lists it no more.
DOUBT, GONE = "doubt", "gone"
# A row without an id can't be asked for: it goes by its number.
WITHOUT_ID = "no-id:"


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


class InvoiceSync(AutoFlow, frozen=True):
    """The flow over one connection."""

    books: Books
    package: str
    clock: Callable[[], datetime] = utc_now
    name: ClassVar[str] = "invoice_sync"
    payload: ClassVar[type[Any]] = dict
    batch_size: ClassVar[int] = BATCH

    @property
    def at_once(self) -> int | None:
        """One by one where the package takes them so: each leaves AutoVu's list right after it was posted."""
        return None if self.books.package.posts_together else 1

    def pages(self, run: Run) -> Listing:
        """The first five listed documents as one page (IN-2); none of a session that asks batch by batch."""
        if run.mode is Mode.AUTO:
            return Listing((), 0, self.books.chart().as_context())
        queue = self.books.autovu.queue(limit=BATCH)
        ids = [one.document_id for one in queue.documents] + [_id_of(bad) for bad in queue.bad_rows]
        page = Page(0, limit=BATCH, ids=tuple(dict.fromkeys(ids)))
        return Listing((page,) if page.ids else (), len(page.ids), self.books.chart().as_context())

    def next_batch(self, run: Run, tried: Mapping[str, str]) -> Batch:
        """The next five documents that were not tried in this session, or have changed since (IN-2).

        `tried` tells for each document that was tried what it, its account and its link looked like.
        """
        del run
        queue = self.books.autovu.queue()
        listed = {one.document_id: one for one in queue.documents}
        bad = {_id_of(one): f"{one.field} {one.problem}" for one in queue.bad_rows}
        known = [*listed, *bad]
        fresh = [one for one in known if one not in tried][:BATCH]
        waiting = [one for one in known if one in tried] if len(fresh) < BATCH else []
        looks = bad | self._looks([listed[one] for one in (*fresh, *waiting) if one in listed])
        moved = [one for one in waiting if looks[one] != tried[one]]
        chosen = [*fresh, *moved][:BATCH]
        return Batch(tuple(chosen), looks={one: looks[one] for one in chosen}, listed=len(known))

    def _looks(self, documents: Sequence[Document]) -> dict[str, str]:
        """What may move a document that is blocked: its own version, its account's, its account's link."""
        accounts = self.books.autovu.accounts([one.account_id for one in documents])
        found = {}
        for one in documents:
            account = accounts.get(one.account_id)
            link = self.books.link_of(account, one.type.side) if account else None
            version = account.row_version if account else ""
            found[one.document_id] = "/".join((one.row_version, version, link or ""))
        return found

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Run the checks on the page's documents: what would be posted, and why the rest is not."""
        documents, others = self._documents(page.ids)
        seen = AccountsSeen(self.books.package, context)
        writing = run.mode in (Mode.SYNC, Mode.AUTO)
        chart = Chart.of_context(context)
        pairs = self.books.look_at(documents, chart, seen, all_numbers=not writing) if documents else []
        planned = [self._planned(pair) for pair in pairs]
        if writing:
            self._remember(pairs)
        records = [one for one in planned if isinstance(one, Record)]
        return PlannedPage(
            page.index,
            0,
            (*records, *others),
            tuple(one for one in planned if isinstance(one, Write)),
            matched={f"{ENTITY}:{pair.document.document_id}": pair.own.id for pair in pairs if pair.own},
            noted=seen.as_context() if seen.grew and run.mode is Mode.AUTO else {},
        )

    def plan_absent(
        self, run: Run, index: int, gone: Sequence[Link], context: Mapping[str, Any]
    ) -> PlannedPage:
        """Nothing follows from a document's not being listed: that is how it looks once it is synced."""
        del run, gone, context
        return PlannedPage(index, 0, (), ())

    def ended(self, run: Run, writes: Sequence[Write[Any]], records: Sequence[Record]) -> None:
        """Nothing is kept of a batch as a whole."""

    def remaining(self, planned: Write[Any], fresh: Write[Any] | None) -> Write[Any] | None:
        """What is left of a write that may have been sent: the package is asked whether it arrived.

        Also of one that AutoVu lists no more, for a person may have taken it off meanwhile.
        """
        if POST not in planned.payload:
            return fresh
        if fresh is None:
            return replace(planned, payload={**planned.payload, GONE: {}})
        return replace(fresh, payload={**fresh.payload, DOUBT: {}}) if POST in fresh.payload else fresh

    def apply(self, run: Run, writes: Sequence[Write[Any]]) -> list[Applied]:
        """Post what is to be posted in one go, take it off the list, and say there why the rest stays."""
        del run
        deliveries = []
        for write in writes:
            if POST in write.payload:
                self._link(write)
                doubtful = DOUBT in write.payload or GONE in write.payload
                posting = from_send(write.payload[POST])
                deliveries.append(Delivery(write.record, posting, doubtful, GONE not in write.payload))
        fates = deliver(self.books, self.package, deliveries)
        found = []
        for write in writes:
            fate = fates.get(write.record.source_id)
            if isinstance(fate, Record):
                self._say(write, fate.reason.message if fate.reason else "")
                found.append(Applied(fate))
            elif STATUS in write.payload:
                self._say(write, write.payload[STATUS]["text"])
                found.append(Applied(write.record))
            else:
                target = fate.id if fate else write.target_id or ""
                why = self._take_off(write, target) or (self._differs(write, fate) if fate else None)
                record = replace(write.record, reason=why) if why else write.record
                found.append(Applied(record, target))
        return found

    def cost(self, writes: Sequence[Write[Any]]) -> int:
        """The posting, together where the package takes several, and taking each off AutoVu's list."""
        return len(writes) + (1 if self.books.package.posts_together else len(writes))

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems reached; then all checks of one document, or of every listed one (IN-12)."""
        return invoice_diagnosis.checks(self.books, self.package, key)

    def _documents(self, ids: Sequence[str]) -> tuple[list[Document], list[Record]]:
        """The documents as they are now; records of those that can't be read or are not listed any more."""
        read = self.books.autovu.documents([one for one in ids if not one.startswith(WITHOUT_ID)])
        bad = {row.id: row for row in read.bad_rows}
        found, others = [], []
        for document_id in ids:
            document = read.get(document_id)
            if document_id in bad or document_id.startswith(WITHOUT_ID):
                others.append(_unreadable(document_id, bad.get(document_id)))
            elif document is None or document.synced_at is not None or not document.marked_for_sync:
                name = label_of(document) if document else f"Document {document_id}"
                why = reason("DOCUMENT_GONE", label=name)
                others.append(Record(ENTITY, document_id, name, Outcome.SKIPPED, document_id, why))
            else:
                found.append(document)
        return found, others

    def _planned(self, pair: Pair) -> Write[Any] | Record:
        """A write, or the record of a document whose StatusCode says already why it can't be synced."""
        document, seen = pair.document, pair.seen
        node = {"row_version": document.row_version, "said": document.status_code or ""}
        if pair.own:
            differs = self._total_differs(label_of(document), pair.own, document.gross)
            change = Change("external_id", None, pair.own.id)
            record = self._record(document, Outcome.CREATED, differs, (change,))
            return Write(record, {SYNCED: node}, target_id=pair.own.id)
        why = _account_unreadable(pair) or first_failing(seen)
        posting = (
            None
            if why or not seen.account
            else posting_of(document, seen, seen.account.id, self.connection_id)
        )
        if posting is None:
            if why is None:
                raise ValueError(f"{label_of(document)} passes every check and can't be posted")
            record = self._record(document, Outcome.BLOCKED, why)
            if node["said"] == why.message:
                return record
            return Write(record, {STATUS: {**node, "text": why.message}})
        record = self._record(document, Outcome.CREATED, None, changes_of(posting, seen.total))
        send = {POST: to_send(posting), SYNCED: node}
        if pair.adopts:
            send[LINK] = {"account_id": document.account_id, "accs_id": pair.adopts.id}
        return Write(record, send)

    def _link(self, write: Write[Any]) -> None:
        """Link the account of a document with its namesake, as its person wished by removing the wrong id."""
        node = write.payload.get(LINK)
        if node is not None and self.books.package.takes_account_ids:
            side = from_send(write.payload[POST]).kind.side
            invoice_writeback.link(self.books.autovu, node["account_id"], side, node["accs_id"])

    def _take_off(self, write: Write[Any], target: str) -> Reason | None:
        """Take a posted document off AutoVu's list; what a person did with it meanwhile, if anything."""
        version, source_id = write.payload[SYNCED]["row_version"], write.record.source_id
        code = invoice_writeback.take_off(self.books.autovu, source_id, version, target, self.clock())
        values = {"label": write.record.label, "package": label(self.package), "id": target}
        return reason(code, **values) if code else None

    def _say(self, write: Write[Any], text: str) -> None:
        """Put a StatusCode, unless it stands there already."""
        node = write.payload.get(STATUS) or write.payload[SYNCED]
        if node["said"] != text:
            invoice_writeback.say(self.books.autovu, write.record.source_id, node["row_version"], text)

    def _differs(self, write: Write[Any], posted: Posted) -> Reason | None:
        """What the package made of a document otherwise than it was told, if anything."""
        if POST not in write.payload:
            return None
        posting: Posting = from_send(write.payload[POST])
        if posted.number and posted.number != posting.number:
            values = {"label": write.record.label, "package": label(self.package)}
            return reason("NUMBER_REPLACED", **values, value=posted.number, id=posted.id)
        gross = sum((line.net + line.tax for line in posting.lines), Decimal())
        return self._total_differs(write.record.label, posted, gross)

    def _total_differs(self, name: str, posted: Posted, gross: Decimal) -> Reason | None:
        if posted.total == gross:
            return None
        amounts = {"total": f"{posted.total:.2f}", "gross": f"{gross:.2f}"}
        return reason("TOTAL_AS_POSTED", label=name, package=label(self.package), id=posted.id, **amounts)

    def _remember(self, pairs: Sequence[Pair]) -> None:
        """Know whose account was linked once: when its id is removed, it is found by its name (IN-6)."""
        links = [
            Link(
                ACCOUNT,
                f"{pair.document.account_id}:{pair.document.type.side}",
                pair.document.account_name,
                "",
            )
            for pair in pairs
            if pair.seen.accs_id and self.books.package.takes_account_ids
        ]
        self.ledger.links.adopt(
            self.tenant, self.connection_id, {one.source_id: one for one in links}.values()
        )

    @staticmethod
    def _record(
        document: Document, outcome: Outcome, why: Reason | None, changes: tuple[Change, ...] = ()
    ) -> Record:
        document_id = document.document_id
        return Record(ENTITY, document_id, label_of(document), outcome, document_id, why, changes)


def _id_of(bad: BadRow) -> str:
    """The id under which a run speaks of a row that can't be used."""
    return bad.id or f"{WITHOUT_ID}{bad.number}"


def _unreadable(document_id: str, bad: BadRow | None) -> Record:
    """The record of a document whose row can't be used; without a row it is its id that is missing."""
    field, problem = (bad.field, bad.problem) if bad else ("DocumentId", "is missing")
    name = f"Document {(bad.number if bad else '') or document_id.removeprefix(WITHOUT_ID)}"
    why = reason("VALUE_NOT_VALID", label=name, field=field, problem=problem, system=label(SYSTEM))
    return Record(ENTITY, document_id, name, Outcome.BLOCKED, document_id, why)


def _account_unreadable(pair: Pair) -> Reason | None:
    """Why a document whose account's row can't be used waits: nobody can tell how it is linked."""
    if pair.unreadable is None:
        return None
    field = f"{pair.unreadable.field} of the account {pair.document.account_name}"
    values = {"label": label_of(pair.document), "field": field, "problem": pair.unreadable.problem}
    return reason("VALUE_NOT_VALID", **values, system=label(SYSTEM))


def open_books(container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]) -> Books:
    """Both sides of one connection, with its stored credentials."""
    checked = Settings.model_validate(settings)
    # In use: a connection lapses some time after its last use (IN-8).
    container.ledger.connections.touch(tenant, connection_id, int(utc_now().timestamp()))
    return Books(
        autovu=container.client_of(tenant, connection_id, settings, SYSTEM),
        package=container.client_of(tenant, connection_id, settings, checked.package),
        label=label(checked.package),
        ledger=container.ledger,
        connection_key=(tenant, connection_id),
        rates=checked.tax_rates,
    )


def open_flow(
    container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]
) -> InvoiceSync:
    """The flow over one connection."""
    return InvoiceSync(
        tenant=tenant,
        connection_id=connection_id,
        books=open_books(container, tenant, connection_id, settings),
        ledger=container.ledger,
        package=str(settings["package"]),
    )
