"""Finding rows: filters, sort, pages, and the related rows of a page."""

from collections.abc import Callable, Iterable
from typing import Any

from local.sandbox.frame.room import Row
from local.sandbox.frame.table import Table

from .query import Condition, Query
from .resources import Resource
from .store import Store

_TESTS: dict[str, Callable[[Any, tuple[Any, ...]], bool]] = {
    "$eq": lambda value, wanted: value == wanted[0],
    "$neq": lambda value, wanted: value != wanted[0],
    "$in": lambda value, wanted: value in wanted,
    "$nin": lambda value, wanted: value not in wanted,
    "$all": lambda value, wanted: all(value == one for one in wanted),
    "$gt": lambda value, wanted: value is not None and value > wanted[0],
    "$gte": lambda value, wanted: value is not None and value >= wanted[0],
    "$lt": lambda value, wanted: value is not None and value < wanted[0],
    "$lte": lambda value, wanted: value is not None and value <= wanted[0],
    "$between": lambda value, wanted: value is not None and min(wanted) <= value <= max(wanted),
}


def matching(store: Store, resource: Resource, query: Query) -> list[Row]:
    """All rows that the query's filters let through, sorted; by id where nothing else decides."""
    table = store.tables[resource.name]
    key = (resource.name, query.conditions, query.sort)
    rows = store.listings.get(table, key)
    if rows is None:
        rows = _search(table, query.conditions)
        for field, descending in reversed(query.sort):
            rows = sorted(rows, key=_by(field), reverse=descending)
        store.listings.keep(table, key, rows)
    return rows


def _search(table: Table, conditions: Iterable[Condition]) -> list[Row]:
    left = list(conditions)
    for condition in left:
        if condition.op in ("$eq", "$in") and table.indexes(condition.field):
            rows = table.find(condition.field, condition.values)
            left.remove(condition)
            break
    else:
        rows = table.rows()
    for condition in left:
        test, field, values = _TESTS[condition.op], condition.field, condition.values
        rows = [row for row in rows if test(row.get(field), values)]
    return rows


def _by(field: str) -> Callable[[Row], tuple[bool, Any]]:
    """Absent values come first, as in the vendor's database."""
    return lambda row: (row.get(field) is not None, row.get(field))


def related(store: Store, resource: Resource, names: Iterable[str], rows: list[Row]) -> dict[str, list[Row]]:
    """For each relation name the distinct rows that the given rows point at."""
    found: dict[str, list[Row]] = {}
    for name in names:
        follow = resource.relations[name]
        distinct = {target["id"]: target for row in rows for target in follow(store, row)}
        found[name] = list(distinct.values())
    return found


def selected(rows: list[Row], names: tuple[str, ...] | None) -> list[Row]:
    """The rows with only the fields asked for."""
    if names is None:
        return rows
    return [{name: row[name] for name in names if name in row} for row in rows]
