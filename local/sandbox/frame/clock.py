"""The clock of one sandbox, which a tester may put forward or back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from .kinds import instant


class Clock:
    """The time of the options, put forward or back."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._offset = timedelta()

    def __call__(self) -> datetime:
        return self._now() + self._offset

    def put(self, body: Any) -> dict[str, object]:
        """Put it as a body of `POST _sandbox/clock` says; ValueError where it says nothing that fits."""
        fits = isinstance(body, dict) and body.keys() == {"offset_seconds"}
        seconds = body["offset_seconds"] if fits else None
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise ValueError('{"offset_seconds": 3600} is needed, with the seconds to add to the time')
        try:
            self._offset = timedelta(seconds=seconds)
            return self.told()
        except OverflowError:
            self._offset = timedelta()
            raise ValueError("offset_seconds leads out of all time") from None

    def told(self) -> dict[str, object]:
        """What the clock says."""
        return {"offset_seconds": self._offset.total_seconds(), "now": instant(self())}
