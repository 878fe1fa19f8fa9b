"""Failures over all connections, newest first, and their groups by reason (OPS-2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.world import BLOCKED, FAILED, UPDATED, World, write


def failures(world: World, query: str = "", **more: Any) -> dict[str, Any]:
    answer = world.call("GET", f"/failures{query}", **more)
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


@pytest.mark.requirement("OPS-2")
def test_failures_of_all_connections_are_listed_newest_first_with_run_record_and_remedy(
    world: World,
) -> None:
    one, two = world.connected(name="One"), world.connected(name="Two")
    older, newer = sorted([world.finished(one), world.finished(two, flow="time_off_export")])
    found = failures(world, role="viewer")
    assert [item["run_id"] for item in found["items"]] == [newer, newer, older, older]
    item = next(item for item in found["items"] if item["outcome"] == "blocked")
    run = world.call("GET", f"/runs/{item['run_id']}").json
    assert item["connection_id"] == run["connection_id"]
    assert item["flow"] == run["flow"]
    assert item["at"] == run["finished_at"]
    assert item["record_id"] == "employee:1042"
    assert item["reason"]["remedy"] == "Mend it in Simployer One."
    assert found["groups"] == [
        {"code": "REFUSED_BY_TARGET", "count": 2},
        {"code": "REQUIRED_FIELD_MISSING", "count": 2},
    ]
    assert found["groups_complete"] is True
    assert found["next_cursor"] is None


@pytest.mark.requirement("OPS-2")
def test_failures_are_filtered_and_their_groups_with_them(world: World) -> None:
    connection_id = world.connected()
    export = world.finished(connection_id)
    time_off = world.finished(connection_id, flow="time_off_export")
    by_reason = failures(world, "?reason=REFUSED_BY_TARGET")
    assert {item["key"] for item in by_reason["items"]} == {FAILED.key}
    assert by_reason["groups"] == [{"code": "REFUSED_BY_TARGET", "count": 2}]
    by_flow = failures(world, "?flow=time_off_export")
    assert {item["run_id"] for item in by_flow["items"]} == {time_off}
    assert sum(group["count"] for group in by_flow["groups"]) == 2
    both = failures(world, "?flow=employee_export&reason=REQUIRED_FIELD_MISSING")
    assert [(item["run_id"], item["key"]) for item in both["items"]] == [(export, BLOCKED.key)]


@pytest.mark.requirement("OPS-2")
def test_failures_since_a_time_are_those_of_runs_that_ended_later(world: World) -> None:
    connection_id = world.connected()
    run_id = world.finished(connection_id)
    finished = datetime.fromisoformat(world.call("GET", f"/runs/{run_id}").json["finished_at"])

    def since(moment: datetime) -> dict[str, Any]:
        return failures(world, f"?since={moment.isoformat(timespec='milliseconds').replace('+', '%2B')}")

    assert len(since(finished)["items"]) == 2
    assert len(since(finished - timedelta(days=30))["items"]) == 2
    later = since(finished + timedelta(milliseconds=1))
    assert (later["items"], later["groups"]) == ([], [])
    oslo = (finished - timedelta(hours=1)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    assert len(failures(world, f"?since={oslo}")["items"]) == 2, "a plus that came as a blank is understood"


@pytest.mark.requirement("OPS-2")
def test_a_run_that_was_asked_for_before_and_failed_after_counts(world: World) -> None:
    connection_id = world.connected()
    run_id = world.start(connection_id)
    world.plan(run_id, [BLOCKED], [])
    began = datetime.now(UTC)
    engine = replace(world.place.engine, clock=lambda: began + timedelta(hours=2))
    world.place.__dict__["engine"] = engine
    world.finish(run_id)
    middle = (began + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    found = failures(world, f"?since={middle}")
    assert [item["run_id"] for item in found["items"]] == [run_id]
    assert found["groups"] == [{"code": "REQUIRED_FIELD_MISSING", "count": 1}]


@pytest.mark.requirement("OPS-2")
@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_failures_are_paged_without_gap_or_repeat(world: World, limit: int) -> None:
    connection_id = world.connected()
    runs = [world.finished(connection_id) for _ in range(3)]
    seen: list[tuple[str, str]] = []
    cursor = ""
    while True:
        found = failures(world, f"?limit={limit}{cursor}")
        assert len(found["items"]) <= limit
        assert sum(group["count"] for group in found["groups"]) == 6
        seen += [(item["run_id"], item["key"]) for item in found["items"]]
        if found["next_cursor"] is None:
            break
        cursor = f"&cursor={found['next_cursor']}"
    assert len(seen) == len(set(seen)) == 6
    assert [run_id for run_id, _ in seen] == sorted((r for r in runs for _ in range(2)), reverse=True)


@pytest.mark.requirement("OPS-2")
def test_a_preview_attempted_nothing_and_is_no_failure(world: World) -> None:
    run_id = world.start(world.connected(), mode="preview")
    world.plan(run_id, [BLOCKED], [write(UPDATED)])
    world.finish(run_id)
    assert failures(world) == {"items": [], "groups": [], "groups_complete": True, "next_cursor": None}


@pytest.mark.requirement("OPS-2")
def test_groups_that_were_not_counted_to_the_end_say_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    import api_failures

    connection_id = world.connected()
    for _ in range(2):
        world.finished(connection_id)
    monkeypatch.setattr(api_failures, "COUNTED_PARTS", 1)
    assert failures(world)["groups_complete"] is False
