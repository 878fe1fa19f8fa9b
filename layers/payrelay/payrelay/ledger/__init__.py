"""The ledger: connections, runs, parts, deliveries, links, history; the only way to the state."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from payrelay.ledger.connections import Connections
from payrelay.ledger.deliveries import Deliveries
from payrelay.ledger.doubts import Doubts
from payrelay.ledger.history import History
from payrelay.ledger.links import Links
from payrelay.ledger.locks import Locks
from payrelay.ledger.mirrors import Mirrors
from payrelay.ledger.parts import Parts
from payrelay.ledger.plans import Plans
from payrelay.ledger.reports import Reports
from payrelay.ledger.runs import Runs
from payrelay.ledger.table import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

    from payrelay.ledger.access import Accesses
    from payrelay.ledger.apps import Apps
    from payrelay.ledger.calls import Calls
    from payrelay.ledger.changes import Changes
    from payrelay.ledger.failed_runs import FailedRuns
    from payrelay.ledger.moves import Moves
    from payrelay.ledger.seals import Seals
    from payrelay.ledger.touched import Touched


class Ledger(Struct, frozen=True, dict=True):
    """All of the state, behind one name."""

    table: Table
    connections: Connections
    runs: Runs
    parts: Parts
    plans: Plans
    deliveries: Deliveries
    links: Links
    history: History
    locks: Locks
    reports: Reports
    doubts: Doubts
    mirrors: Mirrors

    # What few functions need is imported where it is used: every module costs each cold start a little.

    @cached_property
    def changes(self) -> Changes:
        """What people changed."""
        from payrelay.ledger.changes import Changes  # noqa: PLC0415

        return Changes(self.table)

    @cached_property
    def calls(self) -> Calls:
        """The calls of the day."""
        from payrelay.ledger.calls import Calls  # noqa: PLC0415

        return Calls(self.table)

    @cached_property
    def accesses(self) -> Accesses:
        """The accesses that operators took."""
        from payrelay.ledger.access import Accesses  # noqa: PLC0415

        return Accesses(self.table)

    @cached_property
    def apps(self) -> Apps:
        """The apps and their keys."""
        from payrelay.ledger.apps import Apps  # noqa: PLC0415

        return Apps(self.table)

    @cached_property
    def seals(self) -> Seals:
        """Tokens as ciphertext."""
        from payrelay.ledger.seals import Seals  # noqa: PLC0415

        return Seals(self.table)

    @cached_property
    def moves(self) -> Moves:
        """Which connections' secrets have moved."""
        from payrelay.ledger.moves import Moves  # noqa: PLC0415

        return Moves(self.table)

    @cached_property
    def touched(self) -> Touched:
        """Whom runs write about beside the mirrors."""
        from payrelay.ledger.touched import Touched  # noqa: PLC0415

        return Touched(self.table)

    @cached_property
    def failed_runs(self) -> FailedRuns:
        """Whose runs failed."""
        from payrelay.ledger.failed_runs import FailedRuns  # noqa: PLC0415

        return FailedRuns(self.table)

    def of_era(self, era: int) -> Ledger:
        """The ledger as one era of a connection sees it: what is of another organisation is not there."""
        if era == 0:
            return self
        return replace(
            self,
            deliveries=self.deliveries.of_era(era),
            links=self.links.of_era(era),
            history=self.history.of_era(era),
            reports=self.reports.of_era(era),
            mirrors=self.mirrors.of_era(era),
        )

    @classmethod
    def open(
        cls,
        dynamodb: DynamoDBClient,
        table_name: str,
        s3: S3Client,
        bucket: str,
        time_left: Callable[[], float] = lambda: inf,
    ) -> Ledger:
        """The ledger in one table and one bucket; nothing is called yet.

        `time_left` tells how many seconds whoever works with it has left.
        """
        return cls.over(Table(dynamodb, table_name, time_left=time_left), Plans(s3, bucket))

    @classmethod
    def over(cls, table: Table, plans: Plans) -> Ledger:
        """The ledger over this table and these plans."""
        return cls(
            table=table,
            connections=Connections(table),
            runs=Runs(table),
            parts=Parts(table),
            plans=plans,
            deliveries=Deliveries(table),
            links=Links(table),
            history=History(table),
            locks=Locks(table),
            reports=Reports(table),
            doubts=Doubts(table),
            mirrors=Mirrors(plans.objects),
        )
