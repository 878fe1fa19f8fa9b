"""Leave types: free until the first sync, and then only their notes and who sees them."""

from typing import Any

from local.sandbox.frame.kinds import misfits
from local.sandbox.frame.room import Row

from .fields import LEAVE_TYPE
from .refusals import RefusedError, invalid, refuse_misfits
from .store import Store

_ALWAYS_OPEN = ("LeavePolicyNotes", "VisibleTo")
_DEFAULTS = {
    "AL": "Annual Leave",
    "SL": "Sick Leave",
    "LSL": "Long Service Leave",
    "RDO": "Rostered Day Off",
    "STL": "Study Leave",
}


def defaults() -> list[Row]:
    """Those of a state that has users or balances and says nothing of leave types."""
    return [completed({"IncomeCode": code, "Description": name}) for code, name in _DEFAULTS.items()]


def completed(row: Row) -> Row:
    """A whole leave type."""
    made = {
        "AssociatedLeaveBalance": row["IncomeCode"],
        "LeavePolicyNotes": "",
        "VisibleTo": "Employee (Non-Approver)",
    }
    whole = {**made, **row}
    return {name: whole[name] for name in LEAVE_TYPE}


def create(store: Store, body: Any) -> Row:
    """A new leave type."""
    refuse_misfits(misfits(LEAVE_TYPE, body, ("IncomeCode", "Description")))
    if body["IncomeCode"] in store.leave_types:
        message = "There is a leave type with this IncomeCode."
        raise RefusedError(409, "DuplicateIncomeCode", message, "IncomeCode")
    row = completed(body)
    store.leave_types.put(row)
    return row


def change(store: Store, old: Row, body: Any) -> Row:
    """The leave type with the fields that the body names; a locked field may be named with its value."""
    refuse_misfits(misfits(LEAVE_TYPE, body))
    if not body:
        raise invalid(None, "The body must name at least one field.")
    synced = store.company["LastSyncAt"] is not None
    for name, value in body.items():
        locked = name == "IncomeCode" or (synced and name not in _ALWAYS_OPEN)
        if locked and value != old[name]:
            raise RefusedError(409, "LockedField", f"{name} can't be changed any more.", name)
    row = {**old, **body}
    store.leave_types.put(row)
    return row
