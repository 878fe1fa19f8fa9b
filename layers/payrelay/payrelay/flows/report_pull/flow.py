"""Payroll reports of Exact Payroll Plus into our own store, every weekend (REP-1)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.domain.records import Applied, Change, Outcome, PlannedPage, Record, Seen, Write
from payrelay.domain.runs import Check, Link, Listing, Page, Run
from payrelay.domain.sensitive import MASK, Secret
from payrelay.flows.diagnosis import reached
from payrelay.flows.flow import Flow
from payrelay.flows.opening import Container
from payrelay.flows.report_pull.read import Components, Flaw, Sides, read_periods, read_rows
from payrelay.flows.report_pull.rules import resource_id
from payrelay.flows.settings.synergy_payroll_plus import Settings
from payrelay.ledger.parts import BATCH, PAGE
from payrelay.ledger.reports import Report
from payrelay.systems.registry import label as system_label

ENTITY = "report"
ROLE = "PAYROLLPLUS"
# What changed while the last run was reading is read again.
OVERLAP = timedelta(days=1)


class ReportPull(Flow, frozen=True):
    """The flow over one connection. Its target is our own ledger; `key` keys digests of reports."""

    sides: Sides
    key: bytes
    retention_days: int
    name: ClassVar[str] = "report_pull"
    payload: ClassVar[type[Any]] = dict

    def pages(self, run: Run) -> Listing:
        """A page for each period: those that are asked for, or those approved since last time."""
        context: dict[str, Any] = {"members": sorted(self.sides.synergy.members(ROLE))}
        asked = run.options.get("periods")
        if run.only is not None or asked is not None:
            there = read_periods(self.sides.payroll, None)
            wanted = set(asked or ())
        else:
            standing = self.ledger.connections.standing(*self.connection_key, self.name)
            changed = read_periods(self.sides.payroll, _since(standing))
            unfinished = self._unfinished(standing)
            wanted = {*changed.approved, *changed.flaws}
            there = changed if wanted and not unfinished else read_periods(self.sides.payroll, None)
            wanted |= unfinished & {*there.approved, *there.flaws}
            # With nothing changed, both sides are seen to agree on the newest one.
            wanted = wanted or set(sorted(there.approved)[-1:])
        context["approved"] = sorted(there.approved)
        context["flaws"] = {name: list(flaw) for name, flaw in there.flaws.items()}
        context["periods"] = [] if run.only is not None else sorted(wanted)
        pages = tuple(Page(index) for index in range(len(context["periods"])))
        return Listing(pages, len(pages), context)

    def _unfinished(self, standing: Mapping[str, Any]) -> set[str]:
        """The periods that the last pull of everything could not keep for everybody."""
        before = self.ledger.runs.get(self.tenant, standing.get("complete_run_id") or "")
        return {
            record.key.partition(":")[0]
            for kind in (PAGE, BATCH)
            for _, records in (self.ledger.parts.records(before, kind) if before else ())
            for record in records
            if record.outcome in (Outcome.BLOCKED, Outcome.FAILED)
        }

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Read the report of one period, and compare each person's with what is kept."""
        if page.ids:
            wanted = [name.split(":", 2)[1:] for name in page.ids]
            planned = []
            for period in sorted({period for period, *_ in wanted}):
                people = {who[0] if who else "" for at, *who in wanted if at == period}
                planned.append(self._planned(page.index, period, context, None if "" in people else people))
            return _together(page.index, planned)
        periods = context["periods"]
        period = periods[page.index]
        planned_page = self._planned(page.index, period, context, None)
        if run.options.get("periods") is not None:
            # Some periods are not all: what was not asked for has not been looked at.
            return planned_page
        before = periods[page.index - 1] if page.index else None
        return replace(planned_page, seen=Seen((period,), before, len(periods), ()))

    def _planned(
        self, index: int, period: str, context: Mapping[str, Any], only: set[str] | None
    ) -> PlannedPage:
        """The reports of one period, of everybody or of a few."""
        records: list[Record] = []
        if period in context["flaws"]:
            records.append(_flawed(period, "", tuple(context["flaws"][period])))
        elif period not in context["approved"]:
            why = reason("PERIOD_NOT_APPROVED", period=period)
            records.append(_record(period, "", Outcome.BLOCKED, why))
        if period not in context["approved"]:
            return PlannedPage(index, 0, tuple(records), ())
        rows = read_rows(self.sides.payroll, period)
        if rows.flaw:
            return PlannedPage(index, 0, (*records, _flawed(period, "", rows.flaw)), ())
        kept = self.ledger.reports.heads(*self.connection_key, period, None if only is None else sorted(only))
        flawed = sorted(person for person in rows.flaws if only is None or person in only)
        records += [_flawed(period, person, rows.flaws[person]) for person in flawed]
        found = rows.found.keys() - rows.flaws.keys()
        people = sorted((only if only is not None else {*found, *kept}) - rows.flaws.keys())
        unknown = self._unknown([one for one in people if one in found], frozenset(context["members"]))
        writes, unchanged = [], 0
        for person in people:
            if person in unknown:
                records.append(_unknown(period, person))
                continue
            now = rows.found[person] if person in found else {}
            write = self._compare(period, person, now, kept.get(person))
            unchanged += write is None
            writes += [write] if write else []
        return PlannedPage(index, unchanged, tuple(records), tuple(writes))

    def _unknown(self, people: Sequence[str], members: frozenset[int]) -> set[str]:
        """Who is in Payroll Plus only: no member of the role, and no person of Synergy at all."""
        numbers = {person: resource_id(person) for person in people}
        asked = [number for number in numbers.values() if number is not None and number not in members]
        cards = self.sides.synergy.people(asked) if asked else None
        there = (
            {str(card.id) for card in cards} | {bad.id for bad in cards.bad_rows}
            if cards is not None
            else set()
        )
        return {who for who, number in numbers.items() if number not in members and who not in there}

    def _compare(
        self, period: str, person: str, now: Components, kept: tuple[int, str] | None
    ) -> Write[Any] | None:
        version, digest = kept or (0, "")
        fresh = self._digest(now)
        if digest == fresh or (kept is None and not now):
            return None
        known = self._former(period, person) if kept else {}
        changes = tuple(
            Change(name, MASK if name in known else None, MASK if name in now else None)
            for name in sorted({*known, *now})
            if name not in known or name not in now or known[name] != now[name]
        )
        outcome = Outcome.UPDATED if kept else Outcome.CREATED
        rows = {name: {"description": text, "amount": amount} for name, (text, amount) in now.items()}
        # Without a target id no link is kept: the report itself says what was kept last.
        return Write(
            record=_record(period, person, outcome, None, changes),
            payload={ENTITY: {"person": person, "period": period, "components": rows}},
            digests={ENTITY: fresh, "before": digest},
            facts={"version": str(version + 1)},
        )

    def _former(self, period: str, person: str) -> Components:
        ((newest, *_),) = self.ledger.reports.of(*self.connection_key, person, period)
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

    def apply(self, run: Run, writes: Sequence[Write[Any]]) -> list[Applied]:
        """Keep each report as its newest version; the one before stays beside it."""
        results = []
        pulled_at = run.started_at or run.queued_at
        expires = datetime.fromisoformat(pulled_at) + timedelta(days=self.retention_days)
        for write in writes:
            send = write.payload[ENTITY]
            rows: Mapping[str, Any] = send["components"]
            report = Report(
                person_id=send["person"],
                period=send["period"],
                version=int(write.facts["version"]),
                digest=write.digests[ENTITY],
                pulled_at=pulled_at,
                run_id=run.run_id,
                expires=int(expires.timestamp()),
                components={name: (row["description"], row["amount"]) for name, row in rows.items()},
            )
            kept = self.ledger.reports.put(*self.connection_key, report)
            record = write.record
            if not kept:
                why = reason(
                    "NEWER_AT_TARGET", label=record.label, run_id=run.run_id, field="it", value="newer"
                )
                record = replace(record, outcome=Outcome.FAILED, reason=why)
            results.append(Applied(record))
        return results

    def ended(self, run: Run, writes: Sequence[Write[Any]], records: Sequence[Record]) -> None:
        """Nothing is to be known beside the reports."""
        del run, writes, records

    def remaining(self, planned: Write[Any], fresh: Write[Any] | None) -> Write[Any] | None:
        """A report that is not kept yet, as it is now."""
        return replace(fresh, record=planned.record) if fresh else None

    def cost(self, writes: Sequence[Write[Any]]) -> int:
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
        number = resource_id(person_id)
        there = number is not None and self.sides.synergy.person(number) is not None
        remedy = None if there else f"Create the person {person_id} in Exact Synergy, or look for another id."
        yield Check("exists in Exact Synergy", there, f"resource {person_id}" if there else "nobody", remedy)
        if number is None or not there:
            return
        member = ROLE in self.sides.synergy.roles_of(number)
        remedy = None if member else "Give the role Payroll Plus employee (System, Role, Member)."
        yield Check("has the Payroll Plus employee role", member, ROLE if member else "not a member", remedy)
        kept = self.ledger.reports.of(*self.connection_key, person_id)
        seen = "none"
        if kept:
            newest = kept[0][0]
            seen = f"{len(kept)} periods, the newest {newest.period} of {newest.pulled_at}"
        remedy = None if kept else "Start a run of report_pull once a payroll run is approved."
        yield Check("has reports", bool(kept), seen, remedy)


