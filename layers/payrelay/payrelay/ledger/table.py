"""The one table: reads, conditional writes and transactions, in plain Python values."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError
from msgspec import Struct, to_builtins

from payrelay.domain.groups import in_groups

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]

GET_LIMIT = 100
TRANSACTION_LIMIT = 100
ATTEMPTS = 8
# How long a transaction that met another waits before it is done again: twice this, then four times, …
CONFLICT_SECONDS = 0.01


class ConditionFailed(Exception):
    """Somebody else was first: the condition of a write did not hold."""


_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


def to_wire(item: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values → DynamoDB attribute values; None is left out."""
    return {name: _serializer.serialize(value) for name, value in item.items() if value is not None}


def from_wire(item: Mapping[str, Any]) -> Item:
    """DynamoDB attribute values → plain values; whole numbers become int, binaries bytes."""
    return {name: _plain(_deserializer.deserialize(value)) for name, value in item.items()}


def plain(value: Struct) -> Item:
    """A frozen value with all that it holds, as plain values; decimals stay exact."""
    found: Item = to_builtins(value, builtin_types=(Decimal,), enc_hook=_text)
    return found


def _text(value: Any) -> str:
    """A text of a type of its own as plain text; nothing else, above all nothing sensitive."""
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError(f"{type(value).__name__} is not stored")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value
    if isinstance(value, Binary):
        return bytes(value)  # type: ignore[call-overload]  # the stubs say it is text
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


