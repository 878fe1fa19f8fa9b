"""DynamoDB's expressions, as far as the ledger writes them; any other form is refused."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

Item = dict[str, Any]
Test = Callable[[Item, Mapping[str, Any]], bool]

_EXISTS = re.compile(r"attribute_(not_)?exists\(#?(\w+)\)")
_COMPARED = re.compile(r"#?(\w+) (=|<=|>=|<|>) :(\w+)")
_AMONG = re.compile(r"#?(\w+) IN \((:\w+(?:, :\w+)*)\)")
_SET = re.compile(r"#?(\w+) = (?:(?:#?(\w+)|if_not_exists\(#?(\w+), :(\w+)\)) \+ )?:(\w+)")
_VALUE = re.compile(r":(\w+)")
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NUMBERS = (int, Decimal)


class UnknownForm(ValueError):
    """An expression of a form that is not known here."""


def check_values(texts: str, values: Mapping[str, Any]) -> None:
    """Refuse a value that no expression names, and a name without a value, as DynamoDB does."""
    named = set(_VALUE.findall(texts))
    if named != set(values):
        raise UnknownForm(f"{texts!r} does not go with the values {sorted(values)}")


@lru_cache(maxsize=256)
def condition(text: str) -> Test:
    """What tells whether an item, `{}` for none, fulfils the condition."""
    ways = [[_term(term) for term in way.split(" AND ")] for way in text.split(" OR ")]
    return lambda item, values: any(all(test(item, values) for test in way) for way in ways)


@lru_cache(maxsize=256)
def change(text: str) -> Callable[[Item, Mapping[str, Any]], Item]:
    """What an update makes of an item."""
    if not text.startswith("SET "):
        raise UnknownForm(text)
    parts = [_SET.fullmatch(part) for part in re.split(r", (?![^(]*\))", text.removeprefix("SET "))]
    if None in parts:
        raise UnknownForm(text)
    steps = [part.groups() for part in parts if part]

    def changed(item: Item, values: Mapping[str, Any]) -> Item:
        return {**item, **{name: _set(item, values, *of) for name, *of in steps}}

    return changed


def _set(
    item: Item, values: Mapping[str, Any], added: str | None, known: str | None, first: str | None, value: str
) -> Any:
    """What an attribute becomes: a value, or the sum of it and of an attribute that is there, or may be."""
    if added is not None:
        return item[added] + values[value]
    if known is not None and first is not None:
        return item.get(known, values[first]) + values[value]
    return values[value]


def _term(text: str) -> Test:
    if found := _EXISTS.fullmatch(text):
        absent, name = found.groups()
        return lambda item, _: (name in item) is not bool(absent)
    if found := _COMPARED.fullmatch(text):
        name, sign, value = found.groups()
        compare = _OPERATORS[sign]
        return lambda item, values: name in item and _compared(compare, item[name], values[value])
    if found := _AMONG.fullmatch(text):
        name, listed = found.groups()
        wanted = _VALUE.findall(listed)
        return lambda item, values: any(
            name in item and _compared(operator.eq, item[name], values[value]) for value in wanted
        )
    raise UnknownForm(text)


def _compared(compare: Callable[[Any, Any], bool], held: Any, wanted: Any) -> bool:
    """Values of different types are never equal, and neither is smaller."""
    return _kind(held) is _kind(wanted) and compare(held, wanted)


def _kind(value: Any) -> type:
    return Decimal if isinstance(value, _NUMBERS) and not isinstance(value, bool) else type(value)
