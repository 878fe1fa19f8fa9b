"""DynamoDB's client over the table in memory, in simulated time, that throttles as DynamoDB does.

A partition, of the table or of an index, takes so many write and read units a second and saves up none of
them: what does not fit is refused. A transaction costs double and is refused as a whole. An answer may get
lost: then the same call comes again, as botocore sends it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from local.memory.simulated import SimulatedTime
from local.memory.table import INDEXES, MemoryTable
from payrelay.ledger.sizes import size_of
from payrelay.ledger.table import ConditionFailed, Item, from_wire, to_wire

WRITE_UNITS, READ_UNITS = 1000, 3000
WRITE_BYTES, READ_BYTES = 1024, 4096
# How long a call takes, wherever it goes.
CALL_SECONDS = 0.01
PAGE = 1000


class _Buckets:
    """What is left of each partition's second."""

    def __init__(self, units: int, now: Callable[[], float]) -> None:
        self._units, self._now = units, now
        self._left: dict[str, tuple[float, float]] = {}
        self.taken: Counter[str] = Counter()

    def has(self, partition: str, units: float) -> bool:
        return self._available(partition) >= min(units, self._units)

    def take(self, partition: str, units: float) -> None:
        self._left[partition] = (self._available(partition) - units, self._now())
        self.taken[partition] += int(units)

    def _available(self, partition: str) -> float:
        left, at = self._left.get(partition, (float(self._units), self._now()))
        return min(float(self._units), left + max(0.0, self._now() - at) * self._units)


