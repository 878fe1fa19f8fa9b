"""The lists: the filters of each, and one page of it."""

from typing import Any

from local.sandbox.frame.room import Row

from .people import shown_employee
from .query import read_page, shown
from .refusals import no_employee
from .store import Store, in_order

LISTS = ("employees", "payrollRuns", "components", "componentReport")
# Below an employee.
SUBLISTS = ("employments", "payrollPeriods")


def page_of(store: Store, resource: str, query: str) -> dict[str, Any]:
    """The page of an employer's list that a query asks for."""
    match resource:
        case "employees":
            page, filters = read_page(query, resource, ("modifiedSince",))
            since = filters.get("modifiedSince", "")
            rows = [row for row in store.employees.rows() if row["modifiedAt"] >= since]
            answer = shown(rows, page)
            return {**answer, "items": [shown_employee(row) for row in answer["items"]]}
        case "payrollRuns":
            page, filters = read_page(query, resource, ("status", "changedSince"))
            status, since = filters.get("status"), filters.get("changedSince", "")
            rows = [
                row for row in store.runs.rows() if status in (None, row["status"]) and _changed(row) >= since
            ]
            return shown(sorted(rows, key=in_order(resource)), page)
        case "components":
            page, _ = read_page(query, resource)
            return shown(sorted(store.components.rows(), key=in_order(resource)), page)
    page, filters = read_page(query, resource, (), ("year", "prPeriod"))
    return shown(store.report.of((int(filters["year"]), filters["prPeriod"])), page)


def page_below(store: Store, employee_id: str, resource: str, query: str) -> dict[str, Any]:
    """The page of an employee's list; the periods are those of the employer."""
    if employee_id not in store.employees:
        raise no_employee(employee_id)
    if resource == "payrollPeriods":
        page, filters = read_page(query, resource, (), ("year",))
        rows = [row for row in store.periods.rows() if row["prPeriod"].startswith(filters["year"])]
        return shown(sorted(rows, key=in_order(resource)), page)
    page, _ = read_page(query, resource)
    answer = shown(store.employments.of(employee_id), page)
    items = [{name: row[name] for name in row if name != "employeeId"} for row in answer["items"]]
    return {**answer, "items": items}


def _changed(run: Row) -> str:
    """When a run changed last; one that is open has no time yet, and always counts as changed."""
    return run["approvedAt"] or run["processedAt"] or "9999"
