"""How the table is waited for while it throttles: longer and longer, with chance in it, and not for ever."""

from __future__ import annotations

import random
from collections.abc import Callable
from math import inf

from botocore.exceptions import ClientError

from payrelay.errors import PayrelayError

# So long a call to the table is tried again while the table throttles, unless whoever calls has less time.
PATIENCE_SECONDS = 25.0
# What is left of a step's time after the table was waited for: it says what is wrong, and ends.
SAFETY_SECONDS = 5.0
FIRST_SECONDS, LONGEST_SECONDS = 0.05, 2.0
# What DynamoDB says when it has no room now, as an error or as the reason of a cancelled transaction; also of
# a single write that meets a transaction.
BUSY = frozenset(
    (
        "ProvisionedThroughputExceededException",
        "ProvisionedThroughputExceeded",
        "ThrottlingException",
        "ThrottlingError",
        "RequestLimitExceeded",
        "TransactionInProgressException",
        "TransactionConflictException",
        "InternalServerError",
    )
)


class TableBusy(PayrelayError):
    """The table throttles, or others write the same all the time: what was asked is right again in some
    seconds. A state machine tries it again."""

    def __init__(self, table: str, waited: float, why: str) -> None:
        super().__init__(f"table {table} is busy ({why}): it was waited for {waited:.0f} s in vain")
        self.table = table


class Backoff:
    """The waits of one call: each up to twice as long as the one before, with chance in it.

    `time_left` tells how many seconds whoever calls the table has before it is stopped.
    """

    def __init__(
        self,
        table: str,
        *,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        time_left: Callable[[], float] = lambda: inf,
        chance: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._table, self._sleep, self._clock, self._chance = table, sleep, clock, chance
        self._time_left = time_left
        self._began, self._next = clock(), FIRST_SECONDS

    def wait(self, why: str) -> None:
        """Wait before the next try, or raise `TableBusy` when there is no time for one."""
        seconds = self._chance(self._next / 2, self._next)
        waited = self._clock() - self._began
        if seconds > min(PATIENCE_SECONDS - waited, self._time_left() - SAFETY_SECONDS):
            raise TableBusy(self._table, waited, why)
        self._sleep(seconds)
        self._next = min(self._next * 2, LONGEST_SECONDS)

    def progressed(self) -> None:
        """A part was done: all the time is there again for the rest."""
        self._began = self._clock()


def busy_with(error: ClientError) -> str | None:
    """What of it the table is busy with, if it is; not if a transaction was cancelled for something else."""
    code = error.response["Error"]["Code"]
    if code in BUSY:
        return code
    reasons = [one.get("Code", "None") for one in error.response.get("CancellationReasons", [])]
    return next((one for one in reasons if one in BUSY), None)
