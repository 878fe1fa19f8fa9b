"""What a replay tells first, what it leaves alone, and the call that a vendor refused (OPS-1, OPS-2)."""

from __future__ import annotations

import pytest

from payrelay.domain.runs import Run
from tests.flows.conftest import World
from tests.flows.engine.test_replay import edited, refused, replay
from tests.worlds.people import person
from tests.worlds.structs import replace

NUMBERS = ("101", "102", "103", "104")


class Metered:
    """Counts calls as a function's process does."""

    def __init__(self, world: World) -> None:
        self.calls = 0
        self.world = world
        world.door = replace(world.door, on_call=self.count)

    def count(self, *of_a_call: object) -> None:
        del of_a_call
        self.calls += 1


@pytest.fixture
def metered(world: World, monkeypatch: pytest.MonkeyPatch) -> Metered:
    """A world whose engine knows how many calls were made."""
    meter = Metered(world)
    usual = World.engine.fget
    assert usual
    monkeypatch.setattr(
        World, "engine", property(lambda self: replace(usual(self), meter=lambda: meter.calls))
    )
    return meter


def typed_over(world: World, number: str, **values: object) -> None:
    """Somebody changes a contact in Xledger."""
    world.edit("xledger", "contacts", {"code": number}, **values)


def estimate_of(run: Run) -> dict[str, int]:
    assert run.estimate is not None
    return dict(run.estimate)


@pytest.mark.requirement("OPS-1")
def test_it_tells_what_is_right_what_would_be_written_and_what_is_newer(world: World) -> None:
    world.fresh(*map(person, NUMBERS))
    world.run()
    # A run that changes titles; then one title is put right by hand, one by somebody who knows better.
    world.staff(*(edited(person(number), title="CFO") for number in NUMBERS))
    second = world.run()
    typed_over(world, "102", jobTitle="Controller")
    typed_over(world, "103", jobTitle="Chief of Finance")
    told = replay(world, second, mode="preview")
    estimate = estimate_of(told)
    calls = estimate.pop("calls")
    assert estimate == {"already_right": 2, "would_write": 1, "refused": 1}
    assert calls >= 0
    assert world.reasons(told) == {"103": "NEWER_AT_TARGET"}
    world.forget_requests()
    done = replay(world, second)
    assert world.outcomes(done) == {"102": "updated", "103": "blocked"}
    assert world.reasons(done) == {"103": "NEWER_AT_TARGET"}
    assert world.contact("103")["jobTitle"] == "Chief of Finance", "what is newer was overwritten"
    assert world.contact("102")["jobTitle"] == "CFO"


@pytest.mark.requirement("OPS-1")
def test_it_costs_what_it_told(metered: Metered) -> None:
    world = metered.world
    world.fresh(*map(person, NUMBERS[:2]), refused("103"), refused("104"))
    first = world.run()
    world.staff(*map(person, NUMBERS))
    told = replay(world, first, outcomes=("failed",), mode="preview")
    before = metered.calls
    done = replay(world, first, outcomes=("failed",))
    assert done.status == "succeeded"
    estimate = estimate_of(told)
    assert (estimate["already_right"], estimate["would_write"], estimate["refused"]) == (0, 2, 0)
    assert metered.calls - before == estimate["calls"]


@pytest.mark.requirement("OPS-1")
def test_a_plain_run_overwrites_what_a_replay_leaves_alone(world: World) -> None:
    world.fresh(person("101"))
    world.run()
    world.staff(edited(person("101"), title="CFO"))
    second = world.run()
    typed_over(world, "101", jobTitle="Chief of Finance")
    assert world.outcomes(replay(world, second)) == {"101": "blocked"}
    assert world.outcomes(world.run()) == {"101": "updated"}
    assert world.contact("101")["jobTitle"] == "CFO"


@pytest.mark.requirement("OPS-1")
def test_a_replay_of_a_replay_is_judged_by_what_that_one_saw(world: World) -> None:
    world.fresh(person("101"))
    world.run()
    world.staff(edited(person("101"), title="CFO"))
    second = world.run()
    typed_over(world, "101", jobTitle="Controller")
    again = replay(world, second)
    typed_over(world, "101", jobTitle="Chief of Finance")
    assert world.outcomes(replay(world, again)) == {"101": "blocked"}


@pytest.mark.requirement("OPS-1")
@pytest.mark.parametrize("cured", ["by a run", "by hand"])
def test_a_record_that_was_cured_meanwhile_is_right_already(world: World, cured: str) -> None:
    world.fresh(person("101"), refused("102"))
    first = world.run()
    world.staff(person("101"), person("102"))
    world.run()
    if cured == "by hand":
        world.edit("simployer", "employee", {"employeeNumber": "102"}, title="CFO")
        typed_over(world, "102", jobTitle="CFO")
    world.forget_requests()
    told = replay(world, first, outcomes=("failed",), mode="preview")
    assert estimate_of(told)["already_right"] == 1
    assert replay(world, first, outcomes=("failed",)).counts["unchanged"] == 1
    assert world.writes() == []


@pytest.mark.requirement("OPS-2")
def test_a_record_that_the_target_refused_names_the_call(world: World) -> None:
    world.fresh(person("101"), refused("102"))
    run = world.run()
    request = world.records(run)["employee:102"].request
    assert (request.system, request.method, request.status) == ("xledger", "POST", 200)
    assert "token" not in request.path
    world.fresh(person("101"))
    assert all(record.request is None for record in world.stored(world.run()))


@pytest.mark.requirement("OPS-2", "RUN-4")
def test_a_run_that_a_system_failed_names_the_call(world: World) -> None:
    world.fresh(person("101"))
    world.faults("simployer", error_rate=1.0, errors=[503])
    try:
        run = world.run()
    finally:
        world.calm("simployer")
    assert run.status == "failed"
    assert run.request
    assert (run.request.system, run.request.status) == ("simployer", 503)
