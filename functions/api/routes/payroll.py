"""A person's payroll report, as JSON or as a page, for those who may read it (REP-2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from call import Answer, Call
from query import matching

from payrelay.flows.engine.start import ready
from payrelay.flows.report_pull.slips import slip_order
from payrelay.runtime.observability import logger
from payrelay.runtime.problems import Problem

if TYPE_CHECKING:
    from payrelay.domain.runs import Connection
    from payrelay.flows.report_pull.views import Reading
    from payrelay.ledger.reports import Report

LONGEST_ID = 100
KIND = "synergy_payroll_plus"
PERIOD = re.compile(r"20[0-9]{2}-[0-9]{2}")


def report(call: Call, connection_id: str, person_id: str) -> Answer:
    """Each period's components with every version; the right to read them is asked for anew each time."""
    query = call.query(period=matching(PERIOD, "a payroll period such as 2026-01"))
    connection = _of_payroll(call, connection_id, person_id)
    ready(call.container.engine, connection)
    from payrelay.flows.report_pull.views import read_report  # noqa: PLC0415  (rooms: only where they are used)

    at = call.container.engine.stamp()
    asked = (call.principal.email, person_id, query["period"] or "")
    found = read_report(call.container, connection, *asked, refused=_log_refused)
    logger.info(
        "payroll report read",
        extra={"reader_id": found.reader_id, "read_as": found.right.value, "periods": len(found.periods)},
    )
    view = _view(found, at)
    if not call.prefers("text/html"):
        return Answer(view, headers={"Vary": "Accept"})
    from payrelay.runtime.report_page import HEADERS, MEDIA, page  # noqa: PLC0415  (Jinja2 is slow to import)

    return Answer(page(view), headers={"Vary": "Accept", **HEADERS}, media=MEDIA)


def _of_payroll(call: Call, connection_id: str, person_id: str) -> Connection:
    connection = call.connection(connection_id)
    if connection.kind != KIND or not 0 < len(person_id) <= LONGEST_ID or not person_id.isprintable():
        raise Problem("NOT_FOUND", "There are no payroll reports on this connection.")
    return connection


def _log_refused(reader_id: int | None) -> None:
    """Who tried to read whose: the person's id is on every line of the call."""
    logger.warning("payroll report refused", extra={"reader_id": reader_id})


def _view(found: Reading, at: str) -> dict[str, Any]:
    items = []
    for newest, *former in found.periods:
        before = [_version(version) for version in former]
        items.append({"period": newest.period, **_version(newest), "former": before})
    return {
        "person_id": found.person_id,
        "name": found.name,
        "read_as": found.right.value,
        "checked_at": at,
        "items": items,
    }


def _version(version: Report) -> dict[str, Any]:
    """One version of a period's report; the one place where amounts are shown."""
    components = [
        {"component": code, "description": text, "amount": amount.reveal()}
        for code, (text, amount) in sorted(version.components.items(), key=lambda one: slip_order(one[0]))
    ]
    return {"version": version.version, "pulled_at": version.pulled_at, "components": components}
