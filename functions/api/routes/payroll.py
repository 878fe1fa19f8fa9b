"""A person's payroll report, as JSON or as a page, for those who may read it (REP-2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from call import Answer, Call
from query import matching
from withheld import own_only

from payrelay.flows.catalog import KINDS
from payrelay.flows.connecting.connections import vouched
from payrelay.flows.engine.start import ready
from payrelay.flows.opening import in_era, views_of
from payrelay.runtime.observability import logger
from payrelay.runtime.problems import Problem

if TYPE_CHECKING:
    from payrelay.domain.runs import Connection

LONGEST_ID = 100
PERIOD = re.compile(r"20[0-9]{2}-[0-9]{2}")
HEADERS = {"Vary": "Accept"}


def report(call: Call, connection_id: str, person_id: str) -> Answer:
    """Each period's components with every version; the right to read them is asked for anew each time."""
    query = call.query(period=matching(PERIOD, "a payroll period such as 2026-01"))
    connection, flow = _of_payroll(call, connection_id, person_id)
    ready(call.container.engine, connection)
    at = call.container.engine.stamp()
    asked = (call.principal.email, person_id, query["period"] or "")
    vouched(call.container, connection, flow)
    container = in_era(call.container, connection.era)
    found = views_of(flow).read_report(
        container, connection, *asked, own_only=own_only(call), refused=_log_refused
    )
    logger.info(
        "payroll report read",
        extra={"reader_id": found.reader_id, "read_as": found.right.value, "periods": len(found.periods)},
    )
    if not call.prefers("text/html"):
        return Answer(found.as_json(at), headers=HEADERS)
    page, media, headers = found.as_page(at)
    return Answer(page, headers={**HEADERS, **headers}, media=media)


def _of_payroll(call: Call, connection_id: str, person_id: str) -> tuple[Connection, str]:
    """The connection, and its flow that has payroll reports; problem 404 if none has."""
    connection = call.connection(connection_id)
    flow = KINDS[connection.kind].offering("payroll_reports")
    if flow is None or not 0 < len(person_id) <= LONGEST_ID or not person_id.isprintable():
        raise Problem("NOT_FOUND", "There are no payroll reports on this connection.")
    return connection, flow


def _log_refused(reader_id: int | None) -> None:
    """Who tried to read whose: the person's id is on every line of the call."""
    logger.warning("payroll report refused", extra={"reader_id": reader_id})
