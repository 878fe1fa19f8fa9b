"""addAbsences, updateAbsences and removeAbsences."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from local.sandbox.frame.room import Row

from .errors import InvalidValueError
from .nodes import Input, checked, existing, plan_all, result
from .store import Store, check_order

_NEEDED = ("employee", "absenceCode", "fromDate", "toDate")


def add_absences(store: Store, inputs: Sequence[Input]) -> dict[str, Any]:
    """Add absences; one that overlaps another of the same employee and code is refused."""
    planned: list[Row] = []

    def plan(node: Row) -> Row:
        row = _check(checked(store, node))
        _check_overlap(store, row, planned, replaced=frozenset())
        planned.append(row)
        return row

    rows = []
    for values in plan_all(inputs, plan):
        row = {"dbId": store.new_db_id("absences"), "ownerDbId": store.owner, "approved": False, **values}
        rows.append(put_absence(store, row))
    return result(inputs, rows)


def update_absences(store: Store, inputs: Sequence[Input]) -> dict[str, Any]:
    """Change the fields that each node names; the result must not overlap either."""
    planned: list[Row] = []
    seen: set[str] = set()
    replaced = frozenset(item["node"]["dbId"] for item in inputs)

    def plan(node: Row) -> Row:
        old = existing(store, "absences", node, seen)
        row = _check({**old, **checked(store, node)})
        _check_overlap(store, row, planned, replaced)
        planned.append(row)
        return row

    rows = [put_absence(store, row) for row in plan_all(inputs, plan)]
    return result(inputs, rows)


def remove_absences(store: Store, db_ids: Sequence[str]) -> dict[str, Any]:
    """Remove absences; unknown ones are skipped and named."""
    removed = {db_id: store.tables["absences"].remove(db_id) for db_id in dict.fromkeys(db_ids)}
    skipped = [db_id for db_id, row in removed.items() if row is None]
    return {"numAffected": len(removed) - len(skipped), "skippedDbIds": skipped}


def put_absence(store: Store, row: Row) -> Row:
    """Keep an absence, with the ids that it is looked up by."""
    keyed = {**row, "employeeDbId": row["employee"]["dbId"], "absenceCodeDbId": row["absenceCode"]["dbId"]}
    store.tables["absences"].put(keyed)
    return keyed


def _check(row: Row) -> Row:
    for name in _NEEDED:
        if not row.get(name):
            raise InvalidValueError(f"{name}: a value is needed")
    check_order(row, "fromDate", "toDate")
    percent = row.get("leavePercent")
    if percent is not None and not 0 < Decimal(percent) <= 100:
        raise InvalidValueError(f'leavePercent: "{percent}" is not above 0 and up to 100')
    return row


def _check_overlap(store: Store, row: Row, planned: Sequence[Row], replaced: frozenset[str]) -> None:
    stored = store.tables["absences"].find("employeeDbId", [row["employee"]["dbId"]])
    others = [*(other for other in stored if other["dbId"] not in replaced), *planned]
    for other in others:
        same = other["employee"] == row["employee"] and other["absenceCode"] == row["absenceCode"]
        if same and other["fromDate"] <= row["toDate"] and row["fromDate"] <= other["toDate"]:
            period = f"{row['fromDate']} to {row['toDate']}"
            raise InvalidValueError(f"fromDate: {period} overlaps {other['fromDate']} to {other['toDate']}")
