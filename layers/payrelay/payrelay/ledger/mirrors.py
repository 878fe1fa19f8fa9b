"""Mirrors: what a flow's target held when it was last read or written, beside the plans (RUN-11).

A mirror is a head, and blobs that it names. A blob is named by the digest of what it is, and never changes;
the head is put last. Whoever dies in between leaves the mirror of before, and none is half of each.
"""

from __future__ import annotations

import gzip
import zlib
from hashlib import sha256
from typing import Any, Self

import msgspec
from msgspec import Struct, field

from payrelay.domain.mirror import Part
from payrelay.ledger import keys
from payrelay.ledger.eras import in_era
from payrelay.ledger.objects import Objects

__all__ = ["FORMAT", "Head", "Mirrors", "Part", "name_of"]

# Another number, and what was kept before is not read any more: everything is compared once.
FORMAT = 1
HEAD = "head"


class Head(Struct, frozen=True, kw_only=True):
    """What there is of a mirror, and until when the target's own changes are in it.

    `stamp` tells what it was made under: the flow's version, settings, organisations. `marks` are the times
    from which on each system is to be asked what moved; `full_at` is when everything was compared last, and
    `run_id` the run that put it. `parts` are the chunks of pages, in their order, and `loose` the one of what
    was looked at apart from its page; `facts` are what else the flow wants to know.
    """

    format: int = FORMAT
    stamp: str
    marks: dict[str, str] = field(default_factory=dict)
    full_at: str
    run_id: str
    parts: list[Part] = field(default_factory=list)
    loose: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


class Mirrors:
    """The mirrors of all connections, as one era of each sees them."""

    def __init__(self, objects: Objects, era: int = 0) -> None:
        self._objects, self._era = objects, era

    def of_era(self, era: int) -> Self:
        """Those of one era of their connections."""
        return type(self)(self._objects, era)

    def head(self, tenant: str, connection_id: str, flow: str) -> Head | None:
        """What there is of a flow's mirror; None if there is none, or none that can be read."""
        data = self._objects.get(self._key(tenant, connection_id, flow, HEAD))
        if data is None:
            return None
        try:
            head = msgspec.json.decode(gzip.decompress(data), type=Head)
        except (OSError, EOFError, zlib.error, msgspec.MsgspecError):
            return None
        return head if head.format == FORMAT else None

    def put_head(self, tenant: str, connection_id: str, flow: str, head: Head) -> None:
        """Put a mirror in the place of the one before; all that it names has been put."""
        data = gzip.compress(msgspec.json.encode(head), compresslevel=5, mtime=0)
        self._objects.put(self._key(tenant, connection_id, flow, HEAD), data)

    def blob(self, tenant: str, connection_id: str, flow: str, name: str) -> bytes | None:
        """What a head names; None if it is not kept any more, or not what was put."""
        data = self._objects.get(self._key(tenant, connection_id, flow, name))
        return data if data is not None and name_of(data) == name else None

    def put_blob(self, tenant: str, connection_id: str, flow: str, data: bytes) -> str:
        """Keep something that a head is to name; its name. What is put again is kept for longer."""
        name = name_of(data)
        self._objects.put(self._key(tenant, connection_id, flow, name), data)
        return name

    def _key(self, tenant: str, connection_id: str, flow: str, name: str) -> str:
        return keys.mirror_object(tenant, in_era(connection_id, self._era), flow, name)


def name_of(data: bytes) -> str:
    """Under which name a blob is kept."""
    return sha256(data).hexdigest()[:32]
