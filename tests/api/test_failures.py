"""Failures over all connections, newest first, and their groups by reason (OPS-2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payrelay.domain.records import Outcome, Record
from payrelay.ledger import failures, open_failures
from tests.worlds.api import BLOCKED, FAILED, UPDATED, World, flat, record, write
from tests.worlds.in_memory import made_world
from tests.worlds.structs import replace

BLOCKED_TOO = record("1045", Outcome.BLOCKED, "VALUE_NOT_VALID")


@dataclass
class Scene:
    """Three runs of two connections, newest first; each has one failed and one blocked record."""

    world: World
    runs: list[str]

    def failures(self, query: str = "", **more: Any) -> dict[str, Any]:
        answer = self.world.call("GET", f"/failures{query}", **more)
        assert answer.status == 200, answer.text
        found: dict[str, Any] = answer.json
        return found


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """Tests that need other runs make them for a tenant of their own."""
    with made_world() as world:
        one, two = world.connected(name="One"), world.connected(name="Two")
        runs = [world.finished(one), world.finished(two), world.finished(one, flow="time_off_export")]
        yield Scene(world, sorted(runs, reverse=True))


@pytest.mark.requirement("OPS-2")
def test_failures_of_all_connections_are_listed_newest_first_with_run_record_and_remedy(
    scene: Scene,
) -> None:
    found = scene.failures(role="viewer")
    assert [item["run_id"] for item in found["items"]] == [run for run in scene.runs for _ in range(2)]
    item = next(item for item in found["items"] if item["outcome"] == "blocked")
    run = scene.world.call("GET", f"/runs/{item['run_id']}").json
    assert item["connection_id"] == run["connection_id"]
    assert item["flow"] == run["flow"]
    assert item["at"] == run["finished_at"]
    assert item["record_id"] == "employee:1042"
    assert item["reason"]["remedy"] == "Mend it in Simployer One."
    assert found["groups"] == [
        {"code": "REFUSED_BY_TARGET", "count": 3},
        {"code": "REQUIRED_FIELD_MISSING", "count": 3},
    ]
    assert found["groups_complete"] is True
    assert found["next_cursor"] is None


@pytest.mark.requirement("OPS-2")
def test_failures_are_filtered_and_their_groups_with_them(scene: Scene) -> None:
    by_reason = scene.failures("?reason=REFUSED_BY_TARGET")
    assert {item["key"] for item in by_reason["items"]} == {FAILED.key}
    assert by_reason["groups"] == [{"code": "REFUSED_BY_TARGET", "count": 3}]
    by_flow = scene.failures("?flow=time_off_export")
    assert {item["flow"] for item in by_flow["items"]} == {"time_off_export"}
    assert sum(group["count"] for group in by_flow["groups"]) == 2
    both = scene.failures("?flow=time_off_export&reason=REQUIRED_FIELD_MISSING")
    assert [item["key"] for item in both["items"]] == [BLOCKED.key]


@pytest.mark.requirement("OPS-2")
def test_failures_since_a_time_are_those_of_runs_that_ended_later(scene: Scene) -> None:
    runs = scene.world.call("GET", "/runs").json["items"]
    last = datetime.fromisoformat(max(run["finished_at"] for run in runs))

    def since(moment: datetime) -> dict[str, Any]:
        return scene.failures(f"?since={moment.isoformat(timespec='milliseconds').replace('+', '%2B')}")

    assert len(since(last)["items"]) >= 2
    assert len(since(last - timedelta(days=30))["items"]) == 6
    assert len(scene.failures("?since=0001-01-01T00:00:00Z")["items"]) == 6
    assert scene.failures("?since=9999-12-31T23:59:59Z")["items"] == []
    later = since(last + timedelta(milliseconds=1))
    assert (later["items"], later["groups"]) == ([], [])
    blank = (last - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    assert len(scene.failures(f"?since={blank}")["items"]) == 6, "a plus that came as a blank is understood"


@pytest.mark.requirement("OPS-2")
@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_failures_are_paged_without_gap_or_repeat(scene: Scene, limit: int) -> None:
    pages = scene.world.pages(f"/failures?limit={limit}", "run_id")
    assert flat(pages) == [run for run in scene.runs for _ in range(2)]
    assert all(len(page) == limit for page in pages[:-1])
    keys = scene.world.pages(f"/failures?limit={limit}", "key")
    assert sorted(flat(keys)) == ["1042"] * 3 + ["1044"] * 3


@pytest.mark.requirement("OPS-2")
def test_groups_count_everything_on_every_page(scene: Scene) -> None:
    first = scene.failures("?limit=1")
    second = scene.failures(f"?limit=1&cursor={first['next_cursor']}")
    assert first["groups"] == second["groups"]
    assert sum(group["count"] for group in first["groups"]) == 6


@pytest.mark.requirement("OPS-2")
def test_groups_that_were_not_counted_to_the_end_say_so(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_failures, "MOST_PARTS", 1)
    assert scene.failures()["groups_complete"] is False
    monkeypatch.setattr(failures, "COUNTED_PARTS", 1)
    assert scene.failures("?open=false")["groups_complete"] is False


@pytest.mark.requirement("OPS-2")
def test_a_run_that_was_asked_for_before_and_failed_after_counts(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, tenant = scene.world, "slow"
    run_id = world.start(world.connected(tenant), tenant)
    world.plan(run_id, [BLOCKED], tenant=tenant)
    began = datetime.now(UTC)
    later = replace(world.container.engine, clock=lambda: began + timedelta(hours=2))
    with monkeypatch.context() as patch:
        patch.setitem(world.container.__dict__, "engine", later)
        world.finish(run_id, tenant=tenant)
    between = (began + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    found = scene.failures(f"?since={between}", tenant=tenant)
    assert [item["run_id"] for item in found["items"]] == [run_id]
    assert found["groups"] == [{"code": "REQUIRED_FIELD_MISSING", "count": 1}]


@pytest.mark.requirement("OPS-2")
def test_a_preview_attempted_nothing_and_is_no_failure(scene: Scene) -> None:
    world, tenant = scene.world, "previewer"
    run_id = world.start(world.connected(tenant), tenant, mode="preview")
    world.plan(run_id, [BLOCKED], [write(UPDATED)], tenant=tenant)
    world.finish(run_id, tenant=tenant)
    empty = {"items": [], "groups": [], "groups_complete": True, "next_cursor": None}
    assert scene.failures(tenant=tenant) == empty


def ran(world: World, connection_id: str, tenant: str, *records: Record, **body: Any) -> str:
    """A run that told of these records, and was complete; its id. `moved_only` is what it read."""
    moved_only = body.pop("moved_only", False)
    run_id = world.start(connection_id, tenant, **body)
    run = world.plan(run_id, records, unchanged=2, tenant=tenant)
    world.container.engine.ledger.runs.change(run, moved_only=moved_only)
    world.finish(run_id, tenant=tenant)
    return run_id


@pytest.mark.requirement("OPS-2", "RUN-11")
def test_what_a_run_did_not_look_at_is_carried_and_told_with_the_run_that_saw_it(scene: Scene) -> None:
    """(oncall OC-20) A run that reads what moved knows nothing of what only a narrowed run has seen."""
    world, tenant = scene.world, "carrying"
    connection_id = world.connected(tenant)

    def told() -> list[tuple[str, str]]:
        return [(item["key"], item["run_id"]) for item in scene.failures(tenant=tenant)["items"]]

    left = ran(world, connection_id, tenant, BLOCKED)
    narrowed = ran(world, connection_id, tenant, BLOCKED_TOO, options={"employees": ["1045"]})
    assert told() == [("1045", narrowed), ("1042", left)]
    for _ in range(2):
        ran(world, connection_id, tenant, moved_only=True)
        assert told() == [("1045", narrowed)], "what the last run left is looked at by the next"
    groups = scene.failures(tenant=tenant)["groups"]
    assert groups == [{"code": "VALUE_NOT_VALID", "count": 1}]
    ran(world, connection_id, tenant)
    assert told() == []


@pytest.mark.requirement("OPS-2")
def test_the_history_has_what_each_run_told(scene: Scene) -> None:
    """(oncall OC-20) One record in three runs is one that is open, and three of the history."""
    world, tenant = scene.world, "historian"
    connection_id = world.connected(tenant)
    runs = [ran(world, connection_id, tenant, BLOCKED) for _ in range(3)]
    found = scene.failures(tenant=tenant)
    assert [item["run_id"] for item in found["items"]] == runs[-1:]
    assert found["groups"] == [{"code": "REQUIRED_FIELD_MISSING", "count": 1}]
    ever = scene.failures("?open=false", tenant=tenant)
    assert [item["run_id"] for item in ever["items"]] == runs[::-1]
    assert ever["groups"] == [{"code": "REQUIRED_FIELD_MISSING", "count": 3}]
    ran(world, connection_id, tenant)
    assert scene.failures("?open=true", tenant=tenant)["items"] == []
    assert len(scene.failures("?open=false", tenant=tenant)["items"]) == 3
    assert world.call("GET", "/failures?open=perhaps").status == 400
