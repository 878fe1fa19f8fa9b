"""What a Simployer request asks for: select, relations, filters, sort, limit and offset, strictly read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from .resources import Resource

DEFAULT_LIMIT = 50
MOST = 1000
_FILTER = re.compile(r"filters\[(?P<field>[^\[\]]*)\](?:\[(?P<op>\$[a-z]+)\](?P<many>\[\])?)?")
_SORT = re.compile(r"sort\[(?P<field>[^\[\]]*)\]")
ONE_VALUE = ("$eq", "$neq", "$gt", "$gte", "$lt", "$lte")
MANY_VALUES = ("$in", "$nin", "$between", "$all")


class BadQueryError(Exception):
    """A request that the vendor refuses; the messages go into its 400."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


@dataclass(frozen=True)
class Condition:
    """One filter: all conditions must hold."""

    field: str
    op: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Query:
    """A request for rows of one resource."""

    select: tuple[str, ...] | None = None
    relations: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()
    limit: int = DEFAULT_LIMIT
    offset: int = 0


class _Reader:
    """Collects what the parameters say, and every message about them."""

    def __init__(self, resource: Resource, single: bool) -> None:
        self.resource = resource
        self.single = single
        self.messages: list[str] = []
        self.plain: dict[str, str] = {}
        self.filters: dict[tuple[str, str], list[Any]] = {}
        self.sort: list[tuple[str, bool]] = []

    def take(self, name: str, value: str) -> None:
        plain = ("select", "relations") if self.single else ("select", "relations", "limit", "offset")
        if name in plain:
            if name in self.plain:
                self.messages.append(f"{name} must be given once")
            self.plain[name] = value
        elif not self.single and (match := _SORT.fullmatch(name)):
            self._take_sort(match["field"], value)
        elif not self.single and (match := _FILTER.fullmatch(name)):
            self._take_filter(match["field"], match["op"] or "$eq", bool(match["many"]), value)
        else:
            self.messages.append(f"property {name} should not exist")

    def _take_sort(self, field: str, value: str) -> None:
        if field not in self.resource.filterable:
            self.messages.append(f"sort: property {field} should not exist")
        elif value not in ("asc", "desc"):
            self.messages.append(f"sort: {field} must be one of the following values: asc, desc")
        else:
            self.sort.append((field, value == "desc"))

    def _take_filter(self, field: str, op: str, many: bool, value: str) -> None:
        allowed = MANY_VALUES if many else ONE_VALUE
        if field not in self.resource.filterable:
            self.messages.append(f"filters: property {field} should not exist")
            return
        if op not in allowed:
            form = "[]" if op in MANY_VALUES else ""
            known = f"filters: {field}[{op}] should not exist"
            self.messages.append(
                f"{known}; it is written {op}{form}" if op in MANY_VALUES + ONE_VALUE else known
            )
            return
        kind = self.resource.fields[field]
        try:
            parsed = kind.parse(value) if kind.parse else value
        except ValueError:
            self.messages.append(f"filters: {field} must be {kind.words}")
            return
        values = self.filters.setdefault((field, op), [])
        if values and not many:
            self.messages.append(f"filters: {field}[{op}] must be given once")
        values.append(parsed)

    def names(self, parameter: str, allowed: Mapping[str, Any] | tuple[str, ...]) -> tuple[str, ...]:
        names = tuple(self.plain[parameter].split(","))
        wrong = [name for name in names if name not in allowed]
        if wrong:
            words = ", ".join(allowed)
            said = ", ".join(wrong)
            self.messages.append(
                f"each value in {parameter} must be one of the following values: {words} (not {said})"
            )
        return names

    def whole(self, parameter: str, default: int, least: int, most: int | None) -> int:
        text = self.plain.get(parameter)
        if text is None:
            return default
        if not re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
            self.messages.append(f"{parameter} must be a number")
            return default
        value = int(text)
        if value < least:
            self.messages.append(f"{parameter} must not be less than {least}")
        if most is not None and value > most:
            self.messages.append(f"{parameter} must not be greater than {most}")
        return value


def read_query(resource: Resource, text: str, single: bool = False) -> Query:
    """Read a query string for one resource; raises BadQueryError with every message."""
    reader = _Reader(resource, single)
    for name, value in parse_qsl(text, keep_blank_values=True):
        reader.take(name, value)
    select = reader.names("select", resource.selectable) if "select" in reader.plain else None
    relations = reader.names("relations", resource.relations) if "relations" in reader.plain else ()
    limit = reader.whole("limit", DEFAULT_LIMIT, 1, MOST)
    offset = reader.whole("offset", 0, 0, None)
    for (field, op), values in reader.filters.items():
        if op == "$between" and len(values) != 2:
            reader.messages.append(f"filters: {field}[$between] must have two values")
    if reader.messages:
        raise BadQueryError(reader.messages)
    conditions = tuple(Condition(field, op, tuple(values)) for (field, op), values in reader.filters.items())
    return Query(select, relations, conditions, tuple(reader.sort), limit, offset)
