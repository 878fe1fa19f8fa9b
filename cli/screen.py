"""Where a command writes: text for a person, or the API's own JSON and nothing beside it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

from .api import Json

BAR = 30
WIPE = "\r\033[K"


class Screen:
    """What stands on standard output."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._shown: tuple[object, ...] = ()
        self._moving = not as_json and sys.stdout.isatty()

    def say(self, *lines: str) -> None:
        """Text for a person; nothing where JSON is asked for."""
        if not self._as_json:
            for line in lines:
                print(clean(line), flush=True)

    def tell(self, lines: Iterable[str]) -> None:
        """Several lines of text."""
        self.say(*lines)

    def give(self, found: Json) -> None:
        """What the API answered; nothing where text is asked for."""
        if self._as_json:
            print(json.dumps(found, indent=2))

    def ask(self, question: str) -> bool | None:
        """Whether a person says yes; None where there is no person."""
        if not sys.stdin.isatty():
            return None
        print(clean(question), end=" [y/N] ", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def progress(self, run: Json) -> None:
        """How far a run is: a moving bar on a terminal, elsewhere a line whenever it has changed."""
        done, total = run["progress"]["done"], run["progress"]["total"]
        now = (run["run_id"], run["status"], done, total)
        if self._as_json or now == self._shown:
            return
        self._shown = now
        if not self._moving:
            self.say(f"{run['run_id']}  {run['status']}  {done} / {total}")
            return
        filled = min(BAR * done // max(total, 1), BAR)
        bar = f"[{'#' * filled}{'.' * (BAR - filled)}] {done} / {total}  {run['status']}"
        print(f"{WIPE}{clean(bar)}", end="", flush=True)

    def settle(self) -> None:
        """The bar goes; what comes next begins a line of its own."""
        if self._moving and self._shown:
            print(WIPE, end="", flush=True)


def clean(text: str) -> str:
    """A line without control characters, which could move the cursor or hide what was written before."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
