"""Waiting: something is looked at again and again, until it has come to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from .api import Api, Json
from .errors import NOT_RIGHT, OK, ApiError
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


def follow(api: Api, screen: Screen, run_id: str, interval: float) -> Json:
    """The run as it has ended; its progress is shown on the way."""
    with screen.progress() as tell:
        for run in looks(lambda: api.get("/runs/{}", run_id), interval):
            tell(run["run_id"], stands(run), run["progress"]["done"], run["progress"]["total"])
            if run["finished_at"] is not None:
                break
    return run


def result(screen: Screen, run: Json) -> int:
    """Show how a run came out, and what one does about it; 0 if it succeeded."""
    screen.give(run)
    screen.say(*ended(run))
    run_id, counts = run["run_id"], run["counts"]
    if counts["failed"] or counts["blocked"]:
        screen.next(["show", run_id], ["replay", run_id])
    elif run["error"] is not None:
        screen.next(["show", run_id], ["logs", run_id])
    elif run["held"] is not None:
        screen.next(["show", run_id], ["apply", run_id])
    return OK if run["status"] == "succeeded" else NOT_RIGHT
