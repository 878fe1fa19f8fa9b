"""Diagnosis and the audit trail (LB-10's shape for every flow, RUN-6)."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from payrelay.domain.records import Change, Outcome
from payrelay.domain.runs import Check
from payrelay.errors import RetryLater
from payrelay.flows.connecting import diagnosis
from payrelay.flows.sources import sources_of
from payrelay.ledger import history, keys
from tests.worlds.api import Reply, World, record


@dataclass
class Scene:
    """A connection that is connected, and one that is not."""

    world: World
    connected: str
    idle: str

    def get(self, what: str, **more: Any) -> Reply:
        return self.world.call("GET", f"/connections/{self.connected}/{what}", **more)


@pytest.fixture(scope="module")
def scene(calm_world: World) -> Scene:
    """No test here changes it."""
    return Scene(calm_world, calm_world.connected(), calm_world.create())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str | None]]:
    """Flows whose diagnosis has one check; what they were asked."""
    calls: list[tuple[str, str | None]] = []

    def open_flow(place: Any, flow: str, connection: Any) -> Any:
        def diagnose(key: str | None) -> list[Check]:
            calls.append((flow, key))
            return [Check("exists in Simployer One", False, f"no {key}", "Create it.")]

        return SimpleNamespace(diagnose=diagnose)

    monkeypatch.setattr(diagnosis, "open_flow", open_flow)
    return calls


@pytest.mark.requirement("CON-2")
def test_a_diagnosis_starts_with_the_connection_and_asks_the_flow(
    scene: Scene, asked: list[tuple[str, str | None]]
) -> None:
    answer = scene.get("diagnosis?entity=employee&key=1042", role="viewer")
    assert answer.status == 200
    assert answer.json["checks"] == [
        {
            "flow": "employee_export",
            "name": "connection is connected",
            "passed": True,
            "seen": "connected to Nordlys AS, Xledger entity 500",
            "remedy": None,
            "code": None,
            "keys": [],
            "labels": {},
        },
        {
            "flow": "employee_export",
            "name": "exists in Simployer One",
            "passed": False,
            "seen": "no 1042",
            "remedy": "Create it.",
            "code": None,
            "keys": [],
            "labels": {},
        },
    ]
    assert asked == [("employee_export", "1042")]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [("employee_export", None), ("time_off_export", None)]),
        ("?flow=time_off_export", [("time_off_export", None)]),
        ("?flow=time_off_export&key=1", [("time_off_export", "1")]),
        ("?entity=absence&key=1", [("time_off_export", "1")]),
    ],
)
def test_a_diagnosis_is_of_the_flows_that_are_asked_for(
    scene: Scene, asked: list[tuple[str, str | None]], query: str, expected: list[Any]
) -> None:
    assert scene.get(f"diagnosis{query}").status == 200
    assert asked == expected


def test_nothing_is_called_over_a_connection_that_is_not_connected(
    scene: Scene, asked: list[tuple[str, str | None]]
) -> None:
    answer = scene.world.call("GET", f"/connections/{scene.idle}/diagnosis?flow=employee_export")
    (check,) = answer.json["checks"]
    assert (check["passed"], asked) == (False, [])
    assert "Connect it first" in check["remedy"]


@pytest.mark.parametrize(
    ("query", "field", "allowed"),
    [
        ("?flow=balance_sync", "flow", "employee_export"),
        ("?entity=invoice", "entity", "employee, absence"),
        ("?flow=employee_export&entity=absence", "entity", "employee"),
        ("?key=1042", "entity", "employee, absence"),
        ("?entity=employee&key=", "key", "1 to"),
        ("?employee=1042", "employee", "flow, entity, key"),
    ],
)
def test_a_wrong_diagnosis_is_answered_with_what_is_allowed(
    scene: Scene, asked: list[tuple[str, str | None]], query: str, field: str, allowed: str
) -> None:
    answer = scene.get(f"diagnosis{query}")
    assert (answer.status, answer.code) == (400, "BAD_REQUEST")
    assert allowed in answer.fields[field]
    assert asked == []


def test_a_system_that_goes_away_under_a_diagnosis_is_said(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise RetryLater("xledger", "busy", seconds=40)

    monkeypatch.setattr(diagnosis, "open_flow", broken)
    answer = scene.get("diagnosis")
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "SYSTEM_UNREACHABLE", "40")


def written(scene: Scene, *keys_written: str, field: str = "bankAccount", at: str = "") -> list[str]:
    """Runs that each wrote one field of these records; their ids."""
    made = []
    container = scene.world.container
    for key in keys_written:
        run = container.ledger.runs.get("demo", scene.world.stored_run("employee_export"))
        assert run
        change = Change(field, "*****11", "*****22")
        entry = history.entry(run, record(key, Outcome.UPDATED, None, change), at or container.engine.stamp())
        where = keys.history("demo", scene.connected, f"employee:{key}", run.run_id)
        container.ledger.history._table.put({**where, **entry})
        made.append(run.run_id)
    return made


@pytest.mark.requirement("CON-4")
def test_the_audit_trail_of_a_record_is_listed_newest_first(scene: Scene) -> None:
    runs = written(scene, "1043", "1043", "9999", "1043")
    answer = scene.get("history?entity=employee&key=1043", role="viewer")
    mine = sorted([runs[0], runs[1], runs[3]], reverse=True)
    assert [entry["run_id"] for entry in answer.json["items"]] == mine
    entry = answer.json["items"][0]
    assert entry.keys() == {
        "at",
        "run_id",
        "flow",
        "trigger",
        "requested_by",
        "outcome",
        "changes",
        "comment",
    }
    assert entry["changes"] == [{"field": "bankAccount", "old": "*****11", "new": "*****22"}]
    assert entry["comment"] is None
    path = f"/connections/{scene.connected}/history?entity=employee&key=1043&limit=2"
    assert scene.world.pages(path, "run_id") == [mine[:2], mine[2:]]


@pytest.mark.requirement("RUN-6")
def test_the_trail_names_the_source_field_of_a_value(scene: Scene) -> None:
    """Where the flow has a table of them (oncall OC-27)."""
    (run_id,) = written(scene, "1077", field="employee.bankAccount")
    (entry,) = scene.get("history?entity=employee&key=1077").json["items"]
    assert entry["run_id"] == run_id
    assert entry["sources"] == {"employee.bankAccount": "bankAccount.iban, bankAccount.number"}
    assert sources_of("payroll_sync")
    assert not sources_of("balance_sync")


@pytest.mark.parametrize(
    ("query", "field"),
    [("", "entity"), ("?entity=employee", "key"), ("?key=1", "entity"), ("?entity=x&key=1", "entity")],
)
def test_an_audit_trail_needs_entity_and_key(scene: Scene, query: str, field: str) -> None:
    answer = scene.get(f"history{query}")
    assert (answer.status, answer.code) == (400, "BAD_REQUEST")
    assert field in answer.fields


@pytest.mark.requirement("RUN-6")
def test_an_audit_trail_is_asked_for_by_field_and_time(scene: Scene) -> None:
    """Which run wrote this field then?"""
    runs = [
        written(scene, "1099", field=field, at=f"2026-03-0{day}T05:00:00.000Z")[0]
        for day, field in enumerate(("bankAccount", "email", "employee.bankAccount"), 1)
    ]

    def found(query: str) -> list[str]:
        path = f"history?entity=employee&key=1099&{query}"
        return [entry["run_id"] for entry in scene.get(path, role="viewer").json["items"]]

    assert sorted(found("field=BANK")) == sorted([runs[0], runs[2]])
    assert found("field=bank&since=2026-03-02T00:00:00Z") == [runs[2]]
    assert found("until=2026-03-01T05:00:00Z") == [runs[0]]
    assert found("since=2026-03-02T05:00:00Z&until=2026-03-02T05:00:00Z") == [runs[1]]
    assert found("field=phone") == []
    wrong = scene.get("history?entity=employee&key=1099&since=yesterday")
    assert (wrong.status, list(wrong.fields)) == (400, ["since"])
