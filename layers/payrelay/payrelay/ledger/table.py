"""The one table: reads, conditional writes and transactions, in plain Python values."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from math import inf
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import ClientError
from msgspec import Struct, to_builtins

from payrelay.domain.groups import in_groups
from payrelay.ledger import pieces
from payrelay.ledger.backoff import Backoff, TableBusy, busy_with
from payrelay.ledger.sizes import LARGEST_TRANSACTION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
T = TypeVar("T")

# botocore tries again what got no answer, by itself; the table is waited for here, where the time is known.
CLIENT = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=10)
GET_LIMIT = 100
# Who reads from the newest end mostly takes a few; each answer is paid for whole, and may be a megabyte.
NEWEST = 100
TRANSACTION_LIMIT = 100
# Of a transaction that met another: why it was cancelled, and how often it is done in all.
CONFLICT = "TransactionConflict"
ATTEMPTS = 8
# How long a transaction that met another waits before it is done again: twice this, then four times, …
CONFLICT_SECONDS = 0.01
# Of a transaction what the items of its updates may have beside what is set, and what the keys take.
MARGIN = 1024 * 1024


class ConditionFailed(Exception):
    """Somebody else was first: the condition of a write did not hold."""


class Action(Item):
    """A write for `transact`: its kind and its arguments, and how large the item is, as far as is known."""

    def __init__(self, write: Mapping[str, Any], size: int = 0) -> None:
        super().__init__(write)
        self.size = size


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
    """A thin hand on one DynamoDB table. `client` is a boto3 DynamoDB client.

    A table that throttles is waited for, and `TableBusy` if that takes too long. What is too large for an
    item is kept in pieces beside it, and comes back whole.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        name: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        time_left: Callable[[], float] = lambda: inf,
    ) -> None:
        self._client, self._sleep, self._clock, self._time_left = client, sleep, clock, time_left
        self.name = name

    def get(self, key: Mapping[str, str]) -> Item | None:
        """One item, read consistently."""
        answer = self._patiently(
            lambda: self._client.get_item(TableName=self.name, Key=to_wire(key), ConsistentRead=True)
        )
        return self._whole(from_wire(answer["Item"])) if "Item" in answer else None

    def get_many(self, keys: Iterable[Mapping[str, str]]) -> list[Item]:
        """The items that exist among `keys`, in any order, read consistently."""
        return [self._whole(item) for group in in_groups(keys, GET_LIMIT) for item in self._get_group(group)]

    def has_any(self, partition: str) -> bool:
        """Whether a partition holds anything; this costs next to nothing, however much it holds."""
        answer = self._patiently(
            lambda: self._client.query(
                TableName=self.name,
                KeyConditionExpression="#pk = :pk",
                ExpressionAttributeNames={"#pk": "pk"},
                ExpressionAttributeValues=to_wire({":pk": partition}),
                ProjectionExpression="#pk",
                ConsistentRead=True,
                Limit=1,
            )
        )
        return bool(answer["Items"])

    def put(self, item: Mapping[str, Any], *, condition: str | None = None, **values: Any) -> None:
        """Put one item; `condition` uses `:name` for each of `values`."""
        self.transact_or_raise([self.putting(item, condition=condition, **values)])

    def replace(self, item: Mapping[str, Any]) -> Item | None:
        """Put one item; the one that was there before, without what of it is kept in pieces."""
        put = self.putting(item)["Put"]
        answer = self._patiently(lambda: self._client.put_item(**put, ReturnValues="ALL_OLD"))
        return from_wire(answer["Attributes"]) if "Attributes" in answer else None

    def update(
        self, key: Mapping[str, str], change: str, *, condition: str, patient: bool = True, **values: Any
    ) -> Item:
        """Update one item under a condition; the new item. `#name` stands for the attribute `name`.

        One that is not `patient` is TableBusy at once while the table throttles.

        Timeline that this guards: the update is done, its answer is lost, and it is done again. Its condition
        does not hold any more, but because of ourselves: what it sets is there.
        """
        arguments = self.updating(key, change, condition=condition, **values)["Update"]
        backoff = self._backoff(patient=patient)
        again = False
        while True:
            try:
                answer = self._client.update_item(**arguments, ReturnValues="ALL_NEW")
                return self._whole(from_wire(answer["Attributes"]))
            except ClientError as error:
                if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                    item = self.get(key) if again or _tried_again(error) else None
                    if item is None or not _is_set(item, change, values):
                        raise ConditionFailed from error
                    return item
                _wait_if_busy(backoff, error)
            again = True

    def delete(self, key: Mapping[str, str], *, condition: str | None = None, **values: Any) -> None:
        """Delete one item; no error when it is not there."""
        self.transact_or_raise([self.deleting(key, condition=condition, **values)])

    def query(
        self,
        partition: str,
        *,
        prefix: str = "",
        after: str | None = None,
        last: str | None = None,
        newest_first: bool = False,
        index: str | None = None,
        fields: Sequence[str] = (),
        few: int | None = None,
    ) -> Iterator[Item]:
        """The items of one partition by sort key, page after page: with a prefix, or `after` a sort key.

        With `last` they go from the one to the other, both among them. Whoever mostly needs a `few` of them
        asks for so many at a time.
        """
        pk, sk = (f"{index}_pk", f"{index}_sk") if index else ("pk", "sk")
        where, values = _place(prefix, after, last, newest_first)
        names = {"#pk": pk, **({"#sk": sk} if where else {})}
        names |= {f"#f{position}": name for position, name in enumerate(fields)}
        arguments: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": f"#pk = :pk{where}",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": to_wire({":pk": partition, **values}),
            "ScanIndexForward": not newest_first,
        }
        if index:
            arguments["IndexName"] = index
        else:
            arguments["ConsistentRead"] = True
        if fields:
            arguments["ProjectionExpression"] = ", ".join(f"#f{n}" for n in range(len(fields)))
        if newest_first or few:
            arguments["Limit"] = few or NEWEST
        while True:
            answer: Any = self._patiently(lambda: self._client.query(**arguments))
            # What was told is let go of, before the next page is asked for.
            raws, place = answer.pop("Items"), answer.get("LastEvaluatedKey")
            raws.reverse()
            while raws:
                item = from_wire(raws.pop())
                if after is not None and prefix and not item.get(sk, prefix).startswith(prefix):
                    return
                yield self._whole(item, partition if index is None else None)
            if not place:
                return
            arguments["ExclusiveStartKey"] = place

    def putting(self, item: Mapping[str, Any], *, condition: str | None = None, **values: Any) -> Action:
        """One put, for `transact`; what is too large for the item is stored already."""
        fitted, size = pieces.fitting(item, self.put)
        put = {"TableName": self.name, "Item": to_wire(fitted), **_expressions(condition, values)}
        return Action({"Put": put}, size)

    def updating(
        self,
        key: Mapping[str, str],
        change: str,
        *,
        condition: str,
        pieces_ttl: int | None = None,
        **values: Any,
    ) -> Action:
        """One update, for `transact`; what is too large for an item is stored already.

        That is kept for ever, unless it is of no use after `pieces_ttl`, as what names it has no end itself.
        """
        fitted, size = pieces.fitting_values(values, key["pk"], pieces_ttl, self.put)
        expressions = _expressions(condition, fitted, UpdateExpression=change)
        return Action({"Update": {"TableName": self.name, "Key": to_wire(key), **expressions}}, size)

    def deleting(self, key: Mapping[str, str], *, condition: str | None = None, **values: Any) -> Action:
        """One delete, for `transact`."""
        expressions = _expressions(condition, values)
        return Action({"Delete": {"TableName": self.name, "Key": to_wire(key), **expressions}})

    def transact(self, actions: Sequence[Item]) -> list[int]:
        """All of `actions` or none: the positions whose condition failed, empty when all were done.

        One that meets another in progress is done again: of many at once, one gets through each time. One
        whose answer was lost is done once, however often it is sent: each time with the same token.
        `TableBusy` if it met others again and again.
        """
        token, backoff, conflicts = uuid4().hex, self._backoff(), 0
        began = self._clock()
        while True:
            try:
                self._client.transact_write_items(
                    TransactItems=actions,  # type: ignore[arg-type]
                    ClientRequestToken=token,
                )
                return []
            except ClientError as error:
                codes = [one.get("Code") for one in error.response.get("CancellationReasons", [])]
                failed = [n for n, code in enumerate(codes) if code == "ConditionalCheckFailed"]
                if failed:
                    return failed
                if CONFLICT not in codes or busy_with(error):
                    _wait_if_busy(backoff, error)
                    continue
                conflicts += 1
                if conflicts == ATTEMPTS:
                    raise TableBusy(self.name, self._clock() - began, CONFLICT) from error
            self._sleep(CONFLICT_SECONDS * 2**conflicts)

    def transact_or_raise(self, actions: Sequence[Item]) -> None:
        """All of `actions`, or `ConditionFailed` and none.

        One alone without a condition is no transaction: to do it again changes nothing.
        """
        ((kind, alone),) = actions[0].items() if len(actions) == 1 else [("", {})]
        if kind == "Put" and "ConditionExpression" not in alone:
            self._patiently(lambda: self._client.put_item(**alone))
        elif kind == "Delete" and "ConditionExpression" not in alone:
            self._patiently(lambda: self._client.delete_item(**alone))
        elif self.transact(actions):
            raise ConditionFailed

    def _get_group(self, group: Iterable[Mapping[str, str]]) -> Iterator[Item]:
        wanted: list[Any] = [to_wire(key) for key in group]
        backoff = self._backoff()
        while wanted:
            asked = {self.name: {"Keys": wanted, "ConsistentRead": True}}
            answer: Any = self._patiently(lambda asked=asked: self._client.batch_get_item(RequestItems=asked))  # type: ignore[misc]
            found = answer["Responses"].get(self.name, [])
            yield from map(from_wire, found)
            wanted = list(answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", []))
            if wanted:
                if found:
                    backoff.progressed()
                backoff.wait(f"{len(wanted)} keys were not read")

    def _whole(self, item: Item, pk: str | None = None) -> Item:
        """An item as it was stored, with what of it is kept in pieces; `pk` where it has no key with it."""
        if not pieces.has_pieces(item):
            return item
        where = item.get("pk") or pk or ""
        found = pieces.whole(item, where, pieces.by_place(self.get_many(pieces.keys_of(item, where))))
        return {name: _plain(value) for name, value in found.items()}

    def _backoff(self, *, patient: bool = True) -> Backoff:
        time_left = self._time_left if patient else lambda: 0.0
        return Backoff(self.name, sleep=self._sleep, clock=self._clock, time_left=time_left)

    def _patiently(self, call: Callable[[], T]) -> T:
        """What a call answers that may be made twice, once the table has room for it."""
        backoff = self._backoff()
        while True:
            try:
                return call()
            except ClientError as error:
                _wait_if_busy(backoff, error)


def in_transactions(
    groups: Iterable[Sequence[Action]], most: int = TRANSACTION_LIMIT
) -> Iterator[list[Action]]:
    """Actions for as few transactions as they fit into, `most` groups in each; a group stays together."""
    found: list[Action] = []
    held = size = 0
    for group in groups:
        larger = sum(action.size for action in group)
        full = held == most or len(found) + len(group) > TRANSACTION_LIMIT
        if found and (full or size + larger > LARGEST_TRANSACTION - MARGIN):
            yield found
            found, held, size = [], 0, 0
        found, held, size = [*found, *group], held + 1, size + larger
    if found:
        yield found


def _wait_if_busy(backoff: Backoff, error: ClientError) -> None:
    """Wait when the table is busy; any other error is raised."""
    busy = busy_with(error)
    if busy is None:
        raise error
    try:
        backoff.wait(busy)
    except TableBusy as vain:
        raise vain from error


def _tried_again(error: ClientError) -> bool:
    """Whether botocore had sent a call before this answer, and got none to that."""
    return bool(error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0))


def _is_set(item: Item, change: str, values: Mapping[str, Any]) -> bool:
    """Whether an item has all that an update sets; what it counts on can't be told."""
    sets = [part.partition(" = ") for part in change.removeprefix("SET ").split(", ")]
    plain_sets = [(name.lstrip("#"), value[1:]) for name, _, value in sets if value.startswith(":")]
    return bool(plain_sets) and all(
        item.get(name) == _plain(_deserializer.deserialize(_serializer.serialize(values[value])))
        for name, value in plain_sets
    )


def _place(
    prefix: str, after: str | None, last: str | None, newest_first: bool
) -> tuple[str, dict[str, str]]:
    """What a query asks of the sort key beside its partition, and the values of that."""
    if after is not None and last is not None:
        return " AND #sk BETWEEN :after AND :last", {":after": after, ":last": last}
    if after is not None:
        return f" AND #sk {'<' if newest_first else '>'} :after", {":after": after}
    return (" AND begins_with(#sk, :prefix)", {":prefix": prefix}) if prefix else ("", {})


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
