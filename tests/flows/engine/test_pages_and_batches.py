"""Work in pages and batches: its cost grows with what changed, not with what was looked at (RUN-8)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.flows.engine.engine import Limits
from payrelay.flows.engine.review import batches
from tests.flows.conftest import World
from tests.worlds.people import person
from tests.worlds.structs import replace

PEOPLE = [person(str(number)) for number in range(101, 110)]


@pytest.mark.requirement("RUN-8")
@pytest.mark.parametrize(("rows", "size"), [(2, 500), (4, 2), (9, 4), (1, 1), (100, 3)])
def test_changes_of_many_pages_are_written_in_as_few_calls_as_their_number_needs(
    world: World, monkeypatch: pytest.MonkeyPatch, rows: int, size: int
) -> None:
    monkeypatch.setattr("payrelay.flows.employee_export.read.ROWS", rows)
    world.fresh(*PEOPLE)
    first = world.run()
    assert first.counts
    assert first.counts["created"] == len(PEOPLE)
    changed = [replace(one, employee={**one.employee, "title": "CFO"}) for one in PEOPLE[::2]]
    world.staff(*changed, *PEOPLE[1::2])
    world.limits = Limits(batch_size=size)
    world.forget_requests()
    run = world.run()
    calls = [one["nodes"] for one in world.writes()]
    assert len(calls) == run.batches == -(-len(changed) // size)
    assert sum(calls) == len(changed)
    assert all(count <= size for count in calls)
    assert run.pages == -(-len(PEOPLE) // rows)
    assert run.counts
    assert (run.counts["updated"], run.counts["unchanged"]) == (len(changed), len(PEOPLE) - len(changed))


@pytest.mark.requirement("RUN-8")
def test_a_run_without_changes_costs_one_look_at_each_side_per_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payrelay.flows.employee_export.read.ROWS", 5)
    world.fresh(*PEOPLE)
    world.run()
    world.forget_requests()
    run = world.run()
    assert run.pages == 2
    assert run.batches == 0
    listing, per_page = 1, 1
    assert len(world.requests("simployer")) == listing + 2 * per_page
    lookups, employees_and_contacts = 3, 2
    assert len(world.requests("xledger")) == lookups + 2 * employees_and_contacts
    assert world.stored(run) == [], "what is unchanged is counted, not kept"


def page(index: int, writes: int) -> dict[str, Any]:
    return {"index": index, "writes": writes}


@pytest.mark.requirement("RUN-8")
@pytest.mark.parametrize("size", [1, 2, 3, 7, 500])
@pytest.mark.parametrize("writes", [[], [0, 0], [1], [3, 0, 5, 1], [7, 7, 7], [500, 1], [2, 499, 502]])
def test_batches_hold_every_write_once_in_order_and_are_full_but_the_last(
    writes: list[int], size: int
) -> None:
    found = batches([page(index, count) for index, count in enumerate(writes)], size)
    covered = [
        (part["page"], place)
        for batch in found
        for part in batch["slices"]
        for place in range(part["start"], part["stop"])
    ]
    assert covered == [(index, place) for index, count in enumerate(writes) for place in range(count)]
    sizes = [sum(part["stop"] - part["start"] for part in batch["slices"]) for batch in found]
    assert all(count == size for count in sizes[:-1])
    assert all(0 < count <= size for count in sizes)
    assert [batch["index"] for batch in found] == list(range(len(found)))
