"""Replaying records and runs, and applying plans (OPS-1, RUN-9, RUN-10)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.records import Outcome, Risk
from payrelay.domain.runs import ConnectionStatus, Mode, Trigger
from tests.api.test_runs import held_run
from tests.worlds.api import BLOCKED, FAILED, SKIPPED, UPDATED, Reply, World, record, write


def replay(world: World, run_id: str, body: Any = None) -> Reply:
    return world.call("POST", f"/runs/{run_id}/replay", body, role="operator")


def only(world: World, answer: Reply) -> list[str]:
    """The source ids that a replay is confined to."""
    return world.container.ledger.plans.only(world.run(answer.json["run_id"]))


@pytest.mark.requirement("OPS-1")
@pytest.mark.parametrize("body", [None, {}])
def test_a_whole_run_is_replayed_with_its_own_options(world: World, body: Any) -> None:
    old = world.finished(world.connected(), options={"employees": ["1042", "1043"]})
    answer = replay(world, old, body)
    assert answer.status == 202
    run = world.run(answer.json["run_id"])
    assert answer.headers["Location"] == f"/runs/{run.run_id}"
    assert (run.trigger, run.mode, run.replay_of) == (Trigger.REPLAY, Mode.SYNC, old)
    assert run.options == {"employees": ["1042", "1043"]}
    assert run.only is None
    assert world.executions.started[-1] == run.run_id


@pytest.mark.requirement("OPS-1")
@pytest.mark.parametrize(
    ("body", "sources"),
    [
        ({"records": ["employee:1042"]}, ["source-1042"]),
        ({"records": ["employee:1044", "employee:1041"]}, ["source-1041", "source-1044"]),
        ({"outcomes": ["failed"]}, ["source-1044"]),
        ({"outcomes": ["failed", "blocked"]}, ["source-1042", "source-1044"]),
        ({"reasons": ["REQUIRED_FIELD_MISSING"]}, ["source-1042"]),
        ({"outcomes": ["blocked"], "reasons": ["REQUIRED_FIELD_MISSING"]}, ["source-1042"]),
    ],
)
def test_some_records_are_replayed_and_no_others(
    world: World, body: dict[str, Any], sources: list[str]
) -> None:
    """By name, by outcome, or by reason (oncall OC-19)."""
    answer = replay(world, world.finished(world.connected()), body)
    assert answer.status == 202
    assert sorted(only(world, answer)) == sources


@pytest.mark.requirement("OPS-1")
def test_a_replay_tells_first_when_it_is_asked_to(world: World) -> None:
    old = world.finished(world.connected())
    answer = replay(world, old, {"outcomes": ["failed"], "preview": True})
    assert (answer.status, answer.json["mode"], answer.json["replay_of"]) == (202, "preview", old)


@pytest.mark.requirement("OPS-1")
@pytest.mark.parametrize(
    "body",
    [
        {"outcomes": ["created"]},
        {"reasons": ["COST_CENTRE_UNKNOWN"]},
        {"outcomes": ["failed"], "reasons": ["REQUIRED_FIELD_MISSING"]},
    ],
)
def test_what_no_record_has_leaves_nothing_to_replay(world: World, body: dict[str, Any]) -> None:
    answer = replay(world, world.finished(world.connected()), body)
    assert (answer.status, answer.code) == (409, "NOTHING_TO_REPLAY")


@pytest.mark.requirement("OPS-1")
def test_records_are_named_by_their_ids_or_by_their_reasons(world: World) -> None:
    body = {"records": ["employee:1042"], "reasons": ["REQUIRED_FIELD_MISSING"]}
    assert replay(world, world.finished(world.connected()), body).status == 422
    assert replay(world, world.finished(world.connected()), {"reasons": ["NO_SUCH"]}).status == 422


@pytest.mark.requirement("OPS-1")
def test_a_run_in_progress_is_not_replayed_or_applied(world: World) -> None:
    run_id = world.start(world.connected(), mode="preview")
    for verb in ("replay", "apply"):
        answer = world.call("POST", f"/runs/{run_id}/{verb}", {})
        assert (answer.status, answer.code) == (409, "RUN_NOT_FINISHED")


@pytest.mark.requirement("OPS-1", "RUN-1")
def test_a_replay_joins_the_same_replay_and_no_other_run_in_progress(world: World) -> None:
    connection_id = world.connected()
    old, other = world.finished(connection_id), world.finished(connection_id)
    first = replay(world, old, {"outcomes": ["failed"]})
    again = replay(world, old, {"outcomes": ["failed"]})
    assert (again.status, again.json["run_id"], again.json["joined"]) == (200, first.json["run_id"], True)
    answer = replay(world, other, {"outcomes": ["failed"]})
    assert (answer.status, answer.code) == (409, "RUN_IN_PROGRESS")
    assert f"it replays {old}" in answer.json["detail"]


@pytest.mark.requirement("OPS-1")
def test_a_replay_of_a_confined_replay_is_no_wider(world: World) -> None:
    first = replay(world, world.finished(world.connected()), {"outcomes": ["failed"]}).json["run_id"]
    world.plan(first, [], [write(UPDATED)])
    world.finish(first, [UPDATED])
    assert only(world, replay(world, first, {})) == ["source-1044"]


@pytest.mark.requirement("OPS-1")
def test_records_that_were_only_planned_can_be_replayed(world: World) -> None:
    old = preview(world, world.connected())
    assert only(world, replay(world, old, {"records": ["employee:1043"]})) == ["source-1043"]


@pytest.mark.requirement("OPS-1")
def test_a_run_of_a_connection_that_is_gone_or_not_connected_is_not_replayed(world: World) -> None:
    connection_id = world.connected()
    old = world.finished(connection_id)
    world.set_status(connection_id, ConnectionStatus.NOT_CONNECTED)
    answer = replay(world, old, {})
    assert (answer.status, answer.code) == (409, "NOT_CONNECTED")
    assert world.call("DELETE", f"/connections/{connection_id}").status == 204
    answer = replay(world, old, {})
    assert (answer.status, answer.code) == (409, "CONNECTION_DELETED")


def preview(world: World, connection_id: str, *, people: int = 0) -> str:
    """A finished preview that would update one employee, and end `people` others."""
    run_id = world.start(connection_id, mode="preview")
    ends = [write(record(f"e{n}", Outcome.UPDATED), risks=(Risk.END,)) for n in range(people)]
    world.plan(run_id, [SKIPPED], [write(UPDATED), *ends])
    world.finish(run_id)
    return run_id


def apply(world: World, run_id: str, role: str = "operator") -> Reply:
    return world.call("POST", f"/runs/{run_id}/apply", role=role)


@pytest.mark.requirement("RUN-9")
def test_a_finished_preview_is_applied_by_a_run_that_names_it(world: World) -> None:
    old = preview(world, world.connected())
    answer = apply(world, old)
    assert answer.status == 202
    assert (answer.json["mode"], answer.json["plan_of"]) == ("apply", old)
    assert answer.headers["Location"] == f"/runs/{answer.json['run_id']}"
    world.finish(answer.json["run_id"], [UPDATED])
    done = world.call("GET", f"/runs/{answer.json['run_id']}").json
    assert (done["status"], done["counts"]["updated"]) == ("succeeded", 1)


@pytest.mark.requirement("RUN-9")
def test_a_held_run_is_applied_by_an_admin_only(world: World) -> None:
    old = held_run(world, world.connected())
    refused = apply(world, old, "operator")
    assert (refused.status, refused.code) == (403, "FORBIDDEN")
    assert f"The brake holds {old}, so that this needs the role admin" in refused.json["detail"]
    assert "An admin of the customer decides" in refused.json["remedy"], "(oncall OC-23)"
    answer = apply(world, old, "admin")
    assert (answer.status, answer.json["plan_of"]) == (202, old)


@pytest.mark.requirement("RUN-9")
def test_a_preview_is_no_way_around_the_brake(world: World) -> None:
    connection_id = world.connected()
    first = world.start(connection_id)
    world.plan(first, unchanged=8)
    world.finish(first)
    old = preview(world, connection_id, people=6)
    assert apply(world, old, "operator").code == "FORBIDDEN"
    assert apply(world, old, "admin").status == 202


@pytest.mark.requirement("RUN-9")
def test_a_run_without_a_plan_has_nothing_to_apply(world: World) -> None:
    connection_id = world.connected()
    finished = world.finished(connection_id)
    stopped = world.start(connection_id, mode="preview")
    world.call("POST", f"/runs/{stopped}/stop")
    world.finish(stopped)
    empty = world.start(connection_id, mode="preview")
    world.plan(empty, unchanged=3)
    world.finish(empty)
    for run_id in (finished, stopped, empty):
        answer = apply(world, run_id)
        assert (answer.status, answer.code) == (409, "NOTHING_TO_APPLY")
    assert len(world.call("GET", "/runs").json["items"]) == 3


@pytest.mark.requirement("RUN-9")
def test_a_plan_is_not_said_to_be_applied_by_another_run_in_progress(world: World) -> None:
    connection_id = world.connected()
    old = preview(world, connection_id)
    current = world.start(connection_id)
    answer = apply(world, old)
    assert (answer.status, answer.code) == (409, "RUN_IN_PROGRESS")
    assert current in answer.json["detail"]


@pytest.mark.requirement("RUN-9", "RUN-1")
def test_applying_twice_at_once_joins(world: World) -> None:
    old = preview(world, world.connected())
    first = apply(world, old)
    second = apply(world, old)
    assert (second.status, second.json["run_id"]) == (200, first.json["run_id"])


@pytest.mark.requirement("RUN-9")
@pytest.mark.parametrize("role", ["admin", "operator"])
def test_a_plan_is_applied_once_and_names_the_run_that_did(world: World, role: str) -> None:
    """(oncall OC-21)"""
    old = preview(world, world.connected())
    assert world.call("GET", f"/runs/{old}").json["applied_by"] is None
    first = apply(world, old, role).json
    assert world.call("GET", f"/runs/{old}").json["applied_by"] == first["run_id"]
    world.finish(first["run_id"], [UPDATED])
    again = apply(world, old, role)
    assert (again.status, again.code) == (409, "ALREADY_APPLIED")
    for told in (first["run_id"], first["requested_by"], first["queued_at"][:19], "succeeded"):
        assert told in again.json["detail"]


@pytest.mark.requirement("RUN-9")
def test_of_two_who_apply_a_plan_at_once_one_wins_though_the_other_had_looked_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(oncall OC-21)"""
    from payrelay.flows.engine import orders

    old = preview(world, world.connected())
    real, others = orders.start_run, []

    def meanwhile(*given: Any) -> Any:
        """A colleague applies it, and it is done, between our look and our start."""
        monkeypatch.setattr(orders, "start_run", real)
        others.append(apply(world, old).json["run_id"])
        world.finish(others[0], [UPDATED])
        return real(*given)

    monkeypatch.setattr(orders, "start_run", meanwhile)
    answer = apply(world, old)
    assert (answer.status, answer.code) == (409, "ALREADY_APPLIED")
    assert others[0] in answer.json["detail"]
    applied = [run for run in world.call("GET", "/runs").json["items"] if run["mode"] == "apply"]
    assert [run["run_id"] for run in applied] == others


