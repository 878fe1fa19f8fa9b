"""Syncs, which the screen shows as balloons: one at a time, the balances it writes, and what came of it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from local.sandbox.frame.calls import Call
from local.sandbox.frame.kinds import NAME, fitting, instant, listed, misfit, record
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Store
from local.sandbox.frame.room import Row

from .rows import BALANCE_SENT, RUNNING, SYNCS, changes

DEAD_AFTER = timedelta(minutes=15)
REMEMBERED_FOR = timedelta(hours=24)
LARGEST_WRITE = 200
# What was answered under an idempotency key, and when.
Started: TypeAlias = dict[str, tuple[datetime, Row]]
_TRIGGER = {"Trigger": SYNCS.fields["Trigger"]}
_NEWS = {name: SYNCS.fields[name] for name in ("Status", "Employees", "Balances", "Errors")}
_BULK = {"SyncId": NAME, "Rows": listed(record(BALANCE_SENT, tuple(BALANCE_SENT)))}


def start(store: Store, body: Any, started: Started, key: str | None, now: datetime) -> Row:
    """A new sync, or the first answer under the same key; without a connection it ends at once."""
    given = fitting(_TRIGGER, body, ("Trigger",))
    at, first = started.get(key, (now, None)) if key else (now, None)
    if first is not None and now - at < REMEMBERED_FOR:
        return first
    _make_room(store, now)
    connected = store.one("company")["Connection"]["Connected"]
    row = {
        "SyncId": store.next_key("syncs"),
        **given,
        "Status": RUNNING if connected else "NotConnected",
        "StartedAt": instant(now),
        "FinishedAt": None if connected else instant(now),
        **SYNCS.defaults,
    }
    store["syncs"].put(row)
    if key:
        started[key] = (now, row)
    return row


def _make_room(store: Store, now: datetime) -> None:
    """End the syncs that died; refuse when one is at work."""
    for row in store["syncs"].find("Status", [RUNNING]):
        if now - datetime.fromisoformat(row["StartedAt"]) < DEAD_AFTER:
            raise Refused("SyncRunning", beside={"SyncId": row["SyncId"]})
        store["syncs"].put({**row, "Status": "Failed", "FinishedAt": instant(now)})


def change(store: Store, old: Row, body: Any, at: str) -> Row:
    """What a running sync has done so far, or its end; an end may be told twice."""
    given = changes(_NEWS, body)
    if old["Status"] != RUNNING:
        if given.get("Status") == old["Status"]:
            return old
        raise Refused("SyncFinished", field="Status")
    row = {**old, **given}
    if row["Status"] != RUNNING:
        row["FinishedAt"] = at
    store["syncs"].put(row)
    if row["Status"] in ("Completed", "CompletedWithErrors"):
        store["company"].put({**store.one("company"), "LastSyncAt": at})
    return row


def overwrite(store: Store, body: Any, at: str) -> list[Row]:
    """Set the balances of the body to absolute values; a verdict for each row, in order."""
    given = fitting(_BULK, body, tuple(_BULK))
    if not 1 <= len(given["Rows"]) <= LARGEST_WRITE:
        raise misfit("Rows", f"must have 1 to {LARGEST_WRITE} rows")
    sync = store["syncs"].get(given["SyncId"])
    if sync is None or sync["Status"] != RUNNING:
        raise Refused("SyncNotRunning", field="SyncId")
    named = ("EmployeeId", "IncomeCode")
    return [{**{name: row[name] for name in named}, "Status": _set(store, row, at)} for row in given["Rows"]]


def _set(store: Store, row: Row, at: str) -> str:
    """The row's status; only `Updated` and `Unchanged` write."""
    user = next(iter(store["users"].find("EmployeeId", [row["EmployeeId"]])), None)
    if user is None:
        return "UnknownEmployee"
    if user["PayrollUser"] != "Yes":
        return "NotPayrollUser"
    if row["IncomeCode"] not in store["leavetypes"]:
        return "UnknownLeaveType"
    old = store["balances"].get((row["EmployeeId"], row["IncomeCode"]))
    if old and row["AsAt"] < old["AsAt"]:
        return "OlderThanCurrent"
    same = old and row["AsAt"] == old["AsAt"] and Decimal(row["BalanceHours"]) == Decimal(old["BalanceHours"])
    kept = old if old and same else row
    store["balances"].put({**{name: kept[name] for name in BALANCE_SENT}, "SyncedAt": at})
    return "Unchanged" if same else "Updated"


def rows_sent(call: Call) -> int | None:
    """How many balances a bulk write has, for the log."""
    try:
        body = call.json()
    except ValueError:
        return None
    rows = body.get("Rows") if isinstance(body, dict) else None
    return len(rows) if isinstance(rows, list) else None
