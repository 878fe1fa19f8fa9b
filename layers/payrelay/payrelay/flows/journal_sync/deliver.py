"""Booking entries: lines first, then the header that processes them; nothing is left pending (RUN-5).

Timeline: the first line goes without a key, and its answer has one, which is kept before anything else is
sent. A crash or a lost answer anywhere leaves the note. Whoever comes next looks for the header of the key:
there, the entry is booked; not there, the lines are read and only those that are missing are sent. Without a
key the first line is looked for by what it says. Where Globe Next refuses, the lines are removed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from payrelay.domain.forecast import Load, Loads
from payrelay.domain.records import Applied, Change, Outcome, Record, Write
from payrelay.errors import (
    TROUBLE,
    CredentialsRefused,
    OutcomeUnknown,
    Rejected,
    RetryLater,
    VendorError,
)
from payrelay.flows.engine.bulk import request_of
from payrelay.flows.flow import Interrupted
from payrelay.flows.journal_sync.compare import Payload
from payrelay.flows.journal_sync.notes import Note, Notebook
from payrelay.flows.journal_sync.read import Sides
from payrelay.flows.journal_sync.reasons import reason
from payrelay.flows.journal_sync.rules import EURO, LINE_TEXT, Sent, money
from payrelay.flows.journal_sync.standing import still_missing
from payrelay.systems.globe_next.client import SYSTEM, Books
from payrelay.systems.globe_next.models import Header, Line
from payrelay.systems.http.wire import Number
from payrelay.systems.odata import midnight

_CENT = Decimal("0.01")
_FORBIDDEN, _BUSINESS = "403", 500


class _InDoubt(Exception):
    """Several pending lines may be the first one of an entry."""

    def __init__(self, count: int) -> None:
        super().__init__(str(count))
        self.count = count


def deliver(sides: Sides, notebook: Notebook, writes: Sequence[Write[Payload]]) -> list[Applied]:
    """What became of each. A company in trouble keeps back no other: Interrupted after all of them."""
    notes = notebook.on_their_way()
    applied: list[Applied] = []
    troubles: dict[str, RetryLater] = {}
    lost: list[str] = []
    for write in writes:
        company = write.payload.company
        if company in troubles:
            continue
        note = notes.get(write.record.source_id)
        try:
            applied.append(_Entry(sides.books(company), notebook, write, note, notes).done())
        except RetryLater as trouble:
            troubles[company] = trouble
            lost += [write.record.record_id] if isinstance(trouble, OutcomeUnknown) else []
        except TROUBLE as trouble:
            raise Interrupted(applied, trouble, doubtful=lost) from trouble
    if troubles:
        raise Interrupted(applied, next(iter(troubles.values())), doubtful=lost)
    return applied


def loads(writes: Sequence[Write[Payload]]) -> Loads:
    """The lines of these writes, and their headers: each is a call."""
    new = [write for write in writes if not write.payload.number]
    lines = sum(len(write.payload.lines) for write in new)
    return {"lines": Load(SYSTEM, lines), "headers": Load(SYSTEM, len(new))}


def sent_of(row: Line) -> Sent:
    """A line of Globe Next as it was sent: to the cent, whatever a double carries beyond."""
    return Sent(str(row.account), row.amount.quantize(_CENT), str(row.centre or ""), str(row.unit or ""))


class _Entry:
    """One entry on its way."""

    def __init__(
        self,
        books: Books,
        notebook: Notebook,
        write: Write[Payload],
        note: Note | None,
        others: Mapping[str, Note],
    ) -> None:
        self.books, self.notebook, self.write, self.note = books, notebook, write, note
        self.payload, self.record = write.payload, write.record
        self.lines = [Sent(account, Decimal(amount), *more) for account, amount, *more in self.payload.lines]
        self.foreign = {one.key for name, one in others.items() if name != self.record.source_id}

    def done(self) -> Applied:
        """Book it, whatever was done of it before."""
        if self.payload.number:
            return Applied(self.record, self.payload.number)
        try:
            if self.payload.cleans:
                self._clear()
                return Applied(self.record)
            return self._booked()
        except _InDoubt as doubt:
            return Applied(self._in_doubt(doubt.count))

    def _booked(self) -> Applied:
        key = self._key()
        header = self.books.header(key) if key else None
        if header:
            return self._ended(header)
        left = self._left(key) if key else None
        if left is None:
            key, left = "", self.lines
        try:
            for line in left:
                key = self._add(line, key)
        except (Rejected, CredentialsRefused, OutcomeUnknown) as refusal:
            _raise_unless_refused(refusal)
            return self._refused(refusal)
        try:
            header = self.books.add_header({"TransactionKey": key, **self.payload.header})
        except (Rejected, CredentialsRefused, OutcomeUnknown) as refusal:
            _raise_unless_refused(refusal)
            there = self.books.header(key)
            return self._ended(there) if there else self._refused(refusal)
        return self._ended(header)

    def _left(self, key: str) -> list[Sent] | None:
        """The lines that are still to be sent under a key; None where the entry is to be begun anew.

        That is where nothing is left under the key, or something that is not to be booked any more.
        """
        rows = self.books.lines(key)
        same = self.note is not None and self.note.digest == self.payload.facts["digest"]
        missing = still_missing(self.lines, [sent_of(row) for row in rows]) if same else None
        if rows and missing is not None:
            self._keep(key)
            return missing
        self._remove(rows)
        return None

    def _key(self) -> str:
        """The key under which something of the entry is on its way; empty if nothing is."""
        if self.note is None:
            return ""
        return self.note.key or self._looked_for(self.note)

    def _looked_for(self, note: Note) -> str:
        """The key of a first line whose answer was lost: pending, all by itself, and just like it."""
        rows = self.books.lines_of_day(note.day, LINE_TEXT)
        alike = {row.transaction_key for row in rows if sent_of(row) == note.first}
        pending = [
            key
            for key in sorted(alike - self.foreign)
            if len(self.books.lines(key)) == 1 and self.books.header(key) is None
        ]
        if len(pending) > 1:
            raise _InDoubt(len(pending))
        return pending[0] if pending else ""

    def _add(self, line: Sent, key: str) -> str:
        """Send a line; the key of its entry, which the first one is answered with."""
        values = self._values(line)
        if key:
            self.books.add_line({**values, "TransactionKey": key})
            return key
        self._keep("")
        key = self.books.add_line(values).transaction_key
        self._keep(key)
        return key

    def _values(self, line: Sent) -> dict[str, Any]:
        """A line on the wire; what is blank is left out."""
        day, reporting, fulfilment = (midnight(date.fromisoformat(one)) for one in self.payload.days)
        found = {
            "GLAccount": line.account,
            "Amount": Number(line.amount),
            "Description": LINE_TEXT,
            "CurrencyCode": EURO,
            "EntryDate": day,
            "ReportingDate": reporting,
            "FulfillmentDate": fulfilment,
        }
        found |= {"CostCenter": line.centre} if line.centre else {}
        found |= {"CostUnit": line.unit} if line.unit else {}
        return found

    def _keep(self, key: str) -> None:
        facts = self.payload.facts
        self.note = Note(
            source_id=self.record.source_id,
            company=self.payload.company,
            booking=int(facts["booking"]),
            digest=facts["digest"],
            total=facts["total"],
            day=date.fromisoformat(self.payload.days[0]),
            first=self.lines[0],
            replaces=facts["replaces"],
            key=key,
        )
        self.notebook.put(self.note)

    # --- how it ends -------------------------------------------------------------------------------------

    def _ended(self, header: Header) -> Applied:
        """Created only once Globe Next says that it is processed, and under which number."""
        if not header.is_processed or header.entry_number is None:
            why = reason("NOT_BOOKED_YET", label=self.record.label)
            return Applied(replace(self.record, outcome=Outcome.FAILED, reason=why))
        number = str(header.entry_number)
        changes = (*self.record.changes, Change("Entry number", None, number))
        return Applied(replace(self.record, changes=changes), number)

    def _refused(self, refusal: VendorError) -> Applied:
        """The record of an entry that Globe Next refused, once no line of it is left."""
        if self.note is not None and (self.note.key or isinstance(refusal, OutcomeUnknown)):
            self._clear()
        else:
            # The first line was refused outright: there is nothing of ours.
            self.notebook.forget(self.record.source_id)
        values = {"label": self.record.label, "company": self.payload.company, "problem": refusal.message}
        why = reason("ENTRY_REFUSED", **values)
        ended = replace(self.record, outcome=Outcome.FAILED, reason=why, changes=())
        return Applied(replace(ended, request=request_of(refusal)))

    def _clear(self) -> None:
        """Remove the pending lines, and forget that anything was begun."""
        key = self._key()
        if key and self.books.header(key) is None:
            self._remove(self.books.lines(key))
        self.notebook.forget(self.record.source_id)

    def _remove(self, rows: Sequence[Line]) -> None:
        for row in rows:
            self.books.remove_line(row.id)

    def _in_doubt(self, count: int) -> Record:
        first, day = (self.note.first, self.note.day) if self.note else (self.lines[0], self.payload.days[0])
        values = {
            "count": f"{count}",
            "account": first.account,
            "amount": money(first.amount),
            "day": f"{day}",
        }
        why = reason("FIRST_LINE_IN_DOUBT", label=self.record.label, company=self.payload.company, **values)
        return replace(self.record, outcome=Outcome.BLOCKED, reason=why, changes=())


def _raise_unless_refused(error: VendorError) -> None:
    """A refusal is an answer: of the content, of a right, or of the business (500). The rest is trouble."""
    if isinstance(error, OutcomeUnknown):
        if error.call is None or error.call.status != _BUSINESS:
            raise error
    elif isinstance(error, CredentialsRefused) and error.code != _FORBIDDEN:
        raise error
