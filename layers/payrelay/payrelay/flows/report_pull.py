"""Payroll reports of Exact Payroll Plus into our own store, every weekend (REP-1)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.domain.records import Applied, Change, Outcome, PlannedPage, Record, Seen, Write
from payrelay.domain.runs import Check, Link, Listing, Page, Run
from payrelay.domain.sensitive import MASK, Secret
from payrelay.flows.catalog import flow_row
from payrelay.flows.diagnosis import reached
from payrelay.flows.opening import Place
from payrelay.ledger import Ledger
from payrelay.ledger.reports import Report
from payrelay.systems.registry import label as system_label

if TYPE_CHECKING:
    from payrelay.systems.payroll_plus.client import PayrollPlusClient
    from payrelay.systems.payroll_plus.models import PayrollRun
    from payrelay.systems.synergy.client import SynergyClient

ENTITY = "report"
ROLE = "PAYROLLPLUS"
APPROVED = "Approved"
# What changed while the last run was reading is read again.
OVERLAP = timedelta(days=1)

# One person's components of a period: description and amount, by component.
Components = dict[str, tuple[str, Secret]]


class Sides(Struct, dict=True):
    """The two systems of one connection; a client is made when it is first used."""

    client_of: Any

    @cached_property
    def payroll(self) -> PayrollPlusClient:
        """Exact Payroll Plus."""
        client: PayrollPlusClient = self.client_of("payroll_plus")
        return client

    @cached_property
    def synergy(self) -> SynergyClient:
        """Exact Synergy."""
        client: SynergyClient = self.client_of("synergy")
        return client


class ReportPull(Struct, frozen=True):
    """The flow over one connection. Its target is our own ledger; `key` keys digests of reports."""

    tenant: str
    connection_id: str
    sides: Sides
    ledger: Ledger
    key: bytes
    name: str = "report_pull"
    version: str = flow_row("report_pull").version
    entity: str = ENTITY
    links_by_target: bool = False
    at_once: int | None = None

    @property
    def place(self) -> tuple[str, str]:
        """The tenant and the connection."""
        return self.tenant, self.connection_id

    def pages(self, run: Run) -> Listing:
        """A page for each period: those that are asked for, or those approved since last time."""
        members = sorted(self.sides.synergy.members(ROLE))
        context: dict[str, Any] = {"members": members}
        if run.only is not None:
            return Listing((), 0, context)
        periods = run.options.get("periods") or self._changed() or self._newest()
        context["periods"] = list(dict.fromkeys(periods))
        pages = tuple(Page(index) for index in range(len(context["periods"])))
        return Listing(pages, len(pages), context)

    def _changed(self) -> list[str]:
        """The periods with an approved run: of all, or of those since all was last kept and none blocked."""
        standing = self.ledger.connections.standing(*self.place, self.name)
        since = standing.get("complete_since")
        moment = datetime.fromisoformat(since) - OVERLAP if since else None
        runs: Sequence[PayrollRun] = self.sides.payroll.payroll_runs(moment)
        return sorted({run.period for run in runs if run.status == APPROVED})

    def _newest(self) -> list[str]:
        """The newest period that is kept: with nothing changed, both sides are seen to agree on it."""
        return sorted(self.ledger.links.source_ids(*self.place, ENTITY))[-1:]

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Read the report of one period, and compare each person's with what is kept."""
        members = frozenset(context["members"])
        if page.ids:
            wanted = {tuple(name.split(":", 2)[1:]) for name in page.ids}
            planned = [
                self._planned(page.index, period, members, {who for at, who in wanted if at == period})
                for period in sorted({period for period, _ in wanted})
            ]
            return _together(page.index, planned)
        periods = context["periods"]
        period = periods[page.index]
        planned_page = self._planned(page.index, period, members, None)
        if run.options.get("periods"):
            return planned_page  # These are not all there are.
        before = periods[page.index - 1] if page.index else None
        return replace(planned_page, seen=Seen((period,), before, len(periods), ()))

    def _planned(
        self, index: int, period: str, members: frozenset[int], only: set[str] | None
    ) -> PlannedPage:
        found, bad = self._read(period)
        kept = self._kept(period, found, only)
        people = sorted((only if only is not None else {*found, *kept}) - bad.keys())
        records = [record for person, record in bad.items() if only is None or person in only]
        unknown = self._unknown([one for one in people if one in found], members)
        writes, unchanged = [], 0
        for person in people:
            if person in unknown:
                records.append(_unknown(person, period))
                continue
            write = self._compare(person, period, found.get(person, {}), kept.get(person))
            if write is None:
                unchanged += 1
            else:
                writes.append(write)
        return PlannedPage(index, unchanged, tuple(records), tuple(writes))

    def _read(self, period: str) -> tuple[dict[str, Components], dict[str, Record]]:
        """Everybody's components of a period; rows that can't be used block their person's report."""
        found: dict[str, Components] = defaultdict(dict)
        bad: dict[str, Record] = {}
        cursor: str | None = None
        while True:
            page = self.sides.payroll.component_report(int(period[:4]), period, cursor)
            for row in page.rows:
                if row.period == period:
                    amount = Secret(f"{row.amount:f}")
                    found[row.employee_id][row.component] = (row.description or row.component, amount)
            for bad_row in page.bad_rows:
                person = bad_row.number or bad_row.id
                label = label_of(person, period)
                values = {"label": label, "field": bad_row.field, "problem": bad_row.problem}
                why = reason("VALUE_NOT_VALID", **values, system=system_label("payroll_plus"))
                bad[person] = _record(person, period, Outcome.BLOCKED, why)
            cursor = page.next
            if cursor is None:
                break
        return {person: rows for person, rows in found.items() if person not in bad}, bad

    def _kept(
        self, period: str, found: Mapping[str, Components], only: set[str] | None
    ) -> dict[str, tuple[int, str]]:
        """What is kept of the period: of those in the report, and of those who were in it before."""
        links = self.ledger.links.get(*self.place, ENTITY, [period])
        before = set(links[period].facts.get("people", "").split()) if period in links else set()
        return self.ledger.reports.heads(*self.place, period, sorted({*found, *before, *(only or ())}))

    def _unknown(self, people: Sequence[str], members: frozenset[int]) -> set[str]:
        """Who is in Payroll Plus only: no member of the role, and no person of Synergy at all."""
        asked = {person for person in people if not (person.isdigit() and int(person) in members)}
        numbers = [int(person) for person in asked if person.isdigit() and len(person) < 10]
        there = {str(one.id) for one in self.sides.synergy.people(numbers)} if numbers else set()
        return asked - there

    def _compare(
        self, person: str, period: str, now: Components, kept: tuple[int, str] | None
    ) -> Write | None:
        version, digest = kept or (0, "")
        fresh = self._digest(now)
        if digest == fresh or (kept is None and not now):
            return None
        known = self._former(person, period) if kept else {}
        changes = tuple(
            Change(name, MASK if name in known else None, MASK if name in now else None)
            for name in sorted({*known, *now})
            if name not in known or name not in now or known[name] != now[name]
        )
        outcome = Outcome.UPDATED if kept else Outcome.CREATED
        rows = {name: {"description": text, "amount": amount} for name, (text, amount) in now.items()}
        return Write(
            record=_record(person, period, outcome, None, changes),
            send={ENTITY: {"person": person, "period": period, "components": rows}},
            target_id=str(version) if kept else None,
            digests={ENTITY: fresh},
            facts={"version": str(version + 1)},
        )

    def _former(self, person: str, period: str) -> Components:
        (newest, *_) = self.ledger.reports.versions(*self.place, person, period)
        return dict(newest.components)

    def _digest(self, components: Components) -> str:
        plain = {name: [text, amount.reveal()] for name, (text, amount) in components.items()}
        return Secret(json.dumps(plain, sort_keys=True)).fingerprint(self.key)

    def plan_absent(
        self, run: Run, index: int, gone: Sequence[Link], context: Mapping[str, Any]
    ) -> PlannedPage:
        """Nothing: a period that is not pulled keeps its reports."""
        del run, gone, context
        return PlannedPage(index, 0, (), ())

    def apply(self, run: Run, writes: Sequence[Write]) -> list[Applied]:
        """Keep each report as its newest version; the one before stays beside it."""
        results = []
        at = datetime.now().astimezone().isoformat(timespec="seconds")
        for write in writes:
            send = write.send[ENTITY]
            rows: Mapping[str, Any] = send["components"]
            report = Report(
                person_id=send["person"],
                period=send["period"],
                version=int(write.facts["version"]),
                digest=write.digests[ENTITY],
                pulled_at=at,
                run_id=run.run_id,
                components={name: (row["description"], row["amount"]) for name, row in rows.items()},
            )
            kept = self.ledger.reports.put(*self.place, report)
            record = write.record
            if not kept:
                why = reason(
                    "NEWER_AT_TARGET", label=record.label, run_id=run.run_id, field="it", value="newer"
                )
                record = replace(record, outcome=Outcome.FAILED, reason=why)
            results.append(Applied(record, write.facts["version"]))
        return results

    def ended(self, run: Run, writes: Sequence[Write], records: Sequence[Record]) -> None:
        """Note whose reports are kept of a period, so that who is taken out of it later is missed."""
        del run, records
        people: dict[str, set[str]] = defaultdict(set)
        for write in writes:
            people[write.send[ENTITY]["period"]].add(str(write.send[ENTITY]["person"]))
        links = self.ledger.links.get(*self.place, ENTITY, people)
        for period, some in people.items():
            before = links[period].facts.get("people", "").split() if period in links else []
            facts = {"people": " ".join(sorted({*before, *some}))}
            self.ledger.links.put(*self.place, Link(ENTITY, period, period, period, facts=facts))

    def remaining(self, planned: Write, fresh: Write | None) -> Write | None:
        """A report that is not kept yet, as it is now."""
        return replace(fresh, record=planned.record) if fresh else None

    def cost(self, writes: Sequence[Write]) -> int:
        """None: it is our own store that is written."""
        del writes
        return 0

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems reached; then one person: in Synergy, with the role, and with reports."""
        found = [
            reached("Exact Synergy", self.sides.synergy),
            reached("Exact Payroll Plus", self.sides.payroll),
        ]
        if key is None or not all(check.passed for check in found):
            return found
        return [*found, *self._of_person(key.rpartition(":")[2])]

    def _of_person(self, person_id: str) -> Iterator[Check]:
        person = self.sides.synergy.person(int(person_id)) if person_id.isdigit() else None
        there = person is not None
        remedy = None if there else f"Create the person {person_id} in Exact Synergy, or look for another id."
        yield Check("exists in Exact Synergy", there, f"resource {person_id}" if there else "nobody", remedy)
        if not there:
            return
        member = ROLE in self.sides.synergy.roles_of(int(person_id))
        remedy = None if member else "Give the role Payroll Plus employee (System, Role, Member)."
        yield Check("has the Payroll Plus employee role", member, ROLE if member else "not a member", remedy)
        kept = list(self.ledger.reports.of(*self.place, person_id))
        seen = f"{len(kept)} periods, the newest {kept[0].period} of {kept[0].pulled_at}" if kept else "none"
        remedy = None if kept else "Start a run of report_pull once a payroll run is approved."
        yield Check("has reports", bool(kept), seen, remedy)


def label_of(person: str, period: str) -> str:
    """How messages name a report; no personal data."""
    return f"Report of employee {person} for {period}"


def _record(person: str, period: str, outcome: Outcome, why: Any, changes: tuple[Change, ...] = ()) -> Record:
    key = f"{period}:{person}"
    return Record(ENTITY, key, label_of(person, period), outcome, f"{ENTITY}:{key}", why, changes)


def _unknown(person: str, period: str) -> Record:
    why = reason("NO_SYNERGY_RESOURCE", label=label_of(person, period), number=person)
    return _record(person, period, Outcome.BLOCKED, why)


def _together(index: int, pages: Sequence[PlannedPage]) -> PlannedPage:
    """Several planned periods as one page."""
    return PlannedPage(
        index,
        sum(page.unchanged for page in pages),
        tuple(record for page in pages for record in page.records),
        tuple(write for page in pages for write in page.writes),
    )


def open_flow(place: Place, tenant: str, connection_id: str, settings: Mapping[str, Any]) -> ReportPull:
    """The flow over one connection, with its stored credentials."""
    return ReportPull(
        tenant=tenant,
        connection_id=connection_id,
        sides=Sides(lambda system: place.client_of(tenant, connection_id, settings, system)),
        ledger=place.ledger,
        key=place.credentials.fingerprint_key(tenant, connection_id),
    )
