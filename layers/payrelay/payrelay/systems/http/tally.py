"""What calls to outside systems have come to, by system: made, refused for now, made again, and waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from threading import Lock

from payrelay.domain.budget import Left, Spent
from payrelay.errors import PayrelayError

THROTTLED, BROKEN = 429, 500


class AllowanceSpent(PayrelayError):
    """Whoever calls may make no more calls to a system than it was allowed: this one was not made."""

    def __init__(self, system: str) -> None:
        super().__init__(f"{system}: no more calls are allowed here")
        self.system = system


class Tally:
    """Numbers by name, such as `made_xledger`; `waited_` are milliseconds. Calls are made side by side.

    They are taken twice: by the run that made them, and for the day of its connection.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._numbers: Counter[str] = Counter()
        self._of_day: Counter[str] = Counter()
        self._left: dict[str, Left] = {}
        self._allowed: dict[str, int] = {}

    @property
    def has_any(self) -> bool:
        """Whether there is anything to take for the day."""
        return bool(self._numbers or self._of_day)

    def allow(self, calls: Mapping[str, int]) -> None:
        """From now on no more calls than these to these systems, until all is forgotten."""
        with self._lock:
            self._allowed = dict(calls)

    def ask(self, system: str) -> None:
        """A call is about to leave; AllowanceSpent if it must not."""
        with self._lock:
            left = self._allowed.get(system)
            if left is None:
                return
            if left < 1:
                raise AllowanceSpent(system)
            self._allowed[system] = left - 1

    def call(self, system: str, status: int, left: Left | None = None) -> None:
        """A call was made; its status is 0 where no answer came. It may tell what is left of the day."""
        with self._lock:
            self._numbers[f"made_{system}"] += 1
            if status in (0, THROTTLED) or status >= BROKEN:
                self._numbers[f"refused_{system}"] += 1
            if left is not None:
                self._left[system] = left

    def again(self, system: str) -> None:
        """The next call to a system is one that was made before."""
        with self._lock:
            self._numbers[f"retried_{system}"] += 1

    def wait(self, system: str, seconds: float) -> None:
        """A system is waited for."""
        milliseconds = round(seconds * 1000)
        if milliseconds > 0:
            with self._lock:
                self._numbers[f"waited_{system}"] += milliseconds

    def take(self) -> dict[str, int]:
        """What has come together since it was taken last."""
        with self._lock:
            taken, self._numbers = dict(self._numbers), Counter()
            self._of_day.update(taken)
        return taken

    def take_day(self) -> Spent:
        """The same for the day: all since this was asked last."""
        self.take()
        with self._lock:
            spent = Spent(dict(self._of_day), self._left)
            self._of_day, self._left = Counter(), {}
        return spent

    def forget(self) -> None:
        """Another caller begins: what is left is nobody's."""
        self.take_day()
        self.allow({})
