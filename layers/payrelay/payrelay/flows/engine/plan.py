"""OpenRun, ListPages, PlanPage, PlanAbsent: read and compare page by page, and write nothing (RUN-8)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from payrelay.domain.completeness import is_complete
from payrelay.domain.groups import in_groups
from payrelay.domain.reasons import reason
from payrelay.domain.records import Seen
from payrelay.domain.runs import ConnectionStatus, Listing, Mode, Page, Run, Status
from payrelay.errors import Unfinished
from payrelay.flows.catalog import is_confined
from payrelay.flows.engine.answers import Again, Answer, Apply, Done, Halted, List, Listed, Planned
from payrelay.flows.engine.engine import Engine
from payrelay.flows.engine.pages import plan_one, put_down
from payrelay.flows.engine.review import batch_of
from payrelay.flows.engine.step import Event, Payload, flow_step, step
from payrelay.flows.engine.together import plan_left
from payrelay.flows.flow import Flow, Opening
from payrelay.flows.versions import check_version, version_of
from payrelay.ledger.parts import PAGE, seen_by

ONLY_PAGE = 100


@step
def open_run(engine: Engine, run: Run, event: Event) -> Answer:
    """Mark the run as running; whether it starts with listing pages or with an earlier plan."""
    del event
    connection = engine.ledger.connections.get(run.tenant, run.connection_id)
    if connection is None or connection.status is ConnectionStatus.NOT_CONNECTED:
        return engine.halt(run, reason("CONNECTION_DISCONNECTED"), Status.STOPPED)
    if connection.era != run.era:
        return engine.halt(run, reason("CONNECTION_MOVED"), Status.STOPPED)
    standing = engine.ledger.connections.standing(run.tenant, run.connection_id, run.flow)
    plan = engine.ledger.runs.get(run.tenant, run.plan_of) if run.plan_of else None
    run = engine.ledger.runs.change(
        run,
        status=Status.RUNNING,
        started_at=run.started_at or engine.stamp(),
        flow_version=version_of(run.flow),
        first_load=not standing.get("first_load_done", False),
        batch_size=plan.batch_size if plan else None,
    )
    return Apply() if run.mode is Mode.APPLY else List()


@flow_step
def list_pages(engine: Engine, opening: Opening, run: Run, event: Event) -> Answer:
    """The pages to plan; the look-ups that every page needs are kept with the run's plan."""
    del event
    if run.halt:
        return Halted()
    if run.mode is Mode.AUTO:
        from payrelay.flows.engine.budget import reserved  # noqa: PLC0415  (few flows go on by themselves)

        why = reserved(engine, run)
        if why:
            return engine.halt(run, why, Status.STOPPED)
    flow = opening(run)
    before = engine.meter()
    try:
        listing = _confined(run, flow.pages(run))
    except Unfinished:
        calls = run.calls + engine.meter() - before
        engine.ledger.runs.change(run, asked=engine.tally.take(), calls=calls)
        raise
    calls = engine.meter() - before
    engine.ledger.plans.put_context(run, listing.context)
    if run.replay_of:
        from payrelay.flows.engine import replays  # noqa: PLC0415  (few runs are a replay)

        engine.ledger.plans.put_replayed(run, replays.planned_then(engine, run))
    from payrelay.flows.engine.found import settle_doubts  # noqa: PLC0415  (no other step needs it)

    settle_doubts(engine, flow, run)
    engine.ledger.runs.change(
        run,
        asked=engine.tally.take(),
        pages=len(listing.pages),
        total=listing.total,
        reads=run.reads + 1,
        calls=run.calls + calls,
        batch_size=flow.batch_size,
        moved_only=listing.moved_only,
        reconciles=listing.reconciles,
        beyond=dict(flow.beyond) if run.mode is Mode.PREVIEW and flow.beyond else None,
        full=listing.full,
        marks=listing.marks,
    )
    return Listed(tuple(page.as_dict() for page in listing.pages), flow.pages_at_once)


def _confined(run: Run, listing: Listing) -> Listing:
    """The listing, or for a replay of single records the pages that cover just these."""
    if run.only is None:
        return listing
    starts = range(0, run.only, ONLY_PAGE)
    pages = tuple(Page(n, offset=start, limit=ONLY_PAGE) for n, start in enumerate(starts))
    return replace(listing, pages=pages, total=run.only, full=None)


def plan(engine: Engine, opening: Opening, event: Event) -> Payload:
    """Plan the page that `event` names, or, when it names none, what is gone after all pages."""
    return (plan_page if "page" in event else plan_absent)(engine, opening, event)


@flow_step
def plan_page(engine: Engine, opening: Opening, run: Run, event: Event) -> Answer:
    """Plan one page and keep its summary, and its writes if it has any."""
    if run.halt:
        return Halted()
    check_version(run)
    flow = opening(run)
    page = Page.from_dict(event["page"])
    if run.only is not None:
        ids = next(in_groups(engine.ledger.plans.only(run)[page.offset :], page.limit))
        page = replace(page, ids=tuple(ids), at=engine.stamp())
    planned = plan_one(engine, flow, run, page)
    writes = len(planned.writes)
    return Planned(writes, batch_of(planned.index, writes))


@flow_step
def plan_absent(engine: Engine, opening: Opening, run: Run, event: Event) -> Answer:
    """Prove that all pages together are a complete read; plan what they left, and what the source has lost.

    A source that moved while it was read is read again; one that never holds still is synced as seen, and
    nothing counts as gone. What was read completely is kept as the flow's mirror.

    Crash anywhere: what was left and is planned stays so, all else is done again; until the end of it the
    mirror is that of before.
    """
    del event
    if run.halt:
        return Halted()
    if run.pages is None:
        return Done()
    pages = engine.ledger.parts.summaries(run, PAGE, seen=True)
    own = [page for page in pages if page["index"] < run.pages]
    seen = [seen_by(page) for page in own if "seen" in page]
    if run.only is None:
        if not seen:
            run = engine.ledger.runs.change(run, nothing_to_prove=True)
        elif len(seen) == run.pages and is_complete(seen):
            run = engine.ledger.runs.change(run, complete=True)
        elif run.reads < engine.limits.reads_of_a_moving_source:
            return Again()
    flow = opening(run)
    kept, behind = plan_left(engine, flow, run, own, pages[len(own) :])
    does_anything = type(flow).plan_absent is not Flow.plan_absent
    if does_anything and run.complete and not run.moved_only:
        _plan_gone(engine, flow, run, seen, behind)
    if run.mode is Mode.SYNC and (run.complete or run.nothing_to_prove) and not is_confined(run):
        flow.keep(run, kept, engine.ledger.plans.context(run))
    return Done()


def _plan_gone(engine: Engine, flow: Flow, run: Run, seen: Sequence[Seen], index: int) -> None:
    """Plan what is gone from the source: all that was written once, and that no page has seen."""
    known = {source_id for page in seen for source_id in page.present}
    links = engine.ledger.of_era(run.era).links
    gone_ids = [i for i in links.source_ids(run.tenant, run.connection_id, flow.entity) if i not in known]
    if not gone_ids:
        return
    gone = links.get(run.tenant, run.connection_id, flow.entity, gone_ids)
    before = engine.meter()
    planned = flow.plan_absent(run, index, list(gone.values()), engine.ledger.plans.context(run))
    put_down(engine, flow, run, planned, engine.meter() - before)
