"""Syncs, which the screen shows as balloons: one at a time, and what came of each."""

from datetime import datetime, timedelta
from typing import Any

from local.sandbox.frame.kinds import instant, misfits
from local.sandbox.frame.room import Row

from .fields import SYNC, SYNC_ERROR, SYNC_WRITABLE, list_misfits
from .query import Place
from .refusals import RefusedError, invalid, refuse_misfits
from .store import Store, natural

DEAD_AFTER = timedelta(minutes=15)
REMEMBERED_FOR = timedelta(hours=24)
_MOVES_LAST_SYNC = ("Completed", "CompletedWithErrors")


def start(store: Store, body: Any, key: str | None, now: datetime) -> Row:
    """A new sync, or the first answer under the same key; without a connection it ends at once."""
    refuse_misfits(misfits({"Trigger": SYNC["Trigger"]}, body, ("Trigger",)))
    at, first = store.started.get(key, (now, None)) if key else (now, None)
    if first is not None and now - at < REMEMBERED_FOR:
        return first
    _make_room(store, now)
    connected = store.company["Connection"]["Connected"]
    row = {
        "SyncId": store.next_id("sy"),
        "Trigger": body["Trigger"],
        "Status": "Running" if connected else "NotConnected",
        "StartedAt": instant(now),
        "FinishedAt": None if connected else instant(now),
        "Employees": 0,
        "Balances": 0,
        "Errors": [],
    }
    store.put_sync(row)
    if key:
        store.started[key] = (now, row)
    return row


def change(store: Store, old: Row, body: Any, now: datetime) -> Row:
    """What a running sync has done so far, or its end; an end may be told twice."""
    refuse_misfits(misfits(SYNC_WRITABLE, body))
    if not body:
        raise invalid(None, "The body must name at least one field.")
    refuse_misfits(list_misfits("Errors", SYNC_ERROR, body.get("Errors", []), tuple(SYNC_ERROR)))
    if old["Status"] != "Running":
        if body.get("Status") == old["Status"]:
            return old
        raise RefusedError(409, "SyncFinished", "The sync has finished.", "Status")
    row = {**old, **body}
    if row["Status"] != "Running":
        row["FinishedAt"] = instant(now)
    store.put_sync(row)
    if row["Status"] in _MOVES_LAST_SYNC:
        store.change_company({"LastSyncAt": row["FinishedAt"]})
    return row


def newest_first(store: Store, place: Place) -> list[Row]:
    """The syncs that come after a place, or all."""
    rows = sorted(store.syncs.rows(), key=_order, reverse=True)
    if place is None:
        return rows
    last = (place[0], natural(place[1]))
    return [row for row in rows if _order(row) < last]


def _order(row: Row) -> tuple[str, tuple[str, int, str]]:
    return row["StartedAt"], natural(row["SyncId"])


def _make_room(store: Store, now: datetime) -> None:
    """End the syncs that died; refuse when one is at work."""
    for row in store.syncs.find("Status", ["Running"]):
        if now - datetime.fromisoformat(row["StartedAt"]) < DEAD_AFTER:
            beside = {"SyncId": row["SyncId"]}
            raise RefusedError(409, "SyncRunning", "A sync is running.", beside=beside)
        store.put_sync({**row, "Status": "Failed", "FinishedAt": instant(now)})
