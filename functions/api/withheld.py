"""What of confidential records is shown: to those alone who may read what they are about (REP-2).

Anybody else sees that there is a record, how it fared, and how much they don't see, so that whoever is on
call can do without.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from views import failure_view, history_view, record_view

from payrelay.errors import CredentialsMissing, Declined
from payrelay.flows.catalog import KINDS, flow_row
from payrelay.flows.opening import views_of
from payrelay.runtime.identity import Role
from payrelay.runtime.observability import logger
from payrelay.runtime.problems import Problem

if TYPE_CHECKING:
    from call import Call

    from payrelay.domain.records import Record
    from payrelay.domain.runs import Connection, Run
    from payrelay.ledger.failures import Failure
    from payrelay.ledger.table import Item

View = dict[str, Any]

ELSEWHERE = "the records of the run show it to those who may read it"
FORMER = "the connection works with another organisation by now, whose people are not those of this run"
NO_CONNECTION = "the connection is there no more, and so nobody can be asked for the right to see it"


def own_only(call: Call) -> bool:
    """Whether the caller's role is for what is their own."""
    return call.principal.role is Role.EMPLOYEE


def record_views(call: Call, run: Run, records: Sequence[Record]) -> list[View]:
    """The records of a run as this caller sees them."""
    found = [record_view(record, run.connection_id) for record in records]
    if not flow_row(run.flow).confidential or not any(view["changes"] for view in found):
        return found
    connection = call.container.ledger.connections.get(call.tenant, run.connection_id)
    keys = [view["key"] for view in found if view["changes"]]
    if connection is not None and connection.era != run.era:
        return [_without(view, FORMER) if view["changes"] else view for view in found]
    whys = _whys(call, connection, run.flow, keys)
    return [_without(view, whys[view["key"]]) if view["changes"] else view for view in found]


def history_views(
    call: Call, connection: Connection, entity: str, key: str, entries: Sequence[Item]
) -> list[View]:
    """The audit trail of a record as this caller sees it."""
    found = [history_view(entry) for entry in entries]
    rows = (row for row in KINDS[connection.kind].flows.values() if entity in row.entities)
    flow = next((row.name for row in rows if row.confidential), None)
    if flow is None or not any(view["changes"] for view in found):
        return found
    why = _whys(call, connection, flow, [key])[key]
    return [_without(view, why) if view["changes"] else view for view in found]


def no_secret_field(flow: str, field: str | None) -> None:
    """Problem 400 where records are asked for by a field of which only few may know that it changed."""
    if field is not None and flow_row(flow).confidential:
        detail = f"The flow {flow} is confidential: its records can't be asked for by what they change."
        raise Problem("BAD_REQUEST", detail, errors=[("field", detail)])


def failure_views(failures: Sequence[Failure]) -> list[View]:
    """Failures of many connections; of confidential records no change is shown, and nobody is asked."""
    return [
        _without(view, ELSEWHERE) if view["changes"] and flow_row(failure.run.flow).confidential else view
        for failure, view in ((failure, failure_view(failure)) for failure in failures)
    ]


def _whys(call: Call, connection: Connection | None, flow: str, keys: Sequence[str]) -> dict[str, str | None]:
    """Why the caller does not see the changes of each of these records; None of those that they see."""
    why = NO_CONNECTION if connection is None else _unvouched(call, connection, flow)
    if connection is None or why:
        return dict.fromkeys(keys, why)
    who: dict[str, Any] = {"email": call.principal.email, "own_only": own_only(call)}
    found: dict[str, str | None] = views_of(flow).changes_shown(call.container, connection, keys=keys, **who)
    shown = sum(why is None for why in found.values())
    logger.info(
        "confidential records read", extra={"flow": flow, "shown": shown, "withheld": len(found) - shown}
    )
    return found


def _unvouched(call: Call, connection: Connection, flow: str) -> str | None:
    """Why the system that knows the rights is not believed, if it is not: as for the report itself."""
    from payrelay.flows.connecting.connections import vouched  # noqa: PLC0415  (of few records it is asked)

    try:
        vouched(call.container, connection, flow)
    except Declined as error:
        told = f"{error.message} {error.remedy}".removesuffix(".")
        return f"nobody can be asked for the right to see it: {told}"
    except CredentialsMissing:
        return None  # Whoever is asked next has none either, and says so.
    return None


def _without(view: View, why: str | None) -> View:
    if why is None:
        return view
    note = f"Not shown, since {why}."
    return {**view, "changes": [], "withheld": {"changes": len(view["changes"]), "why": note}}