class Table:
    """A thin hand on one DynamoDB table. `client` is a boto3 DynamoDB client."""

    def __init__(
        self, client: DynamoDBClient, name: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client, self._sleep = client, sleep
        self.name = name

    def get(self, key: Mapping[str, str]) -> Item | None:
        """One item, read consistently."""
        answer = self._client.get_item(TableName=self.name, Key=to_wire(key), ConsistentRead=True)
        return from_wire(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Iterable[Mapping[str, str]]) -> list[Item]:
        """The items that exist among `keys`, in any order, read consistently."""
        found: list[Item] = []
        for group in in_groups(keys, GET_LIMIT):
            wanted: list[Any] = [to_wire(key) for key in group]
            for _ in range(ATTEMPTS):
                answer: Any = self._client.batch_get_item(
                    RequestItems={self.name: {"Keys": wanted, "ConsistentRead": True}}
                )
                found += [from_wire(item) for item in answer["Responses"].get(self.name, [])]
                wanted = list(answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", []))
                if not wanted:
                    break
            else:
                raise RuntimeError(f"{len(wanted)} keys of {self.name} were not read: the table is throttled")
        return found

    def put(self, item: Mapping[str, Any], *, condition: str | None = None, **values: Any) -> None:
        """Put one item; `condition` uses `:name` for each of `values`."""
        self.transact_or_raise([self.putting(item, condition=condition, **values)])

    def update(self, key: Mapping[str, str], change: str, *, condition: str, **values: Any) -> Item:
        """Update one item under a condition; the new item. `#name` stands for the attribute `name`."""
        try:
            answer = self._client.update_item(
                TableName=self.name,
                Key=to_wire(key),
                ReturnValues="ALL_NEW",
                **_expressions(condition, values, UpdateExpression=change),
            )
        except ClientError as error:
            raise _condition_or_same(error) from error
        return from_wire(answer["Attributes"])

    def delete(self, key: Mapping[str, str], *, condition: str | None = None, **values: Any) -> None:
        """Delete one item; no error when it is not there."""
        try:
            self._client.delete_item(TableName=self.name, Key=to_wire(key), **_expressions(condition, values))
        except ClientError as error:
            raise _condition_or_same(error) from error

    def query(
        self,
        partition: str,
        *,
        prefix: str = "",
        after: str | None = None,
        newest_first: bool = False,
        index: str | None = None,
        fields: Sequence[str] = (),
    ) -> Iterator[Item]:
        """The items of one partition by sort key, page after page, `after` a sort key if given."""
        pk, sk = (f"{index}_pk", f"{index}_sk") if index else ("pk", "sk")
        values: dict[str, Any] = {":pk": partition}
        condition = "#pk = :pk"
        names = {"#pk": pk}
        if after is not None:
            values[":after"] = after
            condition += " AND #sk < :after" if newest_first else " AND #sk > :after"
            names["#sk"] = sk
        elif prefix:
            values[":prefix"] = prefix
            condition += " AND begins_with(#sk, :prefix)"
            names["#sk"] = sk
        names |= {f"#f{position}": name for position, name in enumerate(fields)}
        arguments: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": to_wire(values),
            "ScanIndexForward": not newest_first,
        }
        if index:
            arguments["IndexName"] = index
        else:
            arguments["ConsistentRead"] = True
        if fields:
            arguments["ProjectionExpression"] = ", ".join(f"#f{n}" for n in range(len(fields)))
        for answer in self._client.get_paginator("query").paginate(**arguments):
            # What was told is let go of: the paginator holds on to a page while it asks for the next one.
            raws = answer["Items"]
            raws.reverse()
            while raws:
                item = from_wire(raws.pop())
                if after is not None and prefix and not item.get(sk, prefix).startswith(prefix):
                    return
                yield item

    def putting(self, item: Mapping[str, Any], *, condition: str | None = None, **values: Any) -> Item:
        """One put, for `transact`."""
        return {"Put": {"TableName": self.name, "Item": to_wire(item), **_expressions(condition, values)}}

    def updating(self, key: Mapping[str, str], change: str, *, condition: str, **values: Any) -> Item:
        """One update, for `transact`."""
        expressions = _expressions(condition, values, UpdateExpression=change)
        return {"Update": {"TableName": self.name, "Key": to_wire(key), **expressions}}

    def deleting(self, key: Mapping[str, str], *, condition: str | None = None, **values: Any) -> Item:
        """One delete, for `transact`."""
        return {"Delete": {"TableName": self.name, "Key": to_wire(key), **_expressions(condition, values)}}

    def transact(self, actions: Sequence[Item]) -> list[int]:
        """All of `actions` or none: the positions whose condition failed, empty when all were done.

        One that meets another in progress is done again: of many at once, one gets through each time.
        """
        attempt = 0
        while True:
            try:
                self._client.transact_write_items(TransactItems=actions)  # type: ignore[arg-type]
                return []
            except self._client.exceptions.TransactionCanceledException as error:
                codes = [one.get("Code") for one in error.response.get("CancellationReasons", [])]
                failed = [n for n, code in enumerate(codes) if code == "ConditionalCheckFailed"]
                if failed:
                    return failed
                attempt += 1
                if "TransactionConflict" not in codes or attempt == ATTEMPTS:
                    raise
            self._sleep(CONFLICT_SECONDS * 2**attempt)

    def transact_or_raise(self, actions: Sequence[Item]) -> None:
        """All of `actions`, or `ConditionFailed` and none."""
        if len(actions) == 1 and "Put" in actions[0]:
            try:
                self._client.put_item(**actions[0]["Put"])
            except ClientError as error:
                raise _condition_or_same(error) from error
        elif self.transact(actions):
            raise ConditionFailed


def _condition_or_same(error: ClientError) -> Exception:
    if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
        return ConditionFailed()
    return error


def _expressions(condition: str | None, values: Mapping[str, Any], **more: str) -> dict[str, Any]:
    """The expression arguments of a write: `#name` and `:name` are filled in from the texts."""
    arguments: dict[str, Any] = dict(more)
    if condition:
        arguments["ConditionExpression"] = condition
    text = " ".join(arguments.values())
    names = {word for word in _words(text) if word.startswith("#")}
    if names:
        arguments["ExpressionAttributeNames"] = {name: name[1:] for name in sorted(names)}
    if values:
        arguments["ExpressionAttributeValues"] = {
            f":{name}": _serializer.serialize(value) for name, value in values.items()
        }
    return arguments


def _words(text: str) -> list[str]:
    for mark in "(),=+<>":
        text = text.replace(mark, " ")
    return text.split()
