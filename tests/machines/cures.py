"""Remedies that work: made wrong, carried out as the remedy is written, and the next run is clean.

Each room has a table of these in `tests/machines/remedies/`, with a row for each code of its reasons.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from payrelay.domain.records import Outcome, Reason
from payrelay.domain.runs import Run, Trigger
from tests.worlds.run import World

# What leaves nothing for anybody to do.
CLEAN = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED)


class Cure(NamedTuple):
    """A reason's code, what makes it, and what its remedy says to do: in the sandbox's data, or by the API.

    `says` are words of the remedy: they must stand in it, so that the cure is the one that is written. With
    `stays` it says the same again, and nobody has to do anything about it. The runs are by the schedule where
    they are `scheduled`.
    """

    code: str
    make: Callable[[Any], object]
    cure: Callable[[Any], object]
    says: str
    options: dict[str, Any] = {}
    stays: bool = False
    scheduled: bool = False


def then(*steps: Callable[[Any], object]) -> Callable[[Any], None]:
    """One after the other."""

    def all_of_them(world: World) -> None:
        for step in steps:
            step(world)

    return all_of_them


def nothing(_: World) -> None:
    """Nothing is to be done."""


def carry_out(world: World, flow: str, case: Cure) -> None:
    """Make it, see it said, do what is said, and see the next run clean."""
    trigger = Trigger.SCHEDULE if case.scheduled else Trigger.MANUAL
    case.make(world)
    first = world.run(flow, options=case.options, trigger=trigger)
    said = reasons(world, first).get(case.code)
    assert said, f"no record says {case.code}: {[str(one) for one in world.stored(first)]}, {first.error}"
    why, records = said
    assert case.says in why.remedy, f"{case.code} says {why.remedy!r}"
    case.cure(world)
    second = world.run(flow, options=case.options, trigger=trigger)
    after = reasons(world, second)
    if case.stays:
        assert case.code in after
        return
    assert case.code not in after, f"{case.code} again: {after[case.code][0].message}"
    left = {record.record_id: record for record in world.stored(second)}
    for record_id in records:
        record = left.get(record_id)
        clean = record is None or record.outcome in CLEAN
        assert clean, f"{record_id} is {record.outcome}: {record.reason}" if record else ""


def reasons(world: World, run: Run) -> dict[str, tuple[Reason, list[str]]]:
    """What is said in a run, by code, and by which records; the run's own reason is that of no record."""
    found: dict[str, tuple[Reason, list[str]]] = {}
    if run.error:
        found[run.error.code] = (run.error, [])
    for record in world.stored(run):
        if record.reason:
            found.setdefault(record.reason.code, (record.reason, []))[1].append(record.record_id)
    return found
