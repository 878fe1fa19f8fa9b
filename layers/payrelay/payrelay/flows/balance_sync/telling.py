"""How a run ended, told to Express Leave: its sync record, and with it the balloons on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from payrelay.domain.records import Outcome, Record
from payrelay.domain.runs import Mode, Run, Status
from payrelay.flows.balance_sync.deliver import open_sync
from payrelay.flows.balance_sync.flow import BalanceSync
from payrelay.flows.balance_sync.named import own_context
from payrelay.flows.balance_sync.people import BALANCE

MOST_ERRORS = 100
STATUSES = {Status.SUCCEEDED: "Completed", Status.PARTIAL: "CompletedWithErrors"}


def tell_end(flow: BalanceSync, run: Run) -> None:
    """Close the sync that Express Leave shows for a run that has ended; telling it again changes nothing."""
    if run.mode is Mode.PREVIEW or not run.status.final:
        return
    express_leave = flow.sides.express_leave
    context = own_context(flow.ledger, run)
    if context.get("joined"):
        return
    status = STATUSES.get(run.status, "Failed")
    if run.error and run.error.code == "NOT_CONNECTED":
        status = "NotConnected"
    counts = run.counts or {}
    express_leave.change_sync(
        context.get("sync_id") or open_sync(express_leave, run).sync_id,
        status=status,
        employees=context.get("employees", 0),
        balances=counts.get("created", 0) + counts.get("updated", 0),
        errors=list(_errors(flow, run)),
    )


def _errors(flow: BalanceSync, run: Run) -> Iterator[dict[str, Any]]:
    """What needs a person, as Express Leave lists it."""
    left = MOST_ERRORS
    for kind in ("PAGE", "BATCH"):
        for _, records in flow.ledger.parts.records(run, kind):
            for record in records:
                if record.outcome in (Outcome.BLOCKED, Outcome.FAILED) and record.reason and left:
                    left -= 1
                    yield _error(record, record.reason.message)


def _error(record: Record, message: str) -> dict[str, Any]:
    code, _, income_code = record.key.rpartition(":") if record.entity == BALANCE else (record.key, "", "")
    return {"EmployeeId": code or record.key, "IncomeCode": income_code or None, "Reason": message}
