"""Change data capture: what was made, changed or deleted since a moment, of several entities in one call."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Row

from .books import Books, moment
from .entities import BY_LOWER
from .kinds import Entity
from .query import moment_of

_LONGEST_AGO = timedelta(days=30)
_MOST = 1000
# QuickBooks keeps no changes of these.
_WITHOUT = frozenset({"TaxCode", "TaxRate"})


def changed(books: Books, names: Iterable[str], since: datetime, now: datetime) -> list[Row]:
    """The answer for each of the entities, in their order; of all together no more than there may be."""
    entities = [_entity(name.strip()) for name in names]
    if now - since > _LONGEST_AGO:
        day = since.date().isoformat()
        raise Refused(
            "500", f"Operation cdc with changedSince {day}, more than 30 days ago, is not supported"
        )
    answers, left = [], _MOST
    for entity in entities:
        rows = _of(books, entity, since)[:left]
        left -= len(rows)
        counts = {"startPosition": 1, "maxResults": len(rows), "totalCount": len(rows)}
        answers.append({entity.name: rows, **counts} if rows else {})
    return answers


def _entity(name: str) -> Entity:
    entity = BY_LOWER.get(name.lower())
    if entity is None or entity.name in _WITHOUT:
        raise Refused("500", f"Operation cdc is not supported for {name}", "entities")
    return entity


def _of(books: Books, entity: Entity, since: datetime) -> list[Row]:
    """Rows, inactive ones too, and those that are gone by their ids."""
    there = [row for row in books[entity.name].rows() if _is_new(row, since)]
    gone = [
        {"domain": "QBO", "status": "Deleted", "Id": key, "MetaData": {"LastUpdatedTime": moment(at)}}
        for (name, key), at in books.deleted.items()
        if name == entity.name and at >= since
    ]
    return there + gone


def _is_new(row: Row, since: datetime) -> bool:
    told = row.get("MetaData", {})
    at = told.get("LastUpdatedTime", told.get("CreateTime"))
    return at is not None and moment_of(at) >= since
