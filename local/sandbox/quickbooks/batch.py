"""A batch: items one after another, each with its own answer."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from local.sandbox.frame.kinds import OBJECT, Misfits, fitting, listed, misfit
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Row

from .books import Session
from .entities import ENTITIES
from .kinds import Entity, choice
from .query import answered
from .writes import OPERATIONS, write

MOST_ITEMS, LONGEST_LABEL = 30, 10
_BATCH = {"BatchItemRequest": listed(OBJECT)}
_OPERATION = {"operation": choice(*OPERATIONS)}
Told = Callable[[Misfits | Refused], object]


def items_of(body: Any) -> list[Any]:
    """The items of a batch's body; none where it is no batch."""
    items = body.get("BatchItemRequest") if isinstance(body, dict) else None
    return items if isinstance(items, list) else []


def run(session: Session, body: Any, with_request_id: bool, fault: Told) -> list[Row]:
    """The answers in the order of the items; raises Refused where the batch as a whole is wrong."""
    items = fitting(_BATCH, body, tuple(_BATCH))["BatchItemRequest"]
    if not 1 <= len(items) <= MOST_ITEMS:
        raise Refused("6000", f"A batch has 1 to {MOST_ITEMS} items, not {len(items)}")
    labels = [item.get("bId") for item in items]
    if not all(isinstance(label, str) and label for label in labels) or len({*labels}) < len(labels):
        raise Refused("2020", "Every item needs a bId of its own", "bId")
    if with_request_id and any(len(label) > LONGEST_LABEL for label in labels):
        raise Refused("2050", f"With a requestid a bId has at most {LONGEST_LABEL} characters", "bId")
    return [{"bId": item["bId"], **_answer(session, item, fault)} for item in items]


def _answer(session: Session, item: Row, fault: Told) -> Row:
    try:
        if "Query" in item:
            if item.keys() - {"bId", "Query", "operation"} or not isinstance(item["Query"], str):
                raise misfit("Query", "stands alone")
            return {"QueryResponse": answered(session.books, item["Query"])}
        entity, option = _entity(item), item.get("optionsData")
        if option not in (None, "allowduplicatedocnum"):
            raise misfit("optionsData", "must be allowduplicatedocnum")
        own = replace(session, allow_duplicates=option is not None)
        return {entity.name: write(own, entity, item["operation"], item[entity.name])}
    except (Misfits, Refused) as no:
        return {"Fault": fault(no)}


def _entity(item: Row) -> Entity:
    named = [name for name in item if name in ENTITIES]
    if item.keys() - {"bId", "operation", "optionsData", *named} or len(named) != 1:
        raise misfit("", "an item has a bId, an operation and one entity")
    fitting(_OPERATION, {"operation": item.get("operation")})
    return ENTITIES[named[0]]
