"""Waiting: something is looked at again and again, until it has come to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from .after import after, right
from .api import Api, Json
from .errors import NOT_RIGHT, OK, ApiError, BrokenOff
from .screen import Screen
from .show import ended, stands

# An answer that fails while something is watched is no reason to stop watching; this many in a row are.
MOST_MISSES = 5


def looks(look: Callable[[], Json], interval: float) -> Iterator[Json]:
    """What is seen, look after look."""
    misses = 0
    while True:
        try:
            seen = look()
        except ApiError as error:
            misses += 1
            if not error.passing or misses == MOST_MISSES:
                raise
        else:
            misses = 0
            yield seen
        time.sleep(interval)


def follow(api: Api, screen: Screen, run_id: str, interval: float, meanwhile: str = "") -> Json:
    """The run as it has ended; its progress, and what it waits for, are shown on the way.

    Ctrl-C ends the looking alone: the run goes on, and that is said, with what is true `meanwhile`.
    """
    try:
        with screen.progress() as tell:
            for run in looks(lambda: api.get("/runs/{}", run_id), interval):
                tell(run["run_id"], stands(run), run["progress"]["done"], run["progress"]["total"])
                if run["finished_at"] is not None:
                    break
    except KeyboardInterrupt:
        again = screen.typed.line(["tail", run_id])
        raise BrokenOff(f"{meanwhile}broken off; {run_id} goes on. Take it up again: {again}") from None
    return run


def result(screen: Screen, run: Json) -> int:
    """Show how a run came out, and what one does about it; 0 if it succeeded."""
    screen.give(run)
    screen.say(*ended(run))
    screen.next(*after(run))
    return OK if right(run) else NOT_RIGHT
