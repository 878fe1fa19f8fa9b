"""QuickBooks' query language: reading a query, and what it finds."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Store
from local.sandbox.frame.room import Row

from .books import ZONE
from .entities import BY_LOWER
from .kinds import Entity

DEFAULT_PAGE, LARGEST_PAGE = 100, 1000
_TEXT = r"'(?:\\.|[^'\\])*'"
_VALUE = re.compile(rf"{_TEXT}|[\w.:+-]+", re.DOTALL)
_QUERY = re.compile(
    rf"""\s* SELECT \s*
    (?: \* (?P<members> (?: \s* , \s* [\w.]+ )* ) | (?P<count> COUNT \s* \( \s* \* \s* \) ) )
    \s* FROM \s+ (?P<entity> \w+ )
    (?: \s+ WHERE \s+ (?P<where> (?: {_TEXT} | [^'] )+? ) )?
    (?: \s+ ORDER \s* BY \s+ (?P<order> [\w.]+ ) (?: \s+ (?: ASC | (?P<down> DESC ) ) )? )?
    (?: \s+ STARTPOSITION \s+ (?P<start> 0*[1-9]\d* ) )? (?: \s+ MAXRESULTS \s+ (?P<most> \d+ ) )? \s*""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE | re.ASCII,
)
# One of the comparisons of a WHERE, with what leads to the next.
_CONDITION = re.compile(
    rf"""\s* (?P<member> [\w.]+ ) \s* (?:
        (?P<sign> <= | >= | = | < | > | LIKE\b ) \s* (?P<value> {_VALUE.pattern} )
        | IN \s* \( \s* (?P<values> (?:{_VALUE.pattern}) (?: \s* , \s* (?:{_VALUE.pattern}) )* ) \s* \)
    ) \s* (?: (?P<more> \b AND \b ) | $ )""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_UNKNOWN_SIGN = re.compile(r"[^\u0000-\u00ff]")
_TIMES = ("MetaData.CreateTime", "MetaData.LastUpdatedTime")


@dataclass(frozen=True)
class Condition:
    """One comparison, which holds for any of the values; all of a query's must hold."""

    member: str
    sign: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Query:
    """What is asked for."""

    entity: Entity
    count: bool
    conditions: tuple[Condition, ...]
    order: str | None
    descending: bool
    start: int
    most: int


def read_query(text: str) -> Query:
    """The query; raises Refused (4000, 4001) for one that QuickBooks would not take."""
    _check_signs(text)
    found = _QUERY.fullmatch(text)
    entity = BY_LOWER.get(found["entity"].lower()) if found else None
    if found is None or entity is None:
        raise _wrong(text)
    for name in (found["members"] or "").split(",")[1:]:
        _check_known(name.strip(), entity)
    order = None if found["order"] is None else _member(found["order"], entity)
    most = LARGEST_PAGE if found["most"] and len(found["most"]) > 9 else int(found["most"] or DEFAULT_PAGE)
    return Query(
        entity,
        found["count"] is not None,
        tuple(_conditions(found["where"], entity)) if found["where"] else (),
        order,
        found["down"] is not None,
        int(found["start"] or 1),
        min(most, LARGEST_PAGE),
    )


def answered(store: Store, text: str) -> Row:
    """The `QueryResponse` to a query."""
    query = read_query(text)
    conditions = query.conditions
    if query.entity.has_active and all(condition.member != "Active" for condition in conditions):
        conditions = (*conditions, Condition("Active", "=", ("true",)))
    rows = store[query.entity.name].rows()
    hits = [row for row in rows if all(_holds(condition, row) for condition in conditions)]
    if query.count:
        return {"totalCount": len(hits)}
    if query.order:
        hits.sort(key=lambda row: _sortable(str(query.order), row), reverse=query.descending)
    page = hits[query.start - 1 : query.start - 1 + query.most]
    if not page:
        return {}
    return {query.entity.name: page, "startPosition": query.start, "maxResults": len(page)}


def _check_signs(text: str) -> None:
    """Its lexer knows the signs of Latin-1: ü and å, but neither ł nor the apostrophe U+2019."""
    found = _UNKNOWN_SIGN.search(text)
    if found is not None:
        sign, place = ord(found[0]), found.start()
        where = f'Lexical error at line 1, column {place + 1}.  Encountered: "\\u{sign:04x}" ({sign})'
        raise Refused("4000", f"QueryParserError: Invalid content. {where}, after : {text[:place][-20:]!r}")


def _wrong(text: str) -> Refused:
    return Refused("4000", f"QueryParserError : Encountered what is not known in {text[:200]!r}")


def _conditions(text: str, entity: Entity) -> list[Condition]:
    conditions, place, more = [], 0, True
    while more:
        found = _CONDITION.match(text, place)
        if found is None:
            raise _wrong(text)
        values = tuple(map(_plain, _VALUE.findall(found["values"] or found["value"])))
        conditions.append(Condition(_member(found["member"], entity), (found["sign"] or "=").upper(), values))
        place, more = found.end(), found["more"] is not None
    return conditions


def _plain(value: str) -> str:
    """A value without its quotes, and what is escaped in them."""
    return re.sub(r"\\(.)", r"\1", value[1:-1], flags=re.DOTALL) if value.startswith("'") else value


def _member(name: str, entity: Entity) -> str:
    if name not in entity.filters and name not in _TIMES:
        raise Refused("4001", f"property {name} is not queryable for {entity.name}", name)
    return name


def _check_known(name: str, entity: Entity) -> None:
    """Members that are named beside the star, such as Sku, are shown with the others anyway."""
    if name.partition(".")[0] not in entity.fields:
        raise Refused("4001", f"property {name} not found for entity {entity.name}", name)


def _holds(condition: Condition, row: Row) -> bool:
    value = _value(condition.member, row)
    if value is None:
        return False
    if condition.sign == "LIKE":
        pattern = ".*".join(re.escape(part) for part in condition.values[0].split("%"))
        return re.fullmatch(pattern, str(value), re.IGNORECASE | re.DOTALL) is not None
    compare = _SIGNS[condition.sign]
    return any(compare(*_comparable(condition.member, value, wanted)) for wanted in condition.values)


def _value(member: str, row: Row) -> Any:
    value: Any = row
    for part in member.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value.get("value", value.get("Address")) if isinstance(value, dict) else value


def _comparable(member: str, have: Any, wanted: str) -> tuple[Any, Any]:
    """Both in a form that compares: ids and amounts as numbers, texts without regard to case."""
    read: Callable[[str], Any] = str.casefold
    if member in _TIMES:
        read = moment_of
    elif not isinstance(have, bool) and (member == "Id" or isinstance(have, int | float)):
        read = Decimal
    try:
        return read(str(have)), read(wanted)
    except (InvalidOperation, ValueError):
        raise Refused("4001", f"{wanted} is no value for {member}", member) from None


def moment_of(text: str) -> datetime:
    """A time of a query, or of a row; one without an offset is in QuickBooks' own zone."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


def _sortable(member: str, row: Row) -> tuple[bool, Any]:
    value = _value(member, row)
    if member == "Id":
        return True, int(value)
    return value is not None, value.casefold() if isinstance(value, str) else value or 0
