"""The rows of Millennium: their fields in the contract's order, and how a tester's are completed.

Every row says which company it is of, in `Co`, which on the wire is in the path.
"""

from datetime import date, timedelta
from typing import Any

from local.sandbox.frame.kinds import (
    DAY,
    FLAG,
    INSTANT,
    KEY,
    NAME,
    TEXT,
    Fields,
    instant,
    like,
    listed,
    misfit,
    one_of,
    or_null,
    record,
    whole,
)
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.resources import Resource, at_time
from local.sandbox.frame.room import Row

CO = "Co"
# The user that a connection of the local stack signs in as; without a list of companies, for all of them.
USER: Row = {"UserName": "payrelay-sandbox", "Password": "sandbox-password"}
BALANCE = like('a decimal as text with at most four decimals, such as "24.5000"', r"-?\d{1,9}(\.\d{1,4})?")
CODE = like("a text of at most 10 characters without a slash", r"(?=.*\S)[^/]{1,10}")
SETUP: Fields = dict.fromkeys(
    ("AccrualRate", "AccrueOn", "MaxBalance", "CarryOver", "ResetDate", "WaitingDays"), or_null(TEXT)
)
# What a balance is written with; what is added says its code, too.
WRITTEN: Fields = {"Balance": BALANCE, "AsOfDate": or_null(DAY), "Note": or_null(TEXT)}
ADDED: Fields = {"Code": CODE, **WRITTEN}
_COMPANY: Fields = {CO: KEY}
_BIWEEKLY = timedelta(days=13)
_STARTED_BEFORE = timedelta(days=3)


def _day(text: str, by: timedelta) -> str:
    return str(date.fromisoformat(text) + by)


def _there(resource: Resource, row: Row, reading: Reading, field: str = "", **more: Any) -> Row:
    """The row that another one names by its key. Where a state names no such rows at all, it is made."""
    named = {name: row[name] for name in resource.keys}
    table = reading.store[resource.name]
    found = table.get(tuple(named.values()))
    if found is not None:
        return found
    if resource.name in reading.given and resource is not CALENDAR:
        name = resource.keys[-1]
        raise misfit(field or name, f"{named[name]} is no row of {resource.name}")
    assert resource.made is not None
    made = resource.in_order(resource.made({**resource.defaults, **named, **more}, reading))
    table.put(made)
    return made


def _code(row: Row, _: Reading) -> Row:
    """Without a table and without anything set up, as it has to be where the time clock is the record."""
    description = row.get("Description", row["Code"])
    setup = {**dict.fromkeys(SETUP), **row.get("Setup", {})}
    return {"Description": description, "CheckStubDesc": description, **row, "Setup": setup}


def _employee(row: Row, _: Reading) -> Row:
    """Somebody with a day of termination has been terminated."""
    status = "T" if row.get("TermDate") else "A"
    return {"FirstName": "Employee", "LastName": row["EmployeeId"], "Status": status, "TermDate": None, **row}


def _accrual(row: Row, reading: Reading) -> Row:
    """Its description is that of the code, whatever a row said that was read before the code had another."""
    _there(EMPLOYEES, row, reading)
    described = {"Description": row["Description"]} if "Description" in row else {}
    code = _there(CODES, row, reading, **described)
    return {"ModifiedAt": reading.at, **row, "Description": code["Description"]}


def _of_day(row: Row, reading: Reading) -> list[Row]:
    """The payrolls of a company that pay on the day of a row."""
    return [one for one in reading.store["calendar"].of(row[CO]) if one["CheckDate"] == row["CheckDate"]]


def _entry(row: Row, reading: Reading) -> Row:
    """What has been processed was started, and what was started was so three days before it pays."""
    row = {"RunNumber": len(_of_day(row, reading)) + 1, "Processed": False, "StartedAt": None, **row}
    started = row.get("PayrollStarted", row["Processed"] or row["StartedAt"] is not None)
    if started and row["StartedAt"] is None:
        row["StartedAt"] = f"{_day(row['CheckDate'], -_STARTED_BEFORE)}T15:00:00Z"
    return {"AccrualsBlocked": False, **row, "PayrollStarted": started}


