"""What every sandboxed system brings: its data, its wire format, and how it says no."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, ClassVar

from .calls import Answer, Call

Row = dict[str, Any]
State = dict[str, list[Row]]


def no_pause() -> None:
    """Answer at once."""


@dataclass(frozen=True)
class Options:
    """How a sandbox runs: its tokens, whether the vendor's own limits are on, and its clocks."""

    tokens: frozenset[str] | None = None
    rate_limits: bool = True
    clock: Callable[[], float] = monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    hold_seconds: float = 60.0


@dataclass(frozen=True)
class Description:
    """What a call asks for, for the request log and for faults."""

    writes: bool
    operation: str | None = None
    nodes: int | None = None


class StateRefusedError(Exception):
    """A state that does not fit the contract; each problem names resource, row, field and message."""

    def __init__(self, problems: list[dict[str, object]]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


class Room(ABC):
    """One outside system. The frame serves it; the room knows only its contract."""

    name: ClassVar[str]
    named_faults: ClassVar[tuple[str, ...]] = ()
    # Whether numbers with decimals in a state reach the room as Decimals.
    exact_numbers: ClassVar[bool] = False

    def __init__(self, options: Options) -> None:
        self.options = options

    @property
    @abstractmethod
    def version(self) -> int:
        """Grows with every change of the data."""

    @abstractmethod
    def replace_state(self, state: State) -> None:
        """Replace all data, or raise StateRefusedError and change nothing."""

    @abstractmethod
    def state(self) -> State:
        """All data as now, in the shape that `replace_state` takes."""

    @abstractmethod
    def describe(self, call: Call) -> Description:
        """What the call asks for; never fails, whatever was sent."""

    @abstractmethod
    def answer(self, call: Call, pause: Callable[[], None] = no_pause) -> Answer:
        """The system's answer. `pause` makes the call take longer, while it is one of those under way."""

    @abstractmethod
    def refuse(self, status: int, retry_after: int | None = None) -> Answer:
        """An HTTP failure (429, 500, 503) as this system words it."""

    def orders(self) -> Mapping[str, Callable[[Any], object]]:
        """What a tester tells it to do by `POST _sandbox/<name>`: each takes the body, or None, and gives the
        answer's, or raises ValueError.
        """
        return {}

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:  # noqa: ARG002
        """Whether a named fault makes sense for this call."""
        return True

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:
        """The answer under one of the room's named faults."""
        raise NotImplementedError(
            f"{self.name} names no fault {fault!r} ({call.method}, {reset_in_seconds} s)"
        )
