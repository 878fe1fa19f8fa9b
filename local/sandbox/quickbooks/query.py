"""QuickBooks' query language: reading a query, and what it finds."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from local.sandbox.frame.room import Row

from .entities import BY_LOWER, Entity
from .faults import ZONE, RefusedError

DEFAULT_PAGE, LARGEST_PAGE = 100, 1000
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:\\.|[^'\\])*')|(?P<sign><=|>=|[=<>(),*])|(?P<word>[\w.:+-]+))", re.DOTALL
)
_SIGNS = ("=", "<", ">", "<=", ">=")
_TIMES = ("MetaData.CreateTime", "MetaData.LastUpdatedTime")


@dataclass(frozen=True)
class Condition:
    """One comparison; all of a query's must hold."""

    member: str
    sign: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Query:
    """What is asked for."""

    entity: Entity
    count: bool
    conditions: tuple[Condition, ...]
    order: tuple[str, bool] | None
    start: int
    most: int


class _Words:
    """The tokens of a query, read one after another."""

    def __init__(self, query: str) -> None:
        self._query = query.strip()
        self._tokens = list(self._split())
        self._at = 0

    def _split(self) -> Iterator[str]:
        place = 0
        while place < len(self._query):
            match = _TOKEN.match(self._query, place)
            if match is None:
                raise self.wrong(self._query[place : place + 10])
            yield match.group().strip()
            place = match.end()

    def wrong(self, found: str) -> RefusedError:
        return RefusedError("4000", f"Encountered {found!r} in {self._query[:200]!r}")

    def next(self) -> str:
        if self._at == len(self._tokens):
            raise self.wrong("the end")
        self._at += 1
        return self._tokens[self._at - 1]

    def take(self, *words: str) -> bool:
        """Whether the next words are these, which are then read."""
        found = [token.upper() for token in self._tokens[self._at : self._at + len(words)]]
        if found != list(words):
            return False
        self._at += len(words)
        return True

    def need(self, *words: str) -> None:
        if not self.take(*words):
            raise self.wrong(self.next())

    def number(self, least: int) -> int:
        word = self.next()
        if not word.isdigit() or int(word) < least:
            raise self.wrong(word)
        return int(word)

    def value(self) -> str:
        word = self.next()
        if word.startswith("'"):
            return re.sub(r"\\(.)", r"\1", word[1:-1], flags=re.DOTALL)
        if word in ("(", ")", ",", "*", *_SIGNS):
            raise self.wrong(word)
        return word

    @property
    def ended(self) -> bool:
        return self._at == len(self._tokens)


def read_query(text: str) -> Query:
    """The query; raises RefusedError (4000, 4001) for one that QuickBooks would not take."""
    words = _Words(text)
    words.need("SELECT")
    count = words.take("COUNT", "(", "*", ")")
    if not count:
        words.need("*")
    words.need("FROM")
    name = words.next()
    entity = BY_LOWER.get(name.lower())
    if entity is None:
        raise words.wrong(name)
    conditions = []
    if words.take("WHERE"):
        conditions.append(_condition(words, entity))
        while words.take("AND"):
            conditions.append(_condition(words, entity))
    order = None
    if words.take("ORDERBY") or words.take("ORDER", "BY"):
        order = _member(words.next(), entity), words.take("DESC")
        words.take("ASC")
    start = words.number(1) if words.take("STARTPOSITION") else 1
    most = words.number(0) if words.take("MAXRESULTS") else DEFAULT_PAGE
    if not words.ended:
        raise words.wrong(words.next())
    return Query(entity, count, tuple(conditions), order, start, min(most, LARGEST_PAGE))


def found(query: Query, rows: list[Row]) -> dict[str, Any]:
    """The `QueryResponse` over the entity's rows."""
    conditions = query.conditions
    if query.entity.has_active and all(condition.member != "Active" for condition in conditions):
        conditions = (*conditions, Condition("Active", "=", ("true",)))
    hits = [row for row in rows if all(_holds(condition, row) for condition in conditions)]
    if query.count:
        return {"totalCount": len(hits)}
    if query.order:
        member, descending = query.order
        hits.sort(key=lambda row: _sortable(member, row), reverse=descending)
    page = hits[query.start - 1 : query.start - 1 + query.most]
    if not page:
        return {}
    return {query.entity.name: page, "startPosition": query.start, "maxResults": len(page)}


def _condition(words: _Words, entity: Entity) -> Condition:
    member, sign = _member(words.next(), entity), words.next().upper()
    if sign == "IN":
        words.need("(")
        values = [words.value()]
        while words.take(","):
            values.append(words.value())
        words.need(")")
        return Condition(member, sign, tuple(values))
    if sign not in (*_SIGNS, "LIKE"):
        raise words.wrong(sign)
    return Condition(member, sign, (words.value(),))


def _member(name: str, entity: Entity) -> str:
    if name not in entity.filters and name not in _TIMES:
        raise RefusedError("4001", f"property {name} is not queryable for {entity.name}", name)
    return name


def _holds(condition: Condition, row: Row) -> bool:
    value = _value(condition.member, row)
    if value is None:
        return False
    if condition.sign == "LIKE":
        pattern = ".*".join(re.escape(part) for part in condition.values[0].split("%"))
        return re.fullmatch(pattern, str(value), re.IGNORECASE | re.DOTALL) is not None
    pairs = (_comparable(condition.member, value, wanted) for wanted in condition.values)
    return any(_compare(condition.sign, have, wanted) for have, wanted in pairs)


def _compare(sign: str, have: Any, wanted: Any) -> bool:
    match sign:
        case "<":
            return bool(have < wanted)
        case ">":
            return bool(have > wanted)
        case "<=":
            return bool(have <= wanted)
        case ">=":
            return bool(have >= wanted)
    return bool(have == wanted)


def _value(member: str, row: Row) -> Any:
    value: Any = row
    for part in member.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value.get("value") if isinstance(value, dict) else value


def _comparable(member: str, have: Any, wanted: str) -> tuple[Any, Any]:
    """Both in a form that compares: ids and amounts as numbers, texts without regard to case."""
    if isinstance(have, bool):
        return str(have).lower(), wanted.lower()
    if member == "Id" or isinstance(have, int | float):
        return _read(Decimal, str(have), member), _read(Decimal, wanted, member)
    if member in _TIMES:
        return _read(_moment, str(have), member), _read(_moment, wanted, member)
    return str(have).casefold(), wanted.casefold()


def _read(kind: Callable[[str], Any], wanted: str, member: str) -> Any:
    try:
        return kind(wanted)
    except (InvalidOperation, ValueError):
        raise RefusedError("4001", f"{wanted} is no value for {member}", member) from None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


def _sortable(member: str, row: Row) -> tuple[bool, Any]:
    value = _value(member, row)
    if member == "Id":
        return True, int(value)
    return value is not None, value.casefold() if isinstance(value, str) else value or 0
