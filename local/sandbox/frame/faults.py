"""Faults that a tester sets: which they may be, and which call suffers which."""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import TypeAlias

from .calls import Call
from .limits import Window
from .room import Description

Fault: TypeAlias = int | str

COMMON_FAULTS: tuple[Fault, ...] = (429, 500, 503, "reset", "timeout", "after_write_reset")


class FaultsRefusedError(Exception):
    """A fault setting that is not allowed; each problem names the field and what is allowed."""

    def __init__(self, problems: list[dict[str, str]]) -> None:
        super().__init__(str(problems))
        self.problems = problems


@dataclass(frozen=True)
class Faults:
    """The settings of `PUT _sandbox/faults`; all are optional, and nothing set means calm."""

    latency_ms: int = 0
    error_rate: float = 1.0
    errors: Sequence[Fault] = ()
    seed: int = 0
    rate_limit_per_minute: int | None = None
    count: int | None = None
    after: int = 0
    match: str | None = None
    reset_in_seconds: int = 1200


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_rate(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


_CHECKS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "latency_ms": (lambda value: _is_whole(value, 0), "a whole number of milliseconds, 0 or more"),
    "error_rate": (_is_rate, "a number from 0 to 1"),
    "seed": (lambda value: isinstance(value, int) and not isinstance(value, bool), "a whole number"),
    "rate_limit_per_minute": (
        lambda value: value is None or _is_whole(value, 1),
        "a whole number, 1 or more",
    ),
    "count": (lambda value: value is None or _is_whole(value, 1), "a whole number, 1 or more"),
    "after": (lambda value: _is_whole(value, 0), "a whole number, 0 or more"),
    "match": (lambda value: value is None or (isinstance(value, str) and bool(value)), "a text, not empty"),
    "reset_in_seconds": (lambda value: _is_whole(value, 0), "a whole number of seconds, 0 or more"),
}


def read_faults(setting: object, named: Sequence[str]) -> Faults:
    """The faults that a body of `PUT _sandbox/faults` sets; raises FaultsRefusedError."""
    allowed_errors: tuple[Fault, ...] = (*COMMON_FAULTS, *named)
    if not isinstance(setting, dict):
        raise FaultsRefusedError([{"field": "", "message": "an object is needed"}])
    problems = []
    for key, value in setting.items():
        if key == "errors":
            ok = isinstance(value, list) and all(
                error in allowed_errors and not isinstance(error, bool) for error in value
            )
            allowed = f"a list of {', '.join(str(error) for error in allowed_errors)}"
        elif key in _CHECKS:
            check, allowed = _CHECKS[key]
            ok = check(value)
        else:
            ok, allowed = False, f"one of {', '.join(sorted([*_CHECKS, 'errors']))}"
        if not ok:
            problems.append({"field": str(key), "message": f"allowed is {allowed}"})
    if problems:
        raise FaultsRefusedError(problems)
    if setting.get("error_rate") and not setting.get("errors"):
        setting = {**setting, "errors": [500]}
    return Faults(**setting)


class FaultPlan:
    """Decides for each call, in the order of arrival and by the seed, what it suffers."""

    def __init__(self, faults: Faults, clock: Callable[[], float]) -> None:
        self.faults = faults
        self.cleared = threading.Event()
        self._dice = random.Random(faults.seed)
        self._seen = 0
        self._fired = 0
        self._lock = threading.Lock()
        limit = faults.rate_limit_per_minute
        self._window = Window(limit, 60.0, clock) if limit else None

    def settings(self) -> dict[str, object]:
        """The settings in force."""
        return asdict(self.faults)

    def pause(self) -> None:
        """Wait as long as a call is to take, or until the faults are cleared."""
        if self.faults.latency_ms:
            self.cleared.wait(self.faults.latency_ms / 1000)

    def limited(self) -> int:
        """Seconds to wait when this call is over the limit per minute, else 0."""
        return ceil(self._window.take("all")) if self._window else 0

    def pick(
        self, call: Call, description: Description, can_suffer: Callable[[str, Call, Description], bool]
    ) -> Fault | None:
        """The fault that this call suffers, if any."""
        if not self.faults.errors or not self._matches(call, description):
            return None
        possible = [
            error
            for error in self.faults.errors
            if (error != "after_write_reset" or description.writes)
            and (error in COMMON_FAULTS or can_suffer(str(error), call, description))
        ]
        if not possible:
            return None
        with self._lock:
            self._seen += 1
            spent = self.faults.count is not None and self._fired >= self.faults.count
            if self._seen <= self.faults.after or spent or self._dice.random() >= self.faults.error_rate:
                return None
            self._fired += 1
            return self._dice.choice(possible)

    def _matches(self, call: Call, description: Description) -> bool:
        wanted = self.faults.match
        return wanted is None or wanted in call.target or wanted in (description.operation or "")
