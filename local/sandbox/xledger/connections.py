"""Listing a connection: filter, status, owner, and pages by cursor."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Any

from local.sandbox.frame.room import Row
from local.sandbox.frame.table import Table

from .errors import RefusedError, invalid
from .schema import decimal
from .store import Books, closed

MOST_ROWS = 10_000
_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {"gt": gt, "gte": ge, "lt": lt, "lte": le}
_OWN = ("CURRENT", "MINE", "UPPER")


def connection(store: Books, resource: str, args: dict[str, Any]) -> dict[str, Any]:
    """One page of a connection; `edges` is None when it is empty. Raises RefusedError."""
    rows = _listed(store, resource, args)
    start, end = _window(rows, args)
    page = rows[start:end]
    edges = [{"cursor": cursor(row["dbId"]), "node": row} for row in page]
    info = {"hasNextPage": end < len(rows), "hasPreviousPage": start > 0}
    return {"pageInfo": info, "edges": edges or None}


def cursor(db_id: str) -> str:
    """An opaque cursor."""
    return urlsafe_b64encode(f"c{db_id}".encode()).decode().rstrip("=")


def _position(text: str) -> int:
    try:
        inner = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        return int(inner.removeprefix("c")) if inner.startswith("c") else int("")
    except ValueError as bad:
        raise RefusedError([invalid(f'cursor: "{text}" is none that was given out')]) from bad


def _window(rows: list[Row], args: dict[str, Any]) -> tuple[int, int]:
    """Where the page starts and ends; first is applied before last, as Relay says."""
    start, end = 0, len(rows)
    if args.get("after") is not None:
        start = bisect_right(rows, _position(args["after"]), key=_db_id)
    if args.get("before") is not None:
        end = max(start, bisect_left(rows, _position(args["before"]), key=_db_id))
    first, last = args.get("first"), args.get("last")
    for name, size in (("first", first), ("last", last)):
        if size is not None and size < 0:
            raise RefusedError([invalid(f"{name}: {size} is below 0")])
    if first is not None or last is None:
        end = min(end, start + min(MOST_ROWS if first is None else first, MOST_ROWS))
    if last is not None:
        start = max(start, end - min(last, MOST_ROWS))
    return start, end


def _db_id(row: Row) -> int:
    return int(row["dbId"])


def _listed(store: Books, resource: str, args: dict[str, Any]) -> list[Row]:
    table = store[resource]
    status, owner_set = args.get("objectStatus") or "OPEN", args.get("ownerSet") or "ALL"
    wanted = {name: _as_kept(name, value) for name, value in (args.get("filter") or {}).items()}
    today = store.today()

    def search() -> list[Row]:
        rows = _filtered(table, wanted)
        if status != "ALL":
            rows = [row for row in rows if closed(row, today) == (status == "CLOSED")]
        if owner_set in _OWN:
            rows = [row for row in rows if row.get("ownerDbId") in (None, store.owner)]
        return rows

    return store.listings.of(table, (resource, status, owner_set, today, repr(wanted)), search)


def _as_kept(name: str, value: Any) -> Any:
    """A filter's value as rows have it: ids are kept as texts, whatever type they are asked for in."""
    if not name.partition("_")[0].lower().endswith("dbid") or value is None:
        return value
    return [None if one is None else str(one) for one in value] if isinstance(value, list) else str(value)


def _filtered(table: Table, wanted: dict[str, Any]) -> list[Row]:
    left = dict(wanted)
    rows: list[Row] | None = None
    for name, value in wanted.items():
        field, _, suffix = name.partition("_")
        if suffix in ("", "in") and value is not None and table.indexes(field):
            rows = table.find(field, value if suffix else [value])
            del left[name]
            break
    if rows is None:
        rows = table.rows()
    for name, value in left.items():
        field, _, suffix = name.partition("_")
        test = _test(field, suffix, value)
        if test is not None:
            rows = [row for row in rows if test(row.get(field))]
    return rows


def _test(field: str, suffix: str, wanted: Any) -> Callable[[Any], bool] | None:
    """A filter's test; a null behind a suffix asks for nothing."""
    if not suffix:
        return lambda value: value == wanted
    if wanted is None:
        return None
    if suffix == "in":
        among = set(wanted)
        return lambda value: value in among
    compare = _ORDERINGS[suffix]
    rank = _rank(field)
    bound = rank(wanted)
    return lambda value: value is not None and compare(rank(value), bound)


def _rank(field: str) -> Callable[[str], Any]:
    if field.lower().endswith("dbid"):
        return int
    return decimal if field == "leavePercent" else str
