"""A batch: items one after another, each with its own answer."""

from typing import Any

from .entities import ENTITIES, Entity
from .faults import RefusedError
from .query import found, read_query
from .session import Session
from .writes import OPERATIONS, write

MOST_ITEMS, LONGEST_LABEL = 30, 10
_OPTIONS = {"allowduplicatedocnum"}


def items_of(body: Any) -> list[Any]:
    """The items of a batch's body; none where it is no batch."""
    items = body.get("BatchItemRequest") if isinstance(body, dict) else None
    return items if isinstance(items, list) else []


def run(session: Session, body: Any, with_request_id: bool) -> list[dict[str, Any]]:
    """The answers in the order of the items; raises RefusedError where the batch as a whole is wrong."""
    if not isinstance(body, dict) or not isinstance(body.get("BatchItemRequest"), list):
        raise RefusedError("2020", "Required parameter BatchItemRequest is missing in the request")
    if len(body) > 1:
        raise RefusedError("2010", "Only BatchItemRequest belongs to a batch")
    items = body["BatchItemRequest"]
    if not 1 <= len(items) <= MOST_ITEMS:
        raise RefusedError("6000", f"A batch has 1 to {MOST_ITEMS} items, not {len(items)}")
    labels = [item.get("bId") if isinstance(item, dict) else None for item in items]
    if not all(isinstance(label, str) and label for label in labels) or len({*labels}) < len(labels):
        raise RefusedError("2020", "Every item needs a bId of its own", "bId")
    if with_request_id and any(len(str(label)) > LONGEST_LABEL for label in labels):
        raise RefusedError("2050", f"With a requestid a bId has at most {LONGEST_LABEL} characters", "bId")
    return [{"bId": item["bId"], **_answer(session, item)} for item in items]


def _answer(session: Session, item: dict[str, Any]) -> dict[str, Any]:
    try:
        if "Query" in item:
            return {"QueryResponse": _query(session, item)}
        entity = _entity(item)
        options = item.get("optionsData")
        if options is not None and options not in _OPTIONS:
            raise RefusedError("2010", f"optionsData {options} is not known", "optionsData")
        own = Session(session.store, session.now, options is not None, session.unseen)
        return {entity.name: write(own, entity, item["operation"], item[entity.name])}
    except RefusedError as refused:
        return {"Fault": refused.fault()}


def _query(session: Session, item: dict[str, Any]) -> dict[str, Any]:
    if item.keys() - {"bId", "Query", "operation"} or not isinstance(item["Query"], str):
        raise RefusedError("2010", "An item with a Query has nothing else")
    query = read_query(item["Query"])
    return found(query, session.store.tables[query.entity.name].rows())


def _entity(item: dict[str, Any]) -> Entity:
    named = [name for name in item if name in ENTITIES]
    others = item.keys() - {"bId", "operation", "optionsData", *named}
    if others or len(named) != 1:
        raise RefusedError("2010", "An item has a bId, an operation and one entity")
    if item.get("operation") not in OPERATIONS:
        raise RefusedError("2170", f"operation must be one of {', '.join(OPERATIONS)}", "operation")
    return ENTITIES[named[0]]
