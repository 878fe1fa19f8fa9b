"""A ledger that stays in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, cast

from local.bench.memory_bucket import MemoryBucket
from local.memory.table import MemoryTable
from payrelay.ledger import Ledger
from payrelay.ledger.plans import Plans

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class MemoryLedger(NamedTuple):
    """The ledger, and what it stands on."""

    ledger: Ledger
    table: MemoryTable
    bucket: MemoryBucket


def memory_ledger(watch: Callable[[str], None] = lambda _: None) -> MemoryLedger:
    """An empty ledger; `watch` is told before and after what would be a call to AWS."""
    table, bucket = MemoryTable(watch), MemoryBucket(watch)
    return MemoryLedger(Ledger.over(table, Plans(cast("S3Client", bucket), "plans")), table, bucket)
