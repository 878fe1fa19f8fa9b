"""Runs: start one, list and read them, stop one (RUN-1, RUN-2, RUN-3, TRG-2, EX-2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from call import CONNECTION_ID, Answer, Call
from fields import Fields
from query import Position, cursor, matching, one_of, page, page_size, some_of
from views import alike_view, run_view

from payrelay.domain.reasons import reason
from payrelay.domain.runs import Halt, Mode, Run, Status, Trigger
from payrelay.flows.catalog import KINDS, flow_names
from payrelay.flows.connecting.entered import check_options
from payrelay.flows.engine.held import same_cause
from payrelay.flows.engine.start import Order, start_run
from payrelay.flows.engine.stop import stop as stop_run
from payrelay.runtime.ids import run_id as new_run_id
from payrelay.runtime.problems import Problem

if TYPE_CHECKING:
    from payrelay.domain.runs import Connection


def start(call: Call, connection_id: str) -> Answer:
    """Start a run of a flow by hand, or join the one in progress."""
    connection = call.connection(connection_id)
    fields = Fields(call.body(), ("flow", "mode", "options"), required=("flow",))
    flows = KINDS[connection.kind].flows
    flow = fields.one_of("flow", flows)
    row = flows.get(flow)
    mode = fields.one_of("mode", row.modes if row else list(Mode), default=Mode.SYNC.value)
    given = fields.object("options")
    options = check_options(row, given, fields.errors) if row else {}
    fields.stop_if_wrong()
    order = Order(
        flow=flow,
        mode=Mode(mode),
        trigger=Trigger.MANUAL,
        requested_by=call.principal.subject,
        options=options,
    )
    run, joined = started(call, connection, order)
    return run_answer(call, run, joined=joined)


def started(call: Call, connection: Connection, order: Order) -> tuple[Run, bool]:
    """The run that is in progress now, and whether it was already."""
    return start_run(call.container.engine, call.container.executions, connection, order, new_run_id())


def run_answer(call: Call, run: Run, *, joined: bool) -> Answer:
    """202 with the run that was started, or 200 with the one that was joined."""
    view = run_view(call.container.engine, run)
    where = {"Location": f"/runs/{run.run_id}"}
    return Answer({**view, "joined": True}, 200, where) if joined else Answer(view, 202, where)


def list_runs(call: Call) -> Answer:
    """The tenant's runs, newest first."""
    query = call.query(
        connection_id=matching(CONNECTION_ID, "the id of a connection"),
        flow=one_of(flow_names()),
        status=some_of(Status),
        limit=page_size,
        cursor=cursor("runs", str),
    )
    after = query["cursor"][0] if query["cursor"] else None
    found = call.container.ledger.runs.list(call.tenant, query["connection_id"], after)
    items, following = page("runs", _chosen(call, found, query["flow"], query["status"]), query["limit"])
    return Answer(
        {"items": [run_view(call.container.engine, run) for run in items], "next_cursor": following}
    )


def read(call: Call, run_id: str) -> Answer:
    """One run."""
    call.query()
    run, engine = call.run(run_id), call.container.engine
    held = (
        {"same_cause": [alike_view(one) for one in same_cause(engine, run)]}
        if run.status is Status.HELD
        else {}
    )
    return Answer({**run_view(engine, run), **held})


def stop(call: Call, run_id: str) -> Answer:
    """Ask a run to stop: it ends at its next step, and what was written stays written.

    One that only waits ends at once; one that has died ends here, too, and says both.
    """
    run = call.run(run_id, look=False)
    if run.status.final:
        raise Problem("RUN_FINISHED", f"The run has ended already; it is {run.status.value}.")
    why = reason("STOPPED_BY_USER", who=call.principal.subject)
    stop_run(call.container.engine, run, Halt(Status.STOPPED, why))
    return Answer(run_view(call.container.engine, call.run(run_id)), 202)


def _chosen(
    call: Call, runs: Iterator[Run], flow: str | None, status: Sequence[str] | None
) -> Iterator[tuple[Position, Run | None]]:
    for found in runs:
        run = call.looked_at(found) if flow in (None, found.flow) else found
        fits = (flow is None or run.flow == flow) and (status is None or run.status.value in status)
        yield (run.run_id,), run if fits else None
