"""One connection and one run that has ended: what they show, and every wrong order to them (RUN-2, TRG-4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from payrelay.domain.records import Outcome
from tests.worlds.api import World, flat, record, write
from tests.worlds.aws import client
from tests.worlds.in_memory import made_world

ORDER = {"flow": "employee_export", "mode": "sync", "options": {}}
SCHEDULE = {"days": ["FRI", "MON"], "time": "06:00", "time_zone": "Europe/Oslo", "enabled": True}


@dataclass
class Scene:
    """A connection with a run that ended, and another with many records."""

    world: World
    connection_id: str
    run_id: str
    long_run_id: str

    @property
    def runs(self) -> int:
        return len(self.world.call("GET", "/runs").json["items"])


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """No test here changes it."""
    with made_world() as world:
        connection_id = world.connected()
        run_id = world.finished(connection_id)
        long_run_id = world.start(connection_id)
        blocked = [record(f"b{n:03d}", Outcome.BLOCKED, "REQUIRED_FIELD_MISSING") for n in range(9)]
        updated = [record(f"u{n:03d}", Outcome.UPDATED) for n in range(5)]
        world.plan(long_run_id, blocked, [write(one) for one in updated])
        world.finish(long_run_id, updated)
        yield Scene(world, connection_id, run_id, long_run_id)


@pytest.mark.requirement("RUN-2")
def test_records_say_outcome_reason_and_changes(scene: Scene) -> None:
    records = scene.world.call("GET", f"/runs/{scene.run_id}/records", role="viewer").json["items"]
    assert records[1] == {
        "record_id": "employee:1042",
        "entity": "employee",
        "key": "1042",
        "label": "Employee 1042",
        "outcome": "blocked",
        "attempts": 1,
        "reason": {
            "code": "REQUIRED_FIELD_MISSING",
            "message": "Employee 1042: REQUIRED_FIELD_MISSING.",
            "remedy": "Mend it in Simployer One.",
        },
        "request": None,
        "changes": [],
    }
    assert records[2]["changes"] == [{"field": "email", "old": "old@demo.example", "new": "new@demo.example"}]
    assert [record["outcome"] for record in records] == ["skipped", "blocked", "updated", "failed"]


@pytest.mark.requirement("RUN-2")
@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("?outcome=failed", ["1044"]),
        ("?outcome=skipped", ["1041"]),
        ("?outcome=created", []),
        ("?reason=REQUIRED_FIELD_MISSING", ["1042"]),
        ("?outcome=blocked&reason=REFUSED_BY_TARGET", []),
        ("?limit=2", ["1041", "1042"]),
    ],
)
def test_records_are_filtered(scene: Scene, query: str, keys: list[str]) -> None:
    answer = scene.world.call("GET", f"/runs/{scene.run_id}/records{query}").json
    assert [record["key"] for record in answer["items"]] == keys


@pytest.mark.requirement("RUN-2")
@pytest.mark.parametrize("limit", [1, 3, 7, 200])
def test_records_are_paged_without_gap_or_repeat(scene: Scene, limit: int) -> None:
    pages = scene.world.pages(f"/runs/{scene.long_run_id}/records?limit={limit}", "key")
    assert flat(pages) == [f"b{n:03d}" for n in range(9)] + [f"u{n:03d}" for n in range(5)]
    assert all(len(page) == limit for page in pages[:-1])


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize(
    ("body", "field", "allowed"),
    [
        ({}, "flow", "required"),
        ({"flow": "balance_sync"}, "flow", "employee_export, time_off_export"),
        ({"flow": ["employee_export"]}, "flow", "employee_export"),
        ({"mode": "apply"}, "mode", "sync, preview"),
        ({"mode": "auto"}, "mode", "sync, preview"),
        ({"mode": None}, "mode", "sync, preview"),
        ({"options": []}, "options", "object"),
        ({"options": {"people": []}}, "options.people", "employees"),
        ({"options": {"employees": [7]}}, "options.employees.0", "string"),
        ({"flow": "time_off_export", "options": {"from": "2026-01-01"}}, "options", "both `from` and `to`"),
        ({"flow": "time_off_export", "options": {"from": "1 May", "to": "x"}}, "options.from", "date"),
        ({"flow": "time_off_export", "options": {"form": "x"}}, "options.form", "from, to, absence_types"),
        ({"dry_run": True}, "dry_run", "flow, mode, options"),
    ],
)
def test_a_wrong_order_is_answered_with_the_field_and_starts_nothing(
    scene: Scene, body: dict[str, Any], field: str, allowed: str
) -> None:
    world, before = scene.world, scene.runs
    answer = world.call(
        "POST", f"/connections/{scene.connection_id}/runs", {**ORDER, **body} if body else body
    )
    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert allowed in answer.fields[field]
    assert scene.runs == before


@pytest.mark.requirement("TRG-1", "TRG-4")
@pytest.mark.parametrize(
    ("changed", "field", "allowed"),
    [
        ({"days": []}, "days", "MON, TUE"),
        ({"days": ["mon"]}, "days", "MON, TUE"),
        ({"days": ["MON", "MON"]}, "days", "different"),
        ({"days": "MON"}, "days", "list"),
        ({"time": "6:00"}, "time", "00:00 to 23:59"),
        ({"time": "24:00"}, "time", "00:00 to 23:59"),
        ({"time": None}, "time", "00:00 to 23:59"),
        ({"time_zone": "Oslo"}, "time_zone", "Europe/Oslo"),
        ({"time_zone": "../etc/passwd"}, "time_zone", "IANA"),
        ({"enabled": "yes"}, "enabled", "true or false"),
        ({"at": "06:00"}, "at", "days, time, time_zone, enabled"),
    ],
)
def test_a_wrong_schedule_is_answered_with_the_field_and_leaves_no_trace(
    scene: Scene, changed: dict[str, Any], field: str, allowed: str
) -> None:
    path = f"/connections/{scene.connection_id}/schedules/employee_export"
    answer = scene.world.call("PUT", path, {**SCHEDULE, **changed})
    assert answer.status == 422
    assert allowed in answer.fields[field]
    assert scene.world.call("GET", path).status == 404
    assert client("scheduler").list_schedules(GroupName="payrelay")["Schedules"] == []


@pytest.mark.requirement("OPS-1", "TRG-4")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"records": ["employee:1042", "employee:1"]}, "records"),
        ({"records": []}, "records"),
        ({"records": "employee:1042"}, "records"),
        ({"records": ["employee:1042", "employee:1042"]}, "records"),
        ({"outcomes": []}, "outcomes"),
        ({"outcomes": ["bad"]}, "outcomes.0"),
        ({"outcomes": ["unchanged"]}, "outcomes.0"),
        ({"outcomes": ["failed"], "records": ["employee:1042"]}, "outcomes"),
        ({"preview": "yes"}, "preview"),
        ({"record": "employee:1042"}, "record"),
    ],
)
def test_a_wrong_replay_is_answered_with_the_field_and_starts_nothing(
    scene: Scene, body: dict[str, Any], field: str
) -> None:
    objects, runs = dict(scene.world.memory.bucket.objects), scene.runs
    answer = scene.world.call("POST", f"/runs/{scene.run_id}/replay", body)
    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert field in answer.fields
    assert scene.runs == runs
    assert scene.world.memory.bucket.objects == objects
