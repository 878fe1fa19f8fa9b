"""Stands at every call that leaves the process, to AWS and to vendors, and lets it die at the k-th edge."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from payrelay.systems.http import door as http
from payrelay.systems.http.door import Call
from tests.worlds.run import World
from tests.worlds.steps import Crash, Steps

# Some tests die at a part of the edges only, since the suite has ten minutes; at all of them by hand:
# EVERY_CRASH=1 pytest tests/flows
EVERY_CRASH = bool(os.environ.get("EVERY_CRASH"))


def one_in(share: int, edges: Sequence[int]) -> Sequence[int]:
    """One of so many edges, or each of them where that is asked for."""
    return edges if EVERY_CRASH else edges[::share]


WRITES = (
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "TransactWriteItems",
    "PutObject",
    "PUT",
    "PATCH",
    "POST",
    "DELETE",
)


def moments(edges: Sequence[str], begun: Sequence[int] = ()) -> list[int]:
    """The edges at which a death leaves something else behind: after each call that writes, and at the end.

    Nothing outlasts who dies but what was written, so that the first call after a write stands for all calls
    until the next one; of steps that are known to have `begun`, each has its own. Every call has by hand:
    EVERY_CRASH=1.
    """
    found: dict[tuple[int, int], int] = {}
    written = 0
    for at, name in enumerate(edges):
        if name.startswith("before"):
            found.setdefault((at, 0) if EVERY_CRASH else (written, bisect_right(begun, at)), at)
        else:
            written += name.endswith(WRITES)
    return [*found.values(), len(edges) - 1]


class Mortal(http.Observer):
    """Dies once, after the answer of a vendor: at the moment of this number, and moments are as above."""

    def __init__(self, world: World, at: int) -> None:
        super().__init__()
        self._world, self._at = world, at
        self._sent = self._moment = 0
        self._left: tuple[int, ...] = ()

    def after(self, call: Call) -> None:
        self._sent += call.method != "GET"
        memory = self._world.memory
        written = self._sent + memory.table.written.total() + memory.bucket.calls["PutObject"]
        left = (self._world.invoked, written, *([self._moment] if EVERY_CRASH else []))
        if left != self._left:
            self._left = left
            self._moment += 1
            if self._moment == self._at:
                raise Crash


def back_to(world: Any, systems: Iterable[str]) -> Callable[[Any], None]:
    """Puts a new world of the same sandboxes where this one stands now: our side, the systems, the time.

    So nobody has to come by it anew for each trial.
    """
    items, objects = list(world.memory.table.everything()), dict(world.memory.bucket.objects)
    began = world.clock.now
    states = {name: world.state(name) for name in systems}

    def again(other: Any) -> None:
        other.clock.now = began
        for item in items:
            other.memory.table.put(item)
        other.memory.bucket.objects.update(objects)
        for name, state in states.items():
            # Over what is there rows would count as edited.
            other.put(name, {})
            other.put(name, state)

    return again


class Saboteur(http.Observer):
    """Counts the edges of calls: before it leaves, and after its answer came. Dies at edge `at`.

    It looks on only while it is `awake`.
    """

    def __init__(self, at: int | None = None) -> None:
        super().__init__()
        self.at = at
        self.awake = False
        self.seen: list[str] = []
        # At which edge each step began.
        self.begun: list[int] = []

    def edge(self, name: str) -> None:
        """One more edge; the end, if it is the chosen one."""
        if not self.awake:
            return
        self.seen.append(name)
        if len(self.seen) - 1 == self.at:
            raise Crash(f"at edge {self.at}: {name}")

    def kills(self, world: Steps, run: Any, *, stays_dead: bool) -> bool:
        """Drive a run, awake; whether it died, and stays so: else each step that died is invoked again."""
        again = world.invoke

        def invoke(function: Callable[..., Any], *arguments: Any) -> Any:
            self.begun.append(len(self.seen))
            return function(*arguments) if stays_dead else again(function, *arguments)

        self.awake = True
        world.invoke = invoke  # type: ignore[method-assign]
        try:
            world.act(run)
        except Crash:
            world.crashes += 1
        self.awake = False
        world.__dict__.pop("invoke", None)
        return bool(world.crashes) and stays_dead

    def before(self, call: Call) -> None:
        self.edge(f"before {call.system} {call.method}")

    def after(self, call: Call) -> None:
        self.edge(f"after {call.system} {call.method}")
