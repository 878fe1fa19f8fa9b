"""Writing through Simployer's own API: checks of the body, and what follows from a change."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from local.sandbox.frame.kinds import MISSING, Misfit, Misfits, fitting, misfit
from local.sandbox.frame.resources import Store
from local.sandbox.frame.room import Row

from .fields import moment
from .rows import EMPLOYEE, EMPLOYMENT, LEAVE, Collection, new_id

HOURS_A_DAY = 7.5
_OWNED = ("employment", "compensation", "leave", "leave-transaction")


def create(store: Store, of: Collection, body: Any, now: datetime) -> Row:
    """Add a row; raises Misfits when the body does not fit."""
    given = _checked(store, of, body, {})
    missing = [name for name in of.post or () if given.get(name) in (None, "")]
    if missing:
        raise Misfits([Misfit((name,), "is required", MISSING) for name in missing])
    table, companies = store[of.name], store["company"].rows()
    row: Row = {"id": new_id(of.name, str(table.version), str(len(table))), **given}
    if "companyId" in of.fields and companies:
        row["companyId"] = companies[0]["id"]
    if of is EMPLOYEE:
        made = {"active": True, "employeeNumber": "", "userId": new_id("user", row["id"])}
        row = {**made, **row, "created": moment(now)}
    if of is LEAVE:
        row = {"status": "PENDING", **row}
    return _put(store, of, row, now)


def change(store: Store, of: Collection, old: Row, body: Any, now: datetime) -> Row:
    """Change the fields that the body names; raises Misfits when it does not fit."""
    return _put(store, of, {**old, **_checked(store, of, body, old)}, now)


def delete(store: Store, of: Collection, row: Row) -> None:
    """Take a row out, with what belongs to it alone."""
    store[of.name].remove(row["id"])
    if of is EMPLOYEE:
        for name in _OWNED:
            for owned in store[name].find("employeeId", [row["id"]]):
                store[name].remove(owned["id"])
    elif of is EMPLOYMENT:
        _mirror_employment(store, row, gone=True)
    elif of is LEAVE:
        _replace_transactions(store, row, [])


def _checked(store: Store, of: Collection, body: Any, old: Row) -> Row:
    given: Row = fitting(of.writable, body)
    found = [
        Misfit((name,), f"must be the id of an existing {of.links[name]}")
        for name, value in given.items()
        if value and name in of.links and value not in store[of.links[name]]
    ]
    if found:
        raise Misfits(found)
    start, end = ({**old, **given}.get(name) for name in ("startDate", "endDate"))
    if start and end and end < start:
        raise misfit("endDate", "must not be before startDate")
    return given


def _put(store: Store, of: Collection, row: Row, now: datetime) -> Row:
    if "updated" in of.fields:
        row["updated"] = moment(now)
    if of is EMPLOYEE:
        for name in ("workPhone", "privatePhone"):
            if row.get(name):
                row[f"{name}Sanitized"] = re.sub(r"[^+\d]", "", row[name])
    store[of.name].put(row)
    if of is EMPLOYMENT:
        _mirror_employment(store, row, gone=False)
    elif of is LEAVE:
        _replace_transactions(store, row, _days(store, row))
    return row


def _mirror_employment(store: Store, employment: Row, gone: bool) -> None:
    """The employee names its employment; `updated` stands still, as it does at the vendor."""
    employee = store["employee"].get(employment["employeeId"])
    if employee is None or employee.get("employmentId") not in (None, employment["id"]):
        return
    names = {"employmentId": "id", "employmentTypeId": "typeId", "employmentCountry": "country"}
    mirrored = {name: None if gone else employment.get(of) for name, of in names.items()}
    store["employee"].put({**employee, **mirrored})


def _replace_transactions(store: Store, leave: Row, days: Iterator[Row] | list[Row]) -> None:
    table = store["leave-transaction"]
    for row in table.find("employeeId", [leave["employeeId"]]):
        if (row.get("parent") or {}).get("id") == leave["id"]:
            table.remove(row["id"])
    for row in days:
        table.put(row)


def _days(store: Store, leave: Row) -> Iterator[Row]:
    """One row per working day of an approved leave."""
    if leave["status"] not in ("APPROVED", "CONFIRMED") or leave["typeId"] not in store["leave-type"]:
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
