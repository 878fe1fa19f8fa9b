"""The mirror of Xledger as this flow keeps it: what a run takes from it, and puts in its place (RUN-11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Struct, convert, field, to_builtins
from msgspec.structs import replace

from payrelay.domain.mirror import FULL_DAYS, Entry, Kind, Part, is_full_due, pack, unpack
from payrelay.domain.runs import Link, Listing, Mode, Run
from payrelay.flows.employee_export import glance
from payrelay.flows.employee_export.glance import MARGIN, Moved
from payrelay.flows.employee_export.read import FACT, MIRROR, Sides
from payrelay.flows.employee_export.records import ENTITY
from payrelay.flows.employee_export.settings import ExportSettings
from payrelay.ledger import Ledger
from payrelay.ledger.mirrors import Head, name_of
from payrelay.systems.xledger.models import Clock, MovedNode
from payrelay.systems.xledger.times import seconds_of, text_of

FLOW, SYSTEM = "employee_export", "xledger"
_TABLE = "_by_id"
_ENCODER = msgspec.json.Encoder(order="sorted")
_LOST = "a part of what was known is lost"


class Reading(Struct, frozen=True):
    """What the pages of a run need of the mirror.

    `parts` and `loose` are those of the last run, whose id is `known`; without it there is nothing to go by.
    A `full` comparison takes nothing from it, and tells what of it was wrong. `mark` is when this run began
    to read, by Xledger's clock, which was so many seconds `ahead` of ours; 0 if it did not say.
    """

    stamp: str
    full: bool
    why: str = ""
    mark: int = 0
    ahead: float = 0.0
    turn: int = 0
    full_at: str = ""
    known: str = ""
    parts: list[Part] = field(default_factory=list)
    loose: str | None = None
    employees: dict[str, tuple[int, str]] = field(default_factory=dict)
    contacts: dict[str, int] = field(default_factory=dict)

    @property
    def moved(self) -> Moved:
        """What moved, as pages look it up."""
        return Moved.of(self.employees, self.contacts)

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> Reading:
        """From a run's look-ups."""
        return convert(context[MIRROR], cls)


class Known(Struct, frozen=True):
    """What is known of the records of a page, by id; and the chunk that has just these, if one has."""

    entries: Mapping[str, Entry] = {}
    part: Part | None = None
    chunk: Mapping[str, Entry] = {}


