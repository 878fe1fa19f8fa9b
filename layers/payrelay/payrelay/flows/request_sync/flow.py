"""Realised and re-opened requests of Synergy to Payroll Plus, in order per person (RQ-1 to RQ-8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from msgspec import Struct

from payrelay.domain.forecast import Load, Loads, lists
from payrelay.domain.records import Applied, Outcome, PlannedPage, Record, Write
from payrelay.domain.runs import Check, Link, Listing, Page, Run
from payrelay.flows.exact import ZONE, seen_of, today_of
from payrelay.flows.flow import Flow
from payrelay.flows.last_run import standing_of
from payrelay.flows.opening import Container
from payrelay.flows.request_sync import deliver, facts
from payrelay.flows.request_sync.compare import Payload, planned, refused
from payrelay.flows.request_sync.listing import listing
from payrelay.flows.request_sync.person import Known, decide
from payrelay.flows.request_sync.read import Sides, items_of, named, office, waiting_of
from payrelay.flows.request_sync.records import ENTITY, SOURCE, label_of, record_of
from payrelay.flows.request_sync.rules import PROCESSED, REOPENED, Problem, Request
from payrelay.ledger.links import Links
from payrelay.systems.payroll_plus.client import SYSTEM as PAYROLL
from payrelay.systems.rows import BadRow
from payrelay.systems.synergy.odata import SYSTEM as SYNERGY

# Requests, their types and items, and the people, are read once for a batch that was planned before.
LISTS = 4


class RequestSync(Flow, frozen=True):
    """The flow over one connection. A person's requests are in one page, and in one batch, in their order."""

    sides: Sides
    by_component: bool
    zone: str
    name: ClassVar[str] = "request_sync"
    payload: ClassVar[type[Payload]] = Payload
    batch_size: ClassVar[int] = 100
    pages_at_once: ClassVar[int] = 1

    @property
    def at_once(self) -> int | None:
        """A few at a time: those that are processed are looked at once more with one call."""
        return 20

    def pages(self, run: Run) -> Listing:
        """Pages of the requests that wait, or were taken back, person by person."""
        if run.only is not None:
            return Listing((), 0, {"ids": []}, moved_only=True)
        return listing(self.sides, self.ledger, run, standing_of(self))

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Decide the requests of a page, person by person."""
        listed: Sequence[str] = context["ids"]
        ids = list(page.ids) or list(listed[page.offset : page.offset + page.limit])
        found = named(self.sides, [int(one) for one in ids])
        links = self.ledger.links.get(*self.connection_key, ENTITY, ids)
        said = [_unreadable(row) for row in found.bad]
        if not page.ids and page.index == 0:
            said += [_unreadable(BadRow(*row)) for row in context["bad"]]
        requests = self._with_siblings(found.requests, whole=not page.ids)
        by_person: dict[int, list[Request]] = defaultdict(list)
        for one in requests:
            by_person[one.person].append(one)
        self.sides.people.update(dict.fromkeys(by_person))
        asked, today = set(ids), today_of(run, self.zone)
        writes: list[Write[Payload]] = []
        unchanged = 0
        for person in sorted(by_person):
            for result, hid in self._of_person(today, person, by_person[person], links):
                if str(hid) not in asked:
                    continue
                if result is None:
                    unchanged += 1
                elif isinstance(result, Write):
                    writes.append(result)
                else:
                    said.append(result)
        gone = asked - {str(one.hid) for one in requests} - {row.id for row in found.bad}
        unchanged += len(gone)
        missed = set(context.get("missed", ())) if not page.ids else set()
        drift = sum(one.record.source_id in missed for one in writes)
        seen = seen_of(page, listed)
        return PlannedPage(page.index, unchanged, tuple(said), tuple(writes), seen, drift=drift)

    def _with_siblings(self, requests: Sequence[Request], *, whole: bool) -> list[Request]:
        """These requests, and where only some were asked for, all others of the same persons that wait."""
        if whole:
            return list(requests)
        found = {one.hid: one for one in requests}
        for person in {one.person for one in requests}:
            for one in waiting_of(self.sides, person):
                found.setdefault(one.hid, one)
        return list(found.values())

    def _of_person(
        self, today: date, person: int, requests: Sequence[Request], links: Mapping[str, Link]
    ) -> Iterable[tuple[Write[Payload] | Record | None, int]]:
        """What is planned of each request of a person."""
        known = {one.hid: facts.known(links.get(str(one.hid))) for one in requests}
        taking_part: list[Request] = []
        for one in requests:
            problem = self._no_part(one, known[one.hid])
            if problem is None:
                taking_part.append(one)
            else:
                yield problem, one.hid
        if not taking_part:
            return
        there = office(self.sides, person, taking_part, known, today)
        if isinstance(there, Problem):
            for one in taking_part:
                yield refused(one, there, self.sides.name_of(person)), one.hid
            return
        items = items_of(self.sides, taking_part)
        for decision in decide(taking_part, there, items, known, by_component=self.by_component):
            hid = decision.request.hid
            before = known[hid] if str(hid) in links else None
            yield planned(decision, there, before, self.sides.name_of), hid

    def _no_part(self, request: Request, known: Known) -> Record | None:
        """Whether a request takes no part: nothing of it was sent and it was taken back, or its type has not
        both steps."""
        if request.status == PROCESSED or (request.status == REOPENED and not known.cells):
            return record_of(request.type, request.hid, Outcome.UNCHANGED)
        kind = self.sides.steps.get(request.type)
        if kind is not None and not (kind.has_realise and kind.has_process):
            step = "Realise" if not kind.has_realise else "Process"
            problem = Problem("REQUEST_TYPE_WITHOUT_STEPS", {"step": step})
            return refused(request, problem, self.sides.name_of(request.person), Outcome.SKIPPED)
        return None

    def apply(self, run: Run, writes: Sequence[Write[Payload]]) -> list[Applied]:
        """Payroll Plus first, then Synergy; what may be sent is noted before it is."""
        del run
        return deliver.deliver(self.sides, writes, _Notes(self.ledger.links, self.connection_key))

    def loads(self, writes: Sequence[Write[Payload]]) -> Loads:
        """What each request writes to either system, and the looks at those that are processed."""
        return deliver.loads(writes)

    def looks(self, writes: Sequence[Write[Payload]]) -> Loads:
        """All requests of their people, and about three lists of payroll for each of them."""
        people = len({write.payload.person for write in writes})
        return {
            "requests": Load(SYNERGY, people),
            **lists(SYNERGY, LISTS, len(writes), self.batch_size),
            "in payroll": Load(PAYROLL, 3 * people),
        }

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems reached, the request types; then one request, or all of one person."""
        from payrelay.flows.request_sync import diagnose  # noqa: PLC0415  (no step of a run needs it)

        return diagnose.checks(self, key)

    def look_at(self, request: Request) -> list[Check]:
        """What the next run would do with a request, and why."""
        links = self.ledger.links.get(*self.connection_key, ENTITY, [str(request.hid)])
        requests = self._with_siblings([request], whole=False)
        for result, hid in self._of_person(today_of(None, self.zone), request.person, requests, links):
            if hid == request.hid:
                return [_told(request, result)]
        return []


