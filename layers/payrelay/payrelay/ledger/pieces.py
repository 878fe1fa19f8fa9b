"""What is too large for an item is kept in pieces beside it, so that nothing goes unrecorded (RUN-7).

Each large value goes into items of their own, under the digest of what it is, before the item that names it
is written: whoever finds the name finds all of it, and it never changes. The item holds the name in place
of the value, as a set of one text; the ledger keeps no other sets, so that no value is ever taken for one.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from msgspec import msgpack

from payrelay.ledger import keys
from payrelay.ledger.sizes import size_of

Item = dict[str, Any]

# A little less than an item may have.
FULL = 390_000
# So much a value may have that is not bytes already: an update does not know how large its item is, nor a
# transaction that of all of its items.
FULL_VALUE = 50_000
PIECE = 350_000
# Pieces outlive the item that names them: both are forgotten some time after they expire, in any order.
OUTLIVES = 30 * 24 * 3600

_KEYS = ("pk", "sk", "ttl", "by_time_pk", "by_time_sk", "by_connection_pk", "by_connection_sk")
_NAMES = {set, frozenset}
_serializer, _deserializer = TypeSerializer(), TypeDeserializer()


def fitting(item: Mapping[str, Any], put: Callable[[Item], None]) -> tuple[Item, int]:
    """The item as it can be stored, and its size; of what is too large, pieces are `put` first."""
    size = size_of(item)
    if size <= FULL_VALUE:
        return dict(item), size
    return _cut({**item}, size, FULL, (item["pk"], item.get("ttl")), put)


def fitting_values(
    values: Mapping[str, Any], pk: str, ttl: int | None, put: Callable[[Item], None]
) -> tuple[Item, int]:
    """The same for the values of an update of an item in the partition `pk`, of no use after `ttl`."""
    size = size_of(values)
    if size <= FULL_VALUE:
        return dict(values), size
    return _cut({**values}, size, FULL_VALUE, (pk, ttl), put)


def _cut(
    item: Item, size: int, full: int, where: tuple[str, int | None], put: Callable[[Item], None]
) -> tuple[Item, int]:
    """Without the values that are too large by themselves, and then without the largest, until it fits."""
    sizes = {name: size_of({name: value}) for name, value in item.items() if name not in _KEYS}
    for name in sorted(sizes, key=lambda name: -sizes[name]):
        by_itself = sizes[name] > FULL_VALUE and not isinstance(item[name], bytes)
        if by_itself or size > full:
            item[name] = _put_pieces(item[name], *where, put)
            size -= sizes[name] - size_of({name: item[name]})
    return item, size


def _put_pieces(value: Any, pk: str, ttl: int | None, put: Callable[[Item], None]) -> frozenset[str]:
    """Put a value in pieces; what stands for it."""
    data = _packed(value)
    digest = sha256(data).hexdigest()
    count = -(-len(data) // PIECE)
    for number, key in enumerate(keys.pieces(pk, digest, count)):
        piece = data[number * PIECE : (number + 1) * PIECE]
        put({**key, "piece": piece, "ttl": int(ttl) + OUTLIVES if ttl else None})
    return frozenset({f"{count}#{digest}"})


def is_in_pieces(value: Any) -> bool:
    """Whether a value of an item stands for one that is kept in pieces."""
    return isinstance(value, set | frozenset)


def has_pieces(item: Item) -> bool:
    """Whether anything of an item is kept in pieces: asked of each item that is read, so without a loop."""
    return not _NAMES.isdisjoint(map(type, item.values()))


def keys_of(item: Item, pk: str) -> list[keys.Key]:
    """Where the pieces of an item's values are, those of equal values once."""
    values = dict.fromkeys(frozenset(value) for value in item.values() if is_in_pieces(value))
    return [key for value in values for key in _named(value, pk)]


def whole(item: Item, pk: str, pieces: Mapping[tuple[str, str], Item]) -> Item:
    """The item with what it was stored with; without a value of which a piece is forgotten already."""
    found = {}
    for name, value in item.items():
        if not is_in_pieces(value):
            found[name] = value
            continue
        parts = [pieces.get((key["pk"], key["sk"])) for key in _named(value, pk)]
        if all(parts):
            found[name] = _unpacked(b"".join(part["piece"] for part in parts if part))
    return found


def by_place(items: Iterable[Item]) -> dict[tuple[str, str], Item]:
    """Items by their keys."""
    return {(item["pk"], item["sk"]): item for item in items}


def _named(value: Any, pk: str) -> Iterator[keys.Key]:
    (name,) = value
    count, _, digest = name.partition("#")
    yield from keys.pieces(pk, digest, int(count))


def _packed(value: Any) -> bytes:
    """The same bytes for the same value."""
    return gzip.compress(msgpack.encode(_serializer.serialize(value)), compresslevel=1, mtime=0)


def _unpacked(data: bytes) -> Any:
    return _deserializer.deserialize(msgpack.decode(gzip.decompress(data)))
