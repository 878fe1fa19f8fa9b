"""moto made quick enough for whole runs: it copies a table for every action, and asks ten names per value."""

from __future__ import annotations

import base64
import copy
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb import models
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table


class Backups:
    """Stands in for the module `copy` that moto's transactions use."""

    def __init__(self) -> None:
        self.touched: list[Mapping[str, Any]] = []
        self.kept: dict[int, Table] = {}

    def begin(self, actions: Sequence[Mapping[str, Any]]) -> None:
        """A transaction of these actions starts."""
        self.kept = {}
        self.touched = [one.get("Key") or one["Item"] for action in actions for one in action.values()]

    def deepcopy(self, thing: Any) -> Any:
        """A copy to go back to: of a table, the same one for the whole transaction."""
        if not isinstance(thing, Table):
            return copy.deepcopy(thing)
        if id(thing) not in self.kept:
            self.kept[id(thing)] = self.backup(thing)
        return self.kept[id(thing)]

    def backup(self, table: Table) -> Table:
        """The table with rows of its own where the transaction may change them in place."""
        found = copy.copy(table)
        items: Any = defaultdict(dict, {part: dict(rows) for part, rows in table.items.items()})
        for key in self.touched:
            part, place = DynamoType(key["pk"]), DynamoType(key["sk"])
            if place in items.get(part, {}):
                items[part][place] = copy.deepcopy(items[part][place])
        found.items = items
        return found


def on_the_wire(value: Any) -> Any:
    """An attribute value as JSON: binaries in base64."""
    ((kind, held),) = value.items()
    if kind == "B":
        raw = held if isinstance(held, bytes) else held.encode()
        return {kind: base64.b64encode(raw).decode()}
    if kind == "M":
        return {kind: {name: on_the_wire(inner) for name, inner in held.items()}}
    if kind == "L":
        return {kind: [on_the_wire(inner) for inner in held]}
    return value


@contextmanager
def quick_tables() -> Iterator[None]:
    """The same answers, at a cost that does not grow with the table, as long as the block lasts."""
    backups = Backups()
    plain_transact = DynamoDBBackend.transact_write_items
    plain_serialize = BaseJSONSerializer._serialize_type_structure

    def transact(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        backups.begin(transact_items)
        plain_transact(self, transact_items)

    def serialize(self: BaseJSONSerializer, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == "AttributeValue" and value:
            serialized[key] = on_the_wire(value)
        else:
            plain_serialize(self, serialized, value, shape, key)

    with (
        mock.patch.object(models, "copy", backups),
        mock.patch.object(DynamoDBBackend, "transact_write_items", transact),
        mock.patch.object(BaseJSONSerializer, "_serialize_type_structure", serialize),
    ):
        yield
