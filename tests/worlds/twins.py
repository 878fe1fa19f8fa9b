"""Two worlds with equal data, in which the same happens round by round: one reads what moved, one reads all.

What a run of either leaves at the target has to be the same, and what it says of each record (RUN-11).
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, Generic, TypeVar

from local.memory.ledger import MemoryLedger, memory_ledger
from local.sandbox import Options, Running
from local.sandbox.frame.room import StateRefusedError
from payrelay.domain.runs import Run
from tests.worlds.run import Clock, World
from tests.worlds.saboteur import Saboteur
from tests.worlds.sandboxes import running
from tests.worlds.structs import replace

Row = dict[str, Any]
State = dict[str, list[Row]]
# What happens in both worlds, by the same dice: it changes the states of both systems, and says what it did.
Edit = Callable[[Random, State, State], str]
W = TypeVar("W", bound=World)


def rounds(usual: int) -> int:
    """How many rounds there are; many more by hand: PAYRELAY_ROUNDS=200 pytest -k round_by_round"""
    return int(os.environ.get("PAYRELAY_ROUNDS", usual))


@dataclass
class Side(Generic[W]):
    """One of the worlds, with the sandboxes that it alone has."""

    served: Running
    clock: Clock
    saboteur: Saboteur
    world: W
    options: Mapping[str, Any]
    # The calls that the last run made, edge by edge.
    edges: int = 60
    runs: list[Run] = field(default_factory=list)

    def state(self, system: str) -> Any:
        """What a system has, to be changed and put back."""
        # As a deep copy, in a tenth of the time.
        return pickle.loads(pickle.dumps(self.served.room(system).state()))

    def put(self, system: str, state: Any) -> None:
        self.served.room(system).replace_state(state)

    def sync(self, flow: str, mode: str, **options: Any) -> Run:
        """One run to its end."""
        return self._done(self.world.start(flow, mode, options={**self.options, **options}))

    def dies(self, flow: str, share: float, *, stays_dead: bool) -> None:
        """A run dies at some of its calls: that step is done again, or the run is outlived."""
        run = self.world.start(flow, options=dict(self.options))
        self.saboteur.at, self.saboteur.seen = int(share * self.edges), []
        dead = self.saboteur.kills(self.world, run, stays_dead=stays_dead)
        if dead and not self.world.get(run).finished_at:
            self.clock.pass_by(self.world.limits.lease_seconds + 1)
        self.saboteur.at, self.world.crashes = None, 0

    def _done(self, run: Run) -> Run:
        self.saboteur.at, self.saboteur.seen, self.saboteur.awake = None, [], True
        try:
            ended = self.world.drive(run)
        finally:
            self.saboteur.awake = False
        self.edges = len(self.saboteur.seen)
        self.runs.append(ended)
        return ended

    def said(self, run: Run) -> Any:
        """What a run came to: its status, its counts, and what it says of each record that it tells of."""
        told = sorted(
            (record.key, record.outcome.value, record.reason.code if record.reason else "")
            for record in self.world.stored(run)
        )
        error = run.error.code if run.error else None
        return {"status": run.status.value, "error": error, "counts": run.counts, "told": told}


@dataclass
class Twins(Generic[W]):
    """Both worlds, and what happens in them."""

    short: Side[W]
    whole: Side[W]
    systems: tuple[str, str]
    flow: str
    target: Callable[[Side[W]], Any]
    random: Random
    # Whether the short way looks only at whom something moved of, and says nothing of all others.
    partly: bool = False
    # So many calls more may go to the target about single records.
    apart: int = 0
    # The keys of records that are judged by whoever stands on the same page, and so by chance.
    unclear: Callable[[Side[W]], set[str]] = lambda _: set()
    story: list[str] = field(default_factory=list)

    @property
    def sides(self) -> tuple[Side[W], Side[W]]:
        return self.short, self.whole

    def happens(self, *edits: Edit) -> None:
        """The same in both worlds."""
        for edit in edits:
            seed, told = self.random.random(), set[str]()
            for side in self.sides:
                before, after = (side.state(system) for system in self.systems)
                what = edit(Random(seed), before, after)
                try:
                    for system, state in zip(self.systems, (before, after), strict=True):
                        side.put(system, state)
                except StateRefusedError as refused:
                    what += f", which can't be: {refused.problems}"
                told.add(what)
            assert len(told) == 1, f"the worlds were not alike: {told}\n{self.told}"
            self.story += told

    def days_pass(self, days: float) -> None:
        self.story.append(f"{days} days pass")
        for side in self.sides:
            side.clock.pass_by(days * 86_400)

    def together(self) -> None:
        """The same time in both worlds, and nobody remembers the calls."""
        now = max(side.clock.now for side in self.sides)
        for side in self.sides:
            side.clock.now = now
            side.world.forget_requests()

    def sync(self, mode: str = "sync", **options: Any) -> tuple[Run, Run]:
        """A run in each world, which come to the same."""
        self.together()
        self.story.append(f"a {mode} {options or ''}".strip())
        first, second = (side.sync(self.flow, mode, **options) for side in self.sides)
        self.check(first, second)
        if first.full is False:
            few, many = self.reads(self.systems[1])
            told = f"{few} calls that read the target, and {many} over everybody\n{self.told}"
            assert few <= many + self.apart, told
        return first, second

    @property
    def short_runs(self) -> int:
        """How many runs took the short way."""
        return sum(run.full is False for run in self.short.runs)

    def crash(self) -> None:
        """A run dies in both worlds, somewhere; what follows leaves both worlds alike."""
        share, stays_dead = self.random.random(), self.random.random() < 0.5
        self.story.append(f"a run dies at {share:.2f} of its calls{' for good' if stays_dead else ''}")
        for side in self.sides:
            side.dies(self.flow, share, stays_dead=stays_dead)
        self.settle()

    def lose_an_answer(self, system: str) -> None:
        """The answer of a write is lost in both worlds."""
        after = self.random.randint(0, 2)
        self.story.append(f"the answer of write {after} to {system} is lost")
        for side in self.sides:
            side.world.faults(system, errors=["after_write_reset"], count=1, after=after)
            side.sync(self.flow, "sync")
            side.world.calm(system)
        self.settle()

    def hidden(self, edit: Edit, days: float = 0, *, told: bool = True) -> None:
        """Something happens that no list of changes shows: the next full comparison finds it.

        That is after so many `days`, or when somebody asks for it. What it finds is `told` as drift, unless
        an earlier run has come across it.
        """
        self.happens(edit)
        self.together()
        for side in self.sides:
            side.sync(self.flow, "sync")
        unseen = self.target(self.short) != self.target(self.whole)
        self.days_pass(days)
        self.settle(**({} if days else {"full": True}))
        found = self.short.runs[-1]
        assert found.full is not False, self.told
        assert not (unseen and told) or found.drift, self.told

    def settle(self, **options: Any) -> None:
        """One more run in each world, of which only what it leaves has to be the same."""
        self.together()
        said = [side.said(side.sync(self.flow, "sync", **options)) for side in self.sides]
        self.story.append(f"both were disturbed, and said {said}")
        self.alike()

    def settings(self, changed: Mapping[str, Any]) -> None:
        """Somebody changes the settings."""
        self.story.append(f"the settings {changed}")
        for side in self.sides:
            side.world.settings(**changed)

    def brake(self, *edits: Edit) -> None:
        """More changes than the brake lets by: the run is held, and nobody applies its plan."""
        self.settings({"brake": {"people": 0, "share": "0"}})
        self.happens(*edits)
        self.sync()
        self.settings({"brake": {"people": 1000, "share": "1"}})

    def clock_of(self, system: str, seconds: float) -> None:
        """The clock of a vendor is wrong from now on."""
        self.story.append(f"the clock of {system} is off by {seconds} seconds")
        for side in self.sides:
            side.served.sandboxes[system].clock.put({"offset_seconds": seconds})

    def check(self, first: Run, second: Run) -> None:
        """That both worlds are the same now, and both runs said so."""
        said, wanted = self.short.said(first), self.whole.said(second)
        if self.partly:
            said, wanted = (_of_writes(one) for one in (said, wanted))
        unclear = self.unclear(self.whole)
        if unclear:
            said, wanted = (_without(one, unclear) for one in (said, wanted))
        assert not differences(said, wanted), f"{differences(said, wanted)}\n{self.told}"
        self.alike()

    def alike(self) -> None:
        """That the target is the same in both worlds."""
        unclear = self.unclear(self.whole)
        found, wanted = (
            {key: one for key, one in self.target(side).items() if key not in unclear} for side in self.sides
        )
        assert not differences(found, wanted), f"{differences(found, wanted)}\n{self.told}"

    def reads(self, system: str) -> tuple[int, int]:
        """The calls to a system that read, in each world, since the last run began."""
        first, second = (sum(not one["writes"] for one in side.world.requests(system)) for side in self.sides)
        return first, second

    @property
    def told(self) -> str:
        """What has happened so far."""
        return "\n".join(["what happened:", *self.story[-40:]])


def _of_writes(said: Mapping[str, Any]) -> Any:
    """What a run says of whoever is written, or stands in the way of it."""
    outcomes = ("created", "updated", "blocked", "failed")
    told = [one for one in said["told"] if one[1] in outcomes]
    counts = {name: said["counts"].get(name) for name in outcomes} if said["counts"] else None
    return {**said, "told": told, "counts": counts}


def _without(said: Mapping[str, Any], keys: set[str]) -> Any:
    """What a run says of all records but these; what it counts would tell of them, too."""
    return {**said, "counts": None, "told": [one for one in said["told"] if one[0] not in keys]}


def differences(short: Any, whole: Any, path: str = "") -> list[str]:
    """Where two values differ: each place with what the short way has there, and what all of it has."""
    if isinstance(short, dict) and isinstance(whole, dict):
        keys = sorted(short.keys() | whole.keys(), key=str)
        return [one for key in keys for one in differences(short.get(key), whole.get(key), f"{path}.{key}")]
    if isinstance(short, list) and isinstance(whole, list):
        only = [one for one in short if one not in whole], [one for one in whole if one not in short]
        return [f"{path}: only short {only[0]}, only whole {only[1]}"] if short != whole else []
    if isinstance(short, tuple) and isinstance(whole, tuple) and len(short) == len(whole):
        return differences(dict(enumerate(short)), dict(enumerate(whole)), path)
    return [] if short == whole else [f"{path}: short {short!r}, whole {whole!r}"]


def play(
    both: Twins[W],
    times: int,
    pauses: Sequence[float],
    edits: Callable[[Random], Sequence[Edit]],
    another_way: Callable[[Twins[W], Random], None],
) -> None:
    """A run, and so many rounds: time goes by, something is edited, something else happens, a run."""
    both.sync()
    for number in range(times):
        both.story.append(f"--- round {number}")
        both.days_pass(both.random.choice(pauses))
        both.happens(*edits(both.random))
        another_way(both, both.random)
        both.sync()


@contextmanager
def twins(
    made: Callable[[Mapping[str, str], Clock, MemoryLedger], W],
    systems: tuple[str, str],
    flow: str,
    target: Callable[[Side[W]], Any],
    seed: int,
    begin: datetime,
    *,
    partly: bool = False,
    apart: int = 0,
    unclear: Callable[[Side[W]], set[str]] = lambda _: set(),
) -> Iterator[Twins[W]]:
    """Two worlds in which nothing has happened yet."""
    sides: list[Side[W]] = []
    clocks = Clock(), Clock()
    clocks[0].now = clocks[1].now = begin
    with (
        running(options=Options(rate_limits=False, now=clocks[0])) as first,
        running(options=Options(rate_limits=False, now=clocks[1])) as second,
    ):
        for served, clock, options in zip((first, second), clocks, ({}, {"full": True}), strict=True):
            saboteur = Saboteur()
            world = made(served.urls, clock, memory_ledger(saboteur.edge))
            world.door = replace(world.door, observer=saboteur, now=clock)
            sides.append(Side(served, clock, saboteur, world, options))
        yield Twins(*sides, systems, flow, target, Random(seed), partly, apart, unclear, [f"seed {seed}"])
