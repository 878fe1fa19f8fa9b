"""Lists of entities: the query options, strictly read, and the page that they ask for."""

import re
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Store
from local.sandbox.frame.room import Row
from local.sandbox.frame.table import Table

from .edm import GUID, INT32
from .entities import Entity, bad, no_property, read_key, shown, written_key
from .filters import Among, Passes, compared, read_filter

OPTIONS = ("$filter", "$select", "$top", "$skiptoken", "$orderby")
_AS_KEPT = (INT32.name, GUID.name)
_ORDER = re.compile(r"\s*(\w+)(?:\s+(asc|desc))?\s*", re.ASCII)


@dataclass(frozen=True)
class Query:
    """What a list is asked for; None and empty are no limit. `after` is the key of the last row shown."""

    given: dict[str, str]
    passes: Passes | None
    select: tuple[str, ...]
    top: int | None
    order: tuple[tuple[str, bool], ...]
    after: tuple[Any, ...] | None


def options_of(text: str, known: Collection[str] = ()) -> dict[str, str]:
    """The options of a call, each of them known and given once."""
    given: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name not in known:
            raise bad(f"The query parameter '{name}' is not recognized.")
        if name in given:
            raise bad(f"The query parameter '{name}' is given twice.")
        given[name] = value
    return given


def read_query(entity: Entity, text: str) -> Query:
    """What a list is asked for."""
    given = options_of(text, OPTIONS)
    top, token = given.get("$top"), given.get("$skiptoken")
    if top is not None and (not top.isascii() or not top.isdigit() or len(top) > 9):
        raise bad(f"Incorrect format for $top argument '{top}'.")
    return Query(
        given=given,
        passes=read_filter(given["$filter"], entity) if "$filter" in given else None,
        select=read_select(entity, given.get("$select")),
        top=None if top is None else int(top),
        order=_order(entity, given["$orderby"]) if "$orderby" in given else (),
        after=None if token is None else _after(entity, token),
    )


def read_select(entity: Entity, text: str | None) -> tuple[str, ...]:
    """The properties to show; none named means all."""
    if text is None:
        return ()
    names, position = [], 0
    for part in text.split(","):
        name = part.strip()
        if name not in entity.seen:
            raise no_property(name, entity, position)
        names.append(name)
        position += len(part) + 1
    return tuple(names)


def page_of(
    store: Store, entity: Entity, text: str, size: int, address: str, owner: tuple[Any, ...] = ()
) -> Row:
    """`{"d": {"results": […], "__next": …}}`, of the `owner`'s rows; `address` is that of the list itself."""
    query = read_query(entity, text)
    table, key = store[entity.name], (entity.name, owner, query.given.get("$filter"), query.order)
    rows = store.listings.of(table, key, lambda: _found(table, entity, query, owner))
    start = 0 if query.after is None else _behind(rows, entity, query)
    wanted = len(rows) - start if query.top is None else min(query.top, len(rows) - start)
    page = rows[start : start + min(size, wanted)]
    body: Row = {"results": [shown(entity, row, query.select) for row in page]}
    if wanted > len(page):
        body["__next"] = f"{address}?{_following(entity, query, page)}"
    return {"d": body}


def _order(entity: Entity, text: str) -> tuple[tuple[str, bool], ...]:
    parts, position = [], 0
    for part in text.split(","):
        found = _ORDER.fullmatch(part)
        if found is None:
            raise bad(f"Syntax error at position {position}.")
        if found[1] not in entity.seen:
            raise no_property(found[1], entity, position)
        parts.append((found[1], found[2] == "desc"))
        position += len(part) + 1
    return tuple(parts)


def _after(entity: Entity, token: str) -> tuple[Any, ...]:
    try:
        return read_key(entity, token)
    except ValueError:
        raise _bad_token() from None


def _found(table: Table, entity: Entity, query: Query, owner: tuple[Any, ...]) -> list[Row]:
    passes, rows = query.passes, table.of(owner[0]) if owner else table.rows()
    # Numbers and guids are kept as they compare, so that an index can answer for them; texts need one that
    # knows no case.
    if isinstance(passes, Among) and table.indexes(passes.name) and _is_as_kept(passes, entity):
        found = table.find(passes.name, passes.values)
        rows = [row for row in found if tuple(row[name] for name in entity.group) == owner]
    elif passes is not None:
        rows = [row for row in rows if passes(row)]
    for name, descending in reversed(query.order):
        rows = sorted(rows, key=lambda row: _sortable(entity, name, row), reverse=descending)
    return rows


def _is_as_kept(passes: Among, entity: Entity) -> bool:
    return passes.kind.name in _AS_KEPT or passes.name in entity.folded


def _sortable(entity: Entity, name: str, row: Row) -> tuple[bool, Any]:
    value = compared(entity.edm(name), row[name])
    return value is not None, "" if value is None else value


def _behind(rows: list[Row], entity: Entity, query: Query) -> int:
    """Where the rows behind the last page's begin."""
    after: Any = query.after
    if not query.order:
        return bisect_right(rows, after, key=entity.key_of)
    for place, row in enumerate(rows):
        if entity.key_of(row) == after:
            return place + 1
    raise _bad_token()


def _following(entity: Entity, query: Query, page: list[Row]) -> str:
    """The options of the page that follows: those of this one, from behind its last row."""
    given = dict(query.given)
    if query.top is not None:
        given["$top"] = str(query.top - len(page))
    given["$skiptoken"] = written_key(entity, page[-1])
    return urlencode(given, quote_via=quote, safe="$'(),")


def _bad_token() -> Refused:
    """A skiptoken that no page gave."""
    return bad("The $skiptoken is not one of this list.")
