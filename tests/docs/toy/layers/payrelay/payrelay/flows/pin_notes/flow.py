"""The flow `pin_notes`: every note of a board gets a pin with its text (TOY-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from msgspec.structs import replace

from payrelay.domain.forecast import Load, Loads
from payrelay.domain.records import Applied, Outcome, PlannedPage, Write
from payrelay.domain.runs import Check, Listing, Page, Run
from payrelay.flows.diagnosis import reached
from payrelay.flows.flow import Flow
from payrelay.flows.opening import Container
from payrelay.flows.pin_notes.compare import ToPin, compare, record
from payrelay.systems.bulletin.client import SYSTEM, BulletinClient
from payrelay.systems.rows import BadRow


class PinNotes(Flow, frozen=True):
    """The flow over one connection. A board is small: it is one page."""

    board: BulletinClient
    name: ClassVar[str] = "pin_notes"
    payload: ClassVar[type[Any]] = ToPin

    @property
    def at_once(self) -> int:
        """One, so that a lost answer leaves one pin in doubt."""
        return 1

    def pages(self, run: Run) -> Listing:
        """One page; the notes are read here, once."""
        del run
        bad: list[BadRow] = []
        notes = [[note.id, note.text] for note in self.board.notes().take(bad)]
        unreadable = [[row.id, row.number, row.field, row.problem] for row in bad]
        total = len(notes) + len(bad)
        return Listing((Page(0, limit=total),), total, {"notes": notes, "unreadable": unreadable})

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """The notes that are asked for, or all, compared with what hangs on the board."""
        del run
        bad = [BadRow(*parts) for parts in context["unreadable"]]
        pins = {pin.id: pin.text for pin in self.board.pins().whole("Pin", "Bulletin")}
        notes = [(note_id, text) for note_id, text in context["notes"] if not page.ids or note_id in page.ids]
        planned = compare(page.index, notes, pins)
        blocked = [
            record(row.id, Outcome.BLOCKED, row.why(f"Note {row.id}", "Bulletin"))
            for row in bad
            if not page.ids or row.id in page.ids
        ]
        return replace(planned, records=(*planned.records, *blocked))

    def apply(self, run: Run, writes: Sequence[Write[Any]]) -> list[Applied]:
        """Pin each of them."""
        del run
        for write in writes:
            self.board.pin(write.payload.note_id, write.payload.text)
        return [Applied(write.record, write.payload.note_id) for write in writes]

    def loads(self, writes: Sequence[Write[Any]]) -> Loads:
        """A call for each."""
        return {"notes": Load(SYSTEM, len(writes))}

    def diagnose(self, key: str | None) -> list[Check]:
        """Whether Bulletin is reached."""
        del key
        return [reached("Bulletin", self.board)]


def open_flow(container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]) -> PinNotes:
    """The flow over one connection, with its stored credentials; no call is made."""
    return PinNotes(
        tenant=tenant,
        connection_id=connection_id,
        ledger=container.ledger,
        board=container.client_of(tenant, connection_id, settings, "bulletin"),
    )
