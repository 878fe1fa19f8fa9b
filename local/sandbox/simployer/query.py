"""What a query asks for: select, relations, filters, sort, limit and offset; and the rows of it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from local.sandbox.frame.kinds import Fields, Kind, listed, misfit
from local.sandbox.frame.resources import Store
from local.sandbox.frame.room import Row
from local.sandbox.frame.routes import read_parameters
from local.sandbox.frame.table import Table

from .fields import choice
from .rows import Collection

_DEEP = re.compile(r"(?P<what>sort|filters)\[(?P<field>\w+)\](?:\[(?P<op>\$\w+)\])?(?P<many>\[\])?")
_WHOLE = re.compile(r"-?\d{1,9}", re.ASCII)
_Test = Callable[[Any, Any], bool]
_ONE: dict[str, _Test] = {
    "$eq": lambda value, wanted: value == wanted,
    "$neq": lambda value, wanted: value != wanted,
    "$gt": lambda value, wanted: value is not None and value > wanted,
    "$gte": lambda value, wanted: value is not None and value >= wanted,
    "$lt": lambda value, wanted: value is not None and value < wanted,
    "$lte": lambda value, wanted: value is not None and value <= wanted,
}
# With a list of values, one parameter each.
_MANY: dict[str, _Test] = {
    "$in": lambda value, wanted: value in wanted,
    "$nin": lambda value, wanted: value not in wanted,
    "$all": lambda value, wanted: all(value == one for one in wanted),
    "$between": lambda value, wanted: value is not None and min(wanted) <= value <= max(wanted),
}
_TESTS = _ONE | _MANY


@dataclass(frozen=True)
class Query:
    """A request for rows of one collection. A condition is a field, an operator and what it compares with."""

    select: tuple[str, ...] | None = None
    relations: tuple[str, ...] = ()
    limit: int = 50
    offset: int = 0
    conditions: tuple[tuple[str, str, Any], ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()


# --- reading ------------------------------------------------------------------------------------------------


def _names(known: Iterable[str]) -> Kind:
    def take(text: str) -> tuple[str, ...]:
        names = tuple(text.split(","))
        if not set(names) <= set(known):
            raise ValueError(text)
        return names

    return Kind(f"some of the following values: {', '.join(known)}", take)


def _bounded(least: int, most: int) -> Kind:
    def take(text: str) -> int:
        if not _WHOLE.fullmatch(text):
            raise ValueError(text)
        if int(text) < least:
            raise misfit("", f"must not be less than {least}")
        if int(text) > most:
            raise misfit("", f"must not be greater than {most}")
        return int(text)

    return Kind("a number", take)


def _several(kind: Kind, op: str) -> Kind:
    def take(texts: list[str]) -> tuple[Any, ...]:
        if op == "$between" and len(texts) != 2:
            raise misfit("", "must have two values")
        return tuple(listed(kind).take(texts))

    return Kind("a list", take)


@lru_cache
def _parameters(of: Collection, single: bool) -> Fields:
    """All that there are, by their whole names: `filters[hireDate][$between][]`."""
    kinds = {"select": _names(of.selectable), "relations": _names(of.relations)}
    if single:
        return kinds
    kinds |= {"limit": _bounded(1, 1000), "offset": _bounded(0, 10**9)}
    for name in of.filterable:
        field = of.kind(name)
        one = Kind(field.words, field.parse or field.take)
        kinds |= {f"sort[{name}]": choice("asc", "desc"), f"filters[{name}]": one}
        kinds |= {f"filters[{name}][{op}]": one for op in _ONE}
        kinds |= {f"filters[{name}][{op}][]": _several(one, op) for op in _MANY}
    return kinds


def read(of: Collection, text: str, *, single: bool = False) -> Query:
    """What a query asks for of a collection, or of a `single` row; raises Misfits with all that is wrong."""
    lists: dict[str, list[str]] = {}
    pairs: list[tuple[str, Any]] = []
    for name, value in parse_qsl(text, keep_blank_values=True):
        if not name.endswith("[]"):
            pairs.append((name, value))
            continue
        if name not in lists:
            lists[name] = []
            pairs.append((name, lists[name]))
        lists[name].append(value)
    given = read_parameters(pairs, _parameters(of, single))
    deep = [(match, given.pop(match[0])) for match in map(_DEEP.fullmatch, list(given)) if match]
    return Query(
        **given,
        conditions=tuple(
            (one["field"], one["op"] or "$eq", value) for one, value in deep if one["what"] != "sort"
        ),
        sort=tuple((one["field"], value == "desc") for one, value in deep if one["what"] == "sort"),
    )


# --- finding ------------------------------------------------------------------------------------------------


def matching(store: Store, of: Collection, query: Query) -> list[Row]:
    """All rows that the filters let through, sorted; by id where nothing else decides."""

    def search() -> list[Row]:
        rows = _found(store[of.name], query.conditions)
        for field, descending in reversed(query.sort):
            rows = sorted(rows, key=_by(field), reverse=descending)
        return rows

    return store.listings.of(store[of.name], (of.name, query.conditions, query.sort), search)


def _by(field: str) -> Callable[[Row], tuple[bool, Any]]:
    """Absent values come first, as in the vendor's database."""
    return lambda row: (row.get(field) is not None, row.get(field))


def _found(table: Table, conditions: Iterable[tuple[str, str, Any]]) -> list[Row]:
    left = list(conditions)
    rows = table.rows()
    for one in left:
        if one[1] in ("$eq", "$in") and table.indexes(one[0]):
            rows = table.find(one[0], [one[2]] if one[1] == "$eq" else one[2])
            left.remove(one)
            break
    for field, op, wanted in left:
        test = _TESTS[op]
        rows = [row for row in rows if test(row.get(field), wanted)]
    return rows


def shown(store: Store, of: Collection, query: Query, rows: list[Row]) -> tuple[list[Row], Row]:
    """The rows with the fields asked for, and `relations` with the distinct rows that they point at."""
    data = rows
    if query.select is not None:
        data = [{name: row[name] for name in query.select if name in row} for row in rows]
    related = {
        name: list({one["id"]: one for row in rows for one in of.related(store, row, name)}.values())
        for name in query.relations
    }
    return data, {"relations": related} if related else {}