@pytest.mark.requirement("RUN-9")
def test_a_plan_whose_apply_failed_is_applied_again(world: World) -> None:
    """(oncall OC-21)"""
    old = preview(world, world.connected())
    first = apply(world, old).json["run_id"]
    world.call("POST", f"/runs/{first}/stop")
    assert world.finish(first).status.value == "stopped"
    second = apply(world, old)
    assert second.status == 202
    assert world.call("GET", f"/runs/{old}").json["applied_by"] == second.json["run_id"]


@pytest.mark.requirement("OPS-1", "RUN-1")
def test_whoever_comes_second_is_told_who_replays_what_since_when(world: World) -> None:
    """(oncall OC-24)"""
    old = world.finished(world.connected())
    first = world.call("POST", f"/runs/{old}/replay", {"records": [BLOCKED.record_id]}).json
    same = world.call("POST", f"/runs/{old}/replay", {"records": [BLOCKED.record_id]})
    assert (same.status, same.json["run_id"]) == (200, first["run_id"])
    other = world.call("POST", f"/runs/{old}/replay", {"records": [FAILED.record_id]})
    assert (other.status, other.code) == (409, "RUN_IN_PROGRESS")
    for told in (first["run_id"], first["requested_by"], first["queued_at"][:19], f"other records of {old}"):
        assert told in other.json["detail"]


@pytest.mark.requirement("OPS-1")
def test_a_replay_of_a_preview_says_that_it_writes(world: World) -> None:
    """(faults G7)"""
    connection_id = world.connected()
    preview = world.start(connection_id, mode="preview")
    world.plan(preview, [SKIPPED])
    world.finish(preview)
    shown = world.call("POST", f"/runs/{preview}/replay", {"preview": True})
    assert (shown.json["mode"], "note" in shown.json) == ("preview", False)
    world.finish(shown.json["run_id"])
    answer = world.call("POST", f"/runs/{preview}/replay", {})
    assert (answer.json["mode"], answer.json["replay_of"]) == ("sync", preview)
    assert "writes" in answer.json["note"]
