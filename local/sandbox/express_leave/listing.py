"""The lists: what each is in order of, its filters, and one page of it."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from local.sandbox.frame.room import Row
from local.sandbox.frame.table import Table

from . import syncs
from .fields import PAYROLL_USER
from .query import Place, read_page, shown
from .refusals import invalid
from .store import Store, natural

LISTS = ("users", "leavetypes", "balances", "syncs")
_FILTERS = {"users": ("payrollUser",), "balances": ("employeeId",)}


def page_of(store: Store, resource: str, query: str) -> dict[str, object]:
    """The page that a query asks for."""
    page, filters = read_page(query, resource, *_FILTERS.get(resource, ()))
    return shown(_behind(store, resource, page.after, filters), page)


def _behind(store: Store, resource: str, place: Place, filters: dict[str, str]) -> Iterable[Row]:
    """The rows that come after a place, or all."""
    match resource:
        case "users":
            return _users(store, place, filters.get("payrollUser"))
        case "leavetypes":
            return _rows(store.leave_types, place, str)
        case "balances" if "employeeId" in filters:
            owned = store.balances.of(filters["employeeId"])
            return (row for row in owned if not place or (row["EmployeeId"], row["IncomeCode"]) > place)
        case "balances":
            return store.balances.behind(place)
    return syncs.newest_first(store, place)


def _users(store: Store, place: Place, payroll_user: str | None) -> Iterable[Row]:
    if payroll_user not in (None, *PAYROLL_USER):
        raise invalid("payrollUser", "payrollUser must be Yes, or empty for all other users.")
    rows = _rows(store.users, place, natural)
    return rows if payroll_user is None else (row for row in rows if row["PayrollUser"] == payroll_user)


def _rows(table: Table, place: Place, order: Callable[[str], Any]) -> Iterable[Row]:
    rows = table.rows()
    start = bisect_right(rows, order(place[0]), key=lambda row: order(table.key_of(row))) if place else 0
    return islice(rows, start, None)