def _batch(row: Row, reading: Reading) -> Row:
    """Of the payroll that has been started, and of everybody, where it names none."""
    if "CalendarId" not in row:
        entries = reading.store["calendar"].of(row[CO])
        open_ones = [one for one in entries if one["PayrollStarted"] and not one["Processed"]]
        if not open_ones:
            raise misfit("CalendarId", "is required where no payroll is started")
        row = {**row, "CalendarId": open_ones[0]["CalendarId"]}
    _there(CALENDAR, row, reading, CheckDate=row["PeriodEndDate"])
    everybody = [one["EmployeeId"] for one in reading.store["employees"].of(row[CO])]
    for employee in row.get("EmployeeIds", ()):
        _there(EMPLOYEES, {CO: row[CO], "EmployeeId": employee}, reading, "EmployeeIds")
    begins = _day(row["PeriodEndDate"], -_BIWEEKLY)
    return {"Description": "Biweekly", "PeriodBeginDate": begins, "EmployeeIds": everybody, **row}


def _check(row: Row, reading: Reading) -> Row:
    """Of the payroll of its day, which was processed, and of that one's first batch, where it names none."""
    _there(EMPLOYEES, row, reading)
    if "CalendarId" not in row:
        paid = _of_day(row, reading)
        row = {**row, "CalendarId": paid[0]["CalendarId"] if paid else reading.fresh("calendar")}
    _there(CALENDAR, row, reading, CheckDate=row["CheckDate"], Processed=True)
    if "BatchNumber" not in row:
        batches = reading.store["batches"].of((row[CO], row["CalendarId"]))
        row = {**row, "BatchNumber": batches[0]["BatchNumber"] if batches else 1}
    return {"PeriodBeginDate": _day(row["PeriodEndDate"], -_BIWEEKLY), "Voided": False, **row}


def _task(row: Row, _: Reading) -> Row:
    """Of the company that a row says, where it lists none."""
    return {"Companies": [] if row[CO] is None else [row[CO]], **row}


