"""One page planned and put down: the same for a stretch of the source and for what pages have left."""

from __future__ import annotations

from collections.abc import Sequence

from payrelay.domain.forecast import calls_of
from payrelay.domain.records import Outcome, PlannedPage
from payrelay.domain.runs import Page, Run
from payrelay.flows.engine.engine import Engine
from payrelay.flows.flow import Flow


def plan_one(engine: Engine, flow: Flow, run: Run, page: Page) -> PlannedPage:
    """Plan one page and keep its summary, and its writes if it has any."""
    context = engine.ledger.plans.context(run)
    before = engine.meter()
    planned = flow.plan(run, page, context)
    calls = engine.meter() - before
    if run.replay_of:
        from payrelay.flows.engine import replays  # noqa: PLC0415  (few runs are a replay)

        planned = replays.without_newer(engine, run, planned)
    if planned.noted:
        engine.ledger.plans.put_context(run, {**context, **planned.noted})
    put_down(engine, flow, run, planned, calls, page.ids)
    return planned


def put_down(
    engine: Engine, flow: Flow, run: Run, planned: PlannedPage, calls: int, named: Sequence[str] = ()
) -> None:
    """Keep a planned page; `calls` is what planning it took, `named` the source ids that it was asked for."""
    engine.ledger.plans.put_writes(run, planned.index, planned.writes)
    loads = flow.loads(planned.writes) if planned.writes else {}
    looks = flow.looks(planned.writes) if planned.writes else {}
    calls += sum(calls_of(loads).values())
    asked = engine.tally.take()
    engine.ledger.parts.put_page(run, planned, engine.ttl(run), calls, named, asked, loads, looks)
    engine.journal([record for record in planned.records if record.outcome is not Outcome.SKIPPED])
    engine.tell_blocked(run, planned.records)
