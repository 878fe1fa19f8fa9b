"""Rows on the wire, alone or page by page."""

from bisect import bisect_right
from urllib.parse import quote, urlencode

from local.sandbox.frame.calls import Call
from local.sandbox.frame.room import Row

from .edm import INT32
from .entities import Entity
from .query import Query, bad_token, options_of, read_select, written_key
from .store import Store


def single(entity: Entity, row: Row, query: str) -> dict[str, object]:
    """`{"d": {…}}` with one row, which takes `$select` only."""
    given = options_of(query, ("$select",))
    return {"d": shown(entity, row, read_select(given.get("$select"), entity))}


def shown(entity: Entity, row: Row, select: tuple[str, ...] = ()) -> dict[str, object]:
    """A row as it is sent."""
    uri = f"{entity.name}({written_key(row[entity.key], entity)})"
    fields = {
        name: None if row[name] is None else entity.fields[name].show(row[name])
        for name in (select or entity.fields)
    }
    return {"__metadata": {"id": uri, "uri": uri, "type": entity.type_name}, **fields}


def page_of(store: Store, entity: Entity, query: Query, call: Call, address: str) -> dict[str, object]:
    """`{"d": {"results": […], "__next": …}}`; `address` is that of the list itself."""
    rows = store.listing(entity, query)
    start = 0 if query.after is None else _behind(rows, entity, query)
    wanted = len(rows) - start if query.top is None else min(query.top, len(rows) - start)
    size = store.settings["page_size"]
    page = rows[start : start + min(size, wanted)]
    body: dict[str, object] = {"results": [shown(entity, row, query.select) for row in page]}
    if wanted > len(page):
        body["__next"] = f"{address}?{_following(call, entity, query, page)}"
    return {"d": body}


def _following(call: Call, entity: Entity, query: Query, page: list[Row]) -> str:
    """The options of the page that follows: those of this one, from behind its last row."""
    given = options_of(call.query, ("$filter", "$select", "$top", "$skiptoken", "$orderby"))
    if query.top is not None:
        given["$top"] = str(query.top - len(page))
    given["$skiptoken"] = written_key(page[-1][entity.key], entity)
    return urlencode(given, quote_via=quote, safe="$'(),")


def _behind(rows: list[Row], entity: Entity, query: Query) -> int:
    """Where the rows behind the last page's begin."""
    after = query.after
    if not query.order:
        order = int if entity.fields[entity.key] is INT32 else str
        return bisect_right(rows, order(after), key=lambda row: order(row[entity.key]))  # type: ignore[call-overload]
    for place, row in enumerate(rows):
        if row[entity.key] == after:
            return place + 1
    raise bad_token()
