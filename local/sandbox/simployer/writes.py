"""Writing through Simployer's own API: checks of the body, and what follows from a change."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from local.sandbox.frame.room import Row

from .kinds import moment
from .query import BadQueryError
from .resources import Resource
from .store import Store, new_id

HOURS_A_DAY = 7.5
_TAKEN = ("APPROVED", "CONFIRMED")


def create(store: Store, resource: Resource, body: Any, now: datetime) -> Row:
    """Add a row; raises BadQueryError when the body does not fit."""
    given = _checked(store, resource, body, {})
    missing = [f"{name} should not be empty" for name in resource.needed if given.get(name) in (None, "")]
    if missing:
        raise BadQueryError(missing)
    table = store.tables[resource.name]
    row: Row = {"id": new_id(resource.name, str(table.version), str(len(table))), **given}
    companies = store.tables["company"].rows()
    if "companyId" in resource.fields and companies:
        row["companyId"] = companies[0]["id"]
    if resource.name == "employee":
        made = {"active": True, "employeeNumber": "", "userId": new_id("user", row["id"])}
        row = {**made, **row, "created": moment(now)}
    if resource.name == "leave":
        row = {"status": "PENDING", **row}
    return _put(store, resource, row, now)


def change(store: Store, resource: Resource, old: Row, body: Any, now: datetime) -> Row:
    """Change the fields that the body names; raises BadQueryError when it does not fit."""
    return _put(store, resource, {**old, **_checked(store, resource, body, old)}, now)


def delete(store: Store, resource: Resource, row: Row) -> None:
    """Take a row out, with what belongs to it alone."""
    store.tables[resource.name].remove(row["id"])
    if resource.name == "employee":
        for name in ("employment", "compensation", "leave", "leave-transaction"):
            for owned in store.tables[name].find("employeeId", [row["id"]]):
                store.tables[name].remove(owned["id"])
    elif resource.name == "employment":
        _mirror_employment(store, row["employeeId"], row, gone=True)
    elif resource.name == "leave":
        _replace_transactions(store, row, [])


def _checked(store: Store, resource: Resource, body: Any, old: Row) -> Row:
    if not isinstance(body, dict):
        raise BadQueryError(["the body must be an object"])
    messages = []
    for name, value in body.items():
        kind = resource.fields.get(name)
        if kind is None or name in resource.made_by_vendor:
            messages.append(f"property {name} should not exist")
        elif value is not None and not kind.accepts(value):
            messages.append(f"{name} must be {kind.words}")
        elif value and name in resource.references and value not in store.tables[resource.references[name]]:
            messages.append(f"{name} must be the id of an existing {resource.references[name]}")
    if messages:
        raise BadQueryError(messages)
    given = resource.stored(body)
    start, end = ({**old, **given}.get(name) for name in ("startDate", "endDate"))
    if start and end and end < start:
        raise BadQueryError(["endDate must not be before startDate"])
    return given


def _put(store: Store, resource: Resource, row: Row, now: datetime) -> Row:
    if "updated" in resource.fields:
        row["updated"] = moment(now)
    if resource.name == "employee":
        for name in ("workPhone", "privatePhone"):
            if row.get(name):
                row[f"{name}Sanitized"] = re.sub(r"[^+\d]", "", row[name])
    store.tables[resource.name].put(row)
    if resource.name == "employment":
        _mirror_employment(store, row["employeeId"], row, gone=False)
    elif resource.name == "leave":
        _replace_transactions(store, row, list(_days(store, row)))
    return row


def _mirror_employment(store: Store, employee_id: str, employment: Row, gone: bool) -> None:
    """The employee names its employment; `updated` stands still, as it does at the vendor."""
    employee = store.tables["employee"].get(employee_id)
    if employee is None or employee.get("employmentId") not in (None, employment["id"]):
        return
    names = {"employmentId": "id", "employmentTypeId": "typeId", "employmentCountry": "country"}
    mirrored = {name: None if gone else employment.get(of) for name, of in names.items()}
    store.tables["employee"].put({**employee, **mirrored})


def _replace_transactions(store: Store, leave: Row, days: list[Row]) -> None:
    table = store.tables["leave-transaction"]
    for row in table.find("employeeId", [leave["employeeId"]]):
        if (row.get("parent") or {}).get("id") == leave["id"]:
            table.remove(row["id"])
    for row in days:
        table.put(row)


def _days(store: Store, leave: Row) -> Iterator[Row]:
    """One row per working day of an approved leave."""
    if leave["status"] not in _TAKEN or not store.tables["leave-type"].get(leave["typeId"]):
        return
    extent = 50 if leave.get("duration") == "half_day" else 100
    day, last = (date.fromisoformat(leave[name][:10]) for name in ("startDate", "endDate"))
    while day <= last:
        if day.weekday() < 5:
            yield {
                "id": new_id("leave-transaction", leave["id"], day.isoformat()),
                "parent": {"id": leave["id"], "type": "Leave"},
                "status": leave["status"],
                "leaveTypeId": leave["typeId"],
                "employeeId": leave["employeeId"],
                "childId": "",
                "date": f"{day}T00:00:00.000Z",
                "hours": HOURS_A_DAY * extent / 100,
                "extent": extent,
                "description": leave.get("description") or "",
            }
        day += timedelta(days=1)
