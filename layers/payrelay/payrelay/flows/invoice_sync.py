"""Documents from AutoVu to an accounting package: check, post once, take off the list (IN-1 to IN-12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.invoice_checks import first_failing, label_of
from payrelay.domain.invoices import Posted
from payrelay.domain.reasons import reason
from payrelay.domain.records import Applied, Change, Outcome, PlannedPage, Reason, Record, Write
from payrelay.domain.runs import Check, Link, Listing, Mode, Page, Run
from payrelay.errors import PartlyWritten, Rejected
from payrelay.flows import invoice_diagnosis
from payrelay.flows.bulk import Refusal, refused
from payrelay.flows.catalog import flow_row
from payrelay.flows.flow import Batch
from payrelay.flows.invoice_books import ACCOUNT, Books, Chart, Pair
from payrelay.flows.invoice_posting import changes_of, from_send, posting_of, to_send
from payrelay.flows.opening import Place
from payrelay.flows.settings.autovu_accounting import Settings
from payrelay.ledger import Ledger
from payrelay.systems.autovu.client import ROW_VERSION_MISMATCH, SYSTEM
from payrelay.systems.autovu.models import Document
from payrelay.systems.registry import label

ENTITY = "document"
BATCH = 5
# The parts of a write: post and take off the list, only take off the list, only say why not.
POST, SYNCED, STATUS = "post", "synced", "status"


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


class InvoiceSync(Struct, frozen=True):
    """The flow over one connection."""

    tenant: str
    connection_id: str
    books: Books
    ledger: Ledger
    package: str
    clock: Callable[[], datetime] = utc_now
    name: str = "invoice_sync"
    version: str = flow_row("invoice_sync").version
    entity: str = ENTITY
    links_by_target: bool = False

    def pages(self, run: Run) -> Listing:
        """The first five listed documents as one page (IN-2); none of a session that asks batch by batch."""
        if run.mode is Mode.AUTO:
            return Listing((), 0, self.books.chart().as_context())
        queue = self.books.autovu.queue(limit=BATCH)
        page = Page(0, limit=BATCH, ids=tuple(one.document_id for one in queue.documents))
        return Listing((page,) if page.ids else (), len(page.ids), self.books.chart().as_context())

    def next_batch(self, run: Run, tried: Mapping[str, str]) -> Batch:
        """The next five documents that were not tried in this session, or have changed since (IN-2).

        `tried` tells for each document that was tried what it, its account and its link looked like.
        """
        del run
        documents = self.books.autovu.queue().documents
        waiting = [one for one in documents if one.document_id in tried]
        fresh = [one for one in documents if one.document_id not in tried]
        looks = self._looks([*fresh[:BATCH], *waiting]) if len(fresh) < BATCH else self._looks(fresh[:BATCH])
        moved = [
            one
            for one in waiting
            if looks.get(one.document_id, tried[one.document_id]) != tried[one.document_id]
        ]
        chosen = [*fresh, *moved][:BATCH]
        return Batch(
            ids=tuple(one.document_id for one in chosen),
            looks={one.document_id: looks[one.document_id] for one in chosen},
            listed=len(documents),
        )

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
        documents, gone = self._documents(page.ids)
        pairs = self.books.look_at(documents, Chart.of_context(context)) if documents else []
        planned = [self._planned(pair) for pair in pairs]
        if run.mode in (Mode.SYNC, Mode.AUTO):
            self._remember(pairs)
        records = [one for one in planned if isinstance(one, Record)]
        return PlannedPage(
            page.index,
            0,
            (*records, *gone),
            tuple(one for one in planned if isinstance(one, Write)),
            matched={f"{ENTITY}:{pair.document.document_id}": pair.own.id for pair in pairs if pair.own},
        )

    def plan_absent(
        self, run: Run, index: int, gone: Sequence[Link], context: Mapping[str, Any]
    ) -> PlannedPage:
        """Nothing follows from a document's not being listed: that is how it looks once it is synced."""
        del run, gone, context
        return PlannedPage(index, 0, (), ())

    def remaining(self, planned: Write, fresh: Write | None) -> Write | None:
        """What is left of a write that may have been sent: fresh from both sides, which know what arrived."""
        del planned
        return fresh

    def apply(self, run: Run, writes: Sequence[Write]) -> list[Applied]:
        """Post what is to be posted in one go, take it off the list, and say there why the rest stays."""
        del run
        to_post = {write.record.source_id: write for write in writes if POST in write.send}
        posted, refusals = self._post(to_post)
        found = []
        for write in writes:
            document_id = write.record.source_id
            if document_id in refusals:
                record = refused(write.record, Refusal(self.package, refusals[document_id]))
                self._say(write, record.reason.message if record.reason else "")
                found.append(Applied(record))
            elif STATUS in write.send:
                self._say(write, write.send[STATUS]["text"])
                found.append(Applied(write.record))
            else:
                target = posted[document_id].id if document_id in posted else write.target_id or ""
                found.append(Applied(self._take_off(write, target, posted.get(document_id)), target))
        return found

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems reached; then all checks of one document, or of every listed one (IN-12)."""
        return invoice_diagnosis.checks(self.books, self.package, key)

    def _documents(self, ids: Sequence[str]) -> tuple[list[Document], list[Record]]:
        """The documents as they are now, and records of those that are not on the list any more."""
        found, gone = [], []
        for document_id in ids:
            document = self.books.autovu.document(document_id)
            if document is None or document.synced_at is not None or not document.marked_for_sync:
                name = label_of(document) if document else f"Document {document_id}"
                why = reason("DOCUMENT_GONE", label=name)
                gone.append(Record(ENTITY, document_id, name, Outcome.SKIPPED, document_id, why))
            else:
                found.append(document)
        return found, gone

    def _planned(self, pair: Pair) -> Write | Record:
        """A write, or the record of a document whose StatusCode says already why it can't be synced."""
        document, seen = pair.document, pair.seen
        if pair.own:
            record = self._record(
                document, Outcome.CREATED, None, (Change("external_id", None, pair.own.id),)
            )
            node = {"row_version": document.row_version}
            return Write(record, {SYNCED: node}, target_id=pair.own.id)
        why = first_failing(seen)
        posting = (
            None
            if why or not seen.account
            else posting_of(document, seen, seen.account.id, self.connection_id)
        )
        if posting is None:
            if why is None:
                raise ValueError(f"{label_of(document)} passes every check and can't be posted")
            record = self._record(document, Outcome.BLOCKED, why)
            if document.status_code == why.message:
                return record
            node = {"row_version": document.row_version, "text": why.message}
            return Write(record, {STATUS: node})
        record = self._record(document, Outcome.CREATED, None, changes_of(posting, seen.total))
        send = {POST: to_send(posting), SYNCED: {"row_version": document.row_version}}
        if pair.adopts:
            send["link"] = {"account_id": document.account_id, "accs_id": pair.adopts.id}
        return Write(record, send)

    def _post(self, to_post: Mapping[str, Write]) -> tuple[Mapping[str, Posted], Mapping[str, str]]:
        """What the package took, and its words for what it refused, by document."""
        for write in to_post.values():
            if "link" in write.send:
                self._link(write)
        postings = [from_send(write.send[POST]) for write in to_post.values()]
        if not postings:
            return {}, {}
        try:
            return self.books.package.post(postings), {}
        except PartlyWritten as error:
            return error.done, {key: error.reasons.get(key, error.message) for key in error.keys}  # type: ignore[return-value]
        except Rejected as error:
            return {}, {key: error.reasons.get(key, error.message) for key in to_post}

    def _link(self, write: Write) -> None:
        """Link the account of a document with its namesake, as its person wished by removing the wrong id."""
        node = write.send["link"]
        side = from_send(write.send[POST]).kind.side
        account = self.books.autovu.accounts([node["account_id"]]).get(node["account_id"])
        if account and self.books.package.takes_account_ids and account.accs_id_for(side) is None:
            self.books.autovu.set_accs_id(account, side, node["accs_id"])

    def _take_off(self, write: Write, target: str, posted: Posted | None) -> Record:
        """Take a posted document off AutoVu's list; the record of how it ended."""
        document_id, record = write.record.source_id, write.record
        values = {"label": record.label, "package": label(self.package)}
        if posted and posted.number and POST in write.send and posted.number != write.send[POST]["number"]:
            why = reason("NUMBER_REPLACED", **values, value=posted.number, id=posted.id)
            record = replace(record, reason=why)
        try:
            self.books.autovu.mark_synced(
                document_id, write.send[SYNCED]["row_version"], target, self.clock()
            )
        except Rejected as refusal:
            if refusal.code != ROW_VERSION_MISMATCH:
                raise
            now = self.books.autovu.document(document_id)
            if now is not None and now.synced_at is None:
                self.books.autovu.mark_synced(document_id, now.row_version, target, self.clock())
            return replace(record, reason=reason("DOCUMENT_EDITED", **values))
        return record

    def _say(self, write: Write, text: str) -> None:
        """Put a StatusCode; a document that was edited meanwhile keeps what its next sync will say."""
        version = (write.send.get(STATUS) or write.send[SYNCED])["row_version"]
        try:
            self.books.autovu.set_status(write.record.source_id, version, text)
        except Rejected as refusal:
            if refusal.code not in (ROW_VERSION_MISMATCH, "NotFound", "AlreadySynced"):
                raise

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


def open_books(place: Place, tenant: str, connection_id: str, settings: Mapping[str, Any]) -> Books:
    """Both sides of one connection, with its stored credentials."""
    checked = Settings.model_validate(settings)
    # In use: a connection lapses some time after its last use (IN-8).
    place.ledger.connections.touch(tenant, connection_id, int(utc_now().timestamp()))
    return Books(
        autovu=place.client_of(tenant, connection_id, settings, SYSTEM),
        package=place.client_of(tenant, connection_id, settings, checked.package),
        label=label(checked.package),
        ledger=place.ledger,
        place=(tenant, connection_id),
        rates=checked.tax_rates,
    )


def open_flow(place: Place, tenant: str, connection_id: str, settings: Mapping[str, Any]) -> InvoiceSync:
    """The flow over one connection."""
    return InvoiceSync(
        tenant=tenant,
        connection_id=connection_id,
        books=open_books(place, tenant, connection_id, settings),
        ledger=place.ledger,
        package=str(settings["package"]),
    )