def _since(standing: Mapping[str, Any]) -> datetime | None:
    """When the last pull of everything began to read, and some time before."""
    since = standing.get("complete_since")
    return datetime.fromisoformat(since) - OVERLAP if since else None


def label_of(period: str, person: str) -> str:
    """How messages name a report; no personal data."""
    return f"Report of employee {person} for {period}" if person else f"Report of everybody for {period}"


def _record(period: str, person: str, outcome: Outcome, why: Any, changes: tuple[Change, ...] = ()) -> Record:
    """A person's report of a period, or without a person that of everybody."""
    key = f"{period}:{person}" if person else period
    return Record(ENTITY, key, label_of(period, person), outcome, f"{ENTITY}:{key}", why, changes)


def _flawed(period: str, person: str, flaw: Flaw) -> Record:
    field, problem = flaw
    values = {"label": label_of(period, person), "field": field, "problem": problem}
    why = reason("VALUE_NOT_VALID", **values, system=system_label("payroll_plus"))
    return _record(period, person, Outcome.BLOCKED, why)


def _unknown(period: str, person: str) -> Record:
    why = reason("NO_SYNERGY_RESOURCE", label=label_of(period, person), number=person)
    return _record(period, person, Outcome.BLOCKED, why)


def _together(index: int, pages: Sequence[PlannedPage]) -> PlannedPage:
    """Several planned periods as one page."""
    return PlannedPage(
        index,
        sum(page.unchanged for page in pages),
        tuple(record for page in pages for record in page.records),
        tuple(write for page in pages for write in page.writes),
    )


def open_flow(
    container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]
) -> ReportPull:
    """The flow over one connection, with its stored credentials."""
    return ReportPull(
        tenant=tenant,
        connection_id=connection_id,
        sides=Sides(lambda system: container.client_of(tenant, connection_id, settings, system)),
        ledger=container.ledger,
        key=container.credentials.fingerprint_key(tenant, connection_id),
        retention_days=Settings.model_validate(settings).report_retention_days,
    )
