"""Faults of Millennium by which somebody is quicker than a call, and sessions that end early."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from local.sandbox.frame.calls import Answer, Call
from local.sandbox.frame.kinds import instant
from local.sandbox.frame.resources import Store
from local.sandbox.frame.room import Description, Row
from local.sandbox.frame.system import System

from .rows import ACCRUALS, CO

CHANGE, ADD = "change accruals", "create accruals"


def later(before: str, now: datetime) -> str:
    """The time of a change, which is never that of the change before."""
    return instant(max(now, datetime.fromisoformat(before) + timedelta(seconds=1)))


def started(store: Store, company: str) -> list[Row]:
    """The payrolls of a company that were started and are not processed."""
    entries = store["calendar"].of(company)
    return [one for one in entries if one["PayrollStarted"] and not one["Processed"]]


def rename(store: Store, code: Row, description: str, now: datetime) -> None:
    """An accrual code has another description, which all accruals of it show."""
    store["accrualcodes"].put({**code, "Description": description})
    for row in list(store["accruals"].of(code[CO])):
        if row["Code"] == code["Code"]:
            moved = later(row["ModifiedAt"], now)
            store["accruals"].put({**row, "Description": description, "ModifiedAt": moved})


# --- what somebody does -------------------------------------------------------------------------------------


def _edit(store: Store, named: Row, now: datetime) -> None:
    """An hour more on the Accrual tab."""
    row = store["accruals"].get(tuple(named.get(name) for name in ACCRUALS.keys))
    if row is not None:
        edited = {"Balance": str(Decimal(row["Balance"]) + 1), "AsOfDate": None, "Note": None}
        store["accruals"].put({**row, **edited, "ModifiedAt": later(row["ModifiedAt"], now)})


def _remove(store: Store, named: Row, _: datetime) -> None:
    store["accruals"].remove(tuple(named.get(name) for name in ACCRUALS.keys))


def _add(store: Store, named: Row, now: datetime) -> None:
    """The accrual that is about to be added, without hours."""
    code = store["accrualcodes"].get((named[CO], named.get("Code")))
    if code is not None:
        row = {**named, **ACCRUALS.defaults, "Description": code["Description"], "ModifiedAt": instant(now)}
        store["accruals"].put(ACCRUALS.in_order(row))


def _restart(store: Store, named: Row, now: datetime) -> None:
    for row in started(store, named[CO]):
        store["calendar"].put({**row, "StartedAt": later(row["StartedAt"], now)})


def _rename(store: Store, named: Row, now: datetime) -> None:
    """The code that a call names, or else the company's first."""
    codes = store["accrualcodes"].of(named[CO])
    for code in [one for one in codes if one["Code"] == named.get("Code", one["Code"])][:1]:
        rename(store, code, f"{code['Description']} (old)", now)


def _end_sessions(store: Store, _: Row, __: datetime) -> None:
    for row in list(store["sessions"].rows()):
        store["sessions"].remove(row["Token"])


# What happens, and just before which calls; without any, before all.
_DONE_BEFORE: Mapping[str, tuple[tuple[str, ...], Callable[[Store, Row, datetime], None]]] = {
    "accrual_changed": ((CHANGE,), _edit),
    "accrual_removed": ((CHANGE,), _remove),
    "accrual_added": ((ADD,), _add),
    "payroll_restarted": (("list calendar", "list batches", "get batches", CHANGE, ADD), _restart),
    "code_renamed": (("list accruals", CHANGE, ADD), _rename),
    "session_ends": ((), _end_sessions),
}


class Interrupted(System):
    """A room in which somebody is quicker. `payroll_locked` befalls writes, and `login_failed` sign-ins."""

    by_a_person: ClassVar[Mapping[str, str]] = dict.fromkeys(_DONE_BEFORE, "")
    of_calls: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "login_failed": ("sign in",),
        "payroll_locked": (CHANGE, ADD),
        **{fault: calls for fault, (calls, _) in _DONE_BEFORE.items()},
    }

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:
        calls = self.of_calls.get(fault)
        if calls:
            return description.operation in calls
        return super().can_suffer(fault, call, description)

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:
        if fault not in _DONE_BEFORE:
            return super().suffer(fault, call, reset_in_seconds)
        with self.lock:
            _DONE_BEFORE[fault][1](self.store, self._named_by(call), self.options.now())
        return self.answer(call)

    def _named_by(self, call: Call) -> dict[str, Any]:
        """Company, employee and code that a call is about."""
        path = self._routes.find(call.method, call.path).path
        try:
            body = call.json()
        except ValueError:
            body = None
        code = body.get("Code") if isinstance(body, dict) else None
        return {**({"Code": code} if isinstance(code, str) else {}), **path}
