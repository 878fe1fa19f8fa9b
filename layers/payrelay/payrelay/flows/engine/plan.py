"""OpenRun, ListPages, PlanPage and PlanAbsent: a run reads and compares, and writes nothing outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from payrelay.domain.completeness import is_complete
from payrelay.domain.groups import in_groups
from payrelay.domain.reasons import reason
from payrelay.domain.records import Outcome
from payrelay.domain.runs import ConnectionStatus, Listing, Mode, Page, Run, Status
from payrelay.flows.catalog import flow_row
from payrelay.flows.engine import replays
from payrelay.flows.engine.engine import TROUBLE, Answer, Engine
from payrelay.flows.engine.review import batch_of
from payrelay.flows.flow import Opening
from payrelay.ledger.parts import PAGE, seen_by
from payrelay.ledger.runs import LeaseLost

ONLY_PAGE = 100


def open_run(engine: Engine, event: Mapping[str, Any]) -> Answer:
    """Mark the run as running; whether it starts with listing pages or with an earlier plan."""
    try:
        run = engine.holding(event)
    except LeaseLost:
        return {"status": "halted"}
    connection = engine.ledger.connections.get(run.tenant, run.connection_id)
    if connection is None or connection.status is ConnectionStatus.NOT_CONNECTED:
        return engine.halt(run, reason("CONNECTION_DISCONNECTED"), Status.STOPPED)
    standing = engine.ledger.connections.standing(run.tenant, run.connection_id, run.flow)
    run = engine.ledger.runs.change(
        run,
        status=Status.RUNNING,
        started_at=run.started_at or engine.stamp(),
        flow_version=flow_row(run.flow).version,
        first_load=not standing.get("first_load_done", False),
    )
    return {"status": "apply" if run.mode is Mode.APPLY else "list"}


def list_pages(engine: Engine, opening: Opening, event: Mapping[str, Any]) -> Answer:
    """The pages to plan; the look-ups that every page needs are kept with the run's plan."""
    try:
        run = engine.holding(event)
        if run.halt:
            return {"status": "halted"}
        before = engine.meter()
        listing = _confined(run, opening(run).pages(run))
        calls = engine.meter() - before
        engine.ledger.plans.put_context(run, listing.context)
        if run.replay_of:
            engine.ledger.plans.put_replayed(run, replays.planned_then(engine, run))
        engine.ledger.runs.change(
            run, pages=len(listing.pages), total=listing.total, reads=run.reads + 1, calls=run.calls + calls
        )
    except LeaseLost:
        return {"status": "halted"}
    except TROUBLE as error:
        return engine.trouble(run, error, int(event.get("tries", 0)))
    return {"status": "done", "pages": [page.as_dict() for page in listing.pages]}


def _confined(run: Run, listing: Listing) -> Listing:
    """The listing, or for a replay of single records the pages that cover just these."""
    if run.only is None:
        return listing
    starts = range(0, run.only, ONLY_PAGE)
    pages = tuple(Page(n, offset=start, limit=ONLY_PAGE) for n, start in enumerate(starts))
    return replace(listing, pages=pages, total=run.only)


def plan(engine: Engine, opening: Opening, event: Mapping[str, Any]) -> Answer:
    """Plan the page that `event` names, or, when it names none, what is gone after all pages."""
    return (plan_page if "page" in event else plan_absent)(engine, opening, event)


def plan_page(engine: Engine, opening: Opening, event: Mapping[str, Any]) -> Answer:
    """Plan one page and keep its summary, and its writes if it has any."""
    try:
        run = engine.holding(event)
        if run.halt:
            return {"status": "halted"}
        flow = opening(run)
        if run.flow_version != flow.version:
            return engine.halt(run, reason("DEPLOYED_MEANWHILE", old=run.flow_version, new=flow.version))
        page = Page.from_dict(event["page"])
        if run.only is not None:
            ids = next(in_groups(engine.ledger.plans.only(run)[page.offset :], page.limit))
            page = replace(page, ids=tuple(ids))
        context = engine.ledger.plans.context(run)
        before = engine.meter()
        planned = flow.plan(run, page, context)
        calls = engine.meter() - before
        if run.replay_of:
            planned = replays.without_newer(engine, run, planned)
    except LeaseLost:
        return {"status": "halted"}
    except TROUBLE as error:
        return engine.trouble(run, error, int(event.get("tries", 0)))
    if planned.noted:
        engine.ledger.plans.put_context(run, {**context, **planned.noted})
    engine.ledger.plans.put_writes(run, planned.index, planned.writes)
    calls += flow.cost(planned.writes) if planned.writes else 0
    engine.ledger.parts.put_page(run, planned, engine.ttl(run), calls)
    engine.journal([record for record in planned.records if record.outcome is not Outcome.SKIPPED])
    engine.tell_blocked(run, planned.records)
    writes = len(planned.writes)
    return {"status": "done", "writes": writes, "batch": batch_of(planned.index, writes)}


def plan_absent(engine: Engine, opening: Opening, event: Mapping[str, Any]) -> Answer:
    """Prove that all pages together are a complete read, and plan what is gone from the source.

    A source that moved while it was read is read again; one that never holds still is synced as seen, and
    nothing counts as gone.
    """
    try:
        run = engine.holding(event)
        if run.halt:
            return {"status": "halted"}
        listed = run.pages
        if run.only is not None or listed is None:
            return {"status": "done"}
        pages = engine.ledger.parts.summaries(run, PAGE, seen=True)
        seen = [seen_by(item) for item in pages if "seen" in item and item["index"] < listed]
        if not seen:
            return {"status": "done"}
        if len(seen) < listed or not is_complete(seen):
            again = run.reads < engine.limits.reads_of_a_moving_source
            return {"status": "again" if again else "done"}
        run = engine.ledger.runs.change(run, complete=True)
        flow = opening(run)
        known = {source_id for page in seen for source_id in page.present}
        links = engine.ledger.links
        gone_ids = [i for i in links.source_ids(run.tenant, run.connection_id, flow.entity) if i not in known]
        if not gone_ids:
            return {"status": "done"}
        gone = links.get(run.tenant, run.connection_id, flow.entity, gone_ids)
        context = engine.ledger.plans.context(run)
        planned = flow.plan_absent(run, listed, list(gone.values()), context)
    except LeaseLost:
        return {"status": "halted"}
    except TROUBLE as error:
        return engine.trouble(run, error, int(event.get("tries", 0)))
    engine.ledger.plans.put_writes(run, planned.index, planned.writes)
    engine.ledger.parts.put_page(run, planned, engine.ttl(run))
    engine.tell_blocked(run, planned.records)
    return {"status": "done"}
