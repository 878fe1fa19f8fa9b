"""The bucket of plans, in memory: as much of an S3 client as the ledger uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from io import BytesIO
from typing import Any


class NoSuchKey(Exception):
    """There is no such object."""


class Exceptions:
    """The client's own errors, by name."""

    NoSuchKey = NoSuchKey


class MemoryBucket:
    """Objects by key; `watch` is told before and after each call; `calls` and `read`, by key, count them."""

    exceptions = Exceptions

    def __init__(self, watch: Callable[[str], None] = lambda _: None) -> None:
        self.watch = watch
        self.calls: Counter[str] = Counter()
        self.read: Counter[str] = Counter()
        self.objects: dict[tuple[str, str], bytes] = {}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> dict[str, Any]:  # noqa: N803
        """Keep an object, or replace it."""
        self.watch("before PutObject")
        self.calls["PutObject"] += 1
        self.objects[Bucket, Key] = bytes(Body)
        self.watch("after PutObject")
        return {}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        """An object, or `NoSuchKey`."""
        self.watch("before GetObject")
        self.calls["GetObject"] += 1
        self.read[Key] += 1
        found = self.objects.get((Bucket, Key))
        self.watch("after GetObject")
        if found is None:
            raise NoSuchKey(Key)
        return {"Body": BytesIO(found)}