class Mirror(Struct, frozen=True):
    """The mirror of one connection."""

    tenant: str
    connection_id: str
    ledger: Ledger
    sides: Sides
    settings: ExportSettings
    key: bytes

    # --- what a run goes by ---------------------------------------------------------------------------------

    def listed(self, run: Run, listing: Listing) -> Listing:
        """The listing, with how its pages are to be read: as they moved, or all of them."""
        reading = self._reading(run, listing.total, listing.context)
        context = {**listing.context, MIRROR: to_builtins(reading)}
        return replace(listing, context=context, full=reading.full)

    def _reading(self, run: Run, total: int, context: Mapping[str, Any]) -> Reading:
        clock, head = self.sides.xledger.clock(), self.head()
        stamp = self.stamp(run.flow_version)
        plain = Reading(stamp, full=True, mark=clock.wall if clock else 0, ahead=clock.ahead if clock else 0)
        why = _not_usable(head, stamp, clock, context)
        if why or head is None or clock is None:
            return replace(plain, why=why)
        moved = self._moved(seconds_of(head.marks[SYSTEM]) - MARGIN, max(total // glance.MOST, 1))
        if moved is None:
            return replace(plain, why="so much has moved in Xledger that all is read")
        reading = replace(
            plain,
            known=head.run_id,
            parts=head.parts,
            loose=head.loose,
            full_at=head.full_at,
            turn=int(head.facts.get("turn", 0)),
            employees={str(one.db_id): (seconds_of(one.modified_at), one.code or "") for one in moved[0]},
            contacts={str(one.db_id): seconds_of(one.modified_at) for one in moved[1]},
        )
        why = _asked(run) or self._due(run, head) or self._wrong(reading)
        return replace(reading, full=bool(why), why=why, turn=reading.turn + (not why))

    def head(self) -> Head | None:
        """What there is of a mirror."""
        return self.ledger.mirrors.head(self.tenant, self.connection_id, FLOW)

    def stamp(self, version: str) -> str:
        """Differs where what was found once need not be found again: other rules, another organisation."""
        own = self.ledger.connections.get(self.tenant, self.connection_id)
        parts = own.settings.values() if own else ()
        where = [part.get("base_url") for part in parts if isinstance(part, Mapping)]
        which = (own.organisation_ids, own.switched_at) if own else ()
        what = [version, self.settings.model_dump(mode="json"), where, which]
        return blake2b(_ENCODER.encode(what), digest_size=glance.DIGEST_SIZE, key=self.key).hexdigest()

    def _moved(self, since: int, most: int) -> tuple[list[MovedNode], list[MovedNode]] | None:
        employees = self.sides.xledger.moved("employees", since, most)
        contacts = None if employees is None else self.sides.xledger.moved("contacts", since, most)
        return None if employees is None or contacts is None else (employees, contacts)

    def _due(self, run: Run, head: Head) -> str:
        days = int(run.settings.get("full_days", FULL_DAYS))
        full_at = datetime.fromisoformat(head.full_at)
        due = is_full_due(full_at, datetime.fromisoformat(run.queued_at), days, self.connection_id)
        return f"everything is compared every {days} days" if due else ""

    def _wrong(self, reading: Reading) -> str:
        """Whether Xledger has one of the mirror, a chunk in turn, otherwise than it says it has moved."""
        parts = [part for part in reading.parts if part.count]
        if not parts:
            return "of nobody it is known when Xledger changed them last"
        part = parts[reading.turn % len(parts)]
        entries = self._unpacked([part.name])
        if entries is None:
            return _LOST
        loose = self._unpacked([reading.loose]) if reading.loose else {}
        if loose is None:
            return _LOST
        moved = reading.moved
        chosen = [loose.get(source_id, entry) for source_id, entry in entries.items()]
        for place, name in enumerate(("employees", "contacts")):
            known = {one.ids[place]: one.versions[place] for one in chosen if one.ids and one.ids[place]}
            there = self.sides.xledger.versions(name, list(known)) if known else []
            now = {str(one.db_id): seconds_of(one.modified_at) for one in there or ()}
            told = (moved.employees, moved.contacts)[place]
            if there is None or any(now.get(i) != version and i not in told for i, version in known.items()):
                return "Xledger has somebody otherwise than it told"
        return ""

    # --- what pages take from it, and put into it -----------------------------------------------------------

    def known(self, reading: Reading, ids: Sequence[str]) -> Known:
        """What is known of a page's records, by sorted ids; planned writes as what came of them."""
        if not reading.known or not ids:
            return Known()
        parts = glance.parts_for(reading.parts, ids[0], ids[-1], glance.READS - bool(reading.loose))
        chunks = self._unpacked(part.name for part in parts) or {}
        loose = (self._unpacked([reading.loose]) or {}) if reading.loose else {}
        found = {i: entry for i in ids if (entry := loose.get(i) or chunks.get(i))}
        return Known(self._with_answers(found, reading.known), parts[0] if len(parts) == 1 else None, chunks)

    def told(self, source_id: str, version: str) -> tuple[Head, Entry | None] | None:
        """What the last run has come to know of a record; None where nothing is kept, or to go by."""
        head = self.head()
        if head is None or head.stamp != self.stamp(version):
            return None
        reading = Reading(head.stamp, full=False, known=head.run_id, parts=head.parts, loose=head.loose)
        return head, self.known(reading, [source_id]).entries.get(source_id)

    def links(self, source_ids: Sequence[str]) -> Mapping[str, Link]:
        """The links of some records, as far as they have any."""
        return (
            self.ledger.links.get(self.tenant, self.connection_id, ENTITY, source_ids) if source_ids else {}
        )

    def _with_answers(self, entries: dict[str, Entry], run_id: str) -> dict[str, Entry]:
        sent = [i for i, entry in entries.items() if entry.kind is Kind.SENT]
        links = self.links(sent)
        for i in sent:
            fact = links[i].facts.get(FACT) if i in links else None
            known = glance.answered(entries.pop(i), fact, run_id)
            if known:
                entries[i] = known
        return entries

    def put(
        self, run: Run, reading: Reading, first: str, entries: Mapping[str, Entry], known: Known | None = None
    ) -> Part | None:
        """Keep what a page has come to know; a preview keeps nothing."""
        if run.mode is not Mode.SYNC or not reading.mark:
            return None
        # Where parts of a page could not be read, one of them is lost: it is put again.
        lost = known is None or not known.chunk
        same = known.part if known and not (lost or reading.full) and entries == known.chunk else None
        if same and same.first == first:
            return same
        data = pack(entries)
        name = name_of(data)
        if reading.full or lost or all(part.name != name for part in reading.parts):
            self.ledger.mirrors.put_blob(self.tenant, self.connection_id, FLOW, data)
        return Part(first, name, len(entries))

    def keep(self, run: Run, parts: Sequence[Part], context: Mapping[str, Any]) -> None:
        """Put the mirror of a complete read in the place of the one before."""
        reading, pages = Reading.of(context), run.pages or 0
        if not reading.mark or len(parts) < pages:
            return
        apart: dict[str, Entry] = {}
        for part in parts[pages:]:
            apart |= self._unpacked([part.name]) or {}
        where = (self.tenant, self.connection_id, FLOW)
        loose = self.ledger.mirrors.put_blob(*where, pack(apart)) if apart else None
        head = Head(
            stamp=reading.stamp,
            marks={SYSTEM: text_of(reading.mark)},
            full_at=run.queued_at if reading.full else reading.full_at,
            run_id=run.run_id,
            parts=[part for part in parts[:pages] if part.count],
            loose=loose,
            facts={
                "ahead": reading.ahead,
                "turn": reading.turn,
                "why": reading.why,
                "references": _references(context),
            },
        )
        self.ledger.mirrors.put_head(*where, head)

    def _unpacked(self, names: Iterable[str]) -> dict[str, Entry] | None:
        """The entries of some blobs; None if one of them is lost."""
        found: dict[str, Entry] = {}
        for name in names:
            data = self.ledger.mirrors.blob(self.tenant, self.connection_id, FLOW, name)
            if data is None:
                return None
            found |= unpack(data)
        return found


def _not_usable(head: Head | None, stamp: str, clock: Clock | None, context: Mapping[str, Any]) -> str:
    """Why what is known is nothing to go by, in words; empty if it is."""
    if clock is None:
        return "Xledger does not say what time it is"
    if head is None:
        return "nothing was known yet"
    if head.stamp != stamp or not seconds_of(head.marks.get(SYSTEM)):
        return "settings, rules or an organisation are others"
    mark, ahead = seconds_of(head.marks[SYSTEM]), float(head.facts.get("ahead", 0))
    if clock.wall < mark - MARGIN or clock.ahead < ahead - MARGIN:
        return "Xledger's clock was put back"
    now = _references(context)
    known: Mapping[str, Mapping[str, str]] = head.facts.get("references", {})
    for kind, codes in known.items():
        there = now.get(kind, {})
        if any(there.get(db_id) != code for db_id, code in codes.items()):
            return "reference objects in Xledger have other codes, or are gone"
    return ""


def _references(context: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    """The codes of reference objects by dbId, of each kind, as the run has read them."""
    return {name: codes for name, codes in context.items() if name.endswith(_TABLE)}


def _asked(run: Run) -> str:
    return "it was asked for" if run.options.get("full") else ""
