"""Payroll reports of Exact Payroll Plus into our own store, every weekend (REP-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from msgspec.structs import replace

from payrelay.domain.records import Applied, Outcome, PlannedPage, Record, Seen, Write
from payrelay.domain.runs import Check, Listing, Page, Run
from payrelay.flows.flow import Flow
from payrelay.flows.opening import Container
from payrelay.flows.report_pull import compare, deliver
from payrelay.flows.report_pull.compare import Kept, NewVersion, blocked
from payrelay.flows.report_pull.read import (
    Components,
    PayrollSystems,
    Periods,
    read_periods,
    read_reports,
    read_resources,
)
from payrelay.flows.report_pull.reasons import reason
from payrelay.flows.report_pull.rules import (
    RETENTION_DAYS,
    ROLE,
    ReportName,
    asked_periods,
    periods_to_pull,
    without_resource,
)
from payrelay.ledger.parts import BATCH, PAGE
from payrelay.systems.registry import label
from payrelay.systems.rows import BadRow

# What changed while the last run was reading is read again.
OVERLAP = timedelta(days=1)


class ReportPull(Flow, frozen=True):
    """The flow over one connection. Its target is our own ledger; `key` keys digests of reports."""

    systems: PayrollSystems
    key: bytes
    retention_days: int
    name: ClassVar[str] = "report_pull"
    payload: ClassVar[type[NewVersion]] = NewVersion

    def pages(self, run: Run) -> Listing:
        """A page for each period: those that are asked for, or those approved since last time."""
        asked = run.options.get("periods")
        if run.only is not None or asked is not None:
            there = read_periods(self.systems.payroll, None)
            periods = asked_periods(asked or (), there.flawed)
        else:
            there, periods = self._due()
        context: dict[str, Any] = {
            "members": sorted(self.systems.synergy.members(ROLE)),
            "approved": sorted(there.approved),
            "flaws": {name: [bad.field, bad.problem] for name, bad in there.flawed.items()},
            "periods": [] if run.only is not None else periods,
        }
        pages = tuple(Page(index) for index in range(len(context["periods"])))
        return Listing(pages, len(pages), context)

    def _due(self) -> tuple[Periods, list[str]]:
        """What there is of periods, as far as it is needed, and those that a pull of everything reads."""
        last = self.ledger.connections.standing(*self.connection_key, self.name)
        changed = read_periods(self.systems.payroll, _since(last))
        unfinished = self._unfinished(last)
        moved = {*changed.approved, *changed.flawed}
        there = changed if moved and not unfinished else read_periods(self.systems.payroll, None)
        return there, periods_to_pull(moved, unfinished, there.approved, there.flawed.keys())

    def _unfinished(self, last: Mapping[str, Any]) -> set[str]:
        """The periods that the last pull of everything could not keep for everybody."""
        before = self.ledger.runs.get(self.tenant, last.get("complete_run_id") or "")
        return {
            ReportName.of(record.source_id).period
            for kind in (PAGE, BATCH)
            for _, records in (self.ledger.parts.records(before, kind) if before else ())
            for record in records
            if record.outcome in (Outcome.BLOCKED, Outcome.FAILED)
        }

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Read the report of one period, and compare each person's with what is kept."""
        if page.ids:
            return self._plan_named(page, context)
        periods = context["periods"]
        period = periods[page.index]
        planned = self._planned(page.index, period, context, None)
        if run.options.get("periods") is not None:
            # Some periods are not all: what was not asked for has not been looked at.
            return planned
        before = periods[page.index - 1] if page.index else None
        return replace(planned, seen=Seen((period,), before, len(periods), ()))

    def _plan_named(self, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """The reports with these source ids, each of a person or of everybody, as one page."""
        people: dict[str, set[str]] = {}
        for name in map(ReportName.of, page.ids):
            people.setdefault(name.period, set()).add(name.person)
        planned = [
            self._planned(page.index, period, context, None if "" in people[period] else people[period])
            for period in sorted(people)
        ]
        return PlannedPage(
            page.index,
            sum(one.unchanged for one in planned),
            tuple(record for one in planned for record in one.records),
            tuple(write for one in planned for write in one.writes),
        )

    def _planned(
        self, index: int, period: str, context: Mapping[str, Any], only: set[str] | None
    ) -> PlannedPage:
        """The reports of one period, of everybody or of a few."""
        everybody, records = ReportName(period), list[Record]()
        if period in context["flaws"]:
            records.append(_flawed(everybody, BadRow("", period, *context["flaws"][period])))
        elif period not in context["approved"]:
            records.append(blocked(everybody, reason("PERIOD_NOT_APPROVED", period=period)))
        if period not in context["approved"]:
            return PlannedPage(index, 0, tuple(records), ())
        found = read_reports(self.systems.payroll, period)
        if found.anybodys:
            return PlannedPage(index, 0, (*records, _flawed(everybody, found.anybodys)), ())
        kept = self.ledger.reports.heads(*self.connection_key, period, None if only is None else sorted(only))
        flawed = sorted(person for person in found.flawed if only is None or person in only)
        records += [_flawed(ReportName(period, person), found.flawed[person]) for person in flawed]
        people = sorted((only if only is not None else {*found.whole, *kept}) - found.flawed.keys())
        missing = self._missing(period, [one for one in people if one in found.whole], context)
        records += missing.values()
        there = [person for person in people if person not in missing]
        writes = self._writes(period, there, found.whole, kept)
        return PlannedPage(index, len(there) - len(writes), tuple(records), writes)

    def _missing(self, period: str, people: Sequence[str], context: Mapping[str, Any]) -> dict[str, Record]:
        """The records of those who are in payroll only, or may be for all that can be read, by person."""
        members = frozenset(context["members"])
        resources = read_resources(self.systems.synergy, people, members)
        found = {}
        for person in sorted(without_resource(people, members, resources.ids)):
            name = ReportName(period, person)
            why = reason("NO_SYNERGY_RESOURCE", label=name.label, number=person)
            if resources.anybodys:
                why = resources.anybodys.why(name.label, label("synergy"))
            found[person] = blocked(name, why)
        return found

    def _writes(
        self, period: str, people: Sequence[str], now: Mapping[str, Components], kept: Mapping[str, Kept]
    ) -> tuple[Write[NewVersion], ...]:
        """What is to be kept anew; only of that is read what is kept."""
        writes = []
        for person in people:
            components, head = now.get(person, {}), kept.get(person)
            if compare.differs(components, head, self.key):
                former = self._former(period, person) if head else {}
                name = ReportName(period, person)
                writes.append(compare.write_of(name, components, head, former, self.key))
        return tuple(writes)

    def _former(self, period: str, person: str) -> Components:
        ((newest, *_),) = self.ledger.reports.of(*self.connection_key, person, period)
        return dict(newest.components)

    def apply(self, run: Run, writes: Sequence[Write[Any]]) -> list[Applied]:
        """Keep each report as its newest version."""
        return deliver.keep(self.ledger.reports, run, writes, self.retention_days)

    def cost(self, writes: Sequence[Write[Any]]) -> int:
        """None: it is our own store that is written."""
        del writes
        return 0

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems reached; then one person: in Synergy, with the role, and with reports."""
        from payrelay.flows.report_pull import diagnose  # noqa: PLC0415  (no step of a run needs it)

        reports = self.ledger.reports
        return diagnose.checks(self.systems, lambda person: reports.of(*self.connection_key, person), key)


def _since(last: Mapping[str, Any]) -> datetime | None:
    """When the last pull of everything began to read, and some time before."""
    since = last.get("complete_since")
    return datetime.fromisoformat(since) - OVERLAP if since else None


def _flawed(name: ReportName, bad: BadRow) -> Record:
    return blocked(name, bad.why(name.label, label("payroll_plus")))


def open_flow(
    container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]
) -> ReportPull:
    """The flow over one connection, with its stored credentials."""
    return ReportPull(
        tenant=tenant,
        connection_id=connection_id,
        systems=PayrollSystems(lambda system: container.client_of(tenant, connection_id, settings, system)),
        ledger=container.ledger,
        key=container.credentials.fingerprint_key(tenant, connection_id),
        # Checked when it was stored; the steps of a run spare themselves the check, and pydantic.
        retention_days=settings.get("report_retention_days", RETENTION_DAYS),
    )
