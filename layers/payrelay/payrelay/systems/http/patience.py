"""How long somebody who waits for an answer of ours is made to wait for those of outside systems."""

from __future__ import annotations

import time
from collections.abc import Callable

from msgspec import Struct, field

# A call of the API ends after 29 seconds, whatever it has: so much of it may go to outside systems.
CALL_SECONDS = 23.0
# And so much to one answer: two that hang leave time to say so.
ANSWER_SECONDS = 9.0


class Patience(Struct):
    """The time that all calls to outside systems together may take until `until`, by `clock`.

    A system that let us wait in vain is not waited for again: whatever else is asked of it fails at once, so
    that what hangs leaves the time of the others alone.
    """

    until: float
    answer: float
    clock: Callable[[], float] = time.monotonic
    silent: set[str] = field(default_factory=set)

    @classmethod
    def of_a_call(cls) -> Patience:
        """That of a call of the API, which begins now."""
        return cls(time.monotonic() + CALL_SECONDS, ANSWER_SECONDS)

    def rest(self) -> float:
        """The seconds that whoever waits still does."""
        return self.until - self.clock()

    def left(self, system: str) -> float:
        """The seconds that the next answer of a system may take; 0 if it is not to be asked any more."""
        return 0.0 if system in self.silent else max(0.0, min(self.answer, self.rest()))

    def waited(self, system: str, seconds: float, allowed: float) -> None:
        """Nothing came from a system in the time that it was allowed, or in most of it."""
        if seconds >= allowed * 0.9:
            self.silent.add(system)