def _told(request: Request, result: Write[Payload] | Record | None) -> Check:
    """What is planned of a request, as a check."""
    name = f"{label_of(request.type, request.hid)} can go"
    if isinstance(result, Record) and result.reason and result.outcome is not Outcome.UNCHANGED:
        return Check(name, False, result.reason.message, result.reason.remedy)
    if isinstance(result, Write):
        return Check(name, True, "would be sent by the next run")
    return Check(name, True, f"nothing to do: it is {request.status}")


class _Notes(Struct):
    """What is kept of requests on their links, over what was known of them before."""

    links: Links
    where: tuple[str, str]
    before: dict[str, Link] = {}

    def keep(self, links: Sequence[Link]) -> None:
        self.before = self.links.get(*self.where, ENTITY, [one.source_id for one in links])
        self.links.put_many(*self.where, [_added(self.before.get(one.source_id), one) for one in links])

    def drop(self, link: Link) -> None:
        before = self.before.get(link.source_id)
        left = facts.known(link)
        if before is None and not (left.cells or left.ends):
            self.links.forget(*self.where, ENTITY, link.source_id)
        else:
            self.links.put(*self.where, _added(before, link))


def _added(before: Link | None, link: Link) -> Link:
    """What may have been sent: what was before, and what may be from now on."""
    old, new = facts.known(before), facts.known(link)
    kept = facts.stored({**old.cells, **new.cells}, {**old.ends, **new.ends})
    return Link(link.entity, link.source_id, link.key, link.target_id, link.digests, kept)


def _unreadable(row: BadRow) -> Record:
    label = label_of("", row.id or row.number)
    return Record(ENTITY, row.id, label, Outcome.BLOCKED, row.id, row.why(label, SOURCE))


def open_flow(
    container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]
) -> RequestSync:
    """The flow over one connection, with its stored credentials."""
    return RequestSync(
        tenant=tenant,
        connection_id=connection_id,
        ledger=container.ledger,
        sides=Sides(lambda system: container.client_of(tenant, connection_id, settings, system)),
        by_component=settings.get("one_active_request_per") == "component",
        zone=settings.get("time_zone", ZONE),
    )
