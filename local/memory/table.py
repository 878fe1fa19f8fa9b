"""The one table, in memory: the same promises as `payrelay.ledger.table.Table`, at a cost that can be run
100,000 times. `tests/ledger` holds every promise against both."""

from __future__ import annotations

import pickle
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from threading import RLock
from typing import Any, Protocol, TypeVar

from boto3.dynamodb.types import DYNAMODB_CONTEXT

from local.bench.expressions import Test, change, check_values, condition
from payrelay.domain.groups import in_groups
from payrelay.ledger import pieces
from payrelay.ledger.sizes import LARGEST_ITEM, LARGEST_TRANSACTION, size_of
from payrelay.ledger.table import GET_LIMIT, NEWEST, TRANSACTION_LIMIT, Action, ConditionFailed, Item, Table

Place = tuple[str, str]
# An index with one of its partitions, and the sort key there.
Entry = tuple[tuple[str, str], str]
T = TypeVar("T")

INDEXES = ("by_time", "by_connection")
# One answer to a query holds so much; a longer one is asked for page by page.
ANSWER_BYTES = 1024 * 1024


class Scale(Protocol):
    """Who weighs what a call reads and writes, as DynamoDB bills it."""

    def read(self, operation: str, items: Sequence[Item | None], *, index: bool = False) -> None:
        """One call that read these items, None for one that is not there."""

    def wrote(self, operation: str, before: Sequence[Item | None], after: Sequence[Item | None]) -> None:
        """One call that wrote items: what each was before, and what it is now."""


