"""What all bulk mutations share: at most 500 nodes, all or nothing, one error per refused node."""

from collections.abc import Callable, Sequence
from typing import Any

from local.sandbox.frame.room import Row

from .errors import InvalidValueError, RefusedError, invalid
from .fields import DATES, REFERENCES, TIMES
from .store import Store, check_date, check_time

MOST_NODES = 500

Input = dict[str, Any]


def checked(store: Store, node: Row) -> Row:
    """The node's values with dates and times checked and references resolved; raises InvalidValueError."""
    values: Row = {}
    for name, value in node.items():
        if value is None:
            values[name] = None
        elif name in REFERENCES:
            values[name] = store.resolve(name, value)
        else:
            if name in DATES:
                check_date(name, value)
            elif name in TIMES:
                check_time(name, value)
            values[name] = value
    return values


def plan_all(inputs: Sequence[Input], plan: Callable[[Row], Row]) -> list[Row]:
    """Plan every node before anything is written; raises RefusedError with an error per culprit."""
    if len(inputs) > MOST_NODES:
        raise RefusedError([invalid(f"At most {MOST_NODES} nodes per mutation, not {len(inputs)}")])
    planned, errors = [], []
    for item in inputs:
        try:
            planned.append(plan(item["node"]))
        except InvalidValueError as refused:
            errors.append(invalid(str(refused), item.get("clientId")))
    if errors:
        raise RefusedError(errors)
    return planned


def existing(store: Store, resource: str, node: Row, seen: set[str]) -> Row:
    """The row that an update names, once per mutation; raises InvalidValueError."""
    db_id = node["dbId"]
    row = store.tables[resource].get(db_id)
    if row is None:
        raise InvalidValueError(f'dbId: nothing in {resource} has the dbId "{db_id}"')
    if db_id in seen:
        raise InvalidValueError(f'dbId: "{db_id}" stands twice in this mutation')
    seen.add(db_id)
    return row


def result(inputs: Sequence[Input], rows: Sequence[Row]) -> dict[str, Any]:
    """The answer of a mutation: its rows, labelled with the clientIds of the call."""
    pairs = zip(inputs, rows, strict=True)
    return {"edges": [{"clientId": item.get("clientId"), "node": row} for item, row in pairs]}
