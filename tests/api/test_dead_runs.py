"""A run that has died is seen: closed by whoever looks, joined by nobody; one that waits says so (RUN-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from payrelay.domain.reasons import reason
from payrelay.domain.runs import Halt, Status, Trigger
from payrelay.flows.engine.engine import GONE
from payrelay.flows.engine.life import GONE_SECONDS
from tests.worlds.api import World, load
from tests.worlds.structs import replace

pytestmark = pytest.mark.requirement("RUN-1")

FLOW = "employee_export"
NOW = datetime(2026, 6, 1, 3, 19, 7, tzinfo=UTC)


class Dying:
    """A world with a run in progress, on a clock that the test moves."""

    def __init__(self, world: World) -> None:
        self.world, self.now = world, NOW
        self.events: list[tuple[str, Mapping[str, Any]]] = []
        self.measured: list[Mapping[str, float]] = []
        engine = world.container.engine
        self.engine = replace(
            engine,
            clock=lambda: self.now,
            events=self,
            measure=lambda values, **_: self.measured.append(values),
        )
        world.container.__dict__["engine"] = self.engine
        self.connection_id = world.connected()
        self.run_id = world.start(self.connection_id)
        self.message = {"run": {"tenant": "demo", "connection_id": self.connection_id, "run_id": self.run_id}}

    def publish(self, events: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        self.events += events

    def begin(self) -> None:
        load("runs", "open_run").open_run(self.engine, self.message)

    def get(self, path: str = "") -> dict[str, Any]:
        found: dict[str, Any] = self.world.call("GET", path or f"/runs/{self.run_id}").json
        return found

    def post(self, path: str, body: Any = None) -> Any:
        return self.world.call("POST", path, body)

    def end(self, status: str) -> None:
        """Its execution ends, and nobody is told: the rule is off, or the stack was stopped."""
        self.world.executions.endings[self.run_id] = status


@pytest.fixture
def dying(world: World) -> Dying:
    made = Dying(world)
    made.begin()
    return made


def test_a_run_in_progress_shows_its_last_sign_of_life(dying: Dying) -> None:
    """(oncall OC-13)"""
    assert dying.get()["last_sign_of_life_at"] == "2026-06-01T03:19:07.000Z"
    dying.now += timedelta(minutes=5)
    dying.engine.holding(dying.message)
    dying.now += timedelta(minutes=2)
    assert dying.get()["last_sign_of_life_at"] == "2026-06-01T03:24:07.000Z"
    dying.world.plan(dying.run_id, unchanged=1)
    dying.world.finish(dying.run_id)
    assert "last_sign_of_life_at" not in dying.get()
    assert dying.get()["died"] is None


LOOKS = [
    ("the run", lambda dying: dying.get()),
    ("the list", lambda dying: dying.get("/runs")["items"][0]),
    ("its records", lambda dying: dying.get(f"/runs/{dying.run_id}/records") and dying.get()),
    ("a replay of it", lambda dying: dying.post(f"/runs/{dying.run_id}/replay", {}) and dying.get()),
]


@pytest.mark.requirement("RUN-2", "OPS-4")
@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED", "SUCCEEDED"])
@pytest.mark.parametrize("look", [row[1] for row in LOOKS], ids=[row[0] for row in LOOKS])
def test_a_run_whose_execution_has_ended_is_closed_by_whoever_looks(
    dying: Dying, look: Any, status: str
) -> None:
    """(oncall OC-13, OC-32) It was RUNNING for half an hour, with an exit status of 0."""
    dying.now += timedelta(seconds=40)
    dying.end(status)
    run = look(dying)
    assert (run["status"], run["error"]["code"]) == ("failed", "RUN_DIED")
    assert (
        f"its execution is {status}; its last sign of life was at 2026-06-01T03:19:07Z"
        in run["error"]["message"]
    )
    assert run["died"] == run["error"]
    assert run["finished_at"]
    assert [values["RunsDied"] for values in dying.measured if "RunsDied" in values] == [1]
    assert [name for name, _ in dying.events] == ["RunFinished"]


def test_a_run_whose_lease_ran_out_is_closed_by_whoever_looks(dying: Dying) -> None:
    """(oncall OC-13)"""
    dying.now += timedelta(minutes=30)
    assert dying.get()["status"] == "running"
    dying.now += timedelta(seconds=1)
    assert "its lease ran out" in dying.get()["died"]["message"]


@pytest.mark.parametrize("trigger", [None, Trigger.SCHEDULE, Trigger.LOGIN])
def test_nobody_joins_a_dead_run(dying: Dying, trigger: Trigger | None) -> None:
    """(oncall OC-12, OC-13, OC-32) A start answered 200 with the dead one, and all looked done."""
    dying.end("ABORTED")
    if trigger is None:
        path = f"/connections/{dying.connection_id}/runs"
        answer = dying.post(path, {"flow": FLOW})
        assert answer.status == 202
        started = answer.json["run_id"]
    else:
        event = {
            "tenant": "demo",
            "connection_id": dying.connection_id,
            "flow": FLOW,
            "trigger": trigger.value,
        }
        answer = load("start_run", "start_run").handler(event, SimpleNamespace(aws_request_id="lambda-id"))
        assert answer["joined"] is False
        started = answer["run_id"]
    assert started != dying.run_id
    assert dying.world.executions.started[-1] == started
    assert dying.get()["status"] == "failed"


def test_who_waited_for_a_dead_run_starts_once_it_is_closed(dying: Dying) -> None:
    """(oncall OC-33) And says meanwhile what it waits for."""
    world = dying.world
    some = world.start(world.connected(), options={"employees": ["1042"]})
    connection_id = world.run(some).connection_id
    event = {"tenant": "demo", "connection_id": connection_id, "flow": FLOW}
    waiting = load("start_run", "start_run").handler(event, SimpleNamespace(aws_request_id="lambda-id"))[
        "run_id"
    ]
    found = dying.get(f"/runs/{waiting}")
    assert (found["status"], found["waits"]["message"]) == ("queued", f"waits until {some} has ended")
    dying.now += timedelta(hours=2)
    assert dying.get(f"/runs/{waiting}")["status"] == "queued", "it waits for its turn, and is not dead"
    assert dying.get(f"/runs/{some}")["status"] == "failed"
    (detail,) = [detail for _, detail in dying.events if detail["run_id"] == some]
    load("start_run", "start_waiting").handler(
        {"detail": detail}, SimpleNamespace(aws_request_id="lambda-id")
    )
    assert world.executions.started[-1] == waiting
    assert dying.get(f"/runs/{waiting}")["waits"] is None


def test_a_dead_run_that_is_stopped_keeps_that_it_had_died(dying: Dying) -> None:
    """(oncall OC-15)"""
    dying.end("ABORTED")
    answer = dying.post(f"/runs/{dying.run_id}/stop")
    assert answer.status == 202
    run = dying.get()
    assert answer.json == run
    assert (run["status"], run["error"]["code"], run["died"]["code"]) == (
        "stopped",
        "STOPPED_BY_USER",
        "RUN_DIED",
    )
    assert "its execution is ABORTED" in run["died"]["message"]
    assert [values for values in dying.measured if values.get("RunsDied")], "it is alarmed all the same"


def test_what_a_run_met_with_before_it_died_stays_its_error(dying: Dying) -> None:
    """(oncall OC-15)"""
    why = reason("SYSTEM_UNREACHABLE", system="Xledger", problem="503")
    dying.engine.ledger.runs.halt(dying.world.run(dying.run_id), Halt(Status.FAILED, why))
    dying.end("TIMED_OUT")
    run = dying.get()
    assert (run["error"]["code"], run["died"]["code"]) == ("SYSTEM_UNREACHABLE", "RUN_DIED")


def test_a_run_that_ends_while_it_is_looked_at_has_not_died(dying: Dying) -> None:
    """(oncall OC-13) Its execution has ended, since the run has: what was read of it before is old."""
    dying.world.plan(dying.run_id, unchanged=1)

    def ends(run: Any) -> str:
        dying.world.finish(run.run_id)
        return "SUCCEEDED"

    dying.world.executions.ended = ends  # type: ignore[method-assign]
    run = dying.get()
    assert (run["status"], run["died"]) == ("succeeded", None)
    assert not [values for values in dying.measured if "RunsDied" in values]


def test_an_execution_that_cannot_be_found_is_gone_only_when_the_run_is_silent(dying: Dying) -> None:
    """(oncall OC-13) One that was started just now may not be shown yet."""
    dying.end(GONE)
    dying.now += timedelta(seconds=GONE_SECONDS - 1)
    assert dying.get()["status"] == "running"
    dying.now += timedelta(seconds=1)
    assert "its execution is gone" in dying.get()["died"]["message"]


def test_a_queued_run_without_an_execution_is_started_by_who_joins_it(world: World) -> None:
    """(oncall OC-13) It died between the ledger and the state machine, before it began."""
    dying = Dying(world)
    dying.end(GONE)
    dying.now += timedelta(minutes=10)
    assert dying.get()["status"] == "queued"
    world.executions.started.clear()
    answer = dying.post(f"/connections/{dying.connection_id}/runs", {"flow": FLOW})
    assert (answer.status, world.executions.started) == (200, [dying.run_id])


def test_a_dead_run_of_another_tenant_is_not_looked_at(dying: Dying) -> None:
    dying.end("ABORTED")
    assert dying.world.call("GET", f"/runs/{dying.run_id}", tenant="other").status == 404
    assert dying.world.run(dying.run_id).status is Status.RUNNING