def plain(value: Any) -> Any:
    """A value as the table would give it back: a copy in its own types, or TypeError."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | Decimal):
        exact = DYNAMODB_CONTEXT.create_decimal(value)
        if not exact.is_finite():
            raise TypeError(f"{value} is no number for the table")
        return int(exact) if exact == exact.to_integral_value() else exact
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    if isinstance(value, Mapping):
        return {_name(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if pieces.is_in_pieces(value):
        return frozenset(value)
    raise TypeError(f"{type(value).__name__} is no type that the ledger keeps")


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"{name!r} is no name of an attribute")
    return str(name)


def _plain_item(item: Mapping[str, Any]) -> Item:
    return {name: plain(value) for name, value in item.items() if value is not None}


def _always(item: Item, values: Mapping[str, Any]) -> bool:  # noqa: ARG001
    return True


@dataclass(frozen=True, slots=True)
class _Action:
    """One write: where, under which condition, and what it makes of the item that is there, None for none."""

    place: Place
    holds: Test
    values: Mapping[str, Any]
    make: Callable[[Item], Item | None]


@dataclass(slots=True)
class _Partition:
    """Items by sort key, pickled, so that nobody holds what is stored; the sort keys in order."""

    items: dict[str, bytes] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)


class MemoryTable(Table):
    """Like `Table`, but everything stays here; `watch` is told before and after what would be a call.

    `calls` counts the calls by operation, `written` the items that they put, updated or deleted.
    """

    def __init__(self, watch: Callable[[str], None] = lambda _: None) -> None:
        self.name = "memory"
        self.watch = watch
        self.scale: Scale | None = None
        self._operation = ""
        self.calls: Counter[str] = Counter()
        self.written: Counter[str] = Counter()
        self._lock = RLock()
        self._partitions: dict[str, _Partition] = {}
        self._indexes: dict[tuple[str, str], list[tuple[str, Place]]] = {}

    def get(self, key: Mapping[str, str]) -> Item | None:
        item = self._call("GetItem", lambda: self._read(_place(key)))
        if self.scale:
            self.scale.read("GetItem", [item])
        return self._whole(item) if item else None

    def get_many(self, keys: Iterable[Mapping[str, str]]) -> list[Item]:
        found: list[Item] = []
        for group in in_groups(keys, GET_LIMIT):
            places = [_place(key) for key in group]
            if len(set(places)) < len(places):
                raise ValueError("one key is asked for twice")
            read = self._call("BatchGetItem", lambda asked=places: self._read_all(asked))  # type: ignore[misc]
            if self.scale:
                self.scale.read("BatchGetItem", [*read, *[None] * (len(places) - len(read))])
            found += map(self._whole, read)
        return found

    def has_any(self, partition: str) -> bool:
        if self.scale:
            self.scale.read("Query", [])
        return self._call("Query", lambda: bool(self._partitions.get(partition, _Partition()).items))

    def replace(self, item: Mapping[str, Any]) -> Item | None:
        action = self.putting(item)
        place = action["Put"].place
        before, _ = self._call("PutItem", lambda: (self._read(place), self._write([action])))
        return before

    def update(
        self,
        key: Mapping[str, str],
        change: str,
        *,
        condition: str,
        patient: bool = True,  # noqa: ARG002  (it is never busy)
        **values: Any,
    ) -> Item:
        action = self.updating(key, change, condition=condition, **values)
        failed, item = self._call("UpdateItem", lambda: (self._write([action]), self._read(_place(key))))
        if failed or item is None:
            raise ConditionFailed
        return self._whole(item)

    def delete(self, key: Mapping[str, str], *, condition: str | None = None, **values: Any) -> None:
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
        sort_key = f"{index}_sk" if index else "sk"
        span = partial(_span, prefix, after, last, newest_first)
        rest = self._selected(partition, span, newest_first, index)
        more = True
        while more:
            page, more = self._call("Query", lambda: _answer(rest, few or (NEWEST if newest_first else None)))
            if self.scale:
                self.scale.read("Query", [pickle.loads(raw) for raw in page], index=bool(index))
            for raw in page:
                item: Item = pickle.loads(raw)
                found = {name: item[name] for name in fields if name in item} if fields else item
                if after is not None and prefix and not found.get(sort_key, prefix).startswith(prefix):
                    return
                yield self._whole(found, item["pk"])

    def putting(self, item: Mapping[str, Any], *, condition: str | None = None, **values: Any) -> Action:
        fitted, size = pieces.fitting(item, self.put)
        kept = _plain_item(fitted)
        return Action({"Put": _action(kept, lambda _: kept, condition, values)}, size)

    def updating(
        self,
        key: Mapping[str, str],
        change: str,
        *,
        condition: str,
        pieces_ttl: int | None = None,
        **values: Any,
    ) -> Action:
        fitted, size = pieces.fitting_values(values, key["pk"], pieces_ttl, self.put)
        return Action({"Update": _updating(key, change, condition, fitted)}, size)

    def deleting(self, key: Mapping[str, str], *, condition: str | None = None, **values: Any) -> Action:
        return Action({"Delete": _action(key, lambda _: None, condition, values)})

    def transact(self, actions: Sequence[Item]) -> list[int]:
        places = [action.place for one in actions for action in one.values()]
        if not 1 <= len(places) <= TRANSACTION_LIMIT or len(set(places)) < len(places):
            raise ValueError(f"no transaction: {len(places)} writes of {len(set(places))} items")
        return self._call("TransactWriteItems", lambda: self._write(actions))

    def transact_or_raise(self, actions: Sequence[Item]) -> None:
        ((kind, alone),) = actions[0].items() if len(actions) == 1 else [("", None)]
        if alone and kind in ("Put", "Delete") and alone.holds is _always:
            self._call(f"{kind}Item", lambda: self._write(actions))
        elif self.transact(actions):
            raise ConditionFailed

    def everything(self) -> Iterator[Item]:
        """Every item there is; for tests that search the whole state, which the ledger itself never does."""
        for partition in self._partitions.values():
            yield from (pickle.loads(raw) for raw in partition.items.values())

    def _call(self, operation: str, act: Callable[[], T]) -> T:
        """What stands for one call that leaves the process."""
        self.watch(f"before {operation}")
        with self._lock:
            self.calls[operation] += 1
            self._operation = operation
            result = act()
        self.watch(f"after {operation}")
        return result

    def _read(self, place: Place) -> Item | None:
        partition = self._partitions.get(place[0])
        raw = partition.items.get(place[1]) if partition else None
        return None if raw is None else pickle.loads(raw)

    def _read_all(self, places: Iterable[Place]) -> list[Item]:
        found = (self._partitions[pk].items.get(sk) for pk, sk in places if pk in self._partitions)
        return [pickle.loads(raw) for raw in found if raw is not None]

    def _selected(
        self,
        partition: str,
        span: Callable[[Sequence[str]], slice],
        newest_first: bool,
        index: str | None,
    ) -> Iterator[bytes]:
        """The stored items of a partition that the key condition names, in the order asked for."""
        with self._lock:
            if index:
                entries = self._indexes.get((index, partition), [])
                chosen = entries[span([sort_key for sort_key, _ in entries])]
                raws = [self._partitions[pk].items[sk] for _, (pk, sk) in chosen]
            else:
                found = self._partitions.get(partition, _Partition())
                raws = [found.items[sk] for sk in found.order[span(found.order)]]
        return iter(raws[::-1] if newest_first else raws)

    def _write(self, actions: Sequence[Item]) -> list[int]:
        """All of `actions`, or none and the positions whose condition does not hold."""
        writes = [(kind, action) for one in actions for kind, action in one.items()]
        before = [self._read(action.place) for _, action in writes]
        failed = [
            position
            for position, (_, action) in enumerate(writes)
            if not action.holds(before[position] or {}, action.values)
        ]
        if failed:
            self._weigh(before, before)
            return failed
        made = [action.make(old or {}) for (_, action), old in zip(writes, before, strict=True)]
        _check_sizes([size_of(new) for new in made if new])
        ready = [
            (_packed(new), _entries(old or {}), _entries(new or {}))
            for old, new in zip(before, made, strict=True)
        ]
        for (kind, action), (raw, was, now) in zip(writes, ready, strict=True):
            self._store(action.place, raw)
            self._reindex(action.place, was, now)
            self.written[kind] += 1
        self._weigh(before, made)
        return []

    def _weigh(self, before: Sequence[Item | None], after: Sequence[Item | None]) -> None:
        if self.scale:
            self.scale.wrote(self._operation, before, after)

    def _store(self, place: Place, raw: bytes | None) -> None:
        partition = self._partitions.setdefault(place[0], _Partition())
        if raw is None:
            if partition.items.pop(place[1], None) is not None:
                del partition.order[bisect_left(partition.order, place[1])]
        else:
            if place[1] not in partition.items:
                insort(partition.order, place[1])
            partition.items[place[1]] = raw

    def _reindex(self, place: Place, was: Iterable[Entry], now: Iterable[Entry]) -> None:
        for listed, sort_key in was:
            entries = self._indexes[listed]
            del entries[bisect_left(entries, (sort_key, place))]
        for listed, sort_key in now:
            insort(self._indexes.setdefault(listed, []), (sort_key, place))


def _place(key: Mapping[str, Any]) -> Place:
    partition, sort_key = key["pk"], key["sk"]
    if not (partition and sort_key and isinstance(partition, str) and isinstance(sort_key, str)):
        raise ValueError(f"{partition!r}, {sort_key!r} is no key")
    return partition, sort_key


def _action(
    key: Mapping[str, Any],
    make: Callable[[Item], Item | None],
    text: str | None,
    values: Mapping[str, Any],
) -> _Action:
    check_values(text or "", values)
    holds = condition(text) if text else _always
    return _Action(_place(key), holds, {name: plain(value) for name, value in values.items()}, make)


def _updating(key: Mapping[str, str], text: str, only_if: str, values: Mapping[str, Any]) -> _Action:
    check_values(f"{text} {only_if}", values)
    place, kept = _place(key), {name: plain(value) for name, value in values.items()}
    changed, named = change(text), {"pk": place[0], "sk": place[1]}

    def make(old: Item) -> Item:
        new = changed({**old, **named}, kept)
        if (new["pk"], new["sk"]) != place:
            raise ValueError("an update can't change an item's key")
        return new

    return _Action(place, condition(only_if), kept, make)


def _answer(rest: Iterator[bytes], most: int | None) -> tuple[list[bytes], bool]:
    """What fits into one answer to a query, and whether there may be more."""
    page, size = [], 0
    for raw in rest:
        page.append(raw)
        size += len(raw)
        if size >= ANSWER_BYTES or len(page) == most:
            return page, True
    return page, False


def _span(
    prefix: str, after: str | None, last: str | None, newest_first: bool, order: Sequence[str]
) -> slice:
    """Which of the sort keys, in order, a query asks for; `after` goes before `prefix`."""
    if after is not None and last is not None:
        return slice(bisect_left(order, after), bisect_right(order, last))
    if after is not None:
        return slice(bisect_left(order, after)) if newest_first else slice(bisect_right(order, after), None)
    start = bisect_left(order, prefix)
    return slice(start, bisect_left(order, prefix + "\U0010ffff", lo=start) if prefix else None)


def _packed(item: Item | None) -> bytes | None:
    return None if item is None else pickle.dumps(item, protocol=pickle.HIGHEST_PROTOCOL)


def _check_sizes(sizes: Sequence[int]) -> None:
    """Refuse what DynamoDB refuses: an item that is too large, or a transaction."""
    if max(sizes, default=0) > LARGEST_ITEM:
        raise ValueError(f"an item of {max(sizes)} bytes is larger than an item may be")
    if sum(sizes) > LARGEST_TRANSACTION:
        raise ValueError(f"a transaction of {sum(sizes)} bytes is larger than one may be")


def _entries(item: Item) -> list[Entry]:
    """Where an item stands in the indexes: in those whose two keys it has."""
    found = []
    for index in INDEXES:
        partition, sort_key = item.get(f"{index}_pk"), item.get(f"{index}_sk")
        if partition is None or sort_key is None:
            continue
        if not isinstance(partition, str) or not isinstance(sort_key, str):
            raise ValueError(f"the keys of {index} are texts")
        found.append(((index, partition), sort_key))
    return found
