"""Payroll reports of Exact Payroll Plus into our own store, every weekend (REP-1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.forecast import Load, Loads
from payrelay.domain.records import Applied, Outcome, PlannedPage, Record, Seen, Write
from payrelay.domain.runs import Check, Listing, Page, Run
from payrelay.flows.exact import Budget, ExactSystems
from payrelay.flows.flow import Flow
from payrelay.flows.last_run import changed_since, reading, standing_of, unfinished
from payrelay.flows.opening import Container, hash_key
from payrelay.flows.report_pull import deliver
from payrelay.flows.report_pull.compare import NewVersion, blocked, record_of
from payrelay.flows.report_pull.part import Planner, flawed
from payrelay.flows.report_pull.read import Periods, read_periods
from payrelay.flows.report_pull.reasons import reason
from payrelay.flows.report_pull.rules import (
    RETENTION_DAYS,
    ROLE,
    ReportName,
    asked_periods,
    periods_to_pull,
)
from payrelay.flows.report_pull.walk import Walks, parts_of
from payrelay.flows.report_pull.whose import person_of
from payrelay.systems.payroll_plus.client import PAGE_SIZE
from payrelay.systems.payroll_plus.client import SYSTEM as PAYROLL
from payrelay.systems.rows import BadRow
from payrelay.systems.synergy.odata import AT_ONCE
from payrelay.systems.synergy.odata import SYSTEM as SYNERGY


class Due(Struct):
    """What a run reads, found out once: who has the role, which periods, and what is wrong with which.

    Of those that are `still` nothing says that they have changed since an earlier pull. The next one asks
    what changed since the `mark`.
    """

    members: list[int]
    approved: list[str]
    flaws: dict[str, tuple[str, str]]
    periods: list[str]
    withdrawn: list[str]
    still: list[str] = []
    mark: str = ""


class ReportPull(Flow, frozen=True):
    """The flow over one connection. Its target is our own ledger; `key` keys digests of reports."""

    systems: ExactSystems
    key: bytes
    retention_days: int
    name: ClassVar[str] = "report_pull"
    payload: ClassVar[type[NewVersion]] = NewVersion
    # Our own ledger takes a version only on top of the one that was there when it was planned.
    plans_age: ClassVar[bool] = False

    def pages(self, run: Run) -> Listing:
        """A page for some people of each period: those that are asked for, or those approved since last time.

        Unfinished until all of the periods is read; a step after it goes on there.
        """
        due = self._due(run)
        context: dict[str, Any] = {
            "members": due.members,
            "approved": due.approved,
            "flaws": due.flaws,
            "withdrawn": due.withdrawn,
            "still": due.still,
            "read": str(run.reads),
        }
        walks, budget = self._walks(run, context), Budget()
        parts: list[tuple[str, int]] = []
        people = 0
        for period in due.periods:
            if period not in due.approved:
                parts.append((period, 0))
                continue
            walk = walks.finished(period, budget)
            parts += [(period, number) for number in range(1 if walk.nameless else walk.parts)]
            people += walk.people
        pages = tuple(Page(index) for index in range(len(parts)))
        named = run.only is not None or run.options.get("periods") is not None
        full = None if named else bool(run.options.get("full"))
        total, marks = max(people, len(pages)), {PAYROLL: due.mark}
        return Listing(pages, total, {**context, "parts": parts}, full=full, marks=marks)

    def _due(self, run: Run) -> Due:
        """What a run reads, kept for the steps that go on with it."""
        name = f"due-{run.reads}"
        kept = self.ledger.plans.kept(run, name, Due)
        if kept:
            return kept
        asked, withdrawn, still = run.options.get("periods"), list[str](), list[str]()
        if run.only is not None:
            there, periods = read_periods(self.systems.payroll, None), []
        elif asked is not None:
            there = read_periods(self.systems.payroll, None)
            periods = asked_periods(asked, there.flawed)
        else:
            there, periods, withdrawn, still = self._of_everything(full=bool(run.options.get("full")))
        due = Due(
            sorted(self.systems.synergy.members(ROLE)),
            sorted(there.approved),
            {name: (bad.field, bad.problem) for name, bad in there.flawed.items()},
            periods,
            withdrawn,
            still,
            reading(run, self.systems.payroll.server_time()).stored(),
        )
        self.ledger.plans.keep(run, name, due)
        return due

    def _of_everything(self, *, full: bool) -> tuple[Periods, list[str], list[str], list[str]]:
        """What there is of periods, as far as it is needed; those to read, those that were withdrawn, and
        those of which nothing says that they have changed."""
        last = standing_of(self)
        changed = read_periods(self.systems.payroll, changed_since(last, PAYROLL))
        left = {ReportName.of(record.source_id).period for record in unfinished(self, last)}
        moved = {*changed.approved, *changed.flawed}
        # A second run of a period may have changed, and the first be approved as it was.
        enough = moved and not full and not left and not any(map(self._any_kept, changed.others))
        there = changed if enough else read_periods(self.systems.payroll, None)
        wanted = moved | there.approved if full else moved
        pulled = periods_to_pull(wanted, left, there.approved, there.flawed.keys())
        withdrawn = [one for one in sorted(there.others) if one not in pulled and self._any_kept(one)]
        still = sorted({*pulled} - moved - left) if "complete_since" in last else []
        return there, sorted({*pulled, *withdrawn}), withdrawn, still

    def _any_kept(self, period: str) -> bool:
        return self.ledger.reports.any_of(*self.connection_key, period)

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Compare the reports of some people of a period with what is kept."""
        if page.ids:
            return self._plan_named(run, page, context)
        parts = context["parts"]
        period, number = parts[page.index]
        records = self._of_period(period, context) if number == 0 else []
        planned: list[PlannedPage] = []
        if period in context["approved"]:
            walks = self._walks(run, context)
            walk = walks.finished(period, Budget())
            if walk.nameless:
                records.append(flawed(ReportName(period), walk.nameless))
            else:
                part, kept = walks.part(period, walk, number), walks.heads(period, number)
                planned.append(self._planner(period, context).planned(page.index, part, kept))
        whole = _with(records, planned, page.index)
        if period in context.get("still", ()):
            whole = replace(whole, drift=len(whole.writes))
        if run.options.get("periods") is not None:
            # Some periods are not all: what was not asked for has not been looked at.
            return whole
        before = _place(*parts[page.index - 1]) if page.index else None
        return replace(whole, seen=Seen((_place(period, number),), before, len(parts), ()))

    def _plan_named(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """The reports with these source ids, each of a person or of everybody, as one page."""
        people: dict[str, set[str]] = {}
        for name in map(ReportName.of, page.ids):
            people.setdefault(name.period, set()).add(person_of(name.person))
        walks, budget = self._walks(run, context), Budget()
        records: list[Record] = []
        planned: list[PlannedPage] = []
        for period in sorted(people):
            records += self._of_period(period, context)
            if period not in context["approved"]:
                continue
            walk = walks.finished(period, budget)
            if walk.nameless:
                records.append(flawed(ReportName(period), walk.nameless))
                continue
            everybody, planner = "" in people[period], self._planner(period, context)
            wanted = dict.fromkeys(range(walk.parts)) if everybody else parts_of(people[period], walk.parts)
            for number, only in sorted(wanted.items()):
                part = walks.part(period, walk, number)
                kept = walks.heads(period, number) if everybody else self._heads(period, only or ())
                planned.append(planner.planned(page.index, part, kept, only))
        return _with(records, planned, page.index)

    def _of_period(self, period: str, context: Mapping[str, Any]) -> list[Record]:
        """What is to be said of a period as a whole."""
        everybody, records = ReportName(period), list[Record]()
        if period in context["flaws"]:
            records.append(flawed(everybody, BadRow("", period, *context["flaws"][period])))
        elif period in context.get("withdrawn", ()):
            why = reason("PERIOD_WITHDRAWN", period=period)
            records.append(record_of(everybody, Outcome.SKIPPED, why))
        elif period not in context["approved"]:
            records.append(blocked(everybody, reason("PERIOD_NOT_APPROVED", period=period)))
        return records

    def _heads(self, period: str, people: Iterable[str]) -> Mapping[str, tuple[int, str]]:
        """What is kept of some people now."""
        return self.ledger.reports.heads(*self.connection_key, period, sorted(people))

    def _walks(self, run: Run, context: Mapping[str, Any]) -> Walks:
        return Walks(self.ledger, self.systems.payroll, run, context.get("read", "0"))

    def _planner(self, period: str, context: Mapping[str, Any]) -> Planner:
        members = frozenset(context["members"])
        return Planner(self.systems, self.ledger.reports, self.connection_key, self.key, period, members)

    def apply(self, run: Run, writes: Sequence[Write[Any]]) -> list[Applied]:
        """Keep each report as its newest version."""
        return deliver.keep(self.ledger.reports, run, writes, self.retention_days)

    def loads(self, writes: Sequence[Write[Any]]) -> Loads:
        """Nothing: it is our own store that is written."""
        del writes
        return {}

    def looks(self, writes: Sequence[Write[Any]]) -> Loads:
        """The pay of their people, about ten rows each, and their cards."""
        return {
            "pay": Load(PAYROLL, 10 * len(writes), PAGE_SIZE),
            "cards": Load(SYNERGY, len(writes), AT_ONCE),
        }

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems reached; then one person: in Synergy, with the role, and with reports."""
        from payrelay.flows.report_pull import diagnose  # noqa: PLC0415  (no step of a run needs it)

        reports = self.ledger.reports
        return diagnose.checks(self.systems, lambda person: reports.of(*self.connection_key, person), key)


def _with(records: Sequence[Record], planned: Sequence[PlannedPage], index: int) -> PlannedPage:
    """Several plans as one page, after what is to be said of the whole."""
    return PlannedPage(
        index,
        sum(one.unchanged for one in planned),
        (*records, *(record for one in planned for record in one.records)),
        tuple(write for one in planned for write in one.writes),
    )


def _place(period: str, number: int) -> str:
    return f"{period}#{number}"


def open_flow(
    container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]
) -> ReportPull:
    """The flow over one connection, with its stored credentials."""
    return ReportPull(
        tenant=tenant,
        connection_id=connection_id,
        systems=ExactSystems(lambda system: container.client_of(tenant, connection_id, settings, system)),
        ledger=container.ledger,
        key=hash_key(container, "report_pull", tenant, connection_id),
        # Checked when it was stored; the steps of a run spare themselves the check, and pydantic.
        retention_days=settings.get("report_retention_days", RETENTION_DAYS),
    )
