"""Documents from AutoVu to an accounting package: check, post once, take off the list (IN-1 to IN-12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from msgspec.structs import replace

from payrelay.domain.forecast import Load, Loads
from payrelay.domain.invoices import Document
from payrelay.domain.records import Applied, Outcome, PlannedPage, Record, Write
from payrelay.domain.runs import Check, Link, Listing, Mode, Page, Run
from payrelay.flows.flow import AutoFlow, Batch
from payrelay.flows.invoice_sync import diagnose as diagnosis
from payrelay.flows.invoice_sync.check import look_at, open_books, utc_now
from payrelay.flows.invoice_sync.compare import ENTITY, planned
from payrelay.flows.invoice_sync.deliver import apply
from payrelay.flows.invoice_sync.read import ACCOUNT, AccountsSeen, Books, Chart, document_of
from payrelay.flows.invoice_sync.reasons import reason
from payrelay.flows.invoice_sync.rules import BATCH, Seen
from payrelay.flows.invoice_sync.writes import Payload, Post
from payrelay.flows.opening import Container
from payrelay.systems.autovu import models
from payrelay.systems.autovu.client import SYSTEM
from payrelay.systems.registry import label
from payrelay.systems.rows import BadRow

# A row without an id can't be asked for: it goes by its number.
WITHOUT_ID = "no-id:"


class InvoiceSync(AutoFlow, frozen=True):
    """The flow over one connection."""

    books: Books
    clock: Callable[[], datetime] = utc_now
    name: ClassVar[str] = "invoice_sync"
    payload: ClassVar[Any] = Payload
    batch_size: ClassVar[int] = BATCH

    def pages(self, run: Run) -> Listing:
        """The first five listed documents as one page (IN-2); none of a session that asks batch by batch."""
        if run.mode is Mode.AUTO:
            return Listing((), 0, self.books.chart().as_context())
        bad: list[BadRow] = []
        documents = self.books.autovu.queue(limit=BATCH).documents.take(bad)
        ids = [one.document_id for one in documents] + [_id_of(one) for one in bad]
        page = Page(0, limit=BATCH, ids=tuple(dict.fromkeys(ids)))
        return Listing((page,) if page.ids else (), len(page.ids), self.books.chart().as_context())

    def next_batch(self, run: Run, tried: Mapping[str, str]) -> Batch:
        """The next five documents that were not tried in this session, or have changed since (IN-2).

        `tried` tells for each document that was tried what it looked like. How its account and its link look
        is seen once nothing new is left: most are posted by then, and a document that was tried before that
        is tried once more.
        """
        del run
        bad: list[BadRow] = []
        listed = {one.document_id: one for one in self.books.autovu.queue().documents.take(bad)}
        unusable = {_id_of(one): f"{one.field} {one.problem}" for one in bad}
        known = [*listed, *unusable]
        looks = unusable | {one: row.row_version for one, row in listed.items()}
        fresh = [one for one in known if one not in tried][:BATCH]
        waiting = [one for one in known if one in tried] if len(fresh) < BATCH else []
        looks |= self._looks([listed[one] for one in waiting if one in listed])
        moved = [one for one in waiting if looks[one] != tried[one]]
        chosen = [*fresh, *moved][:BATCH]
        return Batch(tuple(chosen), looks={one: looks[one] for one in chosen}, listed=len(known))

    def _looks(self, documents: Sequence[models.Document]) -> dict[str, str]:
        """What may move a document that is blocked: its own version, its account's, its account's link."""
        unusable: list[BadRow] = []
        rows = self.books.autovu.accounts([one.account_id for one in documents]).take(unusable)
        accounts = {row.account_id: row for row in rows}
        problems = {one.id: f"{one.field} {one.problem}" for one in unusable}
        found = {}
        for one in documents:
            account = accounts.get(one.account_id)
            link = self.books.link_of(account, one.type.side) if account else problems.get(one.account_id)
            # No version has a blank in it.
            found[one.document_id] = (
                f"{one.row_version} {account.row_version if account else ''} {link or ''}"
            )
        return found

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Run the checks on the page's documents: what would be posted, and why the rest is not."""
        documents, others = self._documents(page.ids)
        accounts = AccountsSeen(self.books.package, context)
        writing = run.mode in (Mode.SYNC, Mode.AUTO)
        chart = Chart.of_context(context)
        seen = look_at(self.books, documents, chart, accounts, all_numbers=not writing)
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
            noted=accounts.as_context() if accounts.grew and run.mode is Mode.AUTO else {},
        )

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
        """Post, take off the list, and say there why the rest stays."""
        del run
        return apply(self.books, writes, self.clock())

    def loads(self, writes: Sequence[Write[Payload]]) -> Loads:
        """The posting, together where the package takes several, and taking each off AutoVu's list."""
        at_once = BATCH if self.books.package.posts_together else 1
        posts = sum(isinstance(write.payload, Post) for write in writes)
        return {"told": Load(SYSTEM, len(writes)), "posted": Load(self.books.system, posts, at_once)}

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems reached; then all checks of one document, or of every listed one (IN-12)."""
        return diagnosis.checks(self.books, key)

    def _documents(self, ids: Sequence[str]) -> tuple[list[Document], list[Record]]:
        """The documents as they are now; records of those that can't be read or are not listed any more."""
        unusable: list[BadRow] = []
        asked = [one for one in ids if not one.startswith(WITHOUT_ID)]
        rows = {row.document_id: row for row in self.books.autovu.documents(asked).take(unusable)}
        bad = {row.id: row for row in unusable}
        found, others = [], []
        for document_id in ids:
            row = rows.get(document_id)
            if document_id in bad or document_id.startswith(WITHOUT_ID):
                others.append(_unreadable(document_id, bad.get(document_id)))
            elif row is None:
                others.append(_gone(document_id, f"Document {document_id}"))
            elif row.synced_at is not None or not row.marked_for_sync:
                others.append(_gone(document_id, document_of(row).label))
            else:
                found.append(document_of(row))
        return found, others

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


def _id_of(bad: BadRow) -> str:
    """The id under which a run speaks of a row that can't be used."""
    return bad.id or f"{WITHOUT_ID}{bad.number}"


def _unreadable(document_id: str, bad: BadRow | None) -> Record:
    """The record of a document whose row can't be used; without a row it is its id that is missing."""
    row = bad or BadRow("", document_id.removeprefix(WITHOUT_ID), "DocumentId", "is missing")
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
    return InvoiceSync(tenant, connection_id, container.ledger, books)
