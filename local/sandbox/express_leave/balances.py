"""The bulk write of balances: absolute values, and a verdict for every row."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from local.sandbox.frame.kinds import NAME, instant, misfits, that
from local.sandbox.frame.room import Row

from .fields import BALANCE_SENT, list_misfits
from .refusals import RefusedError, invalid, refuse_misfits
from .store import Store

LARGEST_WRITE = 200
_BODY = {"SyncId": NAME, "Rows": that("a list", lambda value: isinstance(value, list))}


def overwrite(store: Store, body: Any, now: datetime) -> list[Row]:
    """Set the balances of the body; one result for each row, in order."""
    refuse_misfits(misfits(_BODY, body, tuple(_BODY)))
    rows = body["Rows"]
    if not 1 <= len(rows) <= LARGEST_WRITE:
        raise invalid("Rows", f"Rows must have 1 to {LARGEST_WRITE} rows.")
    refuse_misfits(list_misfits("Rows", BALANCE_SENT, rows, tuple(BALANCE_SENT)))
    sync = store.syncs.get(body["SyncId"])
    if sync is None or sync["Status"] != "Running":
        raise RefusedError(409, "SyncNotRunning", "Balances are written by a running sync.", "SyncId")
    at = instant(now)
    return [
        {
            "EmployeeId": row["EmployeeId"],
            "IncomeCode": row["IncomeCode"],
            "Status": _set(store, row, at),
        }
        for row in rows
    ]


def _set(store: Store, row: Row, at: str) -> str:
    """The row's status; only `Updated` and `Unchanged` write."""
    user = store.employee(row["EmployeeId"])
    if user is None:
        return "UnknownEmployee"
    if user["PayrollUser"] != "Yes":
        return "NotPayrollUser"
    if row["IncomeCode"] not in store.leave_types:
        return "UnknownLeaveType"
    current = store.balances.get(row["EmployeeId"], row["IncomeCode"])
    if current and row["AsAt"] < current["AsAt"]:
        return "OlderThanCurrent"
    if current and row["AsAt"] == current["AsAt"] and _is_same(row, current):
        store.balances.put({**current, "SyncedAt": at})
        return "Unchanged"
    store.balances.put({name: row[name] for name in BALANCE_SENT} | {"SyncedAt": at})
    return "Updated"


def _is_same(row: Row, current: Row) -> bool:
    return Decimal(row["BalanceHours"]) == Decimal(current["BalanceHours"])