CODES = Resource(
    "accrualcodes",
    (CO, "Code"),
    {
        **_COMPANY,
        "Code": CODE,
        "Description": TEXT,
        "Model": or_null(TEXT),
        "CheckStubDesc": TEXT,
        "Divisor": like('a decimal as text, such as "1"', r"\d{1,9}(\.\d{1,4})?"),
        "Decimals": whole(0, 4),
        "HasTable": FLAG,
        "Setup": record(SETUP),
    },
    defaults={"Model": None, "Divisor": "1", "Decimals": 2, "HasTable": False},
    made=_code,
    group=(CO,),
    hidden=(CO,),
)
EMPLOYEES = Resource(
    "employees",
    (CO, "EmployeeId"),
    {
        **_COMPANY,
        "EmployeeId": KEY,
        "FirstName": TEXT,
        "LastName": TEXT,
        "Status": one_of("A", "T", "L"),
        "TermDate": or_null(DAY),
    },
    made=_employee,
    group=(CO,),
    hidden=(CO,),
)
ACCRUALS = Resource(
    "accruals",
    (CO, "EmployeeId", "Code"),
    {
        **_COMPANY,
        "EmployeeId": KEY,
        "Code": CODE,
        "Description": TEXT,
        "Balance": BALANCE,
        "LastAccrueDate": or_null(DAY),
        "AsOfDate": or_null(DAY),
        "Note": or_null(TEXT),
        "StartDate": or_null(DAY),
        "EndDate": or_null(DAY),
        "ModifiedAt": INSTANT,
    },
    defaults={
        "Balance": "0.0000",
        **dict.fromkeys(("LastAccrueDate", "AsOfDate", "Note", "StartDate", "EndDate")),
    },
    made=_accrual,
    moved={"ModifiedAt": at_time(instant)},
    # It is that of the code.
    still=("Description",),
    group=(CO,),
    indexed=("EmployeeId",),
    hidden=(CO,),
)
CALENDAR = Resource(
    "calendar",
    (CO, "CalendarId"),
    {
        **_COMPANY,
        "CalendarId": whole(1),
        "CheckDate": DAY,
        "RunNumber": whole(1),
        "AccrualsBlocked": FLAG,
        "PayrollStarted": FLAG,
        "StartedAt": or_null(INSTANT),
        "Processed": FLAG,
    },
    needed=(CO, "CheckDate"),
    made=_entry,
    fresh=lambda number: number,
    order=(CO, "CheckDate", "RunNumber", "CalendarId"),
    group=(CO,),
    hidden=(CO,),
)
BATCHES = Resource(
    "batches",
    (CO, "BatchNumber"),
    {
        **_COMPANY,
        "CalendarId": whole(1),
        "BatchNumber": whole(1),
        "Description": TEXT,
        "PeriodBeginDate": DAY,
        "PeriodEndDate": DAY,
        "EmployeeIds": listed(KEY),
    },
    needed=(CO, "PeriodEndDate"),
    made=_batch,
    fresh=lambda number: number,
    group=(CO, "CalendarId"),
    # Whose batch it is stands below it.
    hidden=(CO, "CalendarId", "EmployeeIds"),
)
# A check that is issued again may have the number of the first, in another batch.
CHECKS = Resource(
    "checks",
    (CO, "EmployeeId", "BatchNumber", "CheckNumber"),
    {
        **_COMPANY,
        "EmployeeId": KEY,
        "CheckNumber": NAME,
        "CheckDate": DAY,
        "PeriodBeginDate": DAY,
        "PeriodEndDate": DAY,
        "BatchNumber": whole(1),
        "CalendarId": whole(1),
        "Voided": FLAG,
    },
    needed=(CO, "EmployeeId", "CheckDate", "PeriodEndDate"),
    made=_check,
    fresh=lambda number: str(20_000 + number),
    order=(CO, "EmployeeId", "CheckDate", "BatchNumber", "CheckNumber"),
    group=(CO,),
    hidden=(CO,),
)
NOTES = Resource(
    "companynotes",
    (CO, "NoteId"),
    {**_COMPANY, "NoteId": whole(1), "Name": NAME, "Memo": TEXT, "ModifiedAt": INSTANT},
    needed=(CO,),
    defaults={"Name": "Accrual Note", "Memo": ""},
    made=lambda row, reading: {"ModifiedAt": reading.at, **row},
    moved={"ModifiedAt": at_time(instant)},
    fresh=lambda number: number,
    group=(CO,),
    hidden=(CO,),
)
# Those of the process server: they list their companies.
TASKS = Resource(
    "scheduledtasks",
    (CO, "Name"),
    {
        CO: or_null(KEY),
        "Name": NAME,
        "Enabled": FLAG,
        "Companies": listed(KEY),
        "EveryMinutes": whole(1),
        "LastRunAt": or_null(INSTANT),
    },
    needed=("Name",),
    defaults={CO: None, "Enabled": True, "EveryMinutes": 30, "LastRunAt": None},
    made=_task,
    order=("Name", CO),
    hidden=(CO,),
)
# Three sign-ins in a row that fail lock a user; `Companies` null are rights on all of them.
USERS = Resource(
    "users",
    "UserName",
    {"UserName": NAME, "Password": NAME, "Companies": or_null(listed(KEY)), "FailedSignIns": whole(0)},
    needed=("UserName", "Password"),
    defaults={"Companies": None, "FailedSignIns": 0},
    usual=(USER,),
)
SESSIONS = Resource(
    "sessions",
    "Token",
    {"Token": NAME, "UserName": NAME, "ExpiresAt": INSTANT},
    needed=("Token", "UserName", "ExpiresAt"),
    lasting=True,
)
# Told so, a company is locked from the start of a payroll until it has been processed.
SETTINGS = Resource("settings", (), {"locks_payroll": FLAG}, defaults={"locks_payroll": False}, single=True)
OF_COMPANIES = (CODES, EMPLOYEES, CALENDAR, ACCRUALS, BATCHES, CHECKS, NOTES)
RESOURCES = (*OF_COMPANIES, TASKS, USERS, SESSIONS, SETTINGS)