class ThrottlingClient:
    """As much of DynamoDB's client as the ledger uses.

    `refused` counts what was throttled, by operation; `puts` how often each item was put. `lost` says, by the
    number of a call, whether its answer gets lost.
    """

    def __init__(
        self,
        table: MemoryTable,
        time: SimulatedTime,
        *,
        write_units: int = WRITE_UNITS,
        read_units: int = READ_UNITS,
        lost: Callable[[int], bool] = lambda _: False,
    ) -> None:
        self._table, self._time, self._lost = table, time, lost
        self.writes = _Buckets(write_units, time.now)
        self.reads = _Buckets(read_units, time.now)
        self.calls: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.puts: Counter[tuple[str, str]] = Counter()
        self._tokens: set[str] = set()

    def get_item(self, *, Key: Item, **_: Any) -> Item:  # noqa: N803
        key = from_wire(Key)

        def act() -> Item:
            self._room("GetItem", [(key["pk"], 1)], self.reads)
            item = self._table.get(key)
            return {"Item": to_wire(item)} if item else {}

        return self._call("GetItem", act)

    def batch_get_item(self, *, RequestItems: Item) -> Item:  # noqa: N803
        ((name, asked),) = RequestItems.items()

        def act() -> Item:
            served: list[Item] = []
            left: list[Item] = []
            for key in map(from_wire, asked["Keys"]):
                room = self.reads.has(key["pk"], 1)
                (served if room else left).append(key)
                if room:
                    self.reads.take(key["pk"], 1)
            if not served:
                raise self._throttled("BatchGetItem", "ProvisionedThroughputExceededException")
            self.refused["BatchGetItem"] += bool(left)
            found = [to_wire(item) for item in self._table.get_many(served)]
            rest = {name: {"Keys": [to_wire(key) for key in left]}} if left else {}
            return {"Responses": {name: found}, "UnprocessedKeys": rest}

        return self._call("BatchGetItem", act)

    def query(self, **asked: Any) -> Item:
        values = from_wire(asked["ExpressionAttributeValues"])
        start = from_wire(asked.get("ExclusiveStartKey", {})).get("sk")
        names = asked["ExpressionAttributeNames"]
        fields = [names[one] for one in asked.get("ProjectionExpression", "").split(", ") if one]
        most = asked.get("Limit", PAGE)

        def act() -> Item:
            self._room("Query", [(values[":pk"], 1)], self.reads)
            found: list[Item] = []
            for item in self._table.query(values[":pk"], prefix=values.get(":prefix", ""), after=start):
                found.append(item)
                if len(found) == most:
                    break
            self.reads.take(values[":pk"], sum(map(size_of, found)) // READ_BYTES)
            shown = [{n: one[n] for n in fields if n in one} if fields else one for one in found]
            last = {"pk": found[-1]["pk"], "sk": found[-1]["sk"]} if len(found) == most else None
            return {"Items": [*map(to_wire, shown)], **({"LastEvaluatedKey": to_wire(last)} if last else {})}

        return self._call("Query", act)

    def put_item(self, **asked: Any) -> Item:
        return self._write("PutItem", {"Put": asked})

    def delete_item(self, **asked: Any) -> Item:
        return self._write("DeleteItem", {"Delete": asked})

    def update_item(self, **asked: Any) -> Item:
        self._write("UpdateItem", {"Update": asked})
        return {"Attributes": to_wire(self._table.get(from_wire(asked["Key"])) or {})}

    def transact_write_items(
        self,
        *,
        TransactItems: Sequence[Item],  # noqa: N803
        ClientRequestToken: str = "",  # noqa: N803
    ) -> Item:
        def act() -> Item:
            if ClientRequestToken in self._tokens:
                return {}
            costs = [list(self._costs(one, 2)) for one in TransactItems]
            self._transaction_room(costs)
            failed = self._table.transact([self._action(one) for one in TransactItems])
            if failed:
                codes = ["ConditionalCheckFailed" if n in failed else "None" for n in range(len(costs))]
                raise _cancelled(codes)
            self._note(TransactItems)
            self._tokens.add(ClientRequestToken)
            return {}

        return self._call("TransactWriteItems", act)

    def _write(self, operation: str, action: Item) -> Item:
        def act() -> Item:
            self._room(operation, list(self._costs(action, 1)), self.writes)
            ((kind, asked),) = action.items()
            key = from_wire(asked["Item"] if kind == "Put" else asked["Key"])
            try:
                made = self._action(action)
                if kind == "Update":
                    change, condition = asked["UpdateExpression"], asked["ConditionExpression"]
                    self._table.update(key, change, condition=condition, **_values(asked))
                else:
                    self._table.transact_or_raise([made])
            except ConditionFailed as error:
                raise _error(operation, "ConditionalCheckFailedException") from error
            self._note([action])
            return {}

        return self._call(operation, act)

    def _call(self, operation: str, act: Callable[[], Item]) -> Item:
        """One call; where its answer is lost, the same once more, and what that answers."""
        self._time.sleep(CALL_SECONDS)
        self.calls[operation] += 1
        answer = act()
        if not self._lost(self.calls.total()):
            return answer
        self._time.sleep(CALL_SECONDS)
        try:
            return act()
        except ClientError as error:
            error.response["ResponseMetadata"] = {"RetryAttempts": 1}  # type: ignore[typeddict-item]
            raise

    def _costs(self, action: Item, factor: int) -> Iterator[tuple[str, int]]:
        """What a write costs in which partitions: of the table, and of the indexes that have the item."""
        ((kind, asked),) = action.items()
        key = from_wire(asked["Item"] if kind == "Put" else asked["Key"])
        old = self._table.get(key) or {}
        new = key if kind == "Put" else {**old, **key, **_values(asked)}
        units = -(-max(size_of(old), size_of(new)) // WRITE_BYTES)
        yield key["pk"], units * factor
        for index in INDEXES:
            for partition in {one[f"{index}_pk"] for one in (old, new) if f"{index}_pk" in one}:
                yield f"{index} {partition}", units

    def _room(self, operation: str, costs: Sequence[tuple[str, int]], buckets: _Buckets) -> None:
        if not all(buckets.has(partition, units) for partition, units in costs):
            raise self._throttled(operation, "ProvisionedThroughputExceededException")
        for partition, units in costs:
            buckets.take(partition, units)

    def _transaction_room(self, costs: Sequence[Sequence[tuple[str, int]]]) -> None:
        """Take what a transaction needs; one that is refused has used up what it found room for."""
        needed: Counter[str] = Counter()
        for partition, units in (one for each in costs for one in each):
            needed[partition] += units
        full = {name for name, units in needed.items() if not self.writes.has(name, units)}
        for name in needed.keys() - full:
            self.writes.take(name, needed[name])
        if full:
            self.refused["TransactWriteItems"] += 1
            named = [any(partition in full for partition, _ in each) for each in costs]
            raise _cancelled(["ThrottlingError" if one else "None" for one in named])

    def _throttled(self, operation: str, code: str) -> ClientError:
        self.refused[operation] += 1
        return _error(operation, code)

    def _action(self, action: Item) -> Any:
        ((kind, asked),) = action.items()
        values, condition = _values(asked), asked.get("ConditionExpression")
        if kind == "Put":
            return self._table.putting(from_wire(asked["Item"]), condition=condition, **values)
        key = from_wire(asked["Key"])
        if kind == "Delete":
            return self._table.deleting(key, condition=condition, **values)
        return self._table.updating(key, asked["UpdateExpression"], condition=condition, **values)

    def _note(self, actions: Sequence[Item]) -> None:
        items = [from_wire(one["Put"]["Item"]) for one in actions if "Put" in one]
        self.puts.update((item["pk"], item["sk"]) for item in items)


def _values(asked: Mapping[str, Any]) -> Item:
    values = from_wire(asked.get("ExpressionAttributeValues", {}))
    return {name.removeprefix(":"): value for name, value in values.items()}


def _error(operation: str, code: str, **more: Any) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "of the simulation"}, **more}
    return ClientError(answer, operation)


def _cancelled(codes: Sequence[str]) -> ClientError:
    reasons = [{"Code": code} for code in codes]
    return _error("TransactWriteItems", "TransactionCanceledException", CancellationReasons=reasons)
