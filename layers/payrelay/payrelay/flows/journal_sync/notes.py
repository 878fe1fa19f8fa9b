"""What is kept of entries: those that are booked, and those that are on their way (RUN-5).

One that is on its way is noted before its first line is sent, and with its transaction key as soon as that is
answered. So whoever comes after a crash knows which lines are its own: they are completed, or removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct

from payrelay.domain.runs import Link
from payrelay.flows.journal_sync.records import ENTITY, run_and_entry
from payrelay.flows.journal_sync.rules import Booked, Entry, Sent, digest, money, total_of
from payrelay.ledger import Ledger

ON_ITS_WAY = "journal_entry_on_its_way"


class Note(Struct, frozen=True):
    """An entry on its way: what is sent of it, and under which key; `key` is empty until it is answered.

    By its `first` line, of `day`, it is looked for where the answer to that line was lost.
    """

    source_id: str
    company: str
    booking: int
    digest: str
    total: str
    day: date
    first: Sent
    replaces: str = ""
    key: str = ""


class Notebook:
    """What one connection keeps of its entries."""

    def __init__(self, ledger: Ledger, tenant: str, connection_id: str) -> None:
        self._links, self._where = ledger.links, (tenant, connection_id)

    def booked(self) -> list[tuple[str, Booked]]:
        """All entries that are booked, each with the id of its payroll run."""
        links = self._links.all(*self._where, ENTITY)
        return [(run_and_entry(link.source_id)[0], _booked(link)) for link in links]

    def on_their_way(self) -> dict[str, Note]:
        """All entries on their way, by source id."""
        return {link.source_id: _note(link) for link in self._links.all(*self._where, ON_ITS_WAY)}

    def put(self, note: Note) -> None:
        """Keep how far an entry is."""
        first = note.first
        facts = {
            "company": note.company,
            "booking": str(note.booking),
            "digest": note.digest,
            "total": note.total,
            "day": note.day.isoformat(),
            "account": first.account,
            "amount": f"{first.amount:f}",
            "centre": first.centre,
            "unit": first.unit,
            "replaces": note.replaces,
            "key": note.key,
        }
        _, entry_id = run_and_entry(note.source_id)
        self._links.put(*self._where, Link(ON_ITS_WAY, note.source_id, entry_id, entry_id, {}, facts))

    def forget(self, source_id: str) -> None:
        """Forget an entry that is not on its way any more."""
        self._links.forget(*self._where, ON_ITS_WAY, source_id)

    def adopt(self, source_id: str, number: str, facts: Mapping[str, str]) -> None:
        """Keep an entry that was found booked."""
        _, entry_id = run_and_entry(source_id)
        self._links.put(*self._where, Link(ENTITY, source_id, entry_id, number, {}, dict(facts)))


def facts_of(entry: Entry, booking: int, replaces: str = "") -> dict[str, str]:
    """What is kept of an entry once it is booked."""
    return {
        "company": entry.company,
        "booking": str(booking),
        "digest": digest(entry),
        "total": money(total_of(entry)),
        "replaces": replaces,
    }


def facts_of_note(note: Note) -> dict[str, str]:
    """The same of one that was on its way and turned out to be booked."""
    return {
        "company": note.company,
        "booking": str(note.booking),
        "digest": note.digest,
        "total": note.total,
        "replaces": note.replaces,
    }


def booked_of(note: Note, number: str) -> Booked:
    """An entry that was on its way, as one that is booked."""
    _, entry_id = run_and_entry(note.source_id)
    total = Decimal(note.total)
    return Booked(number, total, note.digest, entry_id, note.booking, note.replaces, note.company)


def _booked(link: Link) -> Booked:
    facts = link.facts
    total, booking = Decimal(facts["total"]), int(facts["booking"])
    own = (link.key, booking, facts["replaces"], facts["company"])
    return Booked(link.target_id, total, facts["digest"], *own)


def _note(link: Link) -> Note:
    facts = link.facts
    return Note(
        source_id=link.source_id,
        company=facts["company"],
        booking=int(facts["booking"]),
        digest=facts["digest"],
        total=facts["total"],
        day=date.fromisoformat(facts["day"]),
        first=Sent(facts["account"], Decimal(facts["amount"]), facts["centre"], facts["unit"]),
        replaces=facts["replaces"],
        key=facts["key"],
    )
