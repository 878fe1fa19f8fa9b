"""What a run's calls to each system have come to: counted at the door, kept by its steps (OPS-4)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from payrelay.domain.runs import Run
from payrelay.flows.engine import close, plan
from payrelay.systems.http.tally import Tally
from tests.flows.conftest import World
from tests.worlds.invoices import AT_QUICKBOOKS, Books, invoice
from tests.worlds.people import person
from tests.worlds.steps import event
from tests.worlds.structs import replace

pytestmark = pytest.mark.requirement("OPS-4")


class Calls:
    """Counts the calls that leave."""

    def __init__(self, world: Any) -> None:
        self.made: Counter[str] = Counter()
        # What was called before a run is no call of it.
        world.door = replace(world.door, on_call=self.count, tally=Tally())

    def count(self, system: str, *_: Any) -> None:
        self.made[f"made_{system}"] += 1


@pytest.fixture
def calls(world: World) -> Calls:
    world.fresh(person("101"), person("102"))
    return Calls(world)


def made(run: Run) -> dict[str, int]:
    return {name: number for name, number in run.asked.items() if name.startswith("made_")}


def test_all_calls_of_all_steps_are_counted_by_system(world: World, calls: Calls) -> None:
    run = world.run()
    assert made(run) == calls.made
    assert run.asked.keys() == {"made_simployer", "made_xledger"}, "nothing was refused, and nobody waited"


def test_an_applied_plan_counts_its_own_calls(world: World, calls: Calls) -> None:
    preview = world.run(mode="preview")
    assert made(preview) == calls.made
    calls.made.clear()
    assert made(world.run(mode="apply", plan_of=preview.run_id)) == calls.made


def test_a_step_that_is_done_twice_counts_its_calls_as_they_were_made(world: World, calls: Calls) -> None:
    run = world.start()
    base = {"run": event(run)}
    plan.open_run(world.engine, base)
    (page,) = plan.list_pages(world.engine, world.opening, base)["pages"]
    seen = []
    for _ in range(3):
        plan.plan(world.engine, world.opening, {**base, "page": page})
        seen.append(dict(close.progress(world.engine, world.get(run)).asked))
        assert seen[-1] == calls.made, "and so does a run in progress"
    ended = world.drive(run)
    assert made(ended) == calls.made


@pytest.mark.parametrize("fault", [429, 503, "reset"])
@pytest.mark.parametrize("system", ["simployer", "xledger"])
def test_refusals_and_what_was_waited_for_them_are_counted(
    world: World, calls: Calls, system: str, fault: Any
) -> None:
    """By the door, where the wait is short, or by the state machine."""
    pauses: list[float] = []
    world.door = replace(world.door, sleep=pauses.append)
    world.faults(system, errors=[fault], count=3)
    run = world.run()
    assert run.status == "succeeded"
    assert made(run) == calls.made
    assert run.asked[f"refused_{system}"] == 3
    waited = run.asked[f"waited_{system}"] / 1000
    assert waited == pytest.approx(sum(pauses) + sum(world.waits), abs=0.01)
    assert waited > 0


def test_a_run_that_fails_for_a_system_counts_the_calls_that_it_made(world: World, calls: Calls) -> None:
    world.faults("simployer", errors=["token"])
    run = world.run()
    assert run.status == "failed"
    assert made(run) == calls.made == {"made_simployer": calls.made["made_simployer"]}


@AT_QUICKBOOKS
def test_an_auto_sync_counts_its_batches_and_its_looks(books: Books) -> None:
    """Also those after which there is nothing to do, while a blocked document waits for a person."""
    books.link("Harper Ltd")
    books.book(invoice("S2001"), invoice("S2002"), invoice("S2003", Sent=False))
    calls = Calls(books)
    run = books.auto()
    assert books.waits, "it looked again"
    assert made(run) == calls.made
    assert run.asked["made_autovu"] > len(books.waits)


def test_a_run_of_before_they_were_counted_has_none(world: World) -> None:
    run = world.start()
    assert run.asked == world.get(run).asked == {}
