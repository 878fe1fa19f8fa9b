"""Pay slips and annual statements of Payroll Plus into the dossiers of Synergy (DOC-1 to DOC-4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from msgspec import Struct, convert, field, to_builtins
from msgspec.structs import replace

from payrelay.domain.forecast import Load, Loads, lists
from payrelay.domain.records import Applied, Outcome, PlannedPage, Record, Seen, Write
from payrelay.domain.runs import Check, Listing, Mode, Page, Run
from payrelay.flows.document_pull import deliver
from payrelay.flows.document_pull.compare import Compared, Comparer, Listed
from payrelay.flows.document_pull.deliver import Payload
from payrelay.flows.document_pull.due import (
    Due,
    Groups,
    find_due,
    group_record,
    mark,
    notes_of,
    place_of,
    read_groups,
)
from payrelay.flows.document_pull.names import Place
from payrelay.flows.document_pull.reasons import reason
from payrelay.flows.document_pull.rules import (
    LANGUAGE,
    PREFIXES,
    Again,
    Group,
    Kind,
    calculations,
    is_awaited,
)
from payrelay.flows.document_pull.walk import Walk, Walks
from payrelay.flows.exact import ZONE, Budget, ExactSystems, today_of
from payrelay.flows.flow import Flow
from payrelay.flows.last_run import STAMP, stamp_of, standing_of
from payrelay.flows.opening import Container
from payrelay.ledger.parts import record_from, record_to
from payrelay.systems.payroll_plus.client import SYSTEM as PAYROLL
from payrelay.systems.synergy.odata import SYSTEM as SYNERGY

# Where a group has none in the language of the settings, it is looked for in these.
OTHER_LANGUAGES = ("nl", "en")
# About so many lists of documents are read for each batch.
LISTS = 2
# About so many documents are looked for in the dossiers by one call.
DOSSIERS_AT_ONCE = 20


class Found(Struct):
    """What a run lists, found out once and kept for the steps that go on with it."""

    groups: Groups
    due: Due


class Look(Struct):
    """What every page of a plan needs: the groups and their labels, the document types, and more.

    `places` are the pages: a group, and which page of its list. `again` are persons by year, each with the
    run in which their pay was calculated again, and `after` the calculations of each year. `look` are the
    groups of which documents may be in Exact Synergy that are not known here; `read` names the reading of the
    lists.
    """

    groups: dict[str, Group]
    labels: dict[str, str]
    types: dict[str, int | None]
    places: list[tuple[str, int]] = field(default_factory=list)
    again: dict[str, dict[str, Again]] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)
    look: list[str] = field(default_factory=list)
    read: str = "0"


class DocumentPull(Flow, frozen=True):
    """The flow over one connection. Contents are fetched, checked and stored one by one, when they are due.

    Links are found by the key of a document, which is what Exact Synergy knows it by.
    """

    sides: ExactSystems
    language: str
    zone: str
    name: ClassVar[str] = "document_pull"
    payload: ClassVar[type[Payload]] = Payload
    links_by_target: ClassVar[bool] = True
    # Each content is held against its checksum when it is fetched: nothing is taken blindly.
    plans_age: ClassVar[bool] = False
    batch_size: ClassVar[int] = 100
    pages_at_once: ClassVar[int] = 1

    @property
    def at_once(self) -> int | None:
        """A few at a time: each takes a second or more at the vendor's pace."""
        return 20

    # --- what is looked at -------------------------------------------------------------------------------

    def pages(self, run: Run) -> Listing:
        """Pages of the documents of runs and years that changed, or were left unfinished; or of all of them.

        Unfinished until all of their lists are read; a step after it goes on there.
        """
        if run.only is not None:
            groups = read_groups(self.sides)
            said = [record_to(one) for one in notes_of(groups)]
            look = Look(groups.all, groups.labels, self.document_types(), notes=said, look=[*groups.all])
            look.after = _calculations(groups)
            return Listing((), 0, to_builtins(look), moved_only=True)
        found = self._found(run)
        groups, due = found.groups, found.due
        walks, budget = self._walks(run, str(run.reads)), Budget()
        places: list[tuple[str, int]] = []
        again: dict[str, dict[str, Again]] = defaultdict(dict)
        notes = list(notes_of(groups, due.withdrawn))
        after = _calculations(groups)
        total = 0
        for key in due.groups:
            walk = walks.finished(groups.all[key], budget)
            places += [(key, number) for number in range(walk.pieces)]
            total += walk.rows
            if walk.rows == 0:
                notes += self._nothing(run, walks, groups.labels[key], groups.all[key])
            if key in due.again:
                year = due.again[key]
                again[year].update(dict.fromkeys(walk.spelled, Again(groups.labels[key], after[year])))
        mark(self.ledger, run, groups, due)
        look = Look(
            {key: groups.all[key] for key in due.groups},
            {key: groups.labels[key] for key in due.groups},
            self.document_types() if total else {},
            places,
            dict(again),
            after,
            [record_to(one) for one in notes],
            look=self._to_look_for(due) if total else [],
            read=str(run.reads),
        )
        pages = tuple(Page(index) for index in range(len(places) or 1))
        marks, total = {STAMP: stamp_of(self.ledger, run)}, total + len(notes)
        return Listing(pages, total, to_builtins(look), moved_only=not due.full, full=due.full, marks=marks)

    def _found(self, run: Run) -> Found:
        """The groups and those that are due, kept for the steps that go on with them."""
        name = f"due-{run.reads}"
        kept = self.ledger.plans.kept(run, name, Found)
        if kept:
            return kept
        groups = read_groups(self.sides)
        found = Found(groups, find_due(self.ledger, run, standing_of(self), groups))
        self.ledger.plans.keep(run, name, found)
        return found

    def _to_look_for(self, due: Due) -> list[str]:
        """The groups whose documents are looked for: those that had some left, or all where all are due."""
        some_there = due.full and self.sides.synergy.documents.any_there(*PREFIXES)
        return due.groups if some_there else due.left

    def document_types(self) -> dict[str, int | None]:
        """The document types of slips and statements in Exact Synergy, read now; None for one not defined."""
        types = self.sides.synergy.documents.types()
        return {Kind.SLIP.value: types.slip, Kind.STATEMENT.value: types.statement}

    def _nothing(self, run: Run, walks: Walks, label: str, group: Group) -> Iterator[Record]:
        """What is said of a group without documents: it has some in another language, or none yet."""
        for other in OTHER_LANGUAGES:
            if other != self.language and walks.has_any(group, other):
                why = reason("NO_DOCUMENTS_IN_LANGUAGE", label=label, language=self.language, other=other)
                yield group_record(place_of(group), label, Outcome.BLOCKED, why)
                return
        if is_awaited(group, datetime.fromisoformat(run.queued_at)):
            why = reason("NO_DOCUMENTS", label=label)
            yield group_record(place_of(group), label, Outcome.SKIPPED, why)

    def _walks(self, run: Run, name: str) -> Walks:
        return Walks(self.ledger, self.sides, run, self.language, name)

    # --- planning ----------------------------------------------------------------------------------------

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Decide the documents of one page of a list, or those with these names."""
        look = convert(context, Look)
        comparer = Comparer(
            self.ledger, self.sides, self.connection_key, self.language, look.types, today_of(run, self.zone)
        )
        found = Compared()
        if page.ids:
            for listed in self._named(run, page, look, found):
                comparer.compare(listed, found, look=True)
            self._keep(run, found)
            return found.page(page.index)
        if page.index == 0:
            found.records += [record_from(note) for note in look.notes]
        place = None
        if look.places:
            place = look.places[page.index]
            group = look.groups[place[0]]
            walks = self._walks(run, look.read)
            walk = walks.finished(group, Budget())
            piece = walks.piece(group, place[1])
            listed = _listed(group, look, walk, piece.rows)
            comparer.compare(replace(listed, bad=piece.bad), found, look=place[0] in look.look)
        self._keep(run, found)
        before = look.places[page.index - 1] if page.index else None
        own = (_named(place),) if place else ()
        seen = Seen(own, _named(before) if before else None, len(look.places), tuple(found.linked))
        return replace(found.page(page.index), seen=seen)

    def _named(self, run: Run, page: Page, look: Look, found: Compared) -> Iterator[Listed]:
        """The documents with these source ids, each in its group; without a number all of the group."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for place in map(Place.parse, page.ids):
            wanted[place.group_key].add(place.document)
        # A plan of another run tells what its lists were then, and not what they are now.
        walks = self._walks(run, look.read if run.plan_of is None else "applied")
        for key, documents in wanted.items():
            group = look.groups.get(key)
            if group is None or not group.is_out:
                notes = [record_from(note) for note in look.notes]
                said = [one for one in notes if Place.parse(one.source_id).group_key == key]
                found.records += said if "" in documents else []
                found.unchanged += len(documents) - len(said if "" in documents else [])
                continue
            there: set[str] = set()
            for walk, piece in walks.pieces(group):
                there |= {row.id for row in piece.rows} | {row.id for row in piece.bad}
                rows = [row for row in piece.rows if "" in documents or row.id in documents]
                bad = [row for row in piece.bad if "" in documents or row.id in documents]
                yield replace(_listed(group, look, walk, rows), bad=bad)
            found.unchanged += len(documents - there - {""})
            if not there and "" in documents:
                found.records += self._nothing(run, walks, look.labels[key], group)

    def _keep(self, run: Run, found: Compared) -> None:
        """Keep what is known now of documents that are in their dossiers; a preview keeps nothing."""
        if run.mode is Mode.SYNC and found.links:
            self.ledger.links.put_many(*self.connection_key, found.links)

    # --- writing -----------------------------------------------------------------------------------------

    def apply(self, run: Run, writes: Sequence[Write[Payload]]) -> list[Applied]:
        """Fetch each content, hold it against what was announced, and put it into its dossier."""
        del run
        return deliver.deliver(self.sides, writes)

    def loads(self, writes: Sequence[Write[Payload]]) -> Loads:
        """The content from one system, and the document to the other."""
        return {"contents": Load(PAYROLL, len(writes)), "documents": Load(SYNERGY, len(writes))}

    def looks(self, writes: Sequence[Write[Payload]]) -> Loads:
        """The documents of their groups, and what the dossiers have of them."""
        return {
            **lists(PAYROLL, LISTS, len(writes), self.batch_size),
            "dossiers": Load(SYNERGY, len(writes), DOSSIERS_AT_ONCE),
        }

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems and the settings of documents; then one person, one run, or one document."""
        from payrelay.flows.document_pull import diagnose  # noqa: PLC0415  (no step of a run needs it)

        return diagnose.checks(self, key)


def _calculations(groups: Groups) -> dict[str, str]:
    """Those of each closed year, by year."""
    years = [one.year for one in groups.all.values() if one.kind is Kind.STATEMENT and one.is_out]
    return {str(year): calculations(groups.all.values(), year) for year in years}


def _listed(group: Group, look: Look, walk: Walk, rows: Iterable[Any]) -> Listed:
    year = str(group.year) if group.kind is Kind.STATEMENT else ""
    return Listed(
        group,
        look.labels[group.key],
        tuple(rows),
        (),
        frozenset(walk.twice),
        frozenset(walk.spelled_twice),
        look.again.get(year, {}),
        look.after.get(year, ""),
    )


def _named(place: tuple[str, int]) -> str:
    return f"{place[0]}#{place[1]}"


def open_flow(
    container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]
) -> DocumentPull:
    """The flow over one connection, with its stored credentials."""
    return DocumentPull(
        tenant=tenant,
        connection_id=connection_id,
        ledger=container.ledger,
        sides=ExactSystems(lambda system: container.client_of(tenant, connection_id, settings, system)),
        language=settings.get("document_language", LANGUAGE),
        zone=settings.get("time_zone", ZONE),
    )
