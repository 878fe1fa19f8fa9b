"""A run, followed until it has ended."""

from __future__ import annotations

import time

from .api import Api, Json, segment
from .errors import NOT_RIGHT, OK, ApiError
from .screen import Screen
from .show import ended, next_commands

# An answer that fails while a run is watched is no reason to stop watching; this many in a row are.
MOST_MISSES = 5


def follow(api: Api, run_id: str, screen: Screen, interval: float) -> Json:
    """The run as it has ended; its progress is shown on the way."""
    misses = 0
    try:
        while True:
            try:
                run = api.get(f"/runs/{segment(run_id)}")
            except ApiError as error:
                misses += 1
                if not error.passing or misses == MOST_MISSES:
                    raise
            else:
                misses = 0
                screen.progress(run)
                if run["finished_at"] is not None:
                    return run
            time.sleep(interval)
    finally:
        screen.settle()


def result(run: Json, screen: Screen) -> int:
    """Show how a run came out, and what one does about it; 0 if it succeeded."""
    screen.give(run)
    screen.tell(ended(run))
    run_id, counts = run["run_id"], run["counts"]
    if counts["failed"] or counts["blocked"]:
        screen.tell(next_commands(["show", run_id], ["replay", run_id]))
    elif run["error"] is not None:
        screen.tell(next_commands(["show", run_id], ["logs", run_id]))
    elif run["held"] is not None:
        screen.tell(next_commands(["show", run_id], ["apply", run_id]))
    return OK if run["status"] == "succeeded" else NOT_RIGHT
